//! Databases of every schema there ever was, each with people in it: they open, and everybody gets in as
//! before. They are kept as text in `schemas/`, with the checksums of the migrations, so that a migration
//! that was changed after it had landed is found here, too. On PostgreSQL the schema of each version is made
//! by its migrations, and the same rows are put into it.

use std::path::{Path, PathBuf};

use axum::http::StatusCode;
use clap::Parser as _;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};

use super::api::{BackEnd, SHOP};
use super::authenticator::Authenticator;
use super::{TestSite, postgres};
use crate::server::accounts;
use crate::server::cli::beside::not_brought_up_to_date;
use crate::server::cli::doctor;
use crate::server::database::{Migrations, OpenError, Pool, sql};
use crate::server::passkeys;

const SESSION: &str = "9J8CnFJTUpcjI_MpZi18_Kb9N6gb4Uq8N3fUjODVzFA";
const UNUSED_CODE: &str = "QBS8-FHJY-HGR2-XVQE";
const API_KEY: &str = "kf_CDKHE4CS4ZW199AX_1kXKY8Xqw-QHb5y3kDCRBHuvx3AMvbE6l-x3mKTxt8M";
const PARTY: &str = "rp_VdCtVxK5rPTU3MTxPnr2AA";

/// From which version on the user database has sessions, and recovery codes.
const SESSIONS: i64 = 2;
const CODES: i64 = 9;
/// From which version on the passkey database has passkeys, users of other relying parties, and events.
const CREDENTIALS: i64 = 3;
const USERS: i64 = 9;
const EVENTS: i64 = 14;

fn kept(half: &str, version: i64) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/server/tests/schemas").join(half);
    folder.join(format!("{version:04}.sql"))
}

fn versions(migrations: &Migrations) -> Vec<i64> {
    migrations.sqlite.iter().map(|migration| migration.version).collect()
}

async fn put_back(file: &Path, half: &str, version: i64) {
    let text = std::fs::read_to_string(kept(half, version)).unwrap_or_else(|error| {
        panic!(
            "{half} {version}: {error}; open a copy of the version before with this program, and keep \
             what `sqlite3 {half}.db .dump` writes"
        )
    });
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file).create_if_missing(true);
    let options = options.foreign_keys(false);
    let mut connection: SqliteConnection = options.connect().await.expect("a file");
    sqlx::raw_sql(sqlx::AssertSqlSafe(text)).execute(&mut connection).await.expect("it is SQL");
    connection.close().await.expect("it is written");
}

/// The same rows, under the same schema as PostgreSQL has it.
async fn put_on_server(file: &Path, url: &str, half: &str, version: i64) {
    let migrations = if half == "accounts" { &accounts::MIGRATIONS } else { &passkeys::MIGRATIONS };
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
    let mut from: SqliteConnection = options.connect().await.expect("the file");
    let into: PgConnectOptions = url.parse().expect("a URL");
    let into = into.options([("search_path", migrations.schema)]);
    let mut into = into.connect().await.expect("the server of the tests answers");
    let schema = sqlx::AssertSqlSafe(format!("create schema {}", migrations.schema));
    sqlx::query(schema).execute(&mut into).await.expect("a schema");
    let past = migrations.postgres.iter().filter(|migration| migration.version <= version);
    let past = sqlx::migrate::Migrator::with_migrations(past.cloned().collect());
    past.run(&mut into).await.expect("its migrations run");

    // Rows come in any order, and some of them with the schema.
    let unchecked = sqlx::query("set session_replication_role = replica");
    unchecked.execute(&mut into).await.expect("nothing is checked meanwhile");
    let tables = "select m.name, json_group_array(c.name) from sqlite_schema m, pragma_table_info(m.name) c
        where m.type = 'table' and m.name not like '\\_sqlx%' escape '\\' and m.name not like 'sqlite\\_%' escape '\\'
        group by m.name";
    let tables: Vec<(String, String)> =
        sqlx::query_as(tables).fetch_all(&mut from).await.expect("tables");
    assert!(!tables.is_empty(), "{half} {version}");
    for (table, columns) in tables {
        let columns: Vec<String> = serde_json::from_str(&columns).expect("names");
        let members = columns.iter().map(|name| {
            format!("'{name}', case typeof({name}) when 'blob' then '\\x' || hex({name}) else {name} end")
        });
        let members = members.collect::<Vec<_>>().join(", ");
        let rows = format!("select json_group_array(json_object({members})) from {table}");
        let rows: String =
            sqlx::query_scalar(sqlx::AssertSqlSafe(rows)).fetch_one(&mut from).await.expect("rows");
        let insert = format!(
            "insert into {table} select * from json_populate_recordset(null::{table}, $1::json)
            on conflict do nothing"
        );
        let insert = sqlx::query(sqlx::AssertSqlSafe(insert)).bind(rows);
        insert
            .execute(&mut into)
            .await
            .unwrap_or_else(|error| panic!("{table} {version}: {error}"));
    }
    // Numbers are not given out again.
    let counted = "select setval(pg_get_serial_sequence('events', 'id'), max(id)) from events";
    if half == "passkeys" && version >= EVENTS {
        sqlx::query(counted).execute(&mut into).await.expect("it is set");
    }
    into.close().await.expect("it is written");
}

async fn handle(pool: Pool<'_>, select: &'static str) -> Option<Vec<u8>> {
    sql::query_scalar(select).fetch_optional(pool).await.expect("an answer")
}

async fn everybody_gets_in((of_accounts, of_passkeys): (i64, i64)) {
    let versions = format!("accounts {of_accounts}, passkeys {of_passkeys}");
    let folder = tempfile::tempdir().expect("a folder");
    let server = postgres::fresh_database().await;
    for (half, version) in [("accounts", of_accounts), ("passkeys", of_passkeys)] {
        let file = folder.path().join(format!("{half}.db"));
        put_back(&file, half, version).await;
        if let Some(url) = &server {
            put_on_server(&file, url, half, version).await;
            std::fs::remove_file(&file).expect("it is gone");
        }
    }
    let url = server.unwrap_or_default();
    let places =
        [("KEYFOLD_ACCOUNTS_DATABASE_URL", &*url), ("KEYFOLD_PASSKEYS_DATABASE_URL", &*url)];
    let places = if url.is_empty() { &[] } else { &places[..] };
    let site = TestSite::in_folder_with(folder.path(), places).await;

    let mut before = site.browser();
    before.cookies.insert("keyfold_session".to_owned(), SESSION.to_owned());
    assert_eq!(before.is_signed_in().await, of_accounts >= SESSIONS, "{versions}");
    let mut passkey = Authenticator::new(1);
    let users = site.site.accounts.database().reader();
    passkey.user_handle = handle(users, "select handle from users").await;
    let mut ada = site.browser();
    let reply = ada.sign_in(&mut passkey).await;
    assert_eq!(reply.status.is_success(), of_passkeys >= CREDENTIALS, "{versions}: {}", reply.text);
    if of_passkeys >= CREDENTIALS {
        let account = ada.account().await;
        assert_eq!(account["name"], "ada", "{versions}: {account}");
        let its_passkeys = account["passkeys"].as_array().map(Vec::len);
        assert_eq!(its_passkeys, Some(1), "{versions}: {account}");
    }
    let reply = site.browser().try_code("ada", UNUSED_CODE).await;
    assert_eq!(reply.status.is_success(), of_accounts >= CODES, "{versions}: {}", reply.text);

    if of_passkeys >= USERS {
        let (party, key) = (PARTY.to_owned(), API_KEY.to_owned());
        let shop = BackEnd { site: &site, party, key, origin: SHOP };
        let mut passkey = Authenticator::new(7);
        let users = site.site.passkeys.database().reader();
        let of_one = "select user_handle from users where external_id = 'u1'";
        passkey.user_handle = handle(users, of_one).await;
        let reply = shop.authenticate(&mut passkey).await;
        assert_eq!(reply.status, StatusCode::OK, "{versions}: {}", reply.text);
        assert_eq!(reply.json()["externalId"], "u1", "{versions}: {}", reply.text);
    }
    site.site.sweep().await;
    assert_eq!(ada.is_signed_in().await, of_passkeys >= CREDENTIALS, "{versions}");
    site.site.close().await;
}

#[tokio::test]
async fn user_databases_of_every_version_open() {
    let newest = versions(&passkeys::MIGRATIONS).into_iter().max().expect("a version");
    for version in versions(&accounts::MIGRATIONS) {
        everybody_gets_in((version, newest)).await;
    }
}

#[tokio::test]
async fn passkey_databases_of_every_version_open() {
    let newest = versions(&accounts::MIGRATIONS).into_iter().max().expect("a version");
    for version in versions(&passkeys::MIGRATIONS) {
        everybody_gets_in((newest, version)).await;
    }
}

#[derive(clap::Parser)]
struct Doctor {
    #[command(flatten)]
    command: doctor::DoctorCommand,
}

/// The server of the version before may be running; only the next one brings its databases up to date.
#[tokio::test]
async fn commands_leave_the_schema_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    put_back(&folder.path().join("accounts.db"), "accounts", 16).await;
    put_back(&folder.path().join("passkeys.db"), "passkeys", 21).await;
    let path = folder.path().to_str().expect("letters");
    let config = super::config(&[("KEYFOLD_DATA_DIR", path)]);
    let refused = not_brought_up_to_date(&config).await;
    assert!(matches!(refused, Err(OpenError::Older { schema: 17, .. })), "{refused:?}");
    let Doctor { command } = Doctor::parse_from(["doctor", "--json"]);
    let (said, is_well) = doctor::run(Ok(config.clone()), &command).await.expect("findings");
    assert!(!is_well && said.contains(r#""check": "database""#), "{said}");
    let still = not_brought_up_to_date(&config).await;
    assert!(matches!(still, Err(OpenError::Older { schema: 17, .. })), "{still:?}");
    TestSite::in_folder(folder.path()).await.site.close().await;
    not_brought_up_to_date(&config).await.expect("the server has been there");
}

/// A node of the version before goes on while one of the next version starts: it may find more than it
/// knows, and has to find all that it knows.
#[test]
fn migrations_only_add() {
    let taken_away = regex::Regex::new(
        r"(?i)\bdrop (?:table|column|constraint)\b|\brename\b|\balter column\b|\btruncate\b",
    );
    let taken_away = taken_away.expect("a pattern");
    let all = [&accounts::MIGRATIONS, &passkeys::MIGRATIONS];
    for migration in all.iter().flat_map(|all| all.sqlite.iter().chain(all.postgres.iter())) {
        // It says so itself, and no version that does not know it starts any more.
        if Migrations::stops_older_versions(&migration.description) {
            continue;
        }
        let text: Vec<&str> =
            migration.sql.as_str().lines().filter(|line| !line.starts_with("--")).collect();
        let text = text.join("\n");
        for statement in text.split(';').map(str::trim) {
            assert!(!taken_away.is_match(statement), "{}: {statement}", migration.version);
            let is_column = statement.contains("add column") && statement.contains("not null");
            let is_filled = !is_column || statement.contains("default");
            assert!(
                is_filled,
                "{}: the version before does not fill it: {statement}",
                migration.version
            );
        }
    }
}
