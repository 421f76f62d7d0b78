//! `keyfold signing-keys`: rotation beside a server that runs.

use clap::Parser as _;
use serde_json::{Value, json};

use super::TestSite;
use crate::server::cli::signing_keys::{Command, run};

#[derive(Debug, clap::Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

async fn signing_keys(site: &TestSite, arguments: &[&str]) -> String {
    let arguments = Arguments::try_parse_from([&["signing-keys"], arguments].concat());
    let command = arguments.expect("arguments").command;
    run(&site.site, command).await.expect("it can be done")
}

async fn as_json(site: &TestSite, arguments: &[&str]) -> Value {
    serde_json::from_str(&signing_keys(site, arguments).await).expect("JSON")
}

#[tokio::test]
async fn keys_are_listed_and_rotated_beside_a_server_that_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let site = TestSite::in_folder(folder.path()).await;
    let beside = TestSite::in_folder(folder.path()).await;
    let list = as_json(&beside, &["list", "--json"]).await;
    let old = list[0]["kid"].as_str().expect("a key id").to_owned();
    let time = "2026-11-23T12:05:00Z";
    let wanted =
        json!([{ "kid": old, "createdAt": time, "retiredAt": null, "publishedUntil": null }]);
    assert_eq!(list, wanted);
    let made = as_json(&beside, &["rotate", "--json"]).await;
    let new = made["kid"].as_str().expect("a key id").to_owned();
    assert_eq!(
        made,
        json!({ "kid": new, "createdAt": time, "retiredAt": null, "publishedUntil": null })
    );
    let jwks = site.site.passkeys.jwks().await.expect("keys");
    assert_eq!((&jwks["keys"][0]["kid"], &jwks["keys"][1]["kid"]), (&json!(new), &json!(old)));
    let wanted = format!(
        "{:22}  CREATED               RETIRED               PUBLISHED UNTIL\n\
         {new}  {time}  -                     -\n\
         {old}  {time}  {time}  2026-11-23T12:15:00Z\n",
        "KEY"
    );
    assert_eq!(signing_keys(&beside, &["list"]).await, wanted);
    let said = signing_keys(&beside, &["rotate"]).await;
    let kid = said.strip_suffix(" signs from now on\n").expect("a sentence");
    let jwks = site.site.passkeys.jwks().await.expect("keys");
    assert_eq!(jwks["keys"][0]["kid"], kid);
}
