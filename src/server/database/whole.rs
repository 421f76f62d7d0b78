//! A database as a whole: both halves at one moment, and what is wrong with one.

use std::collections::BTreeSet;

use sqlx::migrate::Migrator;
use sqlx::sqlite::SqlitePool;

use super::{
    Database, Engine, Location, Migrations, OpenError, Transaction, copy, postgres, sql, sqlite,
};

/// How often to try for a lock that others keep taking.
const TRIES: u32 = 6;

/// How many faults are named.
const MOST_FAULTS: usize = 20;

/// Both databases as they were at one moment.
///
/// The write lock of the first is enough: as long as it does not change, any moment at which the other one
/// is seen is a moment of both. Writers are held up no longer than that.
pub async fn at_one_moment(
    one: &Database,
    other: &Database,
) -> Result<[Transaction<'static>; 2], sqlx::Error> {
    let lock = held(one).await?;
    let first = seen(one).await?;
    let second = seen(other).await?;
    lock.rollback().await?;
    Ok([first, second])
}

/// The write lock; a busy server leaves gaps, and each try may miss them for some seconds.
async fn held(database: &Database) -> Result<Transaction<'static>, sqlx::Error> {
    for _ in 1..TRIES {
        if let Ok(transaction) = database.begin().await {
            return Ok(transaction);
        }
    }
    database.begin().await
}

/// What a transaction sees is settled by its first statement.
async fn seen(database: &Database) -> Result<Transaction<'static>, sqlx::Error> {
    let mut snapshot = database.snapshot().await?;
    // One of the two waits until the other has been read through.
    copy::be_patient(&mut snapshot).await?;
    let select = "select count(*) from _sqlx_migrations";
    sql::query_scalar::<i64>(select).fetch_one(&mut snapshot).await?;
    Ok(snapshot)
}

impl Database {
    /// Opens one that is there, and leaves it as it is: nothing is made, checked or brought up to date.
    pub async fn open_as_it_is(
        location: &Location,
        migrations: &Migrations,
    ) -> Result<Self, OpenError> {
        Ok(Self(match location {
            Location::File(file) => Engine::Sqlite(sqlite::Pools::open_as_it_is(file).await?),
            Location::Server(options) => {
                let (options, schema) = (options.as_ref().clone(), migrations.schema.to_owned());
                let place = postgres::Place { options, schema };
                Engine::Postgres(postgres::Pools::open_as_it_is(&place).await?)
            }
        }))
    }

    /// The numbers of the migrations that it has been through.
    pub async fn schema(&self) -> Result<BTreeSet<i64>, sqlx::Error> {
        let select = "select version from _sqlx_migrations where success";
        let versions = sql::query_scalar(select).fetch_all(self.reader()).await?;
        Ok(versions.into_iter().collect())
    }

    /// What keeps this version of Keyfold from using the database as it is. One that nodes share may
    /// have been added to by a newer version: nodes are brought up to date one after another.
    pub async fn out_of_date(
        &self,
        location: &Location,
        migrations: &Migrations,
    ) -> Result<Option<OpenError>, OpenError> {
        let database = location.to_string();
        let unusable = |source| OpenError::Unusable { database: database.clone(), source };
        let select =
            "select version, description from _sqlx_migrations where success order by version";
        let found: Vec<(i64, String)> =
            sql::query_as(select).fetch_all(self.reader()).await.map_err(unusable)?;
        let known: BTreeSet<i64> = versions(self.migrator(migrations)).collect();
        let newer = found.iter().find(|(version, called)| {
            let keeps_out = !self.is_shared() || Migrations::stops_older_versions(called);
            keeps_out && !known.contains(version)
        });
        let newer = newer.map(|(version, _)| *version);
        let found: BTreeSet<i64> = found.into_iter().map(|(version, _)| version).collect();
        let older = known.difference(&found).next().copied();
        let database = database.clone();
        Ok(match (newer, older) {
            (Some(schema), _) => Some(OpenError::Newer { database, schema }),
            (None, Some(schema)) => Some(OpenError::Older { database, schema }),
            (None, None) => None,
        })
    }

    /// What is broken in it, in the engine's own words. Postgres looks after itself.
    pub async fn faults(&self, quickly: bool) -> Result<Vec<String>, sqlx::Error> {
        match &self.0 {
            Engine::Sqlite(pools) => match faults_of_sqlite(&pools.readers, quickly).await {
                Err(error) if sqlite::is_damage(&error) => Ok(vec![error.to_string()]),
                found => found,
            },
            Engine::Postgres(_) => Ok(Vec::new()),
        }
    }

    /// What is broken in it, and the number of its newest migration; 0 where it is broken, and may not
    /// know that any more.
    pub async fn condition(&self, quickly: bool) -> Result<(Vec<String>, i64), sqlx::Error> {
        let faults = self.faults(quickly).await?;
        let is_broken = !faults.is_empty();
        let schema = if is_broken { None } else { self.schema().await?.last().copied() };
        Ok((faults, schema.unwrap_or(0)))
    }

    fn migrator<'m>(&self, migrations: &'m Migrations) -> &'m Migrator {
        match &self.0 {
            Engine::Sqlite(_) => &migrations.sqlite,
            Engine::Postgres(_) => &migrations.postgres,
        }
    }
}

impl Migrations {
    /// Whether no version that does not know a migration of this name may use the database any more. That
    /// is what a migration is called that does more than add; sqlx writes spaces for its underscores.
    pub fn stops_older_versions(description: &str) -> bool {
        description.replace('_', " ").starts_with("stop older versions")
    }

    /// The number of the newest one.
    pub fn newest(&self) -> i64 {
        versions(&self.sqlite).max().unwrap_or(0)
    }
}

fn versions(migrator: &Migrator) -> impl Iterator<Item = i64> {
    migrator.iter().map(|migration| migration.version)
}

async fn faults_of_sqlite(pool: &SqlitePool, quickly: bool) -> Result<Vec<String>, sqlx::Error> {
    let pragma = if quickly { "pragma quick_check(20)" } else { "pragma integrity_check(20)" };
    let found = sqlx::query_scalar::<_, String>(pragma).fetch_all(pool).await?;
    let lines = found.iter().flat_map(|found| found.lines());
    let lines = lines.filter(|line| *line != "ok" && !line.starts_with("***"));
    let mut faults: Vec<String> = lines.take(MOST_FAULTS).map(str::to_owned).collect();
    let strays = "select \"table\", parent, count(*) from pragma_foreign_key_check group by 1, 2";
    let strays: Vec<(String, String, i64)> = sqlx::query_as(strays).fetch_all(pool).await?;
    faults.extend(strays.iter().map(|(table, parent, count)| {
        format!("{count} rows of {table} point to rows of {parent} that are not there")
    }));
    Ok(faults)
}
