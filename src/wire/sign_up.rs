//! Who may sign up, and how the link stands that somebody comes by.

use serde::{Deserialize, Serialize};

/// Who may sign up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SignUpPolicy {
    /// Everybody.
    #[default]
    Open,
    /// Whoever has an invitation.
    ByInvitation,
    /// Nobody.
    Closed,
}

/// How an invitation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Somebody can sign up with it.
    Open,
    /// As many as may have signed up with it.
    UsedUp,
    /// Its time is over.
    Expired,
    /// It was taken back.
    Revoked,
    /// There is none.
    Unknown,
}
