//! The id of a request: in every line of the log that is written for it, and in its response.
//!
//! Owns: where the id comes from, what is measured of a request as a whole, and its trace. A trusted
//! proxy may bring an id (and a trace) along; anybody else gets a fresh one, so that nobody can put
//! their request under the name of another.
//!
//! Decision: a fresh id begins with a reference that a person can read out. What goes wrong outside of
//! a ceremony is shown under that reference, so that one search through the log finds all of it.

use std::sync::{Arc, OnceLock};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use tracing::{Instrument as _, Span};

use super::address;
use super::chance::Chance;
use super::clock::Stopwatch;
use super::site::Site;
use super::{metrics, telemetry};

/// The header that carries it.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The target of the span that names a request in the log.
pub(super) const LOGGED: &str = "keyfold::request";

const LONGEST: usize = 128;

/// The id of the request, as a request extension.
#[derive(Debug, Clone)]
pub(super) struct RequestId {
    id: String,
    /// None for that of a request that did not come through the router.
    reference: Option<String>,
    /// What is logged in it carries the id.
    span: Span,
    /// What is traced in it belongs to the request.
    trace: Span,
}

impl RequestId {
    fn new(said: Option<String>, chance: &Chance) -> Self {
        let reference = chance.reference();
        let id = said.unwrap_or_else(|| format!("{reference}-{}", chance.letters(12)));
        Self { id, reference: Some(reference), span: Span::none(), trace: Span::none() }
    }

    /// The id of a request that did not come through the router.
    pub(super) fn unknown() -> Self {
        Self { id: String::new(), reference: None, span: Span::none(), trace: Span::none() }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.id
    }

    /// Under which the person is told what went wrong.
    pub(super) fn reference(&self, chance: &Chance) -> String {
        self.reference.clone().unwrap_or_else(|| chance.reference())
    }

    pub(super) fn span(&self) -> &Span {
        &self.span
    }

    /// Work that belongs to the request, wherever it runs.
    pub(super) fn within<F: Future>(&self, work: F) -> impl Future<Output = F::Output> + use<F> {
        work.instrument(self.span.clone()).instrument(self.trace.clone())
    }
}

/// The id that the client gives its request, if it is one: letters, digits and a few signs.
pub(super) fn said(headers: &HeaderMap) -> Option<String> {
    let said = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok())?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:+/=".contains(&byte);
    let is_id = (1..=LONGEST).contains(&said.len()) && said.bytes().all(is_plain);
    is_id.then(|| said.to_owned())
}

/// Gives the request its id, and watches over it.
pub(super) async fn follow(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    let is_trusted = address::is_from_trusted_proxy(&request, &site.config);
    let said = said(request.headers()).filter(|_| is_trusted);
    let mut id = RequestId::new(said, &site.chance);
    let mut answering = Answering::of(&request);
    let trace = telemetry::span(answering.method, id.as_str());
    if is_trusted {
        telemetry::continue_from(&trace, request.headers());
    }
    // Beside the trace and not within it: whoever keeps this one for a while, as threads of databases
    // do, does not keep the trace from ending.
    id.span =
        tracing::error_span!(target: LOGGED, parent: None, "request", request_id = id.as_str());
    id.trace = trace.clone();
    let value = HeaderValue::from_str(id.as_str());
    request.extensions_mut().insert(id.clone());
    request.extensions_mut().insert(answering.route.clone());
    let mut response = id.within(next.run(request)).await;
    answering.status = Some(response.status().as_u16());
    let route = answering.route.template();
    telemetry::name(&trace, answering.method, route);
    trace.record("http.response.status_code", response.status().as_u16());
    if response.status().is_server_error() {
        trace.record("otel.status_code", "ERROR");
    }
    if let Ok(value) = value {
        // Back ends may give their requests an id of their own, which is said back to them.
        response.headers_mut().entry(REQUEST_ID).or_insert(value);
    }
    response
}

/// Where the template of its route stands once it is known, as a request extension: the routes of
/// pages are within others, and whoever is around these does not see them.
#[derive(Debug, Clone, Default)]
struct Route(Arc<OnceLock<String>>);

impl Route {
    fn note(&self, request: &Request) {
        if let Some(path) = request.extensions().get::<MatchedPath>() {
            self.0.get_or_init(|| path.as_str().to_owned());
        }
    }

    fn template(&self) -> &str {
        self.0.get().map_or("other", String::as_str)
    }
}

/// Tells those around these routes which one it is.
pub(super) async fn note_route(request: Request, next: Next) -> Response {
    if let Some(route) = request.extensions().get::<Route>() {
        route.note(&request);
    }
    next.run(request).await
}

/// Notes that there was no page, under the reference that stands on the one that says so.
pub(super) async fn note_absence(
    State(site): State<Site>,
    request: Request,
    next: Next,
) -> Response {
    let id = request.extensions().get().cloned().unwrap_or_else(RequestId::unknown);
    let response = next.run(request).await;
    if response.status() == StatusCode::NOT_FOUND {
        let reference = id.reference(&site.chance);
        tracing::info!(%reference, "there is no page at this address");
    }
    response
}

/// A request that is being answered. It is counted when it is dropped: the client may hang up.
struct Answering {
    route: Route,
    method: &'static str,
    status: Option<u16>,
    since: Stopwatch,
}

impl Answering {
    fn of(request: &Request) -> Self {
        let route = Route::default();
        route.note(request);
        let method = method(request.method());
        Self { route, method, status: None, since: Stopwatch::start() }
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        let status = self.status.map_or_else(|| "gone".to_owned(), |status| status.to_string());
        let route = self.route.template().to_owned();
        metrics::request_took(route, self.method, status, self.since.elapsed());
    }
}

/// Methods are anything that clients make up.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
