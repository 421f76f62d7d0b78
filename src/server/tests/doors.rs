//! What every request passes: where it comes from, what it carries, and what the answer says.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HOST, ORIGIN};
use axum::http::{Method, Request};
use serde_json::json;

use super::{ORIGIN_OF_SITE, TestSite};

async fn post(site: &TestSite, headers: &[(&str, &str)], body: impl Into<Body>) -> super::Reply {
    let mut request = site.browser().request(Method::POST, "/api/begin_sign_in");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    site.answer(request.body(body.into()).expect("a request")).await
}

#[tokio::test]
async fn state_changes_come_from_our_own_pages_only() {
    let site = TestSite::new().await;
    let json = (CONTENT_TYPE.as_str(), "application/json");
    let good = [
        vec![json, (ORIGIN.as_str(), ORIGIN_OF_SITE)],
        vec![json, ("sec-fetch-site", "same-origin")],
        vec![json, (ORIGIN.as_str(), ORIGIN_OF_SITE), ("sec-fetch-site", "same-origin")],
    ];
    for headers in good {
        assert_eq!(post(&site, &headers, "{}").await.status, 200, "{headers:?}");
    }
    let bad = [
        vec![json],
        vec![json, (ORIGIN.as_str(), "http://evil.localhost:8080")],
        vec![json, (ORIGIN.as_str(), "http://localhost:8080/")],
        vec![json, (ORIGIN.as_str(), "null")],
        vec![json, ("sec-fetch-site", "same-site")],
        vec![json, ("sec-fetch-site", "cross-site"), (ORIGIN.as_str(), ORIGIN_OF_SITE)],
        vec![json, ("sec-fetch-site", "none")],
        vec![json, ("sec-fetch-site", "same-origin"), (ORIGIN.as_str(), "https://localhost:8080")],
        vec![json, (ORIGIN.as_str(), ORIGIN_OF_SITE), (ORIGIN.as_str(), "http://evil.example")],
        vec![json, ("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
    ];
    for headers in bad {
        let reply = post(&site, &headers, "{}").await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (403, "refused"), "{headers:?}");
    }
}

#[tokio::test]
async fn state_changes_are_json() {
    let site = TestSite::new().await;
    for (content_type, status) in [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("application/jsonx", 415),
    ] {
        let headers = [(CONTENT_TYPE.as_str(), content_type), ("sec-fetch-site", "same-origin")];
        assert_eq!(post(&site, &headers, "{}").await.status, status, "{content_type}");
    }
    assert_eq!(post(&site, &[("sec-fetch-site", "same-origin")], "{}").await.status, 415);
}

#[tokio::test]
async fn bodies_that_are_too_big_or_not_understood_are_refused() {
    let site = TestSite::new().await;
    let headers = [(CONTENT_TYPE.as_str(), "application/json"), ("sec-fetch-site", "same-origin")];
    assert_eq!(post(&site, &headers, "x".repeat(65 * 1024)).await.status, 413);
    let mut browser = site.browser();
    for body in ["", "{", "[]", "null", "{\"id\":1}", "{\"id\":\"a\"}"] {
        let request = browser.request(Method::POST, "/api/finish_sign_in");
        let request = request
            .header(CONTENT_TYPE, "application/json")
            .header("sec-fetch-site", "same-origin");
        let reply = browser.send(request.body(Body::from(body)).expect("a request")).await;
        assert_eq!(reply.status, 400, "{body:?}: {}", reply.text);
    }
    let deep = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
    let reply = browser.call("finish_sign_in", &json!({ "id": "auth_x", "answer": deep })).await;
    assert!(reply.status.is_client_error(), "{}", reply.status);
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let site = TestSite::new().await;
    for path in ["/", "/sign-in", "/healthz", "/nowhere", "/account"] {
        let reply = site.browser().get(path).await;
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(reply.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(reply.header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert_eq!(reply.header("cache-control"), "no-store", "{path}");
        let permissions = "publickey-credentials-get=(self), publickey-credentials-create=(self)";
        assert_eq!(reply.header("permissions-policy"), permissions, "{path}");
        assert!(
            reply.header("content-security-policy").contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert_eq!(reply.header("strict-transport-security"), "", "{path}");
    }
    let secure = TestSite::with(&[("KEYFOLD_PUBLIC_URL", "https://id.example")]).await;
    assert_eq!(
        secure.browser().get("/").await.header("strict-transport-security"),
        "max-age=31536000"
    );
}

#[tokio::test]
async fn each_page_has_a_nonce_of_its_own() {
    let site = TestSite::new().await;
    let (one, other) = (site.browser().get("/sign-in").await, site.browser().get("/sign-in").await);
    let (one, other) =
        (one.header("content-security-policy"), other.header("content-security-policy"));
    assert_ne!(one, other);
    for part in [
        "default-src 'none'",
        "'wasm-unsafe-eval'",
        "script-src 'nonce-",
        "base-uri 'none'",
        "style-src 'self'",
    ] {
        assert!(one.contains(part), "{one}");
    }
    assert!(!one.contains("unsafe-inline"));
    assert!(!one.contains("'unsafe-eval'"));
}

#[tokio::test]
async fn the_rp_id_and_the_origin_never_come_from_a_request() {
    let site = TestSite::new().await;
    let headers = [
        (CONTENT_TYPE.as_str(), "application/json"),
        ("sec-fetch-site", "same-origin"),
        ("x-forwarded-host", "evil.example"),
        ("forwarded", "host=evil.example"),
        (HOST.as_str(), "evil.example"),
    ];
    let (_, options) = super::begun(&post(&site, &headers, "{}").await);
    assert_eq!(options["rpId"], "localhost");
}

#[tokio::test]
async fn a_page_under_an_ip_address_is_sent_to_the_host_that_works() {
    let site = TestSite::new().await;
    for (host, path) in [("127.0.0.1:8080", "/sign-in?next=/account"), ("[::1]:8080", "/")] {
        let request =
            Request::builder().uri(path).header(HOST, host).body(Body::empty()).expect("a request");
        let reply = site.answer(request).await;
        assert_eq!(reply.status, 307);
        assert_eq!(reply.header("location"), format!("{ORIGIN_OF_SITE}{path}"));
    }
    let request =
        Request::builder().uri("/healthz").header(HOST, "127.0.0.1:8080").body(Body::empty());
    assert_eq!(site.answer(request.expect("a request")).await.status, 200);
}

#[tokio::test]
async fn health_and_readiness_are_told() {
    let site = TestSite::new().await;
    assert_eq!(site.browser().get("/healthz").await.text, "ok\n");
    assert_eq!(site.browser().get("/readyz").await.text, "ready\n");
    site.site.close().await;
    assert_eq!(site.browser().get("/healthz").await.status, 200);
    assert_eq!(site.browser().get("/readyz").await.status, 503);
}

#[tokio::test]
async fn nothing_changes_on_get() {
    let site = TestSite::new().await;
    for function in ["begin_sign_in", "sign_out", "finish_sign_in", "begin_sign_up"] {
        let reply = site.browser().get(&format!("/api/{function}")).await;
        assert!(matches!(reply.status.as_u16(), 404 | 405), "{function}: {}", reply.status);
    }
}

#[tokio::test]
async fn a_target_without_a_path_is_refused() {
    let site = TestSite::new().await;
    for (method, target) in [
        (Method::HEAD, "example:1"),
        (Method::GET, "127.0.0.1:80"),
        (Method::CONNECT, "a:80"),
        (Method::GET, "*"),
    ] {
        let request = Request::builder().method(method).uri(target).body(Body::empty());
        let reply = site.answer(request.expect("a request")).await;
        assert!(reply.status.is_client_error(), "{target}: {}", reply.status);
    }
}
