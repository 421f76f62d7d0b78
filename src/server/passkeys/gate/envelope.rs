//! The envelope of an answer: `RegistrationResponseJSON` and `AuthenticationResponseJSON` up to the
//! members that hold bytes (WebAuthn Level 3, section 5.1).
//!
//! Owns the size and shape of the body, `id` = `rawId`, `type`, and the one spelling of base64url
//! that is accepted: without padding, without stray bits, nothing but its own alphabet. It refuses
//! to know what the bytes mean. Members that nobody here reads are ignored, the easy accessors
//! `authenticatorData`, `publicKey` and `publicKeyAlgorithm` among them: they repeat, unsigned,
//! what the attestation object says.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use super::json;
use crate::server::passkeys::refused::{Procedure, Reason, Refused};

/// The largest answer, in bytes of JSON text; real ones are below 4 KiB.
const ANSWER_MAX: usize = 64 * 1024;
/// Shorter credential ids are not the "at least 16 bytes" of section 4; longer ones break 7.1
/// step 25.
pub(in crate::server) const CREDENTIAL_ID_LENGTH: std::ops::RangeInclusive<usize> = 16..=1023;
/// The transports of section 5.8.4. Unknown ones are dropped, not refused: more are to come.
pub(in crate::server) const TRANSPORTS: [&str; 6] =
    ["usb", "nfc", "ble", "smart-card", "hybrid", "internal"];

/// An answer whose envelope is in order.
pub(super) struct Envelope {
    procedure: Procedure,
    /// The credential id as written, which is the only way to write it.
    pub(super) id: String,
    pub(super) credential_id: Vec<u8>,
    /// `authenticatorAttachment` says so.
    pub(super) cross_platform: bool,
    response: Map<String, Value>,
    extensions: Map<String, Value>,
}

impl Envelope {
    pub(super) fn open(answer: &str, procedure: Procedure) -> Result<Self, Refused> {
        let step = procedure.step("7.1 step 3", "7.2 step 3");
        if answer.len() > ANSWER_MAX {
            return Err(Refused::malformed(step, "the answer is too large"));
        }
        let mut members = json::object(answer).ok_or(Refused::malformed(
            step,
            "the answer is not one JSON object without duplicate members",
        ))?;
        if members.get("type").and_then(Value::as_str) != Some("public-key") {
            return Err(Refused::malformed(
                procedure.step("7.1 step 27", "7.2 step 3"),
                "the type is not public-key",
            ));
        }
        let (id, credential_id) = credential_id(&mut members, procedure)?;
        let Some(Value::Object(response)) = members.remove("response") else {
            return Err(Refused::malformed(step, "the response is not an object"));
        };
        let extensions = match members.remove("clientExtensionResults") {
            None => Map::new(),
            Some(Value::Object(extensions)) => extensions,
            Some(_) => {
                return Err(Refused::malformed(
                    procedure.step("7.1 step 4", "7.2 step 4"),
                    "the extension results are not an object",
                ));
            }
        };
        let attachment = members.get("authenticatorAttachment").and_then(Value::as_str);
        let cross_platform = attachment == Some("cross-platform");
        Ok(Self { procedure, id, credential_id, cross_platform, response, extensions })
    }

    pub(super) fn client_data_json(&self) -> Result<Vec<u8>, Refused> {
        self.required(
            "clientDataJSON",
            self.procedure.step("7.1 step 5", "7.2 step 8"),
            "the client data are missing or not base64url",
        )
    }

    pub(super) fn attestation_object(&self) -> Result<Vec<u8>, Refused> {
        self.required(
            "attestationObject",
            "7.1 step 13",
            "the attestation object is missing or not base64url",
        )
    }

    pub(super) fn authenticator_data(&self) -> Result<Vec<u8>, Refused> {
        self.required(
            "authenticatorData",
            "7.2 step 7",
            "the authenticator data are missing or not base64url",
        )
    }

    /// The signature, 1 to 1024 bytes. RS256 makes 256 and ES256 at most 72; the rest is room, so
    /// that a signature of a wrong length is refused as one.
    pub(super) fn signature(&self) -> Result<Vec<u8>, Refused> {
        let signature =
            self.required("signature", "7.2 step 7", "the signature is missing or not base64url")?;
        if (1..=1024).contains(&signature.len()) {
            Ok(signature)
        } else {
            Err(Refused::new(
                Reason::SignatureInvalid,
                "7.2 step 21",
                "the signature is empty or too long",
            ))
        }
    }

    /// The user handle; absent and null are the same (section 5.2.2 lets it be null).
    pub(super) fn user_handle(&self) -> Result<Option<Vec<u8>>, Refused> {
        let handle = match self.response.get("userHandle") {
            None | Some(Value::Null) => return Ok(None),
            Some(handle) => base64url(Some(handle))
                .ok_or(Refused::malformed("7.2 step 6", "the user handle is not base64url"))?,
        };
        if (1..=64).contains(&handle.len()) {
            Ok(Some(handle))
        } else {
            Err(Refused::new(
                Reason::UserHandleMismatch,
                "7.2 step 6",
                "the user handle is empty or longer than any that was issued",
            ))
        }
    }

    /// The known transports, each once, in the order given; hints to be stored, never trusted.
    pub(super) fn transports(&self) -> Result<Vec<String>, Refused> {
        let malformed = Refused::malformed("7.1 step 27", "the transports are not a list of texts");
        let named = match self.response.get("transports") {
            None | Some(Value::Null) => return Ok(Vec::new()),
            Some(transports) => transports.as_array().ok_or(malformed)?,
        };
        known_transports(named).ok_or(malformed)
    }

    /// What the client says of the credential being discoverable: `credProps.rk` (section 10.1.3),
    /// unsigned and often absent; null is the same as absent.
    pub(super) fn discoverable(&self) -> Result<Option<bool>, Refused> {
        let malformed =
            Refused::malformed("7.1 step 28", "the credential properties have another shape");
        let properties = match self.extensions.get("credProps") {
            None | Some(Value::Null) => return Ok(None),
            Some(properties) => properties.as_object().ok_or(malformed)?,
        };
        match properties.get("rk") {
            None | Some(Value::Null) => Ok(None),
            Some(discoverable) => discoverable.as_bool().map(Some).ok_or(malformed),
        }
    }

    fn required(
        &self,
        name: &str,
        step: &'static str,
        detail: &'static str,
    ) -> Result<Vec<u8>, Refused> {
        base64url(self.response.get(name)).ok_or(Refused::malformed(step, detail))
    }
}

/// The known transports of a list, each once, in the order given; None where one is not a text.
pub(in crate::server) fn known_transports(named: &[Value]) -> Option<Vec<String>> {
    let mut transports: Vec<String> = Vec::new();
    for name in named {
        let name = name.as_str()?;
        if TRANSPORTS.contains(&name) && !transports.iter().any(|known| known == name) {
            transports.push(name.to_owned());
        }
    }
    Some(transports)
}

/// Reads `id` and `rawId`, which in JSON are the same text (section 5.1).
fn credential_id(
    members: &mut Map<String, Value>,
    procedure: Procedure,
) -> Result<(String, Vec<u8>), Refused> {
    let step = procedure.step("7.1 step 27", "7.2 step 5");
    let credential_id = base64url(members.get("rawId"))
        .ok_or(Refused::malformed(step, "the raw id is not base64url"))?;
    let id = match (members.remove("id"), members.get("rawId")) {
        (Some(Value::String(id)), Some(Value::String(raw_id))) if id == *raw_id => id,
        _ => return Err(Refused::malformed(step, "the id is not the raw id")),
    };
    if CREDENTIAL_ID_LENGTH.contains(&credential_id.len()) {
        return Ok((id, credential_id));
    }
    Err(match procedure {
        Procedure::Registration => {
            Refused::malformed("7.1 step 25", "the credential id is not of 16 to 1023 bytes")
        }
        Procedure::Authentication => Refused::new(
            Reason::UnknownCredential,
            step,
            "no registered credential has an id of this length",
        ),
    })
}

/// Decodes a text that is the canonical, unpadded base64url of some bytes. The engine refuses
/// padding, other alphabets, whitespace, and bits left over in the last character.
fn base64url(member: Option<&Value>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(member?.as_str()?).ok()
}
