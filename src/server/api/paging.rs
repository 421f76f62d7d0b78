//! Leading from one page of a list to the next.

use axum::Json;
use axum::http::HeaderValue;
use axum::http::header::LINK;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;

use super::extract::Page;
use super::view::List;
use crate::server::site::Site;

/// The list, with a link to its next page (RFC 8288).
pub(super) fn with_next<T: Serialize>(site: &Site, page: &Page, list: List<T>) -> Response {
    let next = list.next_cursor.as_ref().map(|cursor| {
        let (origin, limit) = (site.config.public_url.origin(), page.limit);
        format!("<{origin}{}?limit={limit}&cursor={cursor}>; rel=\"next\"", page.path)
    });
    let next = next.and_then(|next| HeaderValue::from_str(&next).ok());
    let mut response = Json(list).into_response();
    if let Some(next) = next {
        response.headers_mut().insert(LINK, next);
    }
    response
}
