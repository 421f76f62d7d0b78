//! `keyfold ceremonies`: what went wrong, by the reference that a person reads out.

use clap::Subcommand;
use serde_json::json;
use thiserror::Error;

use crate::server::passkeys::{self, Record};
use crate::server::site::Site;

/// What can be asked about ceremonies.
#[derive(Debug, Subcommand)]
pub(in crate::server) enum Command {
    /// Show what became of one sign-up, sign-in or other use of a passkey.
    Show {
        /// The reference below the message, such as 7KQ4-M2XD.
        reference: String,
        /// Write JSON instead of text.
        #[arg(long)]
        json: bool,
    },
}

/// Why it could not be shown.
#[derive(Debug, Error)]
pub(in crate::server) enum CeremoniesError {
    #[error("there is no ceremony with the reference {0:?}")]
    NotFound(String),
    #[error(transparent)]
    Passkeys(#[from] passkeys::Error),
}

impl CeremoniesError {
    pub(super) fn hint(&self) -> &'static str {
        match self {
            Self::NotFound(_) => {
                "records are kept for 30 days; other references are in the server's log"
            }
            Self::Passkeys(_) => "check whether the disk is full, and who else uses the databases",
        }
    }
}

/// Runs a command; what it says goes to standard output.
pub(in crate::server) async fn run(
    site: &Site,
    command: Command,
) -> Result<String, CeremoniesError> {
    let Command::Show { reference, json } = command;
    let record = site.passkeys.record(&reference).await?;
    let record = record.ok_or(CeremoniesError::NotFound(reference))?;
    Ok(if json { as_json(&record) } else { as_text(&record) })
}

fn as_json(record: &Record) -> String {
    let refused =
        record.refused.as_ref().map(|(reason, step)| json!({ "reason": reason, "step": step }));
    let client_error = record.client_error.as_ref().map(|client| {
        json!({
            "call": client.call,
            "error": client.error,
            "afterMs": client.after,
            "at": client.at.to_string(),
        })
    });
    let record = json!({
        "relyingParty": record.relying_party,
        "kind": record.kind,
        "purpose": record.purpose,
        "mediation": record.mediation,
        "system": record.system,
        "browser": record.browser,
        "authenticator": record.authenticator,
        "beganAt": record.began_at.to_string(),
        "expiresAt": record.expires_at.to_string(),
        "answeredAt": record.answered_at.map(|time| time.to_string()),
        "outcome": record.outcome,
        "refused": refused,
        "clientError": client_error,
    });
    format!("{record}\n")
}

fn as_text(record: &Record) -> String {
    let mut lines = vec![format!("{} of {}", record.kind, record.relying_party)];
    if let Some(purpose) = &record.purpose {
        lines.push(format!("for       {purpose}"));
    }
    let means = [&record.browser, &record.system, &record.mediation, &record.authenticator];
    let means: Vec<&str> = means.into_iter().flatten().map(String::as_str).collect();
    if !means.is_empty() {
        lines.push(format!("by        {}", means.join(", ")));
    }
    lines.push(format!("began     {}", record.began_at));
    match (record.answered_at, &record.outcome) {
        (Some(time), Some(outcome)) => lines.push(format!("answered  {time}: {outcome}")),
        (Some(time), None) => lines.push(format!("answered  {time}")),
        (None, _) => lines.push("answered  never".to_owned()),
    }
    if let Some((reason, step)) = &record.refused {
        lines.push(format!("refused   {reason} (WebAuthn Level 3, {step})"));
    }
    if let Some(client) = &record.client_error {
        let (call, error, after, at) = (&client.call, &client.error, client.after, client.at);
        lines.push(format!("browser   {at}: {call} failed with {error} after {after} ms"));
    }
    lines.join("\n") + "\n"
}
