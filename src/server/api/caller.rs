//! Whose request it is: the relying party that an API key belongs to.
//!
//! Decision: requests without a good key are counted by address, and a good key is never refused for
//! them; requests with one are counted by key. So nobody can use up what is somebody else's.

use std::borrow::Cow;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::problem::{Code, Problem};
use crate::server::address::Client;
use crate::server::limits::{Allowance, Exceeded};
use crate::server::passkeys::{Binding, Caller, KeyRefused, RelyingParty};
use crate::server::site::Site;

/// What is allowed (draft-ietf-httpapi-ratelimit-headers, section 3).
pub(super) const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// What is left of it (section 4).
pub(super) const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// The back end that asks.
#[derive(Clone)]
pub(super) struct BackEnd(Caller);

impl BackEnd {
    pub(super) fn party(&self) -> &RelyingParty {
        &self.0.party
    }

    /// The id of the key.
    pub(super) fn key(&self) -> &str {
        &self.0.key
    }

    pub(super) fn binding(&self) -> Binding {
        Binding::to_back_end(&self.0.key)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for BackEnd {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| Problem::new(Code::Unauthenticated, "no key was looked at"))
    }
}

/// Lets in whoever has a good key, within its limit.
pub(super) async fn authenticate(
    State(site): State<Site>,
    mut request: Request,
    next: Next,
) -> Response {
    let client = request.extensions().get::<Client>().copied();
    let caller = match look_up(&site, request.headers()).await {
        Ok(caller) => caller,
        Err(problem) => return count_failure(&site, client, problem).await.into_response(),
    };
    let allowance = match site.limits.call(&caller.0.key).await {
        Ok(allowance) => allowance,
        Err(exceeded) => {
            let detail = format!("at most {} requests a minute with one key", exceeded.limit);
            return too_many("key", &exceeded, detail).into_response();
        }
    };
    request.extensions_mut().insert(caller);
    let mut response = next.run(request).await;
    tell_allowance(response.headers_mut(), "key", allowance.as_ref());
    response
}

async fn look_up(site: &Site, headers: &HeaderMap) -> Result<BackEnd, Problem> {
    let bearer = bearer(headers).ok_or_else(|| {
        Problem::new(Code::Unauthenticated, "send Authorization: Bearer and an API key")
    })?;
    site.passkeys.caller(bearer).await.map(BackEnd).map_err(|refused| match refused {
        KeyRefused::Unknown => Problem::new(Code::Unauthenticated, "there is no such API key"),
        KeyRefused::Expired => Problem::new(Code::ApiKeyExpired, "make another API key"),
        KeyRefused::Revoked => Problem::new(Code::ApiKeyRevoked, "use another API key"),
        KeyRefused::Failed(error) => error.into(),
    })
}

/// RFC 6750, section 2.1.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (scheme, token) = values.next()?.to_str().ok()?.split_once(' ')?;
    (values.next().is_none() && scheme.eq_ignore_ascii_case("bearer")).then(|| token.trim())
}

async fn count_failure(site: &Site, client: Option<Client>, problem: Problem) -> Problem {
    let Some(Client(prefix)) = client else { return problem };
    if !problem.is_of_caller() {
        return problem;
    }
    match site.limits.fail(prefix).await {
        Ok(()) => problem,
        Err(exceeded) => {
            let detail = "too many requests without a good API key came from this address";
            too_many("failures", &exceeded, detail)
        }
    }
}

/// Nothing is left of the limit with this name. When there is something again is what `Retry-After` says.
pub(super) fn too_many(
    name: &str,
    exceeded: &Exceeded,
    detail: impl Into<Cow<'static, str>>,
) -> Problem {
    let seconds = exceeded.seconds;
    let problem = Problem::new(Code::RateLimited, detail).retry_after(seconds);
    let (limit, within) = (exceeded.limit, exceeded.within.as_secs());
    let headers = allowance(name, (limit, within), (0, seconds));
    headers.into_iter().fold(problem, |problem, (header, value)| problem.with_header(header, value))
}

/// Says what is left of the limit with this name.
pub(super) fn tell_allowance(headers: &mut HeaderMap, name: &str, left: Option<&Allowance>) {
    if let Some(left) = left {
        let (policy, rest) = ((left.limit, 60), (left.remaining, left.full_in_seconds()));
        headers.extend(allowance(name, policy, rest));
    }
}

/// So many requests within so many seconds; and so many are left, for so many seconds.
fn allowance(
    name: &str,
    (most, within): (u32, u64),
    (left, seconds): (u32, u64),
) -> Vec<(HeaderName, HeaderValue)> {
    let policy = format!("\"{name}\";q={most};w={within}");
    let limit = format!("\"{name}\";r={left};t={seconds}");
    let value = |(header, text): (HeaderName, String)| Some((header, text.try_into().ok()?));
    [(POLICY, policy), (LIMIT, limit)].into_iter().filter_map(value).collect()
}
