//! API keys: for whom they speak, how they end, and that nobody can read them.

use std::time::Duration;

use proptest::prelude::*;

use super::TestSite;
use super::relying_parties::shop;
use crate::server::passkeys::{ApiKey, KeyRefused};

fn refusal(refused: &Result<crate::server::passkeys::Caller, KeyRefused>) -> &'static str {
    match refused {
        Ok(_) => "none",
        Err(KeyRefused::Unknown) => "unknown",
        Err(KeyRefused::Expired) => "expired",
        Err(KeyRefused::Revoked) => "revoked",
        Err(KeyRefused::Failed(_)) => "failed",
    }
}

async fn said_to(site: &TestSite, bearer: &str) -> &'static str {
    refusal(&site.site.passkeys.caller(bearer).await)
}

/// The key as the operator sees it.
async fn seen(site: &TestSite, id: &str) -> ApiKey {
    site.site.settle().await;
    let keys = site.site.passkeys.api_keys(None).await.expect("a list");
    keys.into_iter().find(|key| key.id == id).expect("the key")
}

#[tokio::test]
async fn a_key_speaks_for_its_relying_party_alone() {
    let site = TestSite::new().await;
    let passkeys = &site.site.passkeys;
    let (shop, forum) = (shop(&site).await, shop(&site).await);
    let (key, secret) = passkeys.create_api_key(&shop, "backend", None).await.expect("a key");
    let (other, second) = passkeys.create_api_key(&shop, "next", None).await.expect("a key");
    let (_, theirs) = passkeys.create_api_key(&forum, "backend", None).await.expect("a key");
    let caller = passkeys.caller(secret.reveal()).await.expect("a good key");
    assert_eq!((caller.party.id(), &caller.key), (shop.id(), &key.id));
    assert_eq!(caller.party.origins(), shop.origins());
    let caller = passkeys.caller(second.reveal()).await.expect("two at once, for rotation");
    assert_eq!((caller.party.id(), &caller.key), (shop.id(), &other.id));
    let caller = passkeys.caller(theirs.reveal()).await.expect("a good key");
    assert_eq!(caller.party.id(), forum.id());
    let of_shop = passkeys.api_keys(Some(&shop)).await.expect("a list");
    assert_eq!(of_shop.len(), 2);
    assert!(of_shop.iter().all(|key| key.relying_party == shop.id()));
    passkeys.remove_relying_party(shop.id()).await.expect("it can be done").expect("it was there");
    assert_eq!(said_to(&site, secret.reveal()).await, "unknown", "it dies with its relying party");
    assert_eq!(said_to(&site, theirs.reveal()).await, "none");
}

#[tokio::test]
async fn no_key_speaks_for_the_own_pages() {
    let site = TestSite::new().await;
    let own = &site.site.relying_party;
    let (_, secret) = site.site.passkeys.create_api_key(own, "mine", None).await.expect("a row");
    assert_eq!(said_to(&site, secret.reveal()).await, "unknown");
}

#[tokio::test]
async fn a_wrong_secret_looks_like_no_key_at_all() {
    let site = TestSite::new().await;
    let party = shop(&site).await;
    let passkeys = &site.site.passkeys;
    let (key, secret) = passkeys.create_api_key(&party, "backend", None).await.expect("a key");
    let whole = secret.reveal();
    let (id, text) = (&key.id, &whole[whole.len() - 43..]);
    assert_eq!(whole, format!("kf_{id}_{text}"));
    let mut wrong = text.to_owned();
    wrong.replace_range(0..1, if text.starts_with('A') { "B" } else { "A" });
    for bearer in [
        format!("kf_{id}_{wrong}"),
        format!("kf_{id}_{}", &text[1..]),
        format!("kf_{id}_{text}="),
        format!("kf_{id}_{text} "),
        format!(" kf_{id}_{text}"),
        format!("KF_{id}_{text}"),
        format!("kf_{}_{text}", id.to_lowercase() + "x"),
        format!("kf_ABCDEFGH_{text}"),
        format!("kf__{text}"),
        format!("kf_{id}_"),
        format!("Bearer kf_{id}_{text}"),
        format!("kf_%_{text}"),
        "kf_".to_owned(),
        String::new(),
    ] {
        assert_eq!(said_to(&site, &bearer).await, "unknown", "{bearer:?}");
    }
    passkeys.revoke_api_key(id).await.expect("it can be done").expect("the key");
    assert_eq!(said_to(&site, &format!("kf_{id}_{wrong}")).await, "unknown", "not even revoked");
    assert_eq!(said_to(&site, whole).await, "revoked");
}

#[tokio::test]
async fn a_key_ends_when_it_was_to_end() {
    let site = TestSite::new().await;
    let party = shop(&site).await;
    let day = Duration::from_hours(24);
    let made = site.site.passkeys.create_api_key(&party, "backend", Some(day)).await;
    let (key, secret) = made.expect("a key");
    assert_eq!(
        key.expires_at.map(|time| time.to_string()).as_deref(),
        Some("2026-11-24T12:05:00Z")
    );
    site.pass_seconds(24 * 3600 - 1);
    assert_eq!(said_to(&site, secret.reveal()).await, "none");
    site.pass_seconds(1);
    assert_eq!(said_to(&site, secret.reveal()).await, "expired");
}

#[tokio::test]
async fn a_revoked_key_is_dead_at_once_and_stays_so() {
    let site = TestSite::new().await;
    let party = shop(&site).await;
    let passkeys = &site.site.passkeys;
    let (key, secret) = passkeys.create_api_key(&party, "backend", None).await.expect("a key");
    assert_eq!(said_to(&site, secret.reveal()).await, "none");
    let revoked = passkeys.revoke_api_key(&key.id).await.expect("it can be done");
    let first = revoked.and_then(|key| key.revoked_at).expect("a time");
    assert_eq!(said_to(&site, secret.reveal()).await, "revoked");
    site.pass_seconds(10);
    let again = passkeys.revoke_api_key(&key.id).await.expect("it can be done");
    assert_eq!(again.and_then(|key| key.revoked_at), Some(first));
    assert!(passkeys.revoke_api_key("NOBODY").await.expect("an answer").is_none());
}

#[tokio::test]
async fn the_last_use_is_noted_once_a_minute() {
    let site = TestSite::new().await;
    let party = shop(&site).await;
    let made = site.site.passkeys.create_api_key(&party, "backend", None).await;
    let (key, secret) = made.expect("a key");
    assert!(seen(&site, &key.id).await.last_used_at.is_none());
    let used = async || {
        assert_eq!(said_to(&site, secret.reveal()).await, "none");
        seen(&site, &key.id).await.last_used_at.expect("a time").to_string()
    };
    assert_eq!(used().await, "2026-11-23T12:05:00Z");
    site.pass_seconds(59);
    assert_eq!(used().await, "2026-11-23T12:05:00Z");
    site.pass_seconds(1);
    assert_eq!(used().await, "2026-11-23T12:06:00Z");
    site.pass_seconds(-3600);
    assert_eq!(used().await, "2026-11-23T11:06:00Z", "a clock that was put back silences nothing");
    site.pass_seconds(7200);
    let wrong = format!("kf_{}_{}", key.id, "A".repeat(43));
    assert_eq!(said_to(&site, &wrong).await, "unknown");
    let seen = seen(&site, &key.id).await.last_used_at.map(|time| time.to_string());
    assert_eq!(seen.as_deref(), Some("2026-11-23T11:06:00Z"), "a refused try is no use");
}

#[tokio::test]
async fn a_key_opens_while_its_use_cannot_be_noted() {
    let folder = tempfile::tempdir().expect("a folder");
    let site = TestSite::in_folder(folder.path()).await;
    let party = shop(&site).await;
    let made = site.site.passkeys.create_api_key(&party, "backend", None).await;
    let (key, secret) = made.expect("a key");
    let held = site.site.passkeys.database().begin().await.expect("the one writer");
    for _ in 0..3 {
        assert_eq!(said_to(&site, secret.reveal()).await, "none");
    }
    drop(held);
    assert!(seen(&site, &key.id).await.last_used_at.is_some());
}

#[tokio::test]
async fn the_secret_is_in_no_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let site = TestSite::in_folder(folder.path()).await;
    let party = shop(&site).await;
    let made = site.site.passkeys.create_api_key(&party, "backend", None).await;
    let (key, secret) = made.expect("a key");
    assert_eq!(said_to(&site, secret.reveal()).await, "none");
    site.site.settle().await;
    assert!(!format!("{secret:?} {key:?}").contains(&secret.reveal()[20..]));
    let secret = secret.reveal().rsplit_once(&format!("{}_", key.id)).expect("its parts").1;
    let mut found_id = false;
    for entry in std::fs::read_dir(folder.path()).expect("the folder") {
        let path = entry.expect("an entry").path();
        let content = std::fs::read(&path).expect("a file");
        let has = |needle: &[u8]| content.windows(needle.len()).any(|window| window == needle);
        found_id |= has(key.id.as_bytes());
        assert!(!has(secret.as_bytes()), "{}", path.display());
    }
    assert!(found_id, "the files were read");
}

#[test]
fn no_text_is_a_key_and_none_makes_it_panic() {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (site, id) = runtime.block_on(async {
        let site = TestSite::new().await;
        let party = shop(&site).await;
        let made = site.site.passkeys.create_api_key(&party, "backend", None).await;
        let id = made.expect("a key").0.id;
        (site, id)
    });
    let texts = prop_oneof![
            any::<String>(),
            "kf_.{0,80}",
            "kf_[A-Z0-9]{0,40}_[A-Za-z0-9_-]{0,60}",
            Just(id).prop_flat_map(
                |id| "[_A-Za-z0-9-]{0,50}".prop_map(move |end| format!("kf_{id}_{end}"))
            ),
        ];
    proptest!(|(text in texts)| {
        prop_assert_eq!(runtime.block_on(said_to(&site, &text)), "unknown");
    });
}
