//! The gate of the console: whoever is no admin finds nothing behind it.
//!
//! Owns: which paths are behind the gate. What is answered to anybody else is what every address
//! answers that leads nowhere, whatever the method: not even that there is a console for others is told.
//!
//! Decision: the gate stands in front of the pages, the files and the server functions together, and each
//! of them asks once more for itself ([`Visit::admin`]): one that is forgotten here still tells nothing.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::Uri;
use axum::middleware::Next;
use axum::response::Response;
use leptos_axum::ResponseOptions;
use tower::ServiceExt as _;

use super::guard;
use super::site::Site;
use super::visit::Visit;
use crate::wire::Admin;

/// What is behind the gate: these, and all that is below them.
const BEHIND: [&str; 2] = ["/console", "/api/console"];

/// An address that leads nowhere.
const NOWHERE: &str = "/-";

/// What the gate needs: the site, and what answers where there is nothing.
#[derive(Debug, Clone)]
pub(super) struct Gate {
    pub(super) site: Site,
    pub(super) nowhere: Router,
}

/// Lets admins through, and notes who they are as an extension of the request.
pub(super) async fn only_admins(
    State(gate): State<Gate>,
    mut request: Request,
    next: Next,
) -> Response {
    if !is_behind(request.uri().path()) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let visit = Visit::of(gate.site.clone(), parts.clone(), ResponseOptions::default());
    request = Request::from_parts(parts, body);
    let admin = match visit {
        Some(visit) => visit.admin_of_request().await,
        None => Ok(None),
    };
    match admin {
        Ok(Some(admin)) => {
            request.extensions_mut().insert::<Admin>(admin);
            next.run(request).await
        }
        Ok(None) => {
            let query = request.uri().query().map_or(String::new(), |query| format!("?{query}"));
            let nowhere = format!("{NOWHERE}{query}").parse::<Uri>();
            *request.uri_mut() = nowhere.unwrap_or_else(|_| Uri::from_static(NOWHERE));
            // Cannot fail: its error type has no values.
            gate.nowhere.oneshot(request).await.unwrap_or_else(|never| match never {})
        }
        Err((status, refusal)) => guard::refused(status, refusal),
    }
}

fn is_behind(path: &str) -> bool {
    BEHIND.iter().any(|gate| {
        path.strip_prefix(gate).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

#[cfg(test)]
mod tests {
    use super::is_behind;

    #[test]
    fn the_gate_stands_where_it_should() {
        for path in ["/console", "/console/", "/console/users", "/api/console/act"] {
            assert!(is_behind(path), "{path}");
        }
        for path in ["/", "/consoles", "/account", "/api/console.css", "/console.css"] {
            assert!(!is_behind(path), "{path}");
        }
    }
}
