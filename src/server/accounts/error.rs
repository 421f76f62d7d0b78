//! How the relying party fails.

use thiserror::Error;

/// Why a call to the accounts failed.
#[derive(Debug, Error)]
pub enum Error {
    /// The username belongs to somebody.
    #[error("the name is taken")]
    NameTaken,
    /// This is not a username.
    #[error("this is not a username")]
    NameInvalid,
    /// This is not a display name.
    #[error("this is not a display name")]
    DisplayNameInvalid,
    /// The proof is for a sign-up that is not known, or for somebody who has no account.
    #[error("there is no account for this proof")]
    NoAccount,
    /// What was to be changed is not there, or is somebody else's.
    #[error("it is not there, or not theirs")]
    NotFound,
    /// The link is not known, used, refused, too old, or another browser's.
    #[error("the link does not work")]
    LinkInvalid,
    /// The device has not been let in.
    #[error("the device has not been let in")]
    NotConfirmed,
    /// This is not an e-mail address.
    #[error("this is not an e-mail address")]
    EmailInvalid,
    /// There are as many addresses at this account as there may be.
    #[error("there are too many e-mail addresses at this account")]
    TooManyEmails,
    /// A mail was asked for again too soon.
    #[error("it is too soon for another mail")]
    TooSoon,
    /// The username and the recovery code do not belong together.
    #[error("the code opens no recovery")]
    RecoveryRefused,
    /// The recovery is not ready yet.
    #[error("the recovery is not ready yet")]
    RecoveryWaiting,
    /// The recovery was called off.
    #[error("the recovery was called off")]
    RecoveryCancelled,
    /// Nobody can sign up.
    #[error("nobody can sign up")]
    SignUpClosed,
    /// Only whoever has an invitation can sign up.
    #[error("only whoever has an invitation can sign up")]
    InvitationNeeded,
    /// There can be no such invitation.
    #[error(
        "an invitation is for 1 to 10000 people and 1 to 365 days, with a note of at most 128 characters on one line"
    )]
    InvitationInvalid,
    /// Nobody else runs the site.
    #[error("the last admin stays")]
    LastAdmin,
    /// A recovery code could not be hashed.
    #[error("a recovery code could not be hashed: {0}")]
    Hashing(String),
    /// The database failed.
    #[error("the user database failed: {0}")]
    Database(#[from] sqlx::Error),
}

impl Error {
    pub(super) fn hashing(error: impl std::fmt::Display) -> Self {
        Self::Hashing(error.to_string())
    }
}
