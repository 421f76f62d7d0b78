//! The public key of a credential, as a COSE key (RFC 9052, RFC 9053; WebAuthn Level 3, section
//! 5.8.5 and 6.5.1.1; 7.1 step 20).
//!
//! Owns the table of what is accepted, each algorithm with its one key type, its one curve and
//! exactly its labels, and the translation into the library's own key. It refuses to know
//! signatures. webauthn-rs takes ES384 on the curve P-256 and ignores further labels, hence the
//! table.
//!
//! | alg | kty | the rest |
//! | --- | --- | --- |
//! | −7 (ES256) | 2 (EC2) | crv 1 (P-256), x and y of 32 bytes each, on the curve |
//! | −257 (RS256) | 3 (RSA) | n of 2048 bits, odd; e = 65537 |
//!
//! - `EdDSA` (−8) is not in the table, because webauthn-rs 0.6.2 cannot verify it.
//! - RSA above 2048 bits is refused although the specification allows it, because webauthn-rs
//!   0.6.2 takes a modulus of 256 bytes only: such a passkey would register and never sign in.
//!   Authenticators that still write RS256 (Windows Hello on a TPM) use 2048.

use webauthn_rs_core::proto::{
    COSEAlgorithm, COSEEC2Key, COSEKey, COSEKeyType, COSERSAKey, ECDSACurve,
};

use super::cbor::{self, Item, Key, Malformed, Map};
use crate::server::passkeys::refused::{Reason, Refused};

const STEP: &str = "7.1 step 20";

const KEY_TYPE: i128 = 1;
const ALGORITHM: i128 = 3;
const CURVE: i128 = -1;
const X: i128 = -2;
const Y: i128 = -3;
const MODULUS: i128 = -1;
const EXPONENT: i128 = -2;

const ES256: i64 = -7;
const RS256: i64 = -257;
/// 65537, as every authenticator has it.
const RSA_EXPONENT: [u8; 3] = [1, 0, 1];
const RSA_MODULUS_LENGTH: usize = 256;

/// A public key out of the table above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PublicKey<'a> {
    Es256 { x: &'a [u8; 32], y: &'a [u8; 32] },
    Rs256 { modulus: &'a [u8; RSA_MODULUS_LENGTH] },
}

impl PublicKey<'_> {
    /// The number of the algorithm in the COSE registry.
    pub(super) const fn algorithm(&self) -> i64 {
        match self {
            Self::Es256 { .. } => ES256,
            Self::Rs256 { .. } => RS256,
        }
    }
}

/// Reads a key.
pub(super) fn read<'a>(item: &Item<'a>) -> Result<PublicKey<'a>, Refused> {
    let Item::Map(key) = item else {
        return Err(Refused::malformed(STEP, "the public key is not a map"));
    };
    match integer(key, ALGORITHM)?.try_into() {
        Ok(ES256) => es256(key),
        Ok(RS256) => rs256(key),
        _ => Err(unsupported("the algorithm was not offered")),
    }
}

/// Reads the bytes of a key that comes from elsewhere: the number of its algorithm.
///
/// # Errors
///
/// The bytes are not a key that the gate lets in.
pub(in crate::server) fn algorithm_of(cose: &[u8]) -> Result<i64, Refused> {
    let item = cbor::only(cose).map_err(|Malformed(detail)| Refused::malformed(STEP, detail))?;
    Ok(read(&item)?.algorithm())
}

/// Turns the bytes of a registered key into the library's form of it.
///
/// # Errors
///
/// The bytes are not a key that the gate lets in: of a stored key this means a damaged row.
pub(in crate::server) fn library_key(cose: &[u8]) -> Result<COSEKey, Refused> {
    let item = cbor::only(cose).map_err(|Malformed(detail)| Refused::malformed(STEP, detail))?;
    Ok(match read(&item)? {
        PublicKey::Es256 { x, y } => COSEKey {
            type_: COSEAlgorithm::ES256,
            key: COSEKeyType::EC_EC2(COSEEC2Key {
                curve: ECDSACurve::SECP256R1,
                x: x.to_vec(),
                y: y.to_vec(),
            }),
        },
        PublicKey::Rs256 { modulus } => COSEKey {
            type_: COSEAlgorithm::RS256,
            key: COSEKeyType::RSA(COSERSAKey { n: modulus.to_vec(), e: RSA_EXPONENT }),
        },
    })
}

fn es256<'a>(key: &Map<'a>) -> Result<PublicKey<'a>, Refused> {
    if integer(key, KEY_TYPE)? != 2 || integer(key, CURVE)? != 1 {
        return Err(unsupported("ES256 is offered with the curve P-256 only"));
    }
    only_labels(key, &[KEY_TYPE, ALGORITHM, CURVE, X, Y])?;
    let (x, y) = (coordinate(key, X)?, coordinate(key, Y)?);
    let point = [[4].as_slice(), x, y].concat();
    p256::PublicKey::from_sec1_bytes(&point)
        .map_err(|_| Refused::malformed(STEP, "the public key is not a point of the curve"))?;
    Ok(PublicKey::Es256 { x, y })
}

fn rs256<'a>(key: &Map<'a>) -> Result<PublicKey<'a>, Refused> {
    if integer(key, KEY_TYPE)? != 3 {
        return Err(unsupported("RS256 is offered with RSA keys only"));
    }
    only_labels(key, &[KEY_TYPE, ALGORITHM, MODULUS, EXPONENT])?;
    if bytes(key, EXPONENT)? != RSA_EXPONENT {
        return Err(Refused::malformed(STEP, "the RSA exponent is not 65537"));
    }
    let modulus = bytes(key, MODULUS)?;
    match (modulus.first(), modulus.last()) {
        (Some(0), _) => {
            return Err(Refused::malformed(STEP, "the RSA modulus begins with zero"));
        }
        (Some(_), Some(last)) if last % 2 == 1 => {}
        _ => return Err(Refused::malformed(STEP, "the RSA modulus is not odd")),
    }
    match <&[u8; RSA_MODULUS_LENGTH]>::try_from(modulus) {
        Ok(modulus) if modulus.first().is_some_and(|first| *first >= 0x80) => {
            Ok(PublicKey::Rs256 { modulus })
        }
        _ => Err(unsupported("the RSA modulus is not of 2048 bits")),
    }
}

/// Refuses labels beyond those of the key's kind; a missing one is refused by who reads it.
fn only_labels(key: &Map<'_>, labels: &[i128]) -> Result<(), Refused> {
    let known = |label| matches!(label, Key::Integer(number) if labels.contains(&number));
    if key.keys().all(known) {
        Ok(())
    } else {
        Err(Refused::malformed(STEP, "the public key has further labels"))
    }
}

fn integer(key: &Map<'_>, label: i128) -> Result<i128, Refused> {
    match key.get(Key::Integer(label)) {
        Some(Item::Integer(number)) => Ok(*number),
        _ => Err(Refused::malformed(STEP, "the public key lacks an integer")),
    }
}

fn bytes<'a>(key: &Map<'a>, label: i128) -> Result<&'a [u8], Refused> {
    match key.get(Key::Integer(label)) {
        Some(Item::Bytes(bytes)) => Ok(bytes),
        _ => Err(Refused::malformed(STEP, "the public key lacks a byte string")),
    }
}

fn coordinate<'a>(key: &Map<'a>, label: i128) -> Result<&'a [u8; 32], Refused> {
    bytes(key, label)?
        .try_into()
        .map_err(|_| Refused::malformed(STEP, "a coordinate is not of 32 bytes"))
}

const fn unsupported(detail: &'static str) -> Refused {
    Refused::new(Reason::UnsupportedAlgorithm, STEP, detail)
}
