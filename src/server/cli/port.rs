//! `keyfold import` and `keyfold export`: passkeys that come from another service, or go to one.
//!
//! A server that is running knows the passkeys with its next request, and is held up by the one
//! transaction alone with which they are taken over.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Read as _, Write};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use thiserror::Error;

use super::Failure;
use super::progress::Progress;
use super::text::{as_json, counted};
use crate::server::passkeys::{self, Export, Imported, LINE_MAX, RelyingParty};
use crate::server::site::Site;

const MEMBERS: &str = "\
Each line is one JSON object, one passkey:
  {\"externalId\":\"107fb578\",\"userHandle\":\"…\",\"credentialId\":\"…\",\"publicKey\":\"…\",\"signCount\":0,
   \"transports\":[\"internal\"],\"backupEligible\":true,\"backupState\":true}
and may have aaguid, createdAt, lastUsedAt, discoverable and name. Binary values are base64url without
padding; publicKey is the COSE_Key. The page /docs/import of the server explains each, and how to get
them out of other services.

Lines are checked first, some thousand a second, without holding anybody up. Then all are imported in one
transaction: a quarter of a second for 10,000 passkeys, three seconds for 100,000. A running server waits
at most 5 seconds for it before it refuses requests that write: split larger files.";

/// Takes passkeys over.
#[derive(Debug, Args)]
#[command(after_help = MEMBERS)]
pub(in crate::server) struct ImportCommand {
    /// The relying party, rp_…. Its RP ID must be the domain that the passkeys were made for.
    #[arg(long, value_name = "ID")]
    relying_party: String,
    /// The file; - or none for standard input.
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Import the good lines even if others are refused. Without this, any refused line means that
    /// nothing is imported.
    #[arg(long)]
    keep_going: bool,
    /// Write JSON instead of text.
    #[arg(long)]
    json: bool,
}

/// Writes passkeys out.
#[derive(Debug, Args)]
pub(in crate::server) struct ExportCommand {
    /// The relying party, rp_….
    #[arg(long, value_name = "ID")]
    relying_party: String,
    /// The file, which only you will be able to read; - or none for standard output.
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Replace the file if it exists.
    #[arg(long)]
    force: bool,
}

/// Why it could not be done.
#[derive(Debug, Error)]
pub(in crate::server) enum PortError {
    #[error("there is no relying party with the id {0:?}")]
    NotFound(String),
    #[error("{refused} of {lines} lines were refused{}", if *.taken { "" } else { "; nothing was imported" })]
    Refused { refused: u64, lines: u64, taken: bool },
    #[error("cannot read {0}: {1}")]
    Read(String, io::Error),
    #[error("cannot write {0}: {1}")]
    Write(String, io::Error),
    #[error("{0} already exists")]
    Exists(String),
    #[error(transparent)]
    Passkeys(#[from] passkeys::Error),
}

impl PortError {
    fn hint(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "`keyfold relying-parties list` shows all",
            Self::Refused { taken: false, .. } => {
                "correct them, or import the others with --keep-going"
            }
            Self::Refused { .. } => "correct them, and import the file again",
            Self::Read(..) => "nothing was imported; check whether this user may read it",
            Self::Write(..) => {
                "check whether this user may write there, and whether the disk is full"
            }
            Self::Exists(_) => "give another name, or replace it with --force",
            Self::Passkeys(_) => "check whether the disk is full, and who else uses the databases",
        }
    }
}

impl From<PortError> for Failure {
    fn from(error: PortError) -> Self {
        Self::new(&error, error.hint())
    }
}

/// What an import says, and whether it was whole.
pub(in crate::server) struct Said {
    pub(in crate::server) text: String,
    pub(in crate::server) error: Option<PortError>,
}

async fn find(site: &Site, id: &str) -> Result<RelyingParty, PortError> {
    let found = site.passkeys.relying_party(id).await?;
    found.ok_or_else(|| PortError::NotFound(id.to_owned()))
}

/// The file that is meant; None for the standard one.
fn named(file: Option<&PathBuf>) -> Option<&Path> {
    file.map(PathBuf::as_path).filter(|file| *file != Path::new("-"))
}

/// Takes passkeys over. Its progress goes to the terminal, where there is one.
pub(in crate::server) async fn import(
    site: &Site,
    command: &ImportCommand,
) -> Result<Said, PortError> {
    let party = find(site, &command.relying_party).await?;
    let Some(path) = named(command.file.as_ref()) else {
        let input = BufReader::new(io::stdin());
        return import_from(site, &party, command, input, "standard input").await;
    };
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| PortError::Read(name.clone(), error))?;
    import_from(site, &party, command, BufReader::new(file), &name).await
}

async fn import_from(
    site: &Site,
    party: &RelyingParty,
    command: &ImportCommand,
    mut input: impl BufRead,
    name: &str,
) -> Result<Said, PortError> {
    let mut import = site.passkeys.import(party).await?;
    let progress = Progress::new(command.json);
    let mut line = Vec::new();
    while next_line(&mut input, &mut line)
        .map_err(|error| PortError::Read(name.to_owned(), error))?
    {
        import.add(&line).await?;
        if import.lines() % 1000 == 0 {
            progress.count("lines", import.lines());
        }
    }
    let lines = import.lines();
    progress.count("taking over", lines);
    let imported = import.finish(command.keep_going).await?;
    drop(progress);
    let error = (imported.refused_in_all > 0).then_some(PortError::Refused {
        refused: imported.refused_in_all,
        lines,
        taken: command.keep_going,
    });
    let text = if command.json { in_json(&imported) } else { in_words(&imported) };
    Ok(Said { text, error })
}

/// Reads a line without its end; of one that is too long only so much that it is seen to be. False at
/// the end.
fn next_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let most = u64::try_from(LINE_MAX).unwrap_or(u64::MAX).saturating_add(2);
    if input.by_ref().take(most).read_until(b'\n', line)? == 0 {
        return Ok(false);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
        line.pop_if(|last| *last == b'\r');
    } else {
        input.skip_until(b'\n')?;
    }
    Ok(true)
}

fn in_json(imported: &Imported) -> String {
    let refused = imported.refused.iter();
    let refused: Vec<_> = refused
        .map(|refused| json!({ "line": refused.line, "reason": refused.reason.to_string() }))
        .collect();
    as_json(&json!({
        "imported": imported.imported, "users": imported.users, "unchanged": imported.unchanged,
        "refused": refused, "refusedInAll": imported.refused_in_all,
    }))
}

fn in_words(imported: &Imported) -> String {
    let mut text = format!(
        "imported {} of {}; {} already here, {} refused\n",
        counted(imported.imported, "passkey"),
        counted(imported.users, "user"),
        imported.unchanged,
        imported.refused_in_all
    );
    for refused in &imported.refused {
        let _ = writeln!(text, "line {}: {}", refused.line, refused.reason);
    }
    let named = u64::try_from(imported.refused.len()).unwrap_or(u64::MAX);
    let more = imported.refused_in_all.saturating_sub(named);
    if more > 0 {
        let _ = writeln!(text, "and {} more", counted(more, "line"));
    }
    text
}

/// Writes passkeys out; says how many where they did not go to standard output.
pub(in crate::server) async fn export(
    site: &Site,
    command: &ExportCommand,
) -> Result<String, PortError> {
    let party = find(site, &command.relying_party).await?;
    let mut export = site.passkeys.export(&party).await?;
    let Some(path) = named(command.file.as_ref()) else {
        let failed = |error| PortError::Write("standard output".to_owned(), error);
        export_to(&mut export, BufWriter::new(io::stdout()), failed).await?;
        return Ok(String::new());
    };
    let name = path.display().to_string();
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => PortError::Exists(name.clone()),
        _ => PortError::Write(name.clone(), error),
    };
    let file = make_file(path, command.force).map_err(failed)?;
    export_to(&mut export, BufWriter::new(file), failed).await?;
    let (passkeys, users) = export.count();
    let (passkeys, users) = (counted(passkeys, "passkey"), counted(users, "user"));
    Ok(format!("exported {passkeys} of {users} to {name}\n"))
}

async fn export_to(
    export: &mut Export,
    mut output: impl Write,
    failed: impl Fn(io::Error) -> PortError,
) -> Result<(), PortError> {
    loop {
        let lines = export.page().await?;
        if lines.is_empty() {
            return output.flush().map_err(failed);
        }
        for line in lines {
            writeln!(output, "{line}").map_err(&failed)?;
        }
    }
}

/// A new file for this user alone; with `force` it takes the place of another one.
fn make_file(path: &Path, force: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    if !force {
        return options.create_new(true).open(path);
    }
    let file = options.create(true).truncate(true).open(path)?;
    file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    Ok(file)
}
