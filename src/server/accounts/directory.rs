//! People as the operator sees them: listed, locked out, let in again, deleted.

use sqlx::FromRow;

use super::{Accounts, Error, UserName};
use crate::server::clock::Timestamp;
use crate::server::passkeys::UserHandle;

/// A person in the operator's list.
#[derive(Debug, Clone)]
pub struct Person {
    /// By what the passkey service knows them.
    pub handle: UserHandle,
    /// The username as it was typed.
    pub name: String,
    /// How they want to be called, where they said so.
    pub display_name: Option<String>,
    /// When they signed up.
    pub created_at: Timestamp,
    /// Since when they are locked out.
    pub disabled_at: Option<Timestamp>,
    /// How many browsers they are signed in with.
    pub sessions: u32,
}

#[derive(Debug, FromRow)]
struct PersonRow {
    handle: Vec<u8>,
    name: String,
    display_name: Option<String>,
    created_at: i64,
    disabled_at: Option<i64>,
    sessions: i64,
}

impl TryFrom<PersonRow> for Person {
    type Error = Error;

    fn try_from(row: PersonRow) -> Result<Self, Error> {
        Ok(Self {
            handle: UserHandle::from_bytes(row.handle).ok_or(Error::NoAccount)?,
            name: row.name,
            display_name: row.display_name,
            created_at: Timestamp::from_milliseconds(row.created_at),
            disabled_at: row.disabled_at.map(Timestamp::from_milliseconds),
            sessions: u32::try_from(row.sessions).unwrap_or(u32::MAX),
        })
    }
}

impl Accounts {
    /// Everybody, by name.
    pub async fn people(&self) -> Result<Vec<Person>, Error> {
        self.people_named(None).await
    }

    /// The person of this name.
    pub async fn person(&self, name: &UserName) -> Result<Option<Person>, Error> {
        Ok(self.people_named(Some(name)).await?.pop())
    }

    async fn people_named(&self, name: Option<&UserName>) -> Result<Vec<Person>, Error> {
        let now = self.clock.now();
        let select = "select handle, name, display_name, created_at, disabled_at,
                (select count(*) from sessions
                 where user_handle = handle and expires_at > $1 and last_seen_at > $2) as sessions
            from users where $3 is null or canonical_name = $3 order by canonical_name";
        let query = sqlx::query_as::<_, PersonRow>(select).bind(now.milliseconds());
        let query = query.bind(now.before(self.lifetimes.idle).milliseconds());
        let query = query.bind(name.map(UserName::canonical));
        let rows = query.fetch_all(self.database.reader()).await?;
        rows.into_iter().map(Person::try_from).collect()
    }

    /// Locks a person out: sessions and recoveries are over at once. Says whether they were
    /// not locked out before.
    pub async fn disable(&self, user: &UserHandle) -> Result<bool, Error> {
        let mut transaction = self.database.begin().await?;
        let update = "update users set disabled_at = $1 where handle = $2 and disabled_at is null";
        let query = sqlx::query(update).bind(self.clock.now().milliseconds());
        let disabled = query.bind(user.as_bytes()).execute(&mut *transaction).await?;
        Self::end_all_sessions(&mut transaction, user).await?;
        self.end_recoveries(&mut transaction, user, "withdrawn").await?;
        transaction.commit().await?;
        Ok(disabled.rows_affected() == 1)
    }

    /// Lets a person in again. Says whether they were locked out.
    pub async fn enable(&self, user: &UserHandle) -> Result<bool, Error> {
        let update =
            "update users set disabled_at = null where handle = $1 and disabled_at is not null";
        let query = sqlx::query(update).bind(user.as_bytes());
        Ok(query.execute(self.database.writer()).await?.rows_affected() == 1)
    }
}
