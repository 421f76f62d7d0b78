//! What each kind of setting may be. An error is the end of the sentence "`key` …".

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use ipnet::IpNet;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use url::Url;

use super::{Address, LogFormat};
use crate::server::database::Location;
use crate::server::mail::{Relay, Sender};
use crate::server::passkeys::is_name;
use crate::server::web_origin::WebOrigin;
use crate::wire::SignUpPolicy;

pub(super) fn public_url(text: &str) -> Result<WebOrigin, String> {
    WebOrigin::parse(text).map_err(|error| error.to_string())
}

/// Origins in a list, each as strict as the public URL.
pub(super) fn origins(text: &str) -> Result<Vec<WebOrigin>, String> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| {
            WebOrigin::parse(part).map_err(|error| format!("must list origins; {part:?} {error}"))
        })
        .collect()
}

/// Hosts in a list, as they stand in a public URL.
pub(super) fn rp_ids(text: &str) -> Result<Vec<String>, String> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let read = WebOrigin::parse(&format!("https://{part}"));
            let is_host = read.is_ok_and(|read| read.host() == part);
            let problem = || format!("must list hosts such as example.com; {part:?} is none");
            if is_host { Ok(part.to_owned()) } else { Err(problem()) }
        })
        .collect()
}

/// Addresses in a list, at least one.
pub(super) fn listen(text: &str) -> Result<Vec<Address>, String> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let address = |part: &str| match part.strip_prefix("unix:") {
        Some(path) if path.starts_with('/') => Some(Address::Unix(path.into())),
        Some(_) => None,
        None => part.parse().ok().map(Address::Tcp),
    };
    let addresses: Option<Vec<_>> = parts.map(address).collect();
    addresses.filter(|addresses| !addresses.is_empty()).ok_or_else(|| {
        "must be an IP address and a port, unix: and the path of a socket, or a list of these"
            .into()
    })
}

/// Nothing switches it off.
pub(super) fn address_or_none(text: &str) -> Result<Option<SocketAddr>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| "must be an IP address and a port".into())
}

/// Nothing switches it off.
pub(super) fn http_or_none(text: &str) -> Result<Option<Url>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    url.map(Some).ok_or_else(|| "must begin with http:// or https://".into())
}

/// A file mode, as chmod takes it.
pub(super) fn mode(text: &str) -> Result<u32, String> {
    let mode = u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o777);
    mode.ok_or_else(|| "must be an octal mode such as 0660".into())
}

#[expect(clippy::unnecessary_wraps, reason = "every kind of setting may have faults")]
pub(super) fn path_or_none(text: &str) -> Result<Option<PathBuf>, String> {
    Ok(Some(PathBuf::from(text)).filter(|_| !text.is_empty()))
}

/// Nothing is a file in the data directory.
pub(super) fn database(text: &str) -> Result<Option<Location>, String> {
    if text.is_empty() { Ok(None) } else { Location::parse(text).map(Some) }
}

pub(super) fn path(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() { Err("must not be empty".into()) } else { Ok(text.into()) }
}

pub(super) fn site_name(text: &str) -> Result<String, String> {
    if is_name(text) { Ok(text.to_owned()) } else { Err("must have 1 to 64 characters".into()) }
}

pub(super) fn networks(text: &str) -> Result<Vec<IpNet>, String> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let network =
                part.parse().ok().or_else(|| part.parse::<IpAddr>().ok().map(IpNet::from));
            network.ok_or_else(|| format!("must list networks; {part:?} is not one"))
        })
        .collect()
}

/// Nothing switches e-mail off.
pub(super) fn relay(text: &str) -> Result<Option<Relay>, String> {
    if text.is_empty() { Ok(None) } else { Relay::parse(text).map(Some) }
}

pub(super) fn sender(text: &str) -> Result<Option<Sender>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let sender = Sender::parse(text).map(Some);
    sender.ok_or_else(|| "must be an e-mail address, or a name and an address in < >".into())
}

pub(super) fn policy(text: &str) -> Result<SignUpPolicy, String> {
    match text {
        "open" => Ok(SignUpPolicy::Open),
        "invitation" => Ok(SignUpPolicy::ByInvitation),
        "closed" => Ok(SignUpPolicy::Closed),
        _ => Err("must be open, invitation or closed".into()),
    }
}

pub(super) fn on_or_off(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("must be on or off".into()),
    }
}

pub(super) fn positive(text: &str) -> Result<u32, String> {
    let number = text.parse().ok().filter(|number| (1..=1_000_000).contains(number));
    number.ok_or_else(|| "must be a whole number from 1 to 1000000".into())
}

pub(super) fn positive_or_none(text: &str) -> Result<u32, String> {
    let number = text.parse().ok().filter(|number| (0..=1_000_000).contains(number));
    number.ok_or_else(|| "must be a whole number from 0 to 1000000".into())
}

pub(super) fn log_filter(text: &str) -> Result<String, String> {
    // A single word that is no level would be taken for a module, and silence everything else.
    let is_level = || text.parse::<LevelFilter>().is_ok();
    let is_filter = || text.contains('=') && EnvFilter::try_new(text).is_ok();
    if is_level() || is_filter() {
        Ok(text.to_owned())
    } else {
        Err("must be a level (error, warn, info, debug) or a tracing filter".into())
    }
}

pub(super) fn log_format(text: &str) -> Result<LogFormat, String> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err("must be text or json".into()),
    }
}
