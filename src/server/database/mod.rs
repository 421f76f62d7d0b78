//! Opens a database, and sees to it that what it answers is true.
//!
//! Owns: the two engines, [`sqlite`] for one machine and [`postgres`] for several, the one way in which
//! both are asked ([`sql`]), and migrations. Refuses to know: what the tables are for.
//!
//! Decisions: statements are written once, in the SQL that both engines read; migrations once for each,
//! under the same numbers. A transaction sees nobody else write between its beginning and its end, with
//! either engine.

mod connection;
pub mod copy;
mod error;
mod location;
mod postgres;
mod rows;
pub mod sql;
mod sqlite;
pub mod tables;
mod whole;

use std::fmt;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::postgres::PgPool;
use sqlx::sqlite::SqlitePool;
use sqlx::{Postgres, Sqlite};

use super::clock::Clock;

pub use connection::Connection;
pub use error::OpenError;
pub use location::Location;
pub use sql::On;
pub use whole::at_one_moment;

use super::metrics;

/// How long to wait for a connection; with SQLite's own wait this stays below the limit on a request.
const QUEUE: Duration = Duration::from_secs(5);

/// The migrations of one half, for each engine, under the same numbers.
#[derive(Debug)]
pub struct Migrations {
    /// What its tables stand under, where the engine has schemas.
    pub schema: &'static str,
    /// For SQLite.
    pub sqlite: Migrator,
    /// For Postgres.
    pub postgres: Migrator,
}

#[derive(Debug, Clone)]
enum Engine {
    Sqlite(sqlite::Pools),
    Postgres(postgres::Pools),
}

/// One database, with either engine.
#[derive(Debug, Clone)]
pub struct Database(Engine);

/// Connections to put single statements to.
#[derive(Clone, Copy)]
pub enum Pool<'a> {
    /// Of SQLite's.
    Sqlite(&'a SqlitePool),
    /// Of Postgres', for statements that only read.
    Postgres(&'a PgPool),
    /// Of Postgres', for statements that write.
    #[expect(private_interfaces, reason = "it is passed on, not taken apart")]
    PostgresWriter(&'a postgres::Pools),
}

impl fmt::Debug for Pool<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Sqlite(_) => "Sqlite",
            Self::Postgres(_) => "Postgres",
            Self::PostgresWriter(_) => "PostgresWriter",
        })
    }
}

/// A transaction. Dropped, it is rolled back.
#[derive(Debug)]
pub enum Transaction<'c> {
    /// Of SQLite's.
    Sqlite(sqlx::Transaction<'c, Sqlite>),
    /// Of Postgres'.
    Postgres(sqlx::Transaction<'c, Postgres>),
}

impl Transaction<'_> {
    /// What SQLite has to be told so that it takes the right index; nothing with Postgres, which counts
    /// rows for itself.
    pub fn hint(&self, sqlite: &'static str) -> &'static str {
        match self {
            Self::Sqlite(_) => sqlite,
            Self::Postgres(_) => "",
        }
    }

    /// What makes a statement that chooses rows to be changed pass over those that somebody else is about
    /// to change, and so wait for nobody; nothing with SQLite, where nobody writes beside.
    pub fn passing_over(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "",
            Self::Postgres(_) => " for update skip locked",
        }
    }

    /// Makes what was written last.
    pub async fn commit(self) -> Result<(), sqlx::Error> {
        let answer: sql::Answer<'_, ()> = match self {
            Self::Sqlite(transaction) => Box::pin(transaction.commit()),
            Self::Postgres(transaction) => Box::pin(transaction.commit()),
        };
        metrics::timed("commit", answer).await
    }

    /// Takes back what was written.
    pub async fn rollback(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(transaction) => transaction.rollback().await,
            Self::Postgres(transaction) => transaction.rollback().await,
        }
    }
}

impl Database {
    /// Opens it, making it if there is none, checks it and brings it up to date.
    pub async fn open(location: &Location, migrations: &Migrations) -> Result<Self, OpenError> {
        Ok(Self(match location {
            Location::File(file) => {
                Engine::Sqlite(sqlite::Pools::open(file, &migrations.sqlite).await?)
            }
            Location::Server(options) => {
                let (options, schema) = (options.as_ref().clone(), migrations.schema.to_owned());
                let place = postgres::Place { options, schema };
                Engine::Postgres(postgres::Pools::open(&place, &migrations.postgres).await?)
            }
        }))
    }

    /// A database for one test: in memory, or a schema of its own in the server that the tests are
    /// given.
    #[cfg(test)]
    pub(crate) async fn in_memory(migrations: &Migrations) -> Self {
        let Some(options) = super::tests::postgres::server() else {
            return Self(Engine::Sqlite(sqlite::Pools::in_memory(&migrations.sqlite).await));
        };
        let schema = super::tests::postgres::fresh_schema(migrations.schema);
        let place = postgres::Place { options, schema };
        let pools = postgres::Pools::open(&place, &migrations.postgres).await;
        Self(Engine::Postgres(pools.expect("the server of the tests answers")))
    }

    /// For statements that only read. What they see may be as old as their start.
    pub fn reader(&self) -> Pool<'_> {
        match &self.0 {
            Engine::Sqlite(pools) => Pool::Sqlite(&pools.readers),
            Engine::Postgres(pools) => Pool::Postgres(&pools.pool),
        }
    }

    /// For a single statement that writes.
    pub fn writer(&self) -> Pool<'_> {
        match &self.0 {
            Engine::Sqlite(pools) => Pool::Sqlite(&pools.writer),
            Engine::Postgres(pools) => Pool::PostgresWriter(pools),
        }
    }

    /// For a single statement that writes what no transaction reads.
    pub fn unguarded(&self) -> Pool<'_> {
        match &self.0 {
            Engine::Sqlite(pools) => Pool::Sqlite(&pools.writer),
            Engine::Postgres(pools) => Pool::Postgres(&pools.pool),
        }
    }

    /// Whether other nodes may be at work on it.
    pub fn is_shared(&self) -> bool {
        matches!(self.0, Engine::Postgres(_))
    }

    /// How far this machine's clock is behind the database's, in milliseconds; nothing where there is no
    /// other machine.
    pub async fn clock_offset(&self, clock: &Clock) -> Result<Option<i64>, sqlx::Error> {
        let Engine::Postgres(pools) = &self.0 else { return Ok(None) };
        let select = "select (extract(epoch from clock_timestamp()) * 1000)::bigint";
        // Waiting for a connection is no part of the question.
        let mut connection = pools.pool.acquire().await?;
        let before = clock.machine().milliseconds();
        let theirs: i64 = sqlx::query_scalar(select).fetch_one(&mut *connection).await?;
        let ours = i64::midpoint(before, clock.machine().milliseconds());
        Ok(Some(theirs - ours))
    }

    /// Keeps others who hold the same name out, on every node, until what is given back is dropped;
    /// nothing where there are no others.
    pub async fn hold(&self, name: &[u8]) -> Result<Option<Transaction<'static>>, sqlx::Error> {
        let Engine::Postgres(pools) = &self.0 else { return Ok(None) };
        Ok(Some(Transaction::Postgres(pools.hold(name).await?)))
    }

    /// A transaction that holds the write lock from its beginning, so that what it reads stays true
    /// until it commits.
    pub async fn begin(&self) -> Result<Transaction<'static>, sqlx::Error> {
        let begun = Box::pin(async {
            Ok(match &self.0 {
                Engine::Sqlite(pools) => {
                    Transaction::Sqlite(pools.writer.begin_with("begin immediate").await?)
                }
                Engine::Postgres(pools) => Transaction::Postgres(pools.begin().await?),
            })
        });
        metrics::timed("begin", begun).await
    }

    /// The same where everything that it reads and writes belongs to one person, or to one relying
    /// party: others need not wait for it, where the engine can do that.
    pub async fn begin_about(&self, somebody: &[u8]) -> Result<Transaction<'static>, sqlx::Error> {
        match &self.0 {
            Engine::Sqlite(_) => self.begin().await,
            Engine::Postgres(pools) => {
                let begun = metrics::timed("begin", Box::pin(pools.begin_about(somebody)));
                Ok(Transaction::Postgres(begun.await?))
            }
        }
    }

    /// A transaction that only reads, and sees everything as it was at one moment.
    pub async fn snapshot(&self) -> Result<Transaction<'static>, sqlx::Error> {
        Ok(match &self.0 {
            Engine::Sqlite(pools) => Transaction::Sqlite(pools.readers.begin().await?),
            Engine::Postgres(pools) => Transaction::Postgres(pools.snapshot().await?),
        })
    }

    /// A connection of its own, for work that goes on for long before it writes.
    pub async fn connection(&self) -> Result<Connection, sqlx::Error> {
        Ok(match &self.0 {
            Engine::Sqlite(pools) => Connection::Sqlite(pools.writer.acquire().await?),
            Engine::Postgres(pools) => {
                Connection::Postgres(pools.pool.acquire().await?, pools.lock)
            }
        })
    }

    /// Whether the database answers.
    pub async fn is_ready(&self) -> bool {
        sql::query_scalar::<bool>("select 1 = 1").fetch_one(self.reader()).await.is_ok()
    }

    /// The pools: their name, how many connections they have, and how many of these are idle.
    pub(super) fn pools(&self) -> Vec<(&'static str, u32, usize)> {
        match &self.0 {
            Engine::Sqlite(pools) => pools.sizes(),
            Engine::Postgres(pools) => pools.sizes(),
        }
    }

    /// Puts what SQLite keeps in a log beside its file into the file, so that the file is whole alone.
    /// Whoever closes it last does so, too, but not where that one cannot tell that it is the last.
    pub async fn write_back(&self) {
        if let Engine::Sqlite(pools) = &self.0
            && let Err(error) = pools.write_back().await
        {
            tracing::warn!(%error, "a database is not whole without the log beside it");
        }
    }

    /// Waits for what is under way, then closes every connection.
    pub async fn close(&self) {
        match &self.0 {
            Engine::Sqlite(pools) => {
                pools.readers.close().await;
                pools.writer.close().await;
            }
            Engine::Postgres(pools) => pools.pool.close().await,
        }
    }
}
