//! Whose request it is: the relying party that an API key belongs to.
//!
//! Decision: requests without a good key are counted by address, and a good key is never refused for
//! them; requests with one are counted by key. So nobody can use up what is somebody else's.

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

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

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
        Err(exceeded) => return too_many(&exceeded).into_response(),
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
    if problem.is_of_caller() && !site.limits.may_fail(prefix, None).await {
        let detail = "too many requests without a good API key came from this address";
        return Problem::new(Code::RateLimited, detail).retry_after(60);
    }
    problem
}

pub(super) fn too_many(exceeded: &Exceeded) -> Problem {
    let detail = format!("at most {} requests a minute", exceeded.limit);
    Problem::new(Code::RateLimited, detail).retry_after(exceeded.seconds)
}

/// What is left (draft-ietf-httpapi-ratelimit-headers, sections 3 and 4).
pub(super) fn tell_allowance(headers: &mut HeaderMap, name: &str, left: Option<&Allowance>) {
    let Some(left) = left else { return };
    let policy = format!("\"{name}\";q={};w=60", left.limit);
    let limit = format!("\"{name}\";r={};t={}", left.remaining, left.full_in_seconds());
    for (header, text) in [(POLICY, policy), (LIMIT, limit)] {
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(header, value);
        }
    }
}
