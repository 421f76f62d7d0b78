//! Two relying parties trying to reach into each other: what is one's is not there for the other.

use axum::http::StatusCode;
use serde_json::json;

use super::super::TestSite;
use super::super::authenticator::Authenticator;
use super::{BackEnd, SHOP, assert_problem};

const OTHER: &str = "http://localhost:9001";

#[tokio::test]
async fn nothing_of_one_is_there_for_the_other() {
    let site = TestSite::new().await;
    let (shop, other) = (BackEnd::of(&site).await, BackEnd::at(&site, OTHER).await);
    let mut passkey = shop.passkey_of("ada", 1).await;
    let credential = format!("/v1/credentials/{}", passkey.id());
    for path in ["/v1/users/ada/credentials", "/v1/users/ada/signals", &credential] {
        assert_problem(&other.get(path).await, 404, "not_found");
    }
    assert_problem(&other.delete("/v1/users/ada").await, 404, "not_found");
    assert_problem(&other.delete(&credential).await, 404, "not_found");
    assert_problem(&other.patch(&credential, &json!({ "name": "mine" })).await, 404, "not_found");
    let ask = json!({ "externalId": "ada" });
    assert_problem(&other.post("/v1/authentications", &ask).await, 404, "no_passkeys");
    assert_eq!(other.get("/v1/events").await.json()["data"], json!([]));

    let (registration, options) = shop.begin_registration("eve").await;
    let answer = Authenticator::new(2).create(SHOP, &options);
    assert_problem(&other.verify(&registration, &answer).await, 404, "not_found");
    let (authentication, options) = shop.begin_authentication(&json!({})).await;
    let answer = passkey.get(SHOP, &options);
    assert_problem(&other.verify(&authentication, &answer).await, 404, "not_found");
    // The tries of the other have used nothing up.
    let reply = shop.verify(&authentication, &answer).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    assert_eq!(shop.get(&credential).await.json()["name"], json!(null));
}

#[tokio::test]
async fn a_passkey_of_one_signs_nobody_in_at_the_other() {
    let site = TestSite::new().await;
    let (shop, other) = (BackEnd::of(&site).await, BackEnd::at(&site, OTHER).await);
    let mut passkey = shop.passkey_of("ada", 1).await;
    let mut own = other.passkey_of("ada", 2).await;
    // Both have the same RP ID: a browser would offer the passkey at both.
    let (ceremony, options) = other.begin_authentication(&json!({})).await;
    let reply = other.verify(&ceremony, &passkey.get(OTHER, &options)).await;
    assert_problem(&reply, 422, "unknown_credential");
    // Browsers forget by RP ID: told that it is unknown, they would take it from the shop as well.
    assert_eq!(reply.json()["signal"], json!(null));
    let (ceremony, options) = other.begin_authentication(&json!({})).await;
    let reply = other.verify(&ceremony, &own.get(SHOP, &options)).await;
    assert_problem(&reply, 422, "origin_mismatch");
    // One credential may be registered at both, and is two passkeys.
    let mut copy = passkey.clone();
    assert_eq!(other.register("bob", &mut copy).await.status, StatusCode::OK);
    assert_eq!(shop.authenticate(&mut passkey).await.json()["externalId"], "ada");
    assert_eq!(other.authenticate(&mut copy).await.json()["externalId"], "bob");
    other.delete(&format!("/v1/credentials/{}", copy.id())).await;
    assert_eq!(shop.authenticate(&mut passkey).await.status, StatusCode::OK);
}

#[tokio::test]
async fn pages_of_one_are_strangers_at_the_other() {
    let site = TestSite::new().await;
    let (shop, other) = (BackEnd::of(&site).await, BackEnd::at(&site, OTHER).await);
    let reply = shop.page("authentications", Some(OTHER), &json!({})).await;
    assert_problem(&reply, 403, "origin_not_allowed");
    let begun = shop.page("authentications", Some(SHOP), &json!({})).await.json();
    let path = format!("authentications/{}/verify", begun["id"].as_str().expect("an id"));
    let answer = json!({ "response": {} });
    assert_problem(&other.page(&path, Some(OTHER), &answer).await, 410, "ceremony_expired");
    assert_problem(&shop.page(&path, Some(SHOP), &answer).await, 422, "refused");
}

#[tokio::test]
async fn keyfold_s_own_people_and_passkeys_are_not_there_either() {
    let site = TestSite::new().await;
    let shop = BackEnd::at(&site, "http://localhost:8080").await;
    let mut passkey = Authenticator::new(1);
    site.browser().sign_up("ada", &mut passkey).await;
    assert_problem(&shop.get(&format!("/v1/credentials/{}", passkey.id())).await, 404, "not_found");
    let reply = shop.authenticate(&mut passkey).await;
    assert_problem(&reply, 422, "unknown_credential");
    assert_eq!(reply.json()["signal"], json!(null));
    let (ceremony, options) = site.browser().begin_sign_in().await;
    let answer = passkey.get(site.origin, &options);
    let path = format!("/v1/authentications/{ceremony}");
    assert_problem(&shop.verify(&path, &answer).await, 404, "not_found");
}

#[tokio::test]
async fn a_removed_relying_party_takes_everything_with_it() {
    let site = TestSite::new().await;
    let (shop, other) = (BackEnd::of(&site).await, BackEnd::at(&site, OTHER).await);
    shop.passkey_of("ada", 1).await;
    let mut own = other.passkey_of("ada", 2).await;
    shop.post_once(
        "/v1/registration-tokens",
        &json!({ "user": { "externalId": "ada", "name": "a" } }),
        "x",
    )
    .await;
    shop.begin_authentication(&json!({})).await;
    let removed = site.site.passkeys.remove_relying_party(&shop.party).await;
    assert_eq!(removed.expect("it is removed"), Some(1));
    assert_problem(&shop.get("/v1/events").await, 401, "unauthenticated");
    let reply = shop.page("authentications", Some(SHOP), &json!({})).await;
    assert_problem(&reply, 404, "not_found");
    assert_eq!(other.authenticate(&mut own).await.status, StatusCode::OK);
    for table in ["users", "credentials", "registration_tokens", "idempotent_requests"] {
        let left = i64::from(matches!(table, "users" | "credentials"));
        assert_eq!(site.count_passkeys(table).await, left, "{table}");
    }
}
