//! Requests as a browser would send them, and what comes back.

use std::time::Duration;

use axum::http::{HeaderMap, Method, Version};
use reqwest::redirect::Policy;
use rustls::ClientConfig;

use super::super::accounts::ProbeSecret;
use super::super::chance::Chance;
use super::super::config::Config;
use super::super::cookies;
use super::super::probe::{NONCE, SECRET, STATUS, Seen};
use super::super::web_origin::WebOrigin;

const PATIENCE: Duration = Duration::from_secs(10);

/// An address that is nobody's (RFC 5737): what a stranger would claim to be.
pub(super) const FORGED_ADDRESS: &str = "203.0.113.77";

/// A host that is nobody's (RFC 2606).
pub(super) const FORGED_HOST: &str = "forged.invalid";

/// A scheme that nothing has.
pub(super) const FORGED_SCHEME: &str = "forged";

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) version: Version,
    pub(super) body: String,
    /// What the request was called.
    pub(super) nonce: String,
}

impl Answer {
    /// What Keyfold saw of the request, where it is Keyfold that answered this request.
    pub(super) fn seen(&self) -> Option<Seen> {
        let seen: Seen = serde_json::from_str(&self.body).ok()?;
        (seen.nonce == self.nonce).then_some(seen)
    }

    /// The values of a header, in order.
    pub(super) fn header(&self, name: &str) -> Vec<String> {
        let values = self.headers.get_all(name).iter();
        values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect()
    }
}

/// Why Keyfold did not say what it saw.
#[derive(Debug)]
pub(super) enum Refusal {
    Unreachable(String),
    /// Somebody else answered.
    Elsewhere(Box<Answer>),
}

/// What is asked.
#[derive(Debug, Default)]
pub(super) struct Question {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) body: Vec<u8>,
    pub(super) status: Option<u16>,
}

impl Question {
    pub(super) fn to(path: &str) -> Self {
        Self { path: path.to_owned(), ..Self::default() }
    }
}

/// Asks.
#[derive(Debug)]
pub(super) struct Asker {
    client: reqwest::Client,
    url: WebOrigin,
    origin: String,
    /// Without it Keyfold says nothing of what it sees.
    secret: Option<ProbeSecret>,
    chance: Chance,
}

impl Asker {
    pub(super) fn new(
        (config, chance): (&Config, &Chance),
        url: &WebOrigin,
        tls: &ClientConfig,
        secret: Option<ProbeSecret>,
    ) -> Result<Self, reqwest::Error> {
        let mut tls = tls.clone();
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        // Where requests go is what is examined: no proxy of the environment comes in between.
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .timeout(PATIENCE)
            .user_agent(concat!("keyfold-doctor/", env!("CARGO_PKG_VERSION")))
            .tls_backend_preconfigured(tls)
            .build()?;
        let origin = config.public_url.origin().to_owned();
        Ok(Self { client, url: url.clone(), origin, secret, chance: chance.clone() })
    }

    /// The first question, whose answer tells the most.
    pub(super) async fn first(&self) -> Result<(Answer, Seen), Refusal> {
        let question = Question {
            method: Method::POST,
            path: "/api/probe".to_owned(),
            body: b"{}".to_vec(),
            status: None,
        };
        let answer = self.probe(&question).await.map_err(Refusal::Unreachable)?;
        match answer.seen() {
            Some(seen) => Ok((answer, seen)),
            None => Err(Refusal::Elsewhere(answer.into())),
        }
    }

    /// Asks what arrives of this.
    pub(super) async fn probe(&self, question: &Question) -> Result<Answer, String> {
        let nonce = self.chance.id();
        let cookie = cookies::probe_cookie(&nonce, &self.url);
        let address = format!("{}{}", self.url.origin(), question.path);
        let request = self.client.request(question.method.clone(), address);
        let request = match &self.secret {
            Some(secret) => request.header(SECRET, secret.reveal()),
            None => request,
        };
        let request = request
            .header(NONCE, &nonce)
            .header("origin", &self.origin)
            .header("sec-fetch-site", "same-origin")
            .header("sec-fetch-mode", "cors")
            .header("sec-fetch-dest", "empty")
            .header("authorization", format!("Bearer {nonce}"))
            .header("cookie", format!("{}={nonce}", cookie.name()))
            .header("content-type", "application/json")
            .header("x-forwarded-for", FORGED_ADDRESS)
            .header("x-forwarded-host", FORGED_HOST)
            .header("x-forwarded-proto", FORGED_SCHEME);
        let request = match question.status {
            Some(status) => request.header(STATUS, status.to_string()),
            None => request,
        };
        let is_bodiless = matches!(question.method, Method::GET | Method::HEAD);
        let request = if is_bodiless { request } else { request.body(question.body.clone()) };
        Self::answered(request, nonce).await
    }

    /// Asks for a page, as any browser would.
    pub(super) async fn page(&self, path: &str) -> Result<Answer, String> {
        let request = self.client.get(format!("{}{path}", self.url.origin()));
        Self::answered(request.header("accept", "text/html"), String::new()).await
    }

    /// Asks over plain http.
    pub(super) async fn plainly(&self, port: u16) -> Result<Answer, String> {
        let port = if port == 80 { String::new() } else { format!(":{port}") };
        let request = self.client.get(format!("http://{}{port}/help/passkeys", self.url.host()));
        Self::answered(request, String::new()).await
    }

    async fn answered(request: reqwest::RequestBuilder, nonce: String) -> Result<Answer, String> {
        let response = request.send().await.map_err(|error| reason(&error))?;
        let (status, version) = (response.status().as_u16(), response.version());
        let headers = response.headers().clone();
        let body = response.text().await.map_err(|error| reason(&error))?;
        Ok(Answer { status, headers, version, body, nonce })
    }
}

/// What the innermost error says: those around it repeat the address.
pub fn reason(error: &reqwest::Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(below) = innermost.source() {
        innermost = below;
    }
    innermost.to_string()
}
