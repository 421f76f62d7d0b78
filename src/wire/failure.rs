//! How a call to the browser fails: every `DOMException`, and what it means to a person.
//!
//! Decision: browsers hide on purpose why they refuse (WebAuthn Level 3, §14.5.1 and §14.5.2); most of
//! it is one `NotAllowedError`. What tells its reasons apart is which call it was, how soon it came, and
//! whether the device can keep passkeys at all.

use serde::{Deserialize, Serialize};

use super::{CeremonyId, Code, Mediation};

/// No person dismisses a prompt faster than this many milliseconds: the browser had nothing to show.
const FASTER_THAN_A_PERSON: u32 = 250;

/// The same where the browser was asked to say at once that there is nothing (`immediate`): it looks for
/// passkeys first, which takes a slow machine longer.
const FASTER_THAN_A_CHOICE: u32 = 1_000;

/// After this many milliseconds nobody has answered; the options ask for 295 seconds.
const NOBODY_ANSWERED: u32 = 290_000;

/// The call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// `create()` on a device that can keep passkeys itself (§5.1.3).
    Create,
    /// `create()` on one that cannot: it has no screen lock, or no place for passkeys.
    CreateElsewhere,
    /// `get()` (§5.1.4).
    Get,
    /// One of the methods of the Signal API (§5.1.10). Nobody waits for it, and nothing is lost with it
    /// but a tidy list of passkeys on the device.
    Signal,
}

/// A call that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Which it was.
    pub call: Call,
    /// The name of the `DOMException` or `Error`.
    pub error: String,
    /// How many milliseconds after the call it came.
    pub after: u32,
    /// How the browser was to ask; absent where there was no choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mediation: Option<Mediation>,
}

/// A call that failed in a ceremony, as the server is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The ceremony.
    pub ceremony: CeremonyId,
    /// What failed in it.
    pub failure: Failure,
}

impl Failure {
    /// What it means. The steps are those of §5.1.3 for `create()`, of §5.1.4 for `get()`, and of §6.3
    /// for what the authenticator answers.
    pub fn code(&self) -> Code {
        let at_once = self.after
            < match self.mediation {
                Some(Mediation::Immediate) => FASTER_THAN_A_CHOICE,
                _ => FASTER_THAN_A_PERSON,
            };
        match (self.error.as_str(), self.call) {
            // Closed by the person, out of time, not verified, not permitted, or nothing to choose
            // from (§5.1.3 step 22, §5.1.4 step 20).
            ("NotAllowedError", _) if self.after >= NOBODY_ANSWERED => Code::TimedOut,
            ("NotAllowedError", Call::Get) if at_once => Code::NoPasskeyHere,
            ("NotAllowedError", Call::CreateElsewhere) if at_once => Code::DeviceUnsuitable,
            // Our own button (§5.6).
            ("NotAllowedError" | "AbortError", _) => Code::Cancelled,
            ("TimeoutError", _) => Code::TimedOut,
            // A credential of the exclude list is there (§6.3.2 step 3).
            ("InvalidStateError", Call::Create | Call::CreateElsewhere) => Code::AlreadyRegistered,
            // The origin is opaque, not a domain, or the RP ID is not it or above it; or the related
            // origins do not name it (§5.1.3 steps 6 to 8, §5.1.4 steps 6 to 8, §5.11).
            ("SecurityError" | "NetworkError", _) => Code::InsecurePage,
            // A member has the wrong type, or is not known yet (§5.1.8, §5.1.9); or there is no WebAuthn.
            ("TypeError" | "ReferenceError" | "SyntaxError" | "EncodingError" | "DataError", _) => {
                Code::BrowserTooOld
            }
            // An option, or a method of the Signal API, that this browser has not got (§5.1.10).
            ("NotSupportedError", Call::Get | Call::Signal) => Code::BrowserTooOld,
            // No algorithm in common (§5.1.3 step 10, §6.3.2 step 2); no place for a passkey or no
            // screen lock (§6.3.2 steps 4 and 5).
            ("NotSupportedError" | "ConstraintError", _) => Code::DeviceUnsuitable,
            // Another call of this browser has not ended (Credential Management Level 1, §2.5).
            ("OperationError", _) => Code::Busy,
            // The authenticator failed (§6.3.2 step 14, §6.3.3 step 12): UnknownError,
            // NotReadableError, a full security key, or what is not in any specification.
            _ => Code::DeviceFailed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Call, Code, Failure, Mediation};

    fn code(call: Call, error: &str, after: u32) -> Code {
        Failure { call, error: error.to_owned(), after, mediation: None }.code()
    }

    #[test]
    fn the_same_error_is_told_apart_by_call_time_and_device() {
        let not_allowed = |call, after| code(call, "NotAllowedError", after);
        assert_eq!(not_allowed(Call::Get, 5), Code::NoPasskeyHere);
        assert_eq!(not_allowed(Call::Get, 4_000), Code::Cancelled);
        assert_eq!(not_allowed(Call::Get, 295_100), Code::TimedOut);
        assert_eq!(not_allowed(Call::Create, 5), Code::Cancelled);
        assert_eq!(not_allowed(Call::CreateElsewhere, 5), Code::DeviceUnsuitable);
        assert_eq!(not_allowed(Call::CreateElsewhere, 4_000), Code::Cancelled);
        let immediate = |after| Failure {
            call: Call::Get,
            error: "NotAllowedError".to_owned(),
            after,
            mediation: Some(Mediation::Immediate),
        };
        assert_eq!(immediate(900).code(), Code::NoPasskeyHere);
        assert_eq!(immediate(1_100).code(), Code::Cancelled);
        assert_eq!(code(Call::Create, "InvalidStateError", 900), Code::AlreadyRegistered);
        assert_eq!(code(Call::Get, "InvalidStateError", 900), Code::DeviceFailed);
        assert_eq!(code(Call::Create, "NotSupportedError", 900), Code::DeviceUnsuitable);
        assert_eq!(code(Call::Get, "NotSupportedError", 900), Code::BrowserTooOld);
        assert_eq!(code(Call::Signal, "NotSupportedError", 900), Code::BrowserTooOld);
    }

    #[test]
    fn every_error_of_the_specification_means_something() {
        let table = [
            ("AbortError", Code::Cancelled),
            ("ConstraintError", Code::DeviceUnsuitable),
            ("DataError", Code::BrowserTooOld),
            ("EncodingError", Code::BrowserTooOld),
            ("NetworkError", Code::InsecurePage),
            ("NotReadableError", Code::DeviceFailed),
            ("OperationError", Code::Busy),
            ("SecurityError", Code::InsecurePage),
            ("SyntaxError", Code::BrowserTooOld),
            ("TimeoutError", Code::TimedOut),
            ("TypeError", Code::BrowserTooOld),
            ("UnknownError", Code::DeviceFailed),
            ("", Code::DeviceFailed),
        ];
        for (error, meaning) in table {
            for call in [Call::Create, Call::CreateElsewhere, Call::Get, Call::Signal] {
                assert_eq!(code(call, error, 1_000), meaning, "{call:?} {error}");
            }
        }
    }
}
