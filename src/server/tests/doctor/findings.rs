//! What is found on this machine and in the databases, and that trouble with the databases hides nothing.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use axum::middleware::from_fn;
use clap::Parser as _;
use serde_json::Value;

use super::nginx::with_peer;
use super::{assert_found, faults};
use crate::server::chance::Chance;
use crate::server::cli::doctor::{self, DoctorCommand};
use crate::server::database::sql;
use crate::server::doctor::{Examination, Finding, Level, examine};
use crate::server::site::Site;
use crate::server::tests::authenticator::Authenticator;
use crate::server::tests::port::as_text;
use crate::server::tests::{TestSite, config, held_clock};
use crate::server::web_origin::WebOrigin;

#[derive(clap::Parser)]
struct Doctor {
    #[command(flatten)]
    command: DoctorCommand,
}

/// What the command tells of an installation with these settings: each check, how bad, and the first line.
async fn told(settings: &[(&str, &str)]) -> Vec<[String; 3]> {
    let Doctor { command } = Doctor::parse_from(["doctor", "--json"]);
    let (said, is_well) = doctor::run(Ok(config(settings)), &command).await.expect("findings");
    let said: Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(said["ok"], is_well);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let findings = said["findings"].as_array().expect("a list").iter();
    let told = |one: &Value| [text(&one["check"]), text(&one["level"]), text(&one["fix"][0])];
    findings.map(told).collect()
}

#[tokio::test]
async fn trouble_with_a_database_hides_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let more = [
        ("KEYFOLD_DATA_DIR", as_text(folder.path())),
        ("KEYFOLD_PUBLIC_URL", "https://keyfold.invalid"),
        ("KEYFOLD_TRUSTED_PROXIES", "0.0.0.0/0"),
        ("KEYFOLD_SMTP_URL", "smtp://127.0.0.1:1"),
    ];
    let wanted = [
        ("trusted_proxies", "wrong", "KEYFOLD_TRUSTED_PROXIES=127.0.0.1"),
        ("database", "wrong", "keyfold serve"),
        ("mail", "wrong", ""),
        ("rp_id", "good", ""),
        ("dns", "wrong", "keyfold.invalid. A <the address of this server>   (and AAAA for IPv6)"),
    ];
    let is_told = |told: &[[String; 3]], (check, level, line): (&str, &str, &str)| {
        told.iter().any(|one| one[0] == check && one[1] == level && one[2].starts_with(line))
    };
    let found = told(&more).await;
    for one in wanted {
        assert!(is_told(&found, one), "{one:?} in {found:#?}");
    }
    // The same where it is there, and is none.
    for name in ["accounts.db", "passkeys.db"] {
        std::fs::write(folder.path().join(name), "no database at all".repeat(99)).expect("a file");
    }
    let found = told(&more).await;
    for one in wanted {
        let restore = if one.0 == "database" { "nothing was changed" } else { one.2 };
        assert!(is_told(&found, (one.0, one.1, restore)), "{one:?} in {found:#?}");
    }
    assert!(is_told(&found, ("data_dir", "wrong", "chmod 6")), "{found:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_databases_the_site_is_still_asked_for_a_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let (url, _site) = served(folder.path()).await;
    let empty = tempfile::tempdir().expect("a folder");
    let listen = url.trim_start_matches("http://").replace("localhost", "127.0.0.1");
    let settings = [
        ("KEYFOLD_DATA_DIR", as_text(empty.path())),
        ("KEYFOLD_PUBLIC_URL", url.as_str()),
        ("KEYFOLD_LISTEN", listen.as_str()),
    ];
    let found = told(&settings).await;
    let levels = |check: &str| {
        let of = found.iter().filter(|one| one[0] == check);
        of.map(|one| one[1].as_str()).collect::<Vec<_>>()
    };
    assert_eq!(levels("database"), ["wrong"]);
    assert_eq!(levels("response_headers"), ["good"], "{found:#?}");
    assert_eq!(levels("cache"), ["good"]);
    assert_eq!(levels("probe"), ["unknown"]);
}

/// A site that listens, with its files in this folder.
async fn served(folder: &Path) -> (String, TestSite) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let url = format!("http://localhost:{}", address.port());
    let listen = address.to_string();
    let settings = [("KEYFOLD_PUBLIC_URL", url.as_str()), ("KEYFOLD_LISTEN", listen.as_str())];
    let site = TestSite::in_folder_with(folder, &settings).await;
    let routes = site.router.clone().layer(from_fn(with_peer));
    let routes = routes.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    (url, site)
}

/// What is found on a site that is opened as the command opens it, at this address.
async fn examined(settings: &[(&str, &str)], seconds: i64, url: &str) -> Vec<Finding> {
    let (clock, time) = held_clock();
    time.fetch_add(seconds * 1000, std::sync::atomic::Ordering::SeqCst);
    let site = Site::open_beside(config(settings), clock, Chance::from_system()).await;
    let site = site.expect("it opens");
    let url = WebOrigin::parse(url).expect("an origin");
    let found = examine(&site, &Examination { url, ca: None, http_port: 80 }).await;
    site.close().await;
    found
}

#[tokio::test]
async fn what_is_wrong_in_the_databases_and_around_them_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let site = TestSite::in_folder(folder.path()).await;
    for (name, seed) in [("ada", 1), ("grace", 2)] {
        site.browser().sign_up(name, &mut Authenticator::new(seed)).await;
    }
    let gone = sql::query("delete from users where name = 'grace'");
    gone.execute(site.site.accounts.database().writer()).await.expect("she is gone");
    site.site.close().await;
    let open_to_all = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(folder.path(), open_to_all).expect("it is ours");
    let settings = [
        ("KEYFOLD_DATA_DIR", as_text(folder.path())),
        ("KEYFOLD_PUBLIC_URL", "https://id.invalid"),
        ("KEYFOLD_SMTP_URL", "smtp://127.0.0.1:1"),
    ];
    let found = examined(&settings, 0, "https://other.invalid").await;
    let chmod = format!("→ chmod 700 {}", as_text(folder.path()));
    for (check, level, phrase) in [
        ("stranded", Level::Wrong, "passkeys bound to localhost: 2 of 2 users"),
        ("stranded", Level::Wrong, "→ KEYFOLD_PUBLIC_URL=https://localhost"),
        ("orphans", Level::Advice, "→ keyfold doctor --remove-orphans"),
        ("data_dir", Level::Wrong, chmod.as_str()),
        ("rp_id", Level::Wrong, "→ KEYFOLD_PUBLIC_URL=https://other.invalid"),
        ("dns", Level::Wrong, "→ other.invalid. A <the address of this server>"),
    ] {
        assert_found(&found, check, level, phrase);
    }
    let mail = found.iter().find(|finding| finding.check == "mail").expect("it is looked at");
    assert!(mail.is_wrong() && mail.says.contains("SMTP") && !mail.fix.is_empty(), "{mail:?}");
    for check in ["accounts", "passkeys"] {
        let database = found.iter().find(|finding| finding.check == check).expect("each of them");
        assert!(database.is_good(), "{database:?}");
        assert!(database.says.contains("whole but for its indexes, which `keyfold check`"));
        let schema = if check == "accounts" { "it has schema " } else { "; it has schema 2" };
        assert!(database.says.contains(schema), "{database:?}");
    }
}

#[tokio::test]
async fn rows_that_point_nowhere_are_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let site = TestSite::in_folder(folder.path()).await;
    site.browser().sign_up("ada", &mut Authenticator::new(1)).await;
    let mut connection = site.site.passkeys.database().connection().await.expect("a connection");
    for statement in ["pragma foreign_keys = off", "delete from relying_parties"] {
        sql::query(statement).execute(&mut connection).await.expect("it is done");
    }
    drop(connection);
    site.site.close().await;
    let settings = [("KEYFOLD_DATA_DIR", as_text(folder.path()))];
    let found = examined(&settings, 0, "http://localhost:8080").await;
    assert_found(&found, "passkeys", Level::Wrong, "point to rows of relying_parties that are not");
}

#[tokio::test(flavor = "multi_thread")]
async fn clocks_that_are_apart_are_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let (url, _site) = served(folder.path()).await;
    let settings =
        [("KEYFOLD_DATA_DIR", as_text(folder.path())), ("KEYFOLD_PUBLIC_URL", url.as_str())];
    let found = examined(&settings, 90, &url).await;
    assert_found(&found, "clock", Level::Wrong, "the clock of Keyfold's server says");
    assert_found(&found, "clock", Level::Wrong, "→ timedatectl set-ntp true");
    assert!(!faults(&found).iter().any(|finding| finding.check == "proxy"), "{found:#?}");
}
