//! The authenticator data: the bytes that the authenticator signs (WebAuthn Level 3, section 6.1;
//! 7.1 steps 13–17, 7.2 steps 15–18).
//!
//! Owns the walk to the last byte and the flags. It refuses to know keys and attestation
//! statements. webauthn-rs stops after the part that the flags announce and lets any bytes follow,
//! in an assertion attested credential data too; here each byte has its place or the answer is
//! refused. The reserved flags 0x02 and 0x20 are ignored, as they are reserved for later use.

use sha2::{Digest, Sha256};

use super::{
    Expected,
    cbor::{self, Item, Key, Malformed},
};
use crate::server::passkeys::refused::{Procedure, Reason, Refused};

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const BACKUP_ELIGIBLE: u8 = 0x08;
const BACKUP_STATE: u8 = 0x10;
const ATTESTED: u8 = 0x40;
const EXTENSIONS: u8 = 0x80;

/// Authenticator data whose structure is whole; call `check` before believing them.
pub(super) struct AuthenticatorData<'a> {
    rp_id_hash: &'a [u8; 32],
    flags: u8,
    pub(super) sign_count: u32,
    pub(super) attested: Option<AttestedCredential<'a>>,
}

/// The new credential, in the authenticator data of a registration.
pub(super) struct AttestedCredential<'a> {
    pub(super) aaguid: [u8; 16],
    pub(super) credential_id: &'a [u8],
    /// The exact bytes of the COSE key, as they are to be stored.
    pub(super) public_key: &'a [u8],
    pub(super) key: Item<'a>,
}

impl<'a> AuthenticatorData<'a> {
    /// Walks the bytes: 37 of them, then what the flags announce, then nothing.
    pub(super) fn read(bytes: &'a [u8], procedure: Procedure) -> Result<Self, Refused> {
        let refuse = |Malformed(detail): Malformed| {
            Refused::malformed(procedure.step("7.1 step 13", "7.2 step 7"), detail)
        };
        Self::walk(bytes).map_err(refuse)
    }

    fn walk(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let (rp_id_hash, rest) = take::<32>(bytes)?;
        let ([flags], rest) = take::<1>(rest)?;
        let (sign_count, rest) = take::<4>(rest)?;
        let (attested, rest) = if flags & ATTESTED == 0 {
            (None, rest)
        } else {
            let (attested, rest) = AttestedCredential::walk(rest)?;
            (Some(attested), rest)
        };
        let rest = if flags & EXTENSIONS == 0 { rest } else { extensions(rest)? };
        if !rest.is_empty() {
            return Err(Malformed("bytes follow the authenticator data"));
        }
        Ok(Self {
            rp_id_hash,
            flags: *flags,
            sign_count: u32::from_be_bytes(*sign_count),
            attested,
        })
    }

    /// Checks the relying party and the flags.
    pub(super) fn check(
        &self,
        expected: &Expected<'_>,
        procedure: Procedure,
    ) -> Result<(), Refused> {
        if Sha256::digest(expected.rp_id).as_slice() != self.rp_id_hash {
            return Err(Refused::new(
                Reason::RpIdMismatch,
                procedure.step("7.1 step 14", "7.2 step 15"),
                "the authenticator data are for another relying party",
            ));
        }
        if self.flags & USER_PRESENT == 0 {
            return Err(Refused::new(
                Reason::UserPresenceRequired,
                procedure.step("7.1 step 15", "7.2 step 16"),
                "the user was not present",
            ));
        }
        if expected.user_verification_required && !self.user_verified() {
            return Err(Refused::new(
                Reason::UserVerificationRequired,
                procedure.step("7.1 step 16", "7.2 step 17"),
                "the user was not verified",
            ));
        }
        if self.backup_state() && !self.backup_eligible() {
            return Err(Refused::malformed(
                procedure.step("7.1 step 17", "7.2 step 18"),
                "backed up, but not eligible for backup",
            ));
        }
        Ok(())
    }

    pub(super) const fn user_verified(&self) -> bool {
        self.flags & USER_VERIFIED != 0
    }

    pub(super) const fn backup_eligible(&self) -> bool {
        self.flags & BACKUP_ELIGIBLE != 0
    }

    pub(super) const fn backup_state(&self) -> bool {
        self.flags & BACKUP_STATE != 0
    }
}

impl<'a> AttestedCredential<'a> {
    /// Walks AAGUID, length, credential id and one CBOR item (section 6.5.1).
    fn walk(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), Malformed> {
        let (aaguid, rest) = take::<16>(bytes)?;
        let (length, rest) = take::<2>(rest)?;
        let (credential_id, rest) =
            rest.split_at_checked(u16::from_be_bytes(*length).into()).ok_or(TRUNCATED)?;
        let (key, after_key) = cbor::first(rest)?;
        let public_key =
            rest.split_at_checked(rest.len().saturating_sub(after_key.len())).ok_or(TRUNCATED)?.0;
        let attested = Self { aaguid: *aaguid, credential_id, public_key, key };
        Ok((attested, after_key))
    }
}

const TRUNCATED: Malformed = Malformed("the authenticator data end too early");

/// Walks over the extension outputs: one map by extension name, which nobody here reads.
fn extensions(bytes: &[u8]) -> Result<&[u8], Malformed> {
    match cbor::first(bytes)? {
        (Item::Map(outputs), rest) if outputs.keys().all(|key| matches!(key, Key::Text(_))) => {
            Ok(rest)
        }
        _ => Err(Malformed("the extension outputs are not a map by name")),
    }
}

fn take<const LENGTH: usize>(bytes: &[u8]) -> Result<(&[u8; LENGTH], &[u8]), Malformed> {
    bytes.split_first_chunk().ok_or(TRUNCATED)
}
