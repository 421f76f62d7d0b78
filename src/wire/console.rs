//! The console: its places, who looks at it, and what can be done there.

use serde::{Deserialize, Serialize};

use super::{Coming, Email, Moment, Passkey, SessionView, Standing, UnderWay};

/// Where one can go in the console, in the order of its rail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The people who have an account.
    Users,
    /// Their passkeys.
    Passkeys,
    /// The sites that the passkey service works for.
    RelyingParties,
    /// Links that let somebody sign up.
    Invitations,
    /// What has happened, with the ceremonies.
    Events,
    /// How many get through, and why not.
    Insight,
    /// The settings in force.
    Settings,
}

impl Place {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Users,
        Self::Passkeys,
        Self::RelyingParties,
        Self::Invitations,
        Self::Events,
        Self::Insight,
        Self::Settings,
    ];

    /// Its address.
    pub fn path(self) -> &'static str {
        match self {
            Self::Users => "/console/users",
            Self::Passkeys => "/console/passkeys",
            Self::RelyingParties => "/console/relying-parties",
            Self::Invitations => "/console/invitations",
            Self::Events => "/console/events",
            Self::Insight => "/console/insight",
            Self::Settings => "/console/settings",
        }
    }
}

/// The admin who looks at a page of the console.
#[derive(Debug, Clone)]
pub struct Admin {
    /// How they are called.
    pub called: String,
}

/// What an admin does in the console. Ids open nothing, so a deed can be logged as it is; what is
/// typed for it comes beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsoleDeed {
    /// Lock the user of this id out.
    DisableUser(String),
    /// Let the user of this id in again.
    EnableUser(String),
    /// End every session of the user of this id.
    EndSessions(String),
    /// Open a recovery for the user of this id; the link is told once.
    RecoverUser(String),
    /// Delete the user of this id.
    DeleteUser(String),
    /// Make the user of this id an admin.
    MakeAdmin(String),
    /// Make the admin of this id a user like everybody else.
    MakeNoAdmin(String),
    /// Make an invitation out of what was typed; the link is told once.
    Invite,
    /// Take the invitation of this id back.
    RevokeInvitation(String),
    /// Create a relying party of the name, the RP ID and the origins that were typed.
    CreateRelyingParty,
    /// Give the relying party of this id the name and the origins that were typed.
    ChangeRelyingParty(String),
    /// From now on devices must check who uses a passkey of the relying party of this id.
    RequireVerification(String),
    /// From now on they should.
    PreferVerification(String),
    /// Remove the relying party of this id with all that belongs to it.
    RemoveRelyingParty(String),
    /// Create an API key for the relying party of this id, with the name and the lifetime in days that
    /// were typed; the secret is told once.
    CreateApiKey(String),
    /// Revoke the API key of this id.
    RevokeApiKey(String),
}

/// An invitation in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationLine {
    /// Names it in deeds; opens nothing.
    pub id: String,
    /// What its maker wrote beside it.
    pub note: String,
    /// When it was made.
    pub created: Moment,
    /// Until when it can be used.
    pub expires: Coming,
    /// How many can sign up with it.
    pub uses: i64,
    /// How many have.
    pub used: i64,
    /// How it stands.
    pub standing: Standing,
}

/// A setting as it is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingLine {
    /// Its name in the settings file.
    pub key: String,
    /// What it is; a secret is only said to be set. Empty where it is set to nothing.
    pub value: String,
    /// Who said so.
    pub said: Said,
}

/// Who said what a setting is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// Nobody.
    ByDefault,
    /// The settings file, in this line.
    InFile(String),
    /// This environment variable.
    InEnvironment(String),
    /// This option of the command line.
    OnCommandLine(String),
}

/// A user in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserLine {
    /// Names the user in addresses and deeds; opens nothing.
    pub id: String,
    /// The username as it was typed.
    pub name: String,
    /// The display name, where one was given.
    pub display_name: Option<String>,
    /// When the user signed up.
    pub created: Moment,
    /// How many browsers the user is signed in with.
    pub sessions: u32,
    /// The user is locked out.
    pub is_disabled: bool,
    /// The user is an admin.
    pub is_admin: bool,
    /// It is whoever looks.
    pub is_you: bool,
}

/// A page of users.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundUsers {
    /// Those of this page, by name.
    pub users: Vec<UserLine>,
    /// After whom the next page begins; None on the last one.
    pub next: Option<String>,
    /// How many there are, found or not.
    pub total: i64,
}

/// A user, with all that an admin may know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserDetails {
    /// As in the list.
    pub line: UserLine,
    /// The user's passkeys, newest first.
    pub passkeys: Vec<Passkey>,
    /// Where the user is signed in, the last used first.
    pub sessions: Vec<SessionView>,
    /// The user's e-mail addresses.
    pub emails: Vec<Email>,
    /// How many recovery codes are left.
    pub recovery_codes: u32,
    /// The recovery that is under way.
    pub recovery: Option<UnderWay>,
}
