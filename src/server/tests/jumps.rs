//! A clock that was ahead and is put back: what was over stays over.

use axum::http::StatusCode;
use serde_json::json;
use tokio_util::task::TaskTracker;

use super::account::{STALE, signed_in};
use super::tokens::ISSUER;
use super::{TestSite, site_of_ada};
use crate::server::accounts::NewInvitation;
use crate::server::chance::Chance;
use crate::server::clock::Clock;
use crate::server::passkeys::{
    CredentialId, KeyRefused, Passkeys, Settings, TokenPurpose, TokenRefused, UserVerification,
    Verified,
};

const DAY: i64 = 24 * 3600;

#[tokio::test]
async fn a_proof_that_was_found_too_old_is_not_fresh_again() {
    let (site, mut passkey) = site_of_ada().await;
    let mut browser = signed_in(&site, &mut passkey).await;
    site.pass_seconds(STALE);
    assert_eq!(browser.call("begin_add_passkey", &json!({})).await.code(), "stale_sign_in");
    site.pass_seconds(-STALE);
    assert_eq!(browser.call("begin_add_passkey", &json!({})).await.code(), "stale_sign_in");
    assert!(browser.is_signed_in().await, "the session itself is not over");
    // A clock that was put back by mistake, and forward again.
    let mut browser = signed_in(&site, &mut passkey).await;
    site.pass_seconds(-STALE);
    assert_eq!(browser.call("begin_add_passkey", &json!({})).await.code(), "stale_sign_in");
    site.pass_seconds(STALE);
    assert_eq!(browser.call("begin_add_passkey", &json!({})).await.code(), "stale_sign_in");
}

#[tokio::test]
async fn the_sweep_finds_proofs_that_are_too_old() {
    let (site, mut passkey) = site_of_ada().await;
    let mut browser = signed_in(&site, &mut passkey).await;
    site.site.sweep().await;
    assert_eq!(browser.call("begin_add_passkey", &json!({})).await.status, StatusCode::OK);
    site.pass_seconds(STALE);
    site.site.sweep().await;
    site.pass_seconds(-STALE);
    assert_eq!(browser.call("begin_add_passkey", &json!({})).await.code(), "stale_sign_in");
}

#[tokio::test]
async fn an_invitation_that_has_expired_lets_nobody_in_again() {
    let site = TestSite::with(&[("KEYFOLD_RATE_LIMITS", "off"), ("KEYFOLD_SIGN_UP", "invitation")]);
    let site = site.await;
    let invite = async || {
        let invitation = NewInvitation::parse(5, 1, "").expect("an invitation");
        site.site.accounts.invite(&invitation, None).await.expect("it is made").1
    };
    let is_refused = async |token: &str| {
        let arguments = json!({ "name": "ada", "display_name": "", "link": token });
        let reply = site.browser().call("begin_sign_up", &arguments).await;
        assert_eq!(reply.code(), "link_invalid", "{}", reply.text);
    };
    let (seen, swept) = (invite().await, invite().await);
    site.pass_seconds(DAY);
    is_refused(seen.reveal()).await;
    site.pass_seconds(-DAY);
    is_refused(seen.reveal()).await;
    let later = invite().await;
    site.pass_seconds(DAY);
    site.site.sweep().await;
    site.pass_seconds(-DAY);
    for token in [&swept, &later] {
        is_refused(token.reveal()).await;
    }
}

#[tokio::test]
async fn an_api_key_that_has_expired_opens_nothing_again() {
    let site = TestSite::new().await;
    let passkeys = &site.site.passkeys;
    let origins = ["https://shop.example".to_owned()];
    let required = UserVerification::Required;
    let settings = Settings::new("Shop", "shop.example", &origins, required, "none");
    let created = passkeys.create_relying_party(settings.expect("sound settings")).await;
    let party = created.expect("it is created").party;
    let key = async || {
        let lifetime = std::time::Duration::from_hours(24);
        let made = passkeys.create_api_key(&party, "back end", Some(lifetime)).await;
        made.expect("a key").1
    };
    let is_expired = async |bearer: &str| {
        let said = passkeys.caller(bearer).await;
        assert!(matches!(said, Err(KeyRefused::Expired)), "{said:?}");
        site.site.settle().await;
    };
    let seen = key().await;
    assert!(passkeys.caller(seen.reveal()).await.is_ok());
    site.pass_seconds(DAY);
    is_expired(seen.reveal()).await;
    site.pass_seconds(-DAY);
    is_expired(seen.reveal()).await;
    let swept = key().await;
    site.pass_seconds(DAY);
    site.site.sweep().await;
    site.pass_seconds(-DAY);
    is_expired(swept.reveal()).await;
}

#[tokio::test]
async fn a_clock_that_is_ahead_forgets_no_spent_token() {
    let folder = tempfile::tempdir().expect("a folder");
    let ahead = folder.path().join("seconds");
    let clock = Clock::Moved(ahead.clone());
    let passkeys = Passkeys::in_memory(clock, Chance::from_seed(7), TaskTracker::new()).await;
    let origins = ["https://shop.example".to_owned()];
    let required = UserVerification::Required;
    let settings = Settings::new("Shop", "shop.example", &origins, required, "none");
    let created = passkeys.create_relying_party(settings.expect("sound settings")).await;
    let party = created.expect("it is created").party;
    let credential = CredentialId::parse(&"A".repeat(43)).expect("a credential id");
    let purpose = TokenPurpose::Authentication;
    let verified =
        Verified { external_id: "ada", credential: &credential, user_verified: true, purpose };
    let token = passkeys.issue_token(ISSUER, &party, &verified).await.expect("a token");
    passkeys.spend_token(ISSUER, &party, &token).await.expect("the first time");
    for seconds in [3 * 3600, 10 * 365 * DAY] {
        std::fs::write(&ahead, seconds.to_string()).expect("the clock is moved");
        // Twice: the clock goes on by itself from where it was moved to.
        passkeys.sweep().await.expect("it can be swept");
        passkeys.sweep().await.expect("it can be swept");
    }
    std::fs::write(&ahead, "0").expect("the clock is put right");
    let again = passkeys.spend_token(ISSUER, &party, &token).await;
    assert!(matches!(again, Err(TokenRefused::AlreadyUsed)), "{again:?}");
}

#[tokio::test]
async fn a_ceremony_that_nobody_answered_in_time_is_not_answered_later() {
    let (site, mut passkey) = site_of_ada().await;
    let mut browser = site.browser();
    let (id, options) = browser.begin_sign_in().await;
    let answer = passkey.get(site.origin, &options);
    site.pass_seconds(300);
    site.site.sweep().await;
    site.pass_seconds(-300);
    let reply = browser.finish("finish_sign_in", &id, &answer).await;
    assert_eq!((reply.status, reply.code().as_str()), (StatusCode::GONE, "ceremony_expired"));
    let reference = reply.json()["reference"].as_str().expect("a reference").to_owned();
    let record = site.site.passkeys.record(&reference).await.expect("an answer");
    assert!(record.is_some(), "the reference is that of the ceremony");
}
