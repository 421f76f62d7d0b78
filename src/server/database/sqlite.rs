//! SQLite: a file, its settings, and the check of both at start.
//!
//! Decisions: one writer connection and several readers, because SQLite has one writer anyway and a
//! queue in front of it beats "database is locked". `synchronous = FULL`, because what was
//! acknowledged must survive a power cut. `secure_delete`, because a sign-up that was cancelled
//! leaves nothing behind, not even in free pages. `trusted_schema = off`, because the file may come
//! from elsewhere.

use std::path::Path;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use super::error::failed_migration;
use super::{OpenError, QUEUE};

/// Older ones can corrupt a database in WAL mode.
const OLDEST: (u32, u32, u32) = (3, 51, 3);

const READERS: u32 = 4;

/// How long to wait for another process that holds the database.
const BUSY: Duration = Duration::from_secs(5);

/// A writer and some readers of one file.
#[derive(Debug, Clone)]
pub(super) struct Pools {
    pub(super) writer: SqlitePool,
    pub(super) readers: SqlitePool,
}

impl Pools {
    /// Each pool, how many connections it has, and how many of these are idle.
    pub(super) fn sizes(&self) -> Vec<(&'static str, u32, usize)> {
        let of = |name, pool: &SqlitePool| (name, pool.size(), pool.num_idle());
        vec![of("writer", &self.writer), of("readers", &self.readers)]
    }

    /// Opens the file, making it if there is none, checks it and brings it up to date.
    pub(super) async fn open(file: &Path, migrator: &Migrator) -> Result<Self, OpenError> {
        let unusable =
            |source| OpenError::Unusable { database: file.display().to_string(), source };
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
        let migrated = migrator.run(&writer).await;
        migrated.map_err(|error| failed_migration(&file.display().to_string(), error))?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .min_connections(1)
            .acquire_timeout(QUEUE);
        let readers = readers.connect_with(options.read_only(true)).await.map_err(unusable)?;
        Ok(Self { writer, readers })
    }

    /// Opens a file that is there, and changes nothing.
    pub(super) async fn open_as_it_is(file: &Path) -> Result<Self, OpenError> {
        let options = options().filename(file);
        let one = SqlitePoolOptions::new().max_connections(1).acquire_timeout(QUEUE);
        let some = SqlitePoolOptions::new().max_connections(READERS).acquire_timeout(QUEUE);
        let writer = one.connect_with(options.clone()).await;
        let writer = writer.map_err(|error| damaged_or_unusable(file, error))?;
        let readers = some.connect_with(options.read_only(true)).await;
        let readers = readers.map_err(|error| damaged_or_unusable(file, error))?;
        Ok(Self { writer, readers })
    }

    /// Puts what is in the write-ahead log into the file, and empties the log. Waits for other processes
    /// that read as long as for those that write.
    pub(super) async fn write_back(&self) -> Result<(), sqlx::Error> {
        let checkpoint = sqlx::query_scalar::<_, bool>("pragma wal_checkpoint(truncate)");
        if checkpoint.fetch_one(&self.writer).await? {
            tracing::warn!("others are at work on a database, and its log beside it stays");
        }
        Ok(())
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
}

/// SQLite makes its files with the mode of the umask: made first, this one keeps ours, and those beside
/// it take after it. Files that are there already, such as copies made by hand, are closed to others.
fn make_private(file: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
    std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(file)?;
    for ending in ["", "-wal", "-shm"] {
        let mut path = file.as_os_str().to_owned();
        path.push(ending);
        let Ok(found) = std::fs::metadata(&path) else { continue };
        let mode = found.permissions().mode() & 0o777;
        if mode & !0o600 != 0 {
            let private = std::fs::Permissions::from_mode(mode & 0o600);
            if let Err(error) = std::fs::set_permissions(&path, private) {
                let file = file.display();
                tracing::warn!(%file, %error, "a database that others may open could not be closed to them");
            }
        }
    }
    Ok(())
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
    Ok(if found >= OLDEST { Ok(()) } else { Err(version) })
}

async fn check_structure(file: &Path, pool: &SqlitePool) -> Result<(), OpenError> {
    let finding = sqlx::query_scalar::<_, String>("pragma quick_check(1)").fetch_one(pool).await;
    match finding {
        Ok(finding) if finding == "ok" => Ok(()),
        Ok(finding) => {
            let mut lines = finding.lines().filter(|line| !line.starts_with("***"));
            let finding = lines.next().unwrap_or_default().to_owned();
            Err(OpenError::Damaged { database: file.display().to_string(), finding })
        }
        Err(error) => Err(damaged_or_unusable(file, error)),
    }
}

fn damaged_or_unusable(file: &Path, error: sqlx::Error) -> OpenError {
    let database = file.display().to_string();
    if is_damage(&error) {
        OpenError::Damaged { database, finding: error.to_string() }
    } else {
        OpenError::Unusable { database, source: error }
    }
}

/// SQLite's `SQLITE_CORRUPT` (11) and `SQLITE_NOTADB` (26) speak of the file's content.
pub(super) fn is_damage(error: &sqlx::Error) -> bool {
    let code = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .map(std::borrow::Cow::into_owned);
    let primary = code.and_then(|code| code.parse::<i32>().ok()).map(|code| code & 0xff);
    matches!(primary, Some(11 | 26))
}
