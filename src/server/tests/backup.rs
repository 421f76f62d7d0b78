//! Backups: taken while people sign up, put back, and what of them must not live again.

use std::cell::Cell;
use std::path::Path;

use axum::http::StatusCode;
use clap::Parser as _;
use futures::future::join_all;
use serde_json::{Value, json};

use super::authenticator::Authenticator;
use super::port::{Desk, as_text};
use super::{Browser, TestSite, postgres};
use crate::server::chance::Chance;
use crate::server::cli::backup;
use crate::server::config::Config;
use crate::server::passkeys::{CredentialId, TokenPurpose, TokenRefused, Verified};
use crate::server::site::Site;

#[derive(Debug, clap::Parser)]
enum Arguments {
    Backup(backup::BackupCommand),
    Restore(backup::RestoreCommand),
}

/// A site with files, or with the server of the tests, and what a second process needs to reach it.
pub(super) struct Ground {
    pub(super) site: TestSite,
    pub(super) folder: tempfile::TempDir,
    settings: Vec<(&'static str, String)>,
}

impl Ground {
    pub(super) async fn new() -> Self {
        Self::at(postgres::fresh_database().await).await
    }

    /// On this server, or in files.
    pub(super) async fn at(database: Option<String>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut settings = vec![("KEYFOLD_RATE_LIMITS", "off".to_owned())];
        if let Some(url) = database {
            settings.push(("KEYFOLD_ACCOUNTS_DATABASE_URL", url.clone()));
            settings.push(("KEYFOLD_PASSKEYS_DATABASE_URL", url));
        }
        let borrowed: Vec<_> = settings.iter().map(|(key, value)| (*key, value.as_str())).collect();
        let site = TestSite::in_folder_with(folder.path(), &borrowed).await;
        Self { site, folder, settings }
    }

    pub(super) fn config(&self) -> Config {
        let folder = as_text(self.folder.path()).to_owned();
        let mut settings = self.settings.clone();
        settings.push(("KEYFOLD_DATA_DIR", folder));
        let borrowed: Vec<_> = settings.iter().map(|(key, value)| (*key, value.as_str())).collect();
        super::config(&borrowed)
    }

    /// Takes a backup as a process of its own does.
    pub(super) async fn back_up(&self, arguments: &[&str]) -> Result<Value, String> {
        let clock = self.site.site.clock.clone();
        let beside = Site::open_beside(self.config(), clock, Chance::from_system()).await;
        let beside = beside.expect("it opens");
        let arguments = [&["keyfold", "backup", "--json"], arguments].concat();
        let Ok(Arguments::Backup(command)) = Arguments::try_parse_from(arguments) else {
            panic!("these are no arguments");
        };
        let said = backup::backup(&beside, &command).await;
        beside.close().await;
        said.map(|said| serde_json::from_str(&said).expect("JSON"))
            .map_err(|error| error.to_string())
    }
}

/// Restores to files in this folder.
pub(super) async fn restore(
    file: &Path,
    folder: &Path,
    arguments: &[&str],
) -> Result<Value, String> {
    let config = super::config(&[("KEYFOLD_DATA_DIR", as_text(folder))]);
    restore_to(file, &config, arguments).await
}

pub(super) async fn restore_to(
    file: &Path,
    config: &Config,
    arguments: &[&str],
) -> Result<Value, String> {
    let arguments = [&["keyfold", "restore", "--json", as_text(file)], arguments].concat();
    let Ok(Arguments::Restore(command)) = Arguments::try_parse_from(arguments) else {
        panic!("these are no arguments");
    };
    let chance = (super::held_clock().0, Chance::from_system());
    let said = backup::restore(config, chance, &command).await;
    said.map(|said| serde_json::from_str(&said).expect("JSON")).map_err(|error| error.to_string())
}

/// What is in a folder.
pub(super) fn listed(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let name = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.expect("an entry").file_name().to_string_lossy().into_owned()
    };
    let mut names: Vec<String> = entries.map(name).collect();
    names.sort();
    names
}

#[tokio::test]
async fn whoever_had_signed_up_before_a_backup_signs_in_after_its_restore() {
    let (ground, desk) = (Ground::new().await, Desk::new());
    let file = desk.file("backup.tar");
    let is_over = Cell::new(false);
    let acknowledged = Cell::new(0_u64);
    // People who keep signing up, each in a row of their own.
    let rows = (0..4_u64).map(|row| {
        let (site, is_over, acknowledged) = (&ground.site, &is_over, &acknowledged);
        async move {
            let mut people: Vec<(Authenticator, Browser<'_>)> = Vec::new();
            while !is_over.get() {
                let number = u64::try_from(people.len()).expect("few");
                let mut passkey = Authenticator::new(row * 1000 + number + 1);
                let mut browser = site.browser();
                let reply = browser.sign_up(&format!("p{row}x{number}"), &mut passkey).await;
                assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
                people.push((passkey, browser));
                acknowledged.set(acknowledged.get() + 1);
            }
            people
        }
    });
    let operator = async {
        // Somewhere in the middle of it.
        while acknowledged.get() < 12 {
            tokio::task::yield_now().await;
        }
        let before = acknowledged.get();
        let said = ground.back_up(&[as_text(&file)]).await.expect("a backup");
        let during = acknowledged.get();
        while acknowledged.get() < during + 4 {
            tokio::task::yield_now().await;
        }
        is_over.set(true);
        (before, said)
    };
    let (rows, (before, said)) = futures::join!(join_all(rows), operator);
    let after = restored(&file).await;
    let count = u64::try_from(after.site.count_accounts("users").await).expect("a count");
    assert!(before <= count && count < acknowledged.get(), "{before} <= {count}");
    assert_eq!(
        said["manifest"]["databases"][0]["tables"].as_array().map(Vec::is_empty),
        Some(false)
    );
    assert_eq!(after.site.count_accounts("sessions").await, 0);
    after.site.pass_seconds(120);
    let mut let_in = 0;
    for (mut passkey, browser) in rows.into_iter().flatten() {
        assert!(!after.site.browser_like(&browser).is_signed_in().await);
        let status = after.site.browser().sign_in(&mut passkey).await.status;
        let_in += u64::from(status == StatusCode::OK);
    }
    assert_eq!(let_in, count, "everybody who is there, and nobody else");
    let clock = after.site.site.clock.clone();
    let (found, _) = super::check::check(&after.config(), &clock, &[]).await;
    let found = found["findings"].to_string();
    assert!(!found.contains("accounts_without_passkeys"), "{found}");
}

/// The site that a backup is restored to.
async fn restored(file: &Path) -> Ground {
    restored_with(file, &[]).await
}

async fn restored_with(file: &Path, arguments: &[&str]) -> Ground {
    let folder = tempfile::tempdir().expect("a folder");
    restore(file, folder.path(), arguments).await.expect("it can be restored");
    let site = TestSite::in_folder(folder.path()).await;
    Ground { site, folder, settings: vec![("KEYFOLD_RATE_LIMITS", "off".to_owned())] }
}

#[tokio::test]
async fn what_was_used_or_ended_since_does_not_live_again() {
    let (ground, desk) = (Ground::new().await, Desk::new());
    let site = &ground.site;
    let mut passkey = Authenticator::new(1);
    let mut browser = site.browser();
    browser.sign_up("ada", &mut passkey).await;
    let mut used = site.browser();
    let (used_id, options) = used.begin_sign_in().await;
    let used_answer = passkey.get(site.origin, &options);
    let mut since = site.browser();
    let (id, options) = since.begin_sign_in().await;
    let answer = passkey.get(site.origin, &options);
    let mut joining = site.browser();
    let (sign_up, options) = joining.begin_sign_up("grace").await;
    let joins = Authenticator::new(2).create(site.origin, &options);
    assert_eq!(used.finish("finish_sign_in", &used_id, &used_answer).await.status, StatusCode::OK);
    let token = token(site).await;
    let file = desk.file("backup.tar");
    ground.back_up(&[as_text(&file)]).await.expect("a backup");
    assert_eq!(since.finish("finish_sign_in", &id, &answer).await.status, StatusCode::OK);
    let spent = site.site.passkeys.spend_token("us", &site.site.relying_party, &token).await;
    spent.expect("for the first time");

    let after = restored(&file).await;
    for (browser, id, answer) in [(&used, &used_id, &used_answer), (&since, &id, &answer)] {
        let mut again = after.site.browser_like(browser);
        assert!(!again.is_signed_in().await, "no session lives on");
        let reply = again.finish("finish_sign_in", id, answer).await;
        assert_ne!(reply.status, StatusCode::OK, "no answer works again");
    }
    let mut again = after.site.browser_like(&joining);
    let reply = again.finish("finish_sign_up", &sign_up, &joins).await;
    assert_ne!(reply.status, StatusCode::OK, "{}", reply.text);
    assert!(!after.site.browser_like(&browser).is_signed_in().await);
    let service = &after.site.site.passkeys;
    let spent = service.spend_token("us", &after.site.site.relying_party, &token).await;
    assert!(matches!(spent, Err(TokenRefused::Invalid)), "{spent:?}");
    after.site.pass_seconds(1);
    let fresh = self::token(&after.site).await;
    let spent = service.spend_token("us", &after.site.site.relying_party, &fresh).await;
    spent.expect("tokens of afterwards are good");
    let keys = async |site: &TestSite| site.site.passkeys.jwks().await.expect("keys");
    assert_eq!(keys(&after.site).await, keys(site).await, "the keys are the same");
    assert_eq!(after.site.browser().sign_in(&mut passkey).await.status, StatusCode::OK);

    let kept = restored_with(&file, &["--keep-sessions"]).await;
    assert!(kept.site.browser_like(&browser).is_signed_in().await);
    assert!(!kept.site.browser_like(&since).is_signed_in().await, "it was not there yet");
    let reply = kept.site.browser_like(&since).finish("finish_sign_in", &id, &answer).await;
    assert_ne!(reply.status, StatusCode::OK, "no answer works again");
}

async fn token(site: &TestSite) -> String {
    let credential = CredentialId::parse("AAAAAAAAAAAAAAAAAAAAAAAA").expect("an id");
    let purpose = TokenPurpose::Authentication;
    let verified =
        Verified { external_id: "ada", credential: &credential, user_verified: true, purpose };
    let party = &site.site.relying_party;
    site.site.passkeys.issue_token("us", party, &verified).await.expect("a token")
}

#[tokio::test]
async fn a_restore_says_what_it_ended() {
    let (ground, desk) = (Ground::new().await, Desk::new());
    let mut browser = ground.site.browser();
    browser.sign_up("ada", &mut Authenticator::new(1)).await;
    ground.site.browser().begin_sign_in().await;
    ground.site.browser().begin_sign_up("grace").await;
    let file = desk.file("backup.tar");
    let said = ground.back_up(&[as_text(&file)]).await.expect("a backup");
    assert_eq!(said["manifest"]["taken_at"], "2026-11-23T12:05:00Z");
    assert_eq!(said["manifest"]["format"], 1);
    let folder = desk.file("data");
    let said = restore(&file, &folder, &[]).await.expect("a restore");
    assert_eq!((&said["accounts"], &said["passkeys"]), (&json!(1), &json!(1)));
    let ended = &said["ended"];
    let counts = (&ended["sessions"], &ended["ceremonies"], &ended["sign-ups under way"]);
    assert_eq!(counts, (&json!(1), &json!(2), &json!(1)), "{ended}");
    assert_eq!(listed(&folder), ["accounts.db", "keyfold.lock", "passkeys.db"]);
}

#[tokio::test]
async fn a_backup_that_was_altered_or_cut_off_is_refused() {
    let (ground, desk) = (Ground::new().await, Desk::new());
    ground.site.browser().sign_up("ada", &mut Authenticator::new(1)).await;
    let file = desk.file("backup.tar");
    ground.back_up(&[as_text(&file)]).await.expect("a backup");
    let whole = std::fs::read(&file).expect("a file");
    let folder = desk.file("data");
    let mut wrong: Vec<(String, Vec<u8>)> = vec![
        ("nothing".into(), Vec::new()),
        ("text".into(), b"this is no backup".to_vec()),
        ("more".into(), [whole.as_slice(), b"\0"].concat()),
    ];
    for cut in [1, 512, 1024, 1536, whole.len() / 2] {
        wrong.push((format!("cut by {cut}"), whole[..whole.len() - cut].to_vec()));
    }
    let step = whole.len() / 40;
    for place in (0..whole.len()).step_by(step).chain([700, whole.len() - 1]) {
        let mut bytes = whole.clone();
        bytes[place] ^= 0x20;
        wrong.push((format!("byte {place}"), bytes));
    }
    for (what, bytes) in wrong {
        std::fs::write(&file, bytes).expect("a file");
        let error = restore(&file, &folder, &[]).await.expect_err(&what);
        assert!(error.contains("is not a sound backup"), "{what}: {error}");
        assert_eq!(listed(&folder), ["keyfold.lock"], "{what}");
    }
    std::fs::write(&file, whole).expect("a file");
    restore(&file, &folder, &[]).await.expect("the folder is still good for it");
}

#[tokio::test]
async fn nothing_is_restored_over_anything() {
    let (ground, desk) = (Ground::at(None).await, Desk::new());
    let file = desk.file("backup.tar");
    ground.back_up(&[as_text(&file)]).await.expect("a backup");
    let error = restore(&file, ground.folder.path(), &[]).await.expect_err("it is full");
    assert!(error.contains("nothing may be where this goes"), "{error}");
    let folder = desk.file("data");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::write(folder.join("notes.txt"), "mine").expect("a file");
    let error = restore(&file, &folder, &[]).await.expect_err("it is not empty");
    assert!(error.contains("notes.txt already exists"), "{error}");
    assert_eq!(listed(&folder), ["keyfold.lock", "notes.txt"]);
    std::fs::remove_file(folder.join("notes.txt")).expect("ours");
    let lock = std::fs::File::open(folder.join("keyfold.lock")).expect("the lock");
    lock.try_lock().expect("nobody has it");
    let error = restore(&file, &folder, &[]).await.expect_err("somebody uses it");
    assert!(error.contains("a Keyfold is running on"), "{error}");
    drop(lock);
    std::fs::write(folder.join("restore.unfinished"), "").expect("a file");
    let error = crate::server::site::prepare_data_dir(&folder).expect_err("it is half a restore");
    assert!(error.to_string().contains("a restore was broken off"), "{error}");
    std::fs::remove_file(folder.join("restore.unfinished")).expect("ours");
    restore(&file, &folder, &[]).await.expect("now it is empty");
    restore(&file, &folder, &[]).await.expect_err("now it is not");
}
