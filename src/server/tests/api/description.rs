//! The description of the API, and the pages beside it.

use std::path::Path;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::super::TestSite;

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
    assert_eq!(document["paths"].as_object().map(serde_json::Map::len), Some(15));
}

#[tokio::test]
async fn every_operation_says_what_can_go_wrong() {
    let site = TestSite::new().await;
    let document = site.browser().get("/v1/openapi.json").await.json();
    for (path, item) in document["paths"].as_object().expect("paths") {
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
            let ids: Value = operation["operationId"].clone();
            assert!(ids.as_str().is_some_and(|id| !id.is_empty()), "{method} {path}");
        }
    }
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
}
