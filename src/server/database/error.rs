//! Why a database cannot be opened, and what the operator can do about it.

use sqlx::migrate::MigrateError;
use thiserror::Error;

use super::Location;

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
    /// It is empty, or not there, and the other one is in use.
    #[error(
        "the database {database} is gone or empty, and {other} is in use: they belong together"
    )]
    Lost {
        /// Which one.
        database: String,
        /// The other one.
        other: String,
    },
    /// It has been written by a newer Keyfold. On a server that is told only where that version does not
    /// let older ones go on.
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
    /// Others kept hold of a table that a migration changes; the database is as it was before it.
    #[error(
        "cannot bring the database {database} up to date: in {tries} tries others did not let go of a table that has to be changed"
    )]
    KeptOut {
        /// Which one.
        database: String,
        /// How often it was tried.
        tries: u32,
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
    /// It was opened, and then could not be asked.
    pub fn unusable(database: &Location, error: &dyn std::error::Error) -> Self {
        let source = sqlx::Error::Io(std::io::Error::other(error.to_string()));
        Self::Unusable { database: database.to_string(), source }
    }

    /// What the operator can do about it. The database is as it was in any case.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unusable { .. } => {
                "see whether this user may write to the file and who else holds it, or whether the server answers there and lets this user in; off this machine it needs TLS, unless the URL ends with ?sslmode=disable"
            }
            Self::Damaged { .. } => "nothing was changed; restore a backup of the data directory",
            Self::Lost { .. } => {
                "nothing was changed; put it back, see whether the settings name the right database, or restore a backup of both to where there is nothing"
            }
            Self::Newer { .. } => "run the version that wrote it, or a newer one",
            Self::Older { .. } => "start this version on it once, which brings it up to date",
            Self::KeptOut { .. } => {
                "nothing was changed; see who has been at it for long (select pid, application_name, xact_start, query from pg_stat_activity where xact_start is not null order by xact_start), wait for a backup to end, and start again"
            }
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
