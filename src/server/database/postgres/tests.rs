//! Migrations beside those who are at work.

use std::time::Duration;

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};

use super::{OpenError, Patience, Place, Pools};
use crate::server::tests::postgres::{fresh_schema, server};

fn migrations(texts: &[&'static str]) -> Migrator {
    let migration = |(version, text): (i64, &&'static str)| {
        let kind = MigrationType::Simple;
        Migration::new(version, "of a test".into(), kind, (*text).into_sql_str(), false)
    };
    Migrator::with_migrations((1..).zip(texts).map(migration).collect())
}

const FIRST: &str = "create table people (name text)";
const SECOND: &str = "alter table people add column born bigint";

/// A schema in which a backup reads, and nodes are at work.
async fn at_work() -> Option<(Place, Pools)> {
    let place = Place { options: server()?, schema: fresh_schema("migrated") };
    let pools = Pools::open(&place, &migrations(&[FIRST])).await.expect("it opens");
    Some((place, pools))
}

#[tokio::test]
async fn a_migration_that_is_kept_out_lets_everybody_else_go_on() {
    let Some((place, nodes)) = at_work().await else { return };
    let mut backup = nodes.snapshot().await.expect("a transaction");
    // As a backup that takes long.
    let patient = "set local idle_in_transaction_session_timeout = 0";
    sqlx::query(patient).execute(&mut *backup).await.expect("it may idle");
    let read = "select count(*) from people";
    sqlx::query(read).execute(&mut *backup).await.expect("it holds the table");
    let patience = Patience { tries: 2, pause: Duration::from_millis(50) };
    let newer = migrations(&[FIRST, SECOND]);
    let mut opening = Box::pin(Pools::open_within(&place, &newer, patience));
    let mut pauses = tokio::time::interval(Duration::from_millis(100));
    let mut reads = 0;
    let refused = loop {
        tokio::select! {
            opened = &mut opening => break opened,
            _ = pauses.tick() => {
                sqlx::query(read).execute(&nodes.pool).await.expect("nobody waits for long");
                reads += 1;
            }
        }
    };
    let refused = refused.expect_err("the backup goes on");
    assert!(matches!(refused, OpenError::KeptOut { tries: 2, .. }), "{refused}");
    assert!(refused.hint().contains("wait for a backup to end"));
    assert!(reads > 1, "{reads}");
    backup.rollback().await.expect("it was read only");
    Pools::open(&place, &newer).await.expect("the table is free");
}

#[tokio::test]
async fn a_migration_that_was_kept_out_is_tried_again() {
    let Some((place, nodes)) = at_work().await else { return };
    let mut backup = nodes.snapshot().await.expect("a transaction");
    sqlx::query("select count(*) from people").execute(&mut *backup).await.expect("a number");
    let newer = migrations(&[FIRST, SECOND]);
    let patience = Patience { tries: 20, pause: Duration::from_millis(50) };
    let (opened, ()) = futures::join!(Pools::open_within(&place, &newer, patience), async {
        // Longer than one try, and shorter than a statement may take.
        sqlx::query("select pg_sleep(3)").execute(&mut *backup).await.expect("it takes long");
        backup.rollback().await.expect("it was read only");
    });
    let pools = opened.expect("it was let in at last");
    let born = sqlx::query("select born from people").fetch_all(&pools.pool).await;
    assert!(born.expect("the column is there").is_empty());
}
