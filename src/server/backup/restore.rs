//! Puts a backup in place: all of it, or nothing.

use std::fs::{File, TryLockError};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::staging::{Staging, folder_of, write_down};
use super::take::read_again;
use super::transfer::{must_not_exist, write_all};
use super::{Error, HALVES, Manifest};
use crate::server::chance::Chance;
use crate::server::clock::Clock;
use crate::server::config::Config;
use crate::server::database::copy::Told;
use crate::server::database::{Database, Location};
use crate::server::site::{LOCK, Site, UNFINISHED, prepare_data_dir};

/// What may stand in an empty folder: our lock, and what file systems make by themselves.
const NOTHING: [&str; 2] = [LOCK, "lost+found"];

/// What was done.
#[derive(Debug, Clone)]
pub struct Restored {
    /// What the backup says of itself.
    pub manifest: Manifest,
    /// What was alive in it and is over now, and how much of it.
    pub ended: Vec<(&'static str, u64)>,
}

/// Restores a backup to where the settings have the databases, which must not be there yet. What was
/// alive in it ends; sessions may be kept.
pub async fn restore(
    config: &Config,
    (clock, chance): (Clock, Chance),
    (file, keep_sessions): (&Path, bool),
    told: Told<'_>,
) -> Result<Restored, Error> {
    let places = [&config.accounts_database, &config.passkeys_database];
    let data_dir = &config.data_dir;
    prepare_data_dir(data_dir).map_err(Error::file(data_dir))?;
    let lock = hold(data_dir)?;
    must_be_free(data_dir, places)?;
    let mut staged = config.clone();
    let stagings = places.map(|place| {
        let folder = place.file().map_or_else(|| data_dir.clone(), folder_of);
        prepare_data_dir(&folder).map_err(Error::file(&folder))?;
        Staging::inside(&folder, &chance).map_err(Error::file(&folder))
    });
    let [accounts, passkeys] = stagings;
    let stagings = [accounts?, passkeys?];
    let [accounts, passkeys] = [0, 1].map(|place: usize| {
        let half = HALVES.get(place).map_or("", |half| half.file);
        stagings.get(place).map(|staging| staging.file(half)).unwrap_or_default()
    });
    let manifest = read_again(file, [&accounts, &passkeys], told).await?;
    staged.accounts_database = Location::File(accounts.clone());
    staged.passkeys_database = Location::File(passkeys.clone());
    let ended = end_what_was_alive(staged, (clock, chance), keep_sessions).await?;
    put_in_place(data_dir, [&accounts, &passkeys], places, told).await?;
    drop(lock);
    Ok(Restored { manifest, ended })
}

/// Nobody may begin to use the folder meanwhile.
fn hold(data_dir: &Path) -> Result<File, Error> {
    let path = data_dir.join(LOCK);
    let mut options = File::options();
    let lock = options.write(true).create(true).truncate(false).mode(0o600).open(&path);
    let lock = lock.map_err(Error::file(&path))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(Error::InUse(data_dir.to_owned())),
        Err(TryLockError::Error(error)) => Err(Error::file(&path)(error)),
    }
}

fn must_be_free(data_dir: &Path, places: [&Location; 2]) -> Result<(), Error> {
    if places.iter().any(|place| place.file().is_some()) {
        let entries = std::fs::read_dir(data_dir).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let entries = entries.map_err(Error::file(data_dir))?;
        let occupants =
            entries.iter().filter(|entry| !NOTHING.iter().any(|name| entry.file_name() == *name));
        // Every file system lists them in an order of its own.
        if let Some(first) = occupants.map(std::fs::DirEntry::path).min() {
            return Err(Error::Occupied(first));
        }
    }
    places.into_iter().try_for_each(must_not_exist)
}

/// Brings the databases up to date, and ends what must not live on in them.
async fn end_what_was_alive(
    config: Config,
    (clock, chance): (Clock, Chance),
    keep_sessions: bool,
) -> Result<Vec<(&'static str, u64)>, Error> {
    let site = Site::open_beside(config, clock, chance).await?;
    let accounts = site.accounts.end_what_was_alive(keep_sessions).await;
    let passkeys = site.passkeys.end_what_was_alive().await;
    site.close().await;
    Ok([accounts?, passkeys?].concat())
}

/// Servers first: what is there can be taken back until both are done. Between the first and the last
/// renaming the folder says that it is not whole.
async fn put_in_place(
    data_dir: &Path,
    staged: [&PathBuf; 2],
    places: [&Location; 2],
    told: Told<'_>,
) -> Result<(), Error> {
    let mut to_servers = Vec::new();
    let mut to_files = Vec::new();
    for ((half, from), place) in HALVES.iter().zip(staged).zip(places) {
        match place {
            Location::Server(_) => {
                let from = Location::File(from.clone());
                let from = Database::open_as_it_is(&from, half.migrations).await?;
                let snapshot = from.snapshot().await.map_err(|error| Error::Read(error.into()))?;
                to_servers.push((*half, snapshot, place));
            }
            Location::File(to) => to_files.push((from.as_path(), to.as_path())),
        }
    }
    if !to_servers.is_empty() {
        write_all(to_servers, told).await?;
    }
    if to_files.is_empty() {
        return Ok(());
    }
    let unfinished = data_dir.join(UNFINISHED);
    File::create_new(&unfinished).map_err(Error::file(&unfinished))?;
    write_down(data_dir).map_err(Error::file(data_dir))?;
    let moved = move_all(&to_files);
    std::fs::remove_file(&unfinished).map_err(Error::file(&unfinished))?;
    moved?;
    write_down(data_dir).map_err(Error::file(data_dir))
}

fn move_all(files: &[(&Path, &Path)]) -> Result<(), Error> {
    let mut moved = Vec::new();
    for (from, to) in files {
        let done = std::fs::rename(from, to).and_then(|()| write_down(&folder_of(to)));
        moved.push((from, to));
        if let Err(error) = done {
            for (from, to) in moved {
                // What cannot be taken back is what could not be moved.
                let _ = std::fs::rename(to, from);
            }
            return Err(Error::file(to)(error));
        }
    }
    Ok(())
}
