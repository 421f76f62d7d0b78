//! webauthn-rs behind the gate, for tests that bring their own challenge.
//!
//! Owns the library's state with a challenge of the test's choice: the fields of the state are
//! private, so it goes through JSON, as it does in the database. It refuses to know the flows of
//! Keyfold, which have tests of their own.

use std::time::Duration;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use url::Url;
use webauthn_rs_core::{
    WebauthnCore,
    proto::{
        AttestationFormat, AttestationMetadata, AuthenticationState, COSEAlgorithm, COSEKey,
        Credential, ParsedAttestation, ParsedAttestationData, RegisteredExtensions,
        RegistrationState, UserVerificationPolicy,
    },
};

use crate::server::passkeys::gate::{Asserted, Attested, Expected};
use crate::server::passkeys::{Procedure, Refused};

/// Registers what passed the gate.
pub(super) fn register(
    attested: &Attested,
    expected: &Expected<'_>,
) -> Result<Credential, Refused> {
    let core = core(expected);
    let builder = core
        .new_challenge_register_builder(b"user handle", "user", "User")
        .unwrap()
        .credential_algorithms(vec![COSEAlgorithm::ES256, COSEAlgorithm::RS256])
        .user_verification_policy(policy(expected));
    let (_, state) = core.generate_challenge_register(builder).unwrap();
    let state: RegistrationState = with_challenge(&state, expected.challenge);
    core.register_credential(&attested.response, &state, None)
        .map_err(|error| Refused::from_library(Procedure::Registration, &error))
}

/// Verifies what passed the gate against a stored key.
pub(super) fn verify(
    asserted: &Asserted,
    key: COSEKey,
    expected: &Expected<'_>,
) -> Result<(), Refused> {
    let core = core(expected);
    let credential = credential(asserted, key);
    let builder =
        core.new_challenge_authenticate_builder(vec![credential], Some(policy(expected))).unwrap();
    let (_, state) = core.generate_challenge_authenticate(builder).unwrap();
    let state: AuthenticationState = with_challenge(&state, expected.challenge);
    core.authenticate_credential(&asserted.response, &state)
        .map(drop)
        .map_err(|error| Refused::from_library(Procedure::Authentication, &error))
}

fn core(expected: &Expected<'_>) -> WebauthnCore {
    let origins = expected.origins.iter().map(|origin| Url::parse(origin));
    WebauthnCore::new_unsafe_experts_only(
        "Example",
        expected.rp_id,
        origins.collect::<Result<_, _>>().unwrap(),
        Duration::from_mins(5),
        None,
        None,
    )
}

fn policy(expected: &Expected<'_>) -> UserVerificationPolicy {
    if expected.user_verification_required {
        UserVerificationPolicy::Required
    } else {
        UserVerificationPolicy::Discouraged_DO_NOT_USE
    }
}

/// The record that a server would hold of the credential.
fn credential(asserted: &Asserted, key: COSEKey) -> Credential {
    Credential {
        cred_id: asserted.credential_id.clone(),
        cred: key,
        counter: 0,
        transports: None,
        user_verified: false,
        backup_eligible: asserted.backup_eligible,
        backup_state: asserted.backup_state,
        registration_policy: UserVerificationPolicy::Discouraged_DO_NOT_USE,
        extensions: RegisteredExtensions::none(),
        attestation: ParsedAttestation {
            data: ParsedAttestationData::None,
            metadata: AttestationMetadata::None,
        },
        attestation_format: AttestationFormat::None,
    }
}

/// The same state, waiting for another challenge.
fn with_challenge<State: Serialize + DeserializeOwned>(state: &State, challenge: &str) -> State {
    let mut fields = serde_json::to_value(state).unwrap();
    fields["challenge"] = json!(challenge);
    serde_json::from_value(fields).unwrap()
}
