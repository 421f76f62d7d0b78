//! The vocabulary that the browser and the server share.
//!
//! Owns: the shapes that cross the wire, and the few rules both sides must agree on. Refuses to
//! know: any I/O, WebAuthn's own objects (they cross as JSON text, so that the client carries no
//! WebAuthn library), and how a thing is stored.

mod ceremony;
mod codec;
mod device;
mod email;
mod failure;
mod language;
mod recovery;
mod refusal;
mod site_path;
mod view;

pub use ceremony::{Begun, CeremonyId};
pub use codec::{Json, JsonText};
pub use device::{
    Admission, AskingDevice, DeviceLink, DeviceLinkId, Invitation, LinkProgress, QrCode,
};
pub use email::Email;
pub use failure::{Call, Failure, Report};
pub use language::Language;
pub use recovery::{Coming, Kit, KitSheet, Recovery, UnderWay};
pub use refusal::{Code, Refusal};
pub use site_path::SitePath;
pub use view::{Account, Moment, Passkey, SessionView, Signals, Synced};
