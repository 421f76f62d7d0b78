//! The description of this door, generated from its code (`OpenAPI` 3.1).
//!
//! The shapes come from the types that read and write them. What every operation may answer besides
//! stands here once: which codes, by operation.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Ref, SecurityRequirement,
};
use utoipa::{PartialSchema as _, ToSchema as _};

use super::headers::describe_headers;
use super::problem::{Code, Invalid, PROBLEM_JSON, Told};
use super::view::UnknownCredentialView;
use crate::server::passkeys::Reason;

const WELCOME: &str = "Passkeys for the users of your own back end: Keyfold runs the ceremonies and keeps the \
credentials; your back end keeps the users. Options and answers are exactly the JSON forms of WebAuthn Level 3, so \
`PublicKeyCredential.parseCreationOptionsFromJSON()` and `@simplewebauthn/browser` work on them as they are.";

/// What each kind of operation may answer besides.
const OF_KEYS: &[Code] = &[
    Code::Unauthenticated,
    Code::ApiKeyExpired,
    Code::ApiKeyRevoked,
    Code::RateLimited,
    Code::InternalError,
    Code::Unavailable,
];

const OF_BODIES: &[Code] = &[
    Code::MalformedJson,
    Code::SlowBody,
    Code::PayloadTooLarge,
    Code::UnsupportedMediaType,
    Code::ValidationFailed,
];

const OF_RETRIES: &[Code] = &[Code::IdempotencyInProgress, Code::IdempotencyKeyReused];

const OF_PAGES: &[Code] = &[
    Code::OriginNotAllowed,
    Code::NotFound,
    Code::RateLimited,
    Code::InternalError,
    Code::Unavailable,
];

const OF_CEREMONIES: &[Code] = &[Code::NotFound, Code::CeremonyAlreadyUsed, Code::CeremonyExpired];

const OF_BOTH_ANSWERS: &[Code] = &[
    Code::Ceremony(Reason::ChallengeMismatch),
    Code::Ceremony(Reason::CeremonyTypeMismatch),
    Code::Ceremony(Reason::OriginMismatch),
    Code::Ceremony(Reason::RpIdMismatch),
    Code::Ceremony(Reason::UserPresenceRequired),
    Code::Ceremony(Reason::UserVerificationRequired),
    Code::Ceremony(Reason::UserHandleMismatch),
    Code::Ceremony(Reason::UnsupportedAlgorithm),
    Code::Ceremony(Reason::MalformedResponse),
    Code::Ceremony(Reason::SignatureInvalid),
];

const OF_REGISTRATIONS: &[Code] = &[
    Code::Ceremony(Reason::AttestationInvalid),
    Code::Ceremony(Reason::CredentialAlreadyRegistered),
];

const OF_AUTHENTICATIONS: &[Code] =
    &[Code::Ceremony(Reason::UnknownCredential), Code::Ceremony(Reason::SignCountRollback)];

const OF_LISTS: &[Code] = &[Code::InvalidCursor, Code::ValidationFailed];

/// The codes of an operation.
fn codes(operation: &str) -> Vec<Code> {
    let groups: &[&[Code]] = match operation {
        "beginRegistration" | "createRegistrationToken" => &[OF_KEYS, OF_BODIES, OF_RETRIES],
        "beginAuthentication" => &[OF_KEYS, OF_BODIES, OF_RETRIES, &[Code::NoPasskeys]],
        "verifyRegistration" => {
            &[OF_KEYS, OF_BODIES, OF_CEREMONIES, OF_BOTH_ANSWERS, OF_REGISTRATIONS]
        }
        "verifyAuthentication" => {
            &[OF_KEYS, OF_BODIES, OF_CEREMONIES, OF_BOTH_ANSWERS, OF_AUTHENTICATIONS]
        }
        "listCredentials" => &[OF_KEYS, OF_LISTS, &[Code::NotFound]],
        "listEvents" => &[OF_KEYS, OF_LISTS],
        "getSignals" | "removeUser" | "getCredential" | "removeCredential" => {
            &[OF_KEYS, &[Code::NotFound]]
        }
        "changeCredential" => &[OF_KEYS, OF_BODIES, &[Code::NotFound]],
        "verifyToken" => &[OF_KEYS, OF_BODIES, &[Code::NotFound, Code::TokenAlreadyUsed]],
        "getKeys" => &[&[Code::InternalError, Code::Unavailable]],
        "getDescription" => &[],
        "beginRegistrationOnPage" => &[OF_PAGES, OF_BODIES, &[Code::TokenAlreadyUsed]],
        "verifyRegistrationOnPage" => {
            &[OF_PAGES, OF_BODIES, &[Code::CeremonyExpired, Code::TokenAlreadyUsed, Code::Refused]]
        }
        "verifyAuthenticationOnPage" => {
            &[OF_PAGES, OF_BODIES, &[Code::CeremonyExpired, Code::Refused]]
        }
        _ => &[OF_PAGES, OF_BODIES],
    };
    groups.iter().flat_map(|group| group.iter().copied()).collect()
}

/// Every code, in the order in which the groups have them.
pub(super) fn every_code() -> Vec<Code> {
    let groups = [
        OF_BODIES,
        OF_KEYS,
        OF_PAGES,
        OF_RETRIES,
        OF_LISTS,
        OF_CEREMONIES,
        OF_BOTH_ANSWERS,
        OF_REGISTRATIONS,
        OF_AUTHENTICATIONS,
        &[Code::NoPasskeys, Code::TokenAlreadyUsed, Code::Refused, Code::MethodNotAllowed],
    ];
    let mut codes: Vec<Code> = Vec::new();
    for code in groups.into_iter().flatten() {
        if !codes.iter().any(|known| known.says().0 == code.says().0) {
            codes.push(*code);
        }
    }
    codes.sort_by_key(|code| (code.says().1, code.says().0));
    codes
}

/// The whole description.
pub(in crate::server) fn document() -> OpenApi {
    let routes = super::retryable().merge(super::for_back_ends()).merge(super::for_pages());
    let routes = routes.merge(super::for_everybody());
    let mut document = OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Keyfold: the passkey API")
                .version("1")
                .description(Some(WELCOME))
                .build(),
        )
        .tags(Some(tags()))
        .security(Some([SecurityRequirement::new("apiKey", [] as [&str; 0])]))
        .build();
    document.merge(routes.into_openapi());
    let components = document.components.get_or_insert_default();
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "An API key of the relying party, as `keyfold api-keys create` prints it.",
        ))
        .build();
    components.security_schemes.insert("apiKey".to_owned(), SecurityScheme::Http(bearer));
    components.schemas.insert("Problem".to_owned(), Told::schema());
    components.schemas.insert(Invalid::name().into_owned(), Invalid::schema());
    let signal = UnknownCredentialView::name().into_owned();
    components.schemas.insert(signal, UnknownCredentialView::schema());
    for (path, item) in &mut document.paths.paths {
        for operation in operations(item) {
            describe_problems(operation);
            describe_headers(path, operation);
        }
    }
    document
}

fn tags() -> Vec<utoipa::openapi::Tag> {
    let tag = |(name, description): (&str, &str)| {
        TagBuilder::new().name(name).description(Some(description)).build()
    };
    [
        ("Ceremonies", "Registering passkeys, and verifying who somebody is."),
        ("Management", "Looking after the passkeys of users."),
        ("Tokens", "Letting pages add passkeys, and checking what tokens say."),
        ("Description", "What this door is like, for programs."),
        ("Pages", "What the web component talks to: no API key, only from the relying party's own origins."),
    ]
    .map(tag)
    .to_vec()
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.patch, &mut item.delete].into_iter().flatten()
}

fn describe_problems(operation: &mut Operation) {
    let mut by_status: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
    for code in codes(operation.operation_id.as_deref().unwrap_or_default()) {
        let (code, status, _) = code.says();
        by_status.entry(status.as_u16()).or_default().push(code);
    }
    for (status, codes) in by_status {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let listed: Vec<String> = codes.iter().map(|code| format!("`{code}`")).collect();
        let response = ResponseBuilder::new()
            .description(listed.join(", "))
            .content(PROBLEM_JSON, content)
            .build();
        operation.responses.responses.insert(status.to_string(), response.into());
    }
}

static TEXT: LazyLock<String> = LazyLock::new(|| document().to_pretty_json().unwrap_or_default());

/// Get this description
///
/// In `OpenAPI` 3.1, for whatever makes clients of it.
#[utoipa::path(get, path = "/v1/openapi.json", operation_id = "getDescription", tag = "Description", security(()),
    responses((status = 200, description = "The description", body = Object, content_type = "application/json")))]
pub(super) async fn serve() -> Response {
    ([(CONTENT_TYPE, "application/json")], TEXT.as_str()).into_response()
}
