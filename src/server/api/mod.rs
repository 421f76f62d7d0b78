//! The second door: the passkey service for other back ends (`/v1`) and for pages of other sites
//! (`/client/v1`).
//!
//! Owns: who asks, the shapes of requests and replies, problems, limits. Refuses to know: how a ceremony
//! goes; that is the service's, which does the same work for Keyfold's own pages.

mod authentications;
mod caller;
mod client;
mod credentials;
mod docs;
mod events;
mod extract;
mod fields;
mod headers;
mod idempotency;
mod openapi;
mod paging;
mod problem;
mod registrations;
mod tokens;
mod users;
mod view;

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderValue, Method};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::problem::{Code, Problem};
use super::request_id::{self, REQUEST_ID, RequestId};
use super::site::Site;

/// More than any answer of an authenticator needs.
const BODY_LIMIT: usize = 64 * 1024;

/// Shorter than the limit on every request, so that it ends in the words of this door.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(14);

/// What does something new each time it is called.
fn retryable() -> OpenApiRouter<Site> {
    OpenApiRouter::new()
        .routes(routes!(registrations::begin))
        .routes(routes!(authentications::begin))
        .routes(routes!(tokens::open_registration))
}

fn for_back_ends() -> OpenApiRouter<Site> {
    OpenApiRouter::new()
        .routes(routes!(registrations::verify))
        .routes(routes!(authentications::verify))
        .routes(routes!(users::credentials))
        .routes(routes!(users::signals))
        .routes(routes!(users::remove))
        .routes(routes!(credentials::get, credentials::change, credentials::remove))
        .routes(routes!(events::list))
        .routes(routes!(tokens::verify))
}

fn for_pages() -> OpenApiRouter<Site> {
    OpenApiRouter::new()
        .routes(routes!(client::begin_authentication))
        .routes(routes!(client::verify_authentication))
        .routes(routes!(client::begin_registration))
        .routes(routes!(client::verify_registration))
}

/// What anybody may read.
fn for_everybody() -> OpenApiRouter<Site> {
    OpenApiRouter::new().routes(routes!(openapi::serve)).routes(routes!(tokens::keys))
}

/// The routes of this door.
pub(super) fn routes(site: &Site) -> Router<Site> {
    let authenticate = from_fn_with_state(site.clone(), caller::authenticate);
    let retryable: Router<Site> = retryable().into();
    let for_back_ends: Router<Site> = for_back_ends().into();
    let for_back_ends = retryable
        .route_layer(from_fn_with_state(site.clone(), idempotency::once))
        .merge(for_back_ends)
        .route_layer(authenticate);
    let for_pages: Router<Site> = for_pages().into();
    // What a browser asks before it lets a page ask (OPTIONS) is answered around everything else, so that
    // the page can read every problem.
    let for_pages = for_pages
        .route("/client/v1/{relyingParty}", any(nothing_here))
        .route("/client/v1/{relyingParty}/", any(nothing_here))
        .route("/client/v1/{relyingParty}/{*rest}", any(nothing_here))
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn(in_time))
        .layer(client::cors(site.clone()));
    let nowhere = ["/v1", "/v1/", "/v1/{*rest}", "/client/v1", "/client/v1/"];
    nowhere
        .into_iter()
        .fold(for_back_ends, |router, path| router.route(path, any(nothing_here)))
        .merge(Router::from(for_everybody()))
        .merge(docs::routes())
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn(in_time))
        .merge(for_pages)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(CatchPanicLayer::custom(|_| {
            Problem::new(Code::InternalError, "a handler panicked").into_response()
        }))
        .layer(from_fn_with_state(site.clone(), tell))
}

async fn nothing_here() -> Problem {
    Problem::new(Code::NotFound, "nothing is at this address; see /v1/openapi.json")
}

async fn wrong_method(method: Method) -> Problem {
    Problem::new(Code::MethodNotAllowed, format!("{method} is not allowed here"))
}

async fn in_time(request: Request, next: Next) -> Response {
    let answered = tokio::time::timeout(REQUEST_TIMEOUT, next.run(request)).await;
    answered.unwrap_or_else(|_| {
        let detail = "the request took too long";
        Problem::new(Code::Unavailable, detail).retry_after(5).into_response()
    })
}

/// Gives the request its id, and writes the problem that a handler has found.
async fn tell(State(site): State<Site>, request: Request, next: Next) -> Response {
    let own = request.extensions().get::<RequestId>().map(|id| id.as_str().to_owned());
    let request_id = request_id::said(request.headers()).or(own).unwrap_or_default();
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        let around = std::mem::take(response.headers_mut());
        response = problem.tell(site.config.public_url.origin(), &path, &request_id);
        // What was said around it, such as which pages may read it, holds for the problem as well.
        let written = response.headers().clone();
        response.headers_mut().extend(around);
        response.headers_mut().extend(written);
    }
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}
