//! `Idempotency-Key`: the same request twice is done once.
//!
//! A reply is kept for 24 hours, sealed with a key that is made of the caller's own secret: it holds
//! names, and the database holds none. What verifies something is not here: it is single-use anyway.

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::caller::{BackEnd, bearer};
use super::extract::read;
use super::problem::{Code, Problem};
use crate::server::passkeys::{Attempt, Once, Seal};
use crate::server::site::Site;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");

const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// A longer reply is not kept.
const LONGEST_REPLY: usize = 256 * 1024;

/// A reply that can be given again.
#[derive(Serialize, Deserialize)]
struct Kept {
    status: u16,
    location: Option<String>,
    content_type: Option<String>,
    body: String,
}

/// Gives the reply of the first request with this key, if there was one.
pub(super) async fn once(State(site): State<Site>, request: Request, next: Next) -> Response {
    if !request.headers().contains_key(KEY) {
        return next.run(request).await;
    }
    // A client that hangs up must find the reply when it comes back.
    let tasks = site.tasks.clone();
    let answered = tasks.spawn(async move { answer_once(&site, request, next).await });
    let broken =
        || Problem::new(Code::InternalError, "a request with an Idempotency-Key broke off");
    let answered = answered.await.unwrap_or_else(|_| Err(broken()));
    answered.unwrap_or_else(Problem::into_response)
}

async fn answer_once(site: &Site, request: Request, next: Next) -> Result<Response, Problem> {
    let name = name_of(&request)?;
    let caller = request.extensions().get::<BackEnd>().cloned();
    let caller =
        caller.ok_or_else(|| Problem::new(Code::Unauthenticated, "no key was looked at"))?;
    let seal = Seal::of(bearer(request.headers()).unwrap_or_default().as_bytes(), &name);
    let (parts, body) = request.into_parts();
    let bytes = read(Request::from_parts(parts.clone(), body), &()).await?;
    let asked = Sha256::new()
        .chain_update(parts.method.as_str())
        .chain_update([0])
        .chain_update(parts.uri.path())
        .chain_update([0])
        .chain_update(&bytes)
        .finalize();
    let attempt = Attempt { key: caller.key().to_owned(), name, asked: asked.to_vec() };
    match site.passkeys.once(caller.party(), &attempt).await? {
        Once::First => {}
        Once::UnderWay => {
            let detail = "the first request with this Idempotency-Key has not been answered yet";
            return Err(Problem::new(Code::IdempotencyInProgress, detail).retry_after(1));
        }
        Once::Another => {
            let detail = "use a new Idempotency-Key for a new request";
            return Err(Problem::new(Code::IdempotencyKeyReused, detail));
        }
        Once::Answered(sealed) => {
            let kept = seal.open(&sealed).and_then(|kept| serde_json::from_slice(&kept).ok());
            let unreadable =
                "the reply to the first request cannot be read; use a new Idempotency-Key";
            return kept
                .map(replay)
                .ok_or_else(|| Problem::new(Code::IdempotencyKeyReused, unreadable));
        }
    }
    let response = next.run(Request::from_parts(parts, Body::from(bytes))).await;
    if !response.status().is_success() {
        // Nothing was done: it may be tried again, and with another body.
        site.passkeys.release(&attempt).await?;
        return Ok(response);
    }
    keep(site, &attempt, &seal, response).await
}

fn name_of(request: &Request) -> Result<String, Problem> {
    let mut names = request.headers().get_all(KEY).iter();
    let name = names.next().and_then(|name| name.to_str().ok()).unwrap_or_default();
    if names.next().is_some() || !(1..=255).contains(&name.len()) {
        let detail = "must be there once, with 1 to 255 visible characters";
        return Err(Problem::invalid("/Idempotency-Key", detail));
    }
    Ok(name.to_owned())
}

fn replay(kept: Kept) -> Response {
    let status = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK);
    let mut response = (status, kept.body).into_response();
    let headers = response.headers_mut();
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    for (name, text) in [(CONTENT_TYPE, kept.content_type), (LOCATION, kept.location)] {
        if let Some(value) = text.and_then(|text| HeaderValue::from_str(&text).ok()) {
            headers.insert(name, value);
        }
    }
    response
}

async fn keep(
    site: &Site,
    attempt: &Attempt,
    seal: &Seal,
    response: Response,
) -> Result<Response, Problem> {
    let (parts, body) = response.into_parts();
    let broken = |error: String| Problem::new(Code::InternalError, error);
    let body = to_bytes(body, usize::MAX).await.map_err(|error| broken(error.to_string()))?;
    if body.len() > LONGEST_REPLY {
        site.passkeys.release(attempt).await?;
        return Ok(Response::from_parts(parts, Body::from(body)));
    }
    let header = |name| {
        let value: Option<&HeaderValue> = parts.headers.get(name);
        value.and_then(|value| value.to_str().ok()).map(str::to_owned)
    };
    let kept = Kept {
        status: parts.status.as_u16(),
        location: header(LOCATION),
        content_type: header(CONTENT_TYPE),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let kept = serde_json::to_vec(&kept).map_err(|error| broken(error.to_string()))?;
    site.passkeys.keep(attempt, seal, &kept).await?;
    Ok(Response::from_parts(parts, Body::from(body)))
}
