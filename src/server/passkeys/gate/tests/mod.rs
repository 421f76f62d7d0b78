//! Breaks every rule of the gate, one at a time, with the software authenticator; each test says
//! which reason must come out. Good answers in all their honest variety must pass.

mod assertions;
mod authenticator_data;
mod cbor;
mod client_data;
mod cose;
mod envelope;
mod good;
mod properties;

use serde_json::{Value, json};

use super::{Asserted, Attested, Expected};
use crate::server::{
    passkeys::refused::{Reason, Refused},
    tests::authenticator::{Authenticator, Lies},
};

const ORIGIN: &str = "https://login.example.org";
const CHALLENGE: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

fn creation_options() -> Value {
    json!({
        "rp": {"id": "example.org", "name": "Example"},
        "user": {"id": "dXNlciBoYW5kbGU", "name": "ada", "displayName": "Ada"},
        "challenge": CHALLENGE,
        "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
    })
}

fn request_options() -> Value {
    json!({"rpId": "example.org", "challenge": CHALLENGE, "userVerification": "required"})
}

fn registration_answer(lies: &Lies) -> Value {
    Authenticator::new(1).create_lying(ORIGIN, &creation_options(), lies)
}

fn authentication_answer(lies: &Lies) -> Value {
    let mut authenticator = Authenticator::new(1);
    authenticator.create(ORIGIN, &creation_options());
    authenticator.get_lying(ORIGIN, &request_options(), lies)
}

fn with_expected<Passed>(
    gate: impl Fn(&str, &Expected<'_>) -> Result<Passed, Refused>,
    answer: &str,
) -> Result<Passed, Refused> {
    let origins = [ORIGIN.to_owned(), "https://example.org".to_owned()];
    let expected = Expected {
        challenge: CHALLENGE,
        origins: &origins,
        rp_id: "example.org",
        user_verification_required: true,
    };
    gate(answer, &expected)
}

fn registration(answer: &str) -> Result<Attested, Refused> {
    with_expected(super::registration, answer)
}

fn authentication(answer: &str) -> Result<Asserted, Refused> {
    with_expected(super::authentication, answer)
}

fn registration_refusal(answer: &Value) -> Option<Reason> {
    registration(&answer.to_string()).err().map(|refused| refused.reason)
}

fn authentication_refusal(answer: &Value) -> Option<Reason> {
    authentication(&answer.to_string()).err().map(|refused| refused.reason)
}

/// Tells the same lies in both ceremonies, and expects the same reason.
#[track_caller]
fn both_refuse(lies: &Lies, reason: Reason) {
    assert_eq!(registration_refusal(&registration_answer(lies)), Some(reason), "{lies:?}");
    assert_eq!(authentication_refusal(&authentication_answer(lies)), Some(reason), "{lies:?}");
}

#[track_caller]
fn registration_refuses(lies: &Lies, reason: Reason) {
    assert_eq!(registration_refusal(&registration_answer(lies)), Some(reason), "{lies:?}");
}

#[track_caller]
fn authentication_refuses(lies: &Lies, reason: Reason) {
    assert_eq!(authentication_refusal(&authentication_answer(lies)), Some(reason), "{lies:?}");
}
