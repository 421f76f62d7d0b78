//! How a request fails: a stable code, and a reference that finds the record of it.

use serde::{Deserialize, Serialize, Serializer};

/// What went wrong, in words that never change. The sentence for people is in `app::words`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub enum Code {
    /// The person cancelled, or the device's prompt timed out.
    Cancelled,
    /// Nobody answered the prompt until its time was over.
    TimedOut,
    /// Another prompt of the browser is open.
    Busy,
    /// The device failed while it made or used the passkey.
    DeviceFailed,
    /// This device offered no passkey for this site.
    NoPasskeyHere,
    /// This device already holds a passkey for this account.
    AlreadyRegistered,
    /// The page's address does not allow passkeys: not https, not localhost, or another site's.
    InsecurePage,
    /// The browser has no WebAuthn, or one without its JSON forms (Level 3, §5.1.8 and §5.1.9).
    BrowserTooOld,
    /// The device has no screen lock or cannot hold a passkey.
    DeviceUnsuitable,
    /// The username belongs to somebody.
    NameTaken,
    /// The username is not one: empty, too long, or with characters that are not allowed.
    NameInvalid,
    /// The display name is too long or has characters that cannot be shown.
    DisplayNameInvalid,
    /// The ceremony is over: too old, or already answered.
    CeremonyExpired,
    /// The browser did not send the cookie that ties a ceremony to it.
    CookiesBlocked,
    /// Nobody is signed in any more.
    SignedOut,
    /// It is too long ago that a passkey answered in this session.
    StaleSignIn,
    /// What was to be changed is not there any more.
    NotFound,
    /// There is no passkey left in the account to confirm with.
    NoPasskeyLeft,
    /// It is the last passkey, and without it there would be no way in.
    LastPasskey,
    /// This cannot be the name of a passkey.
    PasskeyNameInvalid,
    /// This is not an e-mail address.
    EmailInvalid,
    /// The link is not known: mistyped, used, or too old.
    LinkInvalid,
    /// The username and the recovery code do not belong together. It never says more.
    RecoveryRefused,
    /// The recovery has begun, and its delay is not over.
    RecoveryWaiting,
    /// The recovery was called off.
    RecoveryCancelled,
    /// The other device has not been let in yet.
    NotConfirmed,
    /// Nobody can sign up.
    SignUpClosed,
    /// Only whoever has an invitation can sign up.
    InvitationNeeded,
    /// There can be no such invitation.
    InvitationInvalid,
    /// Nobody else runs the site, and somebody has to.
    LastAdmin,
    /// There can be no relying party like this: its name or its origins are wrong.
    RelyingPartyInvalid,
    /// The RP ID of a relying party is no domain.
    RpIdInvalid,
    /// There can be no API key like this.
    ApiKeyInvalid,
    /// The server could not be reached.
    Unreachable,
    /// Too many tries from this address.
    RateLimited,
    /// The server refused the answer. It never says more to the outside.
    Refused,
    /// The server itself failed.
    ServerTrouble,
}

impl Code {
    /// All of them.
    const ALL: [Self; 37] = [
        Self::Cancelled,
        Self::TimedOut,
        Self::Busy,
        Self::DeviceFailed,
        Self::NoPasskeyHere,
        Self::AlreadyRegistered,
        Self::InsecurePage,
        Self::BrowserTooOld,
        Self::DeviceUnsuitable,
        Self::NameTaken,
        Self::NameInvalid,
        Self::DisplayNameInvalid,
        Self::CeremonyExpired,
        Self::CookiesBlocked,
        Self::SignedOut,
        Self::StaleSignIn,
        Self::NotFound,
        Self::NoPasskeyLeft,
        Self::LastPasskey,
        Self::PasskeyNameInvalid,
        Self::EmailInvalid,
        Self::LinkInvalid,
        Self::RecoveryRefused,
        Self::RecoveryWaiting,
        Self::RecoveryCancelled,
        Self::NotConfirmed,
        Self::SignUpClosed,
        Self::InvitationNeeded,
        Self::InvitationInvalid,
        Self::LastAdmin,
        Self::RelyingPartyInvalid,
        Self::RpIdInvalid,
        Self::ApiKeyInvalid,
        Self::Unreachable,
        Self::RateLimited,
        Self::Refused,
        Self::ServerTrouble,
    ];

    /// The code that stands there as [`Self::as_str`] writes it.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == text)
    }

    /// What can happen in every ceremony.
    pub const OF_EVERY_CEREMONY: [Self; 16] = [
        Self::Cancelled,
        Self::TimedOut,
        Self::Busy,
        Self::DeviceFailed,
        Self::NoPasskeyHere,
        Self::AlreadyRegistered,
        Self::InsecurePage,
        Self::BrowserTooOld,
        Self::DeviceUnsuitable,
        Self::CeremonyExpired,
        Self::CookiesBlocked,
        Self::SignedOut,
        Self::Unreachable,
        Self::RateLimited,
        Self::Refused,
        Self::ServerTrouble,
    ];

    /// Whether the reference helps the person, and not only the operator: what is merely typed wrong
    /// needs none.
    pub fn needs_reference(self) -> bool {
        !matches!(
            self,
            Self::NameTaken
                | Self::NameInvalid
                | Self::DisplayNameInvalid
                | Self::PasskeyNameInvalid
                | Self::EmailInvalid
                | Self::StaleSignIn
                | Self::SignedOut
                | Self::NoPasskeyLeft
                | Self::LastPasskey
                | Self::LastAdmin
                | Self::SignUpClosed
                | Self::InvitationNeeded
                | Self::InvitationInvalid
                | Self::RelyingPartyInvalid
                | Self::RpIdInvalid
                | Self::ApiKeyInvalid
        )
    }

    /// The code as it stands in `data-code`, in JSON and in the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::TimedOut => "timed_out",
            Self::Busy => "busy",
            Self::DeviceFailed => "device_failed",
            Self::NoPasskeyHere => "no_passkey_here",
            Self::AlreadyRegistered => "already_registered",
            Self::InsecurePage => "insecure_page",
            Self::BrowserTooOld => "browser_too_old",
            Self::DeviceUnsuitable => "device_unsuitable",
            Self::NameTaken => "name_taken",
            Self::NameInvalid => "name_invalid",
            Self::DisplayNameInvalid => "display_name_invalid",
            Self::CeremonyExpired => "ceremony_expired",
            Self::CookiesBlocked => "cookies_blocked",
            Self::SignedOut => "signed_out",
            Self::StaleSignIn => "stale_sign_in",
            Self::NotFound => "not_found",
            Self::NoPasskeyLeft => "no_passkey_left",
            Self::LastPasskey => "last_passkey",
            Self::PasskeyNameInvalid => "passkey_name_invalid",
            Self::EmailInvalid => "email_invalid",
            Self::LinkInvalid => "link_invalid",
            Self::RecoveryRefused => "recovery_refused",
            Self::RecoveryWaiting => "recovery_waiting",
            Self::RecoveryCancelled => "recovery_cancelled",
            Self::NotConfirmed => "not_confirmed",
            Self::SignUpClosed => "sign_up_closed",
            Self::InvitationNeeded => "invitation_needed",
            Self::InvitationInvalid => "invitation_invalid",
            Self::LastAdmin => "last_admin",
            Self::RelyingPartyInvalid => "relying_party_invalid",
            Self::RpIdInvalid => "rp_id_invalid",
            Self::ApiKeyInvalid => "api_key_invalid",
            Self::Unreachable => "unreachable",
            Self::RateLimited => "rate_limited",
            Self::Refused => "refused",
            Self::ServerTrouble => "server_trouble",
        }
    }
}

impl TryFrom<String> for Code {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or(text)
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Finds in the log of the server what a page is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference(pub String);

/// A request that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// What went wrong.
    pub code: Code,
    /// Finds the server's record of it; absent where the server never heard of the matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The passkey that answered is in no account, and the browser is to be told so: the argument of
    /// `signalUnknownCredential` (WebAuthn Level 3, §5.1.10.1) as JSON text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<String>,
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Self { code, reference: None, signal: None }
    }
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn every_code_is_read_as_it_is_written() {
        for code in Code::ALL {
            assert_eq!(Code::parse(code.as_str()), Some(code));
        }
        assert_eq!(Code::parse("Cancelled"), None);
    }
}
