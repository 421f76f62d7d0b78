//! Files of backups: who may read them, what they replace, and when they go.

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::authenticator::Authenticator;
use super::backup::{Ground, listed};
use super::port::{Desk, as_text};
use super::{TestSite, config, held_clock};
use crate::server::backup;
use crate::server::chance::Chance;
use crate::server::database::sql;

#[tokio::test]
async fn a_backup_is_private_and_replaces_nothing_unasked() {
    use std::os::unix::fs::PermissionsExt as _;
    let (ground, desk) = (Ground::new().await, Desk::new());
    let file = desk.file("backup.tar");
    ground.back_up(&[as_text(&file)]).await.expect("a backup");
    let mode = std::fs::metadata(&file).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let error = ground.back_up(&[as_text(&file)]).await.expect_err("it is there");
    assert!(error.ends_with("backup.tar already exists"), "{error}");
    ground.back_up(&[as_text(&file), "--force"]).await.expect("asked for");
    assert_eq!(listed(file.parent().expect("a folder")), ["backup.tar"]);
    let error = ground.back_up(&[as_text(&file), "--force", "--keep", "3"]).await;
    assert!(error.expect_err("no folder").contains("is not a folder"));
}

#[tokio::test]
async fn the_oldest_backups_of_a_folder_go() {
    let (ground, desk) = (Ground::new().await, Desk::new());
    let folder = desk.file("backups");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::write(folder.join("notes.tar"), "mine").expect("a file");
    let name = |second: u64| format!("keyfold-2026-11-23T1205{second:02}Z.tar");
    for second in 0..5 {
        let said = ground.back_up(&[as_text(&folder), "--keep", "3"]).await.expect("a backup");
        let removed = said["removed"].as_array().expect("a list").clone();
        let wanted: Vec<PathBuf> =
            (second >= 3).then(|| folder.join(name(second - 3))).into_iter().collect();
        assert_eq!(removed, wanted.iter().map(|file| json!(as_text(file))).collect::<Vec<_>>());
        ground.site.pass_seconds(1);
    }
    assert_eq!(listed(&folder), [name(2), name(3), name(4), "notes.tar".to_owned()]);
    ground.site.pass_seconds(-1);
    let error = ground.back_up(&[as_text(&folder), "--keep", "1"]).await;
    assert!(error.expect_err("within a second").contains("already exists"));
    assert_eq!(listed(&folder).len(), 4, "none goes where none came");
}

/// Whoever has a backup could try all addresses, and know who was there.
#[tokio::test]
async fn a_backup_knows_no_addresses_that_limits_count() {
    let (ground, desk) = (Ground::new().await, Desk::new());
    let tries = ground.site.site.passkeys.tries();
    tries.count("begins", b"203.0.113.7", 3, Duration::from_hours(1)).await.expect("counted");
    assert_eq!(ground.site.count_passkeys("tries").await, 1);
    let asked = "insert into asked_addresses (address_hash, asked_at) values ($1, $2)";
    let of_ada = Sha256::digest(b"ada@example.com").to_vec();
    let asked =
        sql::query(asked).bind(of_ada.clone()).bind(ground.site.site.clock.now().milliseconds());
    asked.execute(ground.site.site.accounts.database().writer()).await.expect("a row");
    let file = desk.file("backup.tar");
    let said = ground.back_up(&[as_text(&file)]).await.expect("a backup");
    for (half, table) in [(0, "asked_addresses"), (1, "tries")] {
        let tables = said["manifest"]["databases"][half]["tables"].as_array().expect("a list");
        let rows = tables.iter().find(|tally| tally["table"] == table).map(|tally| &tally["rows"]);
        assert_eq!(rows, Some(&json!(0)), "{table} is there, and empty");
    }
    let hash = Sha256::digest([b"begins\0".as_slice(), b"203.0.113.7"].concat());
    let bytes = std::fs::read(&file).expect("a file");
    for hash in [hash.to_vec(), of_ada] {
        assert!(!bytes.windows(hash.len()).any(|window| window == hash), "its hash is in it");
    }
    let folder = desk.file("data");
    super::backup::restore(&file, &folder, &[]).await.expect("it is a whole one");
    assert_eq!(TestSite::in_folder(&folder).await.count_passkeys("tries").await, 0);
}

/// Each step from nothing to all of it: a step that stands still looks like one that hangs.
#[tokio::test]
async fn each_step_of_a_backup_and_a_restore_is_told() {
    let (ground, desk) = (Ground::new().await, Desk::new());
    ground.site.browser().sign_up("ada", &mut Authenticator::new(1)).await;
    let steps: Mutex<Vec<(String, u64, u64)>> = Mutex::default();
    let told = |what: &str, done, all| {
        let mut steps = steps.lock().expect("nobody panics");
        if let Some(last) = steps.last_mut().filter(|(last, ..)| last == what) {
            (last.1, last.2) = (done, all);
            return;
        }
        assert_eq!(done, 0, "{what} begins with nothing");
        steps.push((what.to_owned(), done, all));
    };
    let taken = || {
        let steps = std::mem::take(&mut *steps.lock().expect("nobody panics"));
        for (what, done, all) in &steps {
            assert_eq!(done, all, "{what}");
            assert!(*all > 0, "{what}");
        }
        steps.into_iter().map(|(what, ..)| what).collect::<Vec<_>>()
    };
    let file = desk.file("backup.tar");
    let order = backup::Order { target: file.clone(), force: false, keep: None };
    backup::take(&ground.site.site, &order, &told).await.expect("a backup");
    let of =
        |half: &str| ["copying", "comparing", "measuring"].map(|step| format!("{step} {half}"));
    let again = [
        "unpacking",
        "reading again",
        "checking accounts.db",
        "comparing accounts.db",
        "checking passkeys.db",
        "comparing passkeys.db",
    ]
    .map(str::to_owned);
    let all = [&of("accounts.db")[..], &of("passkeys.db"), &["packing".to_owned()], &again];
    assert_eq!(taken(), all.concat());
    let folder = desk.file("data");
    let config = config(&[("KEYFOLD_DATA_DIR", as_text(&folder))]);
    let chance = (held_clock().0, Chance::from_system());
    backup::restore(&config, chance, (&file, false), &told).await.expect("a restore");
    assert_eq!(taken(), again);
}
