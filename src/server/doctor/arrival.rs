//! What of a request arrives at Keyfold, against what was sent.

use std::net::IpAddr;

use super::Finding;
use super::ask::{Answer, FORGED_ADDRESS, FORGED_HOST, FORGED_SCHEME};
use super::proxy::{Lines, Proxy};
use crate::server::config::Config;
use crate::server::cookies;
use crate::server::probe::Seen;
use crate::server::site::Site;
use crate::server::web_origin::WebOrigin;

const HOST: Lines = Lines {
    nginx: "proxy_set_header Host $http_host;",
    caddy: "header_up Host {http.request.hostport}",
    traefik: "passHostHeader: true",
    apache: "ProxyPreserveHost On",
};

const FORWARDED_FOR: Lines = Lines {
    nginx: "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
    caddy: "take \"header_up X-Forwarded-For\" out: reverse_proxy sends it by itself",
    traefik: "it is sent by itself; take a headers middleware that removes X-Forwarded-For out",
    apache: "ProxyAddHeaders On",
};

const FORWARDED_PROTO: Lines = Lines {
    nginx: "proxy_set_header X-Forwarded-Proto $scheme;",
    caddy: "take \"header_up X-Forwarded-Proto\" out: reverse_proxy sends it by itself",
    traefik: "it is sent by itself; take a headers middleware that changes X-Forwarded-Proto, and forwardedHeaders.insecure of the entry point, out",
    apache: "RequestHeader set X-Forwarded-Proto expr=%{REQUEST_SCHEME}",
};

const FORWARDED_HOST: Lines = Lines {
    nginx: "proxy_set_header X-Forwarded-Host $http_host;",
    caddy: "take \"header_up X-Forwarded-Host\" out: reverse_proxy sends it by itself",
    traefik: "it is sent by itself; take a headers middleware that changes X-Forwarded-Host, and forwardedHeaders.insecure of the entry point, out",
    apache: "RequestHeader set X-Forwarded-Host expr=%{HTTP_HOST}",
};

const PASSED_ON: Lines = Lines {
    nginx: "take the line \"proxy_set_header {{name}} …;\" out",
    caddy: "take the line \"header_up -{{name}}\" out",
    traefik: "take {{name}} out of the customRequestHeaders of its headers middlewares",
    apache: "take the line \"RequestHeader unset {{name}}\" out",
};

const KEEP_ALIVE: Lines = Lines {
    nginx: "proxy_http_version 1.1; proxy_set_header Connection \"\";",
    caddy: "take \"transport http { versions … }\" out",
    traefik: "it speaks HTTP/1.1 by itself",
    apache: "take \"SetEnv force-proxy-request-1.0\" out",
};

/// Compares the two.
pub(super) fn look(
    site: &Site,
    url: &WebOrigin,
    answer: &Answer,
    seen: &Seen,
    proxy: Option<Proxy>,
) -> Vec<Finding> {
    let mut found = vec![host(url, seen, proxy)];
    if is_direct(&site.config, url, seen) {
        found.push(Finding::good("proxy", "no proxy is in between"));
    } else {
        found.extend(forwarded_for(&site.config, seen, proxy));
        found.push(forwarded_proto(url, seen, proxy));
        found.extend(forwarded_host(seen, proxy));
        found.extend(inner_protocol(seen, proxy));
    }
    found.push(passed_on(site, url, answer, seen, proxy));
    found
}

/// Whether nothing has touched the request: any proxy would have said something of its own, and one that
/// does the TLS is there in any case.
fn is_direct(config: &Config, url: &WebOrigin, seen: &Seen) -> bool {
    let untouched = [
        ("x-forwarded-for", FORGED_ADDRESS),
        ("x-forwarded-host", FORGED_HOST),
        ("x-forwarded-proto", FORGED_SCHEME),
    ];
    let may_be_direct = !url.is_secure() || config.listening.tls.is_some();
    may_be_direct && untouched.iter().all(|(name, value)| seen.header(name) == [*value])
}

fn host(url: &WebOrigin, seen: &Seen, proxy: Option<Proxy>) -> Finding {
    let wanted = url.origin().split("://").nth(1).unwrap_or_default();
    let hosts = seen.header("host");
    // Over HTTP/2 there need not be such a header.
    if hosts == [wanted] || (hosts.is_empty() && seen.protocol == "HTTP/2.0") {
        return Finding::good("host", format!("the host arrives as it was sent: {wanted}"));
    }
    let says = format!("Host arrives as {:?}, and was sent as {wanted:?}", hosts.join(", "));
    let why = "Keyfold cannot tell requests for this site from those for any other name, and sends those for an address of this machine away";
    HOST.mend(Finding::wrong("host", says, why), proxy)
}

fn forwarded_for(config: &Config, seen: &Seen, proxy: Option<Proxy>) -> Vec<Finding> {
    let lists = seen.header("x-forwarded-for").join(",");
    let hops: Vec<&str> = lists.split(',').map(str::trim).filter(|hop| !hop.is_empty()).collect();
    let peer = seen.peer.map_or_else(|| "the Unix socket".to_owned(), |peer| peer.to_string());
    let mut found = Vec::new();
    match hops.last() {
        None => {
            let says = "X-Forwarded-For does not arrive".to_owned();
            let why = "everybody counts as one address: the rate limit of one keeps all others out";
            let finding = Finding::wrong("forwarded_for", says, why);
            found.push(FORWARDED_FOR.mend(finding, proxy));
        }
        Some(&FORGED_ADDRESS) => {
            let says = "X-Forwarded-For arrives as the client wrote it".to_owned();
            let why = "anyone can claim any address, and gets past every rate limit";
            let finding = Finding::wrong("forwarded_for", says, why);
            found.push(FORWARDED_FOR.mend(finding, proxy));
        }
        Some(hop) if too_many_are_trusted(hop, seen) => {
            let says =
                format!("trusted_proxies takes {hop} for a proxy, and that is whom you ask from");
            let why = "people there can claim any address, and get past every rate limit";
            let line = config.in_force.line_to_say("trusted_proxies", &peer);
            found.push(Finding::wrong("trusted_proxies", says, why).fixed_by(line));
        }
        Some(_) => found.extend(another_proxy(config, &hops, seen)),
    }
    if !seen.peer_is_trusted {
        let says =
            format!("requests come from the proxy at {peer}, which is not among trusted_proxies");
        let why = "its X-Forwarded-For is ignored, so everybody counts as one address: the rate limit of one keeps all others out";
        let line = match seen.peer {
            Some(_) => trusted_with(config, &peer),
            None => config.in_force.line_to_say("unix_socket_trusted", "on"),
        };
        found.push(Finding::wrong("trusted_proxies", says, why).fixed_by(line));
    }
    if found.is_empty() {
        let client = seen.client.map_or_else(|| "nobody".to_owned(), |client| client.to_string());
        let says = format!("the proxy at {peer} is trusted, and says that you are {client}");
        found.push(Finding::good("forwarded_for", says));
    }
    found
}

/// The line that trusts this address beside those that are trusted.
fn trusted_with(config: &Config, address: &str) -> String {
    let networks = config.trusted_proxies.iter().map(ToString::to_string);
    let networks: Vec<String> = networks.chain([address.to_owned()]).collect();
    config.in_force.line_to_say("trusted_proxies", &networks.join(","))
}

/// A proxy in front of the one that is trusted: each adds an address behind the one that was forged, and
/// the last address is then that of a proxy, and not of whoever asks.
fn another_proxy(config: &Config, hops: &[&str], seen: &Seen) -> Option<Finding> {
    let last = hops.last()?;
    let forged = hops.iter().rposition(|hop| *hop == FORGED_ADDRESS);
    let added = hops.len() - forged.map_or(0, |place| place + 1);
    let is_taken_for_the_client = seen.client.is_some_and(|client| client.to_string() == *last);
    (seen.peer_is_trusted && added > 1 && is_taken_for_the_client).then(|| {
        let says = format!(
            "trusted_proxies: there is another proxy at {last}, in front of the one that is trusted"
        );
        let why = "whoever comes through it counts as one address: the rate limit of one keeps all others out";
        Finding::wrong("trusted_proxies", says, why).fixed_by(trusted_with(config, last))
    })
}

/// Whether somebody on the open network is taken for a proxy. One who asks from beside the proxy may be
/// in its network, and that is as it should be.
fn too_many_are_trusted(hop: &str, seen: &Seen) -> bool {
    let is_forged = seen.client.is_some_and(|client| client.to_string() == FORGED_ADDRESS);
    is_forged && hop.parse().is_ok_and(is_public)
}

fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => !(v4.is_private() || v4.is_loopback() || v4.is_link_local()),
        IpAddr::V6(v6) => !(v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local()),
    }
}

/// Keyfold goes by Host alone; what else is behind this proxy may not.
fn forwarded_host(seen: &Seen, proxy: Option<Proxy>) -> Option<Finding> {
    (seen.header("x-forwarded-host") == [FORGED_HOST]).then(|| {
        let says = "X-Forwarded-Host arrives as the client wrote it";
        let why =
            "Keyfold ignores it; a program that builds links with it would lead people to any host";
        FORWARDED_HOST.mend(Finding::advice("forwarded_host", says, why), proxy)
    })
}

fn forwarded_proto(url: &WebOrigin, seen: &Seen, proxy: Option<Proxy>) -> Finding {
    let wanted = if url.is_secure() { "https" } else { "http" };
    let said = seen.header("x-forwarded-proto");
    if said == [wanted] {
        return Finding::good(
            "forwarded_proto",
            format!("the proxy says that you came by {wanted}"),
        );
    }
    let says = match said.as_slice() {
        [] => "X-Forwarded-Proto does not arrive".to_owned(),
        [FORGED_SCHEME] => "X-Forwarded-Proto arrives as the client wrote it".to_owned(),
        said => format!("X-Forwarded-Proto says {:?}, and it was {wanted}", said.join(", ")),
    };
    let why = "nothing behind this proxy can tell https from http";
    FORWARDED_PROTO.mend(Finding::wrong("forwarded_proto", says, why), proxy)
}

fn inner_protocol(seen: &Seen, proxy: Option<Proxy>) -> Option<Finding> {
    (seen.protocol == "HTTP/1.0").then(|| {
        let says = "the proxy speaks HTTP/1.0 to Keyfold";
        let why = "each request waits for a connection of its own, and pages come in one piece at the end";
        KEEP_ALIVE.mend(Finding::advice("inner_protocol", says, why), proxy)
    })
}

/// What a proxy has no business with.
fn passed_on(
    site: &Site,
    url: &WebOrigin,
    answer: &Answer,
    seen: &Seen,
    proxy: Option<Proxy>,
) -> Finding {
    let nonce = &answer.nonce;
    let cookie = format!("{}={nonce}", cookies::probe_cookie(nonce, url).name());
    let bearer = format!("Bearer {nonce}");
    let wanted = [
        ("origin", site.config.public_url.origin(), "every sign-up and sign-in is turned away"),
        ("sec-fetch-site", "same-origin", "Keyfold cannot tell its own pages from strangers'"),
        ("authorization", &bearer, "no back end gets into the passkey API (/v1)"),
        ("cookie", &cookie, "nobody stays signed in, and no sign-in is found again"),
        ("content-type", "application/json", "every sign-up and sign-in is turned away"),
    ];
    let lost = wanted.into_iter().find(|(name, value, _)| seen.header(name) != [*value]);
    let Some((name, value, why)) = lost else {
        let says = "Origin, Sec-Fetch-Site, Authorization and cookies arrive";
        return Finding::good("request_headers", says);
    };
    let arrived = seen.header(name);
    let says = if arrived.is_empty() {
        format!("the request header {name} does not arrive")
    } else if name == "origin" || name == "sec-fetch-site" {
        format!("the request header {name} arrives as {:?}, and was {value:?}", arrived.join(", "))
    } else {
        format!("the request header {name} arrives changed")
    };
    PASSED_ON.mend_header(name, Finding::wrong("request_headers", says, why), proxy)
}

#[cfg(test)]
mod tests {
    use super::is_public;

    #[test]
    fn neighbours_are_not_the_open_network() {
        for (address, wanted) in [
            ("203.0.113.7", true),
            ("2001:db8::7", true),
            ("10.0.0.7", false),
            ("169.254.0.7", false),
            ("127.0.0.1", false),
            ("::1", false),
            ("fd00::7", false),
            ("fe80::7", false),
            ("::ffff:192.168.0.7", false),
        ] {
            assert_eq!(is_public(address.parse().expect("an address")), wanted, "{address}");
        }
    }
}
