//! The description of the API, and the pages beside it.

use std::collections::BTreeSet;
use std::path::Path;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::super::TestSite;
use super::BackEnd;

/// What anybody may read.
const OPEN: [&str; 2] = ["/v1/openapi.json", "/.well-known/jwks.json"];

/// The file that is checked in, so that a change of the API is seen where it is made.
const SNAPSHOT: &str = include_str!("../../api/openapi.json");

#[tokio::test]
async fn the_description_is_the_one_that_is_checked_in() {
    let site = TestSite::new().await;
    let served = site.browser().get("/v1/openapi.json").await;
    assert_eq!(served.status, StatusCode::OK);
    if served.text.trim() != SNAPSHOT.trim() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        std::fs::write(root.join("target/openapi.json"), &served.text).expect("it can be written");
        panic!("the API has changed; if it should: cp target/openapi.json src/server/api/");
    }
    let document = served.json();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["paths"].as_object().map(serde_json::Map::len), Some(17));
}

#[tokio::test]
async fn every_operation_says_what_can_go_wrong() {
    let site = TestSite::new().await;
    let document = site.browser().get("/v1/openapi.json").await.json();
    for (path, item) in document["paths"].as_object().expect("paths") {
        if OPEN.contains(&path.as_str()) {
            assert_eq!(item["get"]["security"], json!([{}]), "{path} needs no key");
            continue;
        }
        for (method, operation) in item.as_object().expect("operations") {
            let problems = |status: &str| {
                let response = &operation["responses"][status];
                response["content"]["application/problem+json"]["schema"]["$ref"].clone()
            };
            let wanted = json!("#/components/schemas/Problem");
            assert_eq!(problems("429"), wanted, "{method} {path}");
            let closed = if path.starts_with("/v1/") { "401" } else { "403" };
            assert_eq!(problems(closed), wanted, "{method} {path}");
            let has_body = operation["requestBody"].is_object();
            assert_eq!(problems("415") == wanted, has_body, "{method} {path}");
            assert_eq!(problems("408") == wanted, has_body, "{method} {path}");
            let headers = |status: &str| &operation["responses"][status]["headers"];
            for header in ["Retry-After", "RateLimit", "RateLimit-Policy", "X-Request-Id"] {
                assert!(headers("429")[header].is_object(), "{method} {path}: {header}");
            }
            let is_retryable = headers("201")["Idempotency-Replayed"].is_object();
            let mut parameters = operation["parameters"].as_array().into_iter().flatten();
            let takes_name = parameters.any(|parameter| parameter["name"] == "Idempotency-Key");
            let begins = method == "post" && path.matches('/').count() == 2;
            assert_eq!((is_retryable, takes_name), (begins, begins), "{method} {path}");
            let ids: Value = operation["operationId"].clone();
            assert!(ids.as_str().is_some_and(|id| !id.is_empty()), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn shapes_say_what_is_always_there_and_what_it_can_be() {
    let site = TestSite::new().await;
    let document = site.browser().get("/v1/openapi.json").await.json();
    let shape = |name: &str| &document["components"]["schemas"][name];
    let count = &shape("Credential")["properties"]["signCount"];
    assert_eq!((&count["format"], &count["maximum"]), (&json!("int64"), &json!(u32::MAX)));
    let shop = BackEnd::of(&site).await;
    let mut passkey = shop.passkey_of("ada", 1).await;
    let authenticated = shop.authenticate(&mut passkey).await.json();
    let event = shop.get("/v1/events").await.json()["data"][0].clone();
    let events = shop.get("/v1/events?limit=1").await.json();
    let claims = shop.post("/v1/tokens/verify", &json!({ "token": authenticated["token"] })).await;
    let signals = shop.get("/v1/users/ada/signals").await.json();
    let keys = shop.get("/.well-known/jwks.json").await.json();
    let written = [
        ("Credential", authenticated["credential"].clone()),
        ("Authenticated", authenticated),
        ("Event", event),
        ("List_Event", events),
        ("Claims", claims.json()),
        ("AllAcceptedCredentials", signals),
        ("Keys", keys),
    ];
    for (name, value) in written {
        let members = value.as_object().expect("an object").keys();
        // It is absent where the browser did not say.
        let members: BTreeSet<&str> =
            members.map(String::as_str).filter(|name| *name != "discoverable").collect();
        let required = shape(name)["required"].as_array().expect("a list");
        let required: BTreeSet<&str> = required.iter().filter_map(Value::as_str).collect();
        assert_eq!(members, required, "{name}");
    }
    let words = |shape: &Value| shape["enum"].as_array().map_or(0, Vec::len);
    assert_eq!(words(&shape("Event")["properties"]["type"]), 4);
    assert_eq!(words(&shape("Claims")["properties"]["purpose"]), 2);
    assert_eq!(words(&shape("Credential")["properties"]["transports"]["items"]), 6);
    let signal = json!("#/components/schemas/UnknownCredential");
    let told = &shape("Problem")["properties"]["signal"];
    assert!(told["$ref"] == signal || told["allOf"][0]["$ref"] == signal, "{told}");
}

#[tokio::test]
async fn the_pages_need_no_network_and_no_script() {
    let site = TestSite::new().await;
    for path in ["/docs", "/docs/web-component", "/docs/import", "/docs/reference"] {
        let page = site.browser().get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(
            page.header("content-security-policy")
                .starts_with("default-src 'none'; style-src 'self'")
        );
        for tag in ["<script", "<img", "<iframe", " style=\""] {
            assert!(!page.text.contains(tag), "{tag} in {path}");
        }
    }
    let reference = site.browser().get("/docs/reference").await.text;
    for needed in
        ["POST /v1/registrations", "id=\"sign_count_rollback\"", "id=\"shape-credential\""]
    {
        assert!(reference.contains(needed), "{needed}");
    }
    for once in ["id=\"malformed_json\"", "id=\"shape-credential\""] {
        assert_eq!(reference.matches(once).count(), 1, "{once} names one place");
    }
}
