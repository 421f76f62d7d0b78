//! `keyfold check`: what is broken, or contradicts itself, is told.

use clap::Parser as _;
use serde_json::Value;

use super::authenticator::Authenticator;
use super::backup::Ground;
use crate::server::cli::check;
use crate::server::clock::Clock;
use crate::server::config::Config;

#[derive(Debug, clap::Parser)]
struct Arguments {
    #[command(flatten)]
    check: check::CheckCommand,
}

pub(super) async fn check(config: &Config, clock: &Clock, arguments: &[&str]) -> (Value, bool) {
    let arguments = [&["check", "--json"], arguments].concat();
    let command = Arguments::try_parse_from(arguments).expect("sound arguments").check;
    let (said, is_well) = check::run(config, clock, &command).await;
    (serde_json::from_str(&said).expect("JSON"), is_well)
}

#[tokio::test]
async fn a_check_tells_what_is_wrong() {
    let ground = Ground::at(None).await;
    let (config, clock) = (ground.config(), ground.site.site.clock.clone());
    ground.site.browser().sign_up("ada", &mut Authenticator::new(1)).await;
    ground.site.pass_seconds(120);
    let (found, is_well) = check(&config, &clock, &[]).await;
    assert!(is_well, "{found}");
    let kinds = |found: &Value| -> Vec<String> {
        let findings = found["findings"].as_array().expect("a list").iter();
        let kind = |one: &Value| format!("{} {}", one["check"], one["level"]).replace('"', "");
        findings.map(kind).collect()
    };
    assert_eq!(kinds(&found), ["accounts good", "passkeys good", "accounts_and_passkeys good"]);
    let database = ground.site.site.passkeys.database();
    let forget = crate::server::database::sql::query(
        "update credentials set user_handle = x'00112233445566778899aabbccddeeff'",
    );
    forget.execute(database.writer()).await.expect("a row");
    let (found, is_well) = check(&config, &clock, &["--quick"]).await;
    assert!(!is_well);
    let wanted = ["accounts_without_passkeys advice", "passkeys_without_accounts advice"];
    assert_eq!(kinds(&found)[2..], wanted);
    ground.site.site.close().await;
    let path = ground.folder.path().join("accounts.db");
    let mut bytes = std::fs::read(&path).expect("the database");
    let end = bytes.len() / 2;
    // From the second page on: that it has been migrated is not readable any more either.
    bytes[4096..end].fill(0xaa);
    std::fs::write(&path, bytes).expect("a file");
    let (found, is_well) = check(&config, &clock, &[]).await;
    assert!(!is_well);
    assert_eq!(kinds(&found), ["accounts wrong", "passkeys good"]);
    assert!(found["findings"][0]["says"].to_string().contains("is damaged"), "{found}");
}
