//! Coming back without a passkey: what opens a recovery, what ends it, and what it never does.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::authenticator::{Authenticator, Lies};
use super::{Browser, Reply, TestSite, begun, site_of_ada};
use crate::server::accounts::{Error, RecoveryToken, UserName, Whence};
use crate::server::passkeys::{Binding, Purpose, UserHandle};

const DAY: Duration = Duration::from_hours(24);

const NO_LIMITS: (&str, &str) = ("KEYFOLD_RATE_LIMITS", "off");

impl Browser<'_> {
    pub(super) async fn make_codes(&mut self) -> Vec<String> {
        let reply = self.call("make_recovery_codes", &json!({})).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
        serde_json::from_str(&reply.text).expect("codes")
    }

    pub(super) async fn try_code(&mut self, name: &str, code: &str) -> Reply {
        self.call("begin_recovery", &json!({ "name": name, "code": code })).await
    }

    /// Opens a recovery: its token.
    pub(super) async fn begin_recovery(&mut self, name: &str, code: &str) -> String {
        let reply = self.try_code(name, code).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
        let path: String = serde_json::from_str(&reply.text).expect("a path");
        path.strip_prefix("/recover/").expect("the page of a recovery").to_owned()
    }

    pub(super) async fn begin_passkey(&mut self, token: &str) -> Reply {
        self.call("begin_recovery_passkey", &json!({ "token": token })).await
    }

    async fn finish_recovery(&mut self, token: &str, id: &str, answer: &Value) -> Reply {
        let arguments = json!({ "token": token, "id": id, "answer": answer.to_string() });
        self.call("finish_recovery", &arguments).await
    }

    pub(super) async fn recover(&mut self, token: &str, passkey: &mut Authenticator) -> Reply {
        let (id, options) = begun(&self.begin_passkey(token).await);
        let answer = passkey.create(self.site.origin, &options);
        self.finish_recovery(token, &id, &answer).await
    }

    pub(super) async fn user(&self) -> UserHandle {
        let name = UserName::parse("ada").expect("a name");
        let person = self.site.site.accounts.person(&name).await.expect("an answer");
        person.expect("ada is there").handle
    }

    async fn stage(&mut self, token: &str) -> String {
        let reply = self.call("look_up_recovery", &json!({ "token": token })).await;
        reply.json()["stage"].as_str().unwrap_or_default().to_owned()
    }
}

/// A site on which Ada has a kit: a browser in which she is signed in, and her codes.
pub(super) async fn ada_with_codes(site: &TestSite, passkey: &mut Authenticator) -> Vec<String> {
    let mut browser = site.browser();
    assert_eq!(browser.sign_in(passkey).await.status, StatusCode::OK);
    browser.make_codes().await
}

pub(super) fn outcome(reply: &Reply) -> (u16, String) {
    (reply.status.as_u16(), reply.code())
}

pub(super) fn refused() -> (u16, String) {
    (422, "recovery_refused".to_owned())
}

fn is_over() -> (u16, String) {
    (410, "link_invalid".to_owned())
}

#[tokio::test]
async fn a_code_leads_to_a_new_passkey_after_a_day() {
    let (site, mut old) = site_of_ada().await;
    let mut home = site.browser();
    home.sign_in(&mut old).await;
    let codes = home.make_codes().await;
    assert_eq!(codes.len(), 10);
    let mut away = site.browser();
    let token = away.begin_recovery(" ADA ", &codes[3].to_lowercase().replace('-', " ")).await;
    assert!(token.len() == 43 && !away.is_signed_in().await, "a code signs nobody in");
    assert_eq!(away.stage(&token).await, "waiting");
    assert_eq!(outcome(&away.begin_passkey(&token).await), (409, "recovery_waiting".into()));
    site.pass(DAY);
    site.pass_seconds(-1);
    assert_eq!(away.begin_passkey(&token).await.code(), "recovery_waiting");
    site.pass_seconds(1);
    assert_eq!(away.stage(&token).await, "ready");
    // Somebody is signed in when it is finished.
    home.sign_in(&mut old).await;
    let mut new = Authenticator::new(2);
    let reply = away.recover(&token, &mut new).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let account = away.account().await;
    assert_eq!(account["name"], "ada");
    assert_eq!(account["passkeys"].as_array().map(Vec::len), Some(2), "the old one stays");
    assert!(!home.is_signed_in().await, "every other session is over");
    assert_eq!(site.browser().sign_in(&mut new).await.status, StatusCode::OK);
    assert_eq!(site.browser().sign_in(&mut old).await.status, StatusCode::OK);
    assert_eq!(away.stage(&token).await, "over");
    assert_eq!(outcome(&away.begin_passkey(&token).await), is_over(), "a link works once");
    let kit = away.call("look_up_recovery_kit", &json!({})).await.json();
    assert_eq!(kit["left"], 9, "the other codes are still good");
    away.begin_recovery("ada", &codes[4]).await;
}

#[tokio::test]
async fn whoever_is_signed_in_sees_a_recovery_and_can_call_it_off() {
    let (site, mut passkey) = site_of_ada().await;
    let mut eve = site.browser();
    eve.sign_up("eve", &mut Authenticator::new(5)).await;
    let mut home = site.browser();
    home.sign_in(&mut passkey).await;
    let codes = home.make_codes().await;
    assert_eq!(home.call("pending_recovery", &json!({})).await.json(), Value::Null);
    let mut away = site.browser();
    let token = away.begin_recovery("ada", &codes[0]).await;
    let pending = home.call("pending_recovery", &json!({})).await.json();
    assert_eq!(pending["ready"]["seconds_left"], 86_400);
    assert_eq!(
        (&pending["by_operator"], &pending["network"]),
        (&json!(false), &json!("0.0.0.0/24"))
    );
    assert_eq!(eve.call("pending_recovery", &json!({})).await.json(), Value::Null);
    assert_eq!(eve.call("cancel_recovery", &json!({})).await.status, StatusCode::OK);
    assert_eq!(away.stage(&token).await, "waiting", "another person's call does nothing");
    assert_eq!(away.call("cancel_recovery", &json!({})).await.code(), "signed_out");
    // An old session is enough.
    site.pass(Duration::from_hours(23));
    assert_eq!(home.call("cancel_recovery", &json!({})).await.status, StatusCode::OK);
    assert_eq!(away.stage(&token).await, "called_off");
    site.pass(DAY);
    let reply = away.begin_passkey(&token).await;
    assert_eq!(outcome(&reply), (410, "recovery_cancelled".into()));
}

#[tokio::test]
async fn called_off_between_beginning_and_end_it_does_nothing() {
    let (site, mut passkey) = site_of_ada().await;
    let codes = ada_with_codes(&site, &mut passkey).await;
    let mut away = site.browser();
    let token = away.begin_recovery("ada", &codes[0]).await;
    site.pass(DAY);
    let mut new = Authenticator::new(2);
    let (id, options) = begun(&away.begin_passkey(&token).await);
    let answer = new.create(site.origin, &options);
    let mut home = site.browser();
    home.sign_in(&mut passkey).await;
    home.call("cancel_recovery", &json!({})).await;
    let reply = away.finish_recovery(&token, &id, &answer).await;
    assert_eq!(outcome(&reply), (410, "recovery_cancelled".into()));
    assert!(reply.json()["signal"].is_string(), "the browser is told to forget it");
    assert_eq!(site.count_passkeys("credentials").await, 1);
    assert!(home.is_signed_in().await && !away.is_signed_in().await);
}

#[tokio::test]
async fn a_recovery_that_is_too_late_gives_the_proof_back() {
    let (site, mut passkey) = site_of_ada().await;
    let codes = ada_with_codes(&site, &mut passkey).await;
    let mut away = site.browser();
    let token = away.begin_recovery("ada", &codes[0]).await;
    site.pass(DAY);
    let (id, options) = begun(&away.begin_passkey(&token).await);
    let answer = Authenticator::new(2).create(site.origin, &options).to_string();
    let binding = Binding::to_holder_of(&away.cookies["keyfold_browser"]);
    let (passkeys, party) = (&site.site.passkeys, &site.site.relying_party);
    let id = crate::wire::CeremonyId(id);
    let registered =
        passkeys.finish_registration(party, Purpose::Recovery, &id, &binding, &answer).await;
    let registered = registered.expect("the passkey is a good one");
    let mut home = site.browser();
    home.sign_in(&mut passkey).await;
    home.call("cancel_recovery", &json!({})).await;
    let (token, whence) = (RecoveryToken::from_address(&token), Whence::of("", "192.0.2.0/24"));
    let recovered = site.site.accounts.recover(registered, &token, None, &whence).await;
    let (error, registered) = recovered.expect_err("it was called off");
    assert!(matches!(error, Error::RecoveryCancelled));
    passkeys.withdraw(party, registered).await.expect("it can be undone");
    assert_eq!(site.count_passkeys("credentials").await, 1);
    assert!(home.is_signed_in().await);
}

#[tokio::test]
async fn a_new_recovery_takes_the_place_of_those_before() {
    let (site, mut passkey) = site_of_ada().await;
    let codes = ada_with_codes(&site, &mut passkey).await;
    let mut browser = site.browser();
    let first = browser.begin_recovery("ada", &codes[0]).await;
    let second = browser.begin_recovery("ada", &codes[1]).await;
    site.pass(DAY);
    assert_eq!(browser.stage(&first).await, "over");
    assert_eq!(outcome(&browser.begin_passkey(&first).await), is_over());
    assert_eq!(browser.stage(&second).await, "ready");
}

#[tokio::test]
async fn a_recovery_is_over_after_a_week_and_no_clock_revives_it() {
    let (site, mut passkey) = site_of_ada().await;
    let codes = ada_with_codes(&site, &mut passkey).await;
    let mut browser = site.browser();
    let token = browser.begin_recovery("ada", &codes[0]).await;
    site.pass(DAY * 8);
    site.pass_seconds(-1);
    let (id, options) = begun(&browser.begin_passkey(&token).await);
    let answer = Authenticator::new(2).create(site.origin, &options);
    site.pass_seconds(1);
    assert_eq!(outcome(&browser.finish_recovery(&token, &id, &answer).await), is_over());
    site.pass_seconds(-60);
    assert_eq!(browser.stage(&token).await, "over", "a clock that jumps back does not revive it");
    assert_eq!(site.count_passkeys("credentials").await, 1);
    assert_eq!(site.count_accounts("recoveries where outcome = 'expired'").await, 1);
    site.pass(DAY);
    site.site.sweep().await;
    assert_eq!(site.count_accounts("recoveries").await, 0);
    for unknown in ["", "x", &"A".repeat(43), "🔑"] {
        assert_eq!(browser.stage(unknown).await, "over");
        assert_eq!(outcome(&browser.begin_passkey(unknown).await), is_over());
    }
}

#[tokio::test]
async fn a_recovery_and_a_ceremony_belong_to_the_same_person() {
    let (site, mut ada) = site_of_ada().await;
    let codes = ada_with_codes(&site, &mut ada).await;
    let mut eve = site.browser();
    eve.sign_up("eve", &mut Authenticator::new(5)).await;
    let eves_codes = eve.make_codes().await;
    let mut browser = site.browser();
    let token = browser.begin_recovery("ada", &codes[0]).await;
    let eves_token = browser.begin_recovery("eve", &eves_codes[0]).await;
    site.pass(DAY);
    // Eve's own ceremonies, with Ada's token: one of a recovery, one of a sign-up.
    let (id, options) = begun(&browser.begin_passkey(&eves_token).await);
    let answer = Authenticator::new(6).create(site.origin, &options);
    assert_eq!(outcome(&browser.finish_recovery(&token, &id, &answer).await), is_over());
    let (id, options) = browser.begin_sign_up("mallory").await;
    let answer = Authenticator::new(7).create(site.origin, &options);
    let reply = browser.finish_recovery(&token, &id, &answer).await;
    assert_eq!(reply.code(), "ceremony_expired");
    // A ceremony of Ada's recovery is no sign-up, and no other browser's.
    let (id, options) = begun(&browser.begin_passkey(&token).await);
    let answer = Authenticator::new(8).create(site.origin, &options);
    let reply = site.browser().finish_recovery(&token, &id, &answer).await;
    assert_eq!(reply.code(), "cookies_blocked");
    assert_eq!(browser.finish("finish_sign_up", &id, &answer).await.code(), "ceremony_expired");
    assert_eq!(site.count_passkeys("credentials").await, 2);
    assert!(!browser.is_signed_in().await);
    assert_eq!(browser.stage(&token).await, "ready", "none of this used it up");
}

#[tokio::test]
async fn a_refused_answer_leaves_the_recovery_open_and_the_ceremony_answered() {
    let (site, mut passkey) = site_of_ada().await;
    let codes = ada_with_codes(&site, &mut passkey).await;
    let mut browser = site.browser();
    let token = browser.begin_recovery("ada", &codes[0]).await;
    site.pass(DAY);
    let (id, options) = begun(&browser.begin_passkey(&token).await);
    let lie = Lies { origin: Some("https://evil.example".into()), ..Lies::default() };
    let wrong = Authenticator::new(2).create_lying(site.origin, &options, &lie);
    assert_eq!(browser.finish_recovery(&token, &id, &wrong).await.code(), "refused");
    let right = Authenticator::new(2).create(site.origin, &options);
    assert_eq!(browser.finish_recovery(&token, &id, &right).await.code(), "ceremony_expired");
    let reply = browser.recover(&token, &mut Authenticator::new(2)).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
}

#[tokio::test]
async fn nothing_begins_or_ends_for_whoever_is_locked_out() {
    let (site, mut passkey) = site_of_ada().await;
    let codes = ada_with_codes(&site, &mut passkey).await;
    let mut browser = site.browser();
    let token = browser.begin_recovery("ada", &codes[0]).await;
    site.pass(DAY);
    let (id, options) = begun(&browser.begin_passkey(&token).await);
    let answer = Authenticator::new(2).create(site.origin, &options);
    let ada = browser.user().await;
    site.site.accounts.disable_but_the_last_admin(&ada).await.expect("locked out");
    assert_eq!(site.count_accounts("sessions").await, 0);
    assert_eq!(outcome(&browser.finish_recovery(&token, &id, &answer).await), is_over());
    assert_eq!(outcome(&browser.try_code("ada", &codes[1]).await), refused());
    assert!(site.site.accounts.open_recovery(&ada).await.is_err());
    site.site.accounts.enable(&ada).await.expect("let in");
    assert_eq!(browser.stage(&token).await, "over", "what was ended stays ended");
    browser.begin_recovery("ada", &codes[1]).await;
}

#[tokio::test]
async fn the_delay_can_be_none() {
    let site = TestSite::with(&[NO_LIMITS, ("KEYFOLD_RECOVERY_DELAY_HOURS", "0")]).await;
    let mut home = site.browser();
    home.sign_up("ada", &mut Authenticator::new(1)).await;
    let codes = home.make_codes().await;
    let mut away = site.browser();
    let token = away.begin_recovery("ada", &codes[0]).await;
    let reply = away.recover(&token, &mut Authenticator::new(2)).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
}
