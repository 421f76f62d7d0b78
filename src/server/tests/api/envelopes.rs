//! What stands around a ceremony: bodies, headers, ids of requests, limits.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use super::super::{Reply, TestSite};
use super::{BackEnd, assert_problem};

const BEGIN: &str = "/v1/registrations";

fn user() -> Value {
    json!({ "externalId": "ada", "name": "ada@example.com" })
}

#[tokio::test]
async fn what_does_not_fit_is_named_by_a_pointer() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let with = |member: &str, value: Value| {
        let mut user = user();
        user[member] = value;
        json!({ "user": user })
    };
    let wrong = [
        (json!({}), ""),
        (json!([]), ""),
        (json!({ "user": user(), "colour": "red" }), "/colour"),
        (json!({ "user": user(), "a/b~c": 1 }), "/a~1b~0c"),
        (with("age", json!(36)), "/user/age"),
        (with("externalId", json!("")), "/user/externalId"),
        (with("externalId", json!("é".repeat(33))), "/user/externalId"),
        (with("externalId", json!("a\u{0}b")), "/user/externalId"),
        (with("externalId", json!(7)), "/user/externalId"),
        (with("name", json!("x".repeat(257))), "/user/name"),
        (with("name", json!("")), "/user/name"),
        (with("displayName", json!("x".repeat(257))), "/user/displayName"),
        (with("userHandle", json!("AAAA=")), "/user/userHandle"),
        (with("userHandle", json!(null)), "/user/userHandle"),
        (with("userHandle", json!("A".repeat(88))), "/user/userHandle"),
        (json!({ "user": user(), "hints": ["telepathy"] }), "/hints/0"),
        (json!({ "user": user(), "hints": null }), "/hints"),
        (json!({ "user": user(), "hints": ["hybrid", "hybrid", "hybrid", "hybrid"] }), "/hints"),
        (json!({ "user": ["ada", "ada@example.com", null, null] }), "/user"),
        (json!([user()]), ""),
    ];
    for (body, pointer) in wrong {
        let reply = shop.post(BEGIN, &body).await;
        assert_problem(&reply, 422, "validation_failed");
        assert_eq!(reply.json()["errors"][0]["pointer"], pointer, "{body}");
        assert!(!reply.json()["errors"][0]["detail"].as_str().expect("a text").is_empty());
    }
    // A user of whom only a wrong body was sent is unknown.
    assert_problem(&shop.get("/v1/users/ada/credentials").await, 404, "not_found");
}

#[tokio::test]
async fn a_body_must_be_json_of_a_sensible_length() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    for body in ["", "{", "{\"user\": }", "nonsense", "{} {}", "\u{feff}{}"] {
        assert_problem(
            &shop.post_text(BEGIN, "application/json", body).await,
            400,
            "malformed_json",
        );
    }
    let deep = format!("{{\"user\": {}", "[".repeat(60_000));
    assert_problem(&shop.post_text(BEGIN, "application/json", &deep).await, 400, "malformed_json");
    let long = json!({ "user": "x".repeat(70_000) }).to_string();
    assert_problem(
        &shop.post_text(BEGIN, "application/json", &long).await,
        413,
        "payload_too_large",
    );
    let body = json!({ "user": user() }).to_string();
    for content_type in ["text/plain", "application/merge-patch+json", "application/jsonx", ""] {
        let reply = shop.post_text(BEGIN, content_type, &body).await;
        assert_problem(&reply, 415, "unsupported_media_type");
    }
    let encoded = async |coding: &str| {
        let request = shop.request(Method::POST, BEGIN).header(CONTENT_TYPE, "application/json");
        let request = request.header("content-encoding", coding);
        site.answer(request.body(Body::from(body.clone())).expect("a request")).await
    };
    for coding in ["gzip", "identity, br", "zip"] {
        let reply = encoded(coding).await;
        assert_problem(&reply, 415, "unsupported_media_type");
        assert_eq!(reply.header("accept-encoding"), "identity", "what would fit");
    }
    assert_eq!(encoded("identity").await.status, StatusCode::CREATED);
    let reply = shop.post_text(BEGIN, "Application/JSON; charset=utf-8", &body).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
    let reply = shop.post_text("/v1/credentials/AAAA", "application/json", "{}").await;
    assert_problem(&reply, 405, "method_not_allowed");
}

#[tokio::test]
async fn inside_webauthn_objects_unknown_members_are_ignored() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let mut passkey = shop.passkey_of("ada", 1).await;
    let (ceremony, options) = shop.begin_authentication(&json!({})).await;
    let mut answer = passkey.get(shop.origin, &options);
    answer["future"] = json!({ "of": "WebAuthn" });
    answer["response"]["level4"] = json!(true);
    let reply = shop.verify(&ceremony, &answer).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    // Two members of one name have no meaning.
    let (ceremony, options) = shop.begin_authentication(&json!({})).await;
    let answer = passkey.get(shop.origin, &options).to_string();
    let twice = answer.replacen('{', "{\"type\":\"public-key\",", 1);
    let body = format!("{{\"response\":{twice}}}");
    let reply = shop.post_text(&format!("{ceremony}/verify"), "application/json", &body).await;
    assert_problem(&reply, 422, "malformed_response");
}

#[tokio::test]
async fn the_id_of_a_request_is_echoed() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let ask = async |id: &str| {
        let request = shop.request(Method::GET, "/v1/events").header("x-request-id", id);
        site.answer(request.body(Body::empty()).expect("a request")).await
    };
    assert_eq!(ask("order-7").await.header("x-request-id"), "order-7");
    let long = "x".repeat(129);
    let given = ask(&long).await;
    assert!(!given.header("x-request-id").is_empty());
    assert_ne!(given.header("x-request-id"), long);
    let first = shop.get("/v1/events").await;
    assert_ne!(first.header("x-request-id"), shop.get("/v1/events").await.header("x-request-id"));
}

#[tokio::test]
async fn what_is_not_there_says_so_in_the_same_form() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let nowhere =
        ["/v1", "/v1/", "/v1/nothing", "/v1/registrations/x/y/z", "/client/v1", "/client/v1/x"];
    for path in nowhere.into_iter().chain(["/client/v1/", "/client/v1/x/", "/v1/users/ada"]) {
        let reply = shop.get(path).await;
        let wanted = if path == "/v1/users/ada" { 405 } else { 404 };
        assert_eq!(reply.status.as_u16(), wanted, "{path}");
        assert_eq!(reply.header("content-type"), "application/problem+json", "{path}");
    }
    let reply = shop.get("/v1/registrations").await;
    assert_problem(&reply, 405, "method_not_allowed");
    assert_eq!(reply.header("allow"), "POST");
}

/// That nothing is left of this limit, and when there is something again.
#[track_caller]
fn assert_used_up(reply: &Reply, name: &str, policy: &str) -> u64 {
    assert_problem(reply, 429, "rate_limited");
    assert_eq!(reply.header("ratelimit-policy"), format!("\"{name}\";{policy}"));
    let seconds = reply.header("retry-after");
    assert_eq!(reply.header("ratelimit"), format!("\"{name}\";r=0;t={seconds}"));
    seconds.parse().expect("seconds")
}

#[tokio::test]
async fn a_key_has_its_own_limit_and_says_what_is_left() {
    let site = TestSite::with(&[("KEYFOLD_API_CALLS_PER_MINUTE", "3")]).await;
    let (shop, other) = (BackEnd::of(&site).await, BackEnd::of(&site).await);
    for left in [2, 1, 0] {
        let reply = shop.get("/v1/events").await;
        assert_eq!(reply.status, StatusCode::OK);
        assert_eq!(reply.header("ratelimit-policy"), "\"key\";q=3;w=60");
        assert!(reply.header("ratelimit").starts_with(&format!("\"key\";r={left};t=")));
    }
    let reply = shop.get("/v1/events").await;
    let seconds = assert_used_up(&reply, "key", "q=3;w=60");
    assert!((1..=21).contains(&seconds), "{seconds}");
    assert_eq!(other.get("/v1/events").await.status, StatusCode::OK, "another key has its own");
}

#[tokio::test]
async fn guesses_at_keys_are_counted_and_a_good_key_is_let_in_all_the_same() {
    let site = TestSite::with(&[("KEYFOLD_FAILURES_PER_ADDRESS", "3")]).await;
    let shop = BackEnd::of(&site).await;
    let guess = async || {
        let request = Request::builder().uri("/v1/events").header("authorization", "Bearer kf_a_b");
        site.answer(request.body(Body::empty()).expect("a request")).await
    };
    for _ in 0..3 {
        assert_problem(&guess().await, 401, "unauthenticated");
    }
    assert_used_up(&guess().await, "failures", "q=3;w=300");
    assert_eq!(shop.get("/v1/events").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_page_is_limited_by_its_address() {
    let site = TestSite::with(&[("KEYFOLD_BEGINS_PER_MINUTE", "2")]).await;
    let shop = BackEnd::of(&site).await;
    let begin = async || shop.page("authentications", Some(super::SHOP), &json!({})).await;
    let reply = begin().await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
    assert_eq!(reply.header("ratelimit-policy"), "\"address\";q=2;w=60");
    // One that fails counts as well, and says so.
    let nonsense = json!({ "token": "rt_x.e30" });
    let reply = shop.page("registrations", Some(super::SHOP), &nonsense).await;
    assert_problem(&reply, 404, "not_found");
    assert_eq!(reply.header("ratelimit-policy"), "\"address\";q=2;w=60");
    assert!(reply.header("ratelimit").starts_with("\"address\";r=0;t="));
    let reply = begin().await;
    assert_used_up(&reply, "address", "q=2;w=60");
    assert_eq!(reply.header("access-control-allow-origin"), super::SHOP, "the page can read it");
    // The back end is not held up by what its pages do.
    assert_eq!(shop.post("/v1/authentications", &json!({})).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn refused_answers_of_pages_are_limited_by_address() {
    let site = TestSite::with(&[("KEYFOLD_FAILURES_PER_ADDRESS", "1")]).await;
    let shop = BackEnd::of(&site).await;
    let answer = json!({ "response": {} });
    let verify =
        async || shop.page("authentications/auth_x/verify", Some(super::SHOP), &answer).await;
    assert_problem(&verify().await, 410, "ceremony_expired");
    assert_used_up(&verify().await, "failures", "q=1;w=300");
}

#[tokio::test]
async fn the_content_type_of_a_change_is_merge_patch() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let passkey = shop.passkey_of("ada", 1).await;
    let path = format!("/v1/credentials/{}", passkey.id());
    let request = shop.request(Method::PATCH, &path).header(CONTENT_TYPE, "application/json");
    let request = request.body(Body::from("{\"name\":\"x\"}")).expect("a request");
    assert_problem(&site.answer(request).await, 415, "unsupported_media_type");
}
