//! How the passkey service fails.

use thiserror::Error;

use super::refused::Refused;

/// Why a call to the passkey service failed.
#[derive(Debug, Error)]
pub enum Error {
    /// There is no such ceremony for this caller, or it has been answered.
    #[error("no ceremony waits for this answer")]
    NoCeremony,
    /// The ceremony has been answered.
    #[error("the ceremony has been answered already (reference {reference})")]
    CeremonyUsed {
        /// Finds the record of the ceremony.
        reference: String,
    },
    /// The token that the ceremony was begun with has been spent.
    #[error("the registration token has been spent (reference {reference})")]
    TokenSpent {
        /// Finds the record of the ceremony.
        reference: String,
    },
    /// The ceremony was there, and its time is over.
    #[error("the ceremony is over (reference {reference})")]
    CeremonyExpired {
        /// Finds the record of the ceremony.
        reference: String,
    },
    /// The answer did not pass.
    #[error("the ceremony was refused (reference {reference}): {refused}")]
    Refused {
        /// Finds the record of the ceremony.
        reference: String,
        /// What did not pass.
        refused: Refused,
    },
    /// The database failed.
    #[error("the passkey database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// webauthn-rs would not make the options, or a stored row cannot be read.
    #[error("the passkey service is at fault: {0}")]
    Internal(String),
}

impl Error {
    /// Finds the record of the ceremony, where there is one.
    pub fn reference(&self) -> Option<&str> {
        match self {
            Self::CeremonyUsed { reference }
            | Self::TokenSpent { reference }
            | Self::CeremonyExpired { reference }
            | Self::Refused { reference, .. } => Some(reference),
            Self::NoCeremony | Self::Database(_) | Self::Internal(_) => None,
        }
    }

    /// Whether the ceremony was this caller's, and is over.
    pub fn ends_the_ceremony(&self) -> bool {
        matches!(
            self,
            Self::CeremonyExpired { .. } | Self::Refused { .. } | Self::TokenSpent { .. }
        )
    }
}

/// Why an answer did not pass, before that is written down.
#[derive(Debug, Error)]
pub(super) enum Unverified {
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error(transparent)]
    Broken(#[from] Error),
}

impl From<sqlx::Error> for Unverified {
    fn from(error: sqlx::Error) -> Self {
        Self::Broken(error.into())
    }
}
