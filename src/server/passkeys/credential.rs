//! A passkey as it is stored, and the ids that name it and its owner.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sqlx::FromRow;
use uuid::Uuid;
use webauthn_rs_core::proto as library;

use super::authenticators::name_of_authenticator;
use super::refused::Refused;
use super::{Error, Passkeys, RelyingParty, gate};
use crate::server::clock::Timestamp;
use crate::server::database::sql;

/// By what the service knows a person: random bytes that say nothing (WebAuthn Level 3, §14.6.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserHandle(Vec<u8>);

impl UserHandle {
    /// A handle made of fresh random bytes.
    pub(super) fn new(bytes: [u8; 32]) -> Self {
        Self(bytes.to_vec())
    }

    /// Takes a handle of 1 to 64 bytes (§5.4.3).
    pub fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        (1..=64).contains(&bytes.len()).then_some(Self(bytes))
    }

    /// Takes the form in which it crosses the wire.
    pub fn parse(text: &str) -> Option<Self> {
        Self::from_bytes(URL_SAFE_NO_PAD.decode(text).ok()?)
    }

    /// The handle as bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for UserHandle {
    /// Base64url without padding, as in `PublicKeyCredentialUserEntityJSON.id`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&URL_SAFE_NO_PAD.encode(&self.0))
    }
}

/// Names a passkey; chosen by the authenticator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialId(pub(super) Vec<u8>);

impl CredentialId {
    /// Takes the form in which it crosses the wire.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        (16..=1023).contains(&bytes.len()).then_some(Self(bytes))
    }
}

impl fmt::Display for CredentialId {
    /// Base64url without padding, as in `PublicKeyCredential.id`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&URL_SAFE_NO_PAD.encode(&self.0))
    }
}

/// A stored passkey.
#[derive(Debug, Clone)]
pub struct Credential {
    /// Names it.
    pub id: CredentialId,
    /// What its owner calls it; None where they have not said.
    pub name: Option<String>,
    /// Where it is kept, by its AAGUID; None for one that is not known.
    pub authenticator: Option<&'static str>,
    /// The model of the authenticator, or the provider (§6.5.1).
    pub aaguid: Uuid,
    /// The COSE number of the algorithm: −7 or −257.
    pub algorithm: i64,
    /// How it can be reached (§5.8.4).
    pub transports: Vec<String>,
    /// Whether it can be found without its id; None where the client did not say (§10.1.3).
    pub discoverable: Option<bool>,
    /// How often it signed; 0 for one that does not count.
    pub sign_count: u32,
    /// The authenticator says that it can be on more than one device (§6.1.3).
    pub backup_eligible: bool,
    /// The authenticator says that it is.
    pub backup_state: bool,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it last signed somebody in.
    pub last_used_at: Option<Timestamp>,
}

impl Credential {
    /// As it stands in the options of an authentication that names its user (§5.5).
    pub(super) fn as_allowed(&self) -> library::AllowCredentials {
        library::AllowCredentials {
            type_: "public-key".to_owned(),
            id: self.id.0.clone(),
            transports: Some(self.library_transports()).filter(|known| !known.is_empty()),
        }
    }

    fn library_transports(&self) -> Vec<library::AuthenticatorTransport> {
        self.transports.iter().filter_map(|name| name.parse().ok()).collect()
    }
}

#[derive(Debug, FromRow)]
struct CredentialRow {
    credential_id: Vec<u8>,
    name: Option<String>,
    aaguid: Vec<u8>,
    algorithm: i64,
    transports: String,
    discoverable: Option<bool>,
    sign_count: i64,
    backup_eligible: bool,
    backup_state: bool,
    created_at: i64,
    last_used_at: Option<i64>,
}

impl From<CredentialRow> for Credential {
    fn from(row: CredentialRow) -> Self {
        Self {
            id: CredentialId(row.credential_id),
            name: row.name,
            authenticator: name_of_authenticator(&row.aaguid),
            aaguid: Uuid::from_slice(&row.aaguid).unwrap_or_default(),
            algorithm: row.algorithm,
            transports: serde_json::from_str(&row.transports).unwrap_or_default(),
            discoverable: row.discoverable,
            sign_count: u32::try_from(row.sign_count).unwrap_or(u32::MAX),
            backup_eligible: row.backup_eligible,
            backup_state: row.backup_state,
            created_at: Timestamp::from_milliseconds(row.created_at),
            last_used_at: row.last_used_at.map(Timestamp::from_milliseconds),
        }
    }
}

/// What verifying an assertion needs of a passkey.
#[derive(Debug, FromRow)]
pub(super) struct StoredKey {
    pub(super) public_key: Vec<u8>,
    pub(super) aaguid: Vec<u8>,
    backup_eligible: bool,
    backup_state: bool,
    sign_count: i64,
    transports: String,
    /// The ceremony that it came of, as long as it does not count.
    pub(super) unsettled_ceremony: Option<String>,
}

impl StoredKey {
    /// Whether it can be reached through another device, such as a phone (§5.8.4, `hybrid`).
    pub(super) fn is_hybrid(&self) -> bool {
        let transports: Vec<String> = serde_json::from_str(&self.transports).unwrap_or_default();
        transports.iter().any(|transport| transport == "hybrid")
    }
}

impl StoredKey {
    /// The passkey as webauthn-rs wants it. An authenticator that has begun to synchronise says so
    /// from one sign-in to the next (BE from 0 to 1); the library would refuse that, so the copy it
    /// gets already believes it. The signature covers the flag.
    ///
    /// Nor is it told that the user was verified once: where that is preferred only, the library would
    /// require it ever after.
    pub(super) fn for_library(
        &self,
        party: &RelyingParty,
        credential_id: &[u8],
        now_backup_eligible: bool,
    ) -> Result<library::Credential, Refused> {
        Ok(library::Credential {
            cred_id: credential_id.to_vec(),
            cred: gate::library_key(&self.public_key)?,
            counter: u32::try_from(self.sign_count).unwrap_or(u32::MAX),
            transports: None,
            user_verified: false,
            backup_eligible: self.backup_eligible || now_backup_eligible,
            backup_state: self.backup_state,
            registration_policy: party.user_verification().for_library(),
            extensions: library::RegisteredExtensions::none(),
            attestation: library::ParsedAttestation {
                data: library::ParsedAttestationData::None,
                metadata: library::AttestationMetadata::None,
            },
            attestation_format: library::AttestationFormat::None,
        })
    }
}

impl Passkeys {
    /// A person's passkeys that count, newest first.
    pub async fn credentials(
        &self,
        party: &RelyingParty,
        user: &UserHandle,
    ) -> Result<Vec<Credential>, Error> {
        self.some_credentials(party, user, None, u32::MAX).await
    }

    /// The same, at most `limit`, of those that come after the one that was `after` in this order.
    pub async fn some_credentials(
        &self,
        party: &RelyingParty,
        user: &UserHandle,
        after: Option<(Timestamp, &CredentialId)>,
        limit: u32,
    ) -> Result<Vec<Credential>, Error> {
        let select =
            "select credential_id, name, aaguid, algorithm, transports, discoverable, sign_count,
                backup_eligible, backup_state, created_at, last_used_at
            from credentials where relying_party = $1 and user_handle = $2
              and unsettled_ceremony is null and (created_at < $3 or (created_at = $3 and credential_id > $4))
            order by created_at desc, credential_id limit $5";
        let (time, id) = after
            .map_or((i64::MAX, [].as_slice()), |(time, id)| (time.milliseconds(), id.0.as_slice()));
        let query = sql::query_as::<CredentialRow>(select).bind(party.id()).bind(user.as_bytes());
        let query = query.bind(time).bind(id).bind(i64::from(limit));
        let rows = query.fetch_all(self.database.reader()).await?;
        Ok(rows.into_iter().map(Credential::from).collect())
    }

    /// One passkey of a person.
    pub async fn credential(
        &self,
        party: &RelyingParty,
        user: &UserHandle,
        id: &CredentialId,
    ) -> Result<Option<Credential>, Error> {
        let select =
            "select credential_id, name, aaguid, algorithm, transports, discoverable, sign_count,
                backup_eligible, backup_state, created_at, last_used_at
            from credentials where relying_party = $1 and user_handle = $2 and credential_id = $3
              and unsettled_ceremony is null";
        let query = sql::query_as::<CredentialRow>(select).bind(party.id()).bind(user.as_bytes());
        let row = query.bind(&id.0).fetch_optional(self.database.reader()).await?;
        Ok(row.map(Credential::from))
    }

    /// Of all of a person's passkeys, those that do not count yet, too.
    pub(super) async fn credential_ids(
        &self,
        party: &RelyingParty,
        user: &UserHandle,
    ) -> Result<Vec<Vec<u8>>, Error> {
        let select =
            "select credential_id from credentials where relying_party = $1 and user_handle = $2";
        let query = sql::query_scalar(select).bind(party.id()).bind(user.as_bytes());
        Ok(query.fetch_all(self.database.reader()).await?)
    }

    pub(super) async fn stored_key(
        &self,
        party: &RelyingParty,
        user: &UserHandle,
        credential_id: &[u8],
    ) -> Result<Option<StoredKey>, Error> {
        let select =
            "select public_key, aaguid, backup_eligible, backup_state, sign_count, transports,
                unsettled_ceremony
            from credentials where relying_party = $1 and credential_id = $2 and user_handle = $3";
        let query =
            sql::query_as(select).bind(party.id()).bind(credential_id).bind(user.as_bytes());
        Ok(query.fetch_optional(self.database.reader()).await?)
    }
}
