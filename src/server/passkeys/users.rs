//! Whom the back ends of relying parties call what.
//!
//! Owns: the pair of a back end's own id for a person and the random handle that stands on devices.
//! Refuses to know: what a person is called. Keyfold's own pages name people by handle alone.

use std::time::Duration;

use super::credential::UserHandle;
use super::{Error, Passkeys, RelyingParty};
use crate::server::database::{Transaction, sql};

/// How long a user who has never had a passkey is kept: a token for a page, and a ceremony.
const WITHOUT_PASSKEYS: Duration = Duration::from_mins(15);

/// By what a back end knows a person: 1 to 64 bytes of its choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalId(String);

impl ExternalId {
    /// Takes 1 to 64 bytes of UTF-8 without control characters.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=64).contains(&text.len()) && !text.chars().any(char::is_control);
        fits.then(|| Self(text.to_owned()))
    }

    /// As the back end says it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a user cannot have the handle that was asked for.
#[derive(Debug, thiserror::Error)]
pub enum HandleRefused {
    /// Somebody else has it.
    #[error("the user handle belongs to another user")]
    Taken,
    /// The user has another one, and passkeys that carry it.
    #[error("the user has another user handle")]
    Fixed,
    /// The service failed.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<sqlx::Error> for HandleRefused {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl Passkeys {
    /// The handle of a user who is about to get a passkey. A new user gets `wanted`, or a random one;
    /// so does one who has never had a passkey.
    pub async fn expect_user(
        &self,
        party: &RelyingParty,
        id: &ExternalId,
        wanted: Option<UserHandle>,
    ) -> Result<UserHandle, HandleRefused> {
        let now = self.clock.now().milliseconds();
        let mut transaction = self.database.begin().await?;
        let select = "select user_handle, registered_at is not null from users
            where relying_party = $1 and external_id = $2";
        let query = sql::query_as(select).bind(party.id()).bind(id.as_str());
        let known: Option<(Vec<u8>, bool)> = query.fetch_optional(&mut transaction).await?;
        let handle = match (known, wanted) {
            (Some((known, _)), None) => UserHandle::from_bytes(known),
            (Some((known, true)), Some(wanted)) if known != wanted.as_bytes() => {
                return Err(HandleRefused::Fixed);
            }
            (_, Some(wanted)) => Some(wanted),
            (None, None) => Some(self.new_user_handle()),
        };
        let unreadable = || Error::Internal("a stored user handle is too long".into());
        let handle = handle.ok_or_else(unreadable)?;
        let another = "select exists (select 1 from users
            where relying_party = $1 and user_handle = $2 and external_id <> $3)";
        let query = sql::query_scalar(another).bind(party.id()).bind(handle.as_bytes());
        let is_taken: bool = query.bind(id.as_str()).fetch_one(&mut transaction).await?;
        if is_taken {
            return Err(HandleRefused::Taken);
        }
        let upsert =
            "insert into users (relying_party, external_id, user_handle, created_at, begun_at)
            values ($1, $2, $3, $4, $4)
            on conflict (relying_party, external_id) do update
            set user_handle = excluded.user_handle, begun_at = excluded.begun_at";
        let query = sql::query(upsert).bind(party.id()).bind(id.as_str());
        query.bind(handle.as_bytes()).bind(now).execute(&mut transaction).await?;
        transaction.commit().await?;
        Ok(handle)
    }

    /// The handle of a user; None for one who has never had a passkey.
    pub async fn find_user(
        &self,
        party: &RelyingParty,
        id: &ExternalId,
    ) -> Result<Option<UserHandle>, Error> {
        let select = "select user_handle from users
            where relying_party = $1 and external_id = $2 and registered_at is not null";
        let query = sql::query_scalar(select).bind(party.id()).bind(id.as_str());
        let handle: Option<Vec<u8>> = query.fetch_optional(self.database.reader()).await?;
        Ok(handle.and_then(UserHandle::from_bytes))
    }

    /// What the back end calls the user with this handle; None where there is no such user.
    pub async fn external_id(
        &self,
        party: &RelyingParty,
        user: &UserHandle,
    ) -> Result<Option<String>, Error> {
        let select = "select external_id from users where relying_party = $1 and user_handle = $2";
        let query = sql::query_scalar(select).bind(party.id()).bind(user.as_bytes());
        Ok(query.fetch_optional(self.database.reader()).await?)
    }

    /// Forgets a user with every passkey, and ends what waits for them; false where there is none.
    pub async fn remove_user(&self, party: &RelyingParty, id: &ExternalId) -> Result<bool, Error> {
        let mut transaction = self.database.begin().await?;
        let select = "select user_handle from users where relying_party = $1 and external_id = $2";
        let query = sql::query_scalar(select).bind(party.id()).bind(id.as_str());
        let handle: Option<Vec<u8>> = query.fetch_optional(&mut transaction).await?;
        let Some(handle) = handle.and_then(UserHandle::from_bytes) else { return Ok(false) };
        self.forget(&mut transaction, party, &handle).await?;
        let delete = "delete from users where relying_party = $1 and user_handle = $2";
        let query = sql::query(delete).bind(party.id()).bind(handle.as_bytes());
        query.execute(&mut transaction).await?;
        self.note_removal(&mut transaction, party, None, None).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Marks that a user has a passkey now; false where the user is not there any more.
    pub(super) async fn note_registered(
        &self,
        transaction: &mut Transaction<'static>,
        party: &RelyingParty,
        user: &UserHandle,
    ) -> Result<bool, Error> {
        let update = "update users set registered_at = coalesce(registered_at, $1)
            where relying_party = $2 and user_handle = $3";
        let query = sql::query(update).bind(self.clock.now().milliseconds()).bind(party.id());
        let done = query.bind(user.as_bytes()).execute(&mut *transaction).await?;
        Ok(done.rows_affected() == 1)
    }

    /// Forgets the users who began, and never got, a passkey.
    pub(super) async fn sweep_users(&self) -> Result<(), Error> {
        let delete = "delete from users where registered_at is null and begun_at <= $1";
        let over = self.clock.now().before(WITHOUT_PASSKEYS).milliseconds();
        sql::query(delete).bind(over).execute(self.database.writer()).await?;
        Ok(())
    }
}
