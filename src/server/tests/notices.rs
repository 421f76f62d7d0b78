//! Notices: what the owner of an account is told, and where.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::TestSite;
use super::authenticator::Authenticator;
use super::mail::{ada, site_with_mail};
use crate::server::accounts::{Notice, Whence};
use crate::server::passkeys::UserHandle;

fn handle(passkey: &Authenticator) -> UserHandle {
    UserHandle::from_bytes(passkey.user_handle.clone().expect("signed up")).expect("a handle")
}

#[tokio::test]
async fn a_notice_goes_to_every_verified_address_and_to_no_other() {
    let site = site_with_mail().await;
    let (mut browser, passkey) = ada(&site).await;
    browser.add_email("unverified@example.com").await;
    site.post().await;
    let whence = Whence::of("", "192.0.2.0/24");
    let notice = Notice::PasskeyAdded { passkey: "Phone\r\nBcc: eve@example.com" };
    site.site.accounts.notify(&handle(&passkey), notice, Some(&whence)).await.expect("queued");
    let mails = site.post().await;
    let to: Vec<&str> = mails.iter().map(|mail| mail.to.as_str()).collect();
    assert_eq!(to, ["ada@example.com"]);
    let text = &mails[0].text;
    assert_eq!(mails[0].subject, "Keyfold: A passkey was added");
    for part in [
        "“ada”",
        "    Phone  Bcc: eve@example.com\n",
        "When: 2026-11-23 12:05 UTC\n",
        "From: 192.0.2.0/24\n",
        "http://localhost:8080/account\n",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 78), "{text}");
}

#[tokio::test]
async fn that_a_recovery_has_begun_goes_to_every_address() {
    let site = site_with_mail().await;
    let (mut browser, passkey) = ada(&site).await;
    site.pass_seconds(1);
    browser.add_email("unverified@example.com").await;
    site.post().await;
    let all = ["ada@example.com", "unverified@example.com"];
    let begun = Notice::RecoveryBegun { ready_at: site.site.clock.now() };
    for (notice, told) in [(begun, &all[..]), (Notice::RecoveryDone, &all[..1])] {
        site.site.accounts.notify(&handle(&passkey), notice, None).await.expect("queued");
        let mails = site.post().await;
        let to: Vec<&str> = mails.iter().map(|mail| mail.to.as_str()).collect();
        assert_eq!(to, told);
    }
}

#[tokio::test]
async fn a_sign_in_from_a_new_browser_is_told_once() {
    let site = site_with_mail().await;
    let (mut browser, mut passkey) = ada(&site).await;
    assert!(site.post().await.is_empty(), "the browser of the sign-up is known");
    browser.sign_in(&mut passkey).await;
    assert!(site.post().await.is_empty());
    let mut other = site.browser();
    other.sign_in(&mut passkey).await;
    let mails = site.post().await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].subject, "Keyfold: You signed in from a new browser");
    other.sign_in(&mut passkey).await;
    assert!(site.post().await.is_empty());
    // The cookie of one person's browser is not another's.
    let mut eves = Authenticator::new(2);
    other.sign_up("eve", &mut eves).await;
    assert_eq!(site.count_accounts("known_browsers").await, 3);
    for _ in 0..60 {
        site.browser().sign_in(&mut passkey).await;
    }
    assert_eq!(site.count_accounts("known_browsers").await, 51);
}

#[tokio::test]
async fn notices_are_in_the_language_of_the_visit_before() {
    let site = site_with_mail().await;
    let (mut browser, mut passkey) = ada(&site).await;
    browser.cookies.insert("keyfold_language".into(), "de".into());
    browser.emails().await;
    site.site.settle().await;
    site.browser().sign_in(&mut passkey).await;
    let mails = site.post().await;
    assert_eq!(mails[0].subject, "Keyfold: Anmeldung aus einem neuen Browser");
    site.site.settle().await;
    // That visit was in English.
    let notice = Notice::RecoveryBegun { ready_at: site.site.clock.now() };
    site.site.accounts.notify(&handle(&passkey), notice, None).await.expect("queued");
    let mails = site.post().await;
    assert_eq!(mails[0].subject, "Keyfold: A recovery of your account has begun");
    assert!(!mails[0].text.contains("From: "), "{}", mails[0].text);
}

#[tokio::test]
async fn passkeys_that_come_and_go_are_told() {
    let site = site_with_mail().await;
    let (mut browser, _) = ada(&site).await;
    let (id, options) = super::begun(&browser.call("begin_add_passkey", &json!({})).await);
    let answer = Authenticator::new(2).create(site.origin, &options);
    let reply = browser.finish("finish_add_passkey", &id, &answer).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let passkeys = browser.account().await["passkeys"].clone();
    let reply = browser.call("remove_passkey", &json!({ "id": passkeys[0]["id"] })).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let subjects: Vec<String> = site.post().await.into_iter().map(|mail| mail.subject).collect();
    assert_eq!(subjects, ["Keyfold: A passkey was added", "Keyfold: A passkey was removed"]);
}

#[tokio::test]
async fn the_account_shows_addresses_where_there_is_e_mail() {
    let site = site_with_mail().await;
    let (mut browser, _) = ada(&site).await;
    site.pass_seconds(1);
    browser.add_email("b@example.com").await;
    let page = browser.get("/account?done=email-added").await.text;
    for part in [
        "ada@example.com</strong><p class=\"meta\"><span class=\"tag\">Verified<",
        "b@example.com</strong><p class=\"meta\"><span class=\"tag\">Not verified yet<",
        "Check your mail for the link.",
        "aria-label=\"Send again: b@example.com\"",
        "aria-label=\"Remove ada@example.com\"",
        "Add an address",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    for name in ["c", "d", "e"] {
        browser.add_email(&format!("{name}@example.com")).await;
    }
    let page = browser.get("/account").await.text;
    assert!(!page.contains("add-email") && page.contains("at most five"), "{page}");
    let export = browser.get("/account/export").await.json();
    assert_eq!(
        export["emailAddresses"][0],
        json!({ "address": "ada@example.com", "isVerified": true })
    );
}

#[tokio::test]
async fn where_e_mail_is_off_nothing_is_queued_and_nothing_is_asked() {
    let site = TestSite::new().await;
    let (mut browser, mut passkey) = (site.browser(), Authenticator::new(1));
    browser.sign_up("ada", &mut passkey).await;
    assert_eq!(browser.emails().await, Value::Null);
    assert!(!browser.get("/account").await.text.contains("email-heading"));
    assert_eq!(browser.add_email("ada@example.com").await.code(), "not_found");
    site.browser().sign_in(&mut passkey).await;
    let notice = Notice::PasskeyRemoved { passkey: "Phone" };
    site.site.accounts.notify(&handle(&passkey), notice, None).await.expect("nothing to do");
    assert_eq!(site.count_accounts("outbox").await, 0);
    assert_eq!(site.count_accounts("email_addresses").await, 0);
    assert_eq!(site.count_accounts("known_browsers").await, 2, "they are known when it is on");
}
