//! Everything is copied: from one engine to the other, and nothing is forgotten that may be added.

use std::collections::BTreeMap;

use clap::Parser as _;
use serde_json::Value;

use super::authenticator::Authenticator;
use super::backup::{Ground, restore};
use super::port::{Desk, as_text};
use super::{TestSite, postgres};
use crate::server::accounts;
use crate::server::cli::copy;
use crate::server::database::tables::{Kind, tables};
use crate::server::database::{Database, Location, Migrations, sql};
use crate::server::passkeys;

#[derive(Debug, clap::Parser)]
struct Arguments {
    #[command(flatten)]
    copy: copy::CopyCommand,
}

async fn copy(from: &str, to: &str) -> Result<Value, String> {
    let arguments = ["copy", "--json", "--from", from, "--to", to];
    let arguments = Arguments::try_parse_from(arguments).expect("sound arguments");
    let said = copy::run(&arguments.copy).await;
    said.map(|said| serde_json::from_str(&said).expect("JSON")).map_err(|error| error.to_string())
}

/// The tables of one half, with their columns; what SQLite has as a number may be yes or no.
async fn columns(location: &Location, migrations: &Migrations) -> BTreeMap<String, Vec<String>> {
    let database = Database::open(location, migrations).await.expect("it opens");
    let mut snapshot = database.snapshot().await.expect("a snapshot");
    let tables = tables(&mut snapshot).await.expect("tables");
    let columns = tables.iter().map(|table| {
        let column = |column: &crate::server::database::tables::Column| {
            let kind = if column.kind == Kind::Boolean { Kind::Integer } else { column.kind };
            format!("{} {kind:?}", column.name)
        };
        let counted = table.counted.iter().map(|column| format!("{column} is counted"));
        (table.name.clone(), table.columns.iter().map(column).chain(counted).collect())
    });
    let columns = columns.collect();
    snapshot.rollback().await.expect("it was read only");
    database.close().await;
    columns
}

#[tokio::test]
async fn both_engines_have_the_same_tables_and_columns() {
    let Some(url) = postgres::fresh_database().await else { return };
    let (server, desk) = (Location::parse(&url).expect("a URL"), Desk::new());
    for (name, migrations) in
        [("accounts.db", &accounts::MIGRATIONS), ("passkeys.db", &passkeys::MIGRATIONS)]
    {
        let file = Location::File(desk.file(name));
        let columns = (columns(&file, migrations).await, columns(&server, migrations).await);
        assert!(columns.0.len() > 5, "{columns:?}");
        assert_eq!(columns.0, columns.1);
    }
}

/// What becomes of each table when a backup is restored has been thought of: these end, or are cut short.
const ENDED: [&str; 12] = [
    "sessions",
    "pending_sign_ups",
    "device_links",
    "verification_links",
    "outbox",
    "setup_links",
    "probes",
    "invitations",
    "recoveries",
    "ceremonies",
    "registration_tokens",
    "idempotent_requests",
];

/// And these are what they were: they open nothing that can be opened once only, or are records. Recovery
/// codes that were used since are good again, which `keyfold restore --help` says.
const KEPT: [&str; 13] = [
    "users",
    "taken_in",
    "email_addresses",
    "verification_requests",
    "known_browsers",
    "recovery_codes",
    "relying_parties",
    "credentials",
    "api_keys",
    "signing_keys",
    "spent_tokens",
    "events",
    "ceremony_days",
];

/// No backup has rows of these.
const LEFT_OUT: [&str; 2] = ["tries", "asked_addresses"];

#[tokio::test]
async fn of_each_table_it_is_known_what_a_restore_does() {
    let desk = Desk::new();
    for (name, migrations) in
        [("accounts.db", &accounts::MIGRATIONS), ("passkeys.db", &passkeys::MIGRATIONS)]
    {
        for table in columns(&Location::File(desk.file(name)), migrations).await.into_keys() {
            let table = table.as_str();
            let named = [ENDED.contains(&table), KEPT.contains(&table), LEFT_OUT.contains(&table)];
            let named = named.into_iter().filter(|is_named| *is_named).count();
            assert_eq!(named, 1, "what of {table}?");
        }
    }
}

/// Somebody signed up here. The last event is deleted, and its number must not be given out again.
async fn lived_in(site: &TestSite) -> (Authenticator, i64) {
    let mut passkey = Authenticator::new(1);
    site.browser().sign_up("ada", &mut passkey).await;
    let last = next_event(site).await;
    let forget = sql::query("delete from events where id = $1").bind(last);
    forget.execute(site.site.passkeys.database().writer()).await.expect("it is gone");
    (passkey, last)
}

async fn next_event(site: &TestSite) -> i64 {
    let insert = "insert into events (relying_party, kind, reference, at)
        values ('rp_keyfold', 'removal', 'CCCC-CCCC', 3) returning id";
    let insert = sql::query_scalar(insert);
    insert.fetch_one(site.site.passkeys.database().writer()).await.expect("an event")
}

#[tokio::test]
async fn an_installation_moves_from_files_to_files() {
    let (ground, desk) = (Ground::at(None).await, Desk::new());
    let (mut passkey, last) = lived_in(&ground.site).await;
    let from = format!("sqlite:{}", as_text(ground.folder.path()));
    let to = desk.file("new");
    let said = copy(&from, &format!("sqlite:{}", as_text(&to))).await.expect("a copy");
    let users = said["copied"]["accounts"].as_array().expect("tables").iter();
    let users = users.clone().find(|tally| tally["table"] == "users").expect("a table");
    assert_eq!(users["rows"], 1);
    let site = TestSite::in_folder(&to).await;
    assert_eq!(next_event(&site).await, last + 1, "numbers are not given out again");
    assert_eq!(site.browser().sign_in(&mut passkey).await.status, 200);
    let error = copy(&from, &format!("sqlite:{}", as_text(&to))).await.expect_err("it is full");
    assert!(error.contains("nothing may be where this goes"), "{error}");
    let nowhere = format!("sqlite:{}", as_text(&desk.file("nowhere")));
    copy(&nowhere, &format!("sqlite:{}", as_text(&desk.file("third")))).await.expect_err("nothing");
}

#[tokio::test]
async fn an_older_schema_is_not_copied() {
    let (ground, desk) = (Ground::at(None).await, Desk::new());
    let forget = "delete from _sqlx_migrations
        where version = (select max(version) from _sqlx_migrations)";
    let database = ground.site.site.accounts.database();
    sql::query(forget).execute(database.writer()).await.expect("a row");
    let from = format!("sqlite:{}", as_text(ground.folder.path()));
    let to = desk.file("new");
    let error = copy(&from, &format!("sqlite:{}", as_text(&to))).await.expect_err("it is older");
    assert!(error.contains("is from an older version of Keyfold"), "{error}");
}

#[tokio::test]
async fn an_installation_moves_to_a_server_and_back() {
    let Some(url) = postgres::fresh_database().await else { return };
    let (ground, desk) = (Ground::at(None).await, Desk::new());
    let (mut passkey, last) = lived_in(&ground.site).await;
    let from = format!("sqlite:{}", as_text(ground.folder.path()));
    let there = copy(&from, &url).await.expect("a copy");
    let error = copy(&from, &url).await.expect_err("it is full");
    assert!(error.contains("has rows already"), "{error}");
    let back = desk.file("back");
    let back_again = copy(&url, &format!("sqlite:{}", as_text(&back))).await.expect("a copy");
    assert_eq!(there["copied"], back_again["copied"], "not a bit is lost on the way");
    let server = Ground::at(Some(url)).await;
    let files = TestSite::in_folder(&back).await;
    for site in [&server.site, &files] {
        assert_eq!(next_event(site).await, last + 1, "numbers are not given out again");
        assert_eq!(site.count_accounts("sessions").await, 1, "sessions move, too");
        assert_eq!(site.browser().sign_in(&mut passkey).await.status, 200);
        site.browser().sign_up("grace", &mut Authenticator::new(2)).await;
        assert_eq!(site.count_accounts("users").await, 2);
    }
}

#[tokio::test]
async fn a_backup_of_files_is_restored_to_a_server() {
    let Some(url) = postgres::fresh_database().await else { return };
    let (ground, desk) = (Ground::at(None).await, Desk::new());
    let (mut passkey, _) = lived_in(&ground.site).await;
    let file = desk.file("backup.tar");
    ground.back_up(&[as_text(&file)]).await.expect("a backup");
    let settings = [
        ("KEYFOLD_DATA_DIR", as_text(&file).replace("backup.tar", "data")),
        ("KEYFOLD_ACCOUNTS_DATABASE_URL", url.clone()),
        ("KEYFOLD_PASSKEYS_DATABASE_URL", url.clone()),
    ];
    let borrowed: Vec<_> = settings.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let config = super::config(&borrowed);
    super::backup::restore_to(&file, &config, &[]).await.expect("it is restored");
    let server = Ground::at(Some(url)).await;
    assert_eq!(server.site.count_accounts("sessions").await, 0);
    assert_eq!(server.site.browser().sign_in(&mut passkey).await.status, 200);
    super::backup::restore_to(&file, &config, &[]).await.expect_err("it is full");
    restore(&file, &desk.file("other"), &[]).await.expect("files are empty");
}
