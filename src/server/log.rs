//! The log: structured events on standard error.
//!
//! Decisions: webauthn-rs logs states and answers, challenges among them, so it is silenced whatever
//! the filter says. What is logged for a request carries its id whatever the filter says, and settings
//! that are for tests only are told of whatever it says ([`LOUD`]).

use tracing::Subscriber;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer, filter, fmt};

use super::config::{Config, LogFormat};
use super::request_id;
use super::telemetry::{TRACED, Telemetry};

/// The target of what is logged whatever the filter says.
pub(super) const LOUD: &str = "keyfold::loud";

/// Starts the log, and the traces where there are any. A second start changes nothing.
pub(super) fn start(config: &Config, telemetry: Option<&Telemetry>) {
    let has_colours = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let started = tracing_subscriber::registry()
        .with(lines(config, std::io::stderr, has_colours))
        .with(telemetry.map(Telemetry::layer))
        .try_init();
    if let Err(error) = started {
        tracing::debug!(%error, "the log had been started before");
    }
}

/// Writes what is noted, line by line.
pub(super) fn lines<S, W>(
    config: &Config,
    writer: W,
    has_colours: bool,
) -> impl Layer<S> + use<S, W>
where
    S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let wanted = EnvFilter::try_new(&config.log).unwrap_or_default();
    let in_any_case = [format!("{}=error", request_id::LOGGED), format!("{LOUD}=warn")];
    let in_any_case = in_any_case.iter().filter_map(|directive| directive.parse().ok());
    let wanted = in_any_case.fold(wanted, EnvFilter::add_directive);
    let discreet = filter::filter_fn(|noted| {
        !noted.target().starts_with("webauthn_rs") && noted.target() != TRACED
    });
    let lines = fmt::layer().with_writer(writer);
    let lines = match config.log_format {
        LogFormat::Text => lines.with_ansi(has_colours).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
    };
    lines.with_filter(wanted).with_filter(discreet)
}

/// Letters of an id that are written: enough to tell it from all others, too few to be taken for a secret.
const LETTERS_OF_ID: usize = 16;

/// An id as the log has it: its beginning.
pub(super) fn short_id(id: &str) -> &str {
    id.get(..LETTERS_OF_ID).unwrap_or(id)
}
