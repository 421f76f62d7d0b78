//! `keyfold import` and `keyfold export`: lines in, lines out, and why a line is refused.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Parser as _;
use serde_json::{Value, json};

use super::TestSite;
use super::authenticator::Authenticator;
use super::relying_parties::shop;
use crate::server::cli::port;

#[derive(Debug, clap::Parser)]
enum Arguments {
    Import(port::ImportCommand),
    Export(port::ExportCommand),
}

/// What a command says, and its error.
pub(super) async fn run(site: &TestSite, arguments: &[&str]) -> (String, Option<String>) {
    let arguments = Arguments::try_parse_from([&["keyfold"], arguments].concat());
    let failed = |error: port::PortError| (String::new(), Some(error.to_string()));
    match arguments.expect("sound arguments") {
        Arguments::Import(command) => match port::import(&site.site, &command).await {
            Ok(said) => (said.text, said.error.map(|error| error.to_string())),
            Err(error) => failed(error),
        },
        Arguments::Export(command) => match port::export(&site.site, &command).await {
            Ok(said) => (said, None),
            Err(error) => failed(error),
        },
    }
}

/// A folder for files, which goes with this value.
pub(super) struct Desk(tempfile::TempDir);

impl Desk {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(super) async fn import(
        &self,
        site: &TestSite,
        party: &str,
        text: &[u8],
        more: &[&str],
    ) -> (Value, Option<String>) {
        let file = self.file("import.jsonl");
        std::fs::write(&file, text).expect("it is written");
        let arguments = ["import", "--relying-party", party, "--json", as_text(&file)];
        let (said, error) = run(site, &[&arguments, more].concat()).await;
        (serde_json::from_str(&said).expect("one JSON value"), error)
    }

    pub(super) async fn export(&self, site: &TestSite, party: &str) -> String {
        let file = self.file("export.jsonl");
        let arguments = ["export", "--relying-party", party, "--force", as_text(&file)];
        assert_eq!(run(site, &arguments).await.1, None);
        std::fs::read_to_string(file).expect("text")
    }
}

pub(super) fn as_text(file: &Path) -> &str {
    file.to_str().expect("a path of letters")
}

/// The line of a passkey, with the least that there must be.
pub(super) fn line(user: &str, seed: u64) -> Value {
    let passkey = Authenticator::new(seed);
    json!({
        "externalId": user, "userHandle": URL_SAFE_NO_PAD.encode(user), "credentialId": passkey.id(),
        "publicKey": URL_SAFE_NO_PAD.encode(passkey.cose_key()), "signCount": 3,
        "transports": ["internal", "pigeon"], "backupEligible": true, "backupState": false,
    })
}

fn with(mut line: Value, name: &str, value: Value) -> Value {
    line[name] = value;
    line
}

pub(super) fn in_lines(lines: &[Value]) -> Vec<u8> {
    lines.iter().flat_map(|line| format!("{line}\n").into_bytes()).collect()
}

async fn a_shop(site: &TestSite) -> String {
    shop(site).await.id().to_owned()
}

#[tokio::test]
async fn what_goes_out_comes_in_again_without_loss() {
    let (site, desk) = (TestSite::new().await, Desk::new());
    let (first, second) = (a_shop(&site).await, a_shop(&site).await);
    let whole = json!({
        "name": "Ada's phone", "discoverable": true, "lastUsedAt": "2026-11-20T08:00:00.25Z",
        "aaguid": "fbfc3007-154e-4ecc-8c0b-6e020557d7bd", "createdAt": "2025-01-02T03:04:05.678Z",
    });
    let mut ada = line("ada", 1);
    for (name, value) in whole.as_object().expect("an object") {
        ada[name] = value.clone();
    }
    let lines =
        [ada.clone(), line("grace", 2), line("ada", 3), with(line("eve", 4), "name", Value::Null)];
    let text = [b"\n  \r\n".to_vec(), in_lines(&lines)].concat();
    let (said, error) = desk.import(&site, &first, &text, &[]).await;
    let wanted =
        json!({ "imported": 4, "users": 3, "unchanged": 0, "refused": [], "refusedInAll": 0 });
    assert_eq!((said, error), (wanted, None));
    let exported = desk.export(&site, &first).await;
    let users: Vec<Value> =
        exported.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let names: Vec<&Value> = users.iter().map(|line| &line["externalId"]).collect();
    assert_eq!(names, ["ada", "ada", "eve", "grace"]);
    ada["transports"] = json!(["internal"]);
    assert!(users.contains(&ada), "{exported}");
    assert_eq!(users[2]["createdAt"], "2026-11-23T12:05:00Z");
    assert_eq!(users[2]["aaguid"], "00000000-0000-0000-0000-000000000000");
    let (said, _) = desk.import(&site, &second, exported.as_bytes(), &[]).await;
    assert_eq!((&said["imported"], &said["users"]), (&json!(4), &json!(3)));
    assert_eq!(desk.export(&site, &second).await, exported);
    // Once more, it is all there.
    let (said, error) = desk.import(&site, &second, &exported.repeat(2).into_bytes(), &[]).await;
    let wanted =
        json!({ "imported": 0, "users": 0, "unchanged": 8, "refused": [], "refusedInAll": 0 });
    assert_eq!((said, error), (wanted, None));
    assert_eq!(desk.export(&site, &second).await, exported);
}

#[tokio::test]
async fn more_than_a_page_goes_out_in_order() {
    let (site, desk) = (TestSite::new().await, Desk::new());
    let party = a_shop(&site).await;
    let one = |number: usize| {
        let id = URL_SAFE_NO_PAD.encode(format!("credential-{number:09}"));
        with(line(&format!("user {}", number % 700), 1), "credentialId", id.into())
    };
    let lines: Vec<Value> = (0..1203).map(one).collect();
    let (said, _) = desk.import(&site, &party, &in_lines(&lines), &[]).await;
    assert_eq!((&said["imported"], &said["users"]), (&json!(1203), &json!(700)));
    let exported = desk.export(&site, &party).await;
    assert_eq!(exported.lines().count(), 1203);
    let (said, _) = desk.import(&site, &a_shop(&site).await, exported.as_bytes(), &[]).await;
    assert_eq!(said["imported"], 1203);
}

#[tokio::test]
async fn a_line_is_refused_with_its_number_and_a_reason() {
    let (site, desk) = (TestSite::new().await, Desk::new());
    let party = a_shop(&site).await;
    let good = line("ada", 1);
    let changed =
        |name: &str, value: Value| with(good.clone(), name, value).to_string().into_bytes();
    let mut off_the_curve = Authenticator::new(1).cose_key();
    *off_the_curve.last_mut().expect("a byte") ^= 1;
    let mut ed25519 = Authenticator::new(1).cose_key();
    ed25519[4] = 0x27;
    let key = |key: &[u8]| changed("publicKey", URL_SAFE_NO_PAD.encode(key).into());
    let mut without = good.clone();
    without.as_object_mut().expect("an object").remove("signCount");
    let twice = good.to_string().replacen('{', "{\"name\":\"a\",\"name\":\"b\",", 1);
    let long = format!("{{\"name\":\"{}\"}}", "a".repeat(70_000));
    let wanted: Vec<(Vec<u8>, &str)> = vec![
        (b"not JSON".to_vec(), "is not one JSON object without duplicate members"),
        (b"[1]".to_vec(), "is not one JSON object without duplicate members"),
        (twice.into_bytes(), "is not one JSON object without duplicate members"),
        (vec![b'"', 0xff, b'"'], "is not UTF-8"),
        (long.into_bytes(), "is longer than 64 KiB"),
        (changed("e\u{1b}mail", json!(1)), "has an unknown member: \"e\\u{1b}mail\""),
        (without.to_string().into_bytes(), "signCount is missing"),
        (
            changed("externalId", json!("")),
            "externalId must be 1 to 64 bytes of UTF-8 without control characters",
        ),
        (changed("externalId", json!(7)), "externalId must be a text"),
        (changed("userHandle", json!("")), "userHandle must be of 1 to 64 bytes"),
        (changed("userHandle", json!("YQ==")), "userHandle must be base64url without padding"),
        (changed("credentialId", json!("YWJj")), "credentialId must be of 16 to 1023 bytes"),
        (changed("credentialId", Value::Null), "credentialId is missing"),
        (changed("publicKey", json!("a+b/")), "publicKey must be base64url without padding"),
        (key(&off_the_curve), "publicKey: the public key is not a point of the curve"),
        (key(&ed25519), "publicKey: the algorithm was not offered"),
        (
            key(&[Authenticator::new(1).cose_key(), vec![0]].concat()),
            "publicKey: bytes follow the CBOR item",
        ),
        (changed("signCount", json!(-1)), "signCount must be a whole number from 0 to 4294967295"),
        (
            changed("signCount", json!(4_294_967_296_i64)),
            "signCount must be a whole number from 0 to 4294967295",
        ),
        (changed("transports", json!("usb,nfc")), "transports must be a list of texts"),
        (changed("backupEligible", json!(1)), "backupEligible must be true or false"),
        (
            with(with(good.clone(), "backupEligible", json!(false)), "backupState", json!(true))
                .to_string()
                .into_bytes(),
            "backupState is true, but backupEligible is not",
        ),
        (changed("aaguid", json!("apple")), "aaguid must be a UUID"),
        (
            changed("createdAt", json!("yesterday")),
            "createdAt must be a time of RFC 3339, such as 2026-11-23T12:05:00Z",
        ),
        (
            changed("name", json!("")),
            "name must be 1 to 64 characters, none of them a control character",
        ),
    ];
    let mut text = b"\n".to_vec();
    for (line, _) in &wanted {
        text.extend_from_slice(line);
        text.push(b'\n');
    }
    text.extend_from_slice(good.to_string().as_bytes());
    let (said, error) = desk.import(&site, &party, &text, &[]).await;
    for (place, (_, reason)) in wanted.iter().enumerate() {
        assert_eq!(said["refused"][place], json!({ "line": place + 2, "reason": reason }));
    }
    assert_eq!(said["refusedInAll"], 25);
    assert_eq!(error.as_deref(), Some("25 of 27 lines were refused; nothing was imported"));
    assert_eq!(site.count_passkeys("credentials").await, 0);
    let (said, error) = desk.import(&site, &party, &text, &["--keep-going"]).await;
    assert_eq!((&said["imported"], &said["refusedInAll"]), (&json!(1), &json!(25)));
    assert_eq!(error.as_deref(), Some("25 of 27 lines were refused"));
    assert_eq!(desk.export(&site, &party).await.lines().count(), 1);
}

#[tokio::test]
async fn a_line_that_contradicts_another_or_the_database_is_refused() {
    let (site, desk) = (TestSite::new().await, Desk::new());
    let party = a_shop(&site).await;
    let stored = [line("ada", 1), line("grace", 2)];
    let (said, _) = desk.import(&site, &party, &in_lines(&stored), &[]).await;
    assert_eq!(said["imported"], 2);
    let handle = |text: &str| URL_SAFE_NO_PAD.encode(text).into();
    let lines = [
        with(line("eve", 1), "userHandle", handle("eve")),
        with(line("ada", 3), "userHandle", handle("other")),
        with(line("eve", 4), "userHandle", handle("grace")),
        with(line("ada", 1), "publicKey", line("", 9)["publicKey"].clone()),
        line("ada", 1),
        line("joan", 5),
        line("joan", 5),
        with(line("joan", 6), "userHandle", handle("other")),
        with(line("mary", 7), "userHandle", handle("joan")),
        line("mary", 5),
    ];
    let (said, error) = desk.import(&site, &party, &in_lines(&lines), &["--keep-going"]).await;
    let (fixed, taken) =
        ("the user has another userHandle already", "the userHandle belongs to another user");
    let there = "the credentialId is there already, with another key or for another user";
    let refused: Vec<Value> =
        [(1, there), (2, fixed), (3, taken), (4, there), (8, fixed), (9, taken), (10, there)]
            .iter()
            .map(|(line, reason)| json!({ "line": line, "reason": reason }))
            .collect();
    let wanted =
        json!({ "imported": 1, "users": 1, "unchanged": 2, "refused": refused, "refusedInAll": 7 });
    assert_eq!(said, wanted);
    assert!(error.is_some());
    assert_eq!(desk.export(&site, &party).await.lines().count(), 3);
}

#[tokio::test]
async fn a_hundred_refused_lines_are_named_and_the_others_counted() {
    let (site, desk) = (TestSite::new().await, Desk::new());
    let party = a_shop(&site).await;
    let text = [b"{}\n".repeat(350), in_lines(&[line("ada", 1)])].concat();
    let (said, error) = desk.import(&site, &party, &text, &[]).await;
    assert_eq!(said["refused"].as_array().map(Vec::len), Some(100));
    assert_eq!((&said["refused"][99]["line"], &said["refusedInAll"]), (&json!(100), &json!(350)));
    assert_eq!(error.as_deref(), Some("350 of 351 lines were refused; nothing was imported"));
    let file = desk.file("import.jsonl");
    let arguments = ["import", "--relying-party", &party, as_text(&file)];
    let (said, _) = run(&site, &arguments).await;
    assert!(
        said.starts_with("imported 0 passkeys of 0 users; 0 already here, 350 refused\nline 1: "),
        "{said}"
    );
    assert!(said.ends_with("line 100: externalId is missing\nand 250 lines more\n"), "{said}");
}

#[tokio::test]
async fn files_are_private_and_replaced_only_when_asked() {
    use std::os::unix::fs::PermissionsExt as _;
    let (site, desk) = (TestSite::new().await, Desk::new());
    let party = a_shop(&site).await;
    desk.import(&site, &party, &in_lines(&[line("ada", 1)]), &[]).await;
    let file = desk.file("passkeys.jsonl");
    let arguments = ["export", "--relying-party", &party, as_text(&file)];
    let name = as_text(&file);
    let said = format!("exported 1 passkey of 1 user to {name}\n");
    assert_eq!(run(&site, &arguments).await, (said.clone(), None));
    let mode = |file: &Path| std::fs::metadata(file).expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode(&file), 0o600);
    let (_, error) = run(&site, &arguments).await;
    assert_eq!(error, Some(format!("{name} already exists")));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).expect("ours");
    assert_eq!(run(&site, &[&arguments[..], &["--force"]].concat()).await, (said, None));
    assert_eq!(mode(&file), 0o600);
}

#[tokio::test]
async fn only_the_operators_relying_parties_are_reached() {
    let (site, desk) = (TestSite::new().await, Desk::new());
    let file = desk.file("passkeys.jsonl");
    std::fs::write(&file, in_lines(&[line("ada", 1)])).expect("it is written");
    for party in ["rp_keyfold", "rp_nobody"] {
        for command in ["import", "export"] {
            let arguments = [command, "--relying-party", party, "--", as_text(&file)];
            let (_, error) = run(&site, &arguments).await;
            assert_eq!(error, Some(format!("there is no relying party with the id {party:?}")));
        }
    }
    let arguments = ["import", "--relying-party", &a_shop(&site).await, "/nowhere/at/all"];
    let (_, error) = run(&site, &arguments).await;
    assert!(error.is_some_and(|error| error.starts_with("cannot read /nowhere/at/all: ")));
    assert_eq!(site.count_passkeys("credentials").await, 0);
}
