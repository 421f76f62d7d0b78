//! The two cookies of the site: the session, and the secret that ties ceremonies to the browser.
//!
//! On https both carry the `__Host-` prefix, so that no subdomain can set them (RFC 6265bis, §4.1.3.2).

use std::time::Duration;

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use cookie::{Cookie, SameSite};

use super::accounts::SessionToken;
use super::config::PublicUrl;

const SESSION: &str = "keyfold_session";

const BROWSER: &str = "keyfold_browser";

/// Base64url of 32 bytes.
const TOKEN_LENGTH: usize = 43;

pub(super) fn session_of(headers: &HeaderMap, url: &PublicUrl) -> Option<SessionToken> {
    value_of(headers, &name(SESSION, url)).map(|value| SessionToken::from_cookie(&value))
}

pub(super) fn browser_of(headers: &HeaderMap, url: &PublicUrl) -> Option<String> {
    value_of(headers, &name(BROWSER, url))
}

pub(super) fn session_cookie(
    token: &SessionToken,
    lifetime: Duration,
    url: &PublicUrl,
) -> Option<HeaderValue> {
    let mut cookie = cookie(SESSION, token.reveal(), url);
    cookie.set_max_age(cookie::time::Duration::try_from(lifetime).ok());
    header(&cookie)
}

pub(super) fn no_session_cookie(url: &PublicUrl) -> Option<HeaderValue> {
    let mut cookie = cookie(SESSION, "", url);
    cookie.make_removal();
    header(&cookie)
}

/// Lasts as long as the browser is open.
pub(super) fn browser_cookie(secret: &str, url: &PublicUrl) -> Option<HeaderValue> {
    header(&cookie(BROWSER, secret, url))
}

fn name(name: &str, url: &PublicUrl) -> String {
    if url.is_secure() { format!("__Host-{name}") } else { name.to_owned() }
}

fn cookie<'a>(base: &str, value: &'a str, url: &PublicUrl) -> Cookie<'a> {
    let cookie = Cookie::build((name(base, url), value)).path("/").http_only(true);
    cookie.same_site(SameSite::Lax).secure(url.is_secure()).build()
}

fn header(cookie: &Cookie<'_>) -> Option<HeaderValue> {
    HeaderValue::from_str(&cookie.to_string()).ok()
}

/// Reads the bytes as they are: what other sites on this host put into their cookies must not hide
/// ours. A value that is not of the length of a token is nobody's; of several the first one counts.
fn value_of(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes);
    let mut pairs = lines.flat_map(|line| line.split(|byte| *byte == b';')).map(<[u8]>::trim_ascii);
    let value = pairs.find_map(|pair| pair.strip_prefix(name.as_bytes())?.strip_prefix(b"="))?;
    let value = std::str::from_utf8(value).ok()?;
    (value.len() == TOKEN_LENGTH).then(|| value.to_owned())
}
