//! What pages show.

use serde::{Deserialize, Serialize};

/// A signed-in person's account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The username as it was typed at sign-up.
    pub name: String,
    /// The display name, or the username where none was given.
    pub display_name: String,
    /// The person's passkeys, newest first.
    pub passkeys: Vec<Passkey>,
}

/// One passkey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passkey {
    /// Where it is kept, such as "Apple Passwords", or "Passkey" where that is not known.
    pub name: String,
    /// Whether it is on more than one device.
    pub synced: Synced,
    /// When it was created.
    pub created: Moment,
    /// When it last signed somebody in; absent before the first time.
    pub last_used: Option<Moment>,
}

/// A time in the past.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// RFC 3339, UTC.
    pub exact: String,
    /// The same for people, in UTC.
    pub readable: String,
    /// How many seconds ago it was when the page was made.
    pub seconds_ago: i64,
}

/// What the backup flags say of a passkey (WebAuthn Level 3, §6.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Synced {
    /// Backup state 1: it is on more than one device.
    Synced,
    /// Backup eligibility 1, backup state 0: it can be, and is not yet.
    NotYet,
    /// Backup eligibility 0: this device only.
    DeviceOnly,
}
