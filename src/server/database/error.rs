//! Why a database cannot be opened, and what the operator can do about it.

use sqlx::migrate::MigrateError;
use thiserror::Error;

/// Why a database could not be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// It cannot be read or written, cannot be reached, or is not a database.
    #[error("cannot open the database {database}: {source}")]
    Unusable {
        /// Which one.
        database: String,
        /// What the engine says.
        source: sqlx::Error,
    },
    /// SQLite finds the file's structure broken.
    #[error("the database {database} is damaged: {finding}")]
    Damaged {
        /// Which one.
        database: String,
        /// The first thing that SQLite found.
        finding: String,
    },
    /// It has been written by a newer Keyfold.
    #[error(
        "the database {database} is from a newer version of Keyfold (it has schema {schema}, which this one does not know)"
    )]
    Newer {
        /// Which one.
        database: String,
        /// The number of the first unknown migration.
        schema: i64,
    },
    /// It has been written by an older Keyfold, and was not to be changed.
    #[error(
        "the database {database} is from an older version of Keyfold (it lacks schema {schema})"
    )]
    Older {
        /// Which one.
        database: String,
        /// The number of the first migration that it has not been through.
        schema: i64,
    },
    /// A migration did not go through; the database is as it was before it.
    #[error("cannot bring the database {database} up to date: {source}")]
    Migration {
        /// Which one.
        database: String,
        /// What went wrong.
        source: MigrateError,
    },
    /// The program was built with a SQLite that must not be used.
    #[error(
        "this program carries SQLite {0}, which can corrupt databases; it needs 3.51.3 or newer"
    )]
    Engine(String),
}

impl OpenError {
    /// What the operator can do about it. The database is as it was in any case.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unusable { .. } => {
                "see whether this user may write to the file and who else holds it, or whether the server answers there and lets this user in; off this machine it needs TLS, unless the URL ends with ?sslmode=disable"
            }
            Self::Damaged { .. } => "nothing was changed; restore a backup of the data directory",
            Self::Newer { .. } => "run the version that wrote it, or a newer one",
            Self::Older { .. } => "start this version on it once, which brings it up to date",
            Self::Migration { .. } => "nothing was changed; see whether the disk is full",
            Self::Engine(_) => "build Keyfold with the versions in its Cargo.lock",
        }
    }
}

pub(super) fn failed_migration(database: &str, error: MigrateError) -> OpenError {
    let database = database.to_owned();
    match error {
        MigrateError::VersionMissing(schema) => OpenError::Newer { database, schema },
        source => OpenError::Migration { database, source },
    }
}
