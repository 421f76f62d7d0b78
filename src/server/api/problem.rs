//! What goes wrong at the doors for other programs, in the form of RFC 9457.
//!
//! Owns: the codes, their status, and the one translation from the errors of the service. Decision:
//! a handler says what is wrong; the address and the id of the request are added where the response
//! leaves.

use std::borrow::Cow;

use axum::Json;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::view::UnknownCredentialView;
use crate::server::passkeys::{self, Reason, Refused};

/// The media type of a problem (RFC 9457, section 3).
pub(super) const PROBLEM_JSON: &str = "application/problem+json";

/// A stable name for what is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    MalformedJson,
    /// The same for whoever reads codes: there was no body to be read.
    SlowBody,
    InvalidCursor,
    Unauthenticated,
    ApiKeyExpired,
    ApiKeyRevoked,
    OriginNotAllowed,
    NotFound,
    NoPasskeys,
    MethodNotAllowed,
    CeremonyAlreadyUsed,
    TokenAlreadyUsed,
    IdempotencyInProgress,
    CeremonyExpired,
    PayloadTooLarge,
    UnsupportedMediaType,
    ValidationFailed,
    IdempotencyKeyReused,
    Ceremony(Reason),
    Refused,
    RateLimited,
    InternalError,
    Unavailable,
}

impl Code {
    /// As it stands in `code`, its status, and its title.
    pub(super) const fn says(self) -> (&'static str, StatusCode, &'static str) {
        use StatusCode as Status;
        match self {
            Self::MalformedJson => ("malformed_json", Status::BAD_REQUEST, "The body is not JSON"),
            Self::SlowBody => {
                ("malformed_json", Status::REQUEST_TIMEOUT, "The body did not arrive in time")
            }
            Self::InvalidCursor => {
                ("invalid_cursor", Status::BAD_REQUEST, "The cursor is not valid")
            }
            Self::Unauthenticated => {
                ("unauthenticated", Status::UNAUTHORIZED, "An API key is required")
            }
            Self::ApiKeyExpired => {
                ("api_key_expired", Status::UNAUTHORIZED, "The API key has expired")
            }
            Self::ApiKeyRevoked => {
                ("api_key_revoked", Status::UNAUTHORIZED, "The API key was revoked")
            }
            Self::OriginNotAllowed => {
                ("origin_not_allowed", Status::FORBIDDEN, "The page is not on a listed origin")
            }
            Self::NotFound => ("not_found", Status::NOT_FOUND, "Not found"),
            Self::NoPasskeys => ("no_passkeys", Status::NOT_FOUND, "The user has no passkeys"),
            Self::MethodNotAllowed => {
                ("method_not_allowed", Status::METHOD_NOT_ALLOWED, "Method not allowed")
            }
            Self::CeremonyAlreadyUsed => {
                ("ceremony_already_used", Status::CONFLICT, "The ceremony was already answered")
            }
            Self::TokenAlreadyUsed => {
                ("token_already_used", Status::CONFLICT, "The token was already used")
            }
            Self::IdempotencyInProgress => {
                ("idempotency_in_progress", Status::CONFLICT, "The first request is in progress")
            }
            Self::CeremonyExpired => ("ceremony_expired", Status::GONE, "The ceremony has expired"),
            Self::PayloadTooLarge => {
                ("payload_too_large", Status::PAYLOAD_TOO_LARGE, "The body is too large")
            }
            Self::UnsupportedMediaType => (
                "unsupported_media_type",
                Status::UNSUPPORTED_MEDIA_TYPE,
                "Unsupported content type",
            ),
            Self::ValidationFailed => {
                ("validation_failed", Status::UNPROCESSABLE_ENTITY, "The request is not valid")
            }
            Self::IdempotencyKeyReused => (
                "idempotency_key_reused",
                Status::UNPROCESSABLE_ENTITY,
                "The Idempotency-Key belongs to another request",
            ),
            Self::Ceremony(Reason::CredentialAlreadyRegistered) => (
                Reason::CredentialAlreadyRegistered.code(),
                Status::CONFLICT,
                "The credential is already registered",
            ),
            Self::Ceremony(reason) => {
                (reason.code(), Status::UNPROCESSABLE_ENTITY, "The ceremony was refused")
            }
            Self::Refused => ("refused", Status::UNPROCESSABLE_ENTITY, "The ceremony was refused"),
            Self::RateLimited => ("rate_limited", Status::TOO_MANY_REQUESTS, "Too many requests"),
            Self::InternalError => {
                ("internal_error", Status::INTERNAL_SERVER_ERROR, "Internal error")
            }
            Self::Unavailable => {
                ("unavailable", Status::SERVICE_UNAVAILABLE, "Temporarily unavailable")
            }
        }
    }
}

/// One thing in the request that is not valid.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Invalid {
    /// Where (RFC 6901); a query parameter is at the root, under its name.
    #[schema(example = "/user/externalId")]
    pub(super) pointer: String,
    /// What is wrong there.
    pub(super) detail: String,
}

/// A problem (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Problem)]
pub(super) struct Told {
    /// Where the code is explained.
    #[serde(rename = "type")]
    #[schema(format = "uri")]
    pub(super) kind: String,
    /// The code in words.
    pub(super) title: &'static str,
    /// The status of the response.
    pub(super) status: u16,
    /// The stable name of what is wrong.
    #[schema(example = "not_found")]
    pub(super) code: &'static str,
    /// What is wrong this time, and what to do.
    pub(super) detail: String,
    /// The path that was asked for.
    pub(super) instance: String,
    /// The id of the request, as in `X-Request-Id`.
    pub(super) request_id: String,
    /// What is not valid in the request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) errors: Vec<Invalid>,
    /// Of a refused ceremony: the step of WebAuthn Level 3 that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "7.2 step 11")]
    pub(super) step: Option<&'static str>,
    /// Of a refused ceremony: finds its record among the events.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "7KQ4-M2XD")]
    pub(super) reference: Option<String>,
    /// The argument of `signalUnknownCredential`, where the passkey is in no account.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) signal: Option<UnknownCredentialView>,
}

/// What a handler says is wrong.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    code: Code,
    detail: Cow<'static, str>,
    more: Box<More>,
}

#[derive(Debug, Clone, Default)]
struct More {
    errors: Vec<Invalid>,
    step: Option<&'static str>,
    reference: Option<String>,
    signal: Option<UnknownCredentialView>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    pub(super) fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code, detail: detail.into(), more: Box::default() }
    }

    /// One thing does not fit.
    pub(super) fn invalid(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        let invalid = Invalid { pointer: pointer.into(), detail: detail.into() };
        let mut problem = Self::new(Code::ValidationFailed, "see errors for what is not valid");
        problem.more.errors.push(invalid);
        problem
    }

    /// Nothing of this kind is there, or it is not this relying party's.
    pub(super) fn not_found(what: &'static str) -> Self {
        Self::new(Code::NotFound, format!("there is no such {what}"))
    }

    pub(super) fn with_signal(mut self, signal: Option<UnknownCredentialView>) -> Self {
        self.more.signal = signal;
        self
    }

    /// So many seconds later it may be tried again.
    pub(super) fn retry_after(self, seconds: u64) -> Self {
        self.with_header(RETRY_AFTER, seconds.into())
    }

    /// The response says this as well.
    pub(super) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.more.headers.push((name, value));
        self
    }

    #[cfg(test)]
    pub(super) fn code(&self) -> Code {
        self.code
    }

    /// Whether the passkey that answered is unknown.
    pub(super) fn is_unknown_credential(&self) -> bool {
        self.code == Code::Ceremony(Reason::UnknownCredential)
    }

    /// Whether it is the API key that is wrong.
    pub(super) fn is_of_caller(&self) -> bool {
        matches!(self.code, Code::Unauthenticated | Code::ApiKeyExpired | Code::ApiKeyRevoked)
    }

    /// Whether the answer of a page was wrong, or there was nothing to answer.
    pub(super) fn is_of_answer(&self) -> bool {
        matches!(self.code, Code::Refused | Code::CeremonyExpired)
    }

    /// The record of the ceremony has this reference.
    fn with_reference(mut self, reference: String) -> Self {
        self.more.reference = Some(reference);
        self
    }

    /// The same for a page, which anybody can open: one code for every refusal, and one for every
    /// ceremony that is not there (any more).
    pub(super) fn for_strangers(self) -> Self {
        let (code, detail) = match self.code {
            Code::Ceremony(_) => (Code::Refused, "the answer was not accepted; begin again"),
            Code::NotFound | Code::CeremonyAlreadyUsed | Code::CeremonyExpired => {
                (Code::CeremonyExpired, "no ceremony waits for this answer; begin again")
            }
            _ => return self,
        };
        let more = Box::new(More { step: None, ..*self.more });
        Self { code, detail: detail.into(), more }
    }

    fn of_refused(reference: String, refused: &Refused) -> Self {
        let detail = format!("{} (WebAuthn Level 3, {})", refused.detail, refused.step);
        let mut problem = Self::new(Code::Ceremony(refused.reason), detail);
        problem.more.step = Some(refused.step);
        problem.with_reference(reference)
    }

    /// The problem as the client reads it.
    pub(super) fn tell(self, origin: &str, instance: &str, request_id: &str) -> Response {
        let (code, status, title) = self.code.says();
        if status.is_server_error() {
            tracing::error!(request_id, code, detail = %self.detail, "an API request failed");
        } else {
            let reference = self.more.reference.as_deref().unwrap_or_default();
            tracing::info!(request_id, code, reference, "an API request was refused");
        }
        let internal = matches!(self.code, Code::InternalError | Code::Unavailable);
        let more = self.more.headers;
        let told = Told {
            kind: format!("{origin}/docs/reference#{code}"),
            title,
            status: status.as_u16(),
            code,
            // What failed inside is for the log.
            detail: if internal { title.to_owned() } else { self.detail.into_owned() },
            instance: instance.to_owned(),
            request_id: request_id.to_owned(),
            errors: self.more.errors,
            step: self.more.step,
            reference: self.more.reference,
            signal: self.more.signal,
        };
        let mut response = (status, Json(told)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        headers.extend(more);
        response
    }
}

impl IntoResponse for Problem {
    /// Empty: the middleware that knows the request writes the body.
    fn into_response(self) -> Response {
        let mut response = self.code.says().1.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<passkeys::Error> for Problem {
    fn from(error: passkeys::Error) -> Self {
        use passkeys::Error;
        match error {
            Error::NoCeremony => Self::not_found("ceremony"),
            Error::CeremonyUsed { reference } => {
                let detail = "a ceremony answers once; begin another one";
                Self::new(Code::CeremonyAlreadyUsed, detail).with_reference(reference)
            }
            Error::CeremonyExpired { reference } => {
                let detail = "a ceremony lives for five minutes; begin another one";
                Self::new(Code::CeremonyExpired, detail).with_reference(reference)
            }
            Error::TokenSpent { reference } => {
                let detail = "a registration token adds one passkey; get another one";
                Self::new(Code::TokenAlreadyUsed, detail).with_reference(reference)
            }
            Error::Refused { reference, refused } => Self::of_refused(reference, &refused),
            Error::Database(ref failure) if crate::server::refuse::is_busy(failure) => {
                Self::new(Code::Unavailable, error.to_string()).retry_after(5)
            }
            Error::Database(ref failure) if crate::server::refuse::is_unspeakable(failure) => {
                Self::new(Code::NotFound, "there is nothing with that name")
            }
            Error::Database(_) | Error::Internal(_) => {
                Self::new(Code::InternalError, error.to_string())
            }
        }
    }
}
