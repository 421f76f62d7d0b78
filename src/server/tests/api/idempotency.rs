//! The same request twice is done once.

use axum::http::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::super::TestSite;
use super::{BackEnd, assert_problem, begun};
use crate::server::passkeys::{Attempt, Once};

fn ada() -> Value {
    json!({ "user": { "externalId": "ada", "name": "ada@example.com" } })
}

#[tokio::test]
async fn a_retry_gets_the_first_reply() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let first = shop.post_once("/v1/registrations", &ada(), "one").await;
    let (ceremony, _) = begun(&first);
    assert_eq!(first.header("idempotency-replayed"), "");
    let again = shop.post_once("/v1/registrations", &ada(), "one").await;
    assert_eq!(again.status, StatusCode::CREATED);
    assert_eq!(again.text, first.text);
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.header("location"), ceremony);
    assert_eq!(again.header("content-type"), "application/json");
    assert_eq!(site.count_passkeys("ceremonies").await, 1);
    let other = shop.post_once("/v1/registrations", &ada(), "two").await;
    assert_ne!(begun(&other).0, ceremony);
    let request = shop.request_with(axum::http::Method::POST, "/v1/registrations", "bearer ");
    let request =
        request.header("idempotency-key", "one").header("content-type", "application/json");
    let request = request.body(axum::body::Body::from(ada().to_string())).expect("a request");
    assert_eq!(
        site.answer(request).await.text,
        first.text,
        "the scheme may be written as one likes"
    );
    let another = json!({ "user": { "externalId": "eve", "name": "eve" } });
    let reused = shop.post_once("/v1/registrations", &another, "one").await;
    assert_problem(&reused, 422, "idempotency_key_reused");
    let reused = shop.post_once("/v1/registration-tokens", &ada(), "one").await;
    assert_problem(&reused, 422, "idempotency_key_reused");
    site.pass_seconds(24 * 3600);
    let later = shop.post_once("/v1/registrations", &another, "one").await;
    assert_eq!(later.status, StatusCode::CREATED, "after a day the name is free");
}

#[tokio::test]
async fn a_retry_while_the_first_is_under_way_waits() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let (path, body) = ("/v1/registration-tokens", ada());
    let party = site.site.passkeys.relying_party(&shop.party).await.expect("an answer");
    let asked = Sha256::digest(format!("POST\0{path}\0{body}")).to_vec();
    let key = shop.key.split('_').nth(1).expect("an id").to_owned();
    let first = Attempt { key, name: "one".to_owned(), asked };
    let begun = site.site.passkeys.once(&party.expect("it is there"), &first).await;
    assert_eq!(begun.expect("an answer"), Once::First);
    let retry = shop.post_once(path, &body, "one").await;
    assert_problem(&retry, 409, "idempotency_in_progress");
    assert_eq!(retry.header("retry-after"), "1");
    assert_eq!(site.count_passkeys("registration_tokens").await, 0);
    let another = json!({ "user": { "externalId": "eve", "name": "eve" } });
    let another = shop.post_once(path, &another, "one").await;
    assert_problem(&another, 422, "idempotency_key_reused");
    // Whatever was cut off is not waited for without end.
    site.pass_seconds(60);
    assert_eq!(shop.post_once(path, &body, "one").await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn of_many_retries_at_once_one_does_something() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let body = ada();
    let tries = futures::future::join_all(
        (0..6).map(|_| shop.post_once("/v1/registration-tokens", &body, "one")),
    );
    let replies = tries.await;
    assert_eq!(site.count_passkeys("registration_tokens").await, 1);
    for reply in &replies {
        if reply.status != StatusCode::CREATED {
            assert_problem(reply, 409, "idempotency_in_progress");
        }
    }
}

#[tokio::test]
async fn a_refused_request_does_not_use_up_its_name() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let wrong = shop.post_once("/v1/registrations", &json!({}), "one").await;
    assert_problem(&wrong, 422, "validation_failed");
    let right = shop.post_once("/v1/registrations", &ada(), "one").await;
    assert_eq!(right.status, StatusCode::CREATED, "{}", right.text);
    let none = shop.post_once("/v1/registrations", &ada(), "").await;
    assert_eq!(none.json()["errors"][0]["pointer"], "/Idempotency-Key");
}

#[tokio::test]
async fn names_of_requests_are_each_key_s_own() {
    let site = TestSite::new().await;
    let (shop, other) = (BackEnd::of(&site).await, BackEnd::of(&site).await);
    let first = shop.post_once("/v1/registrations", &ada(), "one").await;
    let second = other.post_once("/v1/registrations", &ada(), "one").await;
    assert_eq!(second.header("idempotency-replayed"), "");
    assert_ne!(begun(&first).0, begun(&second).0);
}

#[tokio::test]
async fn kept_replies_hold_no_names_in_the_database() {
    let folder = tempfile::tempdir().expect("a folder");
    let site = TestSite::in_folder(folder.path()).await;
    let shop = BackEnd::of(&site).await;
    let user = json!({ "externalId": "107fb578", "name": "lovelace@example.com", "displayName": "Countess Ada" });
    let asked = json!({ "user": user });
    let token = shop.post_once("/v1/registration-tokens", &asked, "token-name").await;
    begun(&shop.post_once("/v1/registrations", &asked, "request-name").await);
    let token = token.json()["token"].as_str().expect("a token").to_owned();
    let secret = shop.key.splitn(3, '_').nth(2).expect("a secret").to_owned();
    site.site.close().await;
    for name in ["passkeys.db", "passkeys.db-wal"] {
        let Ok(bytes) = std::fs::read(folder.path().join(name)) else { continue };
        for text in ["lovelace", "Countess", "token-name", "request-name", &token[..40], &secret] {
            let found = bytes.windows(text.len()).any(|window| window == text.as_bytes());
            assert!(!found, "{text} stands in {name}");
        }
    }
}
