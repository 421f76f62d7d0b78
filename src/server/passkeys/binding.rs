//! Who may answer a ceremony, and at whose cost it waits.
//!
//! Owns: the share that each browser, API key and address has of what waits. Decision: who has used up
//! a share loses the oldest of their own; where everything is full, whoever has most loses most. Nobody
//! loses a ceremony to somebody else's flood.

use sha2::{Digest as _, Sha256};
use sqlx::{Sqlite, Transaction};

use super::{Error, Passkeys, RelyingParty};

/// How many ceremonies may wait for one browser.
const OF_ONE_BROWSER: i64 = 16;

/// How many may wait for one API key: as many as it may begin in five minutes by default.
const OF_ONE_KEY: i64 = 30_000;

/// How many may wait for the pages at one address.
const OF_ONE_ADDRESS: i64 = 64;

/// How many may wait for one relying party.
const OF_ONE_PARTY: i64 = 60_000;

/// Ties a ceremony to who began it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    answerer: [u8; 32],
    bucket: [u8; 32],
    share: i64,
}

impl Binding {
    /// To the browser that holds this secret: nobody else can answer.
    pub fn to_holder_of(secret: &str) -> Self {
        let hash = Sha256::digest(secret.as_bytes()).into();
        Self { answerer: hash, bucket: hash, share: OF_ONE_BROWSER }
    }

    /// To the back end of a relying party, which ties it to a browser itself.
    pub fn to_back_end(key: &str) -> Self {
        Self { answerer: of("back end", ""), bucket: of("key", key), share: OF_ONE_KEY }
    }

    /// To the pages of a relying party: whoever knows the id of the ceremony, which is random.
    pub fn to_pages(address: &str) -> Self {
        Self { answerer: of("pages", ""), bucket: of("address", address), share: OF_ONE_ADDRESS }
    }

    /// Who may answer.
    pub fn as_bytes(&self) -> &[u8] {
        &self.answerer
    }

    pub(super) fn bucket(&self) -> &[u8] {
        &self.bucket
    }
}

fn of(kind: &str, name: &str) -> [u8; 32] {
    Sha256::digest(format!("{kind}\0{name}")).into()
}

impl Passkeys {
    /// Makes room for what has just begun: the oldest of the same bucket go, and where the relying party
    /// has too many, the older half of the fullest bucket.
    pub(super) async fn make_room(
        transaction: &mut Transaction<'static, Sqlite>,
        party: &RelyingParty,
        binding: &Binding,
        newest: &str,
    ) -> Result<(), Error> {
        // Never the new one, even where a clock that was put back makes it the oldest. One that failed
        // in the browser is a record.
        let delete = "delete from ceremonies where id in
            (select id from ceremonies
             where relying_party = $1 and bucket = $2 and taken_at is null and client_error_at is null and id <> $3
             order by created_at desc, id limit -1 offset $4)";
        let share = |bucket: Vec<u8>, kept: i64| {
            sqlx::query(delete).bind(party.id()).bind(bucket).bind(newest).bind(kept)
        };
        let own = share(binding.bucket.to_vec(), binding.share - 1);
        own.execute(&mut **transaction).await?;
        let count = "select count(*) from ceremonies where relying_party = $1 and taken_at is null";
        let query = sqlx::query_scalar(count).bind(party.id());
        let waiting: i64 = query.fetch_one(&mut **transaction).await?;
        if waiting > OF_ONE_PARTY {
            let fullest = "select bucket, count(*) from ceremonies
                where relying_party = $1 and taken_at is null and bucket is not null
                group by bucket order by count(*) desc limit 1";
            let query = sqlx::query_as(fullest).bind(party.id());
            let fullest: Option<(Vec<u8>, i64)> = query.fetch_optional(&mut **transaction).await?;
            if let Some((bucket, filled)) = fullest {
                share(bucket, filled / 2).execute(&mut **transaction).await?;
            }
        }
        Ok(())
    }
}
