//! What pages show.

use serde::{Deserialize, Serialize};

/// A signed-in person's account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The username as it was typed.
    pub name: String,
    /// The display name, or the username where none was given.
    pub display_name: String,
    /// Whether one was given.
    pub has_display_name: bool,
    /// The person's passkeys, newest first.
    pub passkeys: Vec<Passkey>,
    /// Where the person is signed in, the last used first.
    pub sessions: Vec<SessionView>,
    /// What the browser is to be told at each visit.
    pub signals: Signals,
    /// The passkey of this session was on another device than this one.
    pub came_from_other_device: bool,
    /// They run the site as well.
    pub is_admin: bool,
}

/// One passkey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passkey {
    /// Names it: `PublicKeyCredential.id`.
    pub id: String,
    /// What its owner calls it, or where it is kept, such as "Apple Passwords"; absent where neither
    /// is known.
    pub name: Option<String>,
    /// Whether it is on more than one device.
    pub synced: Synced,
    /// When it was created.
    pub created: Moment,
    /// When it last signed somebody in; absent before the first time.
    pub last_used: Option<Moment>,
    /// It opened the session of this browser.
    pub is_of_this_session: bool,
}

/// One signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    /// Names it; opens nothing.
    pub id: String,
    /// Such as "Firefox".
    pub browser: Option<String>,
    /// Such as "Windows 10".
    pub system: Option<String>,
    /// The network, such as `192.0.2.0/24`.
    pub address: Option<String>,
    /// When the session was opened.
    pub signed_in: Moment,
    /// When it was last used, to the minute.
    pub last_seen: Moment,
    /// It is the one of this browser.
    pub is_this_one: bool,
}

/// Arguments for the Signal API (WebAuthn Level 3, §5.1.10) as JSON text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signals {
    /// For `signalAllAcceptedCredentials`.
    pub accepted: String,
    /// For `signalCurrentUserDetails`.
    pub details: String,
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
