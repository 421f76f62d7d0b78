//! Tokens as back ends see them.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::super::TestSite;
use super::{BackEnd, assert_problem};

fn claims(token: &str) -> Value {
    let body = token.split('.').nth(1).expect("three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).expect("base64url")).expect("JSON")
}

#[tokio::test]
async fn a_token_says_who_somebody_is_and_once() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let mut passkey = shop.passkey_of("ada", 1).await;
    let reply = shop.authenticate(&mut passkey).await;
    let token = reply.json()["token"].clone();
    let said = claims(token.as_str().expect("a token"));
    assert_eq!(said["iss"], "http://localhost:8080");
    assert_eq!(said["aud"], shop.party.as_str());
    assert_eq!(said["sub"], "ada");
    assert_eq!(said["purpose"], "authentication");
    assert_eq!(said["cred"], passkey.id());
    assert_eq!(said["exp"].as_i64(), said["iat"].as_i64().map(|iat| iat + 120));
    let verify = async || shop.post("/v1/tokens/verify", &json!({ "token": token })).await;
    let verified = verify().await;
    assert_eq!(verified.status, StatusCode::OK, "{}", verified.text);
    assert_eq!(verified.json(), said);
    assert_problem(&verify().await, 409, "token_already_used");
}

#[tokio::test]
async fn a_token_is_for_one_relying_party_and_two_minutes() {
    let site = TestSite::new().await;
    let (shop, other) = (BackEnd::of(&site).await, BackEnd::of(&site).await);
    let mut passkey = shop.passkey_of("ada", 1).await;
    let token = json!({ "token": shop.authenticate(&mut passkey).await.json()["token"] });
    let elsewhere = other.post("/v1/tokens/verify", &token).await;
    assert_problem(&elsewhere, 422, "validation_failed");
    assert_eq!(elsewhere.json()["errors"][0]["pointer"], "/token");
    site.pass_seconds(120);
    assert_problem(&shop.post("/v1/tokens/verify", &token).await, 422, "validation_failed");
    let nonsense = json!({ "token": "a.b.c" });
    assert_problem(&shop.post("/v1/tokens/verify", &nonsense).await, 422, "validation_failed");
}

#[tokio::test]
async fn a_token_of_a_removed_user_is_worth_nothing() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let mut passkey = shop.passkey_of("ada", 1).await;
    let token = json!({ "token": shop.authenticate(&mut passkey).await.json()["token"] });
    shop.delete("/v1/users/ada").await;
    assert_problem(&shop.post("/v1/tokens/verify", &token).await, 422, "validation_failed");
}

#[tokio::test]
async fn keys_are_published_through_a_rotation() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let mut passkey = shop.passkey_of("ada", 1).await;
    let before = json!({ "token": shop.authenticate(&mut passkey).await.json()["token"] });
    site.site.passkeys.rotate_signing_key().await.expect("it rotates");
    let after = json!({ "token": shop.authenticate(&mut passkey).await.json()["token"] });
    let keys = shop.get("/.well-known/jwks.json").await;
    assert_eq!(keys.header("cache-control"), "public, max-age=300");
    assert_eq!(keys.json()["keys"].as_array().map(Vec::len), Some(2));
    for token in [before, after] {
        let reply = shop.post("/v1/tokens/verify", &token).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    }
}
