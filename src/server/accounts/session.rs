//! Signed-in browsers: how a session is opened, kept and ended.

use std::fmt;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use sqlx::FromRow;

use super::user::{User, UserRow};
use super::{Accounts, Error, Whence};
use crate::server::clock::Timestamp;
use crate::server::database::{Transaction, sql};
use crate::server::passkeys::{Authenticated, UserHandle};

/// How exact "last seen" is: a session is not written to more often than this.
const SEEN_TO_THE: Duration = Duration::from_mins(1);

/// What a browser shows to be known: 256 random bits as base64url. It is never stored or logged.
#[derive(Clone)]
pub struct SessionToken(String);

impl SessionToken {
    /// Takes what a cookie says.
    pub fn from_cookie(value: &str) -> Self {
        Self(value.to_owned())
    }

    /// The token, for the cookie.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.0.as_bytes()).to_vec()
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SessionToken(…)")
    }
}

/// For how long after somebody answered with a passkey they need not prove again that it is them
///
const STEP_UP_WINDOW: Duration = Duration::from_mins(5);

/// Stands for the time of the last proof where that has been found to be too old: no clock makes it fresh
/// again.
const NOT_LATELY: i64 = 0;

/// How far the clock of another node may be ahead.
const AHEAD: Duration = Duration::from_secs(5);

/// A session that is open.
#[derive(Debug, Clone)]
pub struct Session {
    /// Names it towards its owner; opens nothing.
    pub id: String,
    /// Whose it is.
    pub user: User,
    /// What the passkey service calls the passkey that opened it.
    pub passkey: Option<String>,
    /// The passkey was on another device, such as a phone beside the computer.
    pub from_other_device: bool,
    authenticated_at: Timestamp,
}

impl Session {
    /// Whether a passkey has answered in it within the last minutes. A clock that jumps back makes
    /// nothing fresh; that of another node may be a little ahead.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        is_fresh_at(now, self.authenticated_at)
    }
}

fn is_fresh_at(now: Timestamp, authenticated_at: Timestamp) -> bool {
    (now.before(STEP_UP_WINDOW)..=now.after(AHEAD)).contains(&authenticated_at)
}

/// A session that has just been opened.
#[derive(Debug)]
pub struct SignedIn {
    /// Whose it is.
    pub user: User,
    /// What the browser is to show from now on.
    pub token: SessionToken,
    /// For how long at the most.
    pub lifetime: Duration,
}

#[derive(Debug, FromRow)]
struct SessionRow {
    #[sqlx(flatten)]
    user: UserRow,
    id: String,
    passkey: Option<String>,
    from_other_device: bool,
    authenticated_at: i64,
    last_seen_at: i64,
    expires_at: i64,
}

impl TryFrom<SessionRow> for Session {
    type Error = Error;

    fn try_from(row: SessionRow) -> Result<Self, Error> {
        Ok(Self {
            id: row.id,
            user: User::try_from(row.user)?,
            passkey: row.passkey,
            from_other_device: row.from_other_device,
            authenticated_at: Timestamp::from_milliseconds(row.authenticated_at),
        })
    }
}

impl SessionRow {
    /// Whether it is long ago, or yet to come, that a passkey has answered in it, and nobody has written
    /// that down.
    fn has_just_gone_stale(&self, now: Timestamp) -> bool {
        let at = Timestamp::from_milliseconds(self.authenticated_at);
        self.authenticated_at != NOT_LATELY && !is_fresh_at(now, at)
    }
}

/// What a new session is made of.
pub(super) struct NewSession<'a> {
    pub(super) user: User,
    /// The passkey that opens it, and whether it was on another device.
    pub(super) passkey: Option<String>,
    pub(super) from_other_device: bool,
    pub(super) whence: &'a Whence,
    /// The session that this browser had before; it is over with that, whosever it was.
    pub(super) replaces: Option<&'a SessionToken>,
}

impl Accounts {
    /// Opens a session for whoever answered with their passkey. A session that the browser had
    /// before is over with that, whosever it was.
    pub async fn open_session(
        &self,
        authenticated: Authenticated,
        replaces: Option<&SessionToken>,
        whence: &Whence,
    ) -> Result<SignedIn, Error> {
        let mut transaction = self.database.begin_about(authenticated.user().as_bytes()).await?;
        let user = Self::user_who_may_enter(&mut transaction, authenticated.user()).await?;
        let session = NewSession {
            user,
            passkey: Some(authenticated.passkey()),
            from_other_device: authenticated.is_from_other_device(),
            whence,
            replaces,
        };
        let signed_in = self.insert_session(&mut transaction, session).await?;
        transaction.commit().await?;
        // After that: what is queued is in the language of the visit before.
        self.note_language(&signed_in.user.handle, whence.language);
        Ok(signed_in)
    }

    /// Proves in an open session that it is still the same person: the session goes on under a new
    /// token.
    pub async fn renew_session(
        &self,
        authenticated: Authenticated,
        token: &SessionToken,
    ) -> Result<SignedIn, Error> {
        let mut transaction = self.database.begin_about(authenticated.user().as_bytes()).await?;
        let user = Self::user_who_may_enter(&mut transaction, authenticated.user()).await?;
        let new = SessionToken(self.chance.token());
        let renew = "update sessions set token_hash = $1, authenticated_at = $2, last_seen_at = $2
            where token_hash = $3 and user_handle = $4";
        let query = sql::query(renew).bind(new.hash()).bind(self.clock.now().milliseconds());
        let query = query.bind(token.hash()).bind(user.handle.as_bytes());
        if query.execute(&mut transaction).await?.rows_affected() != 1 {
            return Err(Error::NoAccount);
        }
        transaction.commit().await?;
        Ok(SignedIn { user, token: new, lifetime: self.lifetimes.absolute })
    }

    pub(super) async fn user_who_may_enter(
        transaction: &mut Transaction<'static>,
        handle: &UserHandle,
    ) -> Result<User, Error> {
        let select = "select handle, name, display_name from users
            where handle = $1 and disabled_at is null";
        let query = sql::query_as::<UserRow>(select).bind(handle.as_bytes());
        query.fetch_optional(&mut *transaction).await?.ok_or(Error::NoAccount)?.try_into()
    }

    pub(super) async fn insert_session(
        &self,
        transaction: &mut Transaction<'static>,
        session: NewSession<'_>,
    ) -> Result<SignedIn, Error> {
        if let Some(old) = session.replaces {
            let query = sql::query("delete from sessions where token_hash = $1").bind(old.hash());
            query.execute(&mut *transaction).await?;
        }
        let token = SessionToken(self.chance.token());
        let now = self.clock.now();
        let insert = "insert into sessions
            (token_hash, user_handle, created_at, last_seen_at, expires_at, id, authenticated_at,
             passkey, from_other_device, browser, system, address)
            values ($1, $2, $3, $3, $4, $5, $3, $6, $7, $8, $9, $10)";
        let query = sql::query(insert).bind(token.hash()).bind(session.user.handle.as_bytes());
        let query =
            query.bind(now.milliseconds()).bind(now.after(self.lifetimes.absolute).milliseconds());
        let query = query.bind(self.chance.id()).bind(session.passkey);
        let query = query.bind(session.from_other_device).bind(session.whence.browser.as_deref());
        let query = query.bind(session.whence.system.as_deref()).bind(&session.whence.address);
        query.execute(&mut *transaction).await?;
        self.meet_browser(transaction, &session.user.handle, session.whence).await?;
        Ok(SignedIn { user: session.user, token, lifetime: self.lifetimes.absolute })
    }

    /// The session that this token opens; None for one that is over or never was.
    pub async fn session(&self, token: &SessionToken) -> Result<Option<Session>, Error> {
        let select =
            "select handle, name, display_name, id, passkey, from_other_device, authenticated_at,
                last_seen_at, expires_at
            from sessions join users on users.handle = sessions.user_handle
            where token_hash = $1 and disabled_at is null";
        let query = sql::query_as::<SessionRow>(select).bind(token.hash());
        let Some(row) = query.fetch_optional(self.database.reader()).await? else {
            return Ok(None);
        };
        let now = self.clock.now();
        let is_over = now.milliseconds() >= row.expires_at
            || now.before(self.lifetimes.idle).milliseconds() >= row.last_seen_at;
        if is_over {
            // Not merely passed over: a clock that jumps back must not revive it.
            let (accounts, token) = (self.clone(), token.clone());
            self.without_waiting(async move { accounts.end_session(&token).await });
            return Ok(None);
        }
        if now.before(SEEN_TO_THE).milliseconds() >= row.last_seen_at {
            let (accounts, token) = (self.clone(), token.clone());
            self.without_waiting(async move { accounts.mark_seen(&token, now).await });
        }
        if row.has_just_gone_stale(now) {
            let (accounts, token) = (self.clone(), token.clone());
            let proved_at = row.authenticated_at;
            self.without_waiting(async move { accounts.mark_stale(&token, proved_at).await });
        }
        Session::try_from(row).map(Some)
    }

    async fn mark_seen(&self, token: &SessionToken, now: Timestamp) -> Result<(), Error> {
        let update = "update sessions set last_seen_at = $1
            where token_hash = $2 and last_seen_at < $1";
        let query = sql::query(update).bind(now.milliseconds()).bind(token.hash());
        query.execute(self.database.writer()).await?;
        Ok(())
    }

    /// Writes down that the proof of this time is too old.
    async fn mark_stale(&self, token: &SessionToken, proved_at: i64) -> Result<(), Error> {
        let update = "update sessions set authenticated_at = $1
            where token_hash = $2 and authenticated_at = $3";
        let query = sql::query(update).bind(NOT_LATELY).bind(token.hash()).bind(proved_at);
        query.execute(self.database.writer()).await?;
        Ok(())
    }

    /// The same for every session.
    pub(super) async fn mark_all_that_are_stale(&self, now: Timestamp) -> Result<(), Error> {
        let update = "update sessions set authenticated_at = $1
            where authenticated_at <> $1 and (authenticated_at < $2 or authenticated_at > $3)";
        let query = sql::query(update).bind(NOT_LATELY);
        let query = query.bind(now.before(STEP_UP_WINDOW).milliseconds());
        let query = query.bind(now.after(AHEAD).milliseconds());
        query.execute(self.database.writer()).await?;
        Ok(())
    }

    /// Writes behind the reader's back: a person who only reads does not wait for a database that
    /// takes no writes just now.
    pub(super) fn without_waiting(
        &self,
        write: impl Future<Output = Result<(), Error>> + Send + 'static,
    ) {
        self.tasks.spawn(async move {
            if let Err(error) = write.await {
                tracing::warn!(%error, "something could not be noted behind a reader's back");
            }
        });
    }

    /// Ends a session: its row is gone, and the token is worth nothing.
    pub async fn end_session(&self, token: &SessionToken) -> Result<(), Error> {
        // A token that is not known does not get as far as the one writer.
        let known =
            sql::query_scalar("select exists (select 1 from sessions where token_hash = $1)");
        if !known.bind(token.hash()).fetch_one(self.database.reader()).await? {
            return Ok(());
        }
        let query = sql::query("delete from sessions where token_hash = $1").bind(token.hash());
        query.execute(self.database.writer()).await?;
        Ok(())
    }

    /// Ends every session of this person.
    pub(super) async fn end_all_sessions(
        transaction: &mut Transaction<'static>,
        user: &UserHandle,
    ) -> Result<(), Error> {
        let delete = sql::query("delete from sessions where user_handle = $1");
        delete.bind(user.as_bytes()).execute(&mut *transaction).await?;
        Ok(())
    }
}
