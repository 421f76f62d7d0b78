//! What stands in the headers, for the description of this door.
//!
//! Owns: which header occurs where. Refuses to know: what writes them; the tests hold both together.

use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Header, RefOr, Required, Response};

/// What gives a retry the first reply.
const RETRYABLE: [&str; 3] =
    ["beginRegistration", "beginAuthentication", "createRegistrationToken"];

/// What is limited by address.
const BEGUN_BY_PAGES: [&str; 2] = ["beginRegistrationOnPage", "beginAuthenticationOnPage"];

/// Says which headers an operation takes and gives.
pub(super) fn describe_headers(path: &str, operation: &mut Operation) {
    let id = operation.operation_id.clone().unwrap_or_default();
    let is_retryable = RETRYABLE.contains(&id.as_str());
    if is_retryable {
        operation.parameters.get_or_insert_default().push(idempotency_key());
    }
    let is_open =
        path.starts_with("/client/") || matches!(id.as_str(), "getDescription" | "getKeys");
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        let status = status.as_str();
        add(
            response,
            "X-Request-Id",
            text("The id of the request: the one it came with, or a new one."),
        );
        let tells_allowance = if is_open {
            status == "429"
                || (BEGUN_BY_PAGES.contains(&id.as_str()) && matches!(status, "201" | "409"))
        } else {
            !matches!(status, "401" | "500" | "503")
        };
        if tells_allowance {
            add(
                response,
                "RateLimit-Policy",
                text("What is allowed: `q` requests in `w` seconds."),
            );
            add(
                response,
                "RateLimit",
                text("What is left: `r` requests; in `t` seconds there are more."),
            );
        }
        if matches!(status, "429" | "503") || (is_retryable && status == "409") {
            add(response, "Retry-After", seconds("After how many seconds it may be tried again."));
        }
        if is_retryable && status == "201" {
            let about =
                "`true` where this is the reply to the first request with this `Idempotency-Key`.";
            add(response, "Idempotency-Replayed", text(about));
        }
    }
}

fn idempotency_key() -> Parameter {
    let about = "Names this request: the same request with the same name gets the first reply, for 24 hours.";
    let name = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1));
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(about))
        .schema(Some(name.max_length(Some(255))))
        .build()
}

fn add(response: &mut Response, name: &str, header: Header) {
    response.headers.insert(name.to_owned(), header);
}

fn text(about: &str) -> Header {
    HeaderBuilder::new().description(Some(about)).build()
}

fn seconds(about: &str) -> Header {
    let whole = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
    HeaderBuilder::new().schema(whole).description(Some(about)).build()
}
