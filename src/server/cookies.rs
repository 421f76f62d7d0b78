//! The cookies of the site: the session, the secret that ties ceremonies to the browser and by which
//! the browser is known again, and the language.
//!
//! On https both carry the `__Host-` prefix, so that no subdomain can set them (RFC 6265bis, §4.1.3.2).

use std::time::Duration;

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use cookie::{Cookie, SameSite};

use super::accounts::SessionToken;
use super::web_origin::WebOrigin;
use crate::wire::Language;

const SESSION: &str = "keyfold_session";

const BROWSER: &str = "keyfold_browser";

const LANGUAGE: &str = "keyfold_language";

const PROBE: &str = "keyfold_probe";

/// As long as browsers keep a cookie at the most (RFC 6265bis, §5.6.2).
const FOR_LONG: cookie::time::Duration = cookie::time::Duration::days(400);

/// Base64url of 32 bytes.
const TOKEN_LENGTH: usize = 43;

pub(super) fn session_of(headers: &HeaderMap, url: &WebOrigin) -> Option<SessionToken> {
    token_of(headers, &name(SESSION, url)).map(|value| SessionToken::from_cookie(&value))
}

pub(super) fn browser_of(headers: &HeaderMap, url: &WebOrigin) -> Option<String> {
    token_of(headers, &name(BROWSER, url))
}

pub(super) fn language_of(headers: &HeaderMap, url: &WebOrigin) -> Option<Language> {
    Language::of_tag(&value_of(headers, &name(LANGUAGE, url))?)
}

pub(super) fn language_cookie(language: Language, url: &WebOrigin) -> Option<HeaderValue> {
    let mut cookie = cookie(LANGUAGE, language.tag(), url);
    cookie.set_max_age(FOR_LONG);
    header(&cookie)
}

pub(super) fn session_cookie(
    token: &SessionToken,
    lifetime: Duration,
    url: &WebOrigin,
) -> Option<HeaderValue> {
    let mut cookie = cookie(SESSION, token.reveal(), url);
    cookie.set_max_age(cookie::time::Duration::try_from(lifetime).ok());
    header(&cookie)
}

pub(super) fn no_session_cookie(url: &WebOrigin) -> Option<HeaderValue> {
    let mut cookie = cookie(SESSION, "", url);
    cookie.make_removal();
    header(&cookie)
}

pub(super) fn browser_cookie(secret: &str, url: &WebOrigin) -> Option<HeaderValue> {
    let mut cookie = cookie(BROWSER, secret, url);
    cookie.set_max_age(FOR_LONG);
    header(&cookie)
}

/// A cookie that does nothing, as much in danger on its way as that of a session.
pub(super) fn probe_cookie(nonce: &str, url: &WebOrigin) -> Cookie<'static> {
    let mut cookie = cookie(PROBE, nonce, url).into_owned();
    cookie.set_max_age(cookie::time::Duration::minutes(1));
    cookie
}

fn name(name: &str, url: &WebOrigin) -> String {
    if url.is_secure() { format!("__Host-{name}") } else { name.to_owned() }
}

fn cookie<'a>(base: &str, value: &'a str, url: &WebOrigin) -> Cookie<'a> {
    let cookie = Cookie::build((name(base, url), value)).path("/").http_only(true);
    cookie.same_site(SameSite::Lax).secure(url.is_secure()).build()
}

fn header(cookie: &Cookie<'_>) -> Option<HeaderValue> {
    HeaderValue::from_str(&cookie.to_string()).ok()
}

/// Reads the bytes as they are: what other sites on this host put into their cookies must not hide
/// ours. Of several the first one counts.
fn value_of(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes);
    let mut pairs = lines.flat_map(|line| line.split(|byte| *byte == b';')).map(<[u8]>::trim_ascii);
    let value = pairs.find_map(|pair| pair.strip_prefix(name.as_bytes())?.strip_prefix(b"="))?;
    std::str::from_utf8(value).ok().map(str::to_owned)
}

/// A value that is not of the length of a token is nobody's.
fn token_of(headers: &HeaderMap, name: &str) -> Option<String> {
    value_of(headers, name).filter(|value| value.len() == TOKEN_LENGTH)
}
