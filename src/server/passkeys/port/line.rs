//! One passkey on one line of JSON.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::{Map, Value};
use thiserror::Error;
use uuid::Uuid;

use crate::server::clock::Timestamp;
use crate::server::passkeys::refused::Refused;
use crate::server::passkeys::{ExternalId, UserHandle, gate, is_name};

/// The longest line that is read, in bytes. Real ones are below 2 KiB.
pub const LINE_MAX: usize = 64 * 1024;

/// Why a line is not taken.
#[derive(Debug, Clone, Error)]
pub enum Unfit {
    /// It is longer than `LINE_MAX`.
    #[error("is longer than 64 KiB")]
    TooLong,
    /// It is not text.
    #[error("is not UTF-8")]
    NotText,
    /// It is not what a line is.
    #[error("is not one JSON object without duplicate members")]
    NotAnObject,
    /// It has a member that nobody would read.
    #[error("has an unknown member: {0:?}")]
    Unknown(String),
    /// It lacks a member.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A member is not what it should be.
    #[error("{0} must be {1}")]
    Wrong(&'static str, &'static str),
    /// The public key does not pass the gate.
    #[error("publicKey: {0}")]
    Key(&'static str),
    /// The flags contradict each other (WebAuthn Level 3, §6.1.3).
    #[error("backupState is true, but backupEligible is not")]
    BackedUp,
    /// The user has passkeys with another handle.
    #[error("the user has another userHandle already")]
    HandleFixed,
    /// Another user has this handle.
    #[error("the userHandle belongs to another user")]
    HandleTaken,
    /// The credential id is registered, and it is not this passkey.
    #[error("the credentialId is there already, with another key or for another user")]
    CredentialTaken,
}

impl From<Refused> for Unfit {
    fn from(refused: Refused) -> Self {
        Self::Key(refused.detail)
    }
}

/// A passkey that comes from elsewhere, whole in itself.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) external_id: ExternalId,
    pub(super) user_handle: UserHandle,
    pub(super) credential_id: Vec<u8>,
    pub(super) public_key: Vec<u8>,
    pub(super) algorithm: i64,
    pub(super) sign_count: u32,
    pub(super) transports: Vec<String>,
    pub(super) backup_eligible: bool,
    pub(super) backup_state: bool,
    pub(super) aaguid: Uuid,
    pub(super) created_at: Option<Timestamp>,
    pub(super) last_used_at: Option<Timestamp>,
    pub(super) discoverable: Option<bool>,
    pub(super) name: Option<String>,
}

impl Line {
    /// Reads a line that is not blank.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Unfit> {
        if bytes.len() > LINE_MAX {
            return Err(Unfit::TooLong);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| Unfit::NotText)?;
        let mut members = Members(gate::json_object(text).ok_or(Unfit::NotAnObject)?);
        let external_id = members.text("externalId")?.ok_or(Unfit::Missing("externalId"))?;
        let external_id = ExternalId::parse(&external_id).ok_or(Unfit::Wrong(
            "externalId",
            "1 to 64 bytes of UTF-8 without control characters",
        ))?;
        let user_handle = UserHandle::from_bytes(members.bytes("userHandle")?)
            .ok_or(Unfit::Wrong("userHandle", "of 1 to 64 bytes"))?;
        let credential_id = members.bytes("credentialId")?;
        if !gate::CREDENTIAL_ID_LENGTH.contains(&credential_id.len()) {
            return Err(Unfit::Wrong("credentialId", "of 16 to 1023 bytes"));
        }
        let public_key = members.bytes("publicKey")?;
        let line = Self {
            external_id,
            user_handle,
            credential_id,
            algorithm: gate::algorithm_of(&public_key)?,
            public_key,
            sign_count: members.count("signCount")?,
            transports: members.transports("transports")?,
            backup_eligible: members.required_flag("backupEligible")?,
            backup_state: members.required_flag("backupState")?,
            aaguid: members.uuid("aaguid")?,
            created_at: members.time("createdAt")?,
            last_used_at: members.time("lastUsedAt")?,
            discoverable: members.flag("discoverable")?,
            name: members.name("name")?,
        };
        if line.backup_state && !line.backup_eligible {
            return Err(Unfit::BackedUp);
        }
        match members.0.into_iter().next() {
            Some((unknown, _)) => Err(Unfit::Unknown(unknown.chars().take(40).collect())),
            None => Ok(line),
        }
    }
}

/// The members that have not been read yet. One that is null is absent: databases write it so.
struct Members(Map<String, Value>);

impl Members {
    fn take(&mut self, name: &'static str) -> Option<Value> {
        self.0.remove(name).filter(|value| !value.is_null())
    }

    fn text(&mut self, name: &'static str) -> Result<Option<String>, Unfit> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Unfit::Wrong(name, "a text")),
        }
    }

    fn bytes(&mut self, name: &'static str) -> Result<Vec<u8>, Unfit> {
        let text = self.text(name)?.ok_or(Unfit::Missing(name))?;
        let wrong = Unfit::Wrong(name, "base64url without padding");
        URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong)
    }

    fn count(&mut self, name: &'static str) -> Result<u32, Unfit> {
        let value = self.take(name).ok_or(Unfit::Missing(name))?;
        let count = value.as_u64().and_then(|count| u32::try_from(count).ok());
        count.ok_or(Unfit::Wrong(name, "a whole number from 0 to 4294967295"))
    }

    fn flag(&mut self, name: &'static str) -> Result<Option<bool>, Unfit> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(_) => Err(Unfit::Wrong(name, "true or false")),
        }
    }

    fn required_flag(&mut self, name: &'static str) -> Result<bool, Unfit> {
        self.flag(name)?.ok_or(Unfit::Missing(name))
    }

    fn transports(&mut self, name: &'static str) -> Result<Vec<String>, Unfit> {
        let wrong = Unfit::Wrong(name, "a list of texts");
        match self.take(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(named)) => gate::known_transports(&named).ok_or(wrong),
            Some(_) => Err(wrong),
        }
    }

    fn uuid(&mut self, name: &'static str) -> Result<Uuid, Unfit> {
        let Some(text) = self.text(name)? else { return Ok(Uuid::nil()) };
        Uuid::parse_str(&text).map_err(|_| Unfit::Wrong(name, "a UUID"))
    }

    fn time(&mut self, name: &'static str) -> Result<Option<Timestamp>, Unfit> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let wrong = Unfit::Wrong(name, "a time of RFC 3339, such as 2026-11-23T12:05:00Z");
        Timestamp::parse(&text).map(Some).ok_or(wrong)
    }

    fn name(&mut self, name: &'static str) -> Result<Option<String>, Unfit> {
        match self.text(name)? {
            Some(text) if !is_name(&text) => {
                Err(Unfit::Wrong(name, "1 to 64 characters, none of them a control character"))
            }
            text => Ok(text),
        }
    }
}

/// A passkey as it is written.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Written<'a> {
    pub(super) external_id: &'a str,
    pub(super) user_handle: String,
    pub(super) credential_id: String,
    pub(super) public_key: String,
    pub(super) sign_count: i64,
    pub(super) transports: Value,
    pub(super) backup_eligible: bool,
    pub(super) backup_state: bool,
    pub(super) aaguid: String,
    pub(super) created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_used_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) discoverable: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<&'a str>,
}

/// Bytes as they stand on a line.
pub(super) fn written(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
