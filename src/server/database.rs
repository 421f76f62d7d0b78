//! Opens a database, and sees to it that what it answers is true.
//!
//! Owns: the SQLite settings on which durability rests, the check of file and engine at start, and
//! migrations. Refuses to know: what the tables are for.
//!
//! Decisions: one writer connection and several readers, because SQLite has one writer anyway and a
//! queue in front of it beats "database is locked". `synchronous = FULL`, because what was
//! acknowledged must survive a power cut. `secure_delete`, because a sign-up that was cancelled
//! leaves nothing behind, not even in free pages. `trusted_schema = off`, because the file may come
//! from elsewhere.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Sqlite, Transaction};
use thiserror::Error;

/// Older ones can corrupt a database in WAL mode.
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);

const READERS: u32 = 4;

/// How long to wait for another process that holds the database.
const BUSY: Duration = Duration::from_secs(5);

/// How long to wait for a connection; with the former this stays below the limit on a request.
const QUEUE: Duration = Duration::from_secs(5);

/// Why a database could not be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The file cannot be read or written, or is not a database.
    #[error("cannot open the database {file}: {source}")]
    Unusable {
        /// Which one.
        file: PathBuf,
        /// What SQLite says.
        source: sqlx::Error,
    },
    /// SQLite finds the file's structure broken.
    #[error("the database {file} is damaged: {finding}")]
    Damaged {
        /// Which one.
        file: PathBuf,
        /// The first thing that SQLite found.
        finding: String,
    },
    /// The file has been written by a newer Keyfold.
    #[error(
        "the database {file} is from a newer version of Keyfold (it has schema {schema}, which this one does not know)"
    )]
    Newer {
        /// Which one.
        file: PathBuf,
        /// The number of the first unknown migration.
        schema: i64,
    },
    /// A migration did not go through; the database is as it was before it.
    #[error("cannot bring the database {file} up to date: {source}")]
    Migration {
        /// Which one.
        file: PathBuf,
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
    /// What the operator can do about it. The file is as it was in any case.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unusable { .. } => {
                "see whether this user may write to the file, and who else holds it"
            }
            Self::Damaged { .. } => "nothing was changed; restore a backup of the data directory",
            Self::Newer { .. } => "run the version that wrote it, or a newer one",
            Self::Migration { .. } => "nothing was changed; see whether the disk is full",
            Self::Engine(_) => "build Keyfold with the versions in its Cargo.lock",
        }
    }
}

/// One database: a writer and some readers.
#[derive(Debug, Clone)]
pub struct Database {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl Database {
    /// Opens the file, making it if there is none, checks it and brings it up to date.
    pub async fn open(file: &Path, migrator: &Migrator) -> Result<Self, OpenError> {
        let unusable = |source| OpenError::Unusable { file: file.to_owned(), source };
        make_private(file).map_err(|error| unusable(error.into()))?;
        let options = options().filename(file);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(QUEUE)
            .connect_with(options.clone())
            .await;
        let writer = writer.map_err(|error| damaged_or_unusable(file, error))?;
        check_engine(&writer).await.map_err(unusable)?.map_err(OpenError::Engine)?;
        check_structure(file, &writer).await?;
        migrate(file, migrator, &writer).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .min_connections(1)
            .acquire_timeout(QUEUE);
        let readers = readers.connect_with(options.read_only(true)).await.map_err(unusable)?;
        Ok(Self { writer, readers })
    }

    /// A database that lives in memory as long as this value: for tests.
    #[cfg(test)]
    pub(crate) async fn in_memory(migrator: &Migrator) -> Self {
        let pool =
            SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
        let writer = pool.connect_with(options().in_memory(true)).await.expect("memory is there");
        migrator.run(&writer).await.expect("the migrations are sound");
        Self { readers: writer.clone(), writer }
    }

    /// For statements that only read. What they see may be as old as their start.
    pub fn reader(&self) -> &SqlitePool {
        &self.readers
    }

    /// For a single statement that writes.
    pub fn writer(&self) -> &SqlitePool {
        &self.writer
    }

    /// A transaction that holds the write lock from its beginning, so that what it reads stays true
    /// until it commits. Dropped, it is rolled back.
    pub async fn begin(&self) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
        self.writer.begin_with("begin immediate").await
    }

    /// Whether the database answers.
    pub async fn is_ready(&self) -> bool {
        sqlx::query_scalar::<_, i64>("select 1").fetch_one(&self.readers).await.is_ok()
    }

    /// Waits for what is under way, then closes the files.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// SQLite makes its files with the mode of the umask: made first, this one keeps ours, and those beside
/// it take after it.
fn make_private(file: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(file).map(drop)
}

fn options() -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .pragma("trusted_schema", "off")
        .pragma("secure_delete", "on")
}

async fn check_engine(pool: &SqlitePool) -> Result<Result<(), String>, sqlx::Error> {
    let version: String = sqlx::query_scalar("select sqlite_version()").fetch_one(pool).await?;
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    let found = (next(), next(), next());
    Ok(if found >= OLDEST_SQLITE { Ok(()) } else { Err(version) })
}

async fn check_structure(file: &Path, pool: &SqlitePool) -> Result<(), OpenError> {
    let finding = sqlx::query_scalar::<_, String>("pragma quick_check(1)").fetch_one(pool).await;
    match finding {
        Ok(finding) if finding == "ok" => Ok(()),
        Ok(finding) => {
            let mut lines = finding.lines().filter(|line| !line.starts_with("***"));
            let finding = lines.next().unwrap_or_default().to_owned();
            Err(OpenError::Damaged { file: file.to_owned(), finding })
        }
        Err(error) => Err(damaged_or_unusable(file, error)),
    }
}

async fn migrate(file: &Path, migrator: &Migrator, pool: &SqlitePool) -> Result<(), OpenError> {
    migrator.run(pool).await.map_err(|error| match error {
        MigrateError::VersionMissing(schema) => OpenError::Newer { file: file.to_owned(), schema },
        source => OpenError::Migration { file: file.to_owned(), source },
    })
}

/// SQLite's `SQLITE_CORRUPT` (11) and `SQLITE_NOTADB` (26) speak of the file's content.
fn damaged_or_unusable(file: &Path, error: sqlx::Error) -> OpenError {
    let file = file.to_owned();
    let code = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .map(std::borrow::Cow::into_owned);
    let primary = code.and_then(|code| code.parse::<i32>().ok()).map(|code| code & 0xff);
    if matches!(primary, Some(11 | 26)) {
        OpenError::Damaged { file, finding: error.to_string() }
    } else {
        OpenError::Unusable { file, source: error }
    }
}
