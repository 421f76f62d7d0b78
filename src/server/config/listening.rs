//! Where the server listens, and how: the settings of its sockets.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use super::parse;
use super::source::Source;

/// One address to listen on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// IPv4 or IPv6.
    Tcp(SocketAddr),
    /// The path of a Unix socket.
    Unix(PathBuf),
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(formatter),
            Self::Unix(path) => write!(formatter, "unix:{}", path.display()),
        }
    }
}

/// The files of direct TLS, both PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, and those that vouch for it.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// How the server listens.
#[derive(Debug, Clone)]
pub struct Listening {
    /// Where. Sockets that were handed in at start take the place of these.
    pub addresses: Vec<Address>,
    /// The mode of Unix sockets.
    pub unix_socket_mode: u32,
    /// Whether whoever reaches a Unix socket is a trusted proxy.
    pub unix_socket_trusted: bool,
    /// None where a reverse proxy does the TLS.
    pub tls: Option<TlsFiles>,
    /// For how many days browsers remember that the site is https only; 0 for not at all.
    pub hsts_days: u32,
    /// How many connections there are at once, at the most.
    pub max_connections: u32,
}

impl Listening {
    pub(super) fn take(source: &mut Source) -> Option<Self> {
        let addresses = source.take("listen", "127.0.0.1:8080", parse::listen);
        let unix_socket_mode = source.take("unix_socket_mode", "0660", parse::mode);
        let unix_socket_trusted = source.take("unix_socket_trusted", "off", parse::on_or_off);
        let certificate =
            source.take_like("tls_certificate", "", "/etc/keyfold/chain.pem", parse::path_or_none);
        let key = source.take_like("tls_key", "", "/etc/keyfold/key.pem", parse::path_or_none);
        let hsts_days = source.take("hsts_days", "365", parse::positive_or_none);
        let max_connections = source.take("max_connections", "4000", parse::positive);
        let tls = match (certificate?, key?) {
            (Some(certificate), Some(key)) => Some(TlsFiles { certificate, key }),
            (None, None) => None,
            (Some(_), None) => {
                source.missing(
                    "tls_key",
                    "must be set, too: tls_certificate is",
                    "/etc/keyfold/key.pem",
                );
                return None;
            }
            (None, Some(_)) => {
                let example = "/etc/keyfold/chain.pem";
                source.missing("tls_certificate", "must be set, too: tls_key is", example);
                return None;
            }
        };
        Some(Self {
            addresses: addresses?,
            unix_socket_mode: unix_socket_mode?,
            unix_socket_trusted: unix_socket_trusted?,
            tls,
            hsts_days: hsts_days?,
            max_connections: max_connections?,
        })
    }

    /// The first address that other machines can reach.
    pub fn open_to_others(&self) -> Option<&Address> {
        let is_open = |address: &&Address| match address {
            Address::Tcp(address) => !address.ip().is_loopback(),
            Address::Unix(_) => false,
        };
        self.addresses.iter().find(is_open)
    }
}
