//! `keyfold doctor`: what is wrong with an installation, and which line to change.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::beside::not_brought_up_to_date;
use super::text::as_json;
use super::{Failure, clock, failed, told as told_to_all};
use crate::server::chance::Chance;
use crate::server::clock::Clock;
use crate::server::config::{Config, Faults};
use crate::server::database::OpenError;
use crate::server::doctor::{self, Examination, Finding, proxy::Proxy};
use crate::server::log;
use crate::server::site::Site;
use crate::server::web_origin::WebOrigin;

/// What is examined, and how.
#[derive(Debug, Clone, Args)]
pub(in crate::server) struct DoctorCommand {
    /// The address to examine; by default the public URL of the settings.
    #[arg(value_name = "URL")]
    url: Option<String>,
    /// Write JSON instead of text.
    #[arg(long)]
    json: bool,
    /// Also trust the certificates in this file (PEM), for a certificate authority of your own.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// The port for http without TLS.
    #[arg(long, value_name = "PORT", default_value_t = 80)]
    http_port: u16,
    /// Print what a reverse proxy needs for these settings, and examine nothing.
    #[arg(long, value_name = "PROXY")]
    snippet: Option<Proxy>,
    /// Remove passkeys of this site that belong to no account, and examine nothing.
    #[arg(long, conflicts_with = "snippet")]
    remove_orphans: bool,
}

/// Runs the command, writes what it says, and ends with 1 where something is wrong.
pub(super) fn examined(read: Result<Config, Faults>, command: &DoctorCommand) -> ExitCode {
    if let Ok(config) = &read {
        log::start(config, None);
    }
    let mut said = (String::new(), false);
    let done = super::run(async {
        let found = run(read, command).await;
        said = found.map_err(|(error, hint)| Failure::new(error, &hint))?;
        Ok(())
    });
    match done {
        Ok(()) => told_to_all(said),
        Err(failure) => failed(&failure.error, failure.code),
    }
}

/// Runs the command: what it says, and whether all is well; an error is told with its hint.
pub(in crate::server) async fn run(
    read: Result<Config, Faults>,
    command: &DoctorCommand,
) -> Result<(String, bool), (String, String)> {
    let config = match read {
        Ok(config) => config,
        Err(Faults(faults)) => {
            let found: Vec<Finding> = faults.iter().map(Finding::of_fault).collect();
            return Ok(told(&found, command.json));
        }
    };
    if let Some(proxy) = command.snippet {
        return Ok((proxy.snippet(&config), true));
    }
    let url = match &command.url {
        Some(url) => WebOrigin::parse(url).map_err(|error| {
            let hint = "give it as people have it in the address bar, such as https://id.example";
            (format!("the address {url:?} {error}"), hint.to_owned())
        })?,
        None => config.public_url.clone(),
    };
    let ca = command.ca.clone();
    let examination = Examination { url, ca, http_port: command.http_port };
    let (clock, chance) = (clock(&config), Chance::from_system());
    let trouble = match missing_database(&config) {
        Some(missing) => missing,
        None => match open(config.clone(), clock.clone(), chance.clone()).await {
            Ok(site) => {
                let said = on_site(&site, &examination, command).await;
                site.close().await;
                return Ok(said);
            }
            Err(error) => {
                let why = "Keyfold does not start like this";
                Finding::wrong("database", error.to_string(), why).fixed_by(error.hint())
            }
        },
    };
    if command.remove_orphans {
        return Ok(told(&[trouble], command.json));
    }
    let of = (&clock, &chance);
    let found = doctor::examine_without_databases(&config, of, trouble, &examination).await;
    Ok(told(&found, command.json))
}

async fn open(config: Config, clock: Clock, chance: Chance) -> Result<Site, OpenError> {
    not_brought_up_to_date(&config).await?;
    Site::open_beside(config, clock, chance).await
}

/// The same on a site that is open.
pub(in crate::server) async fn on_site(
    site: &Site,
    examination: &Examination,
    command: &DoctorCommand,
) -> (String, bool) {
    let found = if command.remove_orphans {
        vec![doctor::remove_orphans(site).await]
    } else {
        doctor::examine(site, examination).await
    };
    told(&found, command.json)
}

fn missing_database(config: &Config) -> Option<Finding> {
    let file = config.accounts_database.file().filter(|file| !file.exists())?;
    let says = format!("there is no user database at {}", file.display());
    let line = config.in_force.line_to_say("data_dir", "/var/lib/keyfold");
    let why = "either Keyfold has never been started, or it runs with different settings";
    let finding = Finding::wrong("database", says, why).fixed_by("keyfold serve");
    Some(finding.fixed_by(format!("or {line}")))
}

fn told(found: &[Finding], json: bool) -> (String, bool) {
    let is_well = !found.iter().any(Finding::is_wrong);
    if json {
        let findings: Vec<_> = found.iter().map(Finding::as_json).collect();
        return (as_json(&json!({ "ok": is_well, "findings": findings })), is_well);
    }
    let lines: String = found.iter().map(ToString::to_string).collect();
    let wrong = found.iter().filter(|finding| finding.is_wrong()).count();
    let end = match wrong {
        0 => "All is well.".to_owned(),
        1 => "One thing is wrong.".to_owned(),
        more => format!("{more} things are wrong."),
    };
    (format!("{lines}\n{end}\n"), is_well)
}
