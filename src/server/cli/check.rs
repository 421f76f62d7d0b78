//! `keyfold check`: whether the databases are sound.

use clap::Args;
use serde_json::json;

use super::text::as_json;
use crate::server::clock::Clock;
use crate::server::config::Config;
use crate::server::doctor::{Finding, integrity};

/// Looks through the databases, and changes nothing.
#[derive(Debug, Args)]
pub(in crate::server) struct CheckCommand {
    /// Skip the slow part: whether every index has every row.
    #[arg(long)]
    quick: bool,
    /// Write JSON instead of text.
    #[arg(long)]
    json: bool,
}

/// What was found, and whether all is well.
pub(in crate::server) async fn run(
    config: &Config,
    clock: &Clock,
    command: &CheckCommand,
) -> (String, bool) {
    let findings = integrity::findings(config, clock, command.quick).await;
    let is_well = findings.iter().all(Finding::is_good);
    if command.json {
        let found: Vec<_> = findings.iter().map(Finding::as_json).collect();
        return (as_json(&json!({ "sound": is_well, "findings": found })), is_well);
    }
    (findings.iter().map(ToString::to_string).collect(), is_well)
}
