//! The last way into an account: what counts as one, and that no two are taken away at once.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::json;

use super::account::{add_passkey, id_of_first_passkey, signed_in};
use super::authenticator::Authenticator;
use super::recovery::ada_with_codes;
use super::site_of_ada;
use crate::server::database::sql;

const USED: &str = "recovery_codes where used_at is not null";

#[tokio::test]
async fn no_code_is_used_up_while_a_way_in_is_taken_away() {
    let (site, mut passkey) = site_of_ada().await;
    let codes = ada_with_codes(&site, &mut passkey).await;
    let browser = signed_in(&site, &mut passkey).await;
    let alone = site.site.alone_with_ways_in(&browser.user().await).await.expect("alone");
    let mut lost = site.browser();
    let begun = lost.try_code("ada", &codes[0]);
    tokio::pin!(begun);
    // Long enough for the slow hash.
    let waited = tokio::time::timeout(Duration::from_secs(3), &mut begun).await;
    assert!(waited.is_err(), "somebody looks whether a code is left: {waited:?}");
    assert_eq!(site.count_accounts(USED).await, 0);
    drop(alone);
    assert_eq!(begun.await.status, StatusCode::OK);
    assert_eq!(site.count_accounts(USED).await, 1);
}

#[tokio::test]
async fn a_stranded_passkey_is_no_way_in() {
    let (site, mut works) = site_of_ada().await;
    let mut browser = signed_in(&site, &mut works).await;
    let id = id_of_first_passkey(&mut browser).await;
    let mut stranded = Authenticator::new(2);
    assert_eq!(add_passkey(&mut browser, &mut stranded).await.status, StatusCode::OK);
    let update = "update credentials set rp_id = 'before.example' where credential_id = $1";
    let query = sql::query(update).bind(&stranded.credential_id);
    let done = query.execute(site.site.passkeys.database().writer()).await.expect("it is done");
    assert_eq!(done.rows_affected(), 1);
    let reply = browser.call("remove_passkey", &json!({ "id": id })).await;
    assert_eq!(reply.code(), "last_passkey", "{}", reply.text);

    browser.make_codes().await;
    let reply = browser.call("remove_passkey", &json!({ "id": id })).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let reply = browser.call("remove_recovery_codes", &json!({})).await;
    assert_eq!(reply.code(), "no_passkey_left", "{}", reply.text);
}

#[tokio::test]
async fn a_stranded_passkey_goes_where_another_one_works() {
    let (site, mut works) = site_of_ada().await;
    let mut browser = signed_in(&site, &mut works).await;
    let id = id_of_first_passkey(&mut browser).await;
    assert_eq!(add_passkey(&mut browser, &mut Authenticator::new(2)).await.status, StatusCode::OK);
    let update = "update credentials set rp_id = 'before.example' where credential_id = $1";
    let query = sql::query(update).bind(&works.credential_id);
    query.execute(site.site.passkeys.database().writer()).await.expect("it is done");
    let reply = browser.call("remove_passkey", &json!({ "id": id })).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
}
