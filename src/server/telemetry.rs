//! Traces for an OpenTelemetry collector, over OTLP.
//!
//! Owns: what is in a trace, and how it leaves. Only spans that are made for it leave (their target is
//! [`TRACED`]): method, route template, status and the id of the request; never a path, a header or a
//! line of the log, as these may name people and what opens their accounts.
//!
//! Decision: the exporter runs on a thread of its own, and drops what a collector that is slow or gone
//! does not take: requests never wait for it.

use std::time::Duration;

use axum::http::HeaderMap;
use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::{TraceContextExt as _, TracerProvider as _};
use opentelemetry_otlp::{
    ExporterBuildError, Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use thiserror::Error;
use tracing::{Span, Subscriber, field};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, filter};
use url::Url;

/// The target of spans that are for the collector.
pub(super) const TRACED: &str = "keyfold::trace";

/// How long the collector may take, also for the last spans when the server stops.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Why no traces can be sent.
#[derive(Debug, Error)]
pub(super) enum TelemetryError {
    #[error("the client for otlp_endpoint cannot be made: {0}")]
    Client(#[from] reqwest::Error),
    #[error("traces cannot be sent: {0}")]
    Exporter(#[from] ExporterBuildError),
}

/// Sends traces until it is stopped.
#[derive(Debug)]
pub(super) struct Telemetry(SdkTracerProvider);

impl Telemetry {
    /// Not to be called from within a runtime: the exporter has its own.
    pub(super) fn start(collector: &Url) -> Result<Self, TelemetryError> {
        // It has been done before where something else speaks TLS already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::blocking::Client::builder().timeout(TIMEOUT).build()?;
        let endpoint = format!("{}/v1/traces", collector.as_str().trim_end_matches('/'));
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(client)
            .with_protocol(Protocol::HttpBinary)
            .with_timeout(TIMEOUT)
            .with_endpoint(endpoint)
            .build()?;
        let version = opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let resource =
            Resource::builder_empty().with_service_name("keyfold").with_attribute(version).build();
        let provider = SdkTracerProvider::builder().with_batch_exporter(exporter);
        Ok(Self(provider.with_resource(resource).build()))
    }

    /// Takes the spans that are for the collector out of everything that is noted.
    pub(super) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("keyfold"))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(filter::filter_fn(|noted| noted.is_span() && noted.target() == TRACED))
    }

    /// Sends what is left. Not to be called from within a runtime either.
    pub(super) fn stop(self) {
        if let Err(error) = self.0.shutdown_with_timeout(TIMEOUT) {
            tracing::warn!(%error, "the last traces could not be sent");
        }
    }
}

/// The span of a request. Its route and its status are recorded once they are known.
pub(super) fn span(method: &'static str, request_id: &str) -> Span {
    tracing::error_span!(
        target: TRACED,
        "request",
        otel.name = method,
        otel.kind = "server",
        otel.status_code = field::Empty,
        http.request.method = method,
        http.route = field::Empty,
        http.response.status_code = field::Empty,
        request.id = request_id,
    )
}

/// Says which route the request has taken. Recording a name is in vain once a span has begun.
pub(super) fn name(span: &Span, method: &'static str, route: &str) {
    span.context().span().update_name(format!("{method} {route}"));
    span.record("http.route", route);
}

/// The span of checking the answer of an authenticator, within that of its request.
pub(super) fn verification(kind: &'static str) -> Span {
    tracing::error_span!(target: TRACED, "verification", ceremony.kind = kind)
}

/// Makes the span part of the trace that these headers bring along (W3C Trace Context).
pub(super) fn continue_from(span: &Span, headers: &HeaderMap) {
    let context = TraceContextPropagator::new().extract(&Carried(headers));
    if let Err(error) = span.set_parent(context) {
        tracing::trace!(%error, "nobody traces");
    }
}

struct Carried<'a>(&'a HeaderMap);

impl Extractor for Carried<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(|value| value.to_str().ok())
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(axum::http::HeaderName::as_str).collect()
    }
}
