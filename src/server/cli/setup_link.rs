//! `keyfold setup-link`: the link that makes somebody an admin.

use clap::Args;
use serde_json::json;
use thiserror::Error;

use super::Failure;
use super::text::as_json;
use crate::server::accounts::{self, SetupLink};
use crate::server::site::Site;
use crate::wire::SitePath;

/// How the link is to be.
#[derive(Debug, Args)]
pub(in crate::server) struct SetupLinkCommand {
    /// Make one even if there is already an admin.
    #[arg(long)]
    another: bool,
    /// Write JSON instead of the link alone.
    #[arg(long)]
    json: bool,
}

/// Why there is no link.
#[derive(Debug, Error)]
pub(in crate::server) enum SetupLinkError {
    #[error("there is already an admin")]
    HasAdmin,
    #[error(transparent)]
    Accounts(#[from] accounts::Error),
}

impl From<SetupLinkError> for Failure {
    fn from(error: SetupLinkError) -> Self {
        let hint = match &error {
            SetupLinkError::HasAdmin => {
                "add --another for one more, or make an account an admin: keyfold users admin NAME --grant"
            }
            SetupLinkError::Accounts(_) => {
                "check whether the disk is full, and who else uses the databases"
            }
        };
        Self::new(&error, hint)
    }
}

/// Makes the link.
pub(in crate::server) async fn run(
    site: &Site,
    command: SetupLinkCommand,
) -> Result<String, SetupLinkError> {
    if !command.another && site.accounts.has_admin().await? {
        return Err(SetupLinkError::HasAdmin);
    }
    let made = site.accounts.make_setup_link(command.another).await?;
    let link = link(site, &made);
    if command.json {
        let expires_at = made.expires_at.to_string();
        return Ok(as_json(&json!({ "link": link, "expiresAt": expires_at })));
    }
    Ok(format!("{link}\n"))
}

/// What whoever starts a site without an admin is told; None for a site that has one.
pub(in crate::server) async fn greeting(site: &Site) -> Result<Option<String>, accounts::Error> {
    if site.accounts.has_admin().await? {
        return Ok(None);
    }
    let link = link(site, &site.accounts.make_setup_link(false).await?);
    Ok(Some(format!(
        "\nThere is no admin yet. Open this within an hour to become the admin; it works once:\n\n    {link}\n\n"
    )))
}

fn link(site: &Site, made: &SetupLink) -> String {
    let path = SitePath::setup(made.token.reveal());
    site.link(&path)
}
