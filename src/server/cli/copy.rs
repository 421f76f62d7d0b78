//! `keyfold copy`: an installation moves to other databases.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::progress::Progress;
use super::text::{as_json, counted};
use crate::server::backup::{self, transfer};
use crate::server::database::Location;
use crate::server::site::LOCK;

const ABOUT: &str = "\
Both databases are copied as they are at one moment, sessions and all, and every row is read back and compared
before the copy counts. The target must be empty.

  keyfold copy --from sqlite:/var/lib/keyfold --to postgres://keyfold:…@db.internal/keyfold

Changes made after the copy starts are not included: try it while the server runs, then stop the server and
copy again, into an empty database. Then set accounts_database_url and passkeys_database_url.";

/// Copies both databases.
#[derive(Debug, Args)]
#[command(after_help = ABOUT)]
pub(in crate::server) struct CopyCommand {
    /// Where they are: sqlite: and the data directory, or postgres://…; or two places separated by a comma,
    /// the user database first, then the passkey database.
    #[arg(long, value_name = "PLACE", value_parser = places)]
    from: Places,
    /// Where they go, in the same form.
    #[arg(long, value_name = "PLACE", value_parser = places)]
    to: Places,
    /// Write JSON instead of text.
    #[arg(long)]
    json: bool,
}

/// Where both databases are.
#[derive(Debug, Clone)]
struct Places {
    accounts: Location,
    passkeys: Location,
    /// The data directory, where it was one that was named.
    folder: Option<PathBuf>,
}

fn places(text: &str) -> Result<Places, String> {
    let both =
        [",sqlite:", ",postgres"].iter().find_map(|next| text.split_once(next).zip(Some(*next)));
    if let Some(((accounts, passkeys), next)) = both {
        let passkeys = format!("{}{passkeys}", next.trim_start_matches(','));
        let (accounts, passkeys) = (Location::parse(accounts)?, Location::parse(&passkeys)?);
        return Ok(Places { accounts, passkeys, folder: None });
    }
    match Location::parse(text)? {
        Location::File(folder) => {
            let file = |name: &str| Location::File(folder.join(name));
            let (accounts, passkeys) = (file("accounts.db"), file("passkeys.db"));
            Ok(Places { accounts, passkeys, folder: Some(folder) })
        }
        server @ Location::Server(_) => {
            Ok(Places { accounts: server.clone(), passkeys: server, folder: None })
        }
    }
}

/// Copies, and says how much.
pub(in crate::server) async fn run(command: &CopyCommand) -> Result<String, backup::Error> {
    let (from, to) = (&command.from, &command.to);
    let progress = Progress::new(command.json);
    let told = |what: &str, done, all| progress.tell(what, done, all);
    let places = ([&from.accounts, &from.passkeys], [&to.accounts, &to.passkeys]);
    let copied = transfer(places.0, places.1, &told).await?;
    drop(progress);
    let is_used = from.folder.as_deref().is_some_and(is_used);
    if command.json {
        let [accounts, passkeys] = copied.as_slice() else { return Ok(String::new()) };
        let tables = json!({ "accounts": accounts, "passkeys": passkeys });
        return Ok(as_json(&json!({ "copied": tables, "serverRunsOnSource": is_used })));
    }
    let mut said = String::new();
    for (tallies, (from, to)) in copied.iter().zip(places.0.into_iter().zip(places.1)) {
        let rows = counted(tallies.iter().map(|tally| tally.rows).sum(), "row");
        let tables = counted(tallies.len().try_into().unwrap_or(0), "table");
        let _ = writeln!(said, "{from} → {to}: {rows} of {tables}, each compared");
    }
    if is_used {
        said.push_str(
            "A server is running on the source. Changes it makes from now on are not included.\n",
        );
    }
    Ok(said)
}

/// Whether a server holds the lock of a data directory.
fn is_used(folder: &Path) -> bool {
    let lock = std::fs::File::options().write(true).open(folder.join(LOCK));
    lock.is_ok_and(|lock| matches!(lock.try_lock(), Err(std::fs::TryLockError::WouldBlock)))
}

#[cfg(test)]
mod tests {
    use super::places;

    #[test]
    fn a_place_is_a_folder_a_server_or_two_places() {
        let said = |text: &str| {
            places(text).map(|places| format!("{} {}", places.accounts, places.passkeys))
        };
        let wanted = "/var/lib/keyfold/accounts.db /var/lib/keyfold/passkeys.db".to_owned();
        assert_eq!(said("sqlite:/var/lib/keyfold"), Ok(wanted));
        assert_eq!(said("sqlite:a.db,sqlite:p.db"), Ok("a.db p.db".to_owned()));
        let one = "postgres://db:5432/one postgres://db:5432/one".to_owned();
        assert_eq!(said("postgres://me:pass,word@db/one"), Ok(one));
        let two = "postgres://db:5432/one postgres://db:5432/two".to_owned();
        assert_eq!(said("postgres://db/one,postgresql://db/two"), Ok(two));
        for wrong in ["", "/var/lib/keyfold", "sqlite:", "mysql://db/one", "postgres://db"] {
            assert!(said(wrong).is_err(), "{wrong}");
        }
    }
}
