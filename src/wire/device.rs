//! Adding a second device, as its two sides see it.

use serde::{Deserialize, Serialize};

/// Names a link towards its owner; it opens nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeviceLinkId(pub String);

/// A link that adds another device, as its owner gets it, once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceLink {
    /// Names it.
    pub id: DeviceLinkId,
    /// What the other device is to open; secret.
    pub link: String,
    /// The same as a QR code; absent where it would be too long for one.
    pub code: Option<QrCode>,
    /// For how many seconds from now it works.
    pub lives_for: u32,
}

impl std::fmt::Debug for DeviceLink {
    /// Without what is secret.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("DeviceLink").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A QR code as an SVG path: dark modules of size 1 in a square that has its quiet zone in it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QrCode {
    /// How many modules wide and high the square is.
    pub side: u32,
    /// The `d` of the path.
    pub path: String,
}

impl std::fmt::Debug for QrCode {
    /// Without what it says.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("QrCode").field("side", &self.side).finish_non_exhaustive()
    }
}

/// What became of a link, for its owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkProgress {
    /// No device has opened it and asked.
    Open,
    /// A device asks, and waits.
    Asked(AskingDevice),
    /// The device was let in, and makes its passkey.
    Confirmed,
    /// Its passkey is there, and this is what it is called; without a name where it has none.
    Added(Option<String>),
    /// Nothing comes of it any more.
    Over,
}

/// A device that asks to be added, as far as its owner is to recognise it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskingDevice {
    /// The six digits that both devices show.
    pub number: String,
    /// Such as "Firefox".
    pub browser: Option<String>,
    /// Such as "Windows 10".
    pub system: Option<String>,
    /// The network that its address belongs to.
    pub network: String,
}

/// What a link says to the device that opens it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// The username of the account.
    pub name: String,
    /// The display name, or the username where none was given.
    pub display_name: String,
    /// How far this device has come.
    pub admission: Admission,
}

/// How far a device has come that wants to be added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Admission {
    /// It has not asked yet.
    Unasked,
    /// It has asked, shows this number, and waits.
    Waiting(String),
    /// It may make its passkey.
    Confirmed,
    /// It is the very browser that made the link.
    SameBrowser,
}
