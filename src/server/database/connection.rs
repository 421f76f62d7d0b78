//! A connection that is kept for a while.

use sqlx::pool::PoolConnection;
use sqlx::{Connection as _, Postgres, Sqlite};

use super::{On, Transaction};

/// A connection, taken from the pool until it is dropped.
#[derive(Debug)]
pub enum Connection {
    /// The one that writes, of SQLite's.
    Sqlite(PoolConnection<Sqlite>),
    /// One of Postgres', and what the lock of its half is called.
    Postgres(PoolConnection<Postgres>, i64),
}

impl Connection {
    /// A transaction on it that nobody else writes beside, as long as it takes.
    pub async fn begin(&mut self) -> Result<Transaction<'_>, sqlx::Error> {
        Ok(match self {
            Self::Sqlite(connection) => {
                Transaction::Sqlite(connection.begin_with("begin immediate").await?)
            }
            Self::Postgres(connection, lock) => {
                let mut transaction = connection.begin().await?;
                let patient = sqlx::query("set local statement_timeout = 0");
                patient.execute(&mut *transaction).await?;
                let alone = sqlx::query("select pg_advisory_xact_lock($1)").bind(*lock);
                alone.execute(&mut *transaction).await?;
                Transaction::Postgres(transaction)
            }
        })
    }
}

impl<'a> From<&'a mut Connection> for On<'a> {
    fn from(connection: &'a mut Connection) -> Self {
        match connection {
            Connection::Sqlite(connection) => Self::Sqlite(connection),
            Connection::Postgres(connection, _) => Self::Postgres(connection),
        }
    }
}
