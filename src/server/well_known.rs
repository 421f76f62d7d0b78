//! What browsers and password managers look for under `/.well-known/`.

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use serde_json::{Value, json};

use super::site::Site;
use super::web_origin::WebOrigin;

/// The routes.
pub(super) fn routes() -> Router<Site> {
    Router::new()
        .route("/.well-known/passkey-endpoints", get(passkey_endpoints))
        .route("/.well-known/change-password", get(async || Redirect::to("/account")))
        .route("/.well-known/webauthn", get(related_origins))
}

/// Where passkeys are added and looked after (W3C, "A Well-Known URL for Passkey Endpoints", §2).
async fn passkey_endpoints(State(site): State<Site>) -> Json<Value> {
    let account = format!("{}/account", site.config.public_url.origin());
    Json(json!({ "enroll": account, "manage": account }))
}

/// Which other origins may use the passkeys of this one (WebAuthn Level 3, §5.11).
async fn related_origins(State(site): State<Site>) -> Response {
    let related = &site.config.related_origins;
    if related.is_empty() {
        return StatusCode::NOT_FOUND.into_response();
    }
    let origins: Vec<&str> = related.iter().map(WebOrigin::origin).collect();
    Json(json!({ "origins": origins })).into_response()
}
