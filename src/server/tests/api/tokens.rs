//! Tokens as back ends see them.

use axum::body::Body;
use axum::http::{Request, StatusCode};
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
    // To another relying party there is no such token, and asking uses it up for nobody.
    assert_problem(&other.post("/v1/tokens/verify", &token).await, 404, "not_found");
    let reply = shop.post("/v1/tokens/verify", &token).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let token = json!({ "token": shop.authenticate(&mut passkey).await.json()["token"] });
    site.pass_seconds(120);
    let late = shop.post("/v1/tokens/verify", &token).await;
    assert_problem(&late, 422, "validation_failed");
    assert_eq!(late.json()["errors"][0]["pointer"], "/token");
    assert_problem(&other.post("/v1/tokens/verify", &token).await, 404, "not_found");
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
    let known = shop.get("/.well-known/jwks.json").await;
    // A copy is good for as long as it is asked about: then no cache hides a new key.
    assert_eq!(known.header("cache-control"), "no-cache");
    let ask = async |tags: &str| {
        let request =
            Request::builder().uri("/.well-known/jwks.json").header("if-none-match", tags);
        site.answer(request.body(Body::empty()).expect("a request")).await
    };
    let tag = known.header("etag");
    for tags in [tag, &format!("W/{tag}"), &format!("\"x\", {tag}"), "*"] {
        let reply = ask(tags).await;
        assert_eq!((reply.status, reply.text.as_str()), (StatusCode::NOT_MODIFIED, ""), "{tags}");
        assert_eq!((reply.header("etag"), reply.header("cache-control")), (tag, "no-cache"));
    }
    assert_eq!(ask("\"x\"").await.text, known.text);
    site.site.passkeys.rotate_signing_key().await.expect("it rotates");
    let after = json!({ "token": shop.authenticate(&mut passkey).await.json()["token"] });
    let keys = ask(tag).await;
    assert_ne!(keys.header("etag"), tag);
    assert_eq!(keys.header("content-type"), "application/json");
    assert_eq!(keys.json()["keys"].as_array().map(Vec::len), Some(2));
    for token in [before, after] {
        let reply = shop.post("/v1/tokens/verify", &token).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    }
}
