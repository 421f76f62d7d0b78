//! `keyfold signing-keys`: the keys with which tokens are signed.
//!
//! A server that is running signs with the new key from its next token on: nothing has to be restarted.

use clap::{Args, Subcommand};
use serde::Serialize;
use thiserror::Error;

use super::Failure;
use super::text::{as_json, in_columns};
use crate::server::passkeys::{self, SigningKey};
use crate::server::site::Site;

/// What can be done with signing keys.
#[derive(Debug, Subcommand)]
pub(in crate::server) enum Command {
    /// List the keys that are published in /.well-known/jwks.json; the one in use comes first.
    List(Form),
    /// Sign with a new key from now on. The old one stays published for 10 minutes, so that
    /// tokens already issued stay valid.
    Rotate(Form),
}

#[derive(Debug, Args)]
pub(in crate::server) struct Form {
    /// Write JSON instead of columns.
    #[arg(long)]
    json: bool,
}

/// Why it could not be done.
#[derive(Debug, Error)]
pub(in crate::server) enum SigningKeysError {
    #[error(transparent)]
    Passkeys(#[from] passkeys::Error),
}

impl SigningKeysError {
    fn hint(&self) -> &'static str {
        match self {
            Self::Passkeys(_) => "check whether the disk is full, and who else uses the databases",
        }
    }
}

impl From<SigningKeysError> for Failure {
    fn from(error: SigningKeysError) -> Self {
        Self::new(&error, error.hint())
    }
}

/// A key, as JSON.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'a> {
    kid: &'a str,
    created_at: String,
    retired_at: Option<String>,
    published_until: Option<String>,
}

impl<'a> From<&'a SigningKey> for Shown<'a> {
    fn from(key: &'a SigningKey) -> Self {
        Self {
            kid: &key.kid,
            created_at: key.created_at.to_string(),
            retired_at: key.retired_at.map(|time| time.to_string()),
            published_until: key.published_until().map(|time| time.to_string()),
        }
    }
}

/// Runs a command; what it says goes to standard output.
pub(in crate::server) async fn run(
    site: &Site,
    command: Command,
) -> Result<String, SigningKeysError> {
    Ok(match command {
        Command::List(form) => {
            let keys = site.passkeys.signing_keys().await?;
            let shown: Vec<Shown<'_>> = keys.iter().map(Shown::from).collect();
            if form.json { as_json(&shown) } else { columns(&shown) }
        }
        Command::Rotate(form) => {
            let key = site.passkeys.rotate_signing_key().await?;
            if form.json {
                as_json(&Shown::from(&key))
            } else {
                format!("{} signs from now on\n", key.kid)
            }
        }
    })
}

fn columns(keys: &[Shown<'_>]) -> String {
    let heads = ["KEY", "CREATED", "RETIRED", "PUBLISHED UNTIL"].map(str::to_owned);
    let rows = keys.iter().map(|key| {
        let or_never = |time: &Option<String>| time.clone().unwrap_or("-".to_owned());
        let (retired, until) = (or_never(&key.retired_at), or_never(&key.published_until));
        [key.kid.to_owned(), key.created_at.clone(), retired, until]
    });
    in_columns(&std::iter::once(heads).chain(rows).collect::<Vec<_>>())
}
