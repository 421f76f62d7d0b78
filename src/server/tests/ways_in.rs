//! Ways into an account: that all but one can go, what is told where none is left, and that every refusal
//! can be looked up.

use axum::http::StatusCode;
use serde_json::json;

use super::account::{STALE, add_passkey, id_of_first_passkey, passkeys, signed_in};
use super::authenticator::Authenticator;
use super::{Reply, TestSite, site_of_ada};
use crate::server::accounts::UserName;

#[tokio::test]
async fn whoever_has_come_back_removes_all_other_passkeys() {
    let (site, mut old) = site_of_ada().await;
    let (mut here, mut there) =
        (signed_in(&site, &mut old).await, signed_in(&site, &mut old).await);
    let (mut lost, mut new) = (Authenticator::new(2), Authenticator::new(3));
    for passkey in [&mut lost, &mut new] {
        assert_eq!(add_passkey(&mut here, passkey).await.status, StatusCode::OK);
    }
    assert_eq!(here.sign_in(&mut new).await.status, StatusCode::OK);
    let mut eve = Authenticator::new(9);
    assert_eq!(site.browser().sign_up("eve", &mut eve).await.status, StatusCode::OK);
    let reply = here.call("remove_other_passkeys", &json!({})).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let left = passkeys(&mut here).await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0]["is_of_this_session"], true);
    assert!(!there.is_signed_in().await, "what they have opened is over");
    for gone in [&mut old, &mut lost] {
        assert_eq!(site.browser().sign_in(gone).await.code(), "refused");
    }
    for kept in [&mut new, &mut eve] {
        assert_eq!(site.browser().sign_in(kept).await.status, StatusCode::OK);
    }
    site.pass_seconds(STALE);
    assert_eq!(here.call("remove_other_passkeys", &json!({})).await.code(), "stale_sign_in");
}

#[tokio::test]
async fn whoever_has_no_passkey_left_is_told_what_to_do() {
    let (site, mut passkey) = site_of_ada().await;
    let mut browser = signed_in(&site, &mut passkey).await;
    browser.make_codes().await;
    let id = id_of_first_passkey(&mut browser).await;
    let reply = browser.call("remove_passkey", &json!({ "id": id })).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    assert!(browser.is_signed_in().await);
    for function in ["begin_step_up", "remove_recovery_codes"] {
        let reply = browser.call(function, &json!({})).await;
        let said = (reply.status, reply.code());
        assert_eq!(said, (StatusCode::CONFLICT, "no_passkey_left".to_owned()), "{function}");
    }
}

#[tokio::test]
async fn a_refusal_has_the_reference_of_its_ceremony() {
    let (site, mut passkey) = site_of_ada().await;
    let mut browser = signed_in(&site, &mut passkey).await;
    let known = async |reply: &Reply| {
        let reference = reply.json()["reference"].as_str().expect("a reference").to_owned();
        site.site.passkeys.record(&reference).await.expect("it answers").is_some()
    };
    // Answered twice.
    let (id, options) = browser.begin_sign_in().await;
    let answer = passkey.get(site.origin, &options);
    assert_eq!(browser.finish("finish_sign_in", &id, &answer).await.status, StatusCode::OK);
    let again = browser.finish("finish_sign_in", &id, &answer).await;
    assert_eq!(again.code(), "ceremony_expired");
    assert!(known(&again).await);
    // Locked out.
    let ada = UserName::parse("ada").expect("a name");
    let ada = site.site.accounts.person(&ada).await.expect("it answers").expect("ada");
    site.site.accounts.disable_but_the_last_admin(&ada.handle).await.expect("it answers");
    let refused = browser.sign_in(&mut passkey).await;
    assert_eq!(refused.code(), "refused");
    assert!(known(&refused).await);
    // Slowed down.
    let site = TestSite::with(&[("KEYFOLD_FAILURES_PER_ADDRESS", "1")]).await;
    let mut codes = Vec::new();
    for seed in [5, 6, 7] {
        let reply = site.browser().sign_in(&mut stranger(seed)).await;
        let reference = reply.json()["reference"].as_str().expect("a reference").to_owned();
        assert!(site.site.passkeys.record(&reference).await.expect("it answers").is_some());
        codes.push(reply.code());
    }
    assert_eq!(codes.last().map(String::as_str), Some("rate_limited"), "{codes:?}");
}

/// A passkey that is in no account.
fn stranger(seed: u8) -> Authenticator {
    let mut passkey = Authenticator::new(seed.into());
    passkey.user_handle = Some(vec![seed; 32]);
    passkey
}
