//! Moves an installation to other databases, of either engine.

use std::path::PathBuf;

use super::staging::folder_of;
use super::{Error, HALVES, Half};
use crate::server::database::copy::{Extent, Tally, Told, copy};
use crate::server::database::{Database, Location, Transaction, at_one_moment};
use crate::server::site::prepare_data_dir;

/// Copies both databases, as they are at one moment, to where there is nothing yet. Says what they hold.
pub async fn transfer(
    from: [&Location; 2],
    to: [&Location; 2],
    told: Told<'_>,
) -> Result<Vec<Vec<Tally>>, Error> {
    for to in to {
        must_not_exist(to)?;
        if let Some(file) = to.file() {
            let folder = folder_of(file);
            prepare_data_dir(&folder).map_err(Error::file(&folder))?;
        }
    }
    let [accounts, passkeys] = &HALVES;
    let [accounts_at, passkeys_at] = from;
    let sources =
        [accounts.open_source(accounts_at).await?, passkeys.open_source(passkeys_at).await?];
    let [accounts, passkeys] = &sources;
    let moment = at_one_moment(accounts, passkeys).await;
    let snapshots = moment.map_err(|error| Error::Read(error.into()))?;
    let parts = HALVES.into_iter().zip(snapshots).zip(to);
    let parts = parts.map(|((half, snapshot), to)| (half, snapshot, to)).collect();
    let written = write_all(parts, told).await;
    for source in &sources {
        source.close().await;
    }
    written
}

impl Half {
    /// Opens what is copied, and leaves it as it is.
    async fn open_source(&self, location: &Location) -> Result<Database, Error> {
        let database = Database::open_as_it_is(location, self.migrations).await?;
        match database.out_of_date(location, self.migrations).await? {
            None => Ok(database),
            Some(error) => {
                database.close().await;
                Err(error.into())
            }
        }
    }
}

/// Fails where there is such a file, or what SQLite puts beside one.
pub(super) fn must_not_exist(location: &Location) -> Result<(), Error> {
    match files_of(location).into_iter().find(|file| file.symlink_metadata().is_ok()) {
        Some(file) => Err(Error::Occupied(file)),
        None => Ok(()),
    }
}

fn files_of(location: &Location) -> Vec<PathBuf> {
    let beside = |end: &str| location.file().map(|file| format!("{}{end}", file.display()).into());
    ["", "-wal", "-shm", "-journal"].iter().filter_map(|end| beside(end)).collect()
}

/// Copies databases into empty ones: all of them, or none.
pub(super) async fn write_all(
    parts: Vec<(Half, Transaction<'static>, &Location)>,
    told: Told<'_>,
) -> Result<Vec<Vec<Tally>>, Error> {
    let places: Vec<&Location> = parts.iter().map(|(_, _, to)| *to).collect();
    let mut opened = Vec::new();
    let written = write_to(parts, &mut opened, told).await;
    for database in &opened {
        database.close().await;
    }
    if written.is_err() {
        // They were not there before.
        for file in places.into_iter().flat_map(files_of) {
            let _ = std::fs::remove_file(file);
        }
    }
    written
}

async fn write_to(
    parts: Vec<(Half, Transaction<'static>, &Location)>,
    opened: &mut Vec<Database>,
    told: Told<'_>,
) -> Result<Vec<Vec<Tally>>, Error> {
    let (mut tallies, mut written) = (Vec::new(), Vec::new());
    for (half, mut from, to) in parts {
        let database = Database::open(to, half.migrations).await?;
        opened.push(database.clone());
        let mut into = database.begin().await.map_err(|error| Error::copy(to, error))?;
        let copied = copy(&mut from, &mut into, Extent::default(), (half.file, told)).await;
        tallies.push(copied.map_err(|error| Error::copy(to, error))?);
        written.push((into, to));
    }
    // Passkeys first: a passkey without an account signs nobody in.
    for (transaction, to) in written.into_iter().rev() {
        transaction.commit().await.map_err(|error| Error::copy(to, error))?;
    }
    Ok(tallies)
}
