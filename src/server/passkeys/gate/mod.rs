//! The strict gate in front of webauthn-rs: reads an answer to the last byte before any
//! cryptography, and lets through only what has one meaning.
//!
//! Owns every check of WebAuthn Level 3, sections 7.1 and 7.2, that needs nothing but the answer
//! and what was asked. It refuses to know accounts, stored credentials, signatures and the
//! database: who owns the credential, the user handle, the counter and the exclude list are the
//! caller's, and the signature is the library's. webauthn-rs alone compares parsed addresses,
//! ignores `id`, `type` and left-over bytes and takes odd keys; the gate exists to close that.
//!
//! - What goes on to the library is built from what the gate has read, never parsed a second time
//!   out of the client's JSON.
//! - Client extension results other than `credProps.rk` are dropped: Keyfold asks for no other,
//!   and `appid` would let webauthn-rs take another relying party's hash.

mod attestation_object;
mod authenticator_data;
mod cbor;
mod client_data;
mod cose;
mod envelope;
mod json;

use webauthn_rs_core::proto::{
    AuthenticationExtensionsClientOutputs, AuthenticatorAssertionResponseRaw,
    AuthenticatorAttestationResponseRaw, CredProps, PublicKeyCredential,
    RegisterPublicKeyCredential, RegistrationExtensionsClientOutputs,
};

use self::{
    attestation_object::AttestationObject, authenticator_data::AuthenticatorData,
    envelope::Envelope,
};
use super::refused::{Procedure, Refused};

pub(in crate::server) use self::cose::{algorithm_of, library_key};
pub(in crate::server) use self::envelope::{CREDENTIAL_ID_LENGTH, TRANSPORTS, known_transports};
pub(in crate::server) use self::json::object as json_object;

/// What an answer must match; all of it from the settings and the stored ceremony, nothing from
/// the request.
#[derive(Debug, Clone, Copy)]
pub(in crate::server) struct Expected<'a> {
    /// The challenge as issued, in base64url.
    pub(in crate::server) challenge: &'a str,
    /// The origins that may ask, spelled as browsers spell them.
    pub(in crate::server) origins: &'a [String],
    pub(in crate::server) rp_id: &'a str,
    pub(in crate::server) user_verification_required: bool,
}

/// A registration that passed the gate: a new credential, not yet anybody's.
#[derive(Debug, Clone)]
pub(in crate::server) struct Attested {
    /// 16 to 1023 bytes.
    pub(in crate::server) credential_id: Vec<u8>,
    /// The COSE key, byte for byte as the authenticator wrote it; `library_key` reads it.
    pub(in crate::server) public_key: Vec<u8>,
    /// The COSE number of the algorithm: −7 or −257.
    pub(in crate::server) algorithm: i64,
    pub(in crate::server) aaguid: [u8; 16],
    /// Known transports only, each once, so at most six; hints without any proof.
    pub(in crate::server) transports: Vec<String>,
    pub(in crate::server) backup_eligible: bool,
    pub(in crate::server) backup_state: bool,
    pub(in crate::server) sign_count: u32,
    /// The authenticator says that it verified the user.
    pub(in crate::server) user_verified: bool,
    /// `credProps.rk`, if the client told.
    pub(in crate::server) discoverable: Option<bool>,
    /// The same answer for the library.
    pub(in crate::server) response: RegisterPublicKeyCredential,
}

/// An assertion that passed the gate: nothing is proved before the library has verified it.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "the flags of section 6.1, each by its name")]
pub(in crate::server) struct Asserted {
    /// 16 to 1023 bytes.
    pub(in crate::server) credential_id: Vec<u8>,
    /// 1 to 64 bytes; required where the user was not named (7.2 step 6).
    pub(in crate::server) user_handle: Option<Vec<u8>>,
    pub(in crate::server) backup_eligible: bool,
    pub(in crate::server) backup_state: bool,
    pub(in crate::server) sign_count: u32,
    /// The authenticator says that it verified the user.
    pub(in crate::server) user_verified: bool,
    /// The browser says that the authenticator is not built into this device (5.4.5). Not signed.
    pub(in crate::server) cross_platform: bool,
    /// The same answer for the library.
    pub(in crate::server) response: PublicKeyCredential,
}

/// Reads a `RegistrationResponseJSON` (7.1 steps 3–25, without signatures).
///
/// # Errors
///
/// The first step that fails, in the order of the specification; forms before meanings.
pub(in crate::server) fn registration(
    answer: &str,
    expected: &Expected<'_>,
) -> Result<Attested, Refused> {
    let procedure = Procedure::Registration;
    let envelope = Envelope::open(answer, procedure)?;
    let client_data_json = envelope.client_data_json()?;
    client_data::check(&client_data_json, expected, procedure)?;
    let attestation_object = envelope.attestation_object()?;
    let attestation = AttestationObject::read(&attestation_object)?;
    let data = AuthenticatorData::read(attestation.authenticator_data, procedure)?;
    data.check(expected, procedure)?;
    let attested = data.attested.as_ref().ok_or(NO_CREDENTIAL)?;
    let algorithm = cose::read(&attested.key)?.algorithm();
    attestation.check()?;
    if attested.credential_id != envelope.credential_id {
        return Err(Refused::malformed(
            "7.1 step 27",
            "the attested credential id is not the one of the answer",
        ));
    }
    let discoverable = envelope.discoverable()?;
    Ok(Attested {
        public_key: attested.public_key.to_vec(),
        algorithm,
        aaguid: attested.aaguid,
        transports: envelope.transports()?,
        backup_eligible: data.backup_eligible(),
        backup_state: data.backup_state(),
        sign_count: data.sign_count,
        user_verified: data.user_verified(),
        discoverable,
        response: RegisterPublicKeyCredential {
            id: envelope.id,
            raw_id: envelope.credential_id.clone(),
            response: AuthenticatorAttestationResponseRaw {
                attestation_object,
                client_data_json,
                transports: None,
            },
            type_: "public-key".to_owned(),
            extensions: RegistrationExtensionsClientOutputs {
                cred_props: discoverable.map(|rk| CredProps { rk: Some(rk) }),
                ..RegistrationExtensionsClientOutputs::default()
            },
        },
        credential_id: envelope.credential_id,
    })
}

/// Reads an `AuthenticationResponseJSON` (7.2 steps 3–18, without the account).
///
/// # Errors
///
/// The first step that fails, in the order of the specification; forms before meanings.
pub(in crate::server) fn authentication(
    answer: &str,
    expected: &Expected<'_>,
) -> Result<Asserted, Refused> {
    let procedure = Procedure::Authentication;
    let envelope = Envelope::open(answer, procedure)?;
    let client_data_json = envelope.client_data_json()?;
    client_data::check(&client_data_json, expected, procedure)?;
    let user_handle = envelope.user_handle()?;
    let authenticator_data = envelope.authenticator_data()?;
    let signature = envelope.signature()?;
    let data = AuthenticatorData::read(&authenticator_data, procedure)?;
    data.check(expected, procedure)?;
    if data.attested.is_some() {
        return Err(Refused::malformed(
            "7.2 step 7",
            "an assertion holds attested credential data",
        ));
    }
    Ok(Asserted {
        cross_platform: envelope.cross_platform,
        backup_eligible: data.backup_eligible(),
        backup_state: data.backup_state(),
        sign_count: data.sign_count,
        user_verified: data.user_verified(),
        response: PublicKeyCredential {
            id: envelope.id,
            raw_id: envelope.credential_id.clone(),
            response: AuthenticatorAssertionResponseRaw {
                authenticator_data,
                client_data_json,
                signature,
                user_handle: user_handle.clone(),
            },
            extensions: AuthenticationExtensionsClientOutputs::default(),
            type_: "public-key".to_owned(),
        },
        credential_id: envelope.credential_id,
        user_handle,
    })
}

const NO_CREDENTIAL: Refused =
    Refused::malformed("7.1 step 13", "the registration attests no credential");

/// Takes the COSE key out of an attestation object of any format, for the vectors whose format
/// the gate refuses.
#[cfg(test)]
pub(in crate::server) fn attested_key(attestation_object: &[u8]) -> Result<Vec<u8>, Refused> {
    let attestation = AttestationObject::read(attestation_object)?;
    let data = AuthenticatorData::read(attestation.authenticator_data, Procedure::Registration)?;
    let attested = data.attested.ok_or(NO_CREDENTIAL)?;
    Ok(attested.public_key.to_vec())
}

#[cfg(test)]
mod tests;
