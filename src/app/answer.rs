//! How the client reads what server functions answer: with the browser's own JSON reader.
//!
//! Decision: a JSON reader of our own in the module, with the floating-point arithmetic that belongs to
//! it, is a sixth of what the sign-in page waits for. Nothing else on that page needs one.

use bytes::Bytes;
use leptos::server_fn::codec::Post;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use leptos::server_fn::{ContentType, Decodes, Encodes, Format, FormatType};
use serde::Serialize;
use thiserror::Error;

use crate::browser::ReadJson;
use crate::wire::{Begun, CeremonyId, Code, JsonText, Refusal, SitePath};

/// JSON in the body of a POST request and of its response, read by the browser.
pub type Answer = Post<AnswerText>;

/// The same JSON as [`JsonText`]; the difference is who reads it.
#[derive(Debug)]
pub struct AnswerText;

/// What can be read from an answer.
pub trait FromAnswer: Sized {
    /// None where the answer is not of this shape.
    fn from_answer(answer: &ReadJson) -> Option<Self>;
}

/// The answer is not of the shape that was asked for.
#[derive(Debug, Error)]
#[error("the answer cannot be read")]
pub struct Unreadable;

impl ContentType for AnswerText {
    const CONTENT_TYPE: &'static str = JsonText::CONTENT_TYPE;
}

impl FormatType for AnswerText {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for AnswerText {
    type Error = serde_json::Error;

    fn encode(output: &T) -> Result<Bytes, Self::Error> {
        JsonText::encode(output)
    }
}

impl<T: FromAnswer> Decodes<T> for AnswerText {
    type Error = Unreadable;

    fn decode(bytes: Bytes) -> Result<T, Self::Error> {
        read(std::str::from_utf8(&bytes).unwrap_or_default()).ok_or(Unreadable)
    }
}

/// Reads JSON text, in the browser.
pub fn read<T: FromAnswer>(text: &str) -> Option<T> {
    T::from_answer(&ReadJson::parse(text)?)
}

impl FromAnswer for () {
    fn from_answer(_: &ReadJson) -> Option<Self> {
        Some(())
    }
}

impl FromAnswer for String {
    fn from_answer(answer: &ReadJson) -> Option<Self> {
        answer.text()
    }
}

impl FromAnswer for Option<String> {
    fn from_answer(answer: &ReadJson) -> Option<Self> {
        Some(answer.text())
    }
}

impl FromAnswer for Vec<String> {
    fn from_answer(answer: &ReadJson) -> Option<Self> {
        Some((0..).map_while(|place: u32| answer.member(&place.to_string()).text()).collect())
    }
}

impl FromAnswer for SitePath {
    fn from_answer(answer: &ReadJson) -> Option<Self> {
        Self::parse(&answer.text()?)
    }
}

impl FromAnswer for Begun {
    fn from_answer(answer: &ReadJson) -> Option<Self> {
        Some(Self {
            id: CeremonyId(answer.member("id").text()?),
            reference: answer.member("reference").text()?,
            options: answer.member("options").text()?,
            lives_for: answer.member("lives_for").number()?,
        })
    }
}

impl FromAnswer for Refusal {
    fn from_answer(answer: &ReadJson) -> Option<Self> {
        Some(Self {
            code: Code::parse(&answer.member("code").text()?)?,
            reference: answer.member("reference").text(),
            signal: answer.member("signal").text(),
        })
    }
}

impl FromServerFnError for Refusal {
    type Encoder = AnswerText;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => Code::Unreachable.into(),
            _ => Code::ServerTrouble.into(),
        }
    }
}
