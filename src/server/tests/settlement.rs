//! Between the two databases: what a program that is killed there leaves behind, and what becomes of it.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::json;

use super::authenticator::Authenticator;
use super::recovery::outcome;
use super::{Browser, TestSite, begun, site_of_ada};
use crate::server::database::sql;
use crate::server::passkeys::{Binding, Purpose};
use crate::wire::CeremonyId;

const UNSETTLED: &str = "credentials where unsettled_ceremony is not null";

const LIFETIME: Duration = Duration::from_mins(5);

/// The passkey is stored, and the power fails before anything else is.
async fn stored(browser: &Browser<'_>, purpose: Purpose, id: &str, answer: &serde_json::Value) {
    let (passkeys, party) = (&browser.site.site.passkeys, &browser.site.site.relying_party);
    let binding = Binding::to_holder_of(&browser.cookies["keyfold_browser"]);
    let (id, answer) = (CeremonyId(id.to_owned()), answer.to_string());
    let registered = passkeys.finish_registration(party, purpose, &id, &binding, &answer).await;
    drop(registered.expect("the passkey is a good one"));
    assert_eq!(browser.site.count_passkeys(UNSETTLED).await, 1);
}

/// Everything is done but that the passkey was settled.
async fn unsettle(site: &TestSite) {
    let update = "update credentials set unsettled_ceremony = (select id from ceremonies
        where purpose is not null and outcome = 'verified' order by created_at desc limit 1)";
    let done = sql::query(update).execute(site.site.passkeys.database().writer()).await;
    assert_eq!(done.expect("it is put back").rows_affected(), 1);
}

#[tokio::test]
async fn what_is_taken_in_is_settled_at_once() {
    let (site, mut passkey) = site_of_ada().await;
    assert_eq!(site.count_passkeys(UNSETTLED).await, 0);
    let mut ada = site.browser();
    ada.sign_in(&mut passkey).await;
    let codes = ada.make_codes().await;
    let token = site.browser().begin_recovery("ada", &codes[0]).await;
    site.pass(Duration::from_hours(24));
    let reply = site.browser().recover(&token, &mut Authenticator::new(2)).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    assert_eq!(site.count_passkeys(UNSETTLED).await, 0);
    assert_eq!(site.count_accounts("taken_in").await, 2);
    site.pass(Duration::from_hours(25));
    site.site.sweep().await;
    assert_eq!(site.count_accounts("taken_in").await, 0, "it has been told for long enough");
}

#[tokio::test]
async fn a_passkey_of_an_account_that_never_came_to_be_goes() {
    let site = TestSite::new().await;
    let (mut browser, mut passkey) = (site.browser(), Authenticator::new(1));
    let (id, options) = browser.begin_sign_up("ada").await;
    let answer = passkey.create(site.origin, &options);
    stored(&browser, Purpose::NewAccount, &id, &answer).await;
    site.site.sweep().await;
    assert_eq!(site.count_passkeys("credentials").await, 1, "somebody may be about to take it in");
    site.pass(LIFETIME);
    site.site.sweep().await;
    assert_eq!(site.count_passkeys("credentials").await, 0);
    let reply = site.browser().sign_up("ada", &mut Authenticator::new(2)).await;
    assert_eq!(reply.status, StatusCode::OK, "the name is free: {}", reply.text);
}

#[tokio::test]
async fn a_passkey_of_a_recovery_that_was_broken_off_opens_nothing() {
    let (site, mut passkey) = site_of_ada().await;
    let mut ada = site.browser();
    ada.sign_in(&mut passkey).await;
    let codes = ada.make_codes().await;
    let mut eve = site.browser();
    let token = eve.begin_recovery("ada", &codes[0]).await;
    site.pass(Duration::from_hours(24));
    let mut new = Authenticator::new(2);
    let (id, options) = begun(&eve.begin_passkey(&token).await);
    let answer = new.create(site.origin, &options);
    stored(&eve, Purpose::Recovery, &id, &answer).await;

    let (refused, signal) = eve.try_to_sign_in(&mut new).await;
    assert_eq!(
        outcome(&refused),
        outcome(&site.browser().sign_in(&mut Authenticator::new(9)).await)
    );
    assert!(!eve.is_signed_in().await);
    assert!(signal.is_null(), "it may count in a moment");
    // It is not among those that ada has, nor is hers one of two that could go.
    ada.sign_in(&mut passkey).await;
    assert_eq!(ada.account().await["passkeys"].as_array().map(Vec::len), Some(1));
    assert_eq!(ada.call("cancel_recovery", &json!({})).await.status, StatusCode::OK);

    site.pass(LIFETIME);
    site.site.sweep().await;
    assert_eq!(site.count_passkeys("credentials").await, 1);
    assert!(eve.try_to_sign_in(&mut new).await.1.is_string());
    assert_eq!(ada.sign_in(&mut passkey).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_last_passkey_that_counts_is_the_last() {
    let (site, mut passkey) = site_of_ada().await;
    let mut ada = site.browser();
    ada.sign_in(&mut passkey).await;
    let insert = "insert into credentials
        (relying_party, credential_id, user_handle, public_key, algorithm, aaguid, transports, discoverable,
         backup_eligible, backup_state, sign_count, created_at, unsettled_ceremony)
        select relying_party, $1, user_handle, public_key, algorithm, aaguid, transports, discoverable,
            backup_eligible, backup_state, sign_count, created_at, 'c' from credentials";
    let query = sql::query(insert).bind(vec![7_u8; 32]);
    query.execute(site.site.passkeys.database().writer()).await.expect("a passkey more");
    let id = ada.account().await["passkeys"][0]["id"].clone();
    let reply = ada.call("remove_passkey", &json!({ "id": id })).await;
    assert_eq!(reply.code(), "last_passkey", "{}", reply.text);
}

#[tokio::test]
async fn a_passkey_that_was_taken_in_is_settled_by_its_first_sign_in() {
    let (site, mut passkey) = site_of_ada().await;
    unsettle(&site).await;
    let mut ada = site.browser();
    assert_eq!(ada.sign_in(&mut passkey).await.status, StatusCode::OK);
    assert_eq!(site.count_passkeys(UNSETTLED).await, 0);
    assert_eq!(ada.account().await["passkeys"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_passkey_that_was_taken_in_is_settled_by_the_sweep() {
    let (site, _) = site_of_ada().await;
    unsettle(&site).await;
    // However long nobody ran.
    site.pass(Duration::from_hours(24 * 9));
    site.site.sweep().await;
    assert_eq!(site.count_passkeys(UNSETTLED).await, 0);
    assert_eq!(site.count_passkeys("credentials").await, 1);
}
