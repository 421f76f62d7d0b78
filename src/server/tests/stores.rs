//! Database files: what is there survives, what is broken is told.

use std::path::Path;

use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;

use super::TestSite;
use super::authenticator::Authenticator;
use crate::server::chance::Chance;
use crate::server::clock::Clock;
use crate::server::database::sql;
use crate::server::site::{Site, prepare_data_dir};

async fn open(folder: &Path) -> Result<Site, String> {
    let config = super::config(&[("KEYFOLD_DATA_DIR", folder.to_str().expect("letters"))]);
    prepare_data_dir(folder).map_err(|error| error.to_string())?;
    Site::open(config, Clock::System, Chance::from_system())
        .await
        .map_err(|error| error.to_string())
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut passkey = Authenticator::new(1);
    let first = TestSite::in_folder(folder.path()).await;
    first.browser().sign_up("ada", &mut passkey).await;
    // Not closed: as after kill -9, the write-ahead log is all there is.
    let copy = tempfile::tempdir().expect("a folder");
    for entry in std::fs::read_dir(folder.path()).expect("the folder") {
        let path = entry.expect("an entry").path();
        std::fs::copy(&path, copy.path().join(path.file_name().expect("a name"))).expect("a copy");
    }
    let second = TestSite::in_folder(copy.path()).await;
    assert_eq!(second.browser().sign_in(&mut passkey).await.status, 200);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(
        folder.path().join("accounts.db"),
        "these are not the bytes you are looking for".repeat(100),
    )
    .expect("a file");
    let error = open(folder.path()).await.expect_err("it is no database");
    assert!(error.contains("accounts.db is damaged"), "{error}");
}

#[tokio::test]
async fn a_database_with_a_broken_page_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let site = open(folder.path()).await.expect("a fresh site");
    site.close().await;
    let path = folder.path().join("passkeys.db");
    let mut content = std::fs::read(&path).expect("the database");
    let middle = content.len() / 2;
    content[4096..middle].fill(0xaa);
    std::fs::write(&path, content).expect("the file can be written");
    let error = open(folder.path()).await.expect_err("a page is broken");
    assert!(error.contains("passkeys.db is damaged"), "{error}");
}

#[tokio::test]
async fn files_are_whole_after_a_stop_whoever_else_has_them_open() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut passkey = Authenticator::new(1);
    let site = TestSite::in_folder(folder.path()).await;
    site.browser().sign_up("ada", &mut passkey).await;
    let mut others = Vec::new();
    let copy = tempfile::tempdir().expect("a folder");
    for name in ["accounts.db", "passkeys.db"] {
        let options = SqliteConnectOptions::new().filename(folder.path().join(name));
        let mut other = options.connect().await.expect("it opens");
        let tables = sqlx::query("select * from sqlite_schema").fetch_all(&mut other).await;
        assert!(!tables.expect("it is read").is_empty());
        others.push(other);
    }
    site.site.shut_down().await;
    for name in ["accounts.db", "passkeys.db"] {
        std::fs::copy(folder.path().join(name), copy.path().join(name)).expect("a copy");
    }
    let second = TestSite::in_folder(copy.path()).await;
    assert_eq!(second.browser().sign_in(&mut passkey).await.status, 200);
}

#[tokio::test]
async fn a_database_from_a_newer_version_is_told_and_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let site = open(folder.path()).await.expect("a fresh site");
    let newer =
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
        values (9999, 'from the future', true, x'00', 0)";
    sql::query(newer).execute(site.accounts.database().writer()).await.expect("a row");
    site.close().await;
    let error = open(folder.path()).await.expect_err("it is newer");
    assert!(error.contains("newer version of Keyfold"), "{error}");
    assert!(error.contains("9999"), "{error}");
}

#[tokio::test]
async fn files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let inner = folder.path().join("data");
    let _site = open(&inner).await.expect("a fresh site");
    assert_eq!(std::fs::metadata(&inner).expect("the folder").permissions().mode() & 0o777, 0o700);
    for name in ["accounts.db", "passkeys.db", "accounts.db-wal"] {
        let mode = std::fs::metadata(inner.join(name)).expect(name).permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[tokio::test]
async fn a_command_beside_the_server_leaves_its_pages_as_they_are() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let data_dir = folder.path().to_str().expect("letters");
    let of = |url| super::config(&[("KEYFOLD_DATA_DIR", data_dir), ("KEYFOLD_PUBLIC_URL", url)]);
    let stored = async |site: &Site| -> (String, String, String) {
        let select = "select rp_id, name, origins from relying_parties";
        let query = sql::query_as(select).fetch_one(site.passkeys.database().reader());
        query.await.expect("the site's own pages")
    };
    let server = Site::open(of("https://id.example"), Clock::System, Chance::from_system()).await;
    let server = server.expect("a fresh site");
    let wanted = ("id.example", "Keyfold", r#"["https://id.example"]"#);
    let wanted = (wanted.0.to_owned(), wanted.1.to_owned(), wanted.2.to_owned());
    assert_eq!(stored(&server).await, wanted);
    server.close().await;
    std::fs::remove_file(folder.path().join("accounts.db")).expect("a file");
    let other = of("https://other.example");
    let beside = Site::open_beside(other, Clock::System, Chance::from_system()).await;
    assert_eq!(stored(&beside.expect("it opens")).await, wanted);
    let made = std::fs::metadata(folder.path().join("accounts.db")).expect("made anew");
    assert_eq!(made.permissions().mode() & 0o777, 0o600, "whoever makes it");
    let server = Site::open(of("https://other.example"), Clock::System, Chance::from_system());
    assert_eq!(stored(&server.await.expect("it opens")).await.0, "other.example");
}

#[tokio::test]
async fn the_user_database_holds_no_keys() {
    let folder = tempfile::tempdir().expect("a folder");
    let site = TestSite::in_folder(folder.path()).await;
    let mut passkey = Authenticator::new(1);
    site.browser().sign_up("ada", &mut passkey).await;
    for entry in std::fs::read_dir(folder.path()).expect("the folder") {
        let path = entry.expect("an entry").path();
        let is_accounts =
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("accounts.db"));
        let content = std::fs::read(&path).expect("a file");
        let has = |needle: &[u8]| content.windows(needle.len()).any(|window| window == needle);
        assert!(!(is_accounts && has(&passkey.credential_id)), "{}", path.display());
    }
}

#[tokio::test]
async fn a_database_that_is_lost_beside_the_other_is_told() {
    for (lost, other) in [("accounts.db", "passkeys.db"), ("passkeys.db", "accounts.db")] {
        for is_emptied in [true, false] {
            let folder = tempfile::tempdir().expect("a folder");
            let site = TestSite::in_folder(folder.path()).await;
            site.browser().sign_up("ada", &mut Authenticator::new(1)).await;
            site.site.close().await;
            let file = folder.path().join(lost);
            for beside in ["-wal", "-shm"] {
                let beside = folder.path().join(format!("{lost}{beside}"));
                assert!(!beside.exists(), "{}", beside.display());
            }
            if is_emptied {
                std::fs::write(&file, "").expect("the file can be written");
            } else {
                std::fs::remove_file(&file).expect("the file can be removed");
            }
            // However often it is tried.
            for _ in 0..2 {
                let error = open(folder.path()).await.expect_err("one of two is lost");
                assert!(error.contains(&format!("{lost} is gone or empty")), "{error}");
                assert!(error.contains(other), "{error}");
            }
        }
    }
}

#[tokio::test]
async fn a_first_start_that_was_cut_off_is_no_loss() {
    let folder = tempfile::tempdir().expect("a folder");
    open(folder.path()).await.expect("a fresh site").close().await;
    std::fs::remove_file(folder.path().join("accounts.db")).expect("it was not made yet");
    open(folder.path()).await.expect("nobody had signed up").close().await;
}
