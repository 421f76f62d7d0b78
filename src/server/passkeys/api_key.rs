//! API keys: with what a back end shows for which relying party it speaks.
//!
//! Decisions:
//! * A key is `kf_<id>_<secret>`. The id finds the row and opens nothing; of the secret's 256 bits only
//!   the SHA-256 is kept, and compared in constant time.
//! * Only whoever has the secret learns that a key has expired or was revoked: to everybody else it
//!   looks like one that never was.
//! * A revoked key keeps its row, so that its holder is told why, and the operator sees it.
//! * That a key has expired is written down when it is found out: a clock that is put back does not revive
//!   it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use sqlx::FromRow;
use subtle::ConstantTimeEq as _;
use thiserror::Error;

use super::relying_parties::{Tenant, TenantRow};
use super::relying_party::OWN;
use super::{Error, Passkeys, RelyingParty};
use crate::server::clock::Timestamp;
use crate::server::database::sql;

/// How often the last use of a key is written down at most.
const NOTE_EVERY: Duration = Duration::from_mins(1);

/// An API key, without its secret.
#[derive(Debug, Clone)]
pub struct ApiKey {
    /// Names it: letters and digits.
    pub id: String,
    /// For which relying party it speaks.
    pub relying_party: String,
    /// What the operator calls it.
    pub name: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// From when on it does not work any more; None for never.
    pub expires_at: Option<Timestamp>,
    /// When it was found to have expired.
    expired_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

impl ApiKey {
    /// Whether its time is over, also where the clock was put back since.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.expired_at.is_some() || self.expires_at.is_some_and(|end| end <= now)
    }
}

/// The whole text of an API key, which nobody can read again.
pub struct ApiSecret(String);

impl ApiSecret {
    /// The text, to be shown once.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ApiSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ApiSecret(…)")
    }
}

/// Who calls: a back end that has shown its key.
#[derive(Debug, Clone)]
pub struct Caller {
    /// For whom it speaks.
    pub party: RelyingParty,
    /// The id of the key.
    pub key: String,
}

/// Why a key does not open anything.
#[derive(Debug, Error)]
pub enum KeyRefused {
    /// There is no such key, or this is not its secret.
    #[error("there is no such API key")]
    Unknown,
    /// Its time is over.
    #[error("the API key has expired")]
    Expired,
    /// It was revoked.
    #[error("the API key was revoked")]
    Revoked,
    /// The service failed.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<sqlx::Error> for KeyRefused {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// When the use of each key was last noted, or tried to be. Keys get in by their secret alone, so
/// there are no more entries than keys.
#[derive(Debug, Clone, Default)]
pub(super) struct Notes(Arc<Mutex<BTreeMap<String, Timestamp>>>);

impl Notes {
    /// Whether a use is to be noted now; then it counts as noted, so that a database which cannot be
    /// written to is not asked again with each call.
    fn is_due(&self, key: &str, last: Option<Timestamp>, now: Timestamp) -> bool {
        // A clock that was put back must not silence a key until it has caught up.
        let is_recent = |noted: Timestamp| noted > now.before(NOTE_EVERY) && noted <= now;
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due =
            !last.is_some_and(is_recent) && !notes.get(key).copied().is_some_and(is_recent);
        if is_due {
            notes.insert(key.to_owned(), now);
        }
        is_due
    }
}

#[derive(Debug, FromRow)]
struct KeyRow {
    id: String,
    relying_party: String,
    name: String,
    created_at: i64,
    expires_at: Option<i64>,
    expired_at: Option<i64>,
    revoked_at: Option<i64>,
    last_used_at: Option<i64>,
}

impl From<KeyRow> for ApiKey {
    fn from(row: KeyRow) -> Self {
        Self {
            id: row.id,
            relying_party: row.relying_party,
            name: row.name,
            created_at: Timestamp::from_milliseconds(row.created_at),
            expires_at: row.expires_at.map(Timestamp::from_milliseconds),
            expired_at: row.expired_at.map(Timestamp::from_milliseconds),
            revoked_at: row.revoked_at.map(Timestamp::from_milliseconds),
            last_used_at: row.last_used_at.map(Timestamp::from_milliseconds),
        }
    }
}

/// A key together with its relying party.
#[derive(Debug, FromRow)]
struct CallerRow {
    secret_hash: Vec<u8>,
    expires_at: Option<i64>,
    expired_at: Option<i64>,
    revoked_at: Option<i64>,
    last_used_at: Option<i64>,
    #[sqlx(flatten)]
    tenant: TenantRow,
}

/// The id and the secret, where the text has the form of a key.
fn parts(bearer: &str) -> Option<(&str, &str)> {
    let (id, secret) = bearer.strip_prefix("kf_")?.split_once('_')?;
    let is_id = (1..=32).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (is_id && secret.len() == 43).then_some((id, secret))
}

fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

impl Passkeys {
    /// Creates a key that speaks for this relying party; with a lifetime, it ends by itself. Names are
    /// as [`super::is_name`] has them.
    pub async fn create_api_key(
        &self,
        party: &RelyingParty,
        name: &str,
        lifetime: Option<Duration>,
    ) -> Result<(ApiKey, ApiSecret), Error> {
        let (id, secret) = (self.chance.letters(16), self.chance.token());
        let now = self.clock.now();
        let insert = "insert into api_keys
            (id, relying_party, name, secret_hash, created_at, expires_at)
            values ($1, $2, $3, $4, $5, $6)
            returning id, relying_party, name, created_at, expires_at, expired_at, revoked_at,
                last_used_at";
        let query = sql::query_as::<KeyRow>(insert).bind(&id).bind(party.id()).bind(name);
        let query = query.bind(hash(&secret).to_vec()).bind(now.milliseconds());
        let query = query.bind(lifetime.map(|lifetime| now.after(lifetime).milliseconds()));
        let row = query.fetch_one(self.database.writer()).await?;
        Ok((row.into(), ApiSecret(format!("kf_{id}_{secret}"))))
    }

    /// The keys of one relying party, or all, the oldest first.
    pub async fn api_keys(&self, party: Option<&RelyingParty>) -> Result<Vec<ApiKey>, Error> {
        let select =
            "select id, relying_party, name, created_at, expires_at, expired_at, revoked_at,
                last_used_at
            from api_keys where $1 is null or relying_party = $1 order by created_at, id";
        let query = sql::query_as::<KeyRow>(select).bind(party.map(RelyingParty::id));
        let rows = query.fetch_all(self.database.reader()).await?;
        Ok(rows.into_iter().map(ApiKey::from).collect())
    }

    /// Revokes a key, at once and for good; None where there is none with this id. Revoked again, it
    /// keeps the time of the first.
    pub async fn revoke_api_key(&self, id: &str) -> Result<Option<ApiKey>, Error> {
        let update = "update api_keys set revoked_at = coalesce(revoked_at, $1) where id = $2
            returning id, relying_party, name, created_at, expires_at, expired_at, revoked_at,
                last_used_at";
        let query = sql::query_as::<KeyRow>(update).bind(self.clock.now().milliseconds());
        let row = query.bind(id).fetch_optional(self.database.writer()).await?;
        Ok(row.map(ApiKey::from))
    }

    /// Who shows this key (`kf_…`, without the word `Bearer`).
    pub async fn caller(&self, bearer: &str) -> Result<Caller, KeyRefused> {
        let (id, secret) = parts(bearer).ok_or(KeyRefused::Unknown)?;
        let select =
            "select k.secret_hash, k.expires_at, k.expired_at, k.revoked_at, k.last_used_at,
                p.id, p.name, p.rp_id, p.origins, p.user_verification, p.created_at
            from api_keys k join relying_parties p on p.id = k.relying_party
            where k.id = $1 and p.id <> $2";
        let query = sql::query_as::<CallerRow>(select).bind(id).bind(OWN);
        let row = query.fetch_optional(self.database.reader()).await?;
        let row = row.filter(|row| hash(secret).ct_eq(&row.secret_hash).into());
        let row = row.ok_or(KeyRefused::Unknown)?;
        if row.revoked_at.is_some() {
            return Err(KeyRefused::Revoked);
        }
        let now = self.clock.now();
        if row.expired_at.is_some() {
            return Err(KeyRefused::Expired);
        }
        if row.expires_at.is_some_and(|end| end <= now.milliseconds()) {
            let passkeys = self.clone();
            self.tasks.spawn(async move {
                if let Err(error) = passkeys.note_expired_keys().await {
                    tracing::warn!(%error, "it could not be noted that an API key has expired");
                }
            });
            return Err(KeyRefused::Expired);
        }
        let party = Tenant::try_from(row.tenant)?.party;
        self.note_use(id, row.last_used_at.map(Timestamp::from_milliseconds), now);
        Ok(Caller { party, key: id.to_owned() })
    }

    /// Writes down which keys have expired.
    pub(super) async fn note_expired_keys(&self) -> Result<(), Error> {
        let update = "update api_keys set expired_at = $1
            where expires_at <= $1 and expired_at is null";
        let query = sql::query(update).bind(self.clock.now().milliseconds());
        query.execute(self.database.writer()).await?;
        Ok(())
    }

    /// Writes down that a key is in use, behind the caller's back: a call that only reads goes on while
    /// the database cannot be written to.
    fn note_use(&self, id: &str, last: Option<Timestamp>, now: Timestamp) {
        if !self.notes.is_due(id, last, now) {
            return;
        }
        let (database, id) = (self.database.clone(), id.to_owned());
        self.tasks.spawn(async move {
            let update = "update api_keys set last_used_at = $1 where id = $2";
            let query = sql::query(update).bind(now.milliseconds()).bind(&id);
            if let Err(error) = query.execute(database.writer()).await {
                tracing::warn!(%error, key = id, "the use of an API key could not be noted");
            }
        });
    }
}
