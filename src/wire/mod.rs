//! The vocabulary that the browser and the server share.
//!
//! Owns: the shapes that cross the wire, and the few rules both sides must agree on. Refuses to
//! know: any I/O, WebAuthn's own objects (they cross as JSON text, so that the client carries no
//! WebAuthn library), and how a thing is stored.

mod ceremony;
mod codec;
mod console;
mod device;
mod email;
mod failure;
mod insight;
mod language;
mod recovery;
mod refusal;
mod service;
mod sign_up;
mod site_path;
mod view;

pub use ceremony::{Begun, CeremonyId, Mediation};
pub use codec::{Json, JsonText};
pub use console::{
    Admin, ConsoleDeed, FoundUsers, InvitationLine, Place, Said, SettingLine, UserDetails, UserLine,
};
pub use device::{
    Admission, AskingDevice, DeviceLink, DeviceLinkId, Invitation, LinkProgress, QrCode,
};
pub use email::Email;
pub use failure::{Call, Failure, Report};
pub use insight::{
    Breakdown, Dimension, FunnelLine, INSIGHT_SPANS, Insight, InsightScope, Reasons,
};
pub use language::Language;
pub use recovery::{Coming, Kit, KitSheet, Recovery, UnderWay};
pub use refusal::{Code, Reference, Refusal};
pub use service::{
    ApiKeyLine, CeremonyView, EventLine, EventSearch, FoundEvents, FoundPasskeys, Holder, KeptBy,
    PartyChoice, PartyDetails, PartyLine, PasskeySearch, ServicePasskey, Step, StepKind,
};
pub use sign_up::{SignUpPolicy, Standing};
pub use site_path::SitePath;
pub use view::{Account, Moment, Passkey, SessionView, Signals, Synced};
