//! A folder for files that are not finished.

use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use crate::server::chance::Chance;

/// A folder beside where something will be, for its owner alone; gone with this value.
#[derive(Debug)]
pub(super) struct Staging(PathBuf);

impl Staging {
    pub(super) fn inside(folder: &Path, chance: &Chance) -> io::Result<Self> {
        let path = folder.join(format!(".keyfold-{}", chance.id()));
        DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            let folder = self.0.display();
            tracing::warn!(%error, %folder, "a folder of unfinished files could not be removed");
        }
    }
}

/// The folder that a file is in.
pub(super) fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// A name in a folder survives a power cut only when the folder has been written.
pub(super) fn write_down(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
