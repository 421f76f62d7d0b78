//! What each kind of setting may be. An error is the end of the sentence "`key` …".

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use ipnet::IpNet;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use url::{Host, Url};

use super::LogFormat;
use crate::server::mail::{Relay, Sender};

/// The address people have in the address bar: a scheme, a host and perhaps a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    origin: String,
    host: String,
    is_secure: bool,
}

impl PublicUrl {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| format!("is not a URL ({error})"))?;
        let Some(Host::Domain(host)) = url.host() else {
            return Err(
                "must name a host: passkeys belong to a domain, never to an IP address".into()
            );
        };
        if host.contains('*') {
            return Err(
                "must name one host: a wildcard would hand every subdomain the passkeys".into()
            );
        }
        let labels_are_names = host
            .split('.')
            .all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'));
        if !labels_are_names {
            return Err("must name a host: letters, digits and hyphens between single dots".into());
        }
        let is_local = host == "localhost" || host.ends_with(".localhost");
        let is_secure = match url.scheme() {
            "https" => true,
            "http" if is_local => false,
            "http" => {
                return Err(
                    "must be https: browsers offer passkeys over http on localhost only".into()
                );
            }
            _ => return Err("must begin with https://".into()),
        };
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !is_bare || !url.username().is_empty() || url.password().is_some() {
            return Err(
                "must be only a scheme, a host and perhaps a port: no path, query or user".into()
            );
        }
        Ok(Self { origin: url.origin().ascii_serialization(), host: host.to_owned(), is_secure })
    }

    /// The origin, as browsers write it: no slash at the end (RFC 6454, §6.2).
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The host, which is the RP ID too (WebAuthn Level 3, §4).
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether it is https.
    pub fn is_secure(&self) -> bool {
        self.is_secure
    }
}

/// Origins in a list, each as strict as the public URL.
pub(super) fn origins(text: &str) -> Result<Vec<PublicUrl>, String> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| {
            PublicUrl::parse(part).map_err(|error| format!("must list origins; {part:?} {error}"))
        })
        .collect()
}

pub(super) fn socket_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "must be an IP address and a port".into())
}

pub(super) fn path(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() { Err("must not be empty".into()) } else { Ok(text.into()) }
}

pub(super) fn site_name(text: &str) -> Result<String, String> {
    let length = text.chars().count();
    if (1..=64).contains(&length) && !text.chars().any(char::is_control) {
        Ok(text.to_owned())
    } else {
        Err("must have 1 to 64 characters".into())
    }
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
