//! The id of a request: in its response, in what is logged for it, and in what people are told.

use std::io::Write;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::{Method, StatusCode};
use axum::routing::get;
use http_body_util::BodyExt as _;
use serde_json::json;
use tower::ServiceExt as _;
use tracing::Dispatch;
use tracing::subscriber::{DefaultGuard, NoSubscriber};
use tracing_subscriber::layer::SubscriberExt as _;

use super::authenticator::{Authenticator, Lies};
use super::{Reply, TestSite};
use crate::server::address::Peer;
use crate::server::log;
use crate::server::router::watched;
use crate::wire::{Code, Refusal};

/// While it lives, what is noted on this thread is heard.
pub(super) struct Listening(#[expect(dead_code, reason = "held")] (DefaultGuard, Dispatch));

/// Hears what is noted on this thread. Beside a subscriber that is alone, tracing lets a thread that has
/// none decide for all whether anybody listens; so there are two.
pub(super) fn listen(subscriber: impl Into<Dispatch>) -> Listening {
    let another = Dispatch::new(NoSubscriber::default());
    Listening((tracing::dispatcher::set_default(&subscriber.into()), another))
}

/// What is logged meanwhile, on this thread.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn start(site: &TestSite) -> (Self, Listening) {
        let log = Self::default();
        let writer = log.clone();
        let lines = log::lines(&site.site.config, move || writer.clone(), false);
        (log, listen(tracing_subscriber::registry().with(lines)))
    }

    fn lines(&self) -> Vec<String> {
        let bytes = self.0.lock().expect("nobody panicked").clone();
        String::from_utf8(bytes).expect("text").lines().map(str::to_owned).collect()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nobody panicked").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn ask(site: &TestSite, peer: Peer, id: &str) -> Reply {
    let request = site.browser().request(Method::GET, "/healthz").header("x-request-id", id);
    let request = request.extension(peer).body(Body::empty()).expect("a request");
    site.answer(request).await
}

fn at(address: &str) -> Peer {
    Peer::Address(address.parse::<IpAddr>().expect("an address"))
}

#[tokio::test]
async fn every_response_has_an_id_of_its_own() {
    let site = TestSite::new().await;
    let mut seen = Vec::new();
    for path in ["/", "/sign-in", "/nowhere", "/healthz", "/v1/nowhere", "/sign-in"] {
        let reply = site.browser().get(path).await;
        let id = reply.header("x-request-id").to_owned();
        assert_eq!(id.len(), "7KQ4-M2XD-0123456789AB".len(), "{path}: {id}");
        assert!(!seen.contains(&id), "{path}");
        seen.push(id);
    }
}

#[tokio::test]
async fn an_id_is_taken_from_a_trusted_proxy_only() {
    let trusted =
        [("KEYFOLD_TRUSTED_PROXIES", "10.0.0.0/8"), ("KEYFOLD_UNIX_SOCKET_TRUSTED", "on")];
    let site = TestSite::with(&trusted).await;
    for (peer, is_taken) in [
        (at("10.1.2.3"), true),
        (at("::ffff:10.1.2.3"), true),
        (at("192.0.2.1"), false),
        (Peer::UnixSocket, true),
    ] {
        let reply = ask(&site, peer, "from-the-proxy").await;
        assert_eq!(reply.header("x-request-id") == "from-the-proxy", is_taken, "{peer:?}");
    }
    for odd in ["", "with space", "with\"quote", "with{brace}", &"x".repeat(129)] {
        let reply = ask(&site, at("10.1.2.3"), odd).await;
        assert_ne!(reply.header("x-request-id"), odd);
        assert!(!reply.header("x-request-id").is_empty());
    }
    let site = TestSite::new().await;
    let reply = ask(&site, Peer::UnixSocket, "from-the-proxy").await;
    assert_ne!(reply.header("x-request-id"), "from-the-proxy", "unless it is said otherwise");
}

#[tokio::test]
async fn what_is_logged_for_a_request_carries_its_id() {
    let site = TestSite::new().await;
    let mut passkey = Authenticator::new(1);
    site.browser().sign_up("ada", &mut passkey).await;
    let (log, _guard) = Log::start(&site);
    let no_name = json!({ "name": "!", "display_name": "" });
    let taken = site.browser().call("begin_sign_up", &no_name).await;
    let wrong = Lies { signature: Some(vec![0x30, 0]), ..Lies::default() };
    let mut browser = site.browser();
    let (id, options) = browser.begin_sign_in().await;
    let answer = passkey.get_lying(site.origin, &options, &wrong);
    let refused = browser.finish("finish_sign_in", &id, &answer).await;
    let problem = site.browser().get("/v1/nowhere").await;
    for reply in [&taken, &refused, &problem] {
        assert!(reply.status.is_client_error(), "{}", reply.text);
        let span = format!("request{{request_id=\"{}\"}}", reply.header("x-request-id"));
        let lines = log.lines();
        assert!(lines.iter().any(|line| line.contains(&span)), "{span} in {lines:#?}");
    }
    for line in log.lines() {
        assert!(line.contains("request{request_id="), "{line}");
    }
    assert_eq!(problem.json()["requestId"], problem.header("x-request-id"));
}

/// What stands on an error page is found in the log.
#[tokio::test]
async fn a_page_that_is_not_there_has_a_reference() {
    let site = TestSite::new().await;
    let (log, _guard) = Log::start(&site);
    for path in ["/nowhere", "/console", "/setup/0123456789"] {
        let reply = site.browser().get(path).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}");
        let reference = &reply.header("x-request-id")[..9];
        assert!(reply.text.contains(reference), "{path}: {}", reply.text);
        let noted = format!("reference={reference}");
        assert!(log.lines().iter().any(|line| line.contains(&noted)), "{path}: {:#?}", log.lines());
    }
}

#[tokio::test]
async fn a_panic_is_answered_under_a_reference() {
    let site = TestSite::new().await;
    let (log, _guard) = Log::start(&site);
    let panics = Router::new().route("/", get(async || -> &'static str { panic!("by the test") }));
    let request = site.browser().request(Method::GET, "/").body(Body::empty()).expect("a request");
    let response = watched(site.site.clone(), panics).oneshot(request).await.expect("infallible");
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let id = response.headers()["x-request-id"].to_str().expect("letters").to_owned();
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    let refusal: Refusal = serde_json::from_slice(&body).expect("a refusal");
    assert_eq!(refusal.code, Code::ServerTrouble);
    assert!(id.starts_with(refusal.reference.as_deref().expect("a reference")), "{id}");
    assert!(log.lines().iter().any(|line| line.contains(&id)), "{:#?}", log.lines());
}

#[tokio::test]
async fn json_lines_carry_it_as_well_and_so_do_quiet_logs() {
    let settings = [("KEYFOLD_LOG", "keyfold::server=info"), ("KEYFOLD_LOG_FORMAT", "json")];
    let site = TestSite::with(&settings).await;
    let (log, _guard) = Log::start(&site);
    let reply = site.browser().call("finish_sign_in", &json!({ "id": "?", "answer": "" })).await;
    let lines = log.lines();
    let line = lines.first().expect("it is logged");
    let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
    assert_eq!(line["span"]["request_id"], reply.header("x-request-id"), "{line}");
}

#[tokio::test]
async fn people_are_told_the_beginning_of_the_id() {
    let site = TestSite::new().await;
    let no_name = json!({ "name": "!", "display_name": "" });
    let reply = site.browser().call("begin_sign_up", &no_name).await;
    let reference = reply.json()["reference"].as_str().expect("a reference").to_owned();
    assert_eq!(reference.len(), "7KQ4-M2XD".len());
    assert!(reply.header("x-request-id").starts_with(&reference), "{reply:?}");
    let turned_away = site.browser().request(Method::POST, "/api/begin_sign_in");
    let turned_away = site.answer(turned_away.body(Body::empty()).expect("a request")).await;
    assert_eq!(turned_away.status, StatusCode::FORBIDDEN);
    let reference = turned_away.json()["reference"].as_str().expect("a reference").to_owned();
    assert!(turned_away.header("x-request-id").starts_with(&reference));
}

#[tokio::test]
async fn a_ceremony_keeps_its_own_reference() {
    let site = TestSite::new().await;
    let mut passkey = Authenticator::new(1);
    site.browser().sign_up("ada", &mut passkey).await;
    let mut browser = site.browser();
    let begun = browser.call("begin_sign_in", &json!({})).await;
    let (id, options) = super::begun(&begun);
    let wrong = Lies { signature: Some(vec![0x30, 0]), ..Lies::default() };
    let answer = passkey.get_lying(site.origin, &options, &wrong);
    let reply = browser.finish("finish_sign_in", &id, &answer).await;
    assert_eq!(reply.json()["reference"], begun.json()["reference"]);
}
