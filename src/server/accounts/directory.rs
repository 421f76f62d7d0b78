//! People as the operator sees them: listed, locked out, let in again, deleted.

use sqlx::FromRow;

use super::user_name::canonical;
use super::{Accounts, Error, UserName};
use crate::server::clock::Timestamp;
use crate::server::database::{Transaction, sql};
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
    /// Since when they run the site as well.
    pub admin_at: Option<Timestamp>,
    /// How many browsers they are signed in with.
    pub sessions: u32,
}

/// Some of the people who were looked for.
#[derive(Debug, Clone)]
pub struct PeopleFound {
    /// They, by name.
    pub people: Vec<Person>,
    /// After whom the next ones come; None where these are the last.
    pub next: Option<String>,
}

#[derive(Debug, FromRow)]
struct PersonRow {
    handle: Vec<u8>,
    name: String,
    display_name: Option<String>,
    created_at: i64,
    disabled_at: Option<i64>,
    admin_at: Option<i64>,
    canonical_name: String,
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
            admin_at: row.admin_at.map(Timestamp::from_milliseconds),
            sessions: u32::try_from(row.sessions).unwrap_or(u32::MAX),
        })
    }
}

/// Who is looked for.
#[derive(Default)]
struct Wanted<'a> {
    name: Option<&'a str>,
    user: Option<&'a [u8]>,
    search: Option<&'a str>,
    after: &'a str,
    most: i64,
}

/// The pattern of whatever has this in it, folded as names are; None for nothing.
fn like(search: &str) -> Option<String> {
    let folded = canonical(search.trim());
    let literal: String = folded
        .chars()
        .flat_map(|letter| {
            matches!(letter, '!' | '%' | '_').then_some('!').into_iter().chain([letter])
        })
        .collect();
    (!literal.is_empty()).then(|| format!("%{literal}%"))
}

impl Accounts {
    /// Everybody, by name.
    pub async fn people(&self) -> Result<Vec<Person>, Error> {
        let rows = self.rows(Wanted { most: i64::MAX, ..Wanted::default() }).await?;
        rows.into_iter().map(Person::try_from).collect()
    }

    /// The person of this name.
    pub async fn person(&self, name: &UserName) -> Result<Option<Person>, Error> {
        let wanted = Wanted { name: Some(name.canonical()), most: 1, ..Wanted::default() };
        self.rows(wanted).await?.pop().map(Person::try_from).transpose()
    }

    /// The person of this handle.
    pub async fn person_of(&self, user: &UserHandle) -> Result<Option<Person>, Error> {
        let wanted = Wanted { user: Some(user.as_bytes()), most: 1, ..Wanted::default() };
        self.rows(wanted).await?.pop().map(Person::try_from).transpose()
    }

    /// So many of the people in whose username, display name or e-mail address this occurs, by name,
    /// after the one of that name.
    pub async fn find_people(
        &self,
        search: &str,
        after: &str,
        most: i64,
    ) -> Result<PeopleFound, Error> {
        let search = like(search);
        let wanted =
            Wanted { search: search.as_deref(), after, most: most + 1, ..Wanted::default() };
        let mut rows = self.rows(wanted).await?;
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let has_more = rows.len() > most;
        rows.truncate(most);
        let next = rows.last().filter(|_| has_more).map(|row| row.canonical_name.clone());
        let people = rows.into_iter().map(Person::try_from).collect::<Result<_, _>>()?;
        Ok(PeopleFound { people, next })
    }

    /// How many people have an account.
    pub async fn count_people(&self) -> Result<i64, Error> {
        let count = sql::query_scalar("select count(*) from users");
        Ok(count.fetch_one(self.database.reader()).await?)
    }

    async fn rows(&self, wanted: Wanted<'_>) -> Result<Vec<PersonRow>, Error> {
        let now = self.clock.now();
        let select = "select handle, name, canonical_name, display_name, created_at, disabled_at,
                admin_at,
                (select count(*) from sessions
                 where user_handle = handle and expires_at > $1 and last_seen_at > $2) as sessions
            from users
            where ($3 is null or canonical_name = $3) and ($4 is null or handle = $4)
                and canonical_name > $5
                and ($6 is null or canonical_name like $6 escape '!'
                    or lower(display_name) like $6 escape '!'
                    or exists (select 1 from email_addresses
                        where user_handle = handle and lower(address) like $6 escape '!'))
            order by canonical_name limit $7";
        let query = sql::query_as::<PersonRow>(select).bind(now.milliseconds());
        let query = query.bind(now.before(self.lifetimes.idle).milliseconds());
        let query = query.bind(wanted.name).bind(wanted.user).bind(wanted.after);
        let query = query.bind(wanted.search).bind(wanted.most);
        Ok(query.fetch_all(self.database.reader()).await?)
    }

    /// Locks a person out, but for the last admin: sessions and recoveries are over at once. Says
    /// whether they were not locked out before.
    pub async fn disable_but_the_last_admin(&self, user: &UserHandle) -> Result<bool, Error> {
        let mut transaction = self.database.begin().await?;
        Self::leave_another_admin(&mut transaction, user).await?;
        let update = "update users set disabled_at = $1 where handle = $2 and disabled_at is null";
        let query = sql::query(update).bind(self.clock.now().milliseconds());
        let disabled = query.bind(user.as_bytes()).execute(&mut transaction).await?;
        Self::end_all_sessions(&mut transaction, user).await?;
        self.end_recoveries(&mut transaction, user, "withdrawn").await?;
        transaction.commit().await?;
        Ok(disabled.rows_affected() == 1)
    }

    /// Lets a person in again. Says whether they were locked out.
    pub async fn enable(&self, user: &UserHandle) -> Result<bool, Error> {
        let update =
            "update users set disabled_at = null where handle = $1 and disabled_at is not null";
        let query = sql::query(update).bind(user.as_bytes());
        Ok(query.execute(self.database.writer()).await?.rows_affected() == 1)
    }
}

/// By what the passkey service knows everybody, and since when they have an account.
pub(in crate::server) async fn handles(
    on: &mut Transaction<'_>,
) -> Result<Vec<(Vec<u8>, i64)>, sqlx::Error> {
    sql::query_as("select handle, created_at from users").fetch_all(on).await
}
