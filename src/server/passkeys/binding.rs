//! Who may answer a ceremony, at whose cost it waits, and by what means they come.
//!
//! Owns: the share that each browser, API key and address has of what waits. Decision: who has used up
//! a share loses the oldest of their own; where the pages of a relying party have begun too many, the
//! network with most loses, and in it the address with most. Networks are what one customer may have whole
//! (an IPv4 /24, an IPv6 /48), so that a flood from all the addresses of one is still one flood. Nobody
//! loses a ceremony to somebody else's flood, and no flood of pages reaches what back ends and Keyfold's
//! own pages have begun.

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

/// How many may wait for all pages of one relying party, give or take those of a few begins: not every
/// begin counts them.
const OF_ALL_PAGES: i64 = 60_000;

/// So much of a page's bucket is the same for its whole network, in bytes.
const OF_NETWORK: usize = 16;

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

    /// To the pages of a relying party: whoever knows the id of the ceremony, which is random. It waits at
    /// the cost of this address, which is in this network.
    pub fn to_pages(network: &str, address: &str) -> Self {
        let mut bucket = of("address", address);
        bucket[..OF_NETWORK].copy_from_slice(&of("network", network)[..OF_NETWORK]);
        Self::new(of("pages", ""), bucket, OF_ONE_ADDRESS)
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

/// Whether the begin of this ceremony counts what all pages have begun: one in 64 does, because everybody
/// else waits meanwhile.
fn counts_for_others(id: &str) -> bool {
    // Ids are random text in an alphabet of 64; the last letter has fewer bits than the others.
    id.bytes().nth_back(1) == Some(b'A')
}

fn of(kind: &str, name: &str) -> [u8; 32] {
    Sha256::digest(format!("{kind}\0{name}")).into()
}

impl Passkeys {
    /// Makes room for what the pages of the relying party are about to begin, now and then: `id` says whether
    /// it is time. Where there is none to be had, others will make it.
    pub(super) async fn make_room_for_pages(
        &self,
        party: &RelyingParty,
        binding: &Binding,
        id: &str,
    ) {
        if binding.is_of_pages()
            && counts_for_others(id)
            && let Err(error) = self.keep_pages_within(party, OF_ALL_PAGES).await
        {
            tracing::warn!(%error, "ceremonies of pages wait, and nobody has made room for more");
        }
    }

    /// Where more than `most` wait for the pages of the relying party, an eighth of that goes, so that the
    /// next one does not have to do it again. One after the other, each is the oldest of the fullest
    /// bucket of the network that has most waiting just then: the last one of an address goes only where
    /// no network has more. Nobody begins anything meanwhile: others delete in another order, and each would
    /// wait for the other.
    async fn keep_pages_within(&self, party: &RelyingParty, most: i64) -> Result<(), Error> {
        let pages = of("pages", "");
        let count = "select count(*) from ceremonies
            where relying_party = $1 and binding = $2 and taken_at is null";
        let waiting = || sql::query_scalar::<i64>(count).bind(party.id()).bind(pages.as_slice());
        if waiting().fetch_one(self.database.reader()).await? <= most {
            return Ok(());
        }
        let mut transaction = self.database.begin().await?;
        // Others may have made room while this one waited.
        let waiting = waiting().fetch_one(&mut transaction).await?;
        if waiting <= most {
            return Ok(transaction.rollback().await?);
        }
        // A place is how many are left of the bucket, or the network, when it is this one's turn. By its
        // first 16 bytes (OF_NETWORK) a bucket says its network.
        let delete = "with of_buckets as (
                select id, created_at, bucket,
                    row_number() over (partition by bucket order by created_at desc, id) as place
                from ceremonies
                where relying_party = $1 and binding = $2 and taken_at is null
                  and client_error_at is null and bucket is not null
            ), of_networks as (
                select id, created_at, place as place_in_bucket, row_number() over (
                    partition by substr(bucket, 1, 16) order by place, created_at desc, id) as place
                from of_buckets
            )
            delete from ceremonies where taken_at is null and id in (
                select id from of_networks
                order by place desc, place_in_bucket desc, created_at, id limit $3)";
        let query = sql::query(delete).bind(party.id()).bind(pages.as_slice());
        let query = query.bind(waiting - (most - most / 8));
        query.execute(&mut transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// Makes room for what has just begun: all go but as many of its bucket as its share is. Never the new
    /// one, even where a clock that was put back makes it the oldest, and none that failed in the browser,
    /// which is a record.
    pub(super) async fn keep_newest(
        transaction: &mut Transaction<'static>,
        party: &RelyingParty,
        binding: &Binding,
        newest: &str,
    ) -> Result<(), Error> {
        let (bucket, kept) = (binding.bucket(), binding.share);
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

#[cfg(test)]
mod tests {
    use super::{Binding, counts_for_others};
    use crate::server::chance::Chance;
    use crate::server::database::sql;
    use crate::server::passkeys::tests::Scene;

    impl Scene {
        async fn keep_pages_within(&self, most: i64) {
            let kept = self.passkeys.keep_pages_within(&self.party, most).await;
            kept.expect("there is room");
        }

        /// Which of these wait.
        async fn waiting(&self, ids: &[String]) -> Vec<bool> {
            let select = "select id from ceremonies where taken_at is null";
            let query = sql::query_scalar::<String>(select);
            let all = query.fetch_all(self.passkeys.database().reader()).await.expect("a list");
            ids.iter().map(|id| all.contains(id)).collect()
        }
    }

    #[tokio::test]
    async fn a_flood_from_many_addresses_of_one_network_is_one_flood() {
        let scene = Scene::new().await;
        let alone = scene.begin_at("198.51.100.0/24", &["198.51.100.7"]).await;
        let neighbours = scene.begin_at("192.0.2.0/24", &["192.0.2.1", "192.0.2.2"]).await;
        let back_end = vec![scene.begin(&Binding::to_back_end("key")).await];
        // Each /64 of a /48 begins one: no address has more than the honest ones.
        let addresses: Vec<String> = (0..20).map(|net| format!("2001:db8:1:{net:x}::")).collect();
        let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
        let flood = scene.begin_at("2001:db8:1::/48", &addresses).await;
        scene.keep_pages_within(16).await;
        assert_eq!(scene.waiting(&alone).await, [true]);
        assert_eq!(scene.waiting(&neighbours).await, [true, true]);
        assert_eq!(scene.waiting(&back_end).await, [true], "no flood of pages reaches back ends");
        let left = scene.waiting(&flood).await;
        assert_eq!(left.iter().filter(|waits| **waits).count(), 11, "14 of the pages are left");
        assert!(left[9..].iter().all(|waits| *waits), "the oldest are gone: {left:?}");
        scene.keep_pages_within(16).await;
        assert_eq!(scene.waiting(&flood).await, left, "there is room now");
    }

    #[tokio::test]
    async fn in_the_fullest_network_the_fullest_address_loses_first() {
        let scene = Scene::new().await;
        let honest = scene.begin_at("192.0.2.0/24", &["192.0.2.1"]).await;
        let flood = scene.begin_at("192.0.2.0/24", &["192.0.2.9"; 6]).await;
        let elsewhere = scene.begin_at("198.51.100.0/24", &["198.51.100.7"; 2]).await;
        scene.keep_pages_within(8).await;
        assert_eq!(scene.waiting(&honest).await, [true], "the oldest of all, and the only one");
        assert_eq!(scene.waiting(&elsewhere).await, [true, true]);
        assert_eq!(scene.waiting(&flood).await, [false, false, true, true, true, true]);
    }

    #[tokio::test]
    async fn a_key_that_has_used_up_its_share_loses_the_oldest_of_its_own() {
        let scene = Scene::new().await;
        let other = vec![scene.begin(&Binding::to_back_end("other")).await];
        let key = Binding { share: 3, ..Binding::to_back_end("key") };
        let mut begun = Vec::new();
        for _ in 0..5 {
            begun.push(scene.begin(&key).await);
        }
        assert_eq!(scene.waiting(&begun).await, [false, false, true, true, true]);
        assert_eq!(scene.waiting(&other).await, [true]);
    }

    #[test]
    fn one_begin_in_sixty_four_counts_for_the_others() {
        let chance = Chance::from_seed(1);
        let counting = (0..6400).filter(|_| counts_for_others(&format!("auth_{}", chance.token())));
        assert!((50..150).contains(&counting.count()));
    }
}
