//! What of an answer comes back, against what Keyfold said.

use axum::http::Version;

use super::Finding;
use super::ask::{Answer, Asker, Question};
use super::proxy::{LOG, Lines, Proxy};
use super::reached;
use crate::server::config::Config;
use crate::server::web_origin::WebOrigin;
use crate::server::{cookies, guard, shell};

/// A page that says the same to everybody.
pub(super) const PAGE: &str = "/help/passkeys";

const POLICY: &str = "content-security-policy";

const NO_CACHE: Lines = Lines {
    nginx: "proxy_cache off;   (and no proxy_ignore_headers Cache-Control, no expires)",
    caddy: "take \"cache\" out",
    traefik: "take the cache middleware out",
    apache: "CacheDisable /",
};

const OUTER_HTTP_2: Lines = Lines {
    nginx: "listen 443 ssl http2;   (from 1.25 on: http2 on;)",
    caddy: "take \"protocols h1\" out",
    traefik: "it speaks HTTP/2 by itself",
    apache: "Protocols h2 http/1.1",
};

const ERROR_PAGES: Lines = Lines {
    nginx: "proxy_intercept_errors off;",
    caddy: "take \"handle_response\" and \"handle_errors\" out",
    traefik: "take the errors middleware out",
    apache: "ProxyErrorOverride Off",
};

const ROOM_FOR_HEADERS: Lines = Lines {
    nginx: "proxy_buffer_size 16k; proxy_buffers 8 16k; proxy_busy_buffers_size 32k;",
    caddy: "transport http { max_response_header 64KiB }",
    traefik: "it has room for 1 MB by itself; take a middleware that adds to Set-Cookie or the policy out",
    apache: "ProxyPass / {{upstream}}/ nocanon responsefieldsize=16384",
};

const COOKIES_AS_THEY_ARE: Lines = Lines {
    nginx: "take proxy_hide_header Set-Cookie, proxy_cookie_path, proxy_cookie_domain and proxy_cookie_flags out",
    caddy: "take \"header_down … Set-Cookie\" out",
    traefik: "take Set-Cookie out of the customResponseHeaders of its headers middlewares",
    apache: "take ProxyPassReverseCookiePath and Header edit Set-Cookie out",
};

const HEADERS_AS_THEY_ARE: Lines = Lines {
    nginx: "take the lines \"add_header {{name}} …;\" and \"proxy_hide_header {{name}};\" out",
    caddy: "take the line \"header {{name}} …\" out",
    traefik: "take {{name}}, and the option that writes it, out of its headers middlewares",
    apache: "take the lines \"Header set {{name}}\" and \"Header unset {{name}}\" out",
};

const PAGES_AS_THEY_ARE: Lines = Lines {
    nginx: "take \"sub_filter …;\", \"ssi on;\" and \"add_after_body …;\" out",
    caddy: "take \"replace …\" and \"templates\" out",
    traefik: "take the plugin that rewrites bodies (such as rewritebody) out of the middlewares",
    apache: "take \"Substitute …\", \"ProxyHTMLEnable On\" and \"SetOutputFilter …\" out",
};

/// Looks at an answer to a question, and at a page.
pub(super) async fn look(
    config: &Config,
    url: &WebOrigin,
    asker: &Asker,
    answer: &Answer,
    proxy: Option<Proxy>,
) -> Vec<Finding> {
    let mut found = vec![set_cookie(config, answer, proxy)];
    found.extend(pages(config, url, asker, proxy).await);
    found.extend(outer_protocol(url, answer, proxy));
    found.push(error_pages(asker, proxy).await);
    found
}

/// Looks at a page, as everybody gets it.
pub(super) async fn pages(
    config: &Config,
    url: &WebOrigin,
    asker: &Asker,
    proxy: Option<Proxy>,
) -> Vec<Finding> {
    let mut found = Vec::new();
    match (asker.page(PAGE).await, asker.page(PAGE).await) {
        (Ok(page), Ok(again)) => {
            found.extend(page_of(config, url, &page, proxy));
            found.push(cached(&page, &again, proxy));
        }
        (Err(error), _) | (_, Err(error)) => {
            let says = format!("{PAGE} does not come: {error}");
            let finding =
                Finding::wrong("page", says, "other requests were answered on the same way");
            found.push(LOG.mend(finding, proxy));
        }
    }
    found
}

fn set_cookie(config: &Config, answer: &Answer, proxy: Option<Proxy>) -> Finding {
    let wanted = cookies::probe_cookie(&answer.nonce, &config.public_url).to_string();
    let got = answer.header("set-cookie");
    if got.contains(&wanted) {
        return Finding::good("set_cookie", "cookies come through unharmed");
    }
    let hidden = |line: &String| line.replace(&answer.nonce, "…");
    let says = if got.is_empty() {
        "Set-Cookie does not come through".to_owned()
    } else {
        let got: Vec<String> = got.iter().map(hidden).collect();
        format!("Set-Cookie comes through as {:?}, and was {:?}", got.join(", "), hidden(&wanted))
    };
    let why = "browsers throw such a cookie away, so that nobody can sign in";
    COOKIES_AS_THEY_ARE.mend(Finding::wrong("set_cookie", says, why), proxy)
}

fn page_of(config: &Config, url: &WebOrigin, page: &Answer, proxy: Option<Proxy>) -> Vec<Finding> {
    if matches!(page.status, 502..=504) {
        let says = format!("the page {PAGE} is answered with {} by the proxy", page.status);
        let why = "the headers of a page are longer than those of other answers, and it has no room for them";
        let finding = Finding::wrong("page", says, why);
        return vec![ROOM_FOR_HEADERS.mend_for(config, finding, proxy)];
    }
    if let Some(finding) = reached::intercepted(config, url, page, proxy) {
        return vec![finding];
    }
    if page.status != 200 {
        let says = format!("the page {PAGE} comes with status {}", page.status);
        let why = "it is there for everybody, so something in between answers instead";
        let finding = Finding::wrong("page", says, why);
        return vec![reached::EVERYTHING.mend_for(config, finding, proxy)];
    }
    let mut found: Vec<Finding> = guard::security_headers(config)
        .iter()
        .filter_map(|(name, value)| {
            header(name.as_str(), value, &page.header(name.as_str()), proxy)
        })
        .collect();
    found.extend(policy(page, proxy));
    if found.is_empty() {
        let says = "the content security policy and the other headers come through unchanged";
        found.push(Finding::good("response_headers", says));
    }
    found
}

fn policy(page: &Answer, proxy: Option<Proxy>) -> Option<Finding> {
    let got = page.header(POLICY);
    let nonce = got.iter().find_map(|policy| nonce(policy)).unwrap_or_default();
    if let Some(finding) = header(POLICY, &shell::policy(nonce), &got, proxy) {
        return Some(finding);
    }
    let (says, why) = if page.body.contains("nonce=") && !page.body.contains(nonce) {
        (
            "the page and its content security policy do not go together",
            "browsers run none of its scripts, so that no button works",
        )
    } else if has_foreign_script(&page.body, nonce) {
        (
            "something in between has put a script into the page",
            "browsers do not run it; and nobody but Keyfold has any business on pages that ask for passkeys",
        )
    } else {
        return None;
    };
    Some(PAGES_AS_THEY_ARE.mend(Finding::wrong("page_as_it_is", says, why), proxy))
}

/// Whether the page has a script without the nonce that Keyfold gives each of its own.
fn has_foreign_script(body: &str, nonce: &str) -> bool {
    let own = format!("\"{nonce}\"");
    let mut tags = body.split("<script").skip(1).filter_map(|behind| behind.split('>').next());
    tags.any(|tag| !tag.contains(&own))
}

fn nonce(policy: &str) -> Option<&str> {
    policy.split("'nonce-").nth(1)?.split('\'').next()
}

fn header(name: &str, wanted: &str, got: &[String], proxy: Option<Proxy>) -> Option<Finding> {
    if got == [wanted] {
        return None;
    }
    let (says, why) = match got {
        [] => (
            format!("the response header {name} does not come through"),
            "browsers do not protect people from what it forbids",
        ),
        [_] => (
            format!("the response header {name} comes through changed: {:?}", got.join(" | ")),
            "browsers go by what the proxy says, which may forbid what pages need",
        ),
        _ => (
            format!("the response header {name} comes {} times", got.len()),
            "browsers add them up or ignore them all, and what pages need may be forbidden",
        ),
    };
    let finding = Finding::wrong("response_headers", says, why);
    Some(HEADERS_AS_THEY_ARE.mend_header(name, finding, proxy))
}

fn cached(page: &Answer, again: &Answer, proxy: Option<Proxy>) -> Finding {
    let nonce_of = |page: &Answer| {
        page.header(POLICY).iter().find_map(|policy| nonce(policy).map(str::to_owned))
    };
    let is_the_same = nonce_of(page).is_some() && nonce_of(page) == nonce_of(again);
    let is_old = [page, again].iter().any(|page| page.headers.contains_key("age"));
    let may_be_kept = !page.header("cache-control").iter().any(|said| said.contains("no-store"));
    let says = if is_the_same || is_old {
        "the proxy answers from a cache"
    } else if may_be_kept {
        "Cache-Control does not come through: pages may be kept on the way"
    } else {
        return Finding::good("cache", "nothing is cached on the way");
    };
    let why = "one person is shown what was meant for another, their account too";
    NO_CACHE.mend(Finding::wrong("cache", says, why), proxy)
}

fn outer_protocol(url: &WebOrigin, answer: &Answer, proxy: Option<Proxy>) -> Option<Finding> {
    if !url.is_secure() {
        return None;
    }
    if answer.version == Version::HTTP_2 || answer.version == Version::HTTP_3 {
        return Some(Finding::good("outer_protocol", "browsers are spoken to in HTTP/2"));
    }
    let says = format!("browsers are spoken to in {:?}", answer.version);
    let why = "pages come faster with HTTP/2, where one connection is enough";
    Some(OUTER_HTTP_2.mend(Finding::advice("outer_protocol", says, why), proxy))
}

/// Whether an error is told in Keyfold's own words.
async fn error_pages(asker: &Asker, proxy: Option<Proxy>) -> Finding {
    for status in [404, 403, 429, 503] {
        let question = Question { status: Some(status), ..Question::to("/api/probe") };
        let Ok(answer) = asker.probe(&question).await else { continue };
        // A page of errors that the proxy asks Keyfold for is answered, too.
        if answer.seen().is_none_or(|seen| seen.target != question.path) {
            let says = format!("an answer with status {status} is replaced on its way");
            let why = "people read the proxy's words instead of what they can do, and programs read no JSON";
            return ERROR_PAGES.mend(Finding::wrong("error_pages", says, why), proxy);
        }
    }
    Finding::good("error_pages", "errors come through in Keyfold's own words")
}
