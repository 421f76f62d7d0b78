//! What requests bring: bodies, ids in paths, pages of lists.
//!
//! Decision: in our own envelopes everything has to be known, and what is wrong is named by a pointer.
//! What belongs to WebAuthn is handed on as it came: the gate reads it, to the last byte.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_path_to_error::{Path as Place, Segment as Step};

use super::problem::{Code, Problem};

/// From the first byte of a body to its last.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

const JSON: &str = "application/json";

const MERGE_PATCH: &str = "application/merge-patch+json";

/// A body of JSON.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = read_as(request, state, JSON).await?;
        parse(&bytes).map(Self)
    }
}

/// A body that says what is to change (RFC 7396).
pub(super) struct Patch<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Patch<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = read_as(request, state, MERGE_PATCH).await?;
        parse(&bytes).map(Self)
    }
}

async fn read_as<S: Send + Sync>(
    request: Request,
    state: &S,
    wanted: &'static str,
) -> Result<Bytes, Problem> {
    if !is_of_type(request.headers(), wanted) {
        let detail = format!("the content type must be {wanted}");
        return Err(Problem::new(Code::UnsupportedMediaType, detail));
    }
    if !is_plain(request.headers()) {
        let detail = "the body must come as it is, without a content encoding";
        let problem = Problem::new(Code::UnsupportedMediaType, detail);
        // RFC 9110, section 15.5.16: so that it is known which of the two does not fit.
        return Err(problem.with_header(ACCEPT_ENCODING, HeaderValue::from_static("identity")));
    }
    read(request, state).await
}

/// A whole body, in time.
pub(super) async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    read_within(BODY_TIMEOUT, request, state).await
}

async fn read_within<S: Send + Sync>(
    time: Duration,
    request: Request,
    state: &S,
) -> Result<Bytes, Problem> {
    let body = tokio::time::timeout(time, Bytes::from_request(request, state)).await;
    match body {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(rejection)) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Err(Problem::new(Code::PayloadTooLarge, "a body may have 64 KiB"))
        }
        Ok(Err(_)) => Err(Problem::new(Code::MalformedJson, "the body was cut off")),
        Err(_) => Err(Problem::new(Code::SlowBody, "send all of it within 10 seconds")),
    }
}

fn is_of_type(headers: &HeaderMap, wanted: &str) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case(wanted)
}

fn is_plain(headers: &HeaderMap) -> bool {
    headers.get_all(CONTENT_ENCODING).iter().all(|coding| coding.as_bytes() == b"identity")
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let malformed = |detail: String| Problem::new(Code::MalformedJson, detail);
    let text = std::str::from_utf8(bytes).map_err(|_| malformed("it is not UTF-8".into()))?;
    serde_json::from_str::<IgnoredAny>(text).map_err(|error| malformed(error.to_string()))?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let read: Result<Object<T>, _> = serde_path_to_error::deserialize(&mut reader);
    read.map(|Object(read)| read).map_err(|error| {
        let pointer = pointer(error.path());
        let said = error.into_inner().to_string();
        // Line and column are for files.
        let detail = said.split(" at line ").next().unwrap_or_default().to_owned();
        Problem::invalid(pointer, detail)
    })
}

/// A member that may be absent, and is not null where it is there: a missing value must not become
/// another question.
pub(super) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    reader: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(reader).map(Some)
}

/// An object as JSON has it: derived readers would take the members in a list as well.
pub(super) fn object<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    reader: D,
) -> Result<T, D::Error> {
    reader.deserialize_map(MembersOf(PhantomData))
}

struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        object(reader).map(Self)
    }
}

struct MembersOf<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for MembersOf<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(members))
    }
}

/// RFC 6901.
fn pointer(place: &Place) -> String {
    let steps = place.iter().filter_map(|step| match step {
        Step::Seq { index } => Some(index.to_string()),
        Step::Map { key } => Some(key.replace('~', "~0").replace('/', "~1")),
        Step::Enum { .. } | Step::Unknown => None,
    });
    steps.fold(String::new(), |pointer, step| pointer + "/" + &step)
}

/// A text of the path. One that cannot be read names nothing.
pub(super) struct Named(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        path.map(|Path(name)| Self(name)).map_err(|_| Problem::not_found("thing"))
    }
}

/// Which part of a list is wanted.
pub(super) struct Page {
    /// The list.
    pub(super) path: String,
    pub(super) limit: u32,
    pub(super) cursor: Option<Cursor>,
}

#[derive(Deserialize)]
struct PageQuery {
    limit: Option<String>,
    cursor: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Page {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = axum::extract::Query::<PageQuery>::try_from_uri(&parts.uri);
        let query = query.map_err(|_| Problem::invalid("", "the query cannot be read"))?.0;
        let limit = match query.limit.as_deref() {
            None => 50,
            Some(limit) => {
                let limit = limit.parse().ok().filter(|limit| (1..=200).contains(limit));
                limit.ok_or_else(|| Problem::invalid("/limit", "must be from 1 to 200"))?
            }
        };
        let cursor = query.cursor.as_deref().map(Cursor::read).transpose()?;
        Ok(Self { path: parts.uri.path().to_owned(), limit, cursor })
    }
}

/// Where a list goes on: the place of the last item that was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cursor {
    pub(super) number: i64,
    pub(super) text: String,
}

impl Cursor {
    fn read(text: &str) -> Result<Self, Problem> {
        let parse = || {
            let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
            let (number, text) = text.split_once(' ')?;
            Some(Self { number: number.parse().ok()?, text: text.to_owned() })
        };
        parse().ok_or_else(Self::unreadable)
    }

    pub(super) fn unreadable() -> Problem {
        Problem::new(Code::InvalidCursor, "use nextCursor of the page before as it is")
    }

    /// As it stands in `nextCursor`.
    pub(super) fn write(&self) -> String {
        URL_SAFE_NO_PAD.encode(format!("{} {}", self.number, self.text))
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, Request, StatusCode, read_within};

    #[tokio::test]
    async fn a_body_that_does_not_come_is_a_timeout() {
        let body =
            axum::body::Body::from_stream(futures::stream::pending::<std::io::Result<&str>>());
        let read = read_within(Duration::ZERO, Request::new(body), &()).await;
        let (code, status, _) = read.expect_err("it never ends").code().says();
        assert_eq!((code, status), ("malformed_json", StatusCode::REQUEST_TIMEOUT));
    }
}
