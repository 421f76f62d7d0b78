//! Tells an examination what of its requests arrives here, whichever path they come by.
//!
//! Decision: the secret goes in a header of its own, so that everything else of a request can be what
//! is tried. To anyone without it this is not there: their request goes on as if nothing had been.

use std::net::IpAddr;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::address::{Peer, client_of};
use super::cookies;
use super::site::Site;

/// Carries the secret.
pub(super) const SECRET: &str = "keyfold-probe";

/// Names the request: what comes back with the answer belongs to it.
pub(super) const NONCE: &str = "keyfold-probe-nonce";

/// Asks for an answer with this status.
pub(super) const STATUS: &str = "keyfold-probe-status";

/// More than a body may have anywhere here.
const MOST: usize = 256 * 1024;

/// What arrived.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Seen {
    /// The version of Keyfold.
    pub(super) version: String,
    /// What the request was called.
    pub(super) nonce: String,
    pub(super) method: String,
    /// With its query.
    pub(super) target: String,
    /// Such as `HTTP/1.1`.
    pub(super) protocol: String,
    /// Who holds the connection; None for somebody at our Unix socket.
    pub(super) peer: Option<IpAddr>,
    /// Whether that is a trusted proxy.
    pub(super) peer_is_trusted: bool,
    /// Whose request it is held to be.
    pub(super) client: Option<IpAddr>,
    /// Every header but the secret, in order.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body_length: usize,
    /// Its SHA-256.
    pub(super) body_hash: String,
    /// The time, in milliseconds since the Unix epoch.
    pub(super) now: i64,
}

impl Seen {
    /// The values of a header, in order.
    pub(super) fn header(&self, name: &str) -> Vec<&str> {
        let of_name = self.headers.iter().filter(|(known, _)| known == name);
        of_name.map(|(_, value)| value.as_str()).collect()
    }
}

/// Names a body.
pub(super) fn hash(body: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(body))
}

/// Answers requests that have a valid secret, instead of what they ask for.
pub(super) async fn answer(State(site): State<Site>, request: Request, next: Next) -> Response {
    let Some(secret) = text(request.headers(), SECRET) else {
        return next.run(request).await;
    };
    match site.accounts.is_probe(&secret).await {
        Ok(true) => seen(&site, request).await,
        Ok(false) | Err(_) => next.run(request).await,
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

async fn seen(site: &Site, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MOST).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let peer = parts.extensions.get::<Peer>().copied();
    let headers = parts.headers.iter().filter(|(name, _)| name.as_str() != SECRET);
    let headers = headers.map(|(name, value)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    let nonce = text(&parts.headers, NONCE).unwrap_or_default();
    let seen = Seen {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        nonce: nonce.clone(),
        method: parts.method.to_string(),
        target: parts.uri.path_and_query().map_or("", |target| target.as_str()).to_owned(),
        protocol: format!("{:?}", parts.version),
        peer: match peer {
            Some(Peer::Address(address)) => Some(address.to_canonical()),
            Some(Peer::UnixSocket) | None => None,
        },
        peer_is_trusted: peer.is_some_and(|peer| peer.is_trusted(&site.config)),
        client: peer.and_then(|peer| client_of(peer, &parts.headers, &site.config)),
        headers: headers.collect(),
        body_length: body.len(),
        body_hash: hash(&body),
        now: site.clock.now().milliseconds(),
    };
    let status = text(&parts.headers, STATUS).and_then(|status| status.parse().ok());
    let mut response = Json(seen).into_response();
    *response.status_mut() = status.unwrap_or(StatusCode::OK);
    let cookie = cookies::probe_cookie(&nonce, &site.config.public_url).to_string();
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    response.map(Body::new)
}
