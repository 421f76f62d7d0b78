//! Why a ceremony was refused: the reason that the API names, the step of WebAuthn Level 3 that
//! failed, and one clause for the operator's log.
//!
//! Owns the list of reasons and the one place that turns the errors of webauthn-rs into them. It
//! refuses to know HTTP (the status of a code is the API's affair) and anything that the client
//! sent: a refusal is made of constants alone, so it can be logged whole without escaping
//! and can be answered without telling a stranger more than the code.

use webauthn_rs_core::error::WebauthnError;

/// What was wrong, in the words of the API; see `code` for the name on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    ChallengeMismatch,
    CeremonyTypeMismatch,
    OriginMismatch,
    RpIdMismatch,
    UserPresenceRequired,
    UserVerificationRequired,
    UserHandleMismatch,
    UnknownCredential,
    SignatureInvalid,
    SignCountRollback,
    UnsupportedAlgorithm,
    AttestationInvalid,
    MalformedResponse,
    CredentialAlreadyRegistered,
}

impl Reason {
    /// The code that the API answers with.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::ChallengeMismatch => "challenge_mismatch",
            Self::CeremonyTypeMismatch => "ceremony_type_mismatch",
            Self::OriginMismatch => "origin_mismatch",
            Self::RpIdMismatch => "rp_id_mismatch",
            Self::UserPresenceRequired => "user_presence_required",
            Self::UserVerificationRequired => "user_verification_required",
            Self::UserHandleMismatch => "user_handle_mismatch",
            Self::UnknownCredential => "unknown_credential",
            Self::SignatureInvalid => "signature_invalid",
            Self::SignCountRollback => "sign_count_rollback",
            Self::UnsupportedAlgorithm => "unsupported_algorithm",
            Self::AttestationInvalid => "attestation_invalid",
            Self::MalformedResponse => "malformed_response",
            Self::CredentialAlreadyRegistered => "credential_already_registered",
        }
    }
}

/// The two procedures of a relying party in WebAuthn Level 3, which number their steps apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Procedure {
    /// Section 7.1, registering a new credential.
    Registration,
    /// Section 7.2, verifying an authentication assertion.
    Authentication,
}

impl Procedure {
    /// Chooses the name of a step that both procedures have, under different numbers.
    #[must_use]
    pub const fn step(
        self,
        registration: &'static str,
        authentication: &'static str,
    ) -> &'static str {
        match self {
            Self::Registration => registration,
            Self::Authentication => authentication,
        }
    }
}

/// A refused ceremony.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{code} at WebAuthn {step}: {detail}", code = .reason.code())]
pub struct Refused {
    /// What the API answers.
    pub reason: Reason,
    /// The step of WebAuthn Level 3 that failed, such as `7.1 step 9`.
    pub step: &'static str,
    /// One plain clause for the operator's log; never holds what the client sent.
    pub detail: &'static str,
}

impl Refused {
    #[must_use]
    pub const fn new(reason: Reason, step: &'static str, detail: &'static str) -> Self {
        Self { reason, step, detail }
    }

    /// An answer whose form is wrong, whatever it says.
    #[must_use]
    pub const fn malformed(step: &'static str, detail: &'static str) -> Self {
        Self::new(Reason::MalformedResponse, step, detail)
    }

    /// Names the step that webauthn-rs refused at.
    ///
    /// The strict gate has refused most of this before; the arms stay, so that a refusal keeps its
    /// name should the gate ever let one through. What no arm names is about attestation, or about
    /// the form of the answer.
    #[must_use]
    pub fn from_library(procedure: Procedure, error: &WebauthnError) -> Self {
        let named = of_client_data(error)
            .or_else(|| of_authenticator_data(error))
            .or_else(|| of_key(error))
            .or_else(|| of_credential(error));
        match (named, procedure) {
            (Some((reason, registration, authentication, detail)), _) => {
                Self::new(reason, procedure.step(registration, authentication), detail)
            }
            (None, Procedure::Registration) => Self::new(
                Reason::AttestationInvalid,
                "7.1 step 22",
                "the library refused the attestation",
            ),
            (None, Procedure::Authentication) => {
                Self::malformed("7.2 step 7", "the library refused the assertion")
            }
        }
    }
}

/// The reason, the steps of 7.1 and 7.2, and the detail.
type Named = (Reason, &'static str, &'static str, &'static str);

fn of_client_data(error: &WebauthnError) -> Option<Named> {
    use WebauthnError as Error;
    Some(match error {
        Error::InvalidClientDataType => (
            Reason::CeremonyTypeMismatch,
            "7.1 step 7",
            "7.2 step 10",
            "the client data belong to another ceremony",
        ),
        Error::MismatchedChallenge | Error::ChallengeNotFound => (
            Reason::ChallengeMismatch,
            "7.1 step 8",
            "7.2 step 11",
            "the challenge is not the one that was issued",
        ),
        Error::InvalidRPOrigin => {
            (Reason::OriginMismatch, "7.1 step 9", "7.2 step 12", "the origin is not on the list")
        }
        Error::CredentialCrossOrigin => (
            Reason::OriginMismatch,
            "7.1 step 10",
            "7.2 step 13",
            "the ceremony ran in a frame of another origin",
        ),
        _ => return None,
    })
}

fn of_authenticator_data(error: &WebauthnError) -> Option<Named> {
    use WebauthnError as Error;
    Some(match error {
        Error::InvalidRPIDHash => (
            Reason::RpIdMismatch,
            "7.1 step 14",
            "7.2 step 15",
            "the authenticator data are for another relying party",
        ),
        Error::UserNotPresent => {
            (Reason::UserPresenceRequired, "7.1 step 15", "7.2 step 16", "the user was not present")
        }
        Error::UserNotVerified => (
            Reason::UserVerificationRequired,
            "7.1 step 16",
            "7.2 step 17",
            "the user was not verified",
        ),
        Error::CredentialMayNotBeHardwareBound => (
            Reason::MalformedResponse,
            "7.1 step 17",
            "7.2 step 18",
            "backed up, but not eligible for backup",
        ),
        Error::CredentialBackupEligibilityInconsistent => (
            Reason::MalformedResponse,
            "7.1 step 18",
            "7.2 step 19",
            "the backup eligibility is not the one on record",
        ),
        _ => return None,
    })
}

fn of_key(error: &WebauthnError) -> Option<Named> {
    use WebauthnError as Error;
    Some(match error {
        Error::COSEKeyInvalidAlgorithm
        | Error::COSEKeyInvalidType
        | Error::COSEKeyEDUnsupported
        | Error::COSEKeyECDSAInvalidCurve
        | Error::COSEKeyEDDSAInvalidCurve
        | Error::COSEKeyRSANEInvalid
        | Error::CredentialInsecureCryptography
        | Error::SshPublicKeyEDUnsupported => (
            Reason::UnsupportedAlgorithm,
            "7.1 step 20",
            "7.2 step 21",
            "the library cannot use a key of this kind",
        ),
        Error::COSEKeyInvalidCBORValue
        | Error::COSEKeyECDSAXYInvalid
        | Error::COSEKeyEDDSAXInvalid
        | Error::EcdsaPointInvalid
        | Error::RsaParametersInvalid => (
            Reason::MalformedResponse,
            "7.1 step 20",
            "7.2 step 21",
            "the public key is not a valid one",
        ),
        Error::ParseBase64Failure(_)
        | Error::ParseCBORFailure(_)
        | Error::ParseJSONFailure(_)
        | Error::ParseNOMFailure
        | Error::ParseInsufficientBytesAvailable
        | Error::MissingAttestationCredentialData => (
            Reason::MalformedResponse,
            "7.1 step 13",
            "7.2 step 7",
            "the library cannot read the answer",
        ),
        _ => return None,
    })
}

fn of_credential(error: &WebauthnError) -> Option<Named> {
    use WebauthnError as Error;
    Some(match error {
        // The library says `CredentialAlteredAlgFromRequest` of a credential on the exclude list
        // as well, and behind the gate no other cause is left, as long as every ceremony offers
        // the two algorithms that the gate lets through.
        Error::CredentialAlteredAlgFromRequest
        | Error::CredentialExcludedFromRequest
        | Error::CredentialAlreadyExists => (
            Reason::CredentialAlreadyRegistered,
            "7.1 step 26",
            "7.2 step 5",
            "the credential is on the exclude list",
        ),
        Error::CredentialNotFound => (
            Reason::UnknownCredential,
            "7.1 step 27",
            "7.2 step 5",
            "the credential is not one of those allowed",
        ),
        Error::AuthenticationFailure | Error::SignatureInvalid => (
            Reason::SignatureInvalid,
            "7.1 step 22",
            "7.2 step 21",
            "the signature does not verify",
        ),
        Error::CredentialPossibleCompromise => (
            Reason::SignCountRollback,
            "7.1 step 27",
            "7.2 step 22",
            "the signature counter did not grow",
        ),
        _ => return None,
    })
}
