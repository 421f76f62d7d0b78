//! A person's e-mail address, as its owner sees it.

use serde::{Deserialize, Serialize};

/// An e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Email {
    /// Names it in the calls that change it.
    pub id: String,
    /// The address.
    pub address: String,
    /// Whether its owner has followed a link that was sent there.
    pub is_verified: bool,
}
