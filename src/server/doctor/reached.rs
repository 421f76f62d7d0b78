//! Who answers instead of Keyfold, and why.

use url::Url;

use super::ask::{Answer, Refusal};
use super::proxy::{Lines, Proxy};
use super::{Finding, network};
use crate::server::config::Config;
use crate::server::web_origin::WebOrigin;

/// Everything that comes for this host goes to Keyfold.
pub(super) const EVERYTHING: Lines = Lines {
    nginx: "location / { proxy_pass {{upstream}}; }   (and no other location, rewrite or return)",
    caddy: "reverse_proxy {{upstream}}   (and no handle, respond or redir)",
    traefik: "- url: \"{{upstream}}\"   (and no other router for the host, no errors middleware)",
    apache: "ProxyPass / {{upstream}}/ nocanon   (and no Redirect, Rewrite or <Location>)",
};

const NO_LOGIN: Lines = Lines {
    nginx: "auth_basic off;   (and no auth_request)",
    caddy: "take \"basic_auth\" and \"forward_auth\" out",
    traefik: "take the basicAuth, digestAuth and forwardAuth middlewares out of the router",
    apache: "take \"AuthType …\" and \"Require valid-user\" out",
};

const NO_REDIRECT: Lines = Lines {
    nginx: "take \"return 301 …;\" and \"rewrite … redirect;\" out of its server block",
    caddy: "take \"redir …\" out",
    traefik: "take the redirectRegex and redirectScheme middlewares out of its router",
    apache: "take \"Redirect …\" and \"RewriteRule … [R]\" out",
};

const ROOM: Lines = Lines {
    nginx: "or it is there, and its answer has no room: proxy_buffer_size 16k; proxy_buffers 8 16k; proxy_busy_buffers_size 32k;",
    caddy: "or it is there, and too slow for \"response_header_timeout\"",
    traefik: "or it is there, and too slow for responseHeaderTimeout",
    apache: "or it is there, and too slow for ProxyTimeout",
};

/// Why nobody could be asked, and whose fault that is.
pub(super) async fn not(config: &Config, url: &WebOrigin, refusal: &Refusal) -> Finding {
    let addresses = &config.listening.addresses;
    let listen: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    let listen = listen.join(" and ");
    let is_there = match addresses.first() {
        Some(address) => network::is_listening(address).await,
        None => false,
    };
    let answer = match refusal {
        Refusal::Elsewhere(answer) => answer,
        Refusal::Unreachable(error) => {
            let says = format!("{} does not answer: {error}", url.origin());
            let finding = Finding::wrong("reachable", says, "nobody can open the site");
            return finding.fixed_by(if is_there {
                format!("start the proxy, and let the firewall through to it (Keyfold is there, on {listen})")
            } else {
                format!("start Keyfold: nothing listens on {listen}")
            });
        }
    };
    let (status, proxy) = (answer.status, Proxy::of_answer(&answer.headers));
    if matches!(status, 502..=504) {
        let says = format!("the proxy answers {status}: it does not reach Keyfold");
        let finding = Finding::wrong("upstream", says, "nobody can open the site");
        if is_there {
            let line = format!("Keyfold listens on {listen}: let the proxy send requests there");
            return ROOM.mend(finding.fixed_by(line), proxy);
        }
        return finding.fixed_by(format!("start Keyfold: nothing listens on {listen}"));
    }
    intercepted(config, url, answer, proxy).unwrap_or_else(|| {
        let says =
            format!("something answers with {status} that is not the Keyfold of these databases");
        let why = "the proxy leads elsewhere, answers by itself, or takes away headers that it does not know";
        EVERYTHING.mend_for(config, Finding::wrong("upstream", says, why), proxy)
    })
}

/// A login in front of the site, or a way to somewhere else.
pub(super) fn intercepted(
    config: &Config,
    url: &WebOrigin,
    answer: &Answer,
    proxy: Option<Proxy>,
) -> Option<Finding> {
    let status = answer.status;
    if status == 401 || answer.headers.contains_key("www-authenticate") {
        let says = format!("a login stands in front of the site (status {status})");
        let why = "browsers ask for a password before they show the page that does without one, and back ends do not get into the passkey API";
        return Some(NO_LOGIN.mend(Finding::wrong("login_in_front", says, why), proxy));
    }
    let leads_to = answer.header("location").into_iter().next()?;
    if !(300..400).contains(&status) {
        return None;
    }
    let says = format!("{} leads to {leads_to} (status {status})", url.origin());
    let there = Url::parse(url.origin()).and_then(|here| here.join(&leads_to)).ok()?;
    let there = WebOrigin::parse(&there.origin().ascii_serialization());
    let finding = match there {
        Ok(there) if there.origin() != url.origin() => {
            let left_behind = if there.host() == config.public_url.host() {
                String::new()
            } else {
                format!("; passkeys that there are stay bound to {}", config.public_url.host())
            };
            let why = format!(
                "people end up at an address that Keyfold takes no passkeys from{left_behind}"
            );
            let line = config.in_force.line_to_say("public_url", there.origin());
            Finding::wrong("redirect", says, &why)
                .fixed_by(format!("{line}   (if that is the address you want)"))
        }
        _ => {
            let why = "something in between answers instead of Keyfold: a login, or a rewrite";
            Finding::wrong("redirect", says, why)
        }
    };
    Some(NO_REDIRECT.mend(finding, proxy))
}
