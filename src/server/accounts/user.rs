//! A person who has an account.

use sqlx::FromRow;

use super::{Accounts, Error, UserName};
use crate::server::passkeys::UserHandle;

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

impl Accounts {
    pub(super) async fn name_is_taken(&self, name: &UserName) -> Result<bool, Error> {
        let query =
            sqlx::query_scalar("select exists (select 1 from users where canonical_name = $1)");
        Ok(query.bind(name.canonical()).fetch_one(self.database.reader()).await?)
    }
}
