//! Files of backups: who may read them, what they replace, and when they go.

use std::path::PathBuf;

use serde_json::json;

use super::backup::{Ground, listed};
use super::port::{Desk, as_text};

#[tokio::test]
async fn a_backup_is_private_and_replaces_nothing_unasked() {
    use std::os::unix::fs::PermissionsExt as _;
    let (ground, desk) = (Ground::new().await, Desk::new());
    let file = desk.file("backup.tar");
    ground.back_up(&[as_text(&file)]).await.expect("a backup");
    let mode = std::fs::metadata(&file).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let error = ground.back_up(&[as_text(&file)]).await.expect_err("it is there");
    assert!(error.ends_with("backup.tar is there already"), "{error}");
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
    assert!(error.expect_err("within a second").contains("is there already"));
    assert_eq!(listed(&folder).len(), 4, "none goes where none came");
}
