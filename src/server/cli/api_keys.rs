//! `keyfold api-keys`: with what back ends call the passkey API.
//!
//! A server that is running knows of a change with its next request: nothing has to be restarted.

use std::time::Duration;

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::json;
use thiserror::Error;

use super::Failure;
use super::text::{as_json, in_columns, or_dash};
use crate::server::passkeys::{self, ApiKey, RelyingParty};
use crate::server::site::Site;

/// What can be done with API keys.
#[derive(Debug, Subcommand)]
pub(in crate::server) enum Command {
    /// Create a key for the back end of a relying party and show its secret, only this once. To replace
    /// a key, create a new one, hand it to the back end, then revoke the old one.
    #[command(
        after_help = "Example:\n  keyfold api-keys create --relying-party rp_… --name backend --expires-in-days 365\n\nThe back end sends it as `Authorization: Bearer kf_…`."
    )]
    Create(Create),
    /// List the keys, oldest first, including those that have expired or were revoked. Secrets are not
    /// stored, so they are not shown.
    List {
        /// Only those of this relying party.
        #[arg(long, value_name = "ID")]
        relying_party: Option<String>,
        /// Write JSON instead of columns.
        #[arg(long)]
        json: bool,
    },
    /// Revoke a key: it stops working at once and permanently.
    Revoke {
        /// The id of the key: the part between kf_ and the next _.
        id: String,
        /// Write JSON instead of text.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(in crate::server) struct Create {
    /// The relying party that the key is for, rp_….
    #[arg(long, value_name = "ID")]
    relying_party: String,
    /// What the key is called in the list: 1 to 64 characters.
    #[arg(long)]
    name: String,
    /// The key expires after this many days; by default it works until it is revoked.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    expires_in_days: Option<u32>,
    /// Write JSON instead of text.
    #[arg(long)]
    json: bool,
}

/// Why it could not be done.
#[derive(Debug, Error)]
pub(in crate::server) enum ApiKeysError {
    #[error("there is no relying party with the id {0:?}")]
    NoRelyingParty(String),
    #[error("there are no API keys for {0}: it stands for Keyfold's own pages")]
    Own(String),
    #[error("there is no API key with the id {0:?}")]
    NotFound(String),
    #[error("the name must have 1 to 64 characters, none of them a control character")]
    Name,
    #[error(transparent)]
    Passkeys(#[from] passkeys::Error),
}

impl ApiKeysError {
    fn hint(&self) -> &'static str {
        match self {
            Self::NoRelyingParty(_) => "`keyfold relying-parties list` shows all",
            Self::Own(_) => "`keyfold relying-parties create` makes one for another site",
            Self::NotFound(_) => "`keyfold api-keys list` shows all",
            Self::Name => "give a short name that says where the key is used, such as backend",
            Self::Passkeys(_) => "check whether the disk is full, and who else uses the databases",
        }
    }
}

impl From<ApiKeysError> for Failure {
    fn from(error: ApiKeysError) -> Self {
        let code = if matches!(error, ApiKeysError::Name) { 2 } else { 1 };
        Self { code, ..Self::new(&error, error.hint()) }
    }
}

/// A key, as JSON.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'a> {
    id: &'a str,
    relying_party: &'a str,
    name: &'a str,
    created_at: String,
    expires_at: Option<String>,
    last_used_at: Option<String>,
    revoked_at: Option<String>,
}

impl<'a> From<&'a ApiKey> for Shown<'a> {
    fn from(key: &'a ApiKey) -> Self {
        Self {
            id: &key.id,
            relying_party: &key.relying_party,
            name: &key.name,
            created_at: key.created_at.to_string(),
            expires_at: key.expires_at.map(|time| time.to_string()),
            last_used_at: key.last_used_at.map(|time| time.to_string()),
            revoked_at: key.revoked_at.map(|time| time.to_string()),
        }
    }
}

/// Runs a command; what it says goes to standard output.
pub(in crate::server) async fn run(site: &Site, command: Command) -> Result<String, ApiKeysError> {
    match command {
        Command::Create(wanted) => create(site, &wanted).await,
        Command::List { relying_party, json } => list(site, relying_party.as_deref(), json).await,
        Command::Revoke { id, json } => revoke(site, &id, json).await,
    }
}

async fn find(site: &Site, id: &str) -> Result<RelyingParty, ApiKeysError> {
    if id == site.relying_party.id() {
        return Err(ApiKeysError::Own(id.to_owned()));
    }
    let found = site.passkeys.relying_party(id).await?;
    found.ok_or_else(|| ApiKeysError::NoRelyingParty(id.to_owned()))
}

async fn create(site: &Site, wanted: &Create) -> Result<String, ApiKeysError> {
    let Create { relying_party, name, expires_in_days, json } = wanted;
    if !passkeys::is_name(name) {
        return Err(ApiKeysError::Name);
    }
    let party = find(site, relying_party).await?;
    let lifetime = expires_in_days.map(|days| Duration::from_hours(u64::from(days) * 24));
    let (key, secret) = site.passkeys.create_api_key(&party, name, lifetime).await?;
    if *json {
        let mut shown = json!(Shown::from(&key));
        shown["secret"] = json!(secret.reveal());
        return Ok(as_json(&shown));
    }
    let row = |head: &str, text: String| [head.to_owned(), text];
    let text = in_columns(&[
        row("id", key.id),
        row("name", key.name),
        row("relying party", key.relying_party),
        row("expires", key.expires_at.map_or_else(|| "never".to_owned(), |at| at.to_string())),
        row("secret", secret.reveal().to_owned()),
    ]);
    Ok(text + "\nThe secret is shown only this once: put it where the back end keeps its secrets.\n")
}

async fn list(site: &Site, party: Option<&str>, json: bool) -> Result<String, ApiKeysError> {
    let party = match party {
        Some(id) => Some(find(site, id).await?),
        None => None,
    };
    let keys = site.passkeys.api_keys(party.as_ref()).await?;
    if json {
        return Ok(as_json(&keys.iter().map(Shown::from).collect::<Vec<_>>()));
    }
    let heads = ["ID", "NAME", "RELYING PARTY", "CREATED", "EXPIRES", "LAST USED", "REVOKED"];
    let rows = keys.into_iter().map(|key| {
        let (expires, used) = (or_dash(key.expires_at), or_dash(key.last_used_at));
        let (created, revoked) = (key.created_at.to_string(), or_dash(key.revoked_at));
        [key.id, key.name, key.relying_party, created, expires, used, revoked]
    });
    Ok(in_columns(&std::iter::once(heads.map(str::to_owned)).chain(rows).collect::<Vec<_>>()))
}

async fn revoke(site: &Site, id: &str, json: bool) -> Result<String, ApiKeysError> {
    let revoked = site.passkeys.revoke_api_key(id).await?;
    let key = revoked.ok_or_else(|| ApiKeysError::NotFound(id.to_owned()))?;
    if json {
        return Ok(as_json(&Shown::from(&key)));
    }
    Ok(format!("{} ({}) has been revoked since {}\n", key.id, key.name, or_dash(key.revoked_at)))
}
