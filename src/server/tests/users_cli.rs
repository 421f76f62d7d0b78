//! `keyfold users`: what the operator can do with people.

use axum::http::StatusCode;
use clap::Parser as _;
use serde_json::{Value, json};
use std::time::Duration;

use super::authenticator::Authenticator;
use super::{TestSite, begun, site_of_ada};
use crate::server::cli::users::{Command, run};

#[derive(Debug, clap::Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// What a command says; an error as its text.
async fn users(site: &TestSite, arguments: &[&str]) -> Result<String, String> {
    let arguments = Arguments::try_parse_from([&["users"], arguments].concat());
    let arguments = arguments.map_err(|error| error.to_string())?;
    run(&site.site, arguments.command).await.map_err(|error| error.to_string())
}

async fn users_json(site: &TestSite, arguments: &[&str]) -> Value {
    let said = users(site, arguments).await.expect("it can be done");
    serde_json::from_str(&said).expect("JSON")
}

#[tokio::test]
async fn people_are_listed_in_columns() {
    let (site, _) = site_of_ada().await;
    site.browser().sign_up("Grace.Hopper", &mut Authenticator::new(2)).await;
    assert_eq!(
        users(&site, &["list"]).await.expect("a list"),
        "NAME          CREATED               DISABLED  SESSIONS\n\
         ada           2026-11-23T12:05:00Z  -         1\n\
         Grace.Hopper  2026-11-23T12:05:00Z  -         1\n"
    );
    let list = users_json(&site, &["list", "--json"]).await;
    assert_eq!(list[1]["name"], "Grace.Hopper");
    let shown = users_json(&site, &["show", "GRACE.HOPPER", "--json"]).await;
    let wanted = json!({
        "name": "Grace.Hopper", "displayName": null, "createdAt": "2026-11-23T12:05:00Z",
        "disabledAt": null, "adminAt": null, "sessions": 1, "passkeys": 1, "recoveryCodesLeft": 0,
        "recoveryBegunAt": null,
    });
    assert_eq!(shown, wanted);
    let shown = users(&site, &["show", "ada"]).await.expect("a person");
    assert!(shown.contains("passkeys        1\n"), "{shown}");
}

#[tokio::test]
async fn whoever_is_not_there_is_not_found() {
    let (site, _) = site_of_ada().await;
    for command in ["show", "recover", "disable", "enable", "delete"] {
        for name in ["eve", "no name", ""] {
            let error = users(&site, &[command, name]).await.expect_err("nobody is there");
            assert_eq!(error, format!("there is nobody with the username {name:?}"));
        }
        assert!(users(&site, &[command]).await.is_err(), "a name is needed");
    }
}

#[tokio::test]
async fn the_operators_link_works_at_once_once_and_for_a_day() {
    let (site, mut old) = site_of_ada().await;
    let mut home = site.browser();
    home.sign_in(&mut old).await;
    let first = users(&site, &["recover", "ada"]).await.expect("a link");
    let said = users_json(&site, &["recover", "ada", "--json"]).await;
    assert_eq!(said["expiresAt"], "2026-11-24T12:05:00Z");
    let token_of = |link: &str| {
        let token = link.trim().strip_prefix("http://localhost:8080/recover/");
        token.expect("a link to this site").to_owned()
    };
    let (first, token) = (token_of(&first), token_of(said["link"].as_str().expect("a link")));
    let mut away = site.browser();
    let begin = async |token: &str| {
        site.browser().call("begin_recovery_passkey", &json!({ "token": token })).await
    };
    assert_eq!(begin(&first).await.code(), "link_invalid", "the second took its place");
    let pending = home.call("pending_recovery", &json!({})).await.json();
    assert_eq!((&pending["by_operator"], &pending["network"]), (&json!(true), &Value::Null));
    let reply = away.call("begin_recovery_passkey", &json!({ "token": token })).await;
    let (id, options) = begun(&reply);
    let excluded = options["excludeCredentials"].as_array().map(Vec::len);
    assert_eq!(excluded, Some(1), "the passkey that is there is not made twice");
    let answer = Authenticator::new(2).create(site.origin, &options).to_string();
    let arguments = json!({ "token": token, "id": id, "answer": answer });
    let reply = away.call("finish_recovery", &arguments).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    assert!(away.is_signed_in().await && !home.is_signed_in().await);
    assert_eq!(begin(&token).await.code(), "link_invalid");
    let late = token_of(&users(&site, &["recover", "ada"]).await.expect("a link"));
    site.pass(Duration::from_hours(24));
    assert_eq!(begin(&late).await.code(), "link_invalid");
}

#[tokio::test]
async fn whoever_is_locked_out_is_out_at_once_and_can_be_let_in_again() {
    let (site, mut passkey) = site_of_ada().await;
    let mut browser = site.browser();
    browser.sign_in(&mut passkey).await;
    let link = users(&site, &["recover", "ada"]).await.expect("a link");
    let token = link.trim().rsplit('/').next().expect("a token").to_owned();
    assert_eq!(users(&site, &["disable", "ada"]).await.as_deref(), Ok("ada is now locked out\n"));
    assert!(!browser.is_signed_in().await);
    assert_eq!(browser.sign_in(&mut passkey).await.code(), "refused");
    let reply = browser.call("begin_recovery_passkey", &json!({ "token": token })).await;
    assert_eq!(reply.code(), "link_invalid");
    let error = users(&site, &["recover", "ada"]).await.expect_err("they are locked out");
    assert_eq!(error, "ada is locked out");
    let again = users_json(&site, &["disable", "ada", "--json"]).await;
    assert_eq!(again, json!({ "name": "ada", "done": "disabled", "changed": false }));
    assert!(
        users(&site, &["list"])
            .await
            .expect("a list")
            .contains("ada   2026-11-23T12:05:00Z  2026-")
    );
    users(&site, &["enable", "ada"]).await.expect("let in");
    assert_eq!(browser.sign_in(&mut passkey).await.status, StatusCode::OK);
    let again = users(&site, &["enable", "ada"]).await;
    assert_eq!(again.as_deref(), Ok("ada was not locked out\n"));
}

#[tokio::test]
async fn whoever_is_deleted_leaves_nothing_behind() {
    let (site, mut passkey) = site_of_ada().await;
    let mut browser = site.browser();
    browser.sign_in(&mut passkey).await;
    browser.call("make_recovery_codes", &json!({})).await;
    users(&site, &["recover", "ada"]).await.expect("a link");
    site.browser().sign_up("eve", &mut Authenticator::new(2)).await;
    let done = users(&site, &["delete", "ada", "--yes"]).await;
    assert_eq!(done.as_deref(), Ok("ada is deleted, with all passkeys\n"));
    assert!(!browser.is_signed_in().await);
    assert_eq!(browser.sign_in(&mut passkey).await.code(), "refused");
    for (table, left) in [("users", 1), ("sessions", 1), ("recovery_codes", 0), ("recoveries", 0)] {
        assert_eq!(site.count_accounts(table).await, left, "{table}");
    }
    assert_eq!(site.count_passkeys("credentials").await, 1);
}

#[tokio::test]
async fn it_works_beside_a_server_that_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let site = TestSite::in_folder(folder.path()).await;
    let mut browser = site.browser();
    browser.sign_up("ada", &mut Authenticator::new(1)).await;
    let beside = TestSite::in_folder(folder.path()).await;
    users(&beside, &["disable", "ada"]).await.expect("it can be done");
    assert!(!browser.is_signed_in().await);
    users(&beside, &["enable", "ada"]).await.expect("it can be done");
    let link = users(&beside, &["recover", "ada"]).await.expect("a link");
    let token = link.trim().rsplit('/').next().expect("a token").to_owned();
    let reply = browser.call("look_up_recovery", &json!({ "token": token })).await;
    assert_eq!(reply.json()["stage"], "ready");
}

#[tokio::test]
async fn the_operator_says_who_is_an_admin() {
    let (site, _) = site_of_ada().await;
    site.browser().sign_up("grace", &mut Authenticator::new(2)).await;
    let said = users(&site, &["admin", "ada", "--grant"]).await.expect("it can be done");
    assert_eq!(said, "ada is now an admin\n");
    let again = users_json(&site, &["admin", "ada", "--grant", "--json"]).await;
    assert_eq!(again, json!({ "name": "ada", "done": "granted", "changed": false }));
    let shown = users_json(&site, &["show", "ada", "--json"]).await;
    assert_eq!(shown["adminAt"], "2026-11-23T12:05:00Z");
    let error = users(&site, &["admin", "ada", "--revoke"]).await.expect_err("somebody has to");
    assert_eq!(error, "ada is the last admin");
    for deed in [&["disable", "ada"][..], &["delete", "ada", "--yes"]] {
        let error = users(&site, deed).await.expect_err("somebody has to");
        assert_eq!(error, "ada is the last admin");
    }
    assert_eq!(users_json(&site, &["show", "ada", "--json"]).await["passkeys"], 1);
    let said = users(&site, &["admin", "grace", "--revoke"]).await.expect("it can be done");
    assert_eq!(said, "grace was not an admin\n");
    users(&site, &["admin", "grace", "--grant"]).await.expect("it can be done");
    let said = users(&site, &["admin", "ada", "--revoke"]).await.expect("it can be done");
    assert_eq!(said, "ada is no longer an admin\n");
    for wrong in [&["admin", "ada"][..], &["admin", "ada", "--grant", "--revoke"], &["admin"]] {
        assert!(users(&site, wrong).await.is_err(), "{wrong:?}");
    }
    assert!(users(&site, &["admin", "eve", "--grant"]).await.is_err());
}
