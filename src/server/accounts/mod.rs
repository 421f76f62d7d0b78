//! The relying party: people, their sessions, and sign-ups under way.
//!
//! Owns `accounts.db`. Refuses to know: anything of a key. A person is known to the passkey service
//! by their [`UserHandle`], and that is all the two have in common.
//!
//! Decisions:
//! * An account is created only by consuming [`Registered`], a session is opened only by consuming
//!   [`Authenticated`] or in the transaction that creates or recovers the account.
//! * A sign-up under way reserves no name: the unique index decides at the end, and the later one
//!   is told that the name is taken.
//! * Neither a recovery code nor a link signs anyone in: they lead to the registration of a passkey, after
//!   a delay in which whoever is signed in can call it off.
//! * Of a session token only the SHA-256 is kept; a token that is not known is never adopted.

mod address;
mod admin;
mod device_link;
mod directory;
mod email;
mod entry;
mod error;
mod invitation;
mod known_browser;
mod notice;
mod outbox;
mod probe;
mod recovery;
mod recovery_code;
mod recovery_kit;
mod restored;
mod session;
mod sessions;
mod setup_link;
mod sign_up;
mod taken_in;
mod user;
mod user_name;
mod whence;

use std::time::Duration;

use tokio_util::task::TaskTracker;

pub use device_link::{DeviceLink, DeviceLinkToken, Stage};
pub(in crate::server) use directory::handles;
pub use directory::{PeopleFound, Person};
pub use email::Email;
pub use entry::{Entry, EntryToken};
pub use error::Error;
pub use invitation::{Invitation, NewInvitation};
pub use known_browser::BrowserMark;
pub use notice::Notice;
pub use outbox::Correspondence;
pub use probe::ProbeSecret;
pub use recovery::{PendingRecovery, Recovery, RecoveryToken};
pub use recovery_kit::{KitState, UnusedCode};
pub use session::{Session, SessionToken, SignedIn};
pub use sessions::OpenSession;
pub use setup_link::SetupLink;
pub use sign_up::SignUp;
pub use user::User;
pub use user_name::{DisplayName, UserName};
pub use whence::Whence;

use recovery_code::SlowHash;

use crate::server::chance::Chance;
use crate::server::clock::{Clock, Timestamp};
use crate::server::database::{Database, Location, Migrations, OpenError, sql};

pub(in crate::server) static MIGRATIONS: Migrations = Migrations {
    schema: "keyfold_accounts",
    sqlite: sqlx::migrate!("src/server/accounts/migrations/sqlite"),
    postgres: sqlx::migrate!("src/server/accounts/migrations/postgres"),
};

/// How long sessions last.
#[derive(Debug, Clone, Copy)]
pub struct SessionLifetimes {
    /// Without being used.
    pub idle: Duration,
    /// In any case.
    pub absolute: Duration,
}

/// The user database and what may be done with it.
#[derive(Debug, Clone)]
pub struct Accounts {
    database: Database,
    clock: Clock,
    chance: Chance,
    lifetimes: SessionLifetimes,
    tasks: TaskTracker,
    /// None where e-mail is switched off.
    correspondence: Option<Correspondence>,
    slow_hash: SlowHash,
}

impl Accounts {
    /// Opens the user database. `tasks` is for work that nobody waits for.
    pub async fn open(
        location: &Location,
        clock: Clock,
        chance: Chance,
        lifetimes: SessionLifetimes,
        tasks: TaskTracker,
    ) -> Result<Self, OpenError> {
        let database = Database::open(location, &MIGRATIONS).await?;
        Ok(Self {
            database,
            clock,
            chance,
            lifetimes,
            tasks,
            correspondence: None,
            slow_hash: SlowHash::new(),
        })
    }

    /// A user database that lives in memory: for tests.
    #[cfg(test)]
    pub(crate) async fn in_memory(
        clock: Clock,
        chance: Chance,
        lifetimes: SessionLifetimes,
        tasks: TaskTracker,
    ) -> Self {
        let database = Database::in_memory(&MIGRATIONS).await;
        Self {
            database,
            clock,
            chance,
            lifetimes,
            tasks,
            correspondence: None,
            slow_hash: SlowHash::new(),
        }
    }

    /// People are written to by e-mail from now on.
    #[must_use]
    pub fn who_write(self, correspondence: Correspondence) -> Self {
        Self { correspondence: Some(correspondence), ..self }
    }

    /// The database, for whoever watches over it.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Deletes what is over: sessions, sign-ups, mails, links and recoveries. What cannot be swept keeps
    /// nothing else from it; the first failure is told.
    pub async fn sweep(&self) -> Result<(), Error> {
        let now = self.clock.now();
        let done = [
            self.sweep_sessions(now).await,
            self.delete_over("delete from pending_sign_ups where expires_at <= $1", now).await,
            self.delete_over("delete from device_links where expires_at <= $1", now).await,
            self.delete_over("delete from setup_links where expires_at <= $1", now).await,
            self.delete_over("delete from recoveries where expires_at <= $1", now).await,
            self.mark_all_that_are_stale(now).await,
            self.note_expired_invitations(now).await,
            self.forget_asked_addresses(now).await,
            self.sweep_mail().await,
        ];
        done.into_iter().collect()
    }

    async fn sweep_sessions(&self, now: Timestamp) -> Result<(), Error> {
        let seen_before = now.before(self.lifetimes.idle).milliseconds();
        let delete = "delete from sessions where expires_at <= $1 or last_seen_at <= $2";
        let query = sql::query(delete).bind(now.milliseconds()).bind(seen_before);
        query.execute(self.database.writer()).await?;
        Ok(())
    }

    async fn delete_over(&self, delete: &'static str, now: Timestamp) -> Result<(), Error> {
        sql::query(delete).bind(now.milliseconds()).execute(self.database.writer()).await?;
        Ok(())
    }
}
