//! A person who has an account.

use sqlx::FromRow;

use super::{Accounts, DisplayName, Error, SignUp, UserName};
use crate::server::clock::Timestamp;
use crate::server::database::sql;
use crate::server::passkeys::UserHandle;
use crate::wire::Language;

/// A person.
#[derive(Debug, Clone)]
pub struct User {
    /// By what the passkey service knows them.
    pub handle: UserHandle,
    /// The username as it was typed.
    pub name: String,
    /// How they want to be called, where they said so.
    pub display_name: Option<String>,
}

#[derive(Debug, FromRow)]
pub(super) struct UserRow {
    pub(super) handle: Vec<u8>,
    pub(super) name: String,
    pub(super) display_name: Option<String>,
}

impl TryFrom<UserRow> for User {
    type Error = Error;

    fn try_from(row: UserRow) -> Result<Self, Error> {
        let handle = UserHandle::from_bytes(row.handle).ok_or(Error::NoAccount)?;
        Ok(Self { handle, name: row.name, display_name: row.display_name })
    }
}

impl User {
    /// How they are to be called.
    pub fn called(&self) -> &str {
        self.display_name.as_deref().unwrap_or(&self.name)
    }
}

impl Accounts {
    /// Changes what a person is called.
    pub async fn change_names(&self, user: &UserHandle, names: &SignUp) -> Result<(), Error> {
        let mut transaction = self.database.begin().await?;
        let theirs =
            "select exists (select 1 from users where canonical_name = $1 and handle <> $2)";
        let query = sql::query_scalar(theirs).bind(names.name.canonical()).bind(user.as_bytes());
        if query.fetch_one(&mut transaction).await? {
            return Err(Error::NameTaken);
        }
        let update = "update users set name = $1, canonical_name = $2, display_name = $3
            where handle = $4";
        let query = sql::query(update).bind(names.name.shown()).bind(names.name.canonical());
        let query = query.bind(names.display_name.as_ref().map(DisplayName::as_str));
        query.bind(user.as_bytes()).execute(&mut transaction).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Deletes a person and all that is theirs here, but for the last admin. Says whether there was such
    /// a person. Their passkeys go after that: one without a user signs nobody in, and the doctor finds it.
    pub async fn delete_but_the_last_admin(&self, user: &UserHandle) -> Result<bool, Error> {
        let mut transaction = self.database.begin().await?;
        Self::leave_another_admin(&mut transaction, user).await?;
        let query = sql::query("delete from users where handle = $1").bind(user.as_bytes());
        let deleted = query.execute(&mut transaction).await?;
        transaction.commit().await?;
        Ok(deleted.rows_affected() == 1)
    }

    /// Whether there is nobody of this handle, and nobody about to be.
    pub async fn is_nobody(&self, user: &UserHandle) -> Result<bool, Error> {
        let select = "select not exists (select 1 from users where handle = $1)
            and not exists (select 1 from pending_sign_ups where user_handle = $1)";
        let query = sql::query_scalar(select).bind(user.as_bytes());
        Ok(query.fetch_one(self.database.reader()).await?)
    }

    /// Whether there is anybody.
    pub async fn has_users(&self) -> Result<bool, Error> {
        let select = "select exists (select 1 from users)";
        Ok(sql::query_scalar(select).fetch_one(self.database.reader()).await?)
    }

    /// When a person signed up.
    pub async fn signed_up_at(&self, user: &UserHandle) -> Result<Timestamp, Error> {
        let query = sql::query_scalar("select created_at from users where handle = $1");
        let created = query.bind(user.as_bytes()).fetch_optional(self.database.reader()).await?;
        created.map(Timestamp::from_milliseconds).ok_or(Error::NoAccount)
    }

    /// Notes in which language somebody reads the site: what is written to them is in it, too. Nobody
    /// waits for that.
    pub fn note_language(&self, user: &UserHandle, language: Language) {
        let (accounts, user) = (self.clone(), user.clone());
        self.without_waiting(async move {
            let select = "select exists (select 1 from users where handle = $1 and language <> $2)";
            let query = sql::query_scalar(select).bind(user.as_bytes()).bind(language.tag());
            if query.fetch_one(accounts.database.reader()).await? {
                let update = "update users set language = $1 where handle = $2";
                let query = sql::query(update).bind(language.tag()).bind(user.as_bytes());
                query.execute(accounts.database.writer()).await?;
            }
            Ok(())
        });
    }

    pub(super) async fn name_is_taken(&self, name: &UserName) -> Result<bool, Error> {
        let query =
            sql::query_scalar("select exists (select 1 from users where canonical_name = $1)");
        Ok(query.bind(name.canonical()).fetch_one(self.database.reader()).await?)
    }
}
