//! A public URL of another host than the one that passkeys were made for.

use std::path::Path;

use super::authenticator::Authenticator;
use super::{TestSite, config, held_clock};
use crate::server::chance::Chance;
use crate::server::site::Site;

const ELSEWHERE: (&str, &str) = ("KEYFOLD_PUBLIC_URL", "https://id.example");

const LEAVE_LOCALHOST: (&str, &str) = ("KEYFOLD_ACCEPT_STRANDED_PASSKEYS", "localhost");

async fn open(folder: &Path, settings: &[(&str, &str)]) -> Result<TestSite, String> {
    let folder = folder.to_str().expect("a path of letters");
    let own = [("KEYFOLD_RATE_LIMITS", "off"), ("KEYFOLD_DATA_DIR", folder)];
    let (clock, time) = held_clock();
    let site = Site::open(config(&[&own, settings].concat()), clock, Chance::from_system()).await;
    let site = site.map_err(|error| format!("{error}\nhint: {}", error.hint()))?;
    Ok(TestSite::of(site, time))
}

async fn sign_up(site: &TestSite, name: &str, number: u64) -> Authenticator {
    let mut passkey = Authenticator::new(number);
    let reply = site.browser().sign_up(name, &mut passkey).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    passkey
}

#[tokio::test]
async fn another_host_is_refused_as_long_as_there_are_passkeys_of_the_one_before() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let site = open(folder.path(), &[]).await.expect("a first start");
    sign_up(&site, "ada", 1).await;
    sign_up(&site, "grace", 2).await;
    site.site.close().await;
    let refused = open(folder.path(), &[ELSEWHERE]).await.err().expect("two would be stranded");
    assert!(refused.contains("another host than id.example"), "{refused}");
    assert!(refused.contains("2 passkeys of 2 users bound to localhost; 2 of these"), "{refused}");
    assert!(refused.contains("--accept-stranded-passkeys=localhost"), "{refused}");
    let other = ("KEYFOLD_ACCEPT_STRANDED_PASSKEYS", "other.example");
    assert!(open(folder.path(), &[ELSEWHERE, other]).await.is_err());
    // Nothing has been changed by trying.
    assert!(open(folder.path(), &[]).await.is_ok());
}

#[tokio::test]
async fn the_same_host_may_have_another_port_and_other_origins() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let site = open(folder.path(), &[]).await.expect("a first start");
    sign_up(&site, "ada", 1).await;
    site.site.close().await;
    let settings = [
        ("KEYFOLD_PUBLIC_URL", "http://localhost:8081"),
        ("KEYFOLD_RELATED_ORIGINS", "https://id.example,https://example.de"),
    ];
    assert!(open(folder.path(), &settings).await.is_ok());
}

#[tokio::test]
async fn what_was_accepted_once_accepts_nothing_later() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let site = open(folder.path(), &[]).await.expect("a first start");
    let mut at_home = sign_up(&site, "ada", 1).await;
    site.site.close().await;
    let site = open(folder.path(), &[ELSEWHERE, LEAVE_LOCALHOST]).await.expect("it is accepted");
    let stranded = site.site.passkeys.stranded(&site.site.relying_party).await.expect("a count");
    assert_eq!((stranded.len(), stranded[0].passkeys, stranded[0].shut_out), (1, 1, 1));
    sign_up(&site, "grace", 2).await;
    sign_up(&site, "joan", 3).await;
    site.site.close().await;
    // Without the flag the same is refused again, as those of before are there still.
    assert!(open(folder.path(), &[ELSEWHERE]).await.is_err());
    let back = open(folder.path(), &[LEAVE_LOCALHOST]).await.err().expect("two are elsewhere");
    assert!(back.contains("2 passkeys of 2 users bound to id.example"), "{back}");
    assert!(!back.contains("localhost;"), "{back}");
    let leave_both = ("KEYFOLD_ACCEPT_STRANDED_PASSKEYS", "id.example,localhost");
    let site = open(folder.path(), &[leave_both]).await.expect("it is accepted");
    let reply = site.browser().sign_in(&mut at_home).await;
    assert_eq!(reply.status, 200, "what was left behind works again: {}", reply.text);
}

#[tokio::test]
async fn passkeys_that_do_not_say_what_they_are_bound_to_are_of_the_host_before() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let site = open(folder.path(), &[]).await.expect("a first start");
    sign_up(&site, "ada", 1).await;
    let forget = crate::server::database::sql::query("update credentials set rp_id = null");
    forget.execute(site.site.passkeys.database().writer()).await.expect("an older version");
    site.site.close().await;
    let refused = open(folder.path(), &[ELSEWHERE]).await.err().expect("one would be stranded");
    assert!(refused.contains("1 passkey of 1 user bound to localhost"), "{refused}");
}
