//! What may stand in the members of a request: each type takes a text, or says what is wrong with it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::given;
use crate::server::passkeys::{ExternalId, UserHandle};

/// What a device shows of a user.
const LONGEST_LABEL: usize = 256;

/// What a person calls a passkey.
const LONGEST_NAME: usize = 64;

/// The back end's own id of a user.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct UserId(pub(super) ExternalId);

impl TryFrom<String> for UserId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let id = ExternalId::parse(&text).map(Self);
        id.ok_or("must be 1 to 64 bytes of UTF-8 without control characters")
    }
}

/// A user handle (WebAuthn Level 3, section 5.4.3).
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Handle(pub(super) UserHandle);

impl TryFrom<String> for Handle {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok();
        let handle = bytes.and_then(UserHandle::from_bytes).map(Self);
        handle.ok_or("must be 1 to 64 bytes in base64url without padding")
    }
}

/// A name of a user as devices show it.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct LabelText(pub(super) String);

impl TryFrom<String> for LabelText {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let fits = is_line(&text, LONGEST_LABEL).then_some(Self(text));
        fits.ok_or("must be 1 to 256 characters without control characters")
    }
}

/// What a user wants to be called: nothing, where the back end does not know (section 5.4.3).
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct DisplayName(pub(super) String);

impl TryFrom<String> for DisplayName {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let fits = text.is_empty() || is_line(&text, LONGEST_LABEL);
        fits.then_some(Self(text)).ok_or("must be 0 to 256 characters without control characters")
    }
}

/// A name for a passkey.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct PasskeyName(pub(super) String);

impl TryFrom<String> for PasskeyName {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let fits = is_line(&text, LONGEST_NAME).then_some(Self(text));
        fits.ok_or("must be 1 to 64 characters without control characters")
    }
}

fn is_line(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

/// At most one of each.
const MOST_HINTS: usize = 3;

/// Where a user's passkey probably is, best first.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(try_from = "Vec<Hint>")]
pub(super) struct Hints(pub(super) Vec<Hint>);

impl TryFrom<Vec<Hint>> for Hints {
    type Error = &'static str;

    fn try_from(hints: Vec<Hint>) -> Result<Self, Self::Error> {
        (hints.len() <= MOST_HINTS).then_some(Self(hints)).ok_or("must have 3 items at the most")
    }
}

/// Where the user's passkey probably is (WebAuthn Level 3, section 5.8.7).
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Hint {
    SecurityKey,
    ClientDevice,
    Hybrid,
}

/// A user, as a back end introduces them. Only `externalId` and the handle stay.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewUser {
    /// The back end's own id of the user: 1 to 64 bytes of UTF-8.
    #[schema(value_type = String, min_length = 1, max_length = 64, pattern = r"^[^\x00-\x1f\x7f-\x9f]+$", example = "107fb578")]
    pub(super) external_id: UserId,
    /// `user.name` of the options: tells accounts apart. It is not kept.
    #[schema(value_type = String, min_length = 1, max_length = 256, pattern = r"^[^\x00-\x1f\x7f-\x9f]+$", example = "ada@example.com")]
    pub(super) name: LabelText,
    /// `user.displayName` of the options, which may be empty; by default the name. It is not kept.
    #[schema(value_type = Option<String>, max_length = 256, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$", example = "Ada Lovelace")]
    pub(super) display_name: Option<DisplayName>,
    /// The user handle, as base64url of 1 to 64 bytes, for a user whose passkeys come from elsewhere. By
    /// default it is random. It is fixed once the user has had a passkey.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = String, required = false, min_length = 2, max_length = 86, pattern = r"^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?$")]
    pub(super) user_handle: Option<Handle>,
}
