//! Redirects while a page is rendered.

use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

/// Answers 303, whatever the client says it accepts. Leptos' own wants `text/html` in `Accept`.
pub(super) fn see_other(path: &str) {
    if let (Some(response), Ok(path)) =
        (use_context::<ResponseOptions>(), HeaderValue::from_str(path))
    {
        response.set_status(StatusCode::SEE_OTHER);
        response.insert_header(LOCATION, path);
    }
}
