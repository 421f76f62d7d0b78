//! Signing up: what was typed, until the account comes to be.

use sqlx::FromRow;

use super::session::{NewSession, SessionToken, SignedIn};
use super::user::{User, UserRow};
use super::{Accounts, DisplayName, Entry, Error, UserName, Whence};
use crate::server::clock::Timestamp;
use crate::server::database::{Transaction, sql};
use crate::server::log::short_id;
use crate::server::passkeys::{Registered, UserHandle};
use crate::wire::{CeremonyId, SignUpPolicy};

/// What somebody typed, checked.
#[derive(Debug, Clone)]
pub struct SignUp {
    /// The username.
    pub name: UserName,
    /// The display name, where one was given.
    pub display_name: Option<DisplayName>,
}

impl SignUp {
    /// Takes what somebody typed.
    pub fn parse(name: &str, display_name: &str) -> Result<Self, Error> {
        Ok(Self { name: UserName::parse(name)?, display_name: DisplayName::parse(display_name)? })
    }

    /// How the person is to be called.
    pub fn display_name(&self) -> &str {
        self.display_name.as_ref().map_or(self.name.shown(), DisplayName::as_str)
    }
}

#[derive(Debug, FromRow)]
struct PendingRow {
    name: String,
    canonical_name: String,
    display_name: Option<String>,
    setup_link: Option<Vec<u8>>,
    invitation: Option<String>,
}

impl Accounts {
    /// Whether the sign-up could be finished now. The name may still be taken before it is.
    pub async fn check(&self, sign_up: &SignUp) -> Result<(), Error> {
        if self.name_is_taken(&sign_up.name).await? { Err(Error::NameTaken) } else { Ok(()) }
    }

    /// Keeps what was typed, and what lets the person in, for the end of the ceremony.
    pub async fn await_passkey(
        &self,
        (sign_up, entry): (&SignUp, &Entry),
        ceremony: &CeremonyId,
        user: &UserHandle,
        expires_at: Timestamp,
    ) -> Result<(), Error> {
        let insert = "insert into pending_sign_ups
            (ceremony_id, user_handle, name, canonical_name, display_name, expires_at, setup_link,
             invitation)
            values ($1, $2, $3, $4, $5, $6, $7, $8)";
        let query = sql::query(insert).bind(&ceremony.0).bind(user.as_bytes());
        let query = query.bind(sign_up.name.shown()).bind(sign_up.name.canonical());
        let query = query.bind(sign_up.display_name.as_ref().map(DisplayName::as_str));
        let (setup_link, invitation) = entry.noted();
        let query = query.bind(expires_at.milliseconds()).bind(setup_link).bind(invitation);
        query.execute(self.database.writer()).await?;
        Ok(())
    }

    /// Creates the account and opens its first session, in one transaction. What let the person in
    /// counts as it is now.
    ///
    /// Where that cannot be, the proof comes back, so that the passkey can be withdrawn.
    pub async fn create(
        &self,
        registered: Registered,
        policy: SignUpPolicy,
        replaces: Option<&SessionToken>,
        whence: &Whence,
    ) -> Result<SignedIn, (Error, Registered)> {
        match self.try_to_create(&registered, policy, replaces, whence).await {
            Ok(signed_in) => Ok(signed_in),
            Err(error) => Err((error, registered)),
        }
    }

    async fn try_to_create(
        &self,
        registered: &Registered,
        policy: SignUpPolicy,
        replaces: Option<&SessionToken>,
        whence: &Whence,
    ) -> Result<SignedIn, Error> {
        let mut transaction = self.database.begin_about(registered.user().as_bytes()).await?;
        let take = "delete from pending_sign_ups where ceremony_id = $1 and user_handle = $2
            returning name, canonical_name, display_name, setup_link, invitation";
        let query = sql::query_as::<PendingRow>(take).bind(&registered.ceremony().0);
        let pending =
            query.bind(registered.user().as_bytes()).fetch_optional(&mut transaction).await?;
        let pending = pending.ok_or(Error::NoAccount)?;
        let entry = Entry::of_noted(pending.setup_link, pending.invitation);
        let insert = "insert into users
            (handle, name, canonical_name, display_name, created_at, language)
            values ($1, $2, $3, $4, $5, $6) on conflict (canonical_name) do nothing
            returning handle, name, display_name";
        let query =
            sql::query_as::<UserRow>(insert).bind(registered.user().as_bytes()).bind(pending.name);
        let query = query.bind(pending.canonical_name).bind(pending.display_name);
        let query = query.bind(self.clock.now().milliseconds()).bind(whence.language.tag());
        let created = query.fetch_optional(&mut transaction).await?;
        let Some(created) = created else {
            // What was typed goes all the same.
            transaction.commit().await?;
            return Err(Error::NameTaken);
        };
        let user = User::try_from(created)?;
        self.enter_by(&mut transaction, policy, &entry, &user.handle).await?;
        let session = NewSession {
            user,
            passkey: Some(registered.passkey()),
            from_other_device: false,
            whence,
            replaces,
        };
        self.take_in(&mut transaction, registered.ceremony()).await?;
        let signed_in = self.insert_session(&mut transaction, session).await?;
        transaction.commit().await?;
        if entry != Entry::Open {
            let (user, by) = (signed_in.user.handle.to_string(), short_id(entry.named()));
            tracing::info!(user = short_id(&user), by, "somebody signed up with a link");
        }
        Ok(signed_in)
    }

    /// Uses up what lets the person in.
    async fn enter_by(
        &self,
        transaction: &mut Transaction<'static>,
        policy: SignUpPolicy,
        entry: &Entry,
        user: &UserHandle,
    ) -> Result<(), Error> {
        match entry {
            Entry::Open => policy.without_link().map(|_| ()),
            Entry::Invitation(id) => {
                policy.with_invitation()?;
                self.use_invitation(transaction, id).await
            }
            Entry::SetupLink(hash) => self.use_setup_link(transaction, hash, user).await,
        }
    }

    /// Forgets what was typed for a ceremony that is over. The sweep would, too; so a failure is
    /// only logged.
    pub async fn forget_sign_up(&self, ceremony: &CeremonyId) {
        let query = sql::query("delete from pending_sign_ups where ceremony_id = $1");
        if let Err(error) = query.bind(&ceremony.0).execute(self.database.writer()).await {
            tracing::warn!(%error, "a sign-up that is over could not be forgotten");
        }
    }
}
