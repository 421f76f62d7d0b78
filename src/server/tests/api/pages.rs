//! The door for pages of other sites: who may read what, and how little it says.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, ORIGIN};
use axum::http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use super::super::authenticator::{Authenticator, Lies};
use super::super::{Reply, TestSite};
use super::{BackEnd, SHOP, assert_problem};
use crate::server::passkeys::Binding;

/// The path below the relying party, and the options.
fn begun(reply: &Reply, kind: &str) -> (String, Value) {
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
    let id = reply.json()["id"].as_str().expect("an id").to_owned();
    (format!("{kind}/{id}/verify"), reply.json()["publicKey"].clone())
}

async fn begin_authentication(shop: &BackEnd<'_>) -> (String, Value) {
    let asked = json!({ "mediation": "conditional" });
    begun(&shop.page("authentications", Some(SHOP), &asked).await, "authentications")
}

async fn token_for(shop: &BackEnd<'_>, user: &str) -> Value {
    let asked = json!({ "user": { "externalId": user, "name": "ada@example.com" } });
    let reply = shop.post("/v1/registration-tokens", &asked).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
    json!({ "token": reply.json()["token"] })
}

#[tokio::test]
async fn a_page_adds_a_passkey_and_signs_in_with_it() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let token = token_for(&shop, "ada").await;
    let reply = shop.page("registrations", Some(SHOP), &token).await;
    let (verify, options) = begun(&reply, "registrations");
    assert_eq!(options["user"]["name"], "ada@example.com");
    let mut passkey = Authenticator::new(1);
    let answer = json!({ "response": passkey.create(SHOP, &options), "name": "Phone" });
    let reply = shop.page(&verify, Some(SHOP), &answer).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let claims = shop.post("/v1/tokens/verify", &reply.json()).await.json();
    assert_eq!(claims["sub"], "ada");
    assert_eq!(claims["purpose"], "registration");

    let (verify, options) = begin_authentication(&shop).await;
    assert_eq!(options["allowCredentials"].as_array().map_or(0, Vec::len), 0);
    let answer = json!({ "response": passkey.get(SHOP, &options) });
    let reply = shop.page(&verify, Some(SHOP), &answer).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    assert_eq!(reply.json().as_object().map(serde_json::Map::len), Some(1), "the token alone");
    assert_eq!(reply.header("set-cookie"), "");
    let claims = shop.post("/v1/tokens/verify", &reply.json()).await.json();
    assert_eq!((&claims["sub"], &claims["purpose"]), (&json!("ada"), &json!("authentication")));
}

#[tokio::test]
async fn a_registration_token_adds_one_passkey() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let token = token_for(&shop, "ada").await;
    // Whoever cancels can press again.
    let begin = async || shop.page("registrations", Some(SHOP), &token).await;
    let (first, first_options) = begun(&begin().await, "registrations");
    let (second, second_options) = begun(&begin().await, "registrations");
    let answer = json!({ "response": Authenticator::new(1).create(SHOP, &first_options) });
    assert_eq!(shop.page(&first, Some(SHOP), &answer).await.status, StatusCode::OK);
    let answer = json!({ "response": Authenticator::new(2).create(SHOP, &second_options) });
    assert_problem(&shop.page(&second, Some(SHOP), &answer).await, 409, "token_already_used");
    assert_problem(&begin().await, 409, "token_already_used");
    assert_eq!(site.count_passkeys("credentials").await, 1);
    let late = token_for(&shop, "ada").await;
    site.pass_seconds(300);
    let reply = shop.page("registrations", Some(SHOP), &late).await;
    assert_problem(&reply, 409, "token_already_used");
    // A foreign one looks like one that never was.
    let other = token_for(&BackEnd::of(&site).await, "ada").await;
    for token in [other, json!({ "token": "rt_x.e30" }), json!({ "token": "" })] {
        let reply = shop.page("registrations", Some(SHOP), &token).await;
        assert_problem(&reply, 404, "not_found");
    }
}

#[tokio::test]
async fn only_listed_origins_are_answered() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    for origin in [
        "http://localhost:9001",
        "https://localhost:9000",
        "http://LOCALHOST:9000",
        "http://localhost:9000/",
        "http://evil.localhost:9000",
        "http://localhost:8080",
        "null",
        "",
    ] {
        let reply = shop.page("authentications", Some(origin), &json!({})).await;
        assert_problem(&reply, 403, "origin_not_allowed");
        assert_eq!(reply.header("access-control-allow-origin"), "", "{origin}");
        assert!(reply.header("vary").to_lowercase().contains("origin"));
    }
    assert_problem(
        &shop.page("authentications", None, &json!({})).await,
        403,
        "origin_not_allowed",
    );
    assert_eq!(site.count_passkeys("ceremonies").await, 0);
    let reply = shop.page("authentications", Some(SHOP), &json!({})).await;
    assert_eq!(reply.header("access-control-allow-origin"), SHOP);
    assert_eq!(reply.header("access-control-allow-credentials"), "");
    assert_eq!(
        reply.header("access-control-expose-headers"),
        "retry-after,ratelimit,ratelimit-policy,x-request-id"
    );
    assert!(reply.header("vary").to_lowercase().contains("origin"));
}

#[tokio::test]
async fn a_browser_may_ask_first() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let ask = async |origin: &str| {
        let path = format!("/client/v1/{}/authentications", shop.party);
        let request = Request::builder().method(Method::OPTIONS).uri(path).header(ORIGIN, origin);
        let request = request.header("access-control-request-method", "POST");
        let request = request.header("access-control-request-headers", "content-type");
        site.answer(request.body(Body::empty()).expect("a request")).await
    };
    let reply = ask(SHOP).await;
    assert!(reply.status.is_success());
    assert_eq!(reply.header("access-control-allow-origin"), SHOP);
    assert_eq!(reply.header("access-control-allow-methods"), "POST");
    assert_eq!(reply.header("access-control-allow-headers"), "content-type");
    assert_eq!(reply.header("access-control-max-age"), "600");
    assert_eq!(ask("https://evil.example").await.header("access-control-allow-origin"), "");
    // Other than as JSON, which makes a browser ask, nothing is taken.
    let path = format!("/client/v1/{}/authentications", shop.party);
    let request = Request::builder().method(Method::POST).uri(path).header(ORIGIN, SHOP);
    let request = request.header(CONTENT_TYPE, "text/plain").body(Body::from("{}"));
    let reply = site.answer(request.expect("a request")).await;
    assert_problem(&reply, 415, "unsupported_media_type");
}

#[tokio::test]
async fn every_refused_answer_looks_the_same() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let mut passkey = shop.passkey_of("ada", 1).await;
    let mut stranger = Authenticator::new(9);
    stranger.user_handle = passkey.user_handle.clone();
    let honest = Lies::default;
    let lies = [
        Lies { signature: Some(vec![0x30, 0]), ..honest() },
        Lies { challenge: Some("AAAA".into()), ..honest() },
        Lies { user_handle: Some(Some(vec![9; 32])), ..honest() },
        Lies { origin: Some("http://localhost:8080".into()), ..honest() },
    ];
    let mut told = Vec::new();
    for lie in lies {
        let (verify, options) = begin_authentication(&shop).await;
        let answer = json!({ "response": passkey.get_lying(SHOP, &options, &lie) });
        told.push(shop.page(&verify, Some(SHOP), &answer).await);
    }
    let (verify, options) = begin_authentication(&shop).await;
    let answer = json!({ "response": stranger.get(SHOP, &options) });
    let unknown = shop.page(&verify, Some(SHOP), &answer).await;
    assert_problem(&unknown, 422, "refused");
    assert_eq!(unknown.json()["signal"]["credentialId"], stranger.id());
    let without_ids = |reply: &Reply| {
        let mut problem = reply.json();
        for member in ["requestId", "instance", "reference", "signal"] {
            problem.as_object_mut().expect("an object").remove(member);
        }
        problem
    };
    for reply in told {
        assert_problem(&reply, 422, "refused");
        assert_eq!(without_ids(&reply), without_ids(&unknown));
        assert_eq!(reply.json()["signal"], json!(null));
    }
    // Over, used and never begun look the same as well.
    let (used, options) = begin_authentication(&shop).await;
    let answer = json!({ "response": passkey.get(SHOP, &options) });
    assert_eq!(shop.page(&used, Some(SHOP), &answer).await.status, StatusCode::OK);
    let (over, _) = begin_authentication(&shop).await;
    site.pass_seconds(300);
    for path in [used.as_str(), over.as_str(), "authentications/auth_x/verify"] {
        let reply = shop.page(path, Some(SHOP), &answer).await;
        assert_problem(&reply, 410, "ceremony_expired");
    }
}

/// Ceremonies that pages at this address have begun.
async fn flood(site: &TestSite, shop: &BackEnd<'_>, address: &str, count: usize) {
    let party = site.site.passkeys.relying_party(&shop.party).await.expect("an answer");
    let (party, binding) =
        (party.expect("it is there"), Binding::to_pages("192.0.2.0/24", address));
    for _ in 0..count {
        let begun = site.site.passkeys.begin_authentication(&party, &binding).await;
        begun.expect("it begins");
    }
}

#[tokio::test]
async fn a_flood_of_one_address_costs_nobody_else_a_ceremony() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let mut passkey = shop.passkey_of("ada", 1).await;
    let (of_back_end, options) = shop.begin_authentication(&json!({})).await;
    let (first, first_options) = begin_authentication(&shop).await;
    site.pass_seconds(1);
    flood(&site, &shop, "192.0.2.1", 730).await;
    assert_eq!(site.count_passkeys("ceremonies").await, 723, "720, and what others have begun");
    let answer = json!({ "response": passkey.get(SHOP, &first_options) });
    let reply = shop.page(&first, Some(SHOP), &answer).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let reply = shop.verify(&of_back_end, &passkey.get(SHOP, &options)).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
}

#[tokio::test]
async fn the_two_doors_do_not_open_each_other_s_ceremonies() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let mut passkey = shop.passkey_of("ada", 1).await;
    let (ceremony, options) = shop.begin_authentication(&json!({})).await;
    let answer = json!({ "response": passkey.get(SHOP, &options) });
    let here = format!("{}/verify", ceremony.trim_start_matches("/v1/"));
    assert_problem(&shop.page(&here, Some(SHOP), &answer).await, 410, "ceremony_expired");
    let (verify, options) = begin_authentication(&shop).await;
    let answer = json!({ "response": passkey.get(SHOP, &options) });
    assert_problem(&shop.post(&format!("/v1/{verify}"), &answer).await, 404, "not_found");
    assert_eq!(shop.page(&verify, Some(SHOP), &answer).await.status, StatusCode::OK);
}
