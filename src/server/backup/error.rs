//! Why a backup could not be taken or restored.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error as ThisError;

use crate::server::database::OpenError;
use crate::server::database::copy::CopyError;
use crate::server::{accounts, passkeys};

/// What went wrong. Nothing has been changed then.
#[derive(Debug, ThisError)]
pub enum Error {
    /// A file or folder could not be used.
    #[error("cannot use {path}: {source}", path = .path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is there, and was not to be replaced.
    #[error("{} already exists", .0.display())]
    Exists(PathBuf),
    /// Old backups can be removed only where there is a folder of them.
    #[error("{} is not a folder, so that there are no old backups to remove", .0.display())]
    NotAFolder(PathBuf),
    /// It is not a backup, or not a whole one.
    #[error("{path} is not a sound backup: {why}", path = .path.display())]
    Unsound {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// Something is where it would go.
    #[error("{} already exists, and nothing may be where this goes", .0.display())]
    Occupied(PathBuf),
    /// A server runs on it.
    #[error("a Keyfold is running on the data directory {}", .0.display())]
    InUse(PathBuf),
    /// A database could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The rows of a database could not be copied.
    #[error("cannot copy the database {database}: {source}")]
    Copy {
        /// Which one.
        database: String,
        /// Why.
        source: CopyError,
    },
    /// The two databases could not be read.
    #[error("cannot read the databases: {0}")]
    Read(CopyError),
    /// What was alive in the user database could not be ended.
    #[error(transparent)]
    Accounts(#[from] accounts::Error),
    /// What was alive in the passkey database could not be ended.
    #[error(transparent)]
    Passkeys(#[from] passkeys::Error),
}

impl Error {
    pub(super) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        |source| Self::File { path, source }
    }

    pub(super) fn copy(database: &impl ToString, error: impl Into<CopyError>) -> Self {
        Self::Copy { database: database.to_string(), source: error.into() }
    }

    pub(super) fn unsound(path: &Path, why: &impl ToString) -> Self {
        Self::Unsound { path: path.to_owned(), why: why.to_string() }
    }

    /// What the operator can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::File { .. } => {
                "see whether it is there, whether this user may read and write there, and whether the disk is full"
            }
            Self::Exists(_) => "give another name, or replace it with --force",
            Self::NotAFolder(_) => "name the folder, or leave out --keep",
            Self::Unsound { .. } => "it is of no use; take another backup",
            Self::Occupied(_) => {
                "name another place (for a restore in data_dir, KEYFOLD_DATA_DIR), or move away what is there"
            }
            Self::InUse(_) => "stop it, and restore into an empty folder",
            Self::Open(error) => error.hint(),
            Self::Copy { source: CopyError::NotEmpty(_), .. } => {
                "name a database without tables, or with empty ones"
            }
            Self::Copy { .. } | Self::Read(_) | Self::Accounts(_) | Self::Passkeys(_) => {
                "check whether the disk is full, and who else uses the databases"
            }
        }
    }
}
