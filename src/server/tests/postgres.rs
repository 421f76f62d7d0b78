//! The server that tests are given, if any: then every test that opens a database does so there.

use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;

use crate::server::database::{Pool, sql};

/// Where it is; None for tests on SQLite.
pub(in crate::server) fn server() -> Option<PgConnectOptions> {
    let url = std::env::var_os("KEYFOLD_TEST_POSTGRES")?;
    Some(url.to_str().expect("text").parse().expect("a URL of PostgreSQL"))
}

/// A schema that nobody else has.
pub(in crate::server) fn fresh_schema(name: &str) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("{name}_{}_{next}", std::process::id())
}

/// The URL of a database that nobody else has; None for tests on SQLite.
pub(super) async fn fresh_database() -> Option<String> {
    let options = server()?;
    let name = fresh_schema("database");
    let mut connection = options.connect().await.expect("the server of the tests answers");
    let create = sqlx::AssertSqlSafe(format!("create database {name}"));
    sqlx::query(create).execute(&mut connection).await.expect("a database");
    let mut url = url::Url::parse(options.to_url_lossy().as_str()).expect("a URL");
    url.set_path(&name);
    Some(url.into())
}

/// The tables of which each row belongs to a relying party, and what becomes of it when that one goes.
pub(super) async fn tables_that_name_relying_parties(pool: Pool<'_>) -> Vec<(String, String)> {
    let select = if server().is_some() {
        "select k.relname::text, case c.confdeltype when 'c' then 'CASCADE' else 'NO ACTION' end
            from pg_constraint c join pg_class k on k.oid = c.conrelid
            where c.contype = 'f' and c.confrelid = 'relying_parties'::regclass"
    } else {
        "select m.name, k.on_delete from sqlite_master m, pragma_foreign_key_list(m.name) k
            where k.\"table\" = 'relying_parties'"
    };
    sql::query_as(select).fetch_all(pool).await.expect("tables")
}
