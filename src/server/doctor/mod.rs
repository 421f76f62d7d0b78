//! What is wrong with an installation, and which line to change.
//!
//! Owns: how findings are told, and every check that is made. Refuses to know: how they reach whoever
//! asked; that is for the command line.
//!
//! Decisions:
//! * What a proxy does is not guessed from its configuration: requests go through it, and Keyfold tells
//!   what of them arrived (see `server/probe.rs`).
//! * A check that cannot be made is told as that, and never as a fault.

mod arrival;
mod ask;
mod finding;
pub mod integrity;
mod local;
mod network;
pub mod proxy;
mod returns;
pub mod settings;
mod tls;
mod ways;

use std::path::PathBuf;

pub use ask::reason;
pub use finding::{Finding, Level};

use self::ask::{Asker, Refusal};
use super::site::Site;
use super::web_origin::WebOrigin;

/// What is examined, and how.
#[derive(Debug, Clone)]
pub struct Examination {
    /// The address, as people have it in the address bar.
    pub url: WebOrigin,
    /// A file with certificates that are believed, too.
    pub ca: Option<PathBuf>,
    /// Where plain http is spoken.
    pub http_port: u16,
}

/// Looks at everything, from the settings to the proxy.
pub async fn examine(site: &Site, examination: &Examination) -> Vec<Finding> {
    let mut found = settings::findings(&site.config);
    if !found.iter().any(Finding::is_wrong) {
        found.push(Finding::good("settings", "the settings are sound"));
    }
    found.extend(local::look(site).await);
    found.extend(outside(site, examination).await);
    found
}

async fn outside(site: &Site, examination: &Examination) -> Vec<Finding> {
    let mut found = vec![network::rp_id(&site.config, &examination.url)];
    let (finding, addresses) = network::names(&examination.url).await;
    found.push(finding);
    found.extend(network::connections(&site.config, &addresses).await);
    if addresses.is_empty() {
        return found;
    }
    let config = match tls::config(examination.ca.as_deref()) {
        Ok(config) => config,
        Err(finding) => return [found, vec![finding]].concat(),
    };
    if examination.url.is_secure() {
        let finding = tls::look(&examination.url, &config, &addresses, site.clock.now()).await;
        let is_wrong = finding.is_wrong();
        found.push(finding);
        if is_wrong {
            return found;
        }
    }
    match site.accounts.open_probe().await {
        Ok(secret) => {
            match Asker::new(site, &examination.url, &config, secret.clone()) {
                Ok(asker) => found.extend(through(site, examination, &asker).await),
                Err(error) => found.push(unaskable(&error)),
            }
            // One that is left over is over in two minutes.
            if let Err(error) = site.accounts.close_probe(&secret).await {
                tracing::debug!(%error, "the probe was not closed");
            }
        }
        Err(error) => found.push(unaskable(&error)),
    }
    found
}

fn unaskable(error: &impl std::fmt::Display) -> Finding {
    Finding::unknown("probe", "what arrives cannot be asked for", &error.to_string())
}

async fn through(site: &Site, examination: &Examination, asker: &Asker) -> Vec<Finding> {
    let (answer, seen) = match asker.first().await {
        Ok(arrived) => arrived,
        Err(refusal) => return vec![no_answer(site, &refusal).await],
    };
    let proxy = proxy::Proxy::of_answer(&answer.headers);
    let url = &examination.url;
    let mut found = arrival::look(site, url, &answer, &seen, proxy);
    found.extend(returns::look(site, url, asker, &answer, proxy).await);
    found.extend(ways::look(&site.config, examination, asker, proxy).await);
    found.push(local::clock(site, &answer, &seen));
    found
}

/// Why nobody could be asked, and whose fault that is.
async fn no_answer(site: &Site, refusal: &Refusal) -> Finding {
    let addresses = &site.config.listening.addresses;
    let listen: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    let listen = listen.join(" and ");
    let is_there = match addresses.first() {
        Some(address) => network::is_listening(address).await,
        None => false,
    };
    match refusal {
        Refusal::Unreachable(error) => {
            let says = format!("{} does not answer: {error}", site.config.public_url.origin());
            let finding = Finding::wrong("reachable", says, "nobody can open the site");
            finding.fixed_by(if is_there {
                format!("start the proxy, and let the firewall through to it (Keyfold is there, on {listen})")
            } else {
                format!("start Keyfold: nothing listens on {listen}")
            })
        }
        Refusal::Status(status) if matches!(status, 502..=504) => {
            let says = format!("the proxy answers {status}: it does not reach Keyfold");
            let finding = Finding::wrong("upstream", says, "nobody can open the site");
            finding.fixed_by(if is_there {
                format!("Keyfold listens on {listen}: let the proxy send requests there")
            } else {
                format!("start Keyfold: nothing listens on {listen}")
            })
        }
        Refusal::Status(status) => {
            let says = format!(
                "something answers with {status} that is not the Keyfold of these databases"
            );
            let why = "the proxy leads elsewhere, answers by itself, or takes away headers that it does not know";
            Finding::wrong("upstream", says, why).fixed_by(format!(
                "let the proxy send requests to {listen}, with all their headers"
            ))
        }
    }
}

/// Removes the passkeys of this site that belong to no account.
pub async fn remove_orphans(site: &Site) -> Finding {
    let failed = |error: &str| {
        let finding = Finding::wrong("orphans", "not all could be removed", error);
        finding.fixed_by("see what keyfold check says, and run this again")
    };
    let orphans = match local::orphans(site).await {
        Ok(orphans) => orphans,
        Err(error) => return failed(&error),
    };
    // Then it is the accounts that are gone, or elsewhere.
    match site.accounts.has_users().await {
        Ok(true) => {}
        Ok(false) if orphans.is_empty() => {}
        Ok(false) => return failed("there is no account at all: is this the right user database?"),
        Err(error) => return failed(&error.to_string()),
    }
    let mut removed = 0;
    for (user, passkeys) in orphans {
        if let Err(error) = site.passkeys.remove_all(&site.relying_party, &user).await {
            return failed(&error.to_string());
        }
        removed += passkeys;
    }
    Finding::good("orphans", format!("passkeys without an account that were removed: {removed}"))
}
