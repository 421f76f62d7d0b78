//! In which language a page speaks.
//!
//! Owns the order: what was chosen on this site (a cookie), then what the browser asks for
//! (`Accept-Language`, RFC 9110, §12.5.4), then English. Choosing is a link, so that it works without
//! JavaScript: `?lang=de` on any page sets the cookie and leads back to the page.

use axum::extract::{Request, State};
use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_LANGUAGE, SET_COOKIE, VARY};
use axum::http::{HeaderMap, HeaderValue, Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use url::form_urlencoded;

use super::cookies;
use super::site::Site;
use crate::wire::Language;

/// Notes the language of a request as its extension, and says which one the answer has.
pub(super) async fn choose(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    let url = &site.config.public_url;
    if matches!(*request.method(), Method::GET | Method::HEAD)
        && let Some((chosen, back)) = choice(request.uri())
    {
        let mut response = Redirect::to(&back).into_response();
        if let Some(cookie) = cookies::language_cookie(chosen, url) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
        return response;
    }
    let language = cookies::language_of(request.headers(), url)
        .unwrap_or_else(|| asked_for(request.headers()));
    request.extensions_mut().insert(language);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    headers.append(VARY, HeaderValue::from_static("accept-language"));
    response
}

/// The language that an address asks for, and the same address without that.
fn choice(uri: &Uri) -> Option<(Language, String)> {
    let pairs = form_urlencoded::parse(uri.query()?.as_bytes());
    let (choices, others): (Vec<_>, Vec<_>) = pairs.partition(|(name, _)| name == "lang");
    let chosen = choices.last().and_then(|(_, tag)| Language::of_tag(tag))?;
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(others).finish();
    // Two slashes at the beginning would lead to another site.
    let path = format!("/{}", uri.path().trim_start_matches(['/', '\\']));
    Some((chosen, if query.is_empty() { path } else { format!("{path}?{query}") }))
}

fn asked_for(headers: &HeaderMap) -> Language {
    let header = headers.get(ACCEPT_LANGUAGE).and_then(|header| header.to_str().ok());
    // The best first. Of a tag such as "de-AT" only the language counts.
    let wanted = accept_language::parse(header.unwrap_or_default());
    wanted.iter().find_map(|tag| Language::of_tag(tag)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_is_asked() {
        let asked = |header: &str| {
            let header = HeaderValue::from_str(header).expect("a header");
            asked_for(&HeaderMap::from_iter([(ACCEPT_LANGUAGE, header)]))
        };
        assert_eq!(asked("de-CH,de;q=0.9,en;q=0.8"), Language::German);
        assert_eq!(asked("fr,en;q=0.5,de;q=0.8"), Language::German);
        assert_eq!(asked("de-DE"), Language::German);
        assert_eq!(asked("de-AT, en;q=0.9"), Language::German);
        assert_eq!(asked("fr"), Language::English);
        assert_eq!(asked(";;q=,,"), Language::English);
        assert_eq!(asked_for(&HeaderMap::new()), Language::English);
    }

    #[test]
    fn choosing_leads_back_to_the_page_and_to_no_other_site() {
        let choice = |uri: &str| choice(&uri.parse().expect("an address"));
        let back = |uri: &str| choice(uri).map(|(language, back)| (language.tag(), back));
        assert_eq!(
            back("/sign-in?next=%2Faccount&lang=de"),
            Some(("de", "/sign-in?next=%2Faccount".to_owned()))
        );
        assert_eq!(back("/?lang=en"), Some(("en", "/".to_owned())));
        assert_eq!(back("//evil.example/?lang=de"), Some(("de", "/evil.example/".to_owned())));
        assert_eq!(back("/?lang=tlh"), None);
        assert_eq!(back("/"), None);
    }
}
