//! What is known of ceremonies when they are over: how many got how far, by which means, and why not.

use std::time::Duration;

use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, ORIGIN, USER_AGENT};
use serde_json::{Value, json};

use super::authenticator::Authenticator;
use super::{Browser, ORIGIN_OF_SITE, Reply, TestSite, begun};
use crate::server::passkeys::{Aspect, Day, Funnel, Scope, Trouble};

const FIREFOX: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0";

const SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";

/// A call of a browser that says what it is.
async fn call(browser: &mut Browser<'_>, agent: &str, function: &str, arguments: &Value) -> Reply {
    let request = browser.request(axum::http::Method::POST, &format!("/api/{function}"));
    let request = request.header(ORIGIN, ORIGIN_OF_SITE).header("sec-fetch-site", "same-origin");
    let request = request.header(CONTENT_TYPE, "application/json").header(USER_AGENT, agent);
    browser.send(request.body(arguments.to_string().into()).expect("a request")).await
}

async fn sign_up(browser: &mut Browser<'_>, agent: &str, passkey: &mut Authenticator) {
    let names = json!({ "name": "ada", "display_name": "" });
    let (id, options) = begun(&call(browser, agent, "begin_sign_up", &names).await);
    let answer = passkey.create(ORIGIN_OF_SITE, &options).to_string();
    let arguments = json!({ "id": id, "answer": answer });
    let reply = call(browser, agent, "finish_sign_up", &arguments).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
}

/// Signs in; with another challenge than the one that was given, it is refused.
async fn sign_in(
    site: &TestSite,
    agent: &str,
    mediation: &str,
    passkey: &mut Authenticator,
    is_right: bool,
) {
    let mut browser = site.browser();
    let (id, mut options) = begun(&call(&mut browser, agent, "begin_sign_in", &json!({})).await);
    if !is_right {
        options["challenge"] = json!("A".repeat(43));
    }
    let answer = passkey.get(ORIGIN_OF_SITE, &options).to_string();
    let arguments = json!({ "id": id, "answer": answer, "mediation": mediation });
    let reply = call(&mut browser, agent, "finish_sign_in", &arguments).await;
    assert_eq!(reply.status == StatusCode::OK, is_right, "{}", reply.text);
}

/// The browser fails in a sign-in.
async fn fail(site: &TestSite, agent: &str, error: &str, after: u32) -> String {
    let mut browser = site.browser();
    let reply = call(&mut browser, agent, "begin_sign_in", &json!({})).await;
    let (id, _) = begun(&reply);
    let failure = json!({ "call": "get", "error": error, "after": after, "mediation": "modal" });
    let report = json!({ "report": { "ceremony": id, "failure": failure } });
    assert_eq!(call(&mut browser, agent, "report_failure", &report).await.status, StatusCode::OK);
    reply.json()["reference"].as_str().expect("a reference").to_owned()
}

fn scope(site: &TestSite) -> Scope {
    let today = Day::of(site.site.clock.now());
    Scope { from: today.before(399), to: today, relying_party: None, kind: None }
}

async fn funnel(site: &TestSite, aspect: Aspect, word: &str) -> Funnel {
    let funnels = site.site.passkeys.funnels(&scope(site), aspect).await.expect("funnels");
    funnels
        .into_iter()
        .find(|(known, _)| known == word)
        .map(|(_, funnel)| funnel)
        .unwrap_or_default()
}

async fn all(site: &TestSite) -> Vec<String> {
    let (scope, passkeys) = (scope(site), &site.site.passkeys);
    let mut said = Vec::new();
    for aspect in Aspect::ALL {
        said.push(format!("{:?}", passkeys.funnels(&scope, aspect).await.expect("funnels")));
    }
    said.push(format!("{:?}", passkeys.funnels_by_day(&scope).await.expect("days")));
    for trouble in [Trouble::Refusals, Trouble::BrowserErrors] {
        said.push(format!("{:?}", passkeys.happenings(&scope, trouble).await.expect("reasons")));
    }
    said
}

fn of(offered: i64, begun: i64, finished: i64) -> Funnel {
    Funnel { offered, begun, finished }
}

/// One sign-up, three sign-ins, a refusal, a browser that fails, and somebody who only looks.
async fn busy_site() -> (TestSite, String) {
    let site = TestSite::new().await;
    let mut passkey = Authenticator::new(1);
    sign_up(&mut site.browser(), FIREFOX, &mut passkey).await;
    sign_in(&site, FIREFOX, "conditional", &mut passkey, true).await;
    sign_in(&site, FIREFOX, "modal", &mut passkey, true).await;
    sign_in(&site, SAFARI, "modal", &mut passkey, true).await;
    sign_in(&site, SAFARI, "immediate", &mut passkey, false).await;
    let reference = fail(&site, SAFARI, "NotAllowedError", 4_000).await;
    begun(&call(&mut site.browser(), "curl/8.0", "begin_sign_in", &json!({})).await);
    (site, reference)
}

#[tokio::test]
async fn every_ceremony_is_counted_by_what_it_was_and_how_far_it_got() {
    let (site, _) = busy_site().await;
    assert_eq!(funnel(&site, Aspect::Purpose, "new account").await, of(1, 1, 1));
    assert_eq!(funnel(&site, Aspect::Purpose, "anyone").await, of(6, 5, 3));
    assert_eq!(funnel(&site, Aspect::System, "Windows").await, of(3, 3, 3));
    assert_eq!(funnel(&site, Aspect::System, "iOS").await, of(3, 3, 1));
    assert_eq!(funnel(&site, Aspect::Browser, "Firefox").await, of(3, 3, 3));
    assert_eq!(funnel(&site, Aspect::Browser, "Safari").await, of(3, 3, 1));
    assert_eq!(funnel(&site, Aspect::Mediation, "conditional").await, of(1, 1, 1));
    assert_eq!(funnel(&site, Aspect::Mediation, "modal").await, of(4, 4, 3));
    assert_eq!(funnel(&site, Aspect::Mediation, "immediate").await, of(1, 1, 0));
    assert_eq!(funnel(&site, Aspect::Mediation, "").await, of(1, 0, 0));
    let passkeys = &site.site.passkeys;
    let days = passkeys.funnels_by_day(&scope(&site)).await.expect("days");
    let today = Day::of(site.site.clock.now());
    assert_eq!(days, [(today, of(7, 6, 4))]);
    let refusals = passkeys.happenings(&scope(&site), Trouble::Refusals).await.expect("reasons");
    assert_eq!((refusals.len(), refusals[0].word.as_str()), (1, "challenge_mismatch"));
    let errors = passkeys.happenings(&scope(&site), Trouble::BrowserErrors).await.expect("errors");
    assert_eq!((errors.len(), errors[0].word.as_str(), errors[0].count), (1, "cancelled", 1));
}

#[tokio::test]
async fn what_is_asked_for_can_be_narrowed() {
    let (site, _) = busy_site().await;
    let passkeys = &site.site.passkeys;
    let registrations = Scope { kind: Some("registration"), ..scope(&site) };
    let funnels = passkeys.funnels(&registrations, Aspect::Purpose).await.expect("funnels");
    assert_eq!(funnels, [("new account".to_owned(), of(1, 1, 1))]);
    let elsewhere = Scope { relying_party: Some("rp_elsewhere".into()), ..scope(&site) };
    assert_eq!(passkeys.funnels(&elsewhere, Aspect::Purpose).await.expect("funnels"), []);
    let own = Scope { relying_party: Some("rp_keyfold".into()), ..scope(&site) };
    assert_eq!(passkeys.funnels(&own, Aspect::Purpose).await.expect("funnels").len(), 2);
    let yesterday = Day::of(site.site.clock.now()).before(1);
    let before = Scope { to: yesterday, ..scope(&site) };
    assert_eq!(passkeys.funnels_by_day(&before).await.expect("days"), []);
}

#[tokio::test]
async fn what_was_counted_is_what_was_there() {
    let (site, _) = busy_site().await;
    let before = all(&site).await;
    // At first only what has been answered, then the rest, then the records go; and again each time.
    for seconds in [0, 0, 60, 11 * 60, 0, 29 * 24 * 3600, 2 * 24 * 3600] {
        site.pass_seconds(seconds);
        site.site.sweep().await;
        assert_eq!(all(&site).await, before, "after {seconds} more seconds");
    }
    assert_eq!(site.count_passkeys("ceremonies").await, 0);
    site.pass(Duration::from_hours(24 * 400));
    site.site.sweep().await;
    assert_eq!(site.count_passkeys("ceremony_days").await, 0);
}

#[tokio::test]
async fn two_that_sweep_at_once_count_everything_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let site = TestSite::in_folder(folder.path()).await;
    let mut passkey = Authenticator::new(1);
    sign_up(&mut site.browser(), FIREFOX, &mut passkey).await;
    for _ in 0..3 {
        sign_in(&site, FIREFOX, "modal", &mut passkey, true).await;
    }
    let before = all(&site).await;
    let other = TestSite::in_folder(folder.path()).await;
    tokio::join!(site.site.sweep(), other.site.sweep(), site.site.sweep(), other.site.sweep());
    assert_eq!(all(&site).await, before);
}

#[tokio::test]
async fn the_record_of_a_ceremony_says_by_what_means_somebody_came() {
    let (site, reference) = busy_site().await;
    let record = site.site.passkeys.record(&reference).await.expect("a look").expect("a record");
    assert_eq!(record.system.as_deref(), Some("iOS"));
    assert_eq!(record.browser.as_deref(), Some("Safari"));
    assert_eq!(record.mediation.as_deref(), Some("modal"));
    assert_eq!(record.client_error.map(|error| error.error).as_deref(), Some("NotAllowedError"));
}

#[tokio::test]
async fn what_a_browser_says_freely_is_not_counted_by() {
    let site = TestSite::new().await;
    for place in 0..5 {
        fail(&site, &format!("Made/up{place}"), &format!("MadeUp{place}Error"), 4_000).await;
    }
    site.pass_seconds(11 * 60);
    site.site.sweep().await;
    assert_eq!(site.count_passkeys("ceremony_days").await, 1);
    assert_eq!(funnel(&site, Aspect::Browser, "").await, of(5, 5, 0));
}

#[tokio::test]
async fn an_address_is_forgotten_in_time() {
    let settings = [("KEYFOLD_RATE_LIMITS", "off"), ("KEYFOLD_KEEP_ADDRESSES_DAYS", "2")];
    let site = TestSite::with(&settings).await;
    let mut browser = site.browser();
    sign_up(&mut browser, FIREFOX, &mut Authenticator::new(1)).await;
    for (hours, is_there) in [(0, true), (20, true), (20, true), (20, false)] {
        site.pass(Duration::from_hours(hours));
        // Somebody who is there keeps the session.
        let account = browser.account().await;
        site.site.sweep().await;
        let session = &browser.account().await["sessions"][0];
        assert_eq!(session["address"].is_string(), is_there, "{account}");
        assert_eq!(session["browser"], "Firefox");
    }
}
