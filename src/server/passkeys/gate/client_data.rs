//! The client data: what the browser says of the ceremony (WebAuthn Level 3, section 5.8.1; 7.1
//! steps 5–11, 7.2 steps 8–14).
//!
//! Owns the comparison of `type`, `challenge`, `origin`, `crossOrigin` and `topOrigin`, all as
//! exact strings: parsed addresses and decoded challenges have more than one spelling, and each
//! further spelling is a door. It refuses to know where the expected values come from. Origins
//! are compared with the whole list, never with the request's own host; a page in
//! another's frame is refused in both ceremonies, as Keyfold offers no framing.

use serde_json::Value;

use super::{Expected, json};
use crate::server::passkeys::refused::{Procedure, Reason, Refused};

/// Checks the client data of an answer.
pub(super) fn check(
    bytes: &[u8],
    expected: &Expected<'_>,
    procedure: Procedure,
) -> Result<(), Refused> {
    let text = std::str::from_utf8(bytes).map_err(|_| {
        Refused::malformed(
            procedure.step("7.1 step 5", "7.2 step 8"),
            "the client data are not UTF-8",
        )
    })?;
    // The "UTF-8 decode" of the specification would drop a byte order mark; no client writes one,
    // and webauthn-rs could not read it.
    let members = json::object(text).ok_or(Refused::malformed(
        procedure.step("7.1 step 6", "7.2 step 9"),
        "the client data are not one JSON object without duplicate members",
    ))?;
    let member = |name: &str, step: &'static str| {
        members
            .get(name)
            .and_then(Value::as_str)
            .ok_or(Refused::malformed(step, "a member of the client data is missing or not a text"))
    };

    let step = procedure.step("7.1 step 7", "7.2 step 10");
    if member("type", step)? != procedure.step("webauthn.create", "webauthn.get") {
        return Err(Refused::new(
            Reason::CeremonyTypeMismatch,
            step,
            "the client data belong to another ceremony",
        ));
    }
    let step = procedure.step("7.1 step 8", "7.2 step 11");
    if member("challenge", step)? != expected.challenge {
        return Err(Refused::new(
            Reason::ChallengeMismatch,
            step,
            "the challenge is not the one that was issued",
        ));
    }
    let step = procedure.step("7.1 step 9", "7.2 step 12");
    let origin = member("origin", step)?;
    if !expected.origins.iter().any(|listed| listed == origin) {
        return Err(Refused::new(Reason::OriginMismatch, step, "the origin is not on the list"));
    }
    check_framing(members.get("crossOrigin"), members.get("topOrigin"), procedure)
}

/// Refuses a ceremony that ran in a frame of another origin.
fn check_framing(
    cross_origin: Option<&Value>,
    top_origin: Option<&Value>,
    procedure: Procedure,
) -> Result<(), Refused> {
    let step = procedure.step("7.1 step 10", "7.2 step 13");
    match cross_origin {
        None | Some(Value::Bool(false)) => {}
        Some(Value::Bool(true)) => {
            return Err(Refused::new(
                Reason::OriginMismatch,
                step,
                "the ceremony ran in a frame of another origin",
            ));
        }
        Some(_) => {
            return Err(Refused::malformed(step, "crossOrigin is neither true nor false"));
        }
    }
    // Present only when `crossOrigin` is true, so its mere presence is wrong here.
    if top_origin.is_some() {
        return Err(Refused::new(
            Reason::OriginMismatch,
            procedure.step("7.1 step 11", "7.2 step 14"),
            "the client data name a top origin",
        ));
    }
    Ok(())
}
