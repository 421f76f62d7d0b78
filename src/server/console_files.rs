//! What the console gives as files.
//!
//! They are behind its gate: whoever is no admin finds nothing there.

use axum::Router;
use axum::extract::{Query, Request};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use leptos_axum::ResponseOptions;

use super::guard;
use super::site::Site;
use super::visit::{Table, Visit};
use crate::wire::{Code, InsightScope};

const FILES: [(&str, Table); 4] = [
    ("funnel", Table::Funnel),
    ("days", Table::Days),
    ("refusals", Table::Refusals),
    ("browser-errors", Table::BrowserErrors),
];

pub(super) fn routes(site: &Site) -> Router {
    FILES.into_iter().fold(Router::new(), |router, (name, table)| {
        let site = site.clone();
        let give = move |scope: Query<InsightScope>, request: Request| {
            give(site, name, table, scope.0, request)
        };
        router.route(&format!("/console/insight/{name}.csv"), get(give))
    })
}

async fn give(
    site: Site,
    name: &str,
    table: Table,
    scope: InsightScope,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let Some(visit) = Visit::of(site, parts, ResponseOptions::default()) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    match visit.insight_table(table, scope).await {
        Ok(table) => {
            let name = format!("attachment; filename=\"keyfold-{name}.csv\"");
            let name = HeaderValue::from_str(&name);
            let name = name.unwrap_or(HeaderValue::from_static("attachment"));
            let kind = HeaderValue::from_static("text/csv; charset=utf-8");
            let never = HeaderValue::from_static("no-store");
            let headers =
                [(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, name), (CACHE_CONTROL, never)];
            (headers, table).into_response()
        }
        Err(refusal) => {
            let is_gone = refusal.code == Code::NotFound;
            let status =
                if is_gone { StatusCode::NOT_FOUND } else { StatusCode::SERVICE_UNAVAILABLE };
            guard::refused(status, refusal)
        }
    }
}
