//! A ceremony is answered once, in time, by the browser that began it.

use axum::http::StatusCode;
use serde_json::json;

use super::authenticator::{Authenticator, Lies};
use super::{TestSite, site_of_ada};

#[tokio::test]
async fn a_person_signs_in_without_a_name() {
    let (site, mut passkey) = site_of_ada().await;
    let mut browser = site.browser();
    let (id, options) = browser.begin_sign_in().await;
    assert!(id.starts_with("auth_"));
    assert_eq!(options["allowCredentials"], json!([]));
    assert_eq!(options["userVerification"], "required");
    assert_eq!(options["rpId"], "localhost");
    let answer = passkey.get(site.origin, &options);
    let reply = browser.finish("finish_sign_in", &id, &answer).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let account = browser.account().await;
    assert_eq!(account["name"], "ada");
    assert!(account["passkeys"][0]["last_used"].is_object());
}

#[tokio::test]
async fn a_ceremony_answers_only_once() {
    let (site, mut passkey) = site_of_ada().await;
    let mut browser = site.browser();
    let (id, options) = browser.begin_sign_in().await;
    let answer = passkey.get(site.origin, &options);
    assert_eq!(browser.finish("finish_sign_in", &id, &answer).await.status, StatusCode::OK);
    let replay = browser.finish("finish_sign_in", &id, &answer).await;
    assert_eq!((replay.status, replay.code().as_str()), (StatusCode::GONE, "ceremony_expired"));
}

#[tokio::test]
async fn of_parallel_answers_one_wins() {
    let (site, mut passkey) = site_of_ada().await;
    let mut browser = site.browser();
    let (id, options) = browser.begin_sign_in().await;
    let answer = passkey.get(site.origin, &options);
    let tries = (0..8).map(|_| {
        let mut browser = browser.clone();
        let (id, answer) = (id.clone(), answer.clone());
        async move { browser.finish("finish_sign_in", &id, &answer).await.status }
    });
    let statuses = futures::future::join_all(tries).await;
    assert_eq!(
        statuses.iter().filter(|status| **status == StatusCode::OK).count(),
        1,
        "{statuses:?}"
    );
    assert_eq!(site.count_accounts("sessions").await, 2);
}

#[tokio::test]
async fn a_refused_try_burns_the_ceremony() {
    let (site, mut passkey) = site_of_ada().await;
    let mut browser = site.browser();
    let (id, options) = browser.begin_sign_in().await;
    let lies = Lies { flags: Some(0x1d & !0x04), ..Lies::default() };
    let lie = passkey.get_lying(site.origin, &options, &lies);
    assert_eq!(browser.finish("finish_sign_in", &id, &lie).await.code(), "refused");
    let truth = passkey.get(site.origin, &options);
    assert_eq!(browser.finish("finish_sign_in", &id, &truth).await.code(), "ceremony_expired");
    assert_eq!(browser.sign_in(&mut passkey).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_ceremony_lives_five_minutes() {
    let (site, mut passkey) = site_of_ada().await;
    let mut browser = site.browser();
    for (seconds, status) in [(299, StatusCode::OK), (300, StatusCode::GONE)] {
        let (id, options) = browser.begin_sign_in().await;
        let answer = passkey.get(site.origin, &options);
        site.pass_seconds(seconds);
        assert_eq!(browser.finish("finish_sign_in", &id, &answer).await.status, status);
    }
    let (id, options) = browser.begin_sign_up("eve").await;
    site.pass_seconds(300);
    let answer = Authenticator::new(2).create(site.origin, &options);
    assert_eq!(browser.finish("finish_sign_up", &id, &answer).await.code(), "ceremony_expired");
    assert_eq!(site.count_accounts("pending_sign_ups").await, 0);
}

#[tokio::test]
async fn a_clock_that_jumps_back_revives_no_used_ceremony() {
    let (site, mut passkey) = site_of_ada().await;
    let mut browser = site.browser();
    let (id, options) = browser.begin_sign_in().await;
    let answer = passkey.get(site.origin, &options);
    browser.finish("finish_sign_in", &id, &answer).await;
    site.pass_seconds(-3600);
    assert_eq!(browser.finish("finish_sign_in", &id, &answer).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn a_ceremony_belongs_to_the_browser_that_began_it() {
    let site = TestSite::new().await;
    let mut passkey = Authenticator::new(1);
    let mut ada = site.browser();
    let (id, options) = ada.begin_sign_up("ada").await;
    let answer = passkey.create(site.origin, &options);
    let mut stranger = site.browser();
    stranger.begin_sign_in().await;
    let reply = stranger.finish("finish_sign_up", &id, &answer).await;
    assert_eq!(reply.code(), "ceremony_expired");
    assert!(!stranger.is_signed_in().await);
    let reply = ada.finish("finish_sign_up", &id, &answer).await;
    assert_eq!(reply.status, StatusCode::OK, "a stranger's try does not burn it: {}", reply.text);
    let (id, options) = ada.begin_sign_in().await;
    let answer = passkey.get(site.origin, &options);
    assert_eq!(stranger.finish("finish_sign_in", &id, &answer).await.code(), "ceremony_expired");
}

#[tokio::test]
async fn one_kind_of_ceremony_is_no_answer_to_the_other() {
    let site = TestSite::new().await;
    let mut passkey = Authenticator::new(1);
    let mut browser = site.browser();
    browser.sign_up("ada", &mut passkey).await;
    let (id, options) = browser.begin_sign_in().await;
    let answer = passkey.get(site.origin, &options);
    assert_eq!(browser.finish("finish_sign_up", &id, &answer).await.code(), "ceremony_expired");
    let (id, options) = browser.begin_sign_up("eve").await;
    let answer = Authenticator::new(2).create(site.origin, &options);
    assert_eq!(browser.finish("finish_sign_in", &id, &answer).await.code(), "ceremony_expired");
}

#[tokio::test]
async fn an_unknown_ceremony_is_over() {
    let site = TestSite::new().await;
    let mut browser = site.browser();
    browser.begin_sign_in().await;
    for id in ["", "auth_", "auth_AAAA", "undefined", "null"] {
        let reply = browser.finish("finish_sign_in", id, &json!({})).await;
        assert_eq!((reply.status, reply.code().as_str()), (StatusCode::GONE, "ceremony_expired"));
    }
}

#[tokio::test]
async fn the_oldest_open_ceremonies_of_a_browser_make_room() {
    let (site, mut passkey) = site_of_ada().await;
    let mut browser = site.browser();
    let (first, options) = browser.begin_sign_in().await;
    let early = passkey.get(site.origin, &options);
    for _ in 0..20 {
        site.pass_seconds(1);
        browser.begin_sign_in().await;
    }
    assert_eq!(site.count_passkeys("ceremonies where taken_at is null").await, 16);
    assert_eq!(browser.finish("finish_sign_in", &first, &early).await.code(), "ceremony_expired");
    let (_, options) = site.browser().begin_sign_in().await;
    assert!(options.is_object(), "another browser is not touched");
}

#[tokio::test]
async fn a_clock_that_is_put_back_keeps_nobody_out() {
    let (site, mut passkey) = site_of_ada().await;
    let mut browser = site.browser();
    for _ in 0..16 {
        browser.begin_sign_in().await;
    }
    site.pass_seconds(-3600);
    let reply = browser.sign_in(&mut passkey).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
}

#[tokio::test]
async fn a_ceremony_survives_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut passkey = Authenticator::new(1);
    let first = TestSite::in_folder(folder.path()).await;
    let mut browser = first.browser();
    let (id, options) = browser.begin_sign_up("ada").await;
    let cookies = browser.cookies.clone();
    first.site.close().await;

    let second = TestSite::in_folder(folder.path()).await;
    let mut browser = second.browser();
    browser.cookies = cookies;
    let answer = passkey.create(second.origin, &options);
    assert_eq!(browser.finish("finish_sign_up", &id, &answer).await.status, StatusCode::OK);
    let (id, options) = browser.begin_sign_in().await;
    let cookies = browser.cookies.clone();
    second.site.close().await;

    let third = TestSite::in_folder(folder.path()).await;
    let mut browser = third.browser();
    browser.cookies = cookies;
    assert!(browser.is_signed_in().await, "the session survives too");
    let answer = passkey.get(third.origin, &options);
    assert_eq!(browser.finish("finish_sign_in", &id, &answer).await.status, StatusCode::OK);
    let replay = browser.finish("finish_sign_in", &id, &answer).await;
    assert_eq!(replay.code(), "ceremony_expired");
}

#[tokio::test]
async fn an_answer_that_came_too_late_stays_too_late() {
    let (site, mut passkey) = site_of_ada().await;
    let mut browser = site.browser();
    let (id, options) = browser.begin_sign_in().await;
    let answer = passkey.get(site.origin, &options);
    site.pass_seconds(301);
    let late = browser.finish("finish_sign_in", &id, &answer).await;
    assert_eq!(late.code(), "ceremony_expired");
    let reference = late.json()["reference"].as_str().map(str::to_owned);
    assert_eq!(reference.map(|reference| reference.len()), Some(9));
    site.pass_seconds(-301);
    assert_eq!(browser.finish("finish_sign_in", &id, &answer).await.status, StatusCode::GONE);
    let record = "ceremonies where outcome = 'expired' and challenge is null and state is null";
    assert_eq!(site.count_passkeys(record).await, 1);
}

#[tokio::test]
async fn a_browser_that_keeps_no_cookies_is_told() {
    let site = TestSite::new().await;
    let (id, options) = site.browser().begin_sign_up("ada").await;
    let answer = Authenticator::new(1).create(site.origin, &options);
    let reply = site.browser().finish("finish_sign_up", &id, &answer).await;
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (400, "cookies_blocked"));
    assert_eq!(site.count_passkeys("ceremonies where taken_at is null").await, 1, "not burnt");
}

#[tokio::test]
async fn old_records_are_swept() {
    let site = TestSite::new().await;
    site.browser().sign_up("ada", &mut Authenticator::new(1)).await;
    site.pass(std::time::Duration::from_hours(24 * 29));
    site.site.sweep().await;
    assert_eq!(site.count_passkeys("ceremonies").await, 1);
    site.pass(std::time::Duration::from_hours(25));
    site.site.sweep().await;
    assert_eq!(site.count_passkeys("ceremonies").await, 0);
    assert_eq!(site.count_passkeys("credentials").await, 1);
}
