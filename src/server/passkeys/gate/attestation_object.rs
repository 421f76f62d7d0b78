//! The attestation object of a registration (WebAuthn Level 3, section 6.5.4; 7.1 steps 13 and
//! 21–22).
//!
//! Owns its three members and the policy on formats: `none` with an empty statement, because
//! Keyfold asks for no attestation, and a statement that nobody verifies is a claim that somebody
//! may come to believe. It refuses to know the statements of other formats.

use super::cbor::{self, Item, Key, Malformed, Map};
use crate::server::passkeys::refused::{Reason, Refused};

const STEP: &str = "7.1 step 13";

/// An attestation object whose structure is whole.
pub(super) struct AttestationObject<'a> {
    pub(super) authenticator_data: &'a [u8],
    format: &'a str,
    statement: Map<'a>,
}

impl<'a> AttestationObject<'a> {
    /// Reads one map with exactly `fmt`, `attStmt` and `authData`, in any order.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Refused> {
        let item =
            cbor::only(bytes).map_err(|Malformed(detail)| Refused::malformed(STEP, detail))?;
        let Item::Map(members) = item else {
            return Err(Refused::malformed(STEP, "the attestation object is not a map"));
        };
        let member = |name| members.get(Key::Text(name));
        match (member("fmt"), member("attStmt"), member("authData")) {
            (
                Some(Item::Text(format)),
                Some(Item::Map(statement)),
                Some(Item::Bytes(authenticator_data)),
            ) if members.len() == 3 => {
                Ok(Self { authenticator_data, format, statement: statement.clone() })
            }
            _ => Err(Refused::malformed(
                STEP,
                "the attestation object has other members than fmt, attStmt and authData",
            )),
        }
    }

    /// Checks that nothing is attested.
    pub(super) fn check(&self) -> Result<(), Refused> {
        let (step, detail) = if self.format != "none" {
            ("7.1 step 21", "the attestation format was not asked for")
        } else if self.statement.len() != 0 {
            ("7.1 step 22", "the statement of no attestation is not empty")
        } else {
            return Ok(());
        };
        Err(Refused::new(Reason::AttestationInvalid, step, detail))
    }
}
