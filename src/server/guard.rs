//! What every request passes on its way in, and every response on its way out.
//!
//! Owns: that state changes come from our own pages only, and as JSON; the headers that tell
//! browsers what our pages may do; that a page asked for under an IP address is sent to the host
//! that has passkeys. Refuses to know: what a request is about.

use std::any::Any;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, ORIGIN, REFERRER_POLICY,
    RETRY_AFTER, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::{Extension, Json, RequestExt as _};
use tokio::time::timeout;

use super::config::Config;
use super::request_id::RequestId;
use super::site::Site;
use crate::wire::{Code, Refusal};

/// Finds the record of what went wrong. A failed server function without it never reached its body.
pub(super) const REFERENCE_HEADER: HeaderName = HeaderName::from_static("keyfold-reference");

/// From the first byte of a body to its last.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

const NOTHING_AT_ALL: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// Turns away targets without a path, such as `HEAD example:80`, on which Leptos panics.
pub(super) async fn only_paths(State(site): State<Site>, request: Request, next: Next) -> Response {
    if request.uri().path().starts_with('/') && request.uri().path_and_query().is_some() {
        next.run(request).await
    } else {
        let id = id_of(&request);
        turned_away(&site, &id, StatusCode::BAD_REQUEST, "a target without a path")
    }
}

/// Says of a response that it stands for a panic.
#[derive(Debug, Clone, Copy)]
struct Panicked;

/// What is left of a request whose work has panicked; [`in_time`] finds the words for it.
pub(super) fn panicked(_: Box<dyn Any + Send>) -> Response {
    Extension(Panicked).into_response()
}

/// Ends a request that takes too long, or that panics, in the words of every other refusal.
pub(super) async fn in_time(State(site): State<Site>, request: Request, next: Next) -> Response {
    let id = id_of(&request);
    match timeout(REQUEST_TIMEOUT, next.run(request)).await {
        Ok(response) if response.extensions().get::<Panicked>().is_some() => {
            turned_away(&site, &id, StatusCode::INTERNAL_SERVER_ERROR, "a panic: see the log above")
        }
        Ok(response) => response,
        Err(_) => with_retry_after(turned_away(
            &site,
            &id,
            StatusCode::SERVICE_UNAVAILABLE,
            "a request that took too long",
        )),
    }
}

fn with_retry_after(mut response: Response) -> Response {
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
    response
}

/// Turns away state changes that are not from our own pages, or not JSON.
pub(super) async fn only_own_pages(
    State(site): State<Site>,
    request: Request,
    next: Next,
) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let id = id_of(&request);
    if !is_from_own_page(request.headers(), &site.config) {
        return turned_away(&site, &id, StatusCode::FORBIDDEN, "not from a page of this site");
    }
    if !is_json(request.headers()) {
        return turned_away(&site, &id, StatusCode::UNSUPPORTED_MEDIA_TYPE, "not application/json");
    }
    let (parts, body) = request.into_parts();
    let limited = Request::from_parts(parts.clone(), body);
    let body = match timeout(BODY_TIMEOUT, limited.extract::<Bytes, _>()).await {
        Ok(Ok(body)) => body,
        Ok(Err(rejection)) => {
            return turned_away(&site, &id, rejection.status(), "a body too big or cut off");
        }
        Err(_) => return turned_away(&site, &id, StatusCode::REQUEST_TIMEOUT, "a body too slow"),
    };
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    // Leptos answers 500 when the arguments of a server function do not decode.
    let is_ours = response.headers().contains_key(REFERENCE_HEADER);
    if response.status() == StatusCode::INTERNAL_SERVER_ERROR && !is_ours {
        return turned_away(&site, &id, StatusCode::BAD_REQUEST, "arguments that do not decode");
    }
    response
}

/// A browser says where a request comes from in `Sec-Fetch-Site`, older ones in `Origin`. At least
/// one must be there, and neither may say otherwise, however often it is there.
fn is_from_own_page(headers: &HeaderMap, config: &Config) -> bool {
    let mut own = std::iter::once(&config.public_url).chain(&config.related_origins);
    let mut origins = headers.get_all(ORIGIN).iter();
    let origin_is_own = match origins.next() {
        Some(origin) => {
            own.any(|url| origin == url.origin()) && origins.all(|another| another == origin)
        }
        None => headers.contains_key(FETCH_SITE),
    };
    origin_is_own && headers.get_all(FETCH_SITE).iter().all(|said| said == "same-origin")
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type =
        headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

fn id_of(request: &Request) -> RequestId {
    request.extensions().get().cloned().unwrap_or_else(RequestId::unknown)
}

fn turned_away(site: &Site, id: &RequestId, status: StatusCode, reason: &'static str) -> Response {
    let reference = id.reference(&site.chance);
    let code = if status.is_server_error() {
        tracing::warn!(%reference, reason, "a request was turned away");
        Code::ServerTrouble
    } else {
        tracing::info!(%reference, reason, "a request was turned away");
        Code::Refused
    };
    let refusal = Refusal { code, reference: Some(reference), signal: None };
    (status, Json(refusal)).into_response()
}

/// Answers with a refusal that has been logged already.
pub(super) fn refused(status: StatusCode, refusal: Refusal) -> Response {
    let response = (status, Json(refusal)).into_response();
    if status == StatusCode::SERVICE_UNAVAILABLE { with_retry_after(response) } else { response }
}

/// `localhost` can be an RP ID and an IP address cannot: whoever asks for a page of a local site
/// under its loopback address is sent to the host that works.
pub(super) async fn prefer_public_host(
    State(site): State<Site>,
    request: Request,
    next: Next,
) -> Response {
    let url = &site.config.public_url;
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let address = host.parse().map(|address: SocketAddr| address.ip());
    let address = address.or_else(|_| host.trim_matches(['[', ']']).parse::<IpAddr>());
    let is_loopback = address.is_ok_and(|address| address.is_loopback());
    let is_page = matches!(*request.method(), Method::GET | Method::HEAD);
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    if is_loopback && is_page && !url.is_secure() && path.starts_with('/') {
        return Redirect::temporary(&format!("{}{path}", url.origin())).into_response();
    }
    next.run(request).await
}

/// The headers that every response has.
pub(super) fn security_headers(config: &Config) -> Vec<(HeaderName, String)> {
    let permissions = "publickey-credentials-get=(self), publickey-credentials-create=(self)";
    let mut headers = vec![
        (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (REFERRER_POLICY, "no-referrer".to_owned()),
        (OPENER_POLICY, "same-origin".to_owned()),
        (PERMISSIONS_POLICY, permissions.to_owned()),
    ];
    let remembered = u64::from(config.listening.hsts_days) * 24 * 3600;
    if config.public_url.is_secure() && remembered > 0 {
        headers.push((STRICT_TRANSPORT_SECURITY, format!("max-age={remembered}")));
    }
    headers
}

/// Says what browsers may do with our responses. A page brings its own content security policy.
pub(super) async fn with_security_headers(
    State(site): State<Site>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in security_headers(&site.config) {
        // Letters and digits always fit.
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(NOTHING_AT_ALL);
    response
}
