//! Whom the service works for, on which origins, and how strictly.
//!
//! Owns what a relying party may be. Refuses to know where it is kept.
//!
//! Decisions:
//! * Origins are exact texts in the form in which browsers write them, each on the RP ID or below it
//!   (WebAuthn Level 3, §5.1.3 step 8): what is compared is what was listed.
//! * The RP ID stays for good: passkeys are bound to it, and would all be lost with another one.
//! * No attestation: what it would prove, nobody here looks at.

use std::time::Duration;

use thiserror::Error;
use url::Url;
use webauthn_rs_core::WebauthnCore;
use webauthn_rs_core::proto::UserVerificationPolicy;

use super::CEREMONY_LIFETIME;
use super::gate::Expected;
use crate::server::web_origin::{WebOrigin, WebOriginError};

/// The id of Keyfold's own pages. Nobody manages this one, and no back end speaks for it.
pub(super) const OWN: &str = "rp_keyfold";

const MOST_ORIGINS: usize = 20;

/// How strictly a device must check who uses a passkey (§5.8.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserVerification {
    /// It must, by PIN, finger or face.
    Required,
    /// It should; an answer without it passes, and says so.
    Preferred,
}

impl UserVerification {
    /// All there are, in the words of the specification.
    pub const CODES: [&'static str; 2] = ["required", "preferred"];

    /// In the words of the specification.
    pub fn code(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Preferred => "preferred",
        }
    }

    /// Takes the words of the specification.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Required, Self::Preferred].into_iter().find(|policy| policy.code() == text)
    }

    pub(super) fn for_library(self) -> UserVerificationPolicy {
        match self {
            Self::Required => UserVerificationPolicy::Required,
            Self::Preferred => UserVerificationPolicy::Preferred,
        }
    }
}

/// The one attestation conveyance that there is (§5.4.7).
pub const ATTESTATION: &str = "none";

/// Why these are no settings of a relying party.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SettingsError {
    /// See [`is_name`].
    #[error("the name must have 1 to 64 characters, none of them a control character")]
    Name,
    /// Not a domain as browsers write it.
    #[error(
        "the RP ID {0:?} is not a domain: it must be a host name in lower case such as example.com, without scheme, port or path"
    )]
    RpId(String),
    /// No origin at all.
    #[error("there must be at least one origin")]
    NoOrigin,
    /// Too many origins.
    #[error("there must be at most {MOST_ORIGINS} origins")]
    TooManyOrigins,
    /// Not an origin.
    #[error("the origin {0:?} {1}")]
    Origin(String, WebOriginError),
    /// Not as browsers write it.
    #[error("the origin {written:?} must be written as browsers do: {canonical:?}")]
    NotAsBrowsersWrite {
        /// What was said.
        written: String,
        /// What browsers say.
        canonical: String,
    },
    /// A passkey cannot be used there.
    #[error("the origin {origin:?} is not on the RP ID {rp_id:?} or below it")]
    Elsewhere {
        /// The origin.
        origin: String,
        /// The RP ID.
        rp_id: String,
    },
    /// Listed twice.
    #[error("the origin {0:?} is listed twice")]
    Twice(String),
    /// Not `none`.
    #[error("the attestation {0:?} is not supported: only \"none\" is")]
    Attestation(String),
}

/// What the operator says of a relying party: checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    name: String,
    rp_id: String,
    origins: Vec<String>,
    user_verification: UserVerification,
}

impl Settings {
    /// Checks them as a whole.
    pub fn new(
        name: &str,
        rp_id: &str,
        origins: &[String],
        user_verification: UserVerification,
        attestation: &str,
    ) -> Result<Self, SettingsError> {
        if !is_name(name) {
            return Err(SettingsError::Name);
        }
        if !is_domain(rp_id) {
            return Err(SettingsError::RpId(rp_id.to_owned()));
        }
        if attestation != ATTESTATION {
            return Err(SettingsError::Attestation(attestation.to_owned()));
        }
        check_origins(origins, rp_id)?;
        let (name, rp_id, origins) = (name.to_owned(), rp_id.to_owned(), origins.to_vec());
        Ok(Self { name, rp_id, origins, user_verification })
    }
}

/// Whether something can be called this: 1 to 64 characters, none of them a control character.
pub fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

/// Whether it is a domain as it stands in an origin, `localhost` among them; an IP address is none.
fn is_domain(rp_id: &str) -> bool {
    let origin = format!("https://{rp_id}");
    WebOrigin::parse(&origin).is_ok_and(|read| read.host() == rp_id && read.origin() == origin)
}

fn check_origins(origins: &[String], rp_id: &str) -> Result<(), SettingsError> {
    if origins.is_empty() {
        return Err(SettingsError::NoOrigin);
    }
    if origins.len() > MOST_ORIGINS {
        return Err(SettingsError::TooManyOrigins);
    }
    for (place, origin) in origins.iter().enumerate() {
        let read = WebOrigin::parse(origin);
        let read = read.map_err(|error| SettingsError::Origin(origin.clone(), error))?;
        if read.origin() != origin {
            let (written, canonical) = (origin.clone(), read.origin().to_owned());
            return Err(SettingsError::NotAsBrowsersWrite { written, canonical });
        }
        let above = read.host().strip_suffix(rp_id);
        if !above.is_some_and(|above| above.is_empty() || above.ends_with('.')) {
            let (origin, rp_id) = (origin.clone(), rp_id.to_owned());
            return Err(SettingsError::Elsewhere { origin, rp_id });
        }
        if origins.iter().take(place).any(|earlier| earlier == origin) {
            return Err(SettingsError::Twice(origin.clone()));
        }
    }
    Ok(())
}

/// A relying party: its ceremonies and passkeys are sealed from those of every other.
#[derive(Debug, Clone)]
pub struct RelyingParty {
    id: String,
    settings: Settings,
    library: WebauthnCore,
}

impl RelyingParty {
    pub(super) fn of(id: String, settings: Settings) -> Self {
        let library = library(&settings);
        Self { id, settings, library }
    }

    /// As it is stored: it was checked when it was stored.
    pub(super) fn stored(
        id: String,
        name: String,
        rp_id: String,
        origins: Vec<String>,
        user_verification: UserVerification,
    ) -> Self {
        Self::of(id, Settings { name, rp_id, origins, user_verification })
    }

    /// Keyfold's own pages, whose RP ID is the host of the public URL. That related origins may use it
    /// (§5.11) is for the browser to check; here it is a matter of the settings.
    pub fn own(name: &str, url: &WebOrigin, related: &[WebOrigin]) -> Self {
        let origins = std::iter::once(url).chain(related).map(|url| url.origin().to_owned());
        let (id, name, rp_id) = (OWN.to_owned(), name.to_owned(), url.host().to_owned());
        Self::stored(id, name, rp_id, origins.collect(), UserVerification::Required)
    }

    /// Names it, among all relying parties and for all time.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What devices show.
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// The domain that its passkeys are bound to (§4).
    pub fn rp_id(&self) -> &str {
        &self.settings.rp_id
    }

    /// The origins of its pages, exactly as browsers write them.
    pub fn origins(&self) -> &[String] {
        &self.settings.origins
    }

    /// How strictly a device must check who uses a passkey.
    pub fn user_verification(&self) -> UserVerification {
        self.settings.user_verification
    }

    /// The attestation conveyance.
    pub fn attestation(&self) -> &'static str {
        ATTESTATION
    }

    /// What an answer to this challenge must match.
    pub(super) fn expects<'a>(&'a self, challenge: &'a str) -> Expected<'a> {
        Expected {
            challenge,
            origins: self.origins(),
            rp_id: self.rp_id(),
            user_verification_required: self.user_verification() == UserVerification::Required,
        }
    }

    pub(super) fn library(&self) -> &WebauthnCore {
        &self.library
    }
}

fn library(settings: &Settings) -> WebauthnCore {
    let timeout = CEREMONY_LIFETIME.saturating_sub(Duration::from_secs(5));
    let (subdomains, any_port) = (Some(false), Some(false));
    // One that is no URL is none of a browser's either.
    let origins = settings.origins.iter().filter_map(|origin| Url::parse(origin).ok()).collect();
    let (name, rp_id) = (&settings.name, &settings.rp_id);
    WebauthnCore::new_unsafe_experts_only(name, rp_id, origins, timeout, subdomains, any_port)
}
