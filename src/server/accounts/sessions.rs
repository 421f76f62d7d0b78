//! The sessions of a person, as they look after them.

use sqlx::FromRow;

use super::{Accounts, Error};
use crate::server::clock::Timestamp;
use crate::server::database::sql;
use crate::server::passkeys::UserHandle;

/// An open session, as its owner recognises it.
#[derive(Debug, Clone)]
pub struct OpenSession {
    /// Names it.
    pub id: String,
    /// The browser, as far as it says.
    pub browser: Option<String>,
    /// The system, as far as the browser says.
    pub system: Option<String>,
    /// The network that it was opened from.
    pub address: Option<String>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
}

#[derive(Debug, FromRow)]
struct OpenSessionRow {
    id: String,
    browser: Option<String>,
    system: Option<String>,
    address: Option<String>,
    created_at: i64,
    last_seen_at: i64,
}

impl From<OpenSessionRow> for OpenSession {
    fn from(row: OpenSessionRow) -> Self {
        Self {
            id: row.id,
            browser: row.browser,
            system: row.system,
            address: row.address,
            created_at: Timestamp::from_milliseconds(row.created_at),
            last_seen_at: Timestamp::from_milliseconds(row.last_seen_at),
        }
    }
}

impl Accounts {
    /// A person's open sessions, the last used first.
    pub async fn sessions(&self, user: &UserHandle) -> Result<Vec<OpenSession>, Error> {
        let now = self.clock.now();
        let select = "select id, browser, system, address, created_at, last_seen_at from sessions
            where user_handle = $1 and expires_at > $2 and last_seen_at > $3
            order by last_seen_at desc, created_at desc, id";
        let query = sql::query_as::<OpenSessionRow>(select).bind(user.as_bytes());
        let query =
            query.bind(now.milliseconds()).bind(now.before(self.lifetimes.idle).milliseconds());
        let rows = query.fetch_all(self.database.reader()).await?;
        Ok(rows.into_iter().map(OpenSession::from).collect())
    }

    /// How many sessions are open, whosever.
    pub async fn count_open_sessions(&self) -> Result<i64, Error> {
        let now = self.clock.now();
        let select = "select count(*) from sessions where expires_at > $1 and last_seen_at > $2";
        let query = sql::query_scalar(select).bind(now.milliseconds());
        let query = query.bind(now.before(self.lifetimes.idle).milliseconds());
        Ok(query.fetch_one(self.database.reader()).await?)
    }

    /// Ends one of a person's sessions; false where they have no such session.
    pub async fn end_session_of(&self, user: &UserHandle, id: &str) -> Result<bool, Error> {
        let delete = "delete from sessions where user_handle = $1 and id = $2";
        let query = sql::query(delete).bind(user.as_bytes()).bind(id);
        Ok(query.execute(self.database.writer()).await?.rows_affected() == 1)
    }

    /// Ends all sessions of a person but this one.
    pub async fn end_other_sessions(&self, user: &UserHandle, this_one: &str) -> Result<(), Error> {
        let delete = "delete from sessions where user_handle = $1 and id <> $2";
        let query = sql::query(delete).bind(user.as_bytes()).bind(this_one);
        query.execute(self.database.writer()).await?;
        Ok(())
    }

    /// Ends all sessions of a person.
    pub async fn end_sessions(&self, user: &UserHandle) -> Result<(), Error> {
        let delete = sql::query("delete from sessions where user_handle = $1");
        delete.bind(user.as_bytes()).execute(self.database.writer()).await?;
        Ok(())
    }

    /// Ends the sessions that a passkey which is gone has opened, but for this one: it may be in wrong
    /// hands.
    pub async fn end_sessions_by_passkey(
        &self,
        user: &UserHandle,
        passkey: &str,
        this_one: Option<&str>,
    ) -> Result<(), Error> {
        let delete = "delete from sessions
            where user_handle = $1 and passkey = $2 and id is distinct from $3";
        let query = sql::query(delete).bind(user.as_bytes()).bind(passkey).bind(this_one);
        query.execute(self.database.writer()).await?;
        Ok(())
    }
}
