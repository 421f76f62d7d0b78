//! Brings a schema up to date while other nodes are at work on it.
//!
//! Decisions:
//! * A node goes on, and starts again, on a schema that a newer version has added to: it leaves alone what
//!   it does not know. A migration that takes something away is called `stop_older_versions…`, and no
//!   version that does not know it starts from then on.
//! * Whoever changes a table waits for all who read it, and everybody who comes later waits behind that. So
//!   a migration waits for two seconds only, gives way, and is tried again: a backup that reads for
//!   minutes must not shut out the nodes that are at work.

use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tokio::time::interval;

use super::super::error::failed_migration;
use super::super::{Migrations, OpenError};
use super::Place;

/// Held by whoever migrates.
const MIGRATION: i64 = 0x4b65_7966_6f6c_6400;

/// How often a migration is tried that others do not let in, and how long they are let alone in between.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    pub(super) tries: u32,
    pub(super) pause: Duration,
}

/// Some three minutes in all: less than whoever has started this waits for it to be ready (the units and
/// manifests in `deploy/`). What reads for longer should not do so during an upgrade.
pub(super) const PATIENCE: Patience = Patience { tries: 40, pause: Duration::from_secs(3) };

/// Runs what the schema has not been through yet.
pub(super) async fn run(
    connection: &mut PgConnection,
    place: &Place,
    migrator: &Migrator,
    patience: Patience,
) -> Result<(), OpenError> {
    let unusable = |source| OpenError::Unusable { database: place.name(), source };
    make_schema(connection, &place.schema).await.map_err(unusable)?;
    let unknown = unknown(connection, migrator).await.map_err(unusable)?;
    if let Some((schema, _)) =
        unknown.iter().find(|(_, called)| Migrations::stops_older_versions(called))
    {
        return Err(OpenError::Newer { database: place.name(), schema: *schema });
    }
    if let Some((schema, _)) = unknown.last() {
        let database = place.name();
        tracing::warn!(%database, schema, "a newer version of Keyfold has added to the database; this one goes on with what it knows of it");
    }
    try_until_let_in(connection, place, migrator, patience).await?;
    let unlock = sqlx::query("select pg_advisory_unlock($1)").bind(MIGRATION);
    unlock.execute(connection).await.map(drop).map_err(unusable)
}

/// Two nodes that start at once would both make it.
async fn make_schema(connection: &mut PgConnection, schema: &str) -> Result<(), sqlx::Error> {
    let lock = sqlx::query("select pg_advisory_lock($1)").bind(MIGRATION);
    lock.execute(&mut *connection).await?;
    let known = sqlx::query_scalar("select exists (select 1 from pg_namespace where nspname = $1)");
    if !known.bind(schema).fetch_one(&mut *connection).await? {
        // A name of our own: letters, digits and underscores.
        let create = AssertSqlSafe(format!("create schema {schema}"));
        sqlx::query(create).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Whether anybody has ever begun to migrate the schema that this connection is for.
pub(super) async fn has_begun(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let there = "select to_regclass('_sqlx_migrations') is not null";
    sqlx::query_scalar(there).fetch_one(connection).await
}

/// What the schema has been through that this version does not know, oldest first.
async fn unknown(
    connection: &mut PgConnection,
    migrator: &Migrator,
) -> Result<Vec<(i64, String)>, sqlx::Error> {
    if !has_begun(connection).await? {
        return Ok(Vec::new());
    }
    let select = "select version, description from _sqlx_migrations order by version";
    let mut found: Vec<(i64, String)> = sqlx::query_as(select).fetch_all(connection).await?;
    found.retain(|(version, _)| !migrator.version_exists(*version));
    Ok(found)
}

async fn try_until_let_in(
    connection: &mut PgConnection,
    place: &Place,
    migrator: &Migrator,
    patience: Patience,
) -> Result<(), OpenError> {
    let unusable = |source| OpenError::Unusable { database: place.name(), source };
    let mut migrator = Migrator::with_migrations(migrator.iter().cloned().collect());
    // Our own lock is held, and keeps other nodes out for as long as it takes.
    migrator.set_ignore_missing(true).set_locking(false);
    // Less than a statement of a visitor waits.
    sqlx::query("set lock_timeout = '2s'").execute(&mut *connection).await.map_err(unusable)?;
    let mut pauses = interval(patience.pause);
    for tried in 1..=patience.tries {
        match migrator.run(&mut *connection).await {
            Ok(()) => return Ok(()),
            Err(error) if is_kept_out(&error) => {
                let database = place.name();
                tracing::warn!(%database, tried, "a migration waits for whoever reads or writes its table");
            }
            Err(error) => return Err(failed_migration(&place.name(), error)),
        }
        // What is left of the try is rolled back now, not with the next one.
        connection.ping().await.map_err(unusable)?;
        pauses.reset();
        pauses.tick().await;
    }
    Err(OpenError::KeptOut { database: place.name(), tries: patience.tries })
}

/// Whether somebody else held what a migration needs: `lock_not_available`, or `deadlock_detected`.
fn is_kept_out(error: &MigrateError) -> bool {
    let (MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) = error else {
        return false;
    };
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    matches!(code.as_deref(), Some("55P03" | "40P01"))
}
