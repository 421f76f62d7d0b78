//! `keyfold users`: people, as the operator looks after them.
//!
//! It opens the databases beside a server that may be running: what it writes holds at once.

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::json;
use thiserror::Error;

use super::Failure;
use super::text::{as_json, in_columns, is_confirmed};
use crate::server::accounts::{self, Person, UserName};
use crate::server::log::short_id;
use crate::server::passkeys;
use crate::server::site::Site;
use crate::wire::SitePath;

/// What can be done with people.
#[derive(Debug, Subcommand)]
pub(in crate::server) enum Command {
    /// List everybody.
    List {
        /// Write JSON instead of columns.
        #[arg(long)]
        json: bool,
    },
    /// Show one person.
    Show(OnePerson),
    /// Print a link with which somebody who has lost every passkey can make a new one. It works once,
    /// at once and for 24 hours; an earlier link or recovery stops working.
    Recover(OnePerson),
    /// Lock somebody out: sessions and recoveries end at once, passkeys stay.
    Disable(OnePerson),
    /// Unlock somebody who is locked out.
    Enable(OnePerson),
    /// Make somebody an admin, who can see and change everything in the console, or demote them.
    Admin {
        #[command(flatten)]
        one: OnePerson,
        #[command(flatten)]
        change: AdminChange,
    },
    /// Delete somebody with all their passkeys. This cannot be undone.
    Delete {
        #[command(flatten)]
        one: OnePerson,
        /// Do not ask for confirmation.
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Args)]
pub(in crate::server) struct OnePerson {
    /// The username.
    name: String,
    /// Write JSON instead of text.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(in crate::server) struct AdminChange {
    /// Make them an admin.
    #[arg(long)]
    grant: bool,
    /// Demote them to an ordinary user.
    #[arg(long)]
    revoke: bool,
}

/// Why it could not be done.
#[derive(Debug, Error)]
pub(in crate::server) enum UsersError {
    #[error("{0} is the last admin")]
    LastAdmin(String),
    #[error("there is nobody with the username {0:?}")]
    NotFound(String),
    #[error("{0} is locked out")]
    Disabled(String),
    #[error("deleting {0} must be confirmed")]
    NotConfirmed(String),
    #[error(transparent)]
    Accounts(#[from] accounts::Error),
    #[error(transparent)]
    Passkeys(#[from] passkeys::Error),
}

impl UsersError {
    fn hint(&self) -> &'static str {
        match self {
            Self::LastAdmin(_) => {
                "make somebody else an admin first: keyfold users admin NAME --grant, or keyfold setup-link --another"
            }
            Self::NotFound(_) => "`keyfold users list` shows everybody",
            Self::Disabled(_) => "`keyfold users enable` lets them in again",
            Self::NotConfirmed(_) => "add --yes",
            Self::Accounts(_) | Self::Passkeys(_) => {
                "check whether the disk is full, and who else uses the databases"
            }
        }
    }
}

impl UsersError {
    /// Names the last admin.
    fn about(person: &Person) -> impl Fn(accounts::Error) -> Self {
        |error| match error {
            accounts::Error::LastAdmin => Self::LastAdmin(person.name.clone()),
            error => error.into(),
        }
    }
}

impl From<UsersError> for Failure {
    fn from(error: UsersError) -> Self {
        let code = if matches!(error, UsersError::NotConfirmed(_)) { 2 } else { 1 };
        Self { code, ..Self::new(&error, error.hint()) }
    }
}

/// A person, as JSON.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'a> {
    name: &'a str,
    display_name: Option<&'a str>,
    created_at: String,
    disabled_at: Option<String>,
    admin_at: Option<String>,
    sessions: u32,
}

impl<'a> From<&'a Person> for Shown<'a> {
    fn from(person: &'a Person) -> Self {
        Self {
            name: &person.name,
            display_name: person.display_name.as_deref(),
            created_at: person.created_at.to_string(),
            disabled_at: person.disabled_at.map(|time| time.to_string()),
            admin_at: person.admin_at.map(|time| time.to_string()),
            sessions: person.sessions,
        }
    }
}

/// Runs a command; what it says goes to standard output.
pub(in crate::server) async fn run(site: &Site, command: Command) -> Result<String, UsersError> {
    match command {
        Command::List { json } => list(site, json).await,
        Command::Show(one) => show(site, &one).await,
        Command::Recover(one) => recover(site, &one).await,
        Command::Disable(one) => disable(site, &one).await,
        Command::Enable(one) => enable(site, &one).await,
        Command::Admin { one, change } => admin(site, &one, change.grant).await,
        Command::Delete { one, yes } => delete(site, &one, yes).await,
    }
}

async fn find(site: &Site, name: &str) -> Result<Person, UsersError> {
    let not_found = || UsersError::NotFound(name.to_owned());
    let name = UserName::parse(name).map_err(|_| not_found())?;
    site.accounts.person(&name).await?.ok_or_else(not_found)
}

async fn list(site: &Site, json: bool) -> Result<String, UsersError> {
    let people = site.accounts.people().await?;
    if json {
        return Ok(as_json(&people.iter().map(Shown::from).collect::<Vec<_>>()));
    }
    let heads = ["NAME", "CREATED", "DISABLED", "SESSIONS"].map(str::to_owned);
    let rows = people.iter().map(|person| {
        let disabled = person.disabled_at.map_or("-".to_owned(), |time| time.to_string());
        [person.name.clone(), person.created_at.to_string(), disabled, person.sessions.to_string()]
    });
    Ok(in_columns(&std::iter::once(heads).chain(rows).collect::<Vec<_>>()))
}

async fn show(site: &Site, one: &OnePerson) -> Result<String, UsersError> {
    let person = find(site, &one.name).await?;
    let passkeys = site.passkeys.credentials(&site.relying_party, &person.handle).await?.len();
    let codes = site.accounts.kit(&person.handle).await?.map_or(0, |kit| kit.left);
    let recovery = site.accounts.pending_recovery(&person.handle).await?;
    let recovery = recovery.map(|recovery| recovery.begun_at.to_string());
    if one.json {
        let mut shown = json!(Shown::from(&person));
        shown["passkeys"] = json!(passkeys);
        shown["recoveryCodesLeft"] = json!(codes);
        shown["recoveryBegunAt"] = json!(recovery);
        return Ok(as_json(&shown));
    }
    let never = || "-".to_owned();
    Ok(in_columns(&[
        ["name".to_owned(), person.name],
        ["display name".to_owned(), person.display_name.unwrap_or_else(never)],
        ["created".to_owned(), person.created_at.to_string()],
        ["disabled".to_owned(), person.disabled_at.map_or_else(never, |time| time.to_string())],
        ["admin since".to_owned(), person.admin_at.map_or_else(never, |time| time.to_string())],
        ["sessions".to_owned(), person.sessions.to_string()],
        ["passkeys".to_owned(), passkeys.to_string()],
        ["recovery codes".to_owned(), codes.to_string()],
        ["recovery begun".to_owned(), recovery.unwrap_or_else(never)],
    ]))
}

async fn recover(site: &Site, one: &OnePerson) -> Result<String, UsersError> {
    let person = find(site, &one.name).await?;
    let opened = site.accounts.open_recovery(&person.handle).await;
    let token = opened.map_err(|error| match error {
        accounts::Error::NoAccount => UsersError::Disabled(person.name.clone()),
        error => error.into(),
    })?;
    let path = SitePath::recovery(token.reveal());
    let link = site.link(&path);
    let pending = site.accounts.pending_recovery(&person.handle).await?;
    let expires_at = pending.map(|pending| pending.expires_at.to_string());
    if one.json {
        let name = &person.name;
        return Ok(as_json(&json!({ "name": name, "link": link, "expiresAt": expires_at })));
    }
    Ok(format!("{link}\n"))
}

async fn disable(site: &Site, one: &OnePerson) -> Result<String, UsersError> {
    let person = find(site, &one.name).await?;
    let changed = site.accounts.disable_but_the_last_admin(&person.handle).await;
    let changed = changed.map_err(UsersError::about(&person))?;
    let said = if changed { "is now locked out" } else { "was already locked out" };
    Ok(told(one, &person, "disabled", changed, said))
}

async fn enable(site: &Site, one: &OnePerson) -> Result<String, UsersError> {
    let person = find(site, &one.name).await?;
    let changed = site.accounts.enable(&person.handle).await?;
    let said = if changed { "can sign in again" } else { "was not locked out" };
    Ok(told(one, &person, "enabled", changed, said))
}

async fn admin(site: &Site, one: &OnePerson, grant: bool) -> Result<String, UsersError> {
    let person = find(site, &one.name).await?;
    let user = &person.handle;
    let changed = if grant {
        site.accounts.make_admin(user).await?
    } else {
        let changed = site.accounts.make_no_admin(user).await;
        changed.map_err(UsersError::about(&person))?
    };
    let (done, said) = match (grant, changed) {
        (true, true) => ("granted", "is now an admin"),
        (true, false) => ("granted", "was already an admin"),
        (false, true) => ("revoked", "is no longer an admin"),
        (false, false) => ("revoked", "was not an admin"),
    };
    let whom = user.to_string();
    tracing::info!(whom = short_id(&whom), done, changed, "the operator changed who is an admin");
    Ok(told(one, &person, done, changed, said))
}

async fn delete(site: &Site, one: &OnePerson, yes: bool) -> Result<String, UsersError> {
    let person = find(site, &one.name).await?;
    let name = &person.name;
    let question = format!("This cannot be undone. Type the username ({name}) to delete it: ");
    if !yes && !is_confirmed(&question, name) {
        return Err(UsersError::NotConfirmed(person.name));
    }
    site.accounts
        .delete_but_the_last_admin(&person.handle)
        .await
        .map_err(UsersError::about(&person))?;
    site.passkeys.remove_all(&site.relying_party, &person.handle).await?;
    Ok(told(one, &person, "deleted", true, "is deleted, with all passkeys"))
}

fn told(one: &OnePerson, person: &Person, what: &str, changed: bool, said: &str) -> String {
    if one.json {
        as_json(&json!({ "name": person.name, "done": what, "changed": changed }))
    } else {
        format!("{} {said}\n", person.name)
    }
}

#[cfg(test)]
mod tests {
    use super::{Failure, UsersError};

    #[test]
    fn every_error_says_what_to_do() {
        let failure = Failure::from(UsersError::NotFound("eve".into()));
        assert_eq!(failure.code, 1);
        assert_eq!(
            failure.error,
            "there is nobody with the username \"eve\"\nhint: `keyfold users list` shows everybody"
        );
        let failure = Failure::from(UsersError::NotConfirmed("ada".into()));
        assert_eq!(failure.code, 2);
        assert!(failure.error.ends_with("hint: add --yes"));
    }
}
