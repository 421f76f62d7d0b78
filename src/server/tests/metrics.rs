//! What Prometheus is told, after real requests.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use super::authenticator::{Authenticator, Lies};
use super::{Browser, TestSite};
use crate::server::metrics;

async fn scrape(site: &TestSite, told: &metrics_exporter_prometheus::PrometheusHandle) -> String {
    let router = metrics::router(site.site.clone(), told.clone());
    let request = Request::get("/metrics").body(Body::empty()).expect("a request");
    let response = router.oneshot(request).await.expect("it always answers");
    assert_eq!(response.status(), StatusCode::OK);
    let body = response.into_body().collect().await.expect("the body is whole").to_bytes();
    String::from_utf8(body.to_vec()).expect("text")
}

async fn lie(browser: &mut Browser<'_>, passkey: &mut Authenticator) {
    let lie = Lies { signature: Some(vec![0x30, 0]), ..Lies::default() };
    let (id, options) = browser.begin_sign_in().await;
    let answer = passkey.get_lying(browser.site.origin, &options, &lie);
    browser.finish("finish_sign_in", &id, &answer).await;
}

#[tokio::test]
async fn what_happens_is_counted() {
    let recorder = metrics::recorder().expect("a recorder");
    let told = recorder.handle();
    let _counting = ::metrics::set_default_local_recorder(&recorder);
    metrics::describe();
    let site = TestSite::new().await;
    let mut passkey = Authenticator::new(1);
    let mut browser = site.browser();
    browser.sign_up("ada", &mut passkey).await;
    site.browser().sign_in(&mut passkey).await;
    lie(&mut site.browser(), &mut passkey).await;
    let mut late = site.browser();
    let (id, options) = late.begin_sign_in().await;
    site.pass_seconds(301);
    let answer = passkey.get(site.origin, &options);
    late.finish("finish_sign_in", &id, &answer).await;
    site.browser().get("/sign-in").await;
    browser.get("/recover/secret-of-ada").await;
    for odd in ["/nowhere", "/nowhere/else", "/v1/odd/1", "/v1/odd/2"] {
        browser.get(odd).await;
    }
    let odd = Method::from_bytes(b"BREW").expect("a method");
    let request = browser.request(odd, "/sign-in").body(Body::empty()).expect("a request");
    browser.send(request).await;
    let text = scrape(&site, &told).await;
    for line in [
        "keyfold_http_requests_total{route=\"/api/begin_sign_up\",method=\"POST\",status=\"200\"} 1",
        "keyfold_http_requests_total{route=\"/api/finish_sign_in\",method=\"POST\",status=\"410\"} 1",
        "keyfold_http_requests_total{route=\"/api/finish_sign_in\",method=\"POST\",status=\"422\"} 1",
        "keyfold_http_requests_total{route=\"/sign-in\",method=\"GET\",status=\"200\"} 1",
        "keyfold_http_requests_total{route=\"other\",method=\"GET\",status=\"404\"} 2",
        "keyfold_http_requests_total{route=\"/v1/{*rest}\",method=\"GET\",status=\"404\"} 2",
        "keyfold_http_request_duration_seconds_count{route=\"/api/finish_sign_up\",method=\"POST\"} 1",
        "keyfold_ceremonies_begun_total{kind=\"registration\"} 1",
        "keyfold_ceremonies_ended_total{kind=\"registration\",outcome=\"verified\",reason=\"\"} 1",
        "keyfold_ceremonies_ended_total{kind=\"authentication\",outcome=\"verified\",reason=\"\"} 1",
        "keyfold_ceremonies_ended_total{kind=\"authentication\",outcome=\"expired\",reason=\"\"} 1",
        "keyfold_verification_duration_seconds_count{kind=\"registration\"} 1",
        "keyfold_verification_duration_seconds_count{kind=\"authentication\"} 2",
        "keyfold_sessions_open 2",
        &format!("keyfold_build_info{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION")),
    ] {
        assert!(text.lines().any(|said| said == line), "{line} in\n{text}");
    }
    let refused =
        "keyfold_ceremonies_ended_total{kind=\"authentication\",outcome=\"refused\",reason=\"";
    assert!(text.contains(refused), "{text}");
    assert!(text.contains("method=\"other\""), "{text}");
    assert!(
        text.contains("keyfold_database_duration_seconds_bucket{operation=\"begin\"")
            && text.contains("keyfold_database_duration_seconds_bucket{operation=\"statement\"")
            && text.contains("keyfold_database_duration_seconds_bucket{operation=\"commit\""),
        "{text}"
    );
    assert!(text.contains("keyfold_database_connections{database=\"accounts\",pool="), "{text}");
    for secret in ["ada", "secret", "nowhere", "odd", "BREW", "localhost"] {
        assert!(!text.contains(secret), "{secret} in\n{text}");
    }
}

#[tokio::test]
async fn the_public_address_has_no_metrics() {
    let site = TestSite::with(&[("KEYFOLD_METRICS_LISTEN", "127.0.0.1:9464")]).await;
    for path in ["/metrics", "/metrics/", "//metrics", "/v1/metrics", "/api/metrics"] {
        let reply = site.browser().get(path).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!reply.text.contains("keyfold_"), "{path}");
    }
}

#[tokio::test]
async fn the_address_of_metrics_has_nothing_else() {
    let recorder = metrics::recorder().expect("a recorder");
    let site = TestSite::new().await;
    let router = metrics::router(site.site.clone(), recorder.handle());
    for path in ["/", "/sign-in", "/healthz", "/v1/openapi.json"] {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        let response = router.clone().oneshot(request).await.expect("it always answers");
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
    }
}
