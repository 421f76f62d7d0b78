//! The usual reverse proxies, and what stands in their files.

use std::net::IpAddr;

use axum::http::HeaderMap;
use clap::ValueEnum;

use super::Finding;
use crate::server::config::{Address, Config};
use crate::server::probe::Seen;

/// Where Keyfold listens for a proxy that speaks to no Unix socket.
const NEEDED: &str = "127.0.0.1:8080";

/// A reverse proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Proxy {
    /// Caddy.
    Caddy,
    /// nginx.
    Nginx,
    /// Traefik.
    Traefik,
    /// Apache's httpd.
    Apache,
}

/// What each of them needs for the same thing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lines {
    pub(super) caddy: &'static str,
    pub(super) nginx: &'static str,
    pub(super) traefik: &'static str,
    pub(super) apache: &'static str,
}

/// Where each of them says what it made of a request.
pub(super) const LOG: Lines = Lines {
    nginx: "tail /var/log/nginx/error.log   (and: nginx -t)",
    caddy: "journalctl -u caddy -n 50   (and: caddy validate)",
    traefik: "journalctl -u traefik -n 50   (in a container: docker logs traefik)",
    apache: "tail /var/log/apache2/error.log   (and: apachectl configtest)",
};

impl Lines {
    /// The line of the proxy that is there; those of all where it does not say what it is.
    pub(super) fn mend(self, finding: Finding, proxy: Option<Proxy>) -> Finding {
        self.written_by(finding, proxy, |_, line| line.to_owned())
    }

    /// The same for lines that say where Keyfold is.
    pub(super) fn mend_for(
        self,
        config: &Config,
        finding: Finding,
        proxy: Option<Proxy>,
    ) -> Finding {
        self.written_by(finding, proxy, |of, line| {
            line.replace("{{upstream}}", &of.upstream(config))
        })
    }

    /// The same for lines about a header.
    pub(super) fn mend_header(self, name: &str, finding: Finding, proxy: Option<Proxy>) -> Finding {
        self.written_by(finding, proxy, |_, line| line.replace("{{name}}", name))
    }

    fn written_by(
        self,
        finding: Finding,
        proxy: Option<Proxy>,
        written: impl Fn(Proxy, &str) -> String,
    ) -> Finding {
        let all = [
            (Proxy::Nginx, "nginx", self.nginx),
            (Proxy::Caddy, "Caddy", self.caddy),
            (Proxy::Traefik, "Traefik", self.traefik),
            (Proxy::Apache, "Apache", self.apache),
        ];
        let wanted = all.into_iter().filter(|(of, ..)| proxy.is_none_or(|proxy| proxy == *of));
        wanted.fold(finding, |finding, (of, name, line)| {
            finding.fixed_by(format!("{name}: {}", written(of, line)))
        })
    }
}

impl Proxy {
    /// Which one says that it answered.
    pub(super) fn of_answer(headers: &HeaderMap) -> Option<Self> {
        let names = ["server", "via"].into_iter().flat_map(|name| headers.get_all(name));
        let said: String = names.filter_map(|value| value.to_str().ok()).collect();
        let said = said.to_lowercase();
        let known = [(Self::Nginx, "nginx"), (Self::Caddy, "caddy"), (Self::Apache, "apache")];
        known.into_iter().find(|(_, name)| said.contains(name)).map(|(proxy, _)| proxy)
    }

    /// Which one leaves such traces on a request: Traefik does not say that it answered.
    pub(super) fn of_request(seen: &Seen) -> Option<Self> {
        let traces = ["x-forwarded-port", "x-forwarded-server", "x-real-ip"];
        traces.iter().all(|name| !seen.header(name).is_empty()).then_some(Self::Traefik)
    }

    /// Where Keyfold listens, as this proxy writes it.
    fn upstream(self, config: &Config) -> String {
        let tcp = config.listening.addresses.iter().find_map(|address| match address {
            Address::Tcp(address) => Some(address),
            Address::Unix(_) => None,
        });
        let unix = config.listening.addresses.iter().find_map(|address| match address {
            Address::Unix(path) => Some(path.display()),
            Address::Tcp(_) => None,
        });
        match (tcp, unix, self) {
            (Some(address), _, proxy) => {
                let port = address.port();
                let here = if address.ip().is_unspecified() {
                    format!("127.0.0.1:{port}")
                } else {
                    address.to_string()
                };
                if proxy == Self::Caddy { here } else { format!("http://{here}") }
            }
            (None, Some(path), Self::Caddy) => format!("unix/{path}"),
            (None, Some(path), Self::Nginx) => format!("http://unix:{path}"),
            (None, Some(path), Self::Apache) => format!("unix:{path}|http://localhost"),
            // It needs an address.
            (None, _, _) => format!("http://{NEEDED}"),
        }
    }

    /// What has to be set so that the snippet works, each a line.
    fn settings_needed(self, config: &Config) -> Vec<String> {
        let (listening, line) = (&config.listening, &config.in_force);
        let has_tcp = listening.addresses.iter().any(|address| matches!(address, Address::Tcp(_)));
        let mut needed = Vec::new();
        if !has_tcp && self == Self::Traefik {
            let line = line.line_to_say("listen", NEEDED);
            needed.push(format!("Traefik does not speak to Unix sockets: {line}"));
        }
        let is_local = |network: &ipnet::IpNet| network.contains(&IpAddr::from([127, 0, 0, 1]));
        if !has_tcp && self != Self::Traefik {
            if !listening.unix_socket_trusted {
                let line = line.line_to_say("unix_socket_trusted", "on");
                needed.push(format!("Keyfold must know this proxy: {line}"));
            }
        } else if !config.trusted_proxies.iter().any(is_local) {
            let line = line.line_to_say("trusted_proxies", "127.0.0.1");
            needed.push(format!(
                "Keyfold must know this proxy (where it runs on another machine, its address): {line}"
            ));
        }
        needed
    }

    /// What works with these settings, to be put into its file.
    pub fn snippet(self, config: &Config) -> String {
        let template = match self {
            Self::Caddy => include_str!("snippets/Caddyfile"),
            Self::Nginx => include_str!("snippets/nginx.conf"),
            Self::Traefik => include_str!("snippets/traefik.yml"),
            Self::Apache => include_str!("snippets/apache.conf"),
        };
        let url = &config.public_url;
        let authority = url.origin().split("://").nth(1).unwrap_or_default();
        let port = authority.rsplit_once(':').map_or("443", |(_, port)| port);
        let notes = self.settings_needed(config).into_iter().map(|note| format!("# {note}\n"));
        notes.collect::<String>()
            + &template
                .replace("{{authority}}", authority)
                .replace("{{host}}", url.host())
                .replace("{{port}}", port)
                .replace("{{upstream}}", &self.upstream(config))
    }
}

#[cfg(test)]
mod tests {
    use super::Proxy;
    use crate::server::config::Config;

    fn snippet(proxy: Proxy, settings: &[(&str, &str)]) -> String {
        let settings = settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        proxy.snippet(&Config::read(None, settings.collect()).expect("sound"))
    }

    #[test]
    fn each_proxy_is_led_to_the_socket_in_its_own_words() {
        let socket = ("KEYFOLD_LISTEN", "unix:/run/keyfold/http.sock");
        for (proxy, wanted) in [
            (Proxy::Caddy, "reverse_proxy unix//run/keyfold/http.sock"),
            (Proxy::Nginx, "proxy_pass http://unix:/run/keyfold/http.sock;"),
            (Proxy::Apache, "ProxyPass / unix:/run/keyfold/http.sock|http://localhost/ nocanon"),
        ] {
            let said = snippet(proxy, &[socket]);
            assert!(said.contains(wanted), "{said}");
            assert!(
                said.starts_with(
                    "# Keyfold must know this proxy: KEYFOLD_UNIX_SOCKET_TRUSTED=on\n"
                )
            );
            let trusted = snippet(proxy, &[socket, ("KEYFOLD_UNIX_SOCKET_TRUSTED", "on")]);
            assert!(!trusted.contains("must know"), "{trusted}");
        }
        let said = snippet(Proxy::Traefik, &[socket]);
        assert!(said.contains("KEYFOLD_LISTEN=127.0.0.1:8080"), "{said}");
        assert!(said.contains("KEYFOLD_TRUSTED_PROXIES=127.0.0.1"), "{said}");
        assert!(said.contains("- url: \"http://127.0.0.1:8080\""), "{said}");
    }

    #[test]
    fn each_proxy_is_led_to_the_port() {
        let settings =
            [("KEYFOLD_LISTEN", "0.0.0.0:9000"), ("KEYFOLD_TRUSTED_PROXIES", "127.0.0.1")];
        for (proxy, wanted) in [
            (Proxy::Caddy, "reverse_proxy 127.0.0.1:9000\n"),
            (Proxy::Nginx, "proxy_pass http://127.0.0.1:9000;"),
            (Proxy::Apache, "ProxyPass / http://127.0.0.1:9000/ nocanon"),
            (Proxy::Traefik, "- url: \"http://127.0.0.1:9000\""),
        ] {
            let said = snippet(proxy, &settings);
            assert!(said.contains(wanted) && !said.contains("must know"), "{said}");
        }
    }
}
