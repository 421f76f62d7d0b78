//! Registration tokens: with one, a page may register a passkey for a user that its back end names.
//!
//! Owns: that a token is for one relying party and user, holds 5 minutes and is spent once. Refuses to keep
//! names: what the device is to show stands in the token itself, which the back end hands to its page,
//! and the database has no more than the hash of the whole text.
//!
//! Decision: a token is read when a ceremony begins and spent when it ends, in the transaction that stores
//! the passkey. Whoever cancels the dialog of the browser can press the button again.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use sqlx::FromRow;
use thiserror::Error;

use super::registration::internal;
use super::{CEREMONY_LIFETIME, Error, Label, Passkeys, RelyingParty, UserHandle};
use crate::server::clock::Timestamp;
use crate::server::database::{Transaction, sql};

/// How long a registration token holds.
const REGISTRATION_TOKEN_LIFETIME: Duration = Duration::from_mins(5);

/// How long a token that is over can be told from one that never was, after the last ceremony that it may
/// have begun.
const REMEMBERED: Duration = Duration::from_hours(1);

/// Names a registration token and opens nothing: the hash of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationTokenId([u8; 32]);

impl RegistrationTokenId {
    /// The id of the token with this text.
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }

    /// As the table holds it.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// As the table holds it.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// What a registration token allows: one passkey for this user.
#[derive(Debug, Clone)]
pub struct RegistrationGrant {
    /// Names the token, for when it is spent.
    pub id: RegistrationTokenId,
    /// Whose passkey it will be.
    pub user: UserHandle,
    told: Told,
}

impl RegistrationGrant {
    /// What the device is to show.
    pub fn label(&self) -> Label<'_> {
        Label { name: &self.told.name, display_name: &self.told.display_name }
    }
}

/// Why a page cannot register anything with a token.
#[derive(Debug, Error)]
pub enum GrantRefused {
    /// This relying party has no such token.
    #[error("there is no such registration token")]
    Unknown,
    /// It was spent, or its time is over.
    #[error("the registration token was used or has expired")]
    Over,
    /// The service failed.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<sqlx::Error> for GrantRefused {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error.into())
    }
}

#[derive(Debug, FromRow)]
struct TokenRow {
    user_handle: Vec<u8>,
    expires_at: i64,
    spent_at: Option<i64>,
}

/// What stands in the token.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    name: String,
    display_name: String,
}

impl Told {
    /// Of a text whose hash was found, so that it is as it was written.
    fn read(token: &str) -> Result<Self, Error> {
        let text = token.rsplit_once('.').map(|(_, told)| told);
        let text = text.ok_or_else(|| internal("a registration token names nobody"))?;
        let json = URL_SAFE_NO_PAD.decode(text).map_err(internal)?;
        serde_json::from_slice(&json).map_err(internal)
    }
}

impl Passkeys {
    /// A token with which a page may register one passkey for this user, and when it is over.
    pub async fn open_registration_token(
        &self,
        party: &RelyingParty,
        user: &UserHandle,
        label: Label<'_>,
    ) -> Result<(String, Timestamp), Error> {
        let told =
            Told { name: label.name.to_owned(), display_name: label.display_name.to_owned() };
        let told = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&told).map_err(internal)?);
        let token = format!("rt_{}.{told}", self.chance.token());
        let now = self.clock.now();
        let expires_at = now.after(REGISTRATION_TOKEN_LIFETIME);
        let insert = "insert into registration_tokens
            (token_hash, relying_party, user_handle, created_at, expires_at)
            values ($1, $2, $3, $4, $5)";
        let id = RegistrationTokenId::of(&token);
        let query = sql::query(insert).bind(&id.0[..]).bind(party.id()).bind(user.as_bytes());
        let query = query.bind(now.milliseconds()).bind(expires_at.milliseconds());
        query.execute(self.database.writer()).await?;
        Ok((token, expires_at))
    }

    /// What this token allows. It is not spent by that.
    pub async fn registration_token(
        &self,
        party: &RelyingParty,
        token: &str,
    ) -> Result<RegistrationGrant, GrantRefused> {
        let id = RegistrationTokenId::of(token);
        let select = "select user_handle, expires_at, spent_at from registration_tokens
            where token_hash = $1 and relying_party = $2";
        let query = sql::query_as::<TokenRow>(select).bind(&id.0[..]).bind(party.id());
        let row = query.fetch_optional(self.database.reader()).await?;
        let row = row.ok_or(GrantRefused::Unknown)?;
        if row.spent_at.is_some() || row.expires_at <= self.clock.now().milliseconds() {
            return Err(GrantRefused::Over);
        }
        let user = UserHandle::from_bytes(row.user_handle);
        let user = user.ok_or_else(|| internal("a registration token is for nobody"))?;
        Ok(RegistrationGrant { id, user, told: Told::read(token)? })
    }

    /// Spends a token for this user in the transaction that stores the passkey; false where it cannot be
    /// spent (any more), and then nothing may be stored. It was there when the ceremony began, which has
    /// a time of its own.
    pub async fn spend_registration_token(
        &self,
        transaction: &mut Transaction<'static>,
        party: &RelyingParty,
        user: &UserHandle,
        id: &RegistrationTokenId,
    ) -> Result<bool, Error> {
        let spend = "update registration_tokens set spent_at = $1
            where token_hash = $2 and relying_party = $3 and user_handle = $4
              and spent_at is null";
        let query = sql::query(spend).bind(self.clock.now().milliseconds()).bind(&id.0[..]);
        let query = query.bind(party.id()).bind(user.as_bytes());
        Ok(query.execute(&mut *transaction).await?.rows_affected() == 1)
    }

    /// Takes back all tokens for this user, in the transaction that removes the user.
    pub async fn withdraw_registration_tokens(
        transaction: &mut Transaction<'static>,
        party: &RelyingParty,
        user: &UserHandle,
    ) -> Result<(), Error> {
        let delete =
            "delete from registration_tokens where relying_party = $1 and user_handle = $2";
        let query = sql::query(delete).bind(party.id()).bind(user.as_bytes());
        query.execute(&mut *transaction).await?;
        Ok(())
    }

    /// Spends the tokens that are over, so that a clock that is put back revives none, and deletes them when
    /// nobody is likely to ask any more.
    pub(super) async fn sweep_registration_tokens(&self) -> Result<(), Error> {
        // The ceremony that one began may still be answered.
        let over = self.clock.now().before(CEREMONY_LIFETIME);
        let spend = "update registration_tokens set spent_at = expires_at
            where expires_at <= $1 and spent_at is null";
        let query = sql::query(spend).bind(over.milliseconds());
        query.execute(self.database.writer()).await?;
        let delete = "delete from registration_tokens where expires_at <= $1";
        let query = sql::query(delete).bind(over.before(REMEMBERED).milliseconds());
        query.execute(self.database.writer()).await?;
        Ok(())
    }
}
