//! Redirects while a page is rendered.

use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

/// Answers 303, whatever the client says it accepts. Leptos' own wants `text/html` in `Accept`.
pub(super) fn see_other(path: &str) {
    if let (Some(response), Some(path)) = (use_context::<ResponseOptions>(), in_ascii(path)) {
        response.set_status(StatusCode::SEE_OTHER);
        response.insert_header(LOCATION, path);
    }
}

/// The path as headers carry it: what is no printable ASCII is percent-encoded. Nothing else changes; made
/// shorter, such as by taking `/.` away, a path could lead to another site.
fn in_ascii(path: &str) -> Option<HeaderValue> {
    let encoded: String = path
        .bytes()
        .map(|byte| match byte {
            b'!'..=b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect();
    HeaderValue::from_str(&encoded).ok()
}
