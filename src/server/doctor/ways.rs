//! Every way to Keyfold: paths, methods, large bodies, and plain http.

use axum::http::Method;

use super::ask::{Asker, Question};
use super::network::port;
use super::proxy::{Lines, Proxy};
use super::{Examination, Finding};
use crate::server::config::Config;
use crate::server::probe;
use crate::server::router::BODY_LIMIT;

/// One path of each kind. The id of a user may be anything, and is written with percent signs then.
const PATHS: [&str; 6] = [
    "/account",
    "/api/begin_sign_in",
    "/v1/credentials?limit=2&after=a%26b",
    "/v1/users/a%2Fb%20c%25%3F%23%3B%5C/credentials",
    "/client/v1/authentications",
    "/.well-known/webauthn",
];

const WHOLE_PATH: Lines = Lines {
    nginx: "location / { proxy_pass {{upstream}}; }   (no path and no slash behind the port)",
    caddy: "reverse_proxy {{upstream}}   (no handle_path, no uri strip_prefix)",
    traefik: "take the stripPrefix, addPrefix, replacePath and encodedCharacters middlewares out; in its entry point, http: { encodedCharacters: { allowEncodedSlash: true, allowEncodedBackSlash: true, allowEncodedSemicolon: true, allowEncodedPercent: true, allowEncodedQuestionMark: true, allowEncodedHash: true } }",
    apache: "ProxyPass / {{upstream}}/ nocanon   (and AllowEncodedSlashes NoDecode)",
};

const LARGE_BODIES: Lines = Lines {
    nginx: "client_max_body_size 1m;",
    caddy: "request_body { max_size 1MB }",
    traefik: "maxRequestBodyBytes: 1000000",
    apache: "LimitRequestBody 1000000",
};

const ALL_METHODS: Lines = Lines {
    nginx: "take \"limit_except\" out",
    caddy: "take the \"method\" matcher out",
    traefik: "take the Method() matcher out of the rule",
    apache: "take \"<LimitExcept>\" out",
};

const TO_HTTPS: Lines = Lines {
    nginx: "server { listen 80; server_name _; return 301 https://$host$request_uri; }",
    caddy: "take \"auto_https off\" out, and http:// in front of the name",
    traefik: "redirectScheme: { scheme: https, permanent: true }",
    apache: "Redirect permanent / https://your.domain/",
};

/// Tries them.
pub(super) async fn look(
    config: &Config,
    examination: &Examination,
    asker: &Asker,
    proxy: Option<Proxy>,
) -> Vec<Finding> {
    let mut found = vec![paths(config, asker, proxy).await];
    found.push(methods(asker, proxy).await);
    found.push(large_body(asker, proxy).await);
    found.extend(plain_http(examination, asker, proxy).await);
    found
}

async fn paths(config: &Config, asker: &Asker, proxy: Option<Proxy>) -> Finding {
    let why = "Keyfold's pages and its API are where they are, and nowhere else";
    for path in PATHS {
        let seen =
            asker.probe(&Question::to(path)).await.map(|answer| (answer.status, answer.seen()));
        let says = match seen {
            Ok((_, Some(seen))) if seen.target == path => continue,
            Ok((_, Some(seen))) => format!("{path} arrives as {}", seen.target),
            Ok((status, None)) => format!("{path} does not arrive: it is answered with {status}"),
            Err(error) => format!("{path} does not arrive: {error}"),
        };
        return WHOLE_PATH.mend_for(config, Finding::wrong("path", says, why), proxy);
    }
    Finding::good("path", "every path arrives as it is: pages, /v1 and /client/v1")
}

async fn methods(asker: &Asker, proxy: Option<Proxy>) -> Finding {
    for method in [Method::PATCH, Method::PUT, Method::DELETE, Method::OPTIONS] {
        let question = Question { method: method.clone(), ..Question::to("/v1/credentials/probe") };
        let arrived = asker.probe(&question).await.ok().and_then(|answer| answer.seen());
        if arrived.is_none_or(|seen| seen.method != method.as_str()) {
            let says = format!("requests with {method} do not arrive");
            let why = "back ends cannot change or remove anything through the passkey API";
            return ALL_METHODS.mend(Finding::wrong("method", says, why), proxy);
        }
    }
    Finding::good("method", "GET, POST, PATCH, PUT, DELETE and OPTIONS arrive")
}

async fn large_body(asker: &Asker, proxy: Option<Proxy>) -> Finding {
    let body = vec![b'x'; BODY_LIMIT];
    let hash = probe::hash(&body);
    let question = Question { method: Method::POST, body, ..Question::to("/api/probe") };
    let says = match asker.probe(&question).await {
        Ok(answer) => match answer.seen() {
            Some(seen) if seen.body_hash == hash => {
                return Finding::good("body", "a body of 64 KiB gets through");
            }
            Some(seen) => format!("of a body of 64 KiB {} bytes arrive", seen.body_length),
            None => format!("a body of 64 KiB is answered with {}", answer.status),
        },
        Err(error) => format!("a body of 64 KiB does not get through: {error}"),
    };
    let why = "answers of some security keys are that large: their owners cannot sign up";
    LARGE_BODIES.mend(Finding::wrong("body", says, why), proxy)
}

/// Whether plain http leads to https.
pub(super) async fn plain_http(
    examination: &Examination,
    asker: &Asker,
    proxy: Option<Proxy>,
) -> Option<Finding> {
    let (url, http_port) = (&examination.url, examination.http_port);
    // Beside a port of its own there is no port that people would come to without one.
    if !url.is_secure() || (port(url) != 443 && http_port == 80) {
        return None;
    }
    let Ok(answer) = asker.plainly(http_port).await else {
        let says = format!("nothing answers on port {http_port} (http)");
        let why = "whoever writes http:// in front of the name finds nothing; current browsers try https first";
        return Some(TO_HTTPS.mend(Finding::advice("http", says, why), proxy));
    };
    let wanted = format!("{}/help/passkeys", url.origin());
    let leads_to = answer.header("location");
    let is_redirect = (300..400).contains(&answer.status);
    if is_redirect && leads_to == [wanted.as_str()] {
        return Some(Finding::good("http", "http leads to https"));
    }
    let says = if is_redirect {
        format!("http leads to {:?}, and not to {wanted:?}", leads_to.join(", "))
    } else {
        format!("http is answered with {}, and does not lead to https", answer.status)
    };
    let why = "browsers offer no passkeys on http, and what is typed there can be read on the way";
    Some(TO_HTTPS.mend(Finding::wrong("http", says, why), proxy))
}
