//! What is answered as done is on the disk, and what is on the disk is nobody else's.

use std::os::unix::fs::PermissionsExt as _;

use super::TestSite;
use crate::server::database::sql;

/// SQLite checks deferred constraints, and commits, after the last row of a statement that stands alone.
#[tokio::test]
async fn a_commit_that_fails_is_heard_of() {
    let site = TestSite::new().await;
    let database = site.site.accounts.database();
    for table in [
        "create table parents (id bigint primary key)",
        "create table children (id bigint primary key,
            parent bigint not null references parents (id) deferrable initially deferred)",
    ] {
        sql::query(table).execute(database.writer()).await.expect("a table");
    }
    let insert = "insert into children (id, parent) values ($1, 7) returning id";
    let query = sql::query_scalar::<i64>(insert).bind(1_i64);
    let answered = query.fetch_optional(database.writer()).await;
    assert!(answered.is_err(), "{answered:?}");
    let query = sql::query_scalar::<i64>(insert).bind(2_i64);
    let answered = query.fetch_one(database.unguarded()).await;
    assert!(answered.is_err(), "{answered:?}");
    assert_eq!(site.count_accounts("children").await, 0);
    sql::query("insert into parents values (7)").execute(database.writer()).await.expect("a row");
    let query = sql::query_scalar::<i64>(insert).bind(3_i64);
    assert_eq!(query.fetch_one(database.writer()).await.expect("a row"), 3);
    assert_eq!(site.count_accounts("children").await, 1);
}

#[tokio::test]
async fn a_database_that_others_may_read_is_closed_to_them() {
    let folder = tempfile::tempdir().expect("a folder");
    TestSite::in_folder(folder.path()).await.site.close().await;
    let file = folder.path().join("accounts.db");
    let open_to = |mode| std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode));
    for wide in [0o644, 0o660, 0o777] {
        open_to(wide).expect("it can be opened to others");
        let site = TestSite::in_folder(folder.path()).await;
        for name in ["accounts.db", "accounts.db-wal", "accounts.db-shm", "passkeys.db"] {
            let mode =
                std::fs::metadata(folder.path().join(name)).expect(name).permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name} from {wide:o}");
        }
        site.site.close().await;
    }
}
