//! Postgres: one database that several nodes share.
//!
//! Decisions:
//! * The two halves keep to schemas of their own, so that they may share a database or not.
//! * Transactions are as they are with SQLite: one at a time. Each holds a lock that belongs to its
//!   half, and a statement by itself holds the same lock together with others of its kind. What a
//!   transaction has read thus stays true until it commits, on every node, and nothing has to be tried
//!   again. What concerns one person alone shares the lock too, and holds one of that person's
//!   ([`Pools::begin_about`]).
//! * Migrations run under a lock of the database, however many nodes start at once, and as long as they
//!   take ([`migrate`]); everything else gives up after seconds.

mod migrate;
#[cfg(test)]
mod tests;

use std::time::Duration;

use sha2::{Digest as _, Sha256};
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, Postgres};

use super::{OpenError, QUEUE};
use migrate::{PATIENCE, Patience};

const CONNECTIONS: u32 = 10;

/// How long a connection may be idle before it is asked whether it still is one.
const TRUSTED_FOR: Duration = Duration::from_secs(30);

/// Where a database is, and which schema of it is meant.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) options: PgConnectOptions,
    pub(super) schema: String,
}

impl Place {
    /// As it is named to people: without the password.
    pub(super) fn name(&self) -> String {
        let database = self.options.get_database().unwrap_or_default();
        let (host, port) = (self.options.get_host(), self.options.get_port());
        format!("postgres://{host}:{port}/{database} (schema {})", self.schema)
    }

    fn options(&self, timeouts: [(&'static str, &'static str); 3]) -> PgConnectOptions {
        let path = self.schema.clone();
        self.options
            .clone()
            .application_name("keyfold")
            .options([("search_path", path.as_str()), ("synchronous_commit", "on")])
            .options(timeouts)
    }

    fn patient(&self) -> PgConnectOptions {
        self.options([
            ("statement_timeout", "0"),
            ("lock_timeout", "0"),
            ("idle_in_transaction_session_timeout", "0"),
        ])
    }

    fn hasty(&self) -> PgConnectOptions {
        self.options([
            ("statement_timeout", "5s"),
            ("lock_timeout", "3s"),
            ("idle_in_transaction_session_timeout", "15s"),
        ])
    }
}

/// The connections to one schema.
#[derive(Debug, Clone)]
pub(super) struct Pools {
    pub(super) pool: PgPool,
    pub(super) lock: i64,
}

impl Pools {
    /// The pool, how many connections it has, and how many of these are idle.
    pub(super) fn sizes(&self) -> Vec<(&'static str, u32, usize)> {
        vec![("all", self.pool.size(), self.pool.num_idle())]
    }

    /// Connects, and brings the schema up to date.
    pub(super) async fn open(place: &Place, migrator: &Migrator) -> Result<Self, OpenError> {
        Self::open_within(place, migrator, PATIENCE).await
    }

    async fn open_within(
        place: &Place,
        migrator: &Migrator,
        patience: Patience,
    ) -> Result<Self, OpenError> {
        let unusable = |source| OpenError::Unusable { database: place.name(), source };
        let mut connection = place.patient().connect().await.map_err(unusable)?;
        migrate::run(&mut connection, place, migrator, patience).await?;
        connection.close().await.map_err(unusable)?;
        Self::connect(place).await.map_err(unusable)
    }

    /// Connects to what is there, and changes nothing.
    pub(super) async fn open_as_it_is(place: &Place) -> Result<Self, OpenError> {
        let unusable = |source| OpenError::Unusable { database: place.name(), source };
        Self::connect(place).await.map_err(unusable)
    }

    /// Whether nobody has ever migrated the schema, or there is none.
    pub(super) async fn is_blank(place: &Place) -> Result<bool, sqlx::Error> {
        let mut connection = place.hasty().connect().await?;
        let is_blank = !migrate::has_begun(&mut connection).await?;
        connection.close().await?;
        Ok(is_blank)
    }

    async fn connect(place: &Place) -> Result<Self, sqlx::Error> {
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(QUEUE)
            .test_before_acquire(false)
            .before_acquire(|connection, state| {
                Box::pin(async move {
                    Ok(state.idle_for < TRUSTED_FOR || connection.ping().await.is_ok())
                })
            });
        let pool = pool.connect_with(place.hasty()).await?;
        Ok(Self { pool, lock: number_of(place.schema.as_bytes()) })
    }

    /// A transaction that no other one of this half runs beside.
    pub(super) async fn begin(&self) -> Result<sqlx::Transaction<'static, Postgres>, sqlx::Error> {
        let mut transaction = self.pool.begin().await?;
        let alone = sqlx::query("select pg_advisory_xact_lock($1)").bind(self.lock);
        alone.execute(&mut *transaction).await?;
        Ok(transaction)
    }

    /// A transaction that leaves room for others of this kind.
    pub(super) async fn begin_sharing(
        &self,
    ) -> Result<sqlx::Transaction<'static, Postgres>, sqlx::Error> {
        let mut transaction = self.pool.begin().await?;
        let together = sqlx::query("select pg_advisory_xact_lock_shared($1)").bind(self.lock);
        together.execute(&mut *transaction).await?;
        Ok(transaction)
    }

    /// A transaction that leaves room for others about somebody else.
    pub(super) async fn begin_about(
        &self,
        somebody: &[u8],
    ) -> Result<sqlx::Transaction<'static, Postgres>, sqlx::Error> {
        let mut transaction = self.pool.begin().await?;
        let together = sqlx::query("select pg_advisory_xact_lock_shared($1)").bind(self.lock);
        together.execute(&mut *transaction).await?;
        let name = [self.lock.to_be_bytes().as_slice(), somebody].concat();
        let alone = sqlx::query("select pg_advisory_xact_lock($1)").bind(number_of(&name));
        alone.execute(&mut *transaction).await?;
        Ok(transaction)
    }

    /// A transaction that keeps others who hold the same name out, and no one else.
    pub(super) async fn hold(
        &self,
        name: &[u8],
    ) -> Result<sqlx::Transaction<'static, Postgres>, sqlx::Error> {
        let mut transaction = self.pool.begin().await?;
        let name = [self.lock.to_be_bytes().as_slice(), b"held", name].concat();
        let alone = sqlx::query("select pg_advisory_xact_lock($1)").bind(number_of(&name));
        alone.execute(&mut *transaction).await?;
        Ok(transaction)
    }

    /// A transaction that sees everything as it was when it began.
    pub(super) async fn snapshot(
        &self,
    ) -> Result<sqlx::Transaction<'static, Postgres>, sqlx::Error> {
        self.pool.begin_with("begin isolation level repeatable read read only").await
    }
}

/// What a lock is called.
fn number_of(name: &[u8]) -> i64 {
    let digest = Sha256::digest(name);
    digest.iter().take(8).fold(0, |number, byte| number << 8 | i64::from(*byte))
}
