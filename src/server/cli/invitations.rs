//! `keyfold invitations`: links with which people can sign up.

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::json;
use thiserror::Error;

use super::Failure;
use super::text::{as_json, in_columns};
use crate::server::accounts::{self, Invitation, NewInvitation};
use crate::server::site::Site;
use crate::wire::{SitePath, Standing};

/// What can be done with invitations.
#[derive(Debug, Subcommand)]
pub(in crate::server) enum Command {
    /// Create a link with which people can sign up. It is shown only this once.
    Create(NewArguments),
    /// List all invitations, newest first; their links are not stored.
    List {
        /// Write JSON instead of columns.
        #[arg(long)]
        json: bool,
    },
    /// Revoke an invitation; people who have signed up with it keep their accounts.
    Revoke {
        /// Its id, as `list` shows it.
        id: String,
        /// Write JSON instead of text.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(in crate::server) struct NewArguments {
    /// How many people can sign up with it.
    #[arg(long, default_value_t = 1)]
    uses: i64,
    /// For how many days it works.
    #[arg(long, default_value_t = 7)]
    days: i64,
    /// What it is for; only admins see it.
    #[arg(long, default_value = "")]
    note: String,
    /// Write JSON instead of the link alone.
    #[arg(long)]
    json: bool,
}

/// Why it could not be done.
#[derive(Debug, Error)]
pub(in crate::server) enum InvitationsError {
    #[error("there is no invitation {0:?} that could be revoked")]
    NotFound(String),
    #[error(transparent)]
    Accounts(#[from] accounts::Error),
}

impl From<InvitationsError> for Failure {
    fn from(error: InvitationsError) -> Self {
        let hint = match &error {
            InvitationsError::NotFound(_) => "`keyfold invitations list` shows all of them",
            InvitationsError::Accounts(accounts::Error::InvitationInvalid) => {
                "for example: keyfold invitations create --uses 5 --days 7 --note \"the choir\""
            }
            InvitationsError::Accounts(_) => {
                "check whether the disk is full, and who else uses the databases"
            }
        };
        Self::new(&error, hint)
    }
}

/// An invitation, as JSON.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'a> {
    id: &'a str,
    note: &'a str,
    state: Standing,
    created_at: String,
    expires_at: String,
    uses: i64,
    used: i64,
}

impl<'a> From<&'a Invitation> for Shown<'a> {
    fn from(invitation: &'a Invitation) -> Self {
        Self {
            id: &invitation.id,
            note: &invitation.note,
            state: invitation.standing,
            created_at: invitation.created_at.to_string(),
            expires_at: invitation.expires_at.to_string(),
            uses: invitation.uses,
            used: invitation.used,
        }
    }
}

/// Runs a command; what it says goes to standard output.
pub(in crate::server) async fn run(
    site: &Site,
    command: Command,
) -> Result<String, InvitationsError> {
    match command {
        Command::Create(arguments) => create(site, &arguments).await,
        Command::List { json } => list(site, json).await,
        Command::Revoke { id, json } => revoke(site, id, json).await,
    }
}

async fn create(site: &Site, arguments: &NewArguments) -> Result<String, InvitationsError> {
    let new = NewInvitation::parse(arguments.uses, arguments.days, &arguments.note)?;
    let (invitation, token) = site.accounts.invite(&new, None).await?;
    let path = SitePath::invitation(token.reveal());
    let link = site.link(&path);
    if arguments.json {
        let mut shown = json!(Shown::from(&invitation));
        shown["link"] = json!(link);
        return Ok(as_json(&shown));
    }
    Ok(format!("{link}\n"))
}

async fn list(site: &Site, json: bool) -> Result<String, InvitationsError> {
    let invitations = site.accounts.invitations().await?;
    if json {
        return Ok(as_json(&invitations.iter().map(Shown::from).collect::<Vec<_>>()));
    }
    let heads = ["ID", "STATE", "USED", "EXPIRES", "NOTE"].map(str::to_owned);
    let rows = invitations.into_iter().map(|invitation| {
        let state = match invitation.standing {
            Standing::Open => "open",
            Standing::UsedUp => "used up",
            Standing::Expired => "expired",
            Standing::Revoked => "revoked",
            Standing::Unknown => "unknown",
        };
        let used = format!("{} of {}", invitation.used, invitation.uses);
        let expires = invitation.expires_at.to_string();
        [invitation.id, state.to_owned(), used, expires, invitation.note]
    });
    Ok(in_columns(&std::iter::once(heads).chain(rows).collect::<Vec<_>>()))
}

async fn revoke(site: &Site, id: String, json: bool) -> Result<String, InvitationsError> {
    if !site.accounts.revoke_invitation(&id).await? {
        return Err(InvitationsError::NotFound(id));
    }
    if json {
        return Ok(as_json(&json!({ "id": id, "done": "revoked" })));
    }
    Ok(format!("nobody can sign up with {id} any more\n"))
}
