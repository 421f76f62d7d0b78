//! Who may answer a ceremony, at whose cost it waits, and by what means they come.
//!
//! Owns: the share that each browser, API key and address has of what waits. Decision: who has used up
//! a share loses the oldest of their own; where the pages of a relying party have begun too many, the
//! address with most loses most. Nobody loses a ceremony to somebody else's flood, and no flood of pages
//! reaches what back ends and Keyfold's own pages have begun.

use sha2::{Digest as _, Sha256};

use super::{Circumstances, Error, Passkeys, RelyingParty};
use crate::server::database::{Transaction, sql};
use crate::wire::Mediation;

/// How many ceremonies may wait for one browser.
const OF_ONE_BROWSER: i64 = 16;

/// How many may wait for one API key: as many as it may begin in five minutes by default.
const OF_ONE_KEY: i64 = 30_000;

/// How many may wait for the pages at one address: more than it may begin in five minutes by default.
const OF_ONE_ADDRESS: i64 = 720;

/// How many may wait for all pages of one relying party.
const OF_ALL_PAGES: i64 = 60_000;

/// Ties a ceremony to who began it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    answerer: [u8; 32],
    bucket: [u8; 32],
    share: i64,
    circumstances: Circumstances,
}

impl Binding {
    /// To the browser that holds this secret: nobody else can answer.
    pub fn to_holder_of(secret: &str) -> Self {
        let hash = Sha256::digest(secret.as_bytes()).into();
        Self::new(hash, hash, OF_ONE_BROWSER)
    }

    /// To the back end of a relying party, which ties it to a browser itself.
    pub fn to_back_end(key: &str) -> Self {
        Self::new(Self::of_back_ends(), of("key", key), OF_ONE_KEY)
    }

    /// To the pages of a relying party: whoever knows the id of the ceremony, which is random.
    pub fn to_pages(address: &str) -> Self {
        Self::new(of("pages", ""), of("address", address), OF_ONE_ADDRESS)
    }

    fn new(answerer: [u8; 32], bucket: [u8; 32], share: i64) -> Self {
        Self { answerer, bucket, share, circumstances: Circumstances::default() }
    }

    /// The same, for somebody who comes by these means.
    #[must_use]
    pub fn by(self, circumstances: Circumstances) -> Self {
        Self { circumstances, ..self }
    }

    /// The same, where the browser was to ask like this.
    #[must_use]
    pub fn asked_by(self, mediation: Option<Mediation>) -> Self {
        Self { circumstances: self.circumstances.asked_by(mediation), ..self }
    }

    /// By what means they come.
    pub(super) fn circumstances(&self) -> Circumstances {
        self.circumstances
    }

    /// Who may answer.
    pub fn as_bytes(&self) -> &[u8] {
        &self.answerer
    }

    fn is_of_pages(&self) -> bool {
        self.answerer == of("pages", "")
    }

    /// Who may answer what a back end has begun.
    pub(super) fn of_back_ends() -> [u8; 32] {
        of("back end", "")
    }

    pub(super) fn bucket(&self) -> &[u8] {
        &self.bucket
    }
}

fn of(kind: &str, name: &str) -> [u8; 32] {
    Sha256::digest(format!("{kind}\0{name}")).into()
}

impl Passkeys {
    /// Makes room for what has just begun: the oldest of the same bucket go. Where too many wait for the
    /// pages of the relying party, the older half of the fullest of their buckets goes.
    pub(super) async fn make_room(
        transaction: &mut Transaction<'static>,
        party: &RelyingParty,
        binding: &Binding,
        newest: &str,
    ) -> Result<(), Error> {
        let share = (binding.share, newest);
        Self::keep_newest(transaction, party, &binding.bucket, share).await?;
        if !binding.is_of_pages() {
            return Ok(());
        }
        let count = "select count(*) from ceremonies
            where relying_party = $1 and binding = $2 and taken_at is null";
        let query = sql::query_scalar(count).bind(party.id()).bind(binding.as_bytes());
        let waiting: i64 = query.fetch_one(&mut *transaction).await?;
        if waiting > OF_ALL_PAGES {
            let fullest = "select bucket, count(*) from ceremonies
                where relying_party = $1 and binding = $2 and taken_at is null and bucket is not null
                group by bucket order by count(*) desc limit 1";
            let query = sql::query_as(fullest).bind(party.id()).bind(binding.as_bytes());
            let fullest: Option<(Vec<u8>, i64)> = query.fetch_optional(&mut *transaction).await?;
            if let Some((bucket, filled)) = fullest {
                let half = (filled / 2, newest);
                Self::keep_newest(transaction, party, &bucket, half).await?;
            }
        }
        Ok(())
    }

    /// Deletes all but so many of a bucket: never the new one, even where a clock that was put back makes
    /// it the oldest, and none that failed in the browser, which is a record.
    async fn keep_newest(
        transaction: &mut Transaction<'static>,
        party: &RelyingParty,
        bucket: &[u8],
        (kept, newest): (i64, &str),
    ) -> Result<(), Error> {
        let first_to_go = "select created_at, id from ceremonies
            where relying_party = $1 and bucket = $2 and taken_at is null
            order by created_at desc, id limit 1 offset $3";
        let query = sql::query_as(first_to_go).bind(party.id()).bind(bucket).bind(kept);
        let first: Option<(i64, String)> = query.fetch_optional(&mut *transaction).await?;
        let Some((time, id)) = first else { return Ok(()) };
        let delete = "delete from ceremonies
            where relying_party = $1 and bucket = $2 and taken_at is null and client_error_at is null
              and created_at <= $3 and (created_at < $3 or id >= $4) and id <> $5";
        let query = sql::query(delete).bind(party.id()).bind(bucket).bind(time).bind(id);
        query.bind(newest).execute(&mut *transaction).await?;
        Ok(())
    }
}
