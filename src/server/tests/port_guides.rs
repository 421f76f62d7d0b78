//! What the guide gives people to run, run: tables as other services have them, a real key in them, and
//! a sign-in at the end.

use std::io::Write as _;
use std::process::{Command, Stdio};

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;
use sqlx::{Connection as _, SqliteConnection};

use super::TestSite;
use super::api::BackEnd;
use super::authenticator::Authenticator;
use super::port::{Desk, as_text};

const GUIDE: &str = include_str!("../api/docs/import.md");

/// The first block of code in this language below this heading.
fn block(heading: &str, language: &str) -> &'static str {
    let (_, below) = GUIDE.split_once(&format!("\n## {heading}\n")).expect("the heading");
    let below = below.split("\n## ").next().expect("a section");
    let (_, code) = below.split_once(&format!("\n```{language}\n")).expect("the block");
    code.split_once("\n```").expect("its end").0
}

/// What a program writes; None where it is not installed.
fn output_of(program: &str, arguments: &[&str], input: &str) -> Option<String> {
    let mut child = Command::new(program);
    child.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = child.spawn().ok()?;
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin.write_all(input.as_bytes()).expect("it reads");
    drop(stdin);
    let done = child.wait_with_output().expect("it ends");
    assert!(done.status.success(), "{program} failed");
    Some(String::from_utf8(done.stdout).expect("text"))
}

/// Imports the one line, and signs in with the passkey that it is of.
async fn assert_signs_in(lines: &str, mut passkey: Authenticator) {
    let (site, desk) = (TestSite::new().await, Desk::new());
    let here = BackEnd::of(&site).await;
    let (said, error) = desk.import(&site, &here.party, lines.as_bytes(), &[]).await;
    assert_eq!(error, None, "{said} {lines}");
    assert_eq!(said["imported"], 1, "{lines}");
    let reply = here.authenticate(&mut passkey).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    assert_eq!(reply.json()["externalId"], USER);
    let credential = reply.json()["credential"].clone();
    assert_eq!(credential["transports"], json!(["internal", "hybrid"]));
    assert_eq!(credential["backupEligible"], true);
}

const USER: &str = "0b8f7c1e-6f5c-4a9d-9d5a-3f1c5d7e9a2b";

fn passkey(handle: &[u8], counter: u32) -> Authenticator {
    let mut passkey = Authenticator::new(1);
    (passkey.user_handle, passkey.counter) = (Some(handle.to_vec()), counter);
    passkey
}

#[tokio::test]
async fn what_the_guide_says_for_better_auth_works() {
    let passkey = passkey(b"q7n1k3x9z5b2m8v4c6w0d1f3g5h7j9l2", 4);
    let mut database = SqliteConnection::connect("sqlite::memory:").await.expect("memory");
    for statement in [
        "create table passkey (id text primary key, name text, publicKey text not null, userId text not null,
            credentialID text not null, counter integer not null, deviceType text not null,
            backedUp integer not null, transports text, createdAt date, aaguid text)",
        "create table passkey_handle (credentialID text unique, userHandle text)",
        "insert into passkey values ('1', '', 'AA==', 'nobody', 'without a handle', 0, 'singleDevice', 0,
            null, null, null)",
    ] {
        sqlx::query(statement).execute(&mut database).await.expect("sound SQL");
    }
    let insert = "insert into passkey values ('2', ' My phone ', $1, $2, $3, 4, 'multiDevice', 1,
        'internal,hybrid', '2026-01-02T03:04:05.678Z', '00000000-0000-0000-0000-000000000000')";
    let query = sqlx::query(insert).bind(STANDARD.encode(passkey.cose_key())).bind(USER);
    query.bind(passkey.id()).execute(&mut database).await.expect("sound SQL");
    let handle = URL_SAFE_NO_PAD.encode(passkey.user_handle.as_ref().expect("a handle"));
    let query = sqlx::query("insert into passkey_handle values ($1, $2)").bind(passkey.id());
    query.bind(handle).execute(&mut database).await.expect("sound SQL");
    let lines: Vec<String> = sqlx::query_scalar(block("From better-auth", "sql"))
        .fetch_all(&mut database)
        .await
        .expect("the query of the guide");
    assert!(lines[0].contains("\"name\":\"My phone\""), "{lines:?}");
    assert_signs_in(&lines.join("\n"), passkey).await;
}

#[tokio::test]
async fn what_the_guide_says_for_pocket_id_works() {
    // It keeps no counter; this passkey counts.
    let (passkey, desk) = (passkey(USER.as_bytes(), 4), Desk::new());
    let file = desk.file("pocket-id.db");
    let address = format!("sqlite://{}?mode=rwc", as_text(&file));
    let mut database = SqliteConnection::connect(&address).await.expect("a file");
    let create =
        "create table webauthn_credentials (id text primary key, created_at datetime not null,
        name text not null, credential_id text not null unique, public_key blob not null,
        attestation_type text not null, transport blob not null, user_id text,
        backup_eligible boolean not null, backup_state boolean not null)";
    sqlx::query(create).execute(&mut database).await.expect("sound SQL");
    let insert =
        "insert into webauthn_credentials values ('1', 1767323045, 'My phone', $1, $2, 'none',
        $3, $4, true, true)";
    let transport = br#"["internal","hybrid"]"#.to_vec();
    let query = sqlx::query(insert).bind(&passkey.credential_id).bind(passkey.cose_key());
    query.bind(transport).bind(USER).execute(&mut database).await.expect("sound SQL");
    database.close().await.expect("written");
    let script = block("From Pocket ID", "python");
    let Some(lines) = output_of("python3", &["-", as_text(&file)], script) else { return };
    assert!(lines.contains("\"createdAt\": \"2026-01-02T03:04:05+00:00\""), "{lines}");
    assert_signs_in(&lines, passkey).await;
}

#[tokio::test]
async fn what_the_guide_says_for_simplewebauthn_works() {
    let passkey = passkey(b"random bytes", 4);
    let key = passkey.cose_key();
    let row = json!({
        "id": passkey.id(), "user": { "id": USER }, "webauthnUserID": URL_SAFE_NO_PAD.encode("random bytes"),
        "counter": "4", "deviceType": "multiDevice", "backedUp": 1, "transports": "internal,hybrid",
    });
    let script = format!(
        "const allPasskeys = async () => [{{ ...{row}, publicKey: new Uint8Array({key:?}) }}];\n{}",
        block("From SimpleWebAuthn", "js")
    );
    let lines = output_of("node", &["--input-type=module", "-"], &script);
    let lines = lines.expect("Node is there: nothing is built without it");
    assert_signs_in(&lines, passkey).await;
}
