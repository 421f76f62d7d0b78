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
mod reached;
mod returns;
pub mod settings;
mod tls;
mod ways;

use std::path::PathBuf;
use std::sync::Arc;

use rustls::ClientConfig;

pub use ask::reason;
pub use finding::{Finding, Level};

use self::ask::Asker;
use self::proxy::Proxy;
use super::chance::Chance;
use super::clock::{Clock, Timestamp};
use super::config::Config;
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
    let mut found = of_settings(&site.config);
    found.extend(local::look(site).await);
    let (on_the_way, way) = outside(&site.config, site.clock.now(), examination).await;
    found.extend(on_the_way);
    let Some(tls) = way else { return found };
    match site.accounts.open_probe().await {
        Ok(secret) => {
            let of = (&*site.config, &site.chance);
            match Asker::new(of, &examination.url, &tls, Some(secret.clone())) {
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

/// The same where the databases cannot be opened, which is told in this finding: everything that needs
/// none of them. There is often more than one thing wrong, and whoever mends one wants to know the next.
pub async fn examine_without_databases(
    config: &Config,
    (clock, chance): (&Clock, &Chance),
    database: Finding,
    examination: &Examination,
) -> Vec<Finding> {
    let mut found = of_settings(config);
    found.extend(local::data_dir(config));
    found.push(database);
    found.push(local::mail(config).await);
    let (on_the_way, way) = outside(config, clock.now(), examination).await;
    found.extend(on_the_way);
    let Some(tls) = way else { return found };
    match Asker::new((config, chance), &examination.url, &tls, None) {
        Ok(asker) => found.extend(at_the_door(config, examination, &asker).await),
        Err(error) => found.push(unaskable(&error)),
    }
    found
}

fn of_settings(config: &Config) -> Vec<Finding> {
    let mut found = settings::findings(config);
    if !found.iter().any(Finding::is_wrong) {
        found.push(Finding::good("settings", "the settings are sound"));
    }
    found
}

/// The way to the site: names, connections, TLS. Where it is open, requests can be sent on it with this.
async fn outside(
    config: &Config,
    now: Timestamp,
    examination: &Examination,
) -> (Vec<Finding>, Option<Arc<ClientConfig>>) {
    let mut found = vec![network::rp_id(config, &examination.url)];
    let (finding, addresses) = network::names(&examination.url).await;
    found.push(finding);
    found.extend(network::connections(config, &addresses).await);
    if addresses.is_empty() {
        return (found, None);
    }
    let tls = match tls::config(examination.ca.as_deref()) {
        Ok(tls) => tls,
        Err(finding) => return ([found, vec![finding]].concat(), None),
    };
    if examination.url.is_secure() {
        let finding = tls::look(&examination.url, &tls, &addresses, now).await;
        let is_wrong = finding.is_wrong();
        found.push(finding);
        if is_wrong {
            return (found, None);
        }
    }
    (found, Some(tls))
}

fn unaskable(error: &impl std::fmt::Display) -> Finding {
    Finding::unknown("probe", "what arrives cannot be asked for", &error.to_string())
}

async fn through(site: &Site, examination: &Examination, asker: &Asker) -> Vec<Finding> {
    let (config, url) = (&*site.config, &examination.url);
    let (answer, seen) = match asker.first().await {
        Ok(arrived) => arrived,
        Err(refusal) => return vec![reached::not(config, url, &refusal).await],
    };
    let proxy = Proxy::of_answer(&answer.headers).or_else(|| Proxy::of_request(&seen));
    let mut found = arrival::look(site, url, &answer, &seen, proxy);
    found.extend(returns::look(config, url, asker, &answer, proxy).await);
    found.extend(ways::look(config, examination, asker, proxy).await);
    found.push(local::clock(site, &answer, &seen));
    found
}

/// What anybody sees who has no secret that Keyfold answers to.
async fn at_the_door(config: &Config, examination: &Examination, asker: &Asker) -> Vec<Finding> {
    let url = &examination.url;
    let page = match asker.page(returns::PAGE).await {
        Ok(page) if page.status == 200 => page,
        Ok(page) => {
            let refusal = ask::Refusal::Elsewhere(page.into());
            return vec![reached::not(config, url, &refusal).await];
        }
        Err(error) => {
            let refusal = ask::Refusal::Unreachable(error);
            return vec![reached::not(config, url, &refusal).await];
        }
    };
    let proxy = Proxy::of_answer(&page.headers);
    let mut found = returns::pages(config, url, asker, proxy).await;
    found.extend(ways::plain_http(examination, asker, proxy).await);
    let why = "Keyfold tells it only to who can open its databases";
    found.push(Finding::unknown("probe", "what arrives of requests was not asked for", why));
    found
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
