//! Whose request it is: the address of the client.
//!
//! `X-Forwarded-For` is read only when the peer is a trusted proxy, and from the right: the first
//! address that is not itself a trusted proxy's is the client's. Anything to the left of it is what
//! the client says of itself.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use ipnet::IpNet;

use super::limits::Prefix;
use super::site::Site;

/// The address of the client, as a request extension.
#[derive(Debug, Clone, Copy)]
pub(super) struct Client(pub(super) Prefix);

/// Finds out whose request it is. A request that comes over no socket has no address.
pub(super) async fn note_client(
    State(site): State<Site>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    let address =
        peer.map(|peer| client_address(peer, request.headers(), &site.config.trusted_proxies));
    let prefix = Prefix::of(address.unwrap_or(IpAddr::from([0, 0, 0, 0])));
    request.extensions_mut().insert(Client(prefix));
    next.run(request).await
}

fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let peer = peer.to_canonical();
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer;
    if !is_trusted(&peer) {
        return client;
    }
    let lists: Vec<&str> =
        headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).collect();
    for hop in lists.iter().rev().flat_map(|list| list.rsplit(',')) {
        let Ok(address) = hop.trim().parse::<IpAddr>() else { break };
        client = address.to_canonical();
        if !is_trusted(&client) {
            break;
        }
    }
    client
}

#[cfg(test)]
mod tests {
    use super::{HeaderMap, IpAddr, client_address};

    fn client(peer: &str, forwarded: &[&str]) -> String {
        let trusted =
            ["10.0.0.0/8".parse().expect("a network"), "::1/128".parse().expect("a network")];
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().expect("a header"));
        }
        client_address(peer.parse::<IpAddr>().expect("an address"), &headers, &trusted).to_string()
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
}
