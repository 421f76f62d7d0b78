//! What every request passes on its way in, and every response on its way out.
//!
//! Owns: that state changes come from our own pages only, and as JSON; the headers that tell
//! browsers what our pages may do; that a page asked for under an IP address is sent to the host
//! that has passkeys. Refuses to know: what a request is about.

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, ORIGIN, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::{Json, RequestExt as _};

use super::config::PublicUrl;
use super::site::Site;
use crate::wire::{Code, Refusal};

/// Finds the record of what went wrong. A failed server function without it never reached its body.
pub(super) const REFERENCE_HEADER: HeaderName = HeaderName::from_static("keyfold-reference");

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

const NOTHING_AT_ALL: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// Turns away state changes that are not from our own pages, or not JSON.
pub(super) async fn only_own_pages(
    State(site): State<Site>,
    request: Request,
    next: Next,
) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    if !is_from_own_page(request.headers(), &site.config.public_url) {
        return turned_away(&site, StatusCode::FORBIDDEN, "not from a page of this site");
    }
    if !is_json(request.headers()) {
        return turned_away(&site, StatusCode::UNSUPPORTED_MEDIA_TYPE, "not application/json");
    }
    let (parts, body) = request.into_parts();
    let limited = Request::from_parts(parts.clone(), body);
    let body = match limited.extract::<Bytes, _>().await {
        Ok(body) => body,
        Err(rejection) => {
            return turned_away(&site, rejection.status(), "a body too big, too slow or cut off");
        }
    };
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    // Leptos answers 500 when the arguments of a server function do not decode.
    let is_ours = response.headers().contains_key(REFERENCE_HEADER);
    if response.status() == StatusCode::INTERNAL_SERVER_ERROR && !is_ours {
        return turned_away(&site, StatusCode::BAD_REQUEST, "arguments that do not decode");
    }
    response
}

/// A browser says where a request comes from in `Sec-Fetch-Site`, older ones in `Origin`. At least
/// one must be there, and neither may say otherwise.
fn is_from_own_page(headers: &HeaderMap, url: &PublicUrl) -> bool {
    let (site, origin) = (headers.get(FETCH_SITE), headers.get(ORIGIN));
    (site.is_some() || origin.is_some())
        && site.is_none_or(|site| site == "same-origin")
        && origin.is_none_or(|origin| origin == url.origin())
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type =
        headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

fn turned_away(site: &Site, status: StatusCode, reason: &'static str) -> Response {
    let reference = site.chance.reference();
    tracing::info!(%reference, reason, "a request was turned away");
    let refusal = Refusal { code: Code::Refused, reference: Some(reference) };
    (status, Json(refusal)).into_response()
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
    let is_loopback = host.starts_with("127.") || host.starts_with("[::1]");
    let is_page = matches!(*request.method(), Method::GET | Method::HEAD);
    if is_loopback && is_page && !url.is_secure() {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        return Redirect::temporary(&format!("{}{path}", url.origin())).into_response();
    }
    next.run(request).await
}

/// Says what browsers may do with our responses. A page brings its own content security policy.
pub(super) async fn with_security_headers(
    State(site): State<Site>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(OPENER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(
        PERMISSIONS_POLICY,
        HeaderValue::from_static(
            "publickey-credentials-get=(self), publickey-credentials-create=(self)",
        ),
    );
    if site.config.public_url.is_secure() {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(NOTHING_AT_ALL);
    response
}
