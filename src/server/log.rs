//! The log: structured events on standard error.
//!
//! Decision: webauthn-rs logs states and answers, challenges among them, so it is silenced whatever
//! the filter says.

use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, filter, fmt};

use super::config::{Config, LogFormat};

/// Starts the log. A second start changes nothing.
pub(super) fn start(config: &Config) {
    let wanted = EnvFilter::try_new(&config.log).unwrap_or_default();
    let discreet = filter::filter_fn(|event| !event.target().starts_with("webauthn_rs"));
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = match config.log_format {
        LogFormat::Text => {
            lines.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).boxed()
        }
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let started = tracing_subscriber::registry()
        .with(lines.with_filter(wanted).with_filter(discreet))
        .try_init();
    if let Err(error) = started {
        tracing::debug!(%error, "the log had been started before");
    }
}
