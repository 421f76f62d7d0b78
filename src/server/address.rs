//! Whose request it is: the address of the client.
//!
//! `X-Forwarded-For` is read only when the peer is a trusted proxy, and from the right: the first
//! address that is not itself a trusted proxy's is the client's. Anything to the left of it is what
//! the client says of itself.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use ipnet::IpNet;

use super::config::Config;
use super::limits::Prefix;
use super::site::Site;

/// Who is at the other end of the connection, as a request extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Peer {
    /// Whoever has this address.
    Address(IpAddr),
    /// Somebody on this machine who may open our Unix socket.
    UnixSocket,
}

impl Peer {
    /// Whether it is a proxy of ours.
    pub(super) fn is_trusted(self, config: &Config) -> bool {
        match self {
            Self::Address(address) => is_in(&config.trusted_proxies, address.to_canonical()),
            Self::UnixSocket => config.listening.unix_socket_trusted,
        }
    }
}

/// Whether what a request says of itself is said by a trusted proxy.
pub(super) fn is_from_trusted_proxy(request: &Request, config: &Config) -> bool {
    request.extensions().get::<Peer>().is_some_and(|peer| peer.is_trusted(config))
}

fn is_in(networks: &[IpNet], address: IpAddr) -> bool {
    networks.iter().any(|network| network.contains(&address))
}

/// The address of the client, as a request extension.
#[derive(Debug, Clone, Copy)]
pub(super) struct Client(pub(super) Prefix);

/// Finds out whose request it is. A request that comes over no socket has no address.
pub(super) async fn note_client(
    State(site): State<Site>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<Peer>().copied();
    let address = peer.and_then(|peer| client_of(peer, request.headers(), &site.config));
    let prefix = Prefix::of(address.unwrap_or(IpAddr::from([0, 0, 0, 0])));
    request.extensions_mut().insert(Client(prefix));
    next.run(request).await
}

/// The address of the client; None for one that came by a Unix socket and has none.
pub(super) fn client_of(peer: Peer, headers: &HeaderMap, config: &Config) -> Option<IpAddr> {
    match peer {
        peer if peer.is_trusted(config) => forwarded_by(peer, headers, &config.trusted_proxies),
        Peer::Address(address) => Some(address),
        Peer::UnixSocket => None,
    }
}

/// The address that a trusted proxy says it has answered, or its own where it says nothing.
fn forwarded_by(peer: Peer, headers: &HeaderMap, trusted: &[IpNet]) -> Option<IpAddr> {
    let mut client = match peer {
        Peer::Address(address) => Some(address.to_canonical()),
        Peer::UnixSocket => None,
    };
    let lists = headers.get_all("x-forwarded-for").iter().map(HeaderValue::as_bytes);
    let lists: Vec<&[u8]> = lists.collect();
    // As bytes: what a client writes to the left must not hide what the proxy has written to the right.
    for hop in lists.iter().rev().flat_map(|list| list.rsplit(|byte| *byte == b',')) {
        let Some(address) = address_of(hop) else { break };
        let address = address.to_canonical();
        client = Some(address);
        if !is_in(trusted, address) {
            break;
        }
    }
    client
}

/// The address of a hop, which some proxies write with its port.
fn address_of(hop: &[u8]) -> Option<IpAddr> {
    let hop = std::str::from_utf8(hop).ok()?.trim();
    let bare = hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']')).unwrap_or(hop);
    let with_port = || hop.parse::<SocketAddr>().ok().map(|address| address.ip());
    bare.parse().ok().or_else(with_port)
}

#[cfg(test)]
mod tests {
    use super::{HeaderMap, HeaderValue, IpAddr, Peer, forwarded_by, is_in};

    fn client(peer: &str, forwarded: &[&str]) -> String {
        let forwarded: Vec<&[u8]> = forwarded.iter().map(|line| line.as_bytes()).collect();
        client_by_bytes(peer, &forwarded)
    }

    fn client_by_bytes(peer: &str, forwarded: &[&[u8]]) -> String {
        let trusted =
            ["10.0.0.0/8".parse().expect("a network"), "::1/128".parse().expect("a network")];
        let mut headers = HeaderMap::new();
        for value in forwarded {
            let value = HeaderValue::from_bytes(value).expect("a header");
            headers.append("x-forwarded-for", value);
        }
        let address = peer.parse::<IpAddr>().expect("an address");
        if !is_in(&trusted, address.to_canonical()) {
            return address.to_string();
        }
        let client = forwarded_by(Peer::Address(address), &headers, &trusted);
        client.expect("proxies have addresses").to_string()
    }

    #[test]
    fn a_stranger_cannot_say_who_they_are() {
        assert_eq!(client("192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
    }

    #[test]
    fn a_trusted_proxy_is_believed_for_the_hop_it_saw() {
        assert_eq!(client("10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(client("10.0.0.1", &["1.2.3.4, 198.51.100.7"]), "198.51.100.7");
        assert_eq!(client("10.0.0.1", &["1.2.3.4", "198.51.100.7, 10.9.9.9"]), "198.51.100.7");
        assert_eq!(client("::ffff:10.0.0.1", &["2001:db8::1"]), "2001:db8::1");
    }

    #[test]
    fn nonsense_ends_the_search() {
        assert_eq!(client("10.0.0.1", &["198.51.100.7, nonsense"]), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn nobody_hides_behind_what_cannot_be_read() {
        for line in [
            b"\xff, 198.51.100.7".as_slice(),
            b"\xc3\xa4,198.51.100.7",
            b"1\xff.2.3.4,198.51.100.7",
        ] {
            assert_eq!(client_by_bytes("10.0.0.1", &[line]), "198.51.100.7");
        }
        let lines: [&[u8]; 2] = [b"\xff", b"198.51.100.7, 10.9.9.9"];
        assert_eq!(client_by_bytes("10.0.0.1", &lines), "198.51.100.7");
        assert_eq!(client_by_bytes("10.0.0.1", &[b"198.51.100.7, \xff"]), "10.0.0.1");
    }

    #[test]
    fn a_hop_may_have_a_port() {
        assert_eq!(client("10.0.0.1", &["1.2.3.4, 198.51.100.7:5678"]), "198.51.100.7");
        assert_eq!(client("10.0.0.1", &["[2001:db8::1]:443, 10.9.9.9:80"]), "2001:db8::1");
        assert_eq!(client("10.0.0.1", &["[2001:db8::1]"]), "2001:db8::1");
        assert_eq!(client("10.0.0.1", &["198.51.100.7:port"]), "10.0.0.1");
    }
}
