//! The test vectors of WebAuthn Level 3, section 16, through the gate and then webauthn-rs.
//!
//! Owns the expected verdict on each vector: what Keyfold offers must verify from end to end, the
//! rest must be refused for the right reason, and a vector that the table does not know fails the
//! test. The data are the specification's own (`w3c-webauthn-l3-vectors.json`, notice inside).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use webauthn_rs_core::proto::{COSEKey, Credential};

use super::library;
use crate::server::passkeys::gate::{self, Asserted, Attested, Expected};
use crate::server::passkeys::{Reason, Refused};

const VECTORS: &str = include_str!("w3c-webauthn-l3-vectors.json");
/// The vectors of the specification have one RS256 key, of 436 bytes, which webauthn-rs refuses.
const RS256_VECTOR: &str = include_str!("rs256-vector.json");

/// What must become of one vector.
struct Verdict {
    name: &'static str,
    /// `None`: registers from end to end.
    registration: Option<Reason>,
    /// What must become of its key, taken from the attestation object whatever its format.
    key: Option<Reason>,
    /// What must become of its assertion; `None`: verifies, if the key is ours.
    authentication: Option<Reason>,
    /// Whether the user was verified, at registration and at authentication.
    user_verified: (bool, bool),
}

const fn verdict(
    name: &'static str,
    registration: Option<Reason>,
    key: Option<Reason>,
    authentication: Option<Reason>,
    user_verified: (bool, bool),
) -> Verdict {
    Verdict { name, registration, key, authentication, user_verified }
}

const ATTESTED: Option<Reason> = Some(Reason::AttestationInvalid);
const ALGORITHM: Option<Reason> = Some(Reason::UnsupportedAlgorithm);
const FRAMED: Option<Reason> = Some(Reason::OriginMismatch);

const VERDICTS: [Verdict; 15] = [
    verdict("none-es256", None, None, None, (false, false)),
    verdict("packed-self-es256", ATTESTED, None, None, (true, false)),
    verdict("none-es256-crossOrigin", FRAMED, None, FRAMED, (true, true)),
    verdict("none-es256-topOrigin", FRAMED, None, FRAMED, (false, true)),
    verdict("none-es256-long-credential-id", None, None, None, (false, true)),
    verdict("packed-es256", ATTESTED, None, None, (true, true)),
    verdict("packed-es384", ALGORITHM, ALGORITHM, None, (false, true)),
    verdict("packed-es512", ALGORITHM, ALGORITHM, None, (true, false)),
    verdict("packed-rs256", ALGORITHM, ALGORITHM, None, (true, false)),
    verdict("packed-eddsa", ALGORITHM, ALGORITHM, None, (false, false)),
    verdict("packed-ed448", ALGORITHM, ALGORITHM, None, (false, true)),
    verdict("tpm-es256", ATTESTED, None, None, (true, true)),
    verdict("android-key-es256", ATTESTED, None, None, (true, false)),
    verdict("apple-es256", ATTESTED, None, None, (false, false)),
    verdict("fido-u2f-es256", ATTESTED, None, None, (false, false)),
];

#[test]
fn every_vector_of_the_specification_gets_its_verdict() {
    judge(VECTORS, &VERDICTS);
}

#[test]
fn an_rs256_passkey_of_2048_bits_verifies_from_end_to_end() {
    let verdict = verdict("none-rs256-2048", None, None, None, (true, true));
    judge(RS256_VECTOR, &[verdict]);
}

fn judge(data: &str, verdicts: &[Verdict]) {
    let data: Value = serde_json::from_str(data).unwrap();
    let vectors = data["vectors"].as_array().unwrap();
    let names: Vec<_> = vectors.iter().map(|vector| vector["name"].as_str()).collect();
    let known: Vec<_> = verdicts.iter().map(|verdict| Some(verdict.name)).collect();
    assert_eq!(names, known, "the table and the data name different vectors");

    for (vector, verdict) in vectors.iter().zip(verdicts) {
        for user_verification_required in [false, true] {
            let vector = Vector { vector, user_verification_required };
            vector.registers_as(verdict);
            vector.authenticates_as(verdict);
        }
    }
}

/// One vector, tried under one policy.
struct Vector<'a> {
    vector: &'a Value,
    user_verification_required: bool,
}

impl Vector<'_> {
    fn registers_as(&self, verdict: &Verdict) {
        let expected = self.after_user_verification(verdict.registration, verdict.user_verified.0);
        let registered = self.register();
        assert_eq!(registered.as_ref().err().copied(), expected, "{}", verdict.name);
        let key = self.key();
        assert_eq!(key.as_ref().err().copied(), verdict.key, "{}", verdict.name);
        if let Ok((attested, credential)) = registered {
            assert_eq!(attested.credential_id, credential.cred_id, "{}", verdict.name);
            assert_eq!(Ok(credential.cred), key, "{}", verdict.name);
        }
    }

    fn authenticates_as(&self, verdict: &Verdict) {
        let expected =
            self.after_user_verification(verdict.authentication, verdict.user_verified.1);
        let asserted = self.assert();
        assert_eq!(asserted.as_ref().err().copied(), expected, "{}", verdict.name);
        if let (Ok(asserted), Ok(key)) = (asserted, self.key()) {
            self.verify(&asserted, key.clone()).unwrap();

            let mut forged = asserted;
            forged.response.response.client_data_json.push(b' ');
            let refused = self.verify(&forged, key);
            assert_eq!(refused, Err(Reason::SignatureInvalid), "{}", verdict.name);
        }
    }

    /// The gate refuses a frame before it looks at the flags, and an algorithm or a format after.
    fn after_user_verification(
        &self,
        reason: Option<Reason>,
        user_verified: bool,
    ) -> Option<Reason> {
        if reason == FRAMED || user_verified || !self.user_verification_required {
            reason
        } else {
            Some(Reason::UserVerificationRequired)
        }
    }

    fn register(&self) -> Result<(Attested, Credential), Reason> {
        let answer = self.vector["registration_json"].to_string();
        self.expecting("registration_challenge_b64url", |expected| {
            let attested = gate::registration(&answer, expected)?;
            let credential = library::register(&attested, expected)?;
            Ok((attested, credential))
        })
    }

    fn key(&self) -> Result<COSEKey, Reason> {
        let object = self.vector["registration_json"]["response"]["attestationObject"].as_str();
        let object = URL_SAFE_NO_PAD.decode(object.unwrap()).unwrap();
        gate::attested_key(&object)
            .and_then(|cose| gate::library_key(&cose))
            .map_err(|refused| refused.reason)
    }

    fn assert(&self) -> Result<Asserted, Reason> {
        let answer = self.vector["authentication_json"].to_string();
        self.expecting("authentication_challenge_b64url", |expected| {
            gate::authentication(&answer, expected)
        })
    }

    fn verify(&self, asserted: &Asserted, key: COSEKey) -> Result<(), Reason> {
        self.expecting("authentication_challenge_b64url", |expected| {
            library::verify(asserted, key, expected)
        })
    }

    fn expecting<Passed>(
        &self,
        challenge: &str,
        ceremony: impl FnOnce(&Expected<'_>) -> Result<Passed, Refused>,
    ) -> Result<Passed, Reason> {
        let expected = Expected {
            challenge: self.vector[challenge].as_str().unwrap(),
            origins: &["https://example.org".to_owned()],
            rp_id: "example.org",
            user_verification_required: self.user_verification_required,
        };
        ceremony(&expected).map_err(|refused| refused.reason)
    }
}
