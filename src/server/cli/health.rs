//! `keyfold health`: asks the server that runs with these settings, for containers and probes.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use reqwest::redirect::Policy;
use serde_json::json;
use thiserror::Error;

use super::Failure;
use crate::server::config::{Address, Config};
use crate::server::doctor::reason;

/// More than a server that is well ever needs.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Debug, clap::Args)]
pub(crate) struct HealthCommand {
    /// Also check that its databases answer.
    #[arg(long)]
    pub(crate) ready: bool,
    /// Write JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Why the server is not well.
#[derive(Debug, Error)]
pub(crate) enum HealthError {
    #[error("nothing answers on {address}: {}", reason(source))]
    Unreachable { address: Address, source: reqwest::Error },
    #[error("{address} does not answer in time")]
    Slow { address: Address },
    #[error("{address} answers {status}")]
    Unwell { address: Address, status: reqwest::StatusCode },
}

impl From<HealthError> for Failure {
    fn from(error: HealthError) -> Self {
        let hint = match &error {
            HealthError::Unreachable { .. } => {
                "start the server, or give this command the same settings (KEYFOLD_LISTEN)"
            }
            HealthError::Slow { .. } | HealthError::Unwell { .. } => "see the log of the server",
        };
        Self::new(error, hint)
    }
}

/// Asks on the first address of the settings.
pub(crate) async fn ask(config: &Config, command: &HealthCommand) -> Result<String, HealthError> {
    let path = if command.ready { "/readyz" } else { "/healthz" };
    let Some(address) = config.listening.addresses.first().cloned() else {
        return Ok(String::new());
    };
    let status = match status(config, &address, path).await {
        Ok(status) => status,
        Err(error) if error.is_timeout() => return Err(HealthError::Slow { address }),
        Err(source) => return Err(HealthError::Unreachable { address, source }),
    };
    if status != reqwest::StatusCode::OK {
        return Err(HealthError::Unwell { address, status });
    }
    let said = json!({ "address": address.to_string(), "healthy": true });
    Ok(if command.json { format!("{said}\n") } else { format!("{address} is well\n") })
}

/// Any certificate will do: whether the server is well does not hang on it, nothing secret is said, and
/// `keyfold doctor` is who looks at certificates.
async fn status(
    config: &Config,
    address: &Address,
    path: &str,
) -> Result<reqwest::StatusCode, reqwest::Error> {
    // There is one already where the log is also sent to a collector.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let host = config.public_url.host();
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(Policy::none())
        .timeout(PATIENCE)
        .tls_danger_accept_invalid_certs(true);
    let (client, origin) = match address {
        Address::Unix(socket) => (client.unix_socket(socket.as_path()), format!("http://{host}")),
        Address::Tcp(address) => {
            let scheme = if config.listening.tls.is_some() { "https" } else { "http" };
            let origin = format!("{scheme}://{host}:{}", address.port());
            (client.resolve(host, reachable(*address)), origin)
        }
    };
    let answer = client.build()?.get(origin + path).send().await?;
    Ok(answer.status())
}

/// A wildcard stands for the machine itself.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}
