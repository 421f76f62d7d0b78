//! The passkey service, as admins see it.

use serde::{Deserialize, Serialize};

use super::{Coming, Moment, Synced};

/// A relying party that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartyChoice {
    /// Names it.
    pub id: String,
    /// What devices show.
    pub name: String,
}

/// A relying party in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartyLine {
    /// Names it.
    pub id: String,
    /// What devices show.
    pub name: String,
    /// The domain that its passkeys are bound to.
    pub rp_id: String,
    /// The origins of its pages.
    pub origins: Vec<String>,
    /// Whether a device must check who uses a passkey, or should.
    pub requires_verification: bool,
    /// How many passkeys it has.
    pub passkeys: i64,
    /// When it was created.
    pub created: Moment,
}

/// A relying party with its API keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartyDetails {
    /// As in the list.
    pub line: PartyLine,
    /// The oldest first, also those that do not work any more.
    pub keys: Vec<ApiKeyLine>,
}

/// An API key. Its secret is not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeyLine {
    /// Names it.
    pub id: String,
    /// What the operator calls it.
    pub name: String,
    /// When it was created.
    pub created: Moment,
    /// When it was last used.
    pub last_used: Option<Moment>,
    /// When it was revoked.
    pub revoked: Option<Moment>,
    /// When it expires.
    pub expires: Option<Coming>,
    /// It works.
    pub works: bool,
}

/// Whose something is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The username, the id that a back end has for a user, or the user handle.
    pub shown: String,
    /// Names the user in the console, where there is a page for them.
    pub user: Option<String>,
}

/// A passkey of any relying party.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServicePasskey {
    /// `PublicKeyCredential.id`.
    pub id: String,
    /// What the relying party is called.
    pub party: String,
    /// Whose it is.
    pub holder: Holder,
    /// What its owner calls it.
    pub name: Option<String>,
    /// Where it is kept, where that is known.
    pub authenticator: Option<String>,
    /// The model of the authenticator, or the provider.
    pub aaguid: String,
    /// Whether it is on more than one device.
    pub synced: Synced,
    /// When it was made.
    pub created: Moment,
    /// When it last signed somebody in.
    pub last_used: Option<Moment>,
}

/// How many passkeys one provider keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptBy {
    /// The provider, or the model of authenticator.
    pub aaguid: String,
    /// Its name, where that is known.
    pub authenticator: Option<String>,
    /// How many.
    pub passkeys: i64,
}

/// Which passkeys are looked for; empty is all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeySearch {
    /// A username, the id that a back end has for a user, or a user handle.
    pub user: String,
    /// The id of a relying party.
    pub party: String,
    /// An AAGUID.
    pub aaguid: String,
    /// After which passkey.
    pub after: String,
}

/// A page of passkeys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundPasskeys {
    /// Those of this page, newest first.
    pub passkeys: Vec<ServicePasskey>,
    /// Who keeps how many of all that were found.
    pub kept: Vec<KeptBy>,
    /// After which the next page begins; None on the last one.
    pub next: Option<String>,
    /// All relying parties.
    pub parties: Vec<PartyChoice>,
}

/// Which events are looked for; empty is all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventSearch {
    /// `registration`, `authentication`, `refusal` or `removal`.
    pub kind: String,
    /// A username, the id that a back end has for a user, or a user handle.
    pub user: String,
    /// What a person was shown.
    pub reference: String,
    /// The id of a relying party.
    pub party: String,
    /// Before which event; 0 for the newest.
    pub before: i64,
}

/// A page of events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundEvents {
    /// Those of this page, newest first.
    pub events: Vec<EventLine>,
    /// Before which the next page begins; None on the last one.
    pub next: Option<i64>,
    /// All relying parties.
    pub parties: Vec<PartyChoice>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventLine {
    /// `registration`, `authentication`, `refusal` or `removal`; None for a ceremony of which nothing
    /// came.
    pub kind: Option<String>,
    /// What a person may have been shown.
    pub reference: String,
    /// What the relying party is called.
    pub party: String,
    /// To whom it happened.
    pub holder: Option<Holder>,
    /// `PublicKeyCredential.id`.
    pub passkey: Option<String>,
    /// When.
    pub at: Moment,
    /// The ceremony in which it happened.
    pub ceremony: Option<CeremonyView>,
}

/// A ceremony from its beginning to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CeremonyView {
    /// `registration` or `authentication`.
    pub kind: String,
    /// What a registration was for.
    pub purpose: Option<String>,
    /// How the browser was to ask.
    pub mediation: Option<String>,
    /// Such as "Windows".
    pub system: Option<String>,
    /// Such as "Firefox".
    pub browser: Option<String>,
    /// Who made the authenticator that answered.
    pub authenticator: Option<String>,
    /// What happened in it, one after the other.
    pub steps: Vec<Step>,
}

/// Something that happened in a ceremony.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// When.
    pub at: Moment,
    /// What.
    pub what: StepKind,
}

/// What can happen in a ceremony.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// The options were given.
    Offered,
    /// A call of the browser failed.
    BrowserError {
        /// Which call.
        call: String,
        /// The name of the `DOMException`.
        error: String,
        /// How many milliseconds after the call.
        after: i64,
    },
    /// The browser answered.
    Answered,
    /// The answer passed.
    Verified,
    /// The answer did not pass.
    Refused {
        /// The code of the reason.
        reason: String,
        /// The step of WebAuthn Level 3.
        step: String,
    },
    /// The answer came too late.
    TooLate,
    /// Nobody answered in time.
    Expired,
}
