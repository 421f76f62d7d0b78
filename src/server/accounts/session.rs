//! Signed-in browsers.

use std::fmt;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use sqlx::{FromRow, Sqlite, Transaction};

use super::user::{User, UserRow};
use super::{Accounts, Error};
use crate::server::clock::Timestamp;
use crate::server::passkeys::Authenticated;

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
    last_seen_at: i64,
    expires_at: i64,
}

impl Accounts {
    /// Opens a session for whoever answered with their passkey. A session that the browser had
    /// before is over with that, whosever it was.
    pub async fn open_session(
        &self,
        authenticated: Authenticated,
        replaces: Option<&SessionToken>,
    ) -> Result<SignedIn, Error> {
        let mut transaction = self.database.begin().await?;
        let select = "select handle, name, display_name from users where handle = $1";
        let query = sqlx::query_as::<_, UserRow>(select).bind(authenticated.user().as_bytes());
        let row = query.fetch_optional(&mut *transaction).await?.ok_or(Error::NoAccount)?;
        let signed_in =
            self.insert_session(&mut transaction, User::try_from(row)?, replaces).await?;
        transaction.commit().await?;
        Ok(signed_in)
    }

    pub(super) async fn insert_session(
        &self,
        transaction: &mut Transaction<'static, Sqlite>,
        user: User,
        replaces: Option<&SessionToken>,
    ) -> Result<SignedIn, Error> {
        if let Some(old) = replaces {
            let query = sqlx::query("delete from sessions where token_hash = $1").bind(old.hash());
            query.execute(&mut **transaction).await?;
        }
        let token = SessionToken(self.chance.token());
        let now = self.clock.now();
        let insert =
            "insert into sessions (token_hash, user_handle, created_at, last_seen_at, expires_at)
            values ($1, $2, $3, $3, $4)";
        let query = sqlx::query(insert).bind(token.hash()).bind(user.handle.as_bytes());
        let query =
            query.bind(now.milliseconds()).bind(now.after(self.lifetimes.absolute).milliseconds());
        query.execute(&mut **transaction).await?;
        Ok(SignedIn { user, token, lifetime: self.lifetimes.absolute })
    }

    /// Whose session this is; None for one that is over or never was.
    pub async fn user_of_session(&self, token: &SessionToken) -> Result<Option<User>, Error> {
        let select = "select handle, name, display_name, last_seen_at, expires_at
            from sessions join users on users.handle = sessions.user_handle where token_hash = $1";
        let query = sqlx::query_as::<_, SessionRow>(select).bind(token.hash());
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
        User::try_from(row.user).map(Some)
    }

    async fn mark_seen(&self, token: &SessionToken, now: Timestamp) -> Result<(), Error> {
        let update = "update sessions set last_seen_at = $1
            where token_hash = $2 and last_seen_at < $1";
        let query = sqlx::query(update).bind(now.milliseconds()).bind(token.hash());
        query.execute(self.database.writer()).await?;
        Ok(())
    }

    /// Writes behind the reader's back: a person who only reads does not wait for a database that
    /// takes no writes just now.
    fn without_waiting(&self, write: impl Future<Output = Result<(), Error>> + Send + 'static) {
        self.tasks.spawn(async move {
            if let Err(error) = write.await {
                tracing::warn!(%error, "a session could not be written to");
            }
        });
    }

    /// Ends a session: its row is gone, and the token is worth nothing.
    pub async fn end_session(&self, token: &SessionToken) -> Result<(), Error> {
        // A token that is not known does not get as far as the one writer.
        let known =
            sqlx::query_scalar("select exists (select 1 from sessions where token_hash = $1)");
        if !known.bind(token.hash()).fetch_one(self.database.reader()).await? {
            return Ok(());
        }
        let query = sqlx::query("delete from sessions where token_hash = $1").bind(token.hash());
        query.execute(self.database.writer()).await?;
        Ok(())
    }
}
