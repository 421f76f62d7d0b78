//! What Prometheus is told.
//!
//! Owns: the names of all metrics, and the one place where they can be read. Refuses to know: who
//! asks for what. Labels are from short fixed lists (route templates, never paths), so that nobody can
//! make more of them by asking for odd things.
//!
//! Nothing is counted until [`start`] has been called: then these functions do nothing.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{
    BuildError, Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};

use super::clock::Stopwatch;
use super::site::Site;

const REQUESTS: &str = "keyfold_http_requests_total";
const REQUEST_TIME: &str = "keyfold_http_request_duration_seconds";
const CONNECTIONS: &str = "keyfold_connections_open";
const BEGUN: &str = "keyfold_ceremonies_begun_total";
const ENDED: &str = "keyfold_ceremonies_ended_total";
const VERIFICATION_TIME: &str = "keyfold_verification_duration_seconds";
const DATABASE_TIME: &str = "keyfold_database_duration_seconds";
const POOL: &str = "keyfold_database_connections";
const SESSIONS: &str = "keyfold_sessions_open";
const BUILD: &str = "keyfold_build_info";

/// The bounds of histograms, in seconds.
const BOUNDS: [f64; 13] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Counts from now on, for the whole process; None where it does already.
pub(super) fn start() -> Option<PrometheusHandle> {
    let recorder = recorder().ok()?;
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).ok()?;
    describe();
    Some(handle)
}

/// Something that counts.
pub(super) fn recorder() -> Result<PrometheusRecorder, BuildError> {
    let seconds = Matcher::Suffix("_seconds".to_owned());
    Ok(PrometheusBuilder::new().set_buckets_for_metric(seconds, &BOUNDS)?.build_recorder())
}

/// Says what each metric is.
pub(super) fn describe() {
    describe_counter!(REQUESTS, "Requests, by route template, method and status");
    describe_histogram!(REQUEST_TIME, "From a request to the head of its response");
    describe_gauge!(CONNECTIONS, "Connections that are open");
    describe_counter!(BEGUN, "Ceremonies that have begun, by kind");
    describe_counter!(ENDED, "Ceremonies that have ended, by kind, outcome and reason");
    describe_histogram!(VERIFICATION_TIME, "Checking the answer of an authenticator, by kind");
    describe_histogram!(
        DATABASE_TIME,
        "Time that the databases take: statement is any one, begin the wait for a turn to write"
    );
    describe_gauge!(POOL, "Connections to a database, by database, pool and state");
    describe_gauge!(SESSIONS, "Sessions that are open, on all nodes together");
    describe_gauge!(BUILD, "Always 1; the version is a label");
    gauge!(BUILD, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
}

/// A request has been answered, or given up (`status` is "gone").
pub(super) fn request_took(
    route: String,
    method: &'static str,
    status: String,
    duration: Duration,
) {
    counter!(REQUESTS, "route" => route.clone(), "method" => method, "status" => status)
        .increment(1);
    histogram!(REQUEST_TIME, "route" => route, "method" => method).record(duration);
}

/// Counts a connection until it is dropped.
#[derive(Debug)]
pub(super) struct OpenConnection(());

/// A connection has been opened.
pub(super) fn connection_opened() -> OpenConnection {
    gauge!(CONNECTIONS).increment(1.0);
    OpenConnection(())
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        gauge!(CONNECTIONS).decrement(1.0);
    }
}

/// A ceremony has begun.
pub(super) fn ceremony_begun(kind: &'static str) {
    counter!(BEGUN, "kind" => kind).increment(1);
}

/// A ceremony has ended: `verified`, `refused` or `expired`. The reason is that of a refusal.
pub(super) fn ceremony_ended(kind: &'static str, outcome: &'static str, reason: &'static str) {
    counter!(ENDED, "kind" => kind, "outcome" => outcome, "reason" => reason).increment(1);
}

/// The answer of an authenticator has been checked.
pub(super) fn verification_took(kind: &'static str, duration: Duration) {
    histogram!(VERIFICATION_TIME, "kind" => kind).record(duration);
}

/// What a database answers; how long it takes, with the wait for a connection or a lock, is counted. The
/// operation is one of a few.
pub(super) async fn timed<T>(operation: &'static str, answer: impl Future<Output = T>) -> T {
    let since = Stopwatch::start();
    let answer = answer.await;
    histogram!(DATABASE_TIME, "operation" => operation).record(since.elapsed());
    answer
}

/// How many connections a pool has.
pub(super) fn pool(database: &'static str, pool: &'static str, size: u32, idle: usize) {
    let idle = u32::try_from(idle).unwrap_or(u32::MAX).min(size);
    let set = |state: &'static str, count: u32| {
        gauge!(POOL, "database" => database, "pool" => pool, "state" => state).set(count);
    };
    set("idle", idle);
    set("busy", size - idle);
}

/// The routes of the address that is for metrics alone.
pub(super) fn router(site: Site, told: PrometheusHandle) -> Router {
    Router::new().route("/metrics", get(tell)).with_state((site, told))
}

async fn tell(State((site, told)): State<(Site, PrometheusHandle)>) -> Response {
    look_around(&site).await;
    told.run_upkeep();
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], told.render()).into_response()
}

/// Reads what is not counted as it happens.
async fn look_around(site: &Site) {
    for (database, watched) in
        [("accounts", site.accounts.database()), ("passkeys", site.passkeys.database())]
    {
        for (name, size, idle) in watched.pools() {
            pool(database, name, size, idle);
        }
    }
    match site.accounts.count_open_sessions().await {
        Ok(count) => gauge!(SESSIONS).set(u32::try_from(count).unwrap_or(u32::MAX)),
        Err(error) => tracing::warn!(%error, "open sessions could not be counted"),
    }
}
