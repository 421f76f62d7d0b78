//! A ceremony that has begun, as the browser sees it.

use serde::{Deserialize, Serialize};

/// Names one ceremony; unguessable, and worth nothing once answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CeremonyId(pub String);

/// How the browser offers passkeys (Credential Management Level 1, §2.3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mediation {
    /// Among the suggestions of an input field, without a prompt.
    Conditional,
    /// With a prompt, now.
    Modal,
    /// With a prompt if this device has a passkey, else not at all (`immediateGet`, §5.1.7).
    Immediate,
}

/// What the browser needs to carry out one ceremony.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// Names the ceremony in the call that finishes it.
    pub id: CeremonyId,
    /// Finds the server's record of the ceremony, whatever becomes of it.
    pub reference: String,
    /// `PublicKeyCredentialCreationOptionsJSON` or `PublicKeyCredentialRequestOptionsJSON`
    /// (WebAuthn Level 3, §5.4 and §5.5) as JSON text.
    pub options: String,
    /// For how many seconds from now the server takes the answer. A duration, because the clocks
    /// of the two sides need not agree.
    pub lives_for: u32,
}
