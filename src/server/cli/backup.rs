//! `keyfold backup` and `keyfold restore`.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::Failure;
use super::progress::Progress;
use super::text::{as_json, counted};
use crate::server::backup::{self, Order};
use crate::server::chance::Chance;
use crate::server::clock::Clock;
use crate::server::config::Config;
use crate::server::site::Site;

const ABOUT_BACKUP: &str = "\
The backup is one tar file that only you can read: a manifest with checksums, and two SQLite databases,
whichever engine they come from. It holds the keys that sign tokens, and everybody's names and addresses:
keep it where nobody else can read it. It is reopened and compared before it gets its final name.

Every night at three, with a week of backups:
  0 3 * * * keyfold backup /var/backups/keyfold/ --keep 7

`tar tf FILE` shows what is in it; `keyfold restore FILE` restores it.";

/// Takes a backup.
#[derive(Debug, Args)]
#[command(after_help = ABOUT_BACKUP)]
pub(in crate::server) struct BackupCommand {
    /// The file, or a directory; the file is then named by time.
    #[arg(value_name = "FILE")]
    target: PathBuf,
    /// Remove the oldest backups in the directory, so that this many remain.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    keep: Option<u32>,
    /// Replace the file if it exists.
    #[arg(long)]
    force: bool,
    /// Write JSON instead of text.
    #[arg(long)]
    json: bool,
}

const ABOUT_RESTORE: &str = "\
The data directory must be empty or missing; with PostgreSQL, the tables. Everything is checked before
anything is put in place.

A backup does not know what happened after it was taken. So everything that grants access is revoked:
sessions, sign-ups and sign-ins in progress, links, recoveries, tokens. What was removed since then is back:
removed passkeys, deleted or disabled people, revoked API keys, used recovery codes. Remove it again.";

/// Puts a backup in place.
#[derive(Debug, Args)]
#[command(after_help = ABOUT_RESTORE)]
pub(in crate::server) struct RestoreCommand {
    /// The backup.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Keep people signed in, even those who have signed out since.
    #[arg(long)]
    keep_sessions: bool,
    /// Write JSON instead of text.
    #[arg(long)]
    json: bool,
}

impl From<backup::Error> for Failure {
    fn from(error: backup::Error) -> Self {
        Self::new(&error, error.hint())
    }
}

/// Takes a backup, and says what is in it.
pub(in crate::server) async fn backup(
    site: &Site,
    command: &BackupCommand,
) -> Result<String, backup::Error> {
    let order = Order {
        target: command.target.clone(),
        force: command.force,
        keep: command.keep.and_then(|keep| usize::try_from(keep).ok()),
    };
    let progress = Progress::new(command.json);
    let told = |what: &str, done, all| progress.tell(what, done, all);
    let taken = backup::take(site, &order, &told).await?;
    drop(progress);
    let manifest = &taken.manifest;
    let (file, bytes) = (taken.file.display().to_string(), taken.bytes);
    if command.json {
        let removed = taken.removed.iter().map(|file| file.display().to_string());
        return Ok(as_json(&json!({
            "file": file, "bytes": bytes, "removed": removed.collect::<Vec<_>>(),
            "manifest": manifest,
        })));
    }
    let people = counted(manifest.rows("accounts.db", "users"), "account");
    let passkeys = counted(manifest.rows("passkeys.db", "credentials"), "passkey");
    let mut said = format!("{file}: {people}, {passkeys}, {bytes} bytes, checked\n");
    for old in &taken.removed {
        let _ = writeln!(said, "removed {}", old.display());
    }
    Ok(said)
}

/// Restores a backup to where the settings have the databases, and says what has ended.
pub(in crate::server) async fn restore(
    config: &Config,
    (clock, chance): (Clock, Chance),
    command: &RestoreCommand,
) -> Result<String, backup::Error> {
    let progress = Progress::new(command.json);
    let told = |what: &str, done, all| progress.tell(what, done, all);
    let what = (command.file.as_path(), command.keep_sessions);
    let restored = backup::restore(config, (clock, chance), what, &told).await?;
    drop(progress);
    let manifest = &restored.manifest;
    if command.json {
        let ended = restored.ended.iter().map(|(what, count)| ((*what).to_owned(), json!(count)));
        return Ok(as_json(&json!({
            "takenAt": manifest.taken_at, "publicUrl": manifest.public_url,
            "accounts": manifest.rows("accounts.db", "users"),
            "passkeys": manifest.rows("passkeys.db", "credentials"),
            "keptSessions": command.keep_sessions,
            "ended": ended.collect::<serde_json::Map<_, _>>(),
        })));
    }
    let people = counted(manifest.rows("accounts.db", "users"), "account");
    let passkeys = counted(manifest.rows("passkeys.db", "credentials"), "passkey");
    let mut said = format!(
        "restored {people} and {passkeys} of {}, as they were at {}\n",
        manifest.public_url, manifest.taken_at
    );
    for (what, count) in restored.ended.iter().filter(|(_, count)| *count > 0) {
        let _ = writeln!(said, "ended: {count} {what}");
    }
    said.push_str("What was removed since then is back; see `keyfold restore --help`.\n");
    Ok(said)
}
