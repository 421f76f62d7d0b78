//! Names, addresses and connections.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpStream, UnixStream, lookup_host};
use tokio::time::timeout;

use super::Finding;
use crate::server::config::{Address, Config};
use crate::server::web_origin::WebOrigin;

const PATIENCE: Duration = Duration::from_secs(5);

/// Whether passkeys of this site work at this address.
pub(super) fn rp_id(config: &Config, url: &WebOrigin) -> Finding {
    let rp_id = config.public_url.host();
    if url.origin() == config.public_url.origin() {
        return Finding::good(
            "rp_id",
            format!("passkeys belong to {rp_id} (RP ID), the host of {}", url.origin()),
        );
    }
    if config.related_origins.contains(url) {
        let says = format!("{} is a related origin of {rp_id} (RP ID)", url.origin());
        return Finding::good("rp_id", says);
    }
    let says =
        format!("{} is not the public URL, which is {}", url.origin(), config.public_url.origin());
    let why = "browsers refuse every passkey on pages of another origin, and Keyfold turns their requests away";
    let line = config.in_force.line_to_say("public_url", url.origin());
    Finding::wrong("rp_id", says, why).fixed_by(line)
}

/// Where the host is.
pub(super) async fn names(url: &WebOrigin) -> (Finding, Vec<SocketAddr>) {
    let host = url.host();
    let found = timeout(PATIENCE, lookup_host((host, port(url)))).await;
    let addresses: Vec<SocketAddr> = match found {
        Ok(Ok(addresses)) => addresses.collect(),
        Ok(Err(_)) | Err(_) => Vec::new(),
    };
    if addresses.is_empty() {
        let says = format!("the name {host} has no address (DNS)");
        let why = "nobody's browser finds the site";
        let line = format!("{host}. A <the address of this server>   (and AAAA for IPv6)");
        return (Finding::wrong("dns", says, why).fixed_by(line), addresses);
    }
    let list: Vec<String> = addresses.iter().map(|address| address.ip().to_string()).collect();
    (Finding::good("dns", format!("{host} is at {}", list.join(", "))), addresses)
}

/// The port of an origin.
pub(super) fn port(url: &WebOrigin) -> u16 {
    let behind = url.origin().rsplit(':').next().and_then(|port| port.parse().ok());
    behind.unwrap_or(if url.is_secure() { 443 } else { 80 })
}

/// Whether something answers at every address: people get one or the other.
pub(super) async fn connections(config: &Config, addresses: &[SocketAddr]) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut refused = Vec::new();
    let mut open = 0;
    for address in addresses {
        match timeout(PATIENCE, TcpStream::connect(address)).await {
            Ok(Ok(_)) => open += 1,
            Ok(Err(error)) if is_ours(&error) => {
                let says = format!("{address} cannot be tried from this machine");
                found.push(Finding::unknown("connect", says, &error.to_string()));
            }
            Ok(Err(error)) => refused.push((address, error.to_string())),
            Err(_) => refused.push((address, "no answer within 5 seconds".to_owned())),
        }
    }
    for (address, error) in refused {
        let says = format!("nothing answers at {address}: {error}");
        // Names of this machine itself commonly lead to an address that nothing listens on.
        if open > 0 && address.ip().is_loopback() {
            continue;
        }
        let why = "people whose browsers take this address wait, and give up";
        let line = format!("let the proxy listen there, or take {} out of DNS", address.ip());
        let is_own = config.listening.addresses.contains(&Address::Tcp(*address));
        let line = if is_own { "start Keyfold".to_owned() } else { line };
        found.push(Finding::wrong("connect", says, why).fixed_by(line));
    }
    found
}

/// Whether the failure says something about this machine, and nothing about the other one.
fn is_ours(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{AddrNotAvailable, NetworkUnreachable};
    matches!(error.kind(), AddrNotAvailable | NetworkUnreachable)
}

/// Whether something listens there.
pub(super) async fn is_listening(address: &Address) -> bool {
    match address {
        Address::Tcp(address) => {
            matches!(timeout(PATIENCE, TcpStream::connect(address)).await, Ok(Ok(_)))
        }
        Address::Unix(path) => {
            matches!(timeout(PATIENCE, UnixStream::connect(path)).await, Ok(Ok(_)))
        }
    }
}
