//! What the API shows.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Type};

use super::extract::Cursor;
use super::problem::Problem;
use crate::server::passkeys::gate::TRANSPORTS;
use crate::server::passkeys::{self, Begun, Claims, Credential, EVENT_KINDS, Event};

/// One of these words.
fn one_of(words: &[&str], description: &str) -> ObjectBuilder {
    let words = words.iter().copied().map(Value::from);
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(words))
        .description(Some(description).filter(|description| !description.is_empty()))
}

fn transports() -> ArrayBuilder {
    let known = one_of(&TRANSPORTS, "");
    let about = "How it can be reached (WebAuthn Level 3, section 5.8.4).";
    ArrayBuilder::new().items(known).description(Some(about))
}

fn event_type() -> ObjectBuilder {
    one_of(&EVENT_KINDS, "What happened.")
}

fn purpose() -> ObjectBuilder {
    one_of(&["registration", "authentication"], "After which ceremony it was issued.")
}

/// A ceremony that has begun.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Begun)]
pub(super) struct BegunView {
    /// The id of the ceremony. Keep it in the back end's own session.
    #[schema(example = "auth_3Zk…")]
    pub(super) id: String,
    /// When it expires.
    #[schema(format = DateTime)]
    pub(super) expires_at: String,
    /// `PublicKeyCredentialCreationOptionsJSON` or `PublicKeyCredentialRequestOptionsJSON` (WebAuthn Level 3,
    /// section 5.1.9), as the browser takes them.
    #[schema(value_type = Object)]
    pub(super) public_key: Value,
}

impl BegunView {
    pub(super) fn of(begun: Begun, hints: &[super::fields::Hint]) -> Result<Self, Problem> {
        let mut public_key: Value = serde_json::from_str(&begun.options)
            .map_err(|error| passkeys::Error::Internal(error.to_string()))?;
        if !hints.is_empty() {
            public_key["hints"] = serde_json::json!(hints);
        }
        let expires_at = begun.expires_at.to_string();
        Ok(Self { id: begun.id.0, expires_at, public_key })
    }
}

/// A passkey.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Credential)]
pub(super) struct CredentialView {
    /// The credential id, in base64url.
    pub(super) id: String,
    /// What its owner calls it.
    #[schema(required = true)]
    pub(super) name: Option<String>,
    /// The COSE number of its algorithm, such as −7 for ES256.
    #[schema(example = -7)]
    pub(super) public_key_algorithm: i64,
    /// The model of the authenticator, or the provider.
    #[schema(example = "fbfc3007-154e-4ecc-8c0b-6e020557d7bd")]
    pub(super) aaguid: String,
    /// Its name, where the AAGUID is known.
    #[schema(required = true, example = "Apple Passwords")]
    pub(super) authenticator_name: Option<String>,
    /// How it can be reached (WebAuthn Level 3, section 5.8.4).
    #[schema(schema_with = transports)]
    pub(super) transports: Vec<String>,
    /// Whether it can be found without its id; absent where the browser did not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) discoverable: Option<bool>,
    /// Whether it can be on more than one device (BE, section 6.1.3).
    pub(super) backup_eligible: bool,
    /// Whether it is (BS).
    pub(super) backup_state: bool,
    /// How often it signed; 0 for one that does not count.
    #[schema(value_type = i64, minimum = 0, maximum = 4_294_967_295_i64)]
    pub(super) sign_count: u32,
    /// When it was registered.
    #[schema(format = DateTime)]
    pub(super) created_at: String,
    /// When it last answered.
    #[schema(required = true, format = DateTime)]
    pub(super) last_used_at: Option<String>,
}

impl From<Credential> for CredentialView {
    fn from(credential: Credential) -> Self {
        Self {
            id: credential.id.to_string(),
            name: credential.name,
            public_key_algorithm: credential.algorithm,
            aaguid: credential.aaguid.to_string(),
            authenticator_name: credential.authenticator.map(str::to_owned),
            transports: credential.transports,
            discoverable: credential.discoverable,
            backup_eligible: credential.backup_eligible,
            backup_state: credential.backup_state,
            sign_count: credential.sign_count,
            created_at: credential.created_at.to_string(),
            last_used_at: credential.last_used_at.map(|time| time.to_string()),
        }
    }
}

/// A passkey was registered.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Registered)]
pub(super) struct RegisteredView {
    /// The back end's own id of the user.
    pub(super) external_id: String,
    pub(super) credential: CredentialView,
    /// A JSON Web Token that says so, for 120 seconds.
    pub(super) token: String,
}

/// A passkey answered.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Authenticated)]
pub(super) struct AuthenticatedView {
    /// The back end's own id of the user.
    pub(super) external_id: String,
    /// Whether the authenticator verified the user.
    pub(super) user_verified: bool,
    pub(super) credential: CredentialView,
    /// A JSON Web Token that says so, for 120 seconds.
    pub(super) token: String,
}

/// The argument of `PublicKeyCredential.signalAllAcceptedCredentials()` (WebAuthn Level 3, section 5.1.10.2).
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AllAcceptedCredentials)]
pub(super) struct AllAcceptedCredentialsView {
    /// The RP ID.
    rp_id: String,
    /// The user handle, in base64url.
    user_id: String,
    /// The credential ids that are still good, in base64url.
    all_accepted_credential_ids: Vec<String>,
}

/// The argument of `PublicKeyCredential.signalUnknownCredential()` (WebAuthn Level 3, section 5.1.10.1).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = UnknownCredential)]
pub(super) struct UnknownCredentialView {
    /// The RP ID.
    rp_id: String,
    /// The credential id, in base64url.
    credential_id: String,
}

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Event)]
pub(super) struct EventView {
    /// The id of the event.
    pub(super) id: String,
    /// `registration`, `authentication`, `refusal` or `removal`.
    #[serde(rename = "type")]
    #[schema(schema_with = event_type)]
    pub(super) kind: String,
    /// When it happened.
    #[schema(format = DateTime)]
    pub(super) at: String,
    /// What a person may have been shown.
    #[schema(example = "7KQ4-M2XD")]
    pub(super) reference: String,
    /// Whose it was, as long as the user is there.
    #[schema(required = true)]
    pub(super) external_id: Option<String>,
    /// The passkey.
    #[schema(required = true)]
    pub(super) credential_id: Option<String>,
    /// Of a refusal: the code.
    #[schema(required = true)]
    pub(super) code: Option<String>,
    /// Of a refusal: the step of WebAuthn Level 3.
    #[schema(required = true)]
    pub(super) step: Option<String>,
}

impl From<Event> for EventView {
    fn from(event: Event) -> Self {
        Self {
            id: format!("evt_{}", event.name()),
            at: event.at().to_string(),
            credential_id: event.credential(),
            kind: event.kind,
            reference: event.reference,
            external_id: event.external_id,
            code: event.reason,
            step: event.step,
        }
    }
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct List<T> {
    pub(super) data: Vec<T>,
    /// Gets the next page; null where this is the last one.
    #[schema(required = true)]
    pub(super) next_cursor: Option<String>,
}

impl<T> List<T> {
    /// Of one item more than the page has, if there are more.
    pub(super) fn of<I: Into<T>>(
        mut items: Vec<I>,
        limit: u32,
        place: impl Fn(&I) -> Cursor,
    ) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = items.len() > limit;
        items.truncate(limit);
        let last = items.last().filter(|_| has_more);
        let next_cursor = last.map(|last| place(last).write());
        Self { data: items.into_iter().map(I::into).collect(), next_cursor }
    }
}

/// The claims of a token.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Claims)]
pub(super) struct ClaimsView {
    /// Keyfold's URL.
    pub(super) iss: String,
    /// The id of the relying party.
    pub(super) aud: String,
    /// The back end's own id of the user.
    pub(super) sub: String,
    /// When it was issued, in seconds since 1970.
    pub(super) iat: i64,
    /// When it expires.
    pub(super) exp: i64,
    /// The id of the token.
    pub(super) jti: String,
    /// How the user was authenticated (RFC 8176).
    pub(super) amr: Vec<String>,
    /// The credential id, in base64url.
    pub(super) cred: String,
    /// `registration` or `authentication`.
    #[schema(schema_with = purpose)]
    pub(super) purpose: passkeys::TokenPurpose,
}

impl From<Claims> for ClaimsView {
    fn from(claims: Claims) -> Self {
        let Claims { iss, aud, sub, iat, exp, jti, amr, cred, purpose } = claims;
        Self { iss, aud, sub, iat, exp, jti, amr, cred, purpose }
    }
}
