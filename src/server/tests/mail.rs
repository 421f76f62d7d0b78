//! E-mail: what is queued for whom, and what the links in it do.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::authenticator::Authenticator;
use super::{Browser, Reply, TestSite};
use crate::server::mail::Mail;

pub(super) async fn site_with_mail() -> TestSite {
    let settings =
        [("KEYFOLD_RATE_LIMITS", "off"), ("KEYFOLD_SMTP_URL", "smtp://ada:hunter2@localhost:1")];
    TestSite::with(&settings).await
}

impl TestSite {
    /// What the postman would send now; all of it is taken.
    pub(super) async fn post(&self) -> Vec<Mail> {
        let mut mails = Vec::new();
        while let Some(mail) = self.site.accounts.next_mail().await.expect("the outbox") {
            self.site.accounts.mail_was_taken(&mail.id).await.expect("the outbox");
            mails.push(mail);
        }
        mails
    }
}

impl Browser<'_> {
    pub(super) async fn add_email(&mut self, address: &str) -> Reply {
        self.call("add_email", &json!({ "address": address })).await
    }

    pub(super) async fn emails(&mut self) -> Value {
        self.call("look_up_emails", &json!({})).await.json()
    }

    async fn verify(&mut self, mail: &Mail) -> Reply {
        self.call("verify_email", &json!({ "token": token_in(mail) })).await
    }
}

fn token_in(mail: &Mail) -> &str {
    let link = mail.text.lines().find(|line| line.contains("/verify-email/")).expect("a link");
    let token = link.strip_prefix("http://localhost:8080/verify-email/").expect("of this site");
    assert_eq!(token.len(), 43);
    token
}

/// Ada, signed in, with one address that is verified.
pub(super) async fn ada(site: &TestSite) -> (Browser<'_>, Authenticator) {
    let (mut browser, mut passkey) = (site.browser(), Authenticator::new(1));
    assert_eq!(browser.sign_up("ada", &mut passkey).await.status, StatusCode::OK);
    let reply = browser.add_email("ada@example.com").await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let mails = site.post().await;
    assert_eq!(site.browser().verify(&mails[0]).await.status, StatusCode::OK);
    (browser, passkey)
}

#[tokio::test]
async fn an_address_is_verified_by_the_link_that_was_sent_there() {
    let site = site_with_mail().await;
    let mut browser = site.browser();
    browser.sign_up("ada", &mut Authenticator::new(1)).await;
    assert_eq!(browser.emails().await, json!([]));
    assert_eq!(browser.add_email("Ada@EXAMPLE.com").await.status, StatusCode::OK);
    assert_eq!(browser.emails().await[0]["is_verified"], false);
    let mails = site.post().await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to, "Ada@example.com");
    assert_eq!(mails[0].subject, "Keyfold: Is this your e-mail address?");
    assert!(mails[0].text.contains("“ada”"), "{}", mails[0].text);
    // Whoever follows it need not be signed in there; it works once.
    assert_eq!(site.browser().verify(&mails[0]).await.status, StatusCode::OK);
    assert_eq!(browser.emails().await[0]["is_verified"], true);
    let again = site.browser().verify(&mails[0]).await;
    assert_eq!((again.status, again.code().as_str()), (StatusCode::GONE, "link_invalid"));
    assert_eq!(site.count_accounts("verification_links").await, 0);
}

#[tokio::test]
async fn the_token_of_a_link_stands_in_no_table() {
    let folder = tempfile::tempdir().expect("a folder");
    let site = TestSite::in_folder_with(folder.path(), &[("KEYFOLD_SMTP_URL", "smtp://localhost")]);
    let site = site.await;
    let mut browser = site.browser();
    browser.sign_up("ada", &mut Authenticator::new(1)).await;
    browser.add_email("ada@example.com").await;
    let mail = site.site.accounts.next_mail().await.expect("the outbox").expect("a mail");
    assert_eq!(site.count_accounts("outbox").await, 1, "it is there until it is taken");
    let secrets = [token_in(&mail), &browser.cookies["keyfold_browser"]];
    for entry in std::fs::read_dir(folder.path()).expect("the folder") {
        let content = std::fs::read(entry.expect("an entry").path()).expect("a file");
        for hidden in secrets {
            assert!(!content.windows(43).any(|window| window == hidden.as_bytes()));
        }
    }
    // As after kill -9: it is sent at the next start, when its pause is over.
    let copy = tempfile::tempdir().expect("a folder");
    for entry in std::fs::read_dir(folder.path()).expect("the folder") {
        let path = entry.expect("an entry").path();
        std::fs::copy(&path, copy.path().join(path.file_name().expect("a name"))).expect("a copy");
    }
    let second =
        TestSite::in_folder_with(copy.path(), &[("KEYFOLD_SMTP_URL", "smtp://localhost")]).await;
    assert!(second.post().await.is_empty());
    second.pass_seconds(60);
    let mails = second.post().await;
    assert_eq!(mails[0].id, mail.id, "both tries have one Message-ID");
    // The first one may have arrived all the same: either link works, and then the other is dead.
    assert_eq!(second.browser().verify(&mail).await.status, StatusCode::OK);
    assert_eq!(second.browser().verify(&mails[0]).await.code(), "link_invalid");
}

#[tokio::test]
async fn a_link_is_too_old_after_a_day() {
    let site = site_with_mail().await;
    let mut browser = site.browser();
    browser.sign_up("ada", &mut Authenticator::new(1)).await;
    browser.add_email("ada@example.com").await;
    let mails = site.post().await;
    site.pass(Duration::from_hours(24));
    assert_eq!(site.browser().verify(&mails[0]).await.code(), "link_invalid");
    site.site.sweep().await;
    site.pass_seconds(-3600);
    assert_eq!(site.browser().verify(&mails[0]).await.code(), "link_invalid", "nothing revives it");
}

#[tokio::test]
async fn a_link_is_sent_again_once_a_minute_at_most() {
    let site = site_with_mail().await;
    let mut browser = site.browser();
    browser.sign_up("ada", &mut Authenticator::new(1)).await;
    browser.add_email("ada@example.com").await;
    let first = site.post().await;
    let id = browser.emails().await[0]["id"].clone();
    site.pass_seconds(59);
    let reply = browser.call("resend_verification", &json!({ "id": id })).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (StatusCode::TOO_MANY_REQUESTS, "rate_limited")
    );
    assert_eq!(browser.add_email("ada@example.com").await.status, StatusCode::OK, "not told");
    assert!(site.post().await.is_empty());
    site.pass_seconds(1);
    for _ in 0..2 {
        browser.call("resend_verification", &json!({ "id": id })).await;
    }
    let second = site.post().await;
    assert_eq!(second.len(), 1);
    assert_eq!(site.browser().verify(&second[0]).await.status, StatusCode::OK);
    assert_eq!(site.browser().verify(&first[0]).await.code(), "link_invalid", "a sibling was used");
    assert_eq!(browser.call("resend_verification", &json!({ "id": id })).await.status, 200);
    assert!(site.post().await.is_empty(), "there is nothing left to verify");
}

#[tokio::test]
async fn only_its_owner_lately_proved_changes_an_address() {
    let site = site_with_mail().await;
    let (mut ada, _) = ada(&site).await;
    let id = ada.emails().await[0]["id"].clone();
    let mut eve = site.browser();
    for function in ["remove_email", "resend_verification"] {
        let reply = eve.call(function, &json!({ "id": id })).await;
        assert_eq!(reply.code(), "signed_out", "{function}");
    }
    assert_eq!(eve.add_email("eve@example.com").await.code(), "signed_out");
    eve.sign_up("eve", &mut Authenticator::new(2)).await;
    for function in ["remove_email", "resend_verification"] {
        let reply = eve.call(function, &json!({ "id": id })).await;
        assert_eq!(reply.code(), "not_found", "{function}");
    }
    // What one account is told does not depend on another.
    assert_eq!(eve.add_email("ada@example.com").await.status, StatusCode::OK);
    assert_eq!(eve.emails().await[0]["is_verified"], false);
    site.pass(Duration::from_mins(6));
    assert_eq!(ada.add_email("a@example.com").await.code(), "stale_sign_in");
    assert_eq!(ada.call("remove_email", &json!({ "id": id })).await.code(), "stale_sign_in");
    assert_eq!(ada.emails().await.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn addresses_are_few_and_sound() {
    let site = site_with_mail().await;
    let mut browser = site.browser();
    browser.sign_up("ada", &mut Authenticator::new(1)).await;
    for bad in ["", "ada", "ada@example.com\r\nBcc: eve@example.com", "Ada <ada@example.com>"] {
        let reply = browser.add_email(bad).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (422, "email_invalid"), "{bad}");
    }
    for number in 0..5 {
        assert_eq!(browser.add_email(&format!("a{number}@example.com")).await.status, 200);
    }
    assert_eq!(browser.add_email("a6@example.com").await.status, StatusCode::CONFLICT);
    assert_eq!(browser.emails().await.as_array().map(Vec::len), Some(5));
    // Adding and removing floods nobody.
    let mut taken = 5;
    for number in 0..40 {
        let id = browser.emails().await[0]["id"].clone();
        assert_eq!(browser.call("remove_email", &json!({ "id": id })).await.status, 200);
        let reply = browser.add_email(&format!("stranger{number}@example.com")).await;
        if reply.status == StatusCode::OK {
            taken += 1;
        } else {
            assert_eq!(reply.code(), "rate_limited");
            break;
        }
    }
    assert_eq!(taken, 20);
}

#[tokio::test]
async fn looking_at_a_link_changes_nothing() {
    let site = site_with_mail().await;
    let mut browser = site.browser();
    browser.sign_up("ada", &mut Authenticator::new(1)).await;
    browser.add_email("ada@example.com").await;
    let mails = site.post().await;
    let path = format!("/verify-email/{}", token_in(&mails[0]));
    for _ in 0..2 {
        let page = site.browser().get(&path).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text.contains("Yes, this is my address"), "{}", page.text);
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert_eq!(page.header("cache-control"), "no-store");
    }
    assert_eq!(browser.emails().await[0]["is_verified"], false);
    assert_eq!(site.browser().verify(&mails[0]).await.status, StatusCode::OK);
    let page = site.browser().get("/email-verified").await;
    assert!(page.text.contains("Your address is verified"), "{}", page.text);
}

#[tokio::test]
async fn what_no_server_takes_is_tried_for_two_days() {
    let site = site_with_mail().await;
    let mut browser = site.browser();
    browser.sign_up("ada", &mut Authenticator::new(1)).await;
    browser.add_email("ada@example.com").await;
    let accounts = &site.site.accounts;
    let mut tries = 0;
    for minute in 1..48 * 60 {
        tries += usize::from(accounts.next_mail().await.expect("the outbox").is_some());
        site.pass(Duration::from_mins(1));
        if minute % 60 == 59 {
            site.site.sweep().await;
        }
    }
    assert!((15..30).contains(&tries), "{tries}");
    assert_eq!(site.count_accounts("outbox").await, 1);
    site.pass(Duration::from_mins(1));
    site.site.sweep().await;
    assert_eq!(site.count_accounts("outbox").await, 0);
}

#[tokio::test]
async fn a_clock_that_jumps_back_stops_no_mail() {
    let site = site_with_mail().await;
    let (mut browser, _) = ada(&site).await;
    browser.add_email("b@example.com").await;
    site.pass_seconds(-365 * 24 * 3600);
    assert_eq!(site.post().await.len(), 1);
}
