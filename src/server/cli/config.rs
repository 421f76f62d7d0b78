//! `keyfold config`: the settings in force, where each comes from, and what is wrong with them.

use clap::Subcommand;
use serde_json::{Value, json};

use super::text::{as_json, in_columns};
use crate::server::config::{Config, Fault, Faults, InForce, Origin, Setting};
use crate::server::doctor::{Finding, settings};

/// What can be done with the settings.
#[derive(Debug, Clone, Subcommand)]
pub(in crate::server) enum Command {
    /// Report errors in the settings, each with the line to change; exit with 1 if there are any.
    Check {
        /// Write JSON instead of text.
        #[arg(long)]
        json: bool,
    },
    /// List every setting in force, with its value and where it comes from; secrets are not shown.
    Show {
        /// Write JSON instead of text.
        #[arg(long)]
        json: bool,
    },
}

/// Runs a command: what it says, and whether all is well.
pub(in crate::server) fn run(
    in_force: &InForce,
    read: Result<Config, Faults>,
    command: &Command,
) -> (String, bool) {
    let (faults, findings) = match read {
        Ok(config) => (Vec::new(), settings::findings(&config)),
        Err(Faults(faults)) => (faults, Vec::new()),
    };
    let is_well = faults.is_empty() && !findings.iter().any(Finding::is_wrong);
    let said = match command {
        Command::Check { json: true } => as_json(&json!({
            "ok": is_well,
            "findings": told(&faults, &findings),
        })),
        Command::Check { json: false } => check(in_force, &faults, &findings, is_well),
        Command::Show { json: true } => {
            let settings: Vec<Value> = in_force.all().iter().map(one).collect();
            as_json(&json!({ "settings": settings, "findings": told(&faults, &findings) }))
        }
        Command::Show { json: false } => show(in_force) + &faulty(&faults),
    };
    (said, is_well)
}

fn check(in_force: &InForce, faults: &[Fault], findings: &[Finding], is_well: bool) -> String {
    let mut said = faulty(faults);
    let worth_saying = findings.iter().filter(|finding| !finding.is_good());
    said.extend(worth_saying.map(ToString::to_string));
    if is_well {
        let count =
            in_force.all().iter().filter(|setting| setting.origin != Origin::Default).count();
        let all_is_well = format!("the settings are sound ({count} of them set)");
        said += &Finding::good("settings", all_is_well).to_string();
    }
    said
}

fn faulty(faults: &[Fault]) -> String {
    faults.iter().map(|fault| Finding::of_fault(fault).to_string()).collect()
}

fn told(faults: &[Fault], findings: &[Finding]) -> Vec<Value> {
    let findings = findings.iter().filter(|finding| !finding.is_good()).map(Finding::as_json);
    faults.iter().map(|fault| Finding::of_fault(fault).as_json()).chain(findings).collect()
}

fn show(in_force: &InForce) -> String {
    let heading = ["SETTING", "VALUE", "FROM"].map(str::to_owned);
    let row = |setting: &Setting| {
        let value = if setting.value.is_empty() { "-" } else { &setting.value };
        [setting.key.clone(), value.to_owned(), setting.origin.to_string()]
    };
    in_columns(&std::iter::once(heading).chain(in_force.all().iter().map(row)).collect::<Vec<_>>())
}

fn one(setting: &Setting) -> Value {
    let mut told = json!({
        "key": setting.key,
        "variable": setting.variable(),
        "value": setting.value,
        "source": setting.origin.kind(),
    });
    match &setting.origin {
        Origin::File { path, line } => {
            told["file"] = json!(path.display().to_string());
            told["line"] = json!(line);
        }
        Origin::CommandLine(option) => told["option"] = json!(option),
        Origin::Default | Origin::Environment(_) => {}
    }
    told
}
