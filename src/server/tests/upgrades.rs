//! A server that several nodes share, when a newer version has been at it, or when a half of it is gone.
//! These are promises about Postgres only: on one machine nothing runs beside the server.

use super::authenticator::Authenticator;
use super::backup::{Ground, restore};
use super::check::check;
use super::port::{Desk, as_text};
use super::{TestSite, config, held_clock, postgres};
use crate::server::chance::Chance;
use crate::server::cli::beside::not_brought_up_to_date;
use crate::server::database::{Database, OpenError, sql};
use crate::server::site::{Site, SiteError};

async fn run(database: &Database, statement: &str) {
    let statement = sqlx::AssertSqlSafe(statement.to_owned());
    sql::query(statement).execute(database.writer()).await.expect("it is done");
}

/// As a newer version leaves it that has added to both halves.
async fn added_to(site: &Site, migration: &str) {
    let note = format!(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
        values (9999, '{migration}', true, '\\x00', 0)"
    );
    for (database, table) in
        [(site.accounts.database(), "users"), (site.passkeys.database(), "credentials")]
    {
        run(database, &format!("alter table {table} add column novelty text")).await;
        run(database, "create table novelties (id bigint primary key)").await;
        run(database, &note).await;
    }
}

async fn opened(ground: &Ground) -> Result<Site, SiteError> {
    Site::open(ground.config(), held_clock().0, Chance::from_system()).await
}

#[tokio::test]
async fn a_node_of_the_version_before_starts_again_during_an_upgrade() {
    if postgres::server().is_none() {
        return;
    }
    let (ground, desk) = (Ground::new().await, Desk::new());
    let mut ada = Authenticator::new(1);
    ground.site.browser().sign_up("ada", &mut ada).await;
    added_to(&ground.site.site, "something new").await;
    let again = TestSite::of(opened(&ground).await.expect("it starts again"), held_clock().1);
    assert_eq!(again.browser().sign_in(&mut ada).await.status, 200);
    let mut grace = Authenticator::new(2);
    assert_eq!(again.browser().sign_up("grace", &mut grace).await.status, 200);
    assert_eq!(ground.site.browser().sign_in(&mut grace).await.status, 200);
    again.site.sweep().await;

    not_brought_up_to_date(&ground.config()).await.expect("commands run, too");
    let (said, is_well) = check(&ground.config(), &ground.site.site.clock, &[]).await;
    assert!(is_well && said.to_string().contains("it has schema 9999"), "{said}");
    let file = desk.file("backup.tar");
    ground.back_up(&[as_text(&file)]).await.expect("so does the nightly backup");
    let folder = desk.file("data");
    restore(&file, &folder, &[]).await.expect("it is of this version");
    let restored = TestSite::in_folder(&folder).await;
    for passkey in [&mut ada, &mut grace] {
        assert_eq!(restored.browser().sign_in(passkey).await.status, 200);
    }
}

#[tokio::test]
async fn a_version_that_does_not_let_older_ones_go_on_is_told_from_others() {
    if postgres::server().is_none() {
        return;
    }
    let ground = Ground::new().await;
    added_to(&ground.site.site, "stop older versions at the renaming").await;
    let refused = opened(&ground).await.expect_err("it must not start");
    assert!(matches!(refused, SiteError::Database(OpenError::Newer { schema: 9999, .. })));
    assert!(refused.to_string().contains("from a newer version of Keyfold"), "{refused}");
    let refused = not_brought_up_to_date(&ground.config()).await;
    assert!(matches!(refused, Err(OpenError::Newer { schema: 9999, .. })), "{refused:?}");
}

#[tokio::test]
async fn a_half_that_is_gone_is_not_made_anew() {
    let Some(first) = postgres::fresh_database().await else { return };
    let second = postgres::fresh_database().await.expect("a server");
    let other = postgres::fresh_database().await.expect("a server");
    let folder = tempfile::tempdir().expect("a folder");
    let open = async |accounts: &str, passkeys: &str| {
        let settings = [
            ("KEYFOLD_DATA_DIR", as_text(folder.path())),
            ("KEYFOLD_ACCOUNTS_DATABASE_URL", accounts),
            ("KEYFOLD_PASSKEYS_DATABASE_URL", passkeys),
        ];
        Site::open(config(&settings), held_clock().0, Chance::from_system()).await
    };
    let site = TestSite::of(open(&first, &second).await.expect("it opens"), held_clock().1);
    site.browser().sign_up("ada", &mut Authenticator::new(1)).await;
    for (accounts, passkeys) in [(&other, &second), (&first, &other)] {
        let refused = open(accounts, passkeys).await.expect_err("half of it is elsewhere");
        let is_lost = matches!(refused, SiteError::Database(OpenError::Lost { .. }));
        assert!(is_lost, "{refused}");
    }
    open(&other, &other).await.expect("nothing was made there: it is a fresh start").close().await;
    open(&first, &second).await.expect("nothing was lost").close().await;
    run(site.site.accounts.database(), "drop schema keyfold_accounts cascade").await;
    let refused = open(&first, &second).await.expect_err("a half was dropped");
    assert!(refused.to_string().contains("is gone or empty"), "{refused}");
}
