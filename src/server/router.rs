//! Which path leads where, and through what.

use std::sync::LazyLock;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::CONTENT_DISPOSITION;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use axum::{Json, Router};
use leptos::config::LeptosOptions;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::{AxumRouteListing, LeptosRoutes as _, ResponseOptions, generate_route_list};
use leptos_router::components::provide_server_redirect;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use super::console::Gate;
use super::request_id::RequestId;
use super::site::Site;
use super::visit::Visit;
use super::{
    address, api, assets, console, console_files, guard, language, probe, redirect, request_id,
    shell, well_known,
};
use crate::app::App;
use crate::wire::{Admin, Language, Reference};

/// More than any answer of an authenticator needs.
pub(super) const BODY_LIMIT: usize = 64 * 1024;

/// The paths of the pages. They are listed once in a process: while Leptos lists them it starts no
/// resource, anywhere in the process, and a page that asked for one meanwhile would wait for ever.
fn page_routes() -> Vec<AxumRouteListing> {
    static ROUTES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| generate_route_list(App));
    ROUTES.clone()
}

/// The whole site.
pub fn router(site: Site) -> Router {
    let options = LeptosOptions::builder().output_name("keyfold").build();
    let context_of_request = {
        let site = site.clone();
        move || {
            provide_context(site.clone());
            provide_context(site.config.sign_up);
            let of_request = use_context::<Parts>().map(|parts| parts.extensions);
            let of_request = of_request.unwrap_or_default();
            provide_context(of_request.get::<Language>().copied().unwrap_or_default());
            if let Some(admin) = of_request.get::<Admin>() {
                provide_context(admin.clone());
            }
            if let Some(id) = of_request.get::<RequestId>() {
                provide_context(Reference(id.reference(&site.chance)));
            }
            provide_server_redirect(redirect::see_other);
        }
    };
    let page = {
        let options = options.clone();
        move || shell::shell(options.clone())
    };
    let not_found = {
        let context_of_request = context_of_request.clone();
        move || {
            context_of_request();
            if let Some(response) = use_context::<ResponseOptions>() {
                response.set_status(StatusCode::NOT_FOUND);
            }
        }
    };
    let nowhere = Router::new()
        .fallback(leptos_axum::render_app_async_with_context(not_found, page.clone()))
        .with_state(options.clone());
    let gate = Gate { site: site.clone(), nowhere: nowhere.clone() };
    let pages = Router::new()
        .leptos_routes_with_context(&options, page_routes(), context_of_request, page)
        .route_layer(from_fn(request_id::note_route))
        .with_state(options)
        .merge(console_files::routes(&site))
        // Files of the console belong above this line: below it they would be in front of the gate.
        .fallback_service(nowhere);
    // Around the routes, not on them: a route tells in a header which methods it knows.
    let pages = Router::new()
        .fallback_service(pages)
        .layer(from_fn_with_state(gate, console::only_admins))
        .layer(from_fn_with_state(site.clone(), request_id::note_absence))
        // Pages hold no secret that outlives them, so that their length tells nothing (BREACH).
        .layer(CompressionLayer::new());
    let guarded = pages
        .layer(from_fn_with_state(site.clone(), guard::only_own_pages))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(from_fn_with_state(site.clone(), language::choose))
        .layer(from_fn(assets::serve_file))
        .layer(from_fn_with_state(site.clone(), guard::prefer_public_host))
        .layer(from_fn_with_state(site.clone(), guard::only_paths));
    let all = Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(readiness))
        .route("/account/export", get(export))
        .merge(well_known::routes())
        .merge(api::routes(&site))
        .merge(guarded)
        .layer(from_fn_with_state(site.clone(), address::note_client))
        .layer(from_fn_with_state(site.clone(), probe::answer));
    watched(site, all)
}

/// What is around every route: an end, an id, and words for whatever goes wrong.
pub(super) fn watched(site: Site, routes: Router<Site>) -> Router {
    routes
        .layer(CatchPanicLayer::custom(guard::panicked))
        .layer(from_fn_with_state(site.clone(), guard::in_time))
        .layer(from_fn_with_state(site.clone(), guard::with_security_headers))
        .layer(from_fn_with_state(site.clone(), request_id::follow))
        .with_state(site)
}

/// What is stored about whoever is signed in, as a file.
async fn export(State(site): State<Site>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let visit = Visit::of(site, parts, ResponseOptions::default());
    match visit {
        Some(visit) => match visit.export().await {
            Ok(Some(export)) => {
                let name =
                    HeaderValue::from_static("attachment; filename=\"keyfold-account.json\"");
                ([(CONTENT_DISPOSITION, name)], Json(export)).into_response()
            }
            Ok(None) => Redirect::to("/sign-in?next=/account").into_response(),
            Err(refusal) => (StatusCode::SERVICE_UNAVAILABLE, Json(refusal)).into_response(),
        },
        None => StatusCode::BAD_REQUEST.into_response(),
    }
}

async fn readiness(State(site): State<Site>) -> (StatusCode, &'static str) {
    if site.is_ready().await {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    }
}
