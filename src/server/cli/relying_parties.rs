//! `keyfold relying-parties`: the sites that the passkey API works for.
//!
//! A server that is running knows of a change with its next request: nothing has to be restarted.

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::json;
use thiserror::Error;

use super::Failure;
use super::text::{as_json, in_columns, is_confirmed};
use crate::server::passkeys::{
    self, ATTESTATION, ChangeError, Changes, Settings, SettingsError, Tenant, UserVerification,
};
use crate::server::site::Site;

/// What can be done with relying parties.
#[derive(Debug, Subcommand)]
pub(in crate::server) enum Command {
    /// Create a relying party: a site whose back end and pages use the passkey API.
    #[command(
        after_help = "Example:\n  keyfold relying-parties create --name Shop --rp-id example.com \\\n    --origin https://example.com --origin https://shop.example.com\n\nThen `keyfold api-keys create` makes the key with which its back end calls the API."
    )]
    Create(Create),
    /// List all relying parties, oldest first. Keyfold's own pages are not among them.
    List {
        /// Write JSON instead of columns.
        #[arg(long)]
        json: bool,
    },
    /// Show one relying party, and how many passkeys it has.
    Show(One),
    /// Change the name, the origins or the user verification. The RP ID cannot change, because
    /// passkeys are bound to it: for another one, create another relying party.
    Update(Update),
    /// Remove a relying party with all its passkeys, users and API keys. This cannot be undone.
    Remove {
        #[command(flatten)]
        one: One,
        /// Do not ask for confirmation.
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Args)]
pub(in crate::server) struct Create {
    /// What devices show: 1 to 64 characters.
    #[arg(long)]
    name: String,
    /// The domain that the passkeys are permanently bound to: example.com, or localhost to try.
    #[arg(long, value_name = "DOMAIN")]
    rp_id: String,
    /// An origin of its pages, as the address bar has it: scheme, host and perhaps port, on the RP ID
    /// or below it; http is for localhost only. Repeat it for each further origin, at most 20.
    #[arg(long, required = true, value_name = "ORIGIN")]
    origin: Vec<String>,
    /// Whether a device must check who uses a passkey (by PIN, finger or face), or should.
    #[arg(long, value_name = "POLICY", default_value = "required", value_parser = policy())]
    user_verification: UserVerification,
    /// What a device must prove about its make and model; there is only "none".
    #[arg(long, value_name = "CONVEYANCE", default_value = ATTESTATION)]
    attestation: String,
    /// Write JSON instead of text.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(in crate::server) struct One {
    /// The id, rp_….
    id: String,
    /// Write JSON instead of text.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(in crate::server) struct Update {
    #[command(flatten)]
    one: One,
    /// The new name.
    #[arg(long)]
    name: Option<String>,
    /// An origin; those given here replace all existing ones. Repeat it for each.
    #[arg(long, value_name = "ORIGIN")]
    origin: Vec<String>,
    /// Whether a device must check who uses a passkey, or should.
    #[arg(long, value_name = "POLICY", value_parser = policy())]
    user_verification: Option<UserVerification>,
    /// There to be refused with the reason.
    #[arg(long, hide = true)]
    rp_id: Option<String>,
}

fn policy() -> impl clap::builder::TypedValueParser<Value = UserVerification> {
    let words = PossibleValuesParser::new(UserVerification::CODES);
    words.try_map(|text| UserVerification::parse(&text).ok_or("is not a policy"))
}

/// Why it could not be done.
#[derive(Debug, Error)]
pub(in crate::server) enum RelyingPartiesError {
    #[error("there is no relying party with the id {0:?}")]
    NotFound(String),
    #[error("{0} stands for Keyfold's own pages, which are not managed here")]
    Own(String),
    #[error("the RP ID of a relying party cannot change: its passkeys are bound to it")]
    RpIdStays,
    #[error("nothing to change was given")]
    NothingToChange,
    #[error("removing {0} must be confirmed")]
    NotConfirmed(String),
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Passkeys(#[from] passkeys::Error),
}

impl RelyingPartiesError {
    fn hint(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "`keyfold relying-parties list` shows all",
            Self::Own(_) => "set public_url, related_origins and site_name, and start the server",
            Self::RpIdStays => "create another relying party for the other RP ID",
            Self::NothingToChange => "give --name, --origin or --user-verification",
            Self::NotConfirmed(_) => "add --yes",
            Self::Settings(error) => match error {
                SettingsError::Name => "give a short name as people know it, such as Shop",
                SettingsError::RpId(_) => {
                    "give the domain that all its pages are on or below; IP addresses cannot have passkeys"
                }
                SettingsError::NoOrigin
                | SettingsError::Origin(..)
                | SettingsError::NotAsBrowsersWrite { .. } => {
                    "give scheme, host and perhaps port as in the address bar, such as https://shop.example.com"
                }
                SettingsError::TooManyOrigins | SettingsError::Twice(_) => {
                    "give each origin that uses passkeys once"
                }
                SettingsError::Elsewhere { .. } => {
                    "browsers would refuse it; create another relying party for the other domain"
                }
                SettingsError::Attestation(_) => "leave --attestation out",
            },
            Self::Passkeys(_) => "check whether the disk is full, and who else uses the databases",
        }
    }
}

impl From<ChangeError> for RelyingPartiesError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::NotFound(id) => Self::NotFound(id),
            ChangeError::Settings(error) => error.into(),
            ChangeError::Failed(error) => error.into(),
        }
    }
}

impl From<RelyingPartiesError> for Failure {
    fn from(error: RelyingPartiesError) -> Self {
        let code = match error {
            RelyingPartiesError::RpIdStays
            | RelyingPartiesError::NothingToChange
            | RelyingPartiesError::NotConfirmed(_)
            | RelyingPartiesError::Settings(_) => 2,
            RelyingPartiesError::NotFound(_)
            | RelyingPartiesError::Own(_)
            | RelyingPartiesError::Passkeys(_) => 1,
        };
        Self { code, ..Self::new(&error, error.hint()) }
    }
}

/// A relying party, as JSON.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'a> {
    id: &'a str,
    name: &'a str,
    rp_id: &'a str,
    origins: &'a [String],
    user_verification: &'static str,
    attestation: &'static str,
    created_at: String,
}

impl<'a> From<&'a Tenant> for Shown<'a> {
    fn from(Tenant { party, created_at }: &'a Tenant) -> Self {
        Self {
            id: party.id(),
            name: party.name(),
            rp_id: party.rp_id(),
            origins: party.origins(),
            user_verification: party.user_verification().code(),
            attestation: party.attestation(),
            created_at: created_at.to_string(),
        }
    }
}

/// Runs a command; what it says goes to standard output.
pub(in crate::server) async fn run(
    site: &Site,
    command: Command,
) -> Result<String, RelyingPartiesError> {
    match command {
        Command::Create(wanted) => create(site, &wanted).await,
        Command::List { json } => list(site, json).await,
        Command::Show(one) => show(site, &one).await,
        Command::Update(update) => change(site, update).await,
        Command::Remove { one, yes } => remove(site, &one, yes).await,
    }
}

async fn find(site: &Site, id: &str) -> Result<Tenant, RelyingPartiesError> {
    if id == site.relying_party.id() {
        return Err(RelyingPartiesError::Own(id.to_owned()));
    }
    let found = site.passkeys.tenant(id).await?;
    found.ok_or_else(|| RelyingPartiesError::NotFound(id.to_owned()))
}

async fn create(site: &Site, wanted: &Create) -> Result<String, RelyingPartiesError> {
    let Create { name, rp_id, origin, user_verification, attestation, json } = wanted;
    let settings = Settings::new(name, rp_id, origin, *user_verification, attestation)?;
    let tenant = site.passkeys.create_relying_party(settings).await?;
    Ok(told(&tenant, *json))
}

async fn list(site: &Site, json: bool) -> Result<String, RelyingPartiesError> {
    let all = site.passkeys.relying_parties().await?;
    let shown: Vec<Shown<'_>> = all.iter().map(Shown::from).collect();
    if json {
        return Ok(as_json(&shown));
    }
    let heads = ["ID", "NAME", "RP ID", "ORIGINS"].map(str::to_owned);
    let rows = shown.iter().map(|shown| {
        [
            shown.id.to_owned(),
            shown.name.to_owned(),
            shown.rp_id.to_owned(),
            shown.origins.join(" "),
        ]
    });
    Ok(in_columns(&std::iter::once(heads).chain(rows).collect::<Vec<_>>()))
}

async fn show(site: &Site, one: &One) -> Result<String, RelyingPartiesError> {
    let tenant = find(site, &one.id).await?;
    let passkeys = site.passkeys.count_passkeys(&tenant.party).await?;
    if one.json {
        let mut shown = json!(Shown::from(&tenant));
        shown["passkeys"] = json!(passkeys);
        return Ok(as_json(&shown));
    }
    let mut rows = rows(&tenant);
    rows.push(["passkeys".to_owned(), passkeys.to_string()]);
    Ok(in_columns(&rows))
}

async fn change(site: &Site, update: Update) -> Result<String, RelyingPartiesError> {
    let Update { one, name, origin, user_verification, rp_id } = update;
    if rp_id.is_some() {
        return Err(RelyingPartiesError::RpIdStays);
    }
    let found = find(site, &one.id).await?;
    let origins = (!origin.is_empty()).then_some(origin);
    if name.is_none() && origins.is_none() && user_verification.is_none() {
        return Err(RelyingPartiesError::NothingToChange);
    }
    let changes = Changes { name, origins, user_verification };
    let tenant = site.passkeys.change_relying_party(found.party.id(), changes).await?;
    Ok(told(&tenant, one.json))
}

async fn remove(site: &Site, one: &One, yes: bool) -> Result<String, RelyingPartiesError> {
    let Tenant { party, .. } = find(site, &one.id).await?;
    let (id, name) = (party.id(), party.name());
    if !yes {
        let passkeys = in_words(site.passkeys.count_passkeys(&party).await?);
        let question = format!(
            "{name} ({id}) has {passkeys}. This cannot be undone. Type the name ({name}) to remove it: "
        );
        if !is_confirmed(&question, name) {
            return Err(RelyingPartiesError::NotConfirmed(name.to_owned()));
        }
    }
    let removed = site.passkeys.remove_relying_party(id).await?;
    let passkeys = removed.ok_or_else(|| RelyingPartiesError::NotFound(id.to_owned()))?;
    if one.json {
        return Ok(as_json(&json!({ "id": id, "done": "removed", "passkeys": passkeys })));
    }
    Ok(format!("{name} is removed, with {} and its API keys\n", in_words(passkeys)))
}

fn in_words(passkeys: i64) -> String {
    if passkeys == 1 { "1 passkey".to_owned() } else { format!("{passkeys} passkeys") }
}

fn told(tenant: &Tenant, json: bool) -> String {
    if json { as_json(&Shown::from(tenant)) } else { in_columns(&rows(tenant)) }
}

fn rows(tenant: &Tenant) -> Vec<[String; 2]> {
    let shown = Shown::from(tenant);
    let row = |head: &str, text: &str| [head.to_owned(), text.to_owned()];
    vec![
        row("id", shown.id),
        row("name", shown.name),
        row("RP ID", shown.rp_id),
        row("origins", &shown.origins.join(" ")),
        row("user verification", shown.user_verification),
        row("attestation", shown.attestation),
        row("created", &shown.created_at),
    ]
}

#[cfg(test)]
mod tests {
    use super::{Failure, RelyingPartiesError, SettingsError};

    #[test]
    fn every_error_says_what_to_do() {
        let failure = Failure::from(RelyingPartiesError::NotFound("rp_x".into()));
        assert_eq!(failure.code, 1);
        assert_eq!(
            failure.error,
            "there is no relying party with the id \"rp_x\"\nhint: `keyfold relying-parties list` shows all"
        );
        let failure = Failure::from(RelyingPartiesError::from(SettingsError::Name));
        assert_eq!(failure.code, 2);
        assert!(failure.error.contains("\nhint: give a short name"), "{}", failure.error);
    }
}
