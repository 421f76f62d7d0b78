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
    /// The database failed.
    #[error("the user database failed: {0}")]
    Database(#[from] sqlx::Error),
}
