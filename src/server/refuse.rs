//! Domain error → what the outside is told: translated once, logged once, here.
//!
//! Decision: an unknown passkey, a wrong signature and every other refused answer look the same
//! from outside. The log has the difference, under the reference id.

use axum::http::StatusCode;

use super::accounts;
use super::passkeys;
use crate::wire::{Code, Refusal};

/// Everything that can go wrong while a request is served.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The passkey service says no.
    #[error(transparent)]
    Passkeys(#[from] passkeys::Error),
    /// The relying party says no.
    #[error(transparent)]
    Accounts(#[from] accounts::Error),
    /// Too many tries.
    #[error("too many tries from this address: {0}")]
    RateLimited(&'static str),
    /// The browser that began the ceremony sent no cookie with its answer.
    #[error("the browser sent no cookie")]
    NoCookie,
    /// Nobody is signed in here.
    #[error("nobody is signed in")]
    SignedOut,
    /// It is too long ago that a passkey answered in this session.
    #[error("the session has not been proved lately")]
    StaleSignIn,
    /// The person has no such passkey or session.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// It is the last passkey, and there is no way to recover the account.
    #[error("the last passkey stays")]
    LastPasskey,
    /// There can be no such relying party.
    #[error(transparent)]
    Settings(#[from] passkeys::SettingsError),
    /// There can be no such API key.
    #[error("this is not an API key")]
    ApiKeyInvalid,
    /// This is not a name for a passkey.
    #[error("this is not a name for a passkey")]
    PasskeyNameInvalid,
    /// There is no passkey in the account to confirm with.
    #[error("no passkey is left")]
    NoPasskeyLeft,
    /// Anything that came of a ceremony which has a record.
    #[error("{trouble}")]
    OfCeremony {
        /// Finds the record of the ceremony.
        reference: String,
        /// What came of it.
        trouble: Box<Trouble>,
    },
}

impl Trouble {
    /// The same, with the reference of the ceremony of which it came.
    pub(super) fn of_ceremony(self, reference: &str) -> Self {
        Self::OfCeremony { reference: reference.to_owned(), trouble: Box::new(self) }
    }

    /// The status and the code.
    fn outside(&self) -> (StatusCode, Code) {
        match self {
            Self::RateLimited(_) => (StatusCode::TOO_MANY_REQUESTS, Code::RateLimited),
            Self::NoCookie => (StatusCode::BAD_REQUEST, Code::CookiesBlocked),
            Self::SignedOut => (StatusCode::UNAUTHORIZED, Code::SignedOut),
            Self::StaleSignIn => (StatusCode::FORBIDDEN, Code::StaleSignIn),
            Self::NotFound(_) => (StatusCode::NOT_FOUND, Code::NotFound),
            Self::LastPasskey => (StatusCode::CONFLICT, Code::LastPasskey),
            Self::NoPasskeyLeft => (StatusCode::CONFLICT, Code::NoPasskeyLeft),
            Self::OfCeremony { trouble, .. } => trouble.outside(),
            Self::PasskeyNameInvalid => {
                (StatusCode::UNPROCESSABLE_ENTITY, Code::PasskeyNameInvalid)
            }
            Self::Settings(passkeys::SettingsError::RpId(_)) => {
                (StatusCode::UNPROCESSABLE_ENTITY, Code::RpIdInvalid)
            }
            Self::Settings(_) => (StatusCode::UNPROCESSABLE_ENTITY, Code::RelyingPartyInvalid),
            Self::ApiKeyInvalid => (StatusCode::UNPROCESSABLE_ENTITY, Code::ApiKeyInvalid),
            Self::Passkeys(error) => match error {
                passkeys::Error::NoCeremony
                | passkeys::Error::CeremonyUsed { .. }
                | passkeys::Error::TokenSpent { .. }
                | passkeys::Error::CeremonyExpired { .. } => {
                    (StatusCode::GONE, Code::CeremonyExpired)
                }
                passkeys::Error::Refused { .. } => {
                    (StatusCode::UNPROCESSABLE_ENTITY, Code::Refused)
                }
                passkeys::Error::Database(error) => of_database(error),
                passkeys::Error::Internal(_) => {
                    (StatusCode::INTERNAL_SERVER_ERROR, Code::ServerTrouble)
                }
            },
            Self::Accounts(error) => match error {
                accounts::Error::NameTaken => (StatusCode::CONFLICT, Code::NameTaken),
                accounts::Error::NameInvalid => {
                    (StatusCode::UNPROCESSABLE_ENTITY, Code::NameInvalid)
                }
                accounts::Error::DisplayNameInvalid => {
                    (StatusCode::UNPROCESSABLE_ENTITY, Code::DisplayNameInvalid)
                }
                accounts::Error::NoAccount => (StatusCode::UNPROCESSABLE_ENTITY, Code::Refused),
                accounts::Error::NotFound => (StatusCode::NOT_FOUND, Code::NotFound),
                accounts::Error::LinkInvalid => (StatusCode::GONE, Code::LinkInvalid),
                accounts::Error::NotConfirmed => (StatusCode::FORBIDDEN, Code::NotConfirmed),
                accounts::Error::EmailInvalid => {
                    (StatusCode::UNPROCESSABLE_ENTITY, Code::EmailInvalid)
                }
                // The page offers no sixth address: how things are now is seen by loading it again.
                accounts::Error::TooManyEmails => (StatusCode::CONFLICT, Code::NotFound),
                accounts::Error::TooSoon => (StatusCode::TOO_MANY_REQUESTS, Code::RateLimited),
                accounts::Error::RecoveryRefused => {
                    (StatusCode::UNPROCESSABLE_ENTITY, Code::RecoveryRefused)
                }
                accounts::Error::RecoveryWaiting => (StatusCode::CONFLICT, Code::RecoveryWaiting),
                accounts::Error::RecoveryCancelled => (StatusCode::GONE, Code::RecoveryCancelled),
                accounts::Error::SignUpClosed => (StatusCode::FORBIDDEN, Code::SignUpClosed),
                accounts::Error::InvitationNeeded => {
                    (StatusCode::FORBIDDEN, Code::InvitationNeeded)
                }
                accounts::Error::InvitationInvalid => {
                    (StatusCode::UNPROCESSABLE_ENTITY, Code::InvitationInvalid)
                }
                accounts::Error::LastAdmin => (StatusCode::CONFLICT, Code::LastAdmin),
                accounts::Error::Hashing(_) => {
                    (StatusCode::INTERNAL_SERVER_ERROR, Code::ServerTrouble)
                }
                accounts::Error::Database(error) => of_database(error),
            },
        }
    }

    /// The reference under which the ceremony is recorded, where there is one.
    fn reference(&self) -> Option<&str> {
        match self {
            Self::Passkeys(
                passkeys::Error::Refused { reference, .. }
                | passkeys::Error::CeremonyUsed { reference }
                | passkeys::Error::TokenSpent { reference }
                | passkeys::Error::CeremonyExpired { reference },
            )
            | Self::OfCeremony { reference, .. } => Some(reference),
            Self::Passkeys(
                passkeys::Error::NoCeremony
                | passkeys::Error::Database(_)
                | passkeys::Error::Internal(_),
            )
            | Self::Accounts(_)
            | Self::RateLimited(_)
            | Self::NoCookie
            | Self::SignedOut
            | Self::StaleSignIn
            | Self::NotFound(_)
            | Self::LastPasskey
            | Self::NoPasskeyLeft
            | Self::Settings(_)
            | Self::ApiKeyInvalid
            | Self::PasskeyNameInvalid => None,
        }
    }

    /// Whether a registration that ended like this may leave a passkey on the device that is in no
    /// account.
    pub(super) fn may_leave_a_stray_passkey(&self) -> bool {
        if let Self::OfCeremony { trouble, .. } = self {
            return trouble.may_leave_a_stray_passkey();
        }
        matches!(
            self,
            Self::Accounts(
                accounts::Error::NameTaken
                    | accounts::Error::NoAccount
                    | accounts::Error::LinkInvalid
                    | accounts::Error::SignUpClosed
                    | accounts::Error::InvitationNeeded
                    | accounts::Error::NotConfirmed
                    | accounts::Error::RecoveryWaiting
                    | accounts::Error::RecoveryCancelled
            ) | Self::Passkeys(
                passkeys::Error::Refused { .. } | passkeys::Error::CeremonyExpired { .. }
            )
        )
    }

    /// Logs it, and says what the outside is told. `fresh_reference` is for what has none.
    pub(super) fn translate(
        &self,
        fresh_reference: impl FnOnce() -> String,
    ) -> (StatusCode, Refusal) {
        let (status, code) = self.outside();
        let reference = self.reference().map_or_else(fresh_reference, str::to_owned);
        if status.is_server_error() {
            tracing::error!(%reference, code = code.as_str(), error = %self, "a request failed");
        } else {
            tracing::info!(%reference, code = code.as_str(), reason = %self, "a request was refused");
        }
        (status, Refusal { code, reference: Some(reference), signal: None })
    }
}

/// A database that is merely busy will answer later; anything else needs the operator.
fn of_database(error: &sqlx::Error) -> (StatusCode, Code) {
    if is_unspeakable(error) {
        return (StatusCode::NOT_FOUND, Code::NotFound);
    }
    let status = if is_busy(error) {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        StatusCode::INTERNAL_SERVER_ERROR
    };
    (status, Code::ServerTrouble)
}

/// Whether it was asked for a text with a NUL in it, which PostgreSQL cannot hold (SQLSTATE 22021): nothing
/// is called that.
pub(super) fn is_unspeakable(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| code == "22021")
}

/// Whether the database will answer later.
pub(super) fn is_busy(error: &sqlx::Error) -> bool {
    // A server that is gone, or on its way, will be back: the node itself is well.
    if matches!(error, sqlx::Error::PoolTimedOut | sqlx::Error::Io(_) | sqlx::Error::Protocol(_)) {
        return true;
    }
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| match code.len() {
        // SQLSTATE: connection exceptions, rollbacks, too few resources, an operator's doing, a lock
        // that was not to be had, a connection that is not let in just now.
        5 => {
            ["08", "40", "53", "57"].iter().any(|class| code.starts_with(class)) || code == "55P03"
        }
        // SQLITE_BUSY and SQLITE_LOCKED, whatever stands in front of them.
        _ => code.parse::<i32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6)),
    })
}
