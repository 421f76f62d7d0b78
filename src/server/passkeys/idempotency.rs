//! Which requests of back ends have been done, and what was answered.
//!
//! Owns: that of two requests with one `Idempotency-Key` one is the first, and that replies are kept sealed.
//! The key of the seal is made of the caller's secret, which the service does not keep: without it a
//! reply cannot be read, and with it only the caller's own.

use std::time::Duration;

use chacha20poly1305::aead::Aead as _;
use chacha20poly1305::{ChaCha20Poly1305, Key, KeyInit as _, Nonce};
use sha2::{Digest as _, Sha256};

use super::registration::internal;
use super::{Error, Passkeys, RelyingParty};
use crate::server::database::sql;

/// How long replies are kept.
const REPLY_LIFETIME: Duration = Duration::from_hours(24);

/// A first request that is not answered after this long was cut off, and may be tried again.
const UNDER_WAY: Duration = Duration::from_mins(1);

const NONCE: usize = 12;

/// Closes and opens the replies to one request.
pub struct Seal(ChaCha20Poly1305);

impl std::fmt::Debug for Seal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Seal")
    }
}

impl Seal {
    /// The seal of whoever has this secret, for requests of this name.
    pub fn of(secret: &[u8], name: &str) -> Self {
        let key = Sha256::new()
            .chain_update("keyfold sealed reply\0")
            .chain_update(Sha256::digest(secret))
            .chain_update(name)
            .finalize();
        Self(ChaCha20Poly1305::new(&Key::from(<[u8; 32]>::from(key))))
    }

    fn close(&self, nonce: [u8; NONCE], reply: &[u8]) -> Result<Vec<u8>, Error> {
        let sealed = self.0.encrypt(&Nonce::from(nonce), reply).map_err(internal)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// None where it was closed with another seal.
    pub fn open(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE>()?;
        self.0.decrypt(&Nonce::from(*nonce), sealed).ok()
    }
}

/// A request that says its name.
#[derive(Debug)]
pub struct Attempt {
    /// The id of the API key.
    pub key: String,
    /// What the caller calls the request.
    pub name: String,
    /// The hash of what is asked.
    pub asked: Vec<u8>,
}

impl Attempt {
    fn name_hash(&self) -> Vec<u8> {
        Sha256::digest(&self.name).to_vec()
    }
}

/// Whether a request is the first of its name.
#[derive(Debug, PartialEq, Eq)]
pub enum Once {
    /// It is; it has to be kept or released.
    First,
    /// The first one is not answered yet.
    UnderWay,
    /// The first one asked something else.
    Another,
    /// The sealed reply to the first one.
    Answered(Vec<u8>),
}

impl Passkeys {
    /// Finds out whether this request is the first of its name.
    pub async fn once(&self, party: &RelyingParty, attempt: &Attempt) -> Result<Once, Error> {
        let now = self.clock.now();
        let mut transaction = self.database.begin().await?;
        let forget = "delete from idempotent_requests where api_key = $1 and name_hash = $2
            and (created_at <= $3 or (reply is null and created_at <= $4))";
        let query = sql::query(forget).bind(&attempt.key).bind(attempt.name_hash());
        let query = query.bind(now.before(REPLY_LIFETIME).milliseconds());
        let query = query.bind(now.before(UNDER_WAY).milliseconds());
        query.execute(&mut transaction).await?;
        let insert = "insert into idempotent_requests
            (relying_party, api_key, name_hash, asked_hash, created_at) values ($1, $2, $3, $4, $5)
            on conflict (api_key, name_hash) do nothing";
        let query = sql::query(insert).bind(party.id()).bind(&attempt.key);
        let query = query.bind(attempt.name_hash()).bind(&attempt.asked).bind(now.milliseconds());
        let is_first = query.execute(&mut transaction).await?.rows_affected() == 1;
        let select = "select asked_hash, reply from idempotent_requests
            where api_key = $1 and name_hash = $2";
        let query = sql::query_as(select).bind(&attempt.key).bind(attempt.name_hash());
        let (asked, reply): (Vec<u8>, Option<Vec<u8>>) = query.fetch_one(&mut transaction).await?;
        transaction.commit().await?;
        Ok(match reply {
            _ if is_first => Once::First,
            _ if asked != attempt.asked => Once::Another,
            None => Once::UnderWay,
            Some(reply) => Once::Answered(reply),
        })
    }

    /// Keeps the reply to a first request.
    pub async fn keep(&self, attempt: &Attempt, seal: &Seal, reply: &[u8]) -> Result<(), Error> {
        let sealed = seal.close(self.chance.bytes::<NONCE>(), reply)?;
        let update =
            "update idempotent_requests set reply = $1 where api_key = $2 and name_hash = $3";
        let query = sql::query(update).bind(sealed).bind(&attempt.key);
        query.bind(attempt.name_hash()).execute(self.database.writer()).await?;
        Ok(())
    }

    /// Forgets a first request by which nothing was done.
    pub async fn release(&self, attempt: &Attempt) -> Result<(), Error> {
        let delete = "delete from idempotent_requests where api_key = $1 and name_hash = $2";
        let query = sql::query(delete).bind(&attempt.key).bind(attempt.name_hash());
        query.execute(self.database.writer()).await?;
        Ok(())
    }

    pub(super) async fn sweep_idempotent_requests(&self) -> Result<(), Error> {
        let old = self.clock.now().before(REPLY_LIFETIME).milliseconds();
        let delete = "delete from idempotent_requests where created_at <= $1";
        sql::query(delete).bind(old).execute(self.database.writer()).await?;
        Ok(())
    }
}
