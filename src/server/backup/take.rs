//! Takes a backup, while the server runs or not.

use std::path::{Path, PathBuf};

use super::archive::{measure, pack, unpack};
use super::manifest::FORMAT;
use super::staging::{Staging, folder_of, write_down};
use super::{Error, HALVES, Half, Manifest, Part, folder};
use crate::server::database::copy::{Extent, Tally, Told, copy, tallies};
use crate::server::database::{Database, Location, Transaction, at_one_moment};
use crate::server::site::{Site, prepare_data_dir};

/// What is wanted.
#[derive(Debug, Clone)]
pub struct Order {
    /// The file, or the folder in which one is made.
    pub target: PathBuf,
    /// Whether it may take the place of another file.
    pub force: bool,
    /// How many backups stay in the folder.
    pub keep: Option<usize>,
}

/// What was done.
#[derive(Debug, Clone)]
pub struct Taken {
    /// The backup.
    pub file: PathBuf,
    /// How long it is.
    pub bytes: u64,
    /// What it says of itself.
    pub manifest: Manifest,
    /// The old ones that were removed.
    pub removed: Vec<PathBuf>,
}

/// Takes a backup, opens it again to see that it is whole, and only then gives it its name.
pub async fn take(site: &Site, order: &Order, told: Told<'_>) -> Result<Taken, Error> {
    let target = &order.target;
    let ends_with_slash = target.as_os_str().as_encoded_bytes().ends_with(b"/");
    if ends_with_slash {
        prepare_data_dir(target).map_err(Error::file(target))?;
    }
    let is_folder = target.is_dir();
    if order.keep.is_some() && !is_folder {
        return Err(Error::NotAFolder(target.clone()));
    }
    let folder = if is_folder { target.clone() } else { folder_of(target) };
    if !is_folder {
        refuse_to_replace(target, order)?;
    }
    let staging = Staging::inside(&folder, &site.chance).map_err(Error::file(&folder))?;
    let moment = at_one_moment(site.accounts.database(), site.passkeys.database()).await;
    let snapshots = moment.map_err(|error| Error::Read(error.into()))?;
    let taken_at = site.clock.now();
    let file = if is_folder { folder.join(folder::name(taken_at)) } else { target.clone() };
    refuse_to_replace(&file, order)?;
    let mut parts = Vec::new();
    for (half, snapshot) in HALVES.iter().zip(snapshots) {
        parts.push(half.lay_out(snapshot, &staging, told).await?);
    }
    let manifest = Manifest {
        format: FORMAT,
        keyfold: env!("CARGO_PKG_VERSION").to_owned(),
        taken_at: taken_at.to_the_millisecond(),
        public_url: site.config.public_url.origin().to_owned(),
        databases: parts,
    };
    let unfinished = staging.file("backup.tar");
    let databases = HALVES.each_ref().map(|half| staging.file(half.file));
    pack(&unfinished, &manifest, databases.each_ref().map(PathBuf::as_path), told)?;
    for database in &databases {
        std::fs::remove_file(database).map_err(Error::file(database))?;
    }
    let again = HALVES.each_ref().map(|half| staging.file(half.file));
    read_again(&unfinished, again.each_ref().map(PathBuf::as_path), told).await?;
    let bytes = std::fs::metadata(&unfinished).map_err(Error::file(&unfinished))?.len();
    refuse_to_replace(&file, order)?;
    std::fs::rename(&unfinished, &file).map_err(Error::file(&file))?;
    write_down(&folder).map_err(Error::file(&folder))?;
    let removed = match order.keep {
        Some(keep) => folder::remove_old(&folder, keep, &file).map_err(Error::file(&folder))?,
        None => Vec::new(),
    };
    Ok(Taken { file, bytes, manifest, removed })
}

fn refuse_to_replace(file: &Path, order: &Order) -> Result<(), Error> {
    if !order.force && file.symlink_metadata().is_ok() {
        return Err(Error::Exists(file.to_owned()));
    }
    Ok(())
}

impl Half {
    /// Copies it into a file of its own.
    async fn lay_out(
        &self,
        mut snapshot: Transaction<'static>,
        staging: &Staging,
        told: Told<'_>,
    ) -> Result<Part, Error> {
        let path = staging.file(self.file);
        let fresh = Database::open(&Location::File(path.clone()), self.migrations).await?;
        let copied = self.copy_into(&fresh, &mut snapshot, told).await;
        fresh.close().await;
        let tables = copied?;
        let (bytes, sha256) = measure(&path, (self.file, told))?;
        let schema = self.migrations.newest();
        Ok(Part { file: self.file.to_owned(), bytes, sha256, schema, tables })
    }

    async fn copy_into(
        &self,
        fresh: &Database,
        snapshot: &mut Transaction<'static>,
        told: Told<'_>,
    ) -> Result<Vec<Tally>, Error> {
        let name = &self.file;
        let begun = fresh.begin().await;
        let mut transaction = begun.map_err(|error| Error::copy(name, error))?;
        // A server may have been added to by a newer version; its nodes know no more than this one does.
        let may_lack = matches!(snapshot, Transaction::Postgres(_));
        let extent = Extent { without_rows_of: self.passing, may_lack };
        let copied = copy(snapshot, &mut transaction, extent, (self.file, told)).await;
        let tallies = copied.map_err(|error| Error::copy(name, error))?;
        transaction.commit().await.map_err(|error| Error::copy(name, error))?;
        Ok(tallies)
    }
}

/// Unpacks a backup to these places, and finds out whether each row is what it was.
pub(super) async fn read_again(
    file: &Path,
    databases: [&Path; 2],
    told: Told<'_>,
) -> Result<Manifest, Error> {
    let manifest = unpack(file, databases, told)?;
    for ((half, part), path) in HALVES.iter().zip(&manifest.databases).zip(databases) {
        let database =
            Database::open_as_it_is(&Location::File(path.to_owned()), half.migrations).await?;
        let found = half.look_through(file, &database, part, told).await;
        database.close().await;
        found?;
    }
    Ok(manifest)
}

impl Half {
    async fn look_through(
        &self,
        file: &Path,
        database: &Database,
        part: &Part,
        told: Told<'_>,
    ) -> Result<(), Error> {
        let name = self.file;
        let unsound = |why: String| Error::unsound(file, &format!("{name}: {why}"));
        let all = part.tables.iter().map(|tally| tally.rows).sum();
        // SQLite does not say how far it is.
        let tell = |done| told(&format!("checking {name}"), done, all);
        tell(0);
        let faults = database.faults(false).await;
        tell(all);
        if let Some(fault) = faults.map_err(|error| unsound(error.to_string()))?.first() {
            return Err(unsound(fault.clone()));
        }
        let schema = database.schema().await.map_err(|error| unsound(error.to_string()))?;
        if schema.last() != Some(&part.schema) {
            return Err(unsound("its schema is not the one in the manifest".to_owned()));
        }
        let found =
            tallies(database, (name, told)).await.map_err(|error| unsound(error.to_string()))?;
        let differs = |tally: &&Tally| !found.contains(tally);
        match part.tables.iter().find(differs) {
            Some(tally) => Err(unsound(format!("the rows of {} are others", tally.table))),
            None if found.len() != part.tables.len() => Err(unsound("it has other tables".into())),
            None => Ok(()),
        }
    }
}
