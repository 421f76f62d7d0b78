//! Passkeys and codes between two doors: what is begun at one is not finished at another, and what is
//! gone takes with it what it has opened.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::authenticator::Authenticator;
use super::recovery::outcome;
use super::{Browser, TestSite, begun, site_of_ada};
use crate::server::database::sql;

const DAY: Duration = Duration::from_hours(24);

async fn begin(browser: &mut Browser<'_>, function: &str, arguments: &Value) -> (String, Value) {
    begun(&browser.call(function, arguments).await)
}

fn is_unknown() -> (u16, String) {
    (410, "ceremony_expired".to_owned())
}

#[tokio::test]
async fn a_registration_is_finished_for_what_it_was_begun_for_or_not_at_all() {
    let (site, mut passkey) = site_of_ada().await;
    let mut ada = site.browser();
    ada.sign_in(&mut passkey).await;
    let codes = ada.make_codes().await;
    // A browser in which somebody else's session was open for a moment.
    let mut eve = ada.clone();
    let (added, options) = begin(&mut eve, "begin_add_passkey", &json!({})).await;
    assert_eq!(ada.call("sign_out", &json!({})).await.status, StatusCode::OK);
    let answer = Authenticator::new(66).create(site.origin, &options);
    assert_eq!(eve.finish("finish_add_passkey", &added, &answer).await.code(), "signed_out");
    assert_eq!(outcome(&eve.finish("finish_sign_up", &added, &answer).await), is_unknown());

    // A recovery that is called off at the last moment.
    let token = eve.begin_recovery("ada", &codes[0]).await;
    site.pass(DAY);
    let (recovered, options) = begun(&eve.begin_passkey(&token).await);
    ada.sign_in(&mut passkey).await;
    assert_eq!(ada.call("cancel_recovery", &json!({})).await.status, StatusCode::OK);
    let answer = Authenticator::new(67).create(site.origin, &options);
    assert_eq!(outcome(&eve.finish("finish_sign_up", &recovered, &answer).await), is_unknown());
    let mut eve_as_ada = eve.clone();
    eve_as_ada.sign_in(&mut passkey).await;
    let reply = eve_as_ada.finish("finish_add_passkey", &recovered, &answer).await;
    assert_eq!(outcome(&reply), is_unknown(), "not even by whoever is signed in");

    // A sign-up.
    let (id, options) = eve.begin_sign_up("eve").await;
    let answer = Authenticator::new(68).create(site.origin, &options);
    let mut eve_as_ada = eve.clone();
    eve_as_ada.sign_in(&mut passkey).await;
    let reply = eve_as_ada.finish("finish_add_passkey", &id, &answer).await;
    assert_eq!(outcome(&reply), is_unknown());
    assert_eq!(site.count_passkeys("credentials").await, 1, "none was there for a moment");
    assert_eq!(eve.finish("finish_sign_up", &id, &answer).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_passkey_that_is_gone_keeps_no_session_even_after_a_power_cut() {
    let (site, mut passkey) = site_of_ada().await;
    let (mut ada, mut elsewhere) = (site.browser(), site.browser());
    ada.sign_in(&mut passkey).await;
    let mut stolen = Authenticator::new(2);
    let (id, options) = begin(&mut ada, "begin_add_passkey", &json!({})).await;
    let answer = stolen.create(site.origin, &options);
    assert_eq!(ada.finish("finish_add_passkey", &id, &answer).await.status, StatusCode::OK);
    elsewhere.sign_in(&mut stolen).await;
    // The power failed between the two databases.
    let delete = sql::query("delete from credentials where credential_id = $1");
    let gone = delete.bind(&stolen.credential_id).execute(site.site.passkeys.database().writer());
    assert_eq!(gone.await.expect("it goes").rows_affected(), 1);
    let reply = ada.call("remove_passkey", &json!({ "id": answer["id"] })).await;
    assert_eq!(outcome(&reply), (404, "not_found".to_owned()));
    assert!(!elsewhere.is_signed_in().await, "removing it again ends what it has opened");
    assert!(ada.is_signed_in().await);
}

#[tokio::test]
async fn a_passkey_that_comes_while_the_account_goes_goes_too() {
    let site = TestSite::new().await;
    for round in 0..10 {
        let (mut ada, mut passkey) = (site.browser(), Authenticator::new(100 + round));
        ada.sign_up("ada", &mut passkey).await;
        let (id, options) = begin(&mut ada, "begin_add_passkey", &json!({})).await;
        let answer = Authenticator::new(200 + round).create(site.origin, &options);
        let mut tab = ada.clone();
        let nothing = json!({});
        let deleted = ada.call("delete_account", &nothing);
        let (deleted, _) = tokio::join!(deleted, tab.finish("finish_add_passkey", &id, &answer));
        assert_eq!(deleted.status, StatusCode::OK, "{}", deleted.text);
        assert_eq!(site.count_passkeys("credentials").await, 0, "round {round}");
    }
}

#[tokio::test]
async fn the_last_way_in_stays() {
    let (site, mut passkey) = site_of_ada().await;
    let mut ada = site.browser();
    ada.sign_in(&mut passkey).await;
    let codes = ada.make_codes().await;
    let id = ada.account().await["passkeys"][0]["id"].clone();
    assert_eq!(ada.call("remove_passkey", &json!({ "id": id })).await.status, StatusCode::OK);
    let reply = ada.call("remove_recovery_codes", &json!({})).await;
    assert_eq!(outcome(&reply), (409, "no_passkey_left".to_owned()));
    let token = site.browser().begin_recovery("ada", &codes[0]).await;
    site.pass(DAY);
    let reply = site.browser().recover(&token, &mut Authenticator::new(2)).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
}

#[tokio::test]
async fn what_a_code_has_opened_is_over_when_its_kit_is() {
    let (site, mut passkey) = site_of_ada().await;
    let mut ada = site.browser();
    ada.sign_in(&mut passkey).await;
    for takes_away in ["make_recovery_codes", "remove_recovery_codes"] {
        let stolen = ada.make_codes().await;
        let mut eve = site.browser();
        let token = eve.begin_recovery("ada", &stolen[0]).await;
        assert_eq!(ada.call(takes_away, &json!({})).await.status, StatusCode::OK);
        site.pass(DAY);
        let reply = eve.begin_passkey(&token).await;
        assert_eq!(outcome(&reply), (410, "link_invalid".to_owned()), "{takes_away}");
        ada.sign_in(&mut passkey).await;
    }
    // The operator's link has nothing to do with codes.
    let user = ada.user().await;
    let token = site.site.accounts.open_recovery(&user).await.expect("a link");
    ada.make_codes().await;
    let reply = site.browser().begin_passkey(token.reveal()).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
}

#[tokio::test]
async fn nobody_makes_kits_without_end() {
    let site = TestSite::with(&[]).await;
    let (mut ada, mut eve) = (site.browser(), site.browser());
    ada.sign_up("ada", &mut Authenticator::new(1)).await;
    eve.sign_up("eve", &mut Authenticator::new(2)).await;
    for _ in 0..5 {
        ada.make_codes().await;
    }
    let reply = ada.call("make_recovery_codes", &json!({})).await;
    assert_eq!(outcome(&reply), (429, "rate_limited".to_owned()));
    assert_eq!(eve.make_codes().await.len(), 10, "others make theirs");
}
