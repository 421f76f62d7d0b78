//! Traces, as a collector gets them.

use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Method};
use axum::routing::post;
use tracing_subscriber::layer::SubscriberExt as _;

use super::authenticator::Authenticator;
use super::request_ids::listen;
use super::{TestSite, authenticator};
use crate::server::address::Peer;
use crate::server::log;
use crate::server::telemetry::Telemetry;

/// The id of a trace that began elsewhere.
const TRACE: [u8; 16] = [0x4b; 16];

const PARENT: [u8; 8] = [0x5a; 8];

type Received = Arc<Mutex<Vec<u8>>>;

async fn collector() -> (url::Url, Received) {
    let received = Received::default();
    let keep = Arc::clone(&received);
    let take = async move |headers: HeaderMap, body: Bytes| {
        assert_eq!(headers[CONTENT_TYPE], "application/x-protobuf");
        keep.lock().expect("nobody panicked").extend_from_slice(&body);
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let router = Router::new().route("/v1/traces", post(take));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (format!("http://{address}").parse().expect("a URL"), received)
}

/// Off the runtime, where the exporter wants to be.
async fn elsewhere<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, wait) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || done.send(work()).is_ok());
    wait.await.expect("it is done")
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("memory is there");
        text
    })
}

async fn ask_with_trace(site: &TestSite, peer: &str, trace: &str) {
    let peer = Peer::Address(peer.parse::<IpAddr>().expect("an address"));
    let request = site.browser().request(Method::GET, "/readyz").header("traceparent", trace);
    let request = request.extension(peer).body(Body::empty()).expect("a request");
    site.answer(request).await;
}

#[tokio::test]
async fn a_collector_gets_requests_and_no_secrets() {
    let (url, received) = collector().await;
    let telemetry = elsewhere(move || Telemetry::start(&url).expect("it starts")).await;
    let site = TestSite::with(&[("KEYFOLD_TRUSTED_PROXIES", "10.0.0.0/8")]).await;
    let lines = log::lines(&site.site.config, std::io::sink, false);
    let subscriber = tracing_subscriber::registry().with(lines).with(telemetry.layer());
    let guard = listen(subscriber);
    let mut passkey: Authenticator = authenticator::Authenticator::new(1);
    let mut browser = site.browser();
    let reply = browser.sign_up("ada-lovelace", &mut passkey).await;
    browser.get("/recover/secret-of-ada?with=secret").await;
    let trace = format!("00-{}-{}-01", hex(&TRACE), hex(&PARENT));
    ask_with_trace(&site, "10.0.0.1", &trace).await;
    let strange: Vec<u8> = TRACE.iter().map(|byte| byte + 1).collect();
    let strangers = format!("00-{}-{}-01", hex(&strange), hex(&PARENT));
    ask_with_trace(&site, "192.0.2.1", &strangers).await;
    drop(guard);
    elsewhere(move || telemetry.stop()).await;
    let received = received.lock().expect("nobody panicked").clone();
    for part in [
        "POST /api/finish_sign_up",
        "GET /recover",
        "verification",
        "registration",
        "http.response.status_code",
        "keyfold",
        reply.header("x-request-id"),
    ] {
        let text = String::from_utf8_lossy(&received);
        assert!(has(&received, part.as_bytes()), "{part} in {text}");
    }
    assert!(has(&received, &TRACE) && has(&received, &PARENT), "the proxy's trace goes on");
    assert!(!has(&received, &strange), "a stranger's does not");
    let cookies = browser.cookies.values().map(String::as_str);
    for secret in cookies.chain(["ada", "secret", "lovelace", "127.0.0.1"]) {
        assert!(!has(&received, secret.as_bytes()), "{secret}");
    }
}
