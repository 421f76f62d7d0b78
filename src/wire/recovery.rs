//! Coming back without a passkey, as pages show it.

use serde::{Deserialize, Serialize};

use super::Moment;

/// Where a recovery stands, for whoever has its link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "stage")]
pub enum Recovery {
    /// It has begun, and is not ready yet.
    Waiting {
        /// The username.
        name: String,
        /// When it is ready.
        ready: Coming,
    },
    /// A new passkey can be made.
    Ready {
        /// The username.
        name: String,
    },
    /// Somebody who is signed in called it off.
    CalledOff,
    /// It is used, too old, or was never there: which of them is not told.
    Over,
}

/// A recovery of an account, for whoever is signed in to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnderWay {
    /// When it was opened.
    pub begun: Moment,
    /// When it lets a new passkey in; now or in the past, it does already.
    pub ready: Coming,
    /// It was opened by the operator, and not with a code.
    pub by_operator: bool,
    /// Such as "Firefox".
    pub browser: Option<String>,
    /// Such as "Windows 10".
    pub system: Option<String>,
    /// The network that the request came from.
    pub network: Option<String>,
}

/// What is left of a kit of recovery codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kit {
    /// Codes that have not been used.
    pub left: u32,
    /// When it was made.
    pub made: Moment,
}

/// What stands beside the codes of a kit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KitSheet {
    /// The username.
    pub name: String,
    /// How the person is called.
    pub display_name: String,
    /// The name of the site.
    pub site: String,
    /// Where a code is used.
    pub address: String,
    /// When the page was made.
    pub today: Moment,
    /// There is a kit already, which the new one replaces.
    pub replaces: bool,
}

/// A time that comes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coming {
    /// RFC 3339, UTC.
    pub exact: String,
    /// The same for people, in UTC.
    pub readable: String,
    /// In how many seconds it is, seen from when the page was made.
    pub seconds_left: i64,
}
