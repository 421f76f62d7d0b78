//! Sessions: who has one, for how long, and what ends it.

use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use serde_json::json;
use std::time::Duration;

use super::authenticator::Authenticator;
use super::{Browser, TestSite};
use crate::server::database::sql;

const SESSION: &str = "keyfold_session";

async fn signed_in<'a>(site: &'a TestSite, passkey: &mut Authenticator) -> Browser<'a> {
    let mut browser = site.browser();
    let reply = browser.sign_up("ada", passkey).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    browser
}

#[tokio::test]
async fn a_session_ends_when_the_person_signs_out() {
    let site = TestSite::new().await;
    let mut browser = signed_in(&site, &mut Authenticator::new(1)).await;
    let kept = browser.clone();
    assert_eq!(browser.call("sign_out", &json!({})).await.status, StatusCode::OK);
    assert!(!browser.cookies.contains_key(SESSION));
    assert!(!kept.clone().is_signed_in().await, "the old cookie opens nothing");
    assert_eq!(site.count_accounts("sessions").await, 0);
    assert_eq!(
        browser.call("sign_out", &json!({})).await.status,
        StatusCode::OK,
        "twice is no error"
    );
}

#[tokio::test]
async fn every_sign_in_has_a_fresh_session_and_ends_the_old_one() {
    let site = TestSite::new().await;
    let mut passkey = Authenticator::new(1);
    let mut browser = signed_in(&site, &mut passkey).await;
    let old = browser.clone();
    assert_eq!(browser.sign_in(&mut passkey).await.status, StatusCode::OK);
    assert_ne!(browser.cookies[SESSION], old.cookies[SESSION]);
    assert!(!old.clone().is_signed_in().await);
    assert!(browser.is_signed_in().await);
    assert_eq!(site.count_accounts("sessions").await, 1);
}

#[tokio::test]
async fn a_token_that_is_not_known_is_not_adopted() {
    let site = TestSite::new().await;
    let mut browser = site.browser();
    browser.cookies.insert(SESSION.into(), "A".repeat(43));
    assert!(!browser.is_signed_in().await);
    let mut passkey = Authenticator::new(1);
    browser.sign_up("ada", &mut passkey).await;
    assert_ne!(browser.cookies[SESSION], "A".repeat(43));
}

#[tokio::test]
async fn a_session_that_is_not_used_for_a_day_is_over() {
    let site = TestSite::new().await;
    let mut browser = signed_in(&site, &mut Authenticator::new(1)).await;
    for _ in 0..3 {
        site.pass(Duration::from_hours(23));
        assert!(browser.is_signed_in().await, "being used keeps it alive");
    }
    site.pass(Duration::from_hours(24));
    assert!(!browser.is_signed_in().await);
    site.pass_seconds(-48 * 3600);
    assert!(!browser.is_signed_in().await, "a clock that jumps back does not revive it");
}

#[tokio::test]
async fn a_session_is_over_after_thirty_days_in_any_case() {
    let site = TestSite::new().await;
    let mut browser = signed_in(&site, &mut Authenticator::new(1)).await;
    for _ in 0..35 {
        site.pass(Duration::from_hours(20));
        assert!(browser.is_signed_in().await);
    }
    site.pass(Duration::from_hours(20));
    assert!(!browser.is_signed_in().await);
}

#[tokio::test]
async fn what_cannot_be_swept_keeps_nothing_else_from_it() {
    let site = TestSite::new().await;
    let begun = json!({ "name": "ada", "display_name": "" });
    let reply = site.browser().call("begin_sign_up", &begun).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let spoil = "alter table sessions rename column last_seen_at to seen_at";
    let writer = site.site.accounts.database().writer();
    sql::query(spoil).execute(writer).await.expect("it is spoilt");
    assert_eq!(site.count_accounts("pending_sign_ups").await, 1);
    site.pass_seconds(600);
    site.site.sweep().await;
    assert_eq!(site.count_accounts("pending_sign_ups").await, 0);
}

#[tokio::test]
async fn the_sweep_removes_sessions_that_are_over() {
    let site = TestSite::new().await;
    signed_in(&site, &mut Authenticator::new(1)).await;
    site.site.sweep().await;
    assert_eq!(site.count_accounts("sessions").await, 1);
    site.pass(Duration::from_hours(24));
    site.site.sweep().await;
    assert_eq!(site.count_accounts("sessions").await, 0);
}

#[tokio::test]
async fn the_token_is_nowhere_in_the_database() {
    let folder = tempfile::tempdir().expect("a folder");
    let site = TestSite::in_folder(folder.path()).await;
    let browser = signed_in(&site, &mut Authenticator::new(1)).await;
    let (token, secret) =
        (browser.cookies[SESSION].clone(), browser.cookies["keyfold_browser"].clone());
    for entry in std::fs::read_dir(folder.path()).expect("the folder") {
        let content = std::fs::read(entry.expect("an entry").path()).expect("a file");
        for hidden in [&token, &secret] {
            assert!(!content.windows(43).any(|window| window == hidden.as_bytes()));
        }
    }
}

#[tokio::test]
async fn cookies_are_for_the_server_alone() {
    for (settings, name, secure) in [
        (&[][..], "keyfold_session=", false),
        (&[("KEYFOLD_PUBLIC_URL", "https://id.example")][..], "__Host-keyfold_session=", true),
    ] {
        let site = TestSite::with(settings).await;
        let mut browser = site.browser();
        let reply = browser.sign_up("ada", &mut Authenticator::new(1)).await;
        let cookies: Vec<&str> = reply
            .headers
            .get_all(SET_COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .collect();
        let session =
            cookies.iter().find(|cookie| cookie.starts_with(name)).expect("a session cookie");
        for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"] {
            assert!(session.contains(part), "{session}");
        }
        assert_eq!(session.contains("Secure"), secure, "{session}");
        assert!(!session.contains("Domain"), "{session}");
        assert!(browser.is_signed_in().await);
    }
}

#[tokio::test]
async fn cookies_of_others_do_not_hide_ours() {
    use axum::body::Body;
    use axum::http::header::COOKIE;
    use axum::http::{HeaderValue, Method};
    let site = TestSite::new().await;
    let browser = signed_in(&site, &mut Authenticator::new(1)).await;
    let session = &browser.cookies[SESSION];
    let line = format!("theme=é; x; =; {SESSION}={session}; {SESSION}=other");
    let mut request = browser.request(Method::GET, "/account").body(Body::empty()).expect("one");
    let line = HeaderValue::from_bytes(line.as_bytes()).expect("a header");
    request.headers_mut().insert(COOKIE, line);
    assert_eq!(site.answer(request).await.status, StatusCode::OK);
}
