//! The files of the site, inside the program.
//!
//! Owns: finding an embedded file, and answering with the smallest form of it that the browser
//! takes. Names in `pkg/` carry a hash of the content, so they may be kept for ever.

use std::sync::LazyLock;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{
    ACCEPT_ENCODING, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE,
    ETAG, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use headers::{ETag, HeaderMapExt as _, IfNoneMatch};
use rust_embed::{EmbeddedFile, RustEmbed};

/// The web component: pages of other sites load it as well.
const COMPONENT: &str = "keyfold.js";

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// What cargo-leptos made of `src`, `style` and `public`. A debug build reads it from the disk.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/target/site"]
#[allow_missing = true]
#[exclude = "pkg/*.ts*"]
struct Files;

/// The paths of the three files that a page needs, with their hashes.
#[derive(Debug)]
pub(super) struct Package {
    pub(super) script: String,
    pub(super) module: String,
    pub(super) style: String,
}

/// None where the program was built without the front end, as in its own tests.
pub(super) static PACKAGE: LazyLock<Option<Package>> = LazyLock::new(|| {
    let find = |end: &str| {
        let mut names =
            Files::iter().filter(|name| name.starts_with("pkg/keyfold") && name.ends_with(end));
        names.next().map(|name| format!("/{name}"))
    };
    Some(Package { script: find(".js")?, module: find(".wasm")?, style: find(".css")? })
});

/// Answers if the path is that of an embedded file.
pub(super) async fn serve_file(request: Request, next: Next) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if !is_read || path.is_empty() || is_encoded(path) {
        return next.run(request).await;
    }
    match Files::get(path) {
        Some(file) if path == COMPONENT => {
            let mut response = answer(path, file, request.headers());
            let headers = response.headers_mut();
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
            headers.insert(RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
            response
        }
        Some(file) => answer(path, file, request.headers()),
        None => next.run(request).await,
    }
}

/// The encoded forms are answers to the plain path, not files of their own.
fn is_encoded(path: &str) -> bool {
    matches!(path.rsplit_once('.'), Some((_, "br" | "gz")))
}

fn answer(path: &str, file: EmbeddedFile, headers: &HeaderMap) -> Response {
    let hash = URL_SAFE_NO_PAD.encode(file.metadata.sha256_hash());
    let caching = if cfg!(debug_assertions) {
        // While developing, names carry no hash, so that a new style can take the place of the old.
        "no-cache"
    } else if path.starts_with("pkg/") {
        "public, max-age=31536000, immutable"
    } else {
        "public, max-age=3600"
    };
    let encoding = smallest_form(path, headers);
    // By its ending a TypeScript declaration would be a film.
    let is_types = path.ends_with(".d.ts");
    let file_type = if is_types { "text/plain; charset=utf-8" } else { file.metadata.mimetype() };
    let file_type = file_type.to_owned();
    let suffix = encoding.as_ref().map_or("", |(encoding, _)| encoding);
    let tag = format!("\"{hash}{suffix}\"");
    let common = [(CACHE_CONTROL, caching), (VARY, ACCEPT_ENCODING.as_str()), (ETAG, &tag)]
        .map(|(name, value): (HeaderName, &str)| (name, value.to_owned()));
    let known = headers.typed_get::<IfNoneMatch>();
    if known
        .zip(tag.parse::<ETag>().ok())
        .is_some_and(|(known, tag)| !known.precondition_passes(&tag))
    {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    match encoding {
        Some((encoding, smaller)) => {
            let encoded = [(CONTENT_TYPE, file_type.as_str()), (CONTENT_ENCODING, encoding)];
            (common, encoded, Body::from(smaller.data)).into_response()
        }
        None => (common, [(CONTENT_TYPE, file_type)], Body::from(file.data)).into_response(),
    }
}

fn smallest_form(path: &str, headers: &HeaderMap) -> Option<(&'static str, EmbeddedFile)> {
    let accepted =
        headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let takes = |wanted: &str| {
        accepted.split(',').any(|part| {
            let (name, weight) = part.split_once(';').unwrap_or((part, ""));
            let refused =
                matches!(weight.replace(' ', "").as_str(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000");
            name.trim().eq_ignore_ascii_case(wanted) && !refused
        })
    };
    [("br", "br"), ("gzip", "gz")].into_iter().filter(|(encoding, _)| takes(encoding)).find_map(
        |(encoding, ending)| Files::get(&format!("{path}.{ending}")).map(|file| (encoding, file)),
    )
}
