//! Looking after an account: what is refused, and what goes on.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::authenticator::Authenticator;
use super::{Browser, TestSite, begun, site_of_ada};
use crate::server::cli::ceremonies::{self, Command};
use crate::server::database::sql;

/// Six minutes: longer than a proof is fresh.
pub(super) const STALE: i64 = 360;

pub(super) async fn signed_in<'a>(site: &'a TestSite, passkey: &mut Authenticator) -> Browser<'a> {
    let mut browser = site.browser();
    assert_eq!(browser.sign_in(passkey).await.status, StatusCode::OK);
    browser
}

pub(super) async fn add_passkey(
    browser: &mut Browser<'_>,
    passkey: &mut Authenticator,
) -> super::Reply {
    let reply = browser.call("begin_add_passkey", &json!({})).await;
    if reply.status != StatusCode::OK {
        return reply;
    }
    let (id, options) = begun(&reply);
    let answer = passkey.create(browser.site.origin, &options);
    browser.finish("finish_add_passkey", &id, &answer).await
}

async fn step_up(browser: &mut Browser<'_>, passkey: &mut Authenticator) -> super::Reply {
    let (id, options) = begun(&browser.call("begin_step_up", &json!({})).await);
    let answer = passkey.get(browser.site.origin, &options);
    browser.finish("finish_step_up", &id, &answer).await
}

pub(super) async fn passkeys(browser: &mut Browser<'_>) -> Vec<Value> {
    browser.account().await["passkeys"].as_array().expect("a list").clone()
}

pub(super) async fn id_of_first_passkey(browser: &mut Browser<'_>) -> String {
    passkeys(browser).await[0]["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn a_passkey_is_added_named_and_removed() {
    let (site, mut first) = site_of_ada().await;
    let mut browser = signed_in(&site, &mut first).await;
    let mut second = Authenticator::new(2);
    let reply = add_passkey(&mut browser, &mut second).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let all = passkeys(&mut browser).await;
    assert_eq!(all.len(), 2);
    let used: Vec<&Value> = all.iter().map(|passkey| &passkey["is_of_this_session"]).collect();
    assert!(used.contains(&&json!(true)) && used.contains(&&json!(false)));
    let added = all.iter().find(|passkey| passkey["is_of_this_session"] == false);
    let id = added.expect("the new one")["id"].clone();

    let reply = browser.call("rename_passkey", &json!({ "id": id, "name": " My laptop " })).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let all = passkeys(&mut browser).await;
    assert!(all.iter().any(|passkey| passkey["name"] == "My laptop"));
    for name in ["", "   ", "two\nlines", &"x".repeat(65)] {
        let reply = browser.call("rename_passkey", &json!({ "id": id, "name": name })).await;
        assert_eq!(reply.code(), "passkey_name_invalid", "{name:?}");
    }

    let mut elsewhere = signed_in(&site, &mut second).await;
    let reply = browser.call("remove_passkey", &json!({ "id": id })).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    assert_eq!(passkeys(&mut browser).await.len(), 1);
    assert!(!elsewhere.is_signed_in().await, "what it had opened elsewhere is over");
    let (reply, signal) = site.browser().try_to_sign_in(&mut second).await;
    assert_eq!(reply.code(), "refused");
    let signal: Value = serde_json::from_str(signal.as_str().expect("a signal")).expect("JSON");
    assert_eq!(signal["credentialId"], id);
    assert_eq!(signal["rpId"], "localhost");
}

#[tokio::test]
async fn the_last_passkey_stays() {
    let (site, mut passkey) = site_of_ada().await;
    let mut browser = signed_in(&site, &mut passkey).await;
    let id = id_of_first_passkey(&mut browser).await;
    let reply = browser.call("remove_passkey", &json!({ "id": id })).await;
    assert_eq!((reply.status, reply.code().as_str()), (StatusCode::CONFLICT, "last_passkey"));
    assert_eq!(passkeys(&mut browser).await.len(), 1);
    let reply = browser.call("make_recovery_codes", &json!({})).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let reply = browser.call("remove_passkey", &json!({ "id": id })).await;
    assert_eq!(reply.status, StatusCode::OK, "with codes there is another way in");
}

#[tokio::test]
async fn what_is_somebody_elses_is_not_there() {
    let (site, mut ada) = site_of_ada().await;
    let mut eve = Authenticator::new(9);
    assert_eq!(site.browser().sign_up("eve", &mut eve).await.status, StatusCode::OK);
    let mut owner = signed_in(&site, &mut ada).await;
    let passkey = id_of_first_passkey(&mut owner).await;
    let session = owner.account().await["sessions"][0]["id"].clone();
    let mut thief = signed_in(&site, &mut eve).await;
    for (function, arguments) in [
        ("rename_passkey", json!({ "id": passkey, "name": "mine" })),
        ("remove_passkey", json!({ "id": passkey })),
        ("end_session", json!({ "id": session })),
        ("rename_passkey", json!({ "id": "not base64url", "name": "mine" })),
        ("remove_passkey", json!({ "id": "" })),
        ("end_session", json!({ "id": "" })),
    ] {
        let reply = thief.call(function, &arguments).await;
        assert_eq!((reply.status, reply.code().as_str()), (StatusCode::NOT_FOUND, "not_found"));
    }
    assert!(owner.is_signed_in().await);
    assert_eq!(passkeys(&mut owner).await.len(), 1);
}

#[tokio::test]
async fn adding_removing_and_deleting_want_a_fresh_proof() {
    let (site, mut passkey) = site_of_ada().await;
    let mut browser = signed_in(&site, &mut passkey).await;
    let id = id_of_first_passkey(&mut browser).await;
    site.pass_seconds(STALE);
    for (function, arguments) in [
        ("begin_add_passkey", json!({})),
        ("remove_passkey", json!({ "id": id })),
        ("delete_account", json!({})),
        ("make_recovery_codes", json!({})),
        ("remove_recovery_codes", json!({})),
        ("change_names", json!({ "name": "lovelace", "display_name": "" })),
    ] {
        let reply = browser.call(function, &arguments).await;
        assert_eq!((reply.status, reply.code().as_str()), (StatusCode::FORBIDDEN, "stale_sign_in"));
    }
    let before = browser.cookies.clone();
    assert_eq!(step_up(&mut browser, &mut passkey).await.status, StatusCode::OK);
    assert_ne!(before, browser.cookies, "a new token (R-16)");
    let mut old = Browser { site: &site, cookies: before };
    assert!(!old.is_signed_in().await, "the old one is dead");
    let reply = add_passkey(&mut browser, &mut Authenticator::new(2)).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    // A clock that jumps back makes nothing fresh.
    site.pass_seconds(-2 * STALE);
    let reply = browser.call("begin_add_passkey", &json!({})).await;
    assert_ne!(reply.status, StatusCode::OK);
}

#[tokio::test]
async fn nobody_proves_to_be_somebody_else() {
    let (site, mut ada) = site_of_ada().await;
    let mut eve = Authenticator::new(9);
    assert_eq!(site.browser().sign_up("eve", &mut eve).await.status, StatusCode::OK);
    let mut browser = signed_in(&site, &mut ada).await;
    site.pass_seconds(STALE);
    // With the options for Ada, and with those for anybody.
    let reply = step_up(&mut browser, &mut eve).await;
    assert_eq!(reply.code(), "refused");
    let (id, options) = browser.begin_sign_in().await;
    let answer = eve.get(site.origin, &options);
    let reply = browser.finish("finish_step_up", &id, &answer).await;
    assert_eq!(reply.code(), "refused");
    let reply = browser.call("begin_add_passkey", &json!({})).await;
    assert_eq!(reply.code(), "stale_sign_in");
    assert_eq!(browser.account().await["name"], "ada");
}

#[tokio::test]
async fn a_passkey_is_added_for_whoever_began() {
    let (site, mut ada) = site_of_ada().await;
    let mut eve = Authenticator::new(9);
    assert_eq!(site.browser().sign_up("eve", &mut eve).await.status, StatusCode::OK);
    let mut browser = signed_in(&site, &mut ada).await;
    let (id, options) = begun(&browser.call("begin_add_passkey", &json!({})).await);
    assert_eq!(options["excludeCredentials"].as_array().map(Vec::len), Some(1));
    assert_eq!(browser.sign_in(&mut eve).await.status, StatusCode::OK);
    let mut new = Authenticator::new(3);
    let answer = new.create(site.origin, &options);
    let reply = browser.finish("finish_add_passkey", &id, &answer).await;
    assert_eq!(reply.code(), "signed_out", "{}", reply.text);
    assert_eq!(passkeys(&mut browser).await.len(), 1);
    assert_eq!(site.browser().sign_in(&mut new).await.code(), "refused");
    assert_eq!(site.count_passkeys("credentials").await, 2);
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let (site, mut passkey) = site_of_ada().await;
    let mut here = signed_in(&site, &mut passkey).await;
    let mut there = signed_in(&site, &mut passkey).await;
    let sessions = here.account().await["sessions"].clone();
    let sessions = sessions.as_array().expect("a list");
    assert_eq!(sessions.len(), 3, "one of the sign-up, too");
    assert_eq!(sessions.iter().filter(|session| session["is_this_one"] == true).count(), 1);
    assert_eq!(sessions[0]["address"], "0.0.0.0/24");
    let theirs = there.account().await["sessions"].clone();
    let id = theirs.as_array().into_iter().flatten().find(|one| one["is_this_one"] == true);
    let id = id.expect("its own")["id"].clone();
    assert_eq!(here.call("end_session", &json!({ "id": id })).await.status, StatusCode::OK);
    assert!(!there.is_signed_in().await);
    assert_eq!(here.call("end_other_sessions", &json!({})).await.status, StatusCode::OK);
    assert_eq!(site.count_accounts("sessions").await, 1);
    assert!(here.is_signed_in().await);
}

#[tokio::test]
async fn names_are_changed_and_told_to_devices() {
    let (site, mut passkey) = site_of_ada().await;
    let mut eve = Authenticator::new(9);
    assert_eq!(site.browser().sign_up("eve", &mut eve).await.status, StatusCode::OK);
    let mut browser = signed_in(&site, &mut passkey).await;
    let mut change = async |name: &str, display_name: &str| {
        let names = json!({ "name": name, "display_name": display_name });
        let reply = browser.call("change_names", &names).await;
        (reply.status == StatusCode::OK, reply.text)
    };
    assert!(change("Lovelace", "Ada Lovelace").await.0);
    assert!(change("LOVELACE", "Ada Lovelace").await.0, "only the writing changes");
    assert!(change("EVE", "").await.1.contains("name_taken"));
    assert!(change("a b", "").await.1.contains("name_invalid"));
    assert!(change("ada", &"x".repeat(65)).await.1.contains("display_name_invalid"));
    let account = browser.account().await;
    assert_eq!(
        (&account["name"], &account["display_name"]),
        (&json!("LOVELACE"), &json!("Ada Lovelace"))
    );
    let details = account["signals"]["details"].as_str().expect("JSON text").to_owned();
    let details: Value = serde_json::from_str(&details).expect("JSON");
    assert_eq!(details["name"], "LOVELACE");
    assert_eq!(details["displayName"], "Ada Lovelace");
    let reply = site.browser().sign_up("ada", &mut Authenticator::new(4)).await;
    assert_eq!(reply.status, StatusCode::OK, "the old name is free");
}

#[tokio::test]
async fn an_account_is_exported_and_deleted() {
    let (site, mut passkey) = site_of_ada().await;
    let mut browser = signed_in(&site, &mut passkey).await;
    browser.make_codes().await;
    let export = browser.get("/account/export").await;
    assert_eq!(export.status, StatusCode::OK);
    assert!(export.header("content-disposition").starts_with("attachment"));
    assert_eq!(export.header("cache-control"), "no-store");
    let export = export.json();
    assert_eq!(export["username"], "ada");
    assert_eq!(export["passkeys"].as_array().map(Vec::len), Some(1));
    assert_eq!(export["sessions"].as_array().map(Vec::len), Some(2));
    assert_eq!(export["knownBrowsers"].as_array().map(Vec::len), Some(2));
    assert_eq!(export["recoveryCodes"], json!({ "left": 10, "createdAt": "2026-11-23T12:05:00Z" }));
    assert_eq!(export["recoveryUnderWay"], json!(null));
    assert!(!export.to_string().contains("token"));
    assert_eq!(site.browser().get("/account/export").await.status, StatusCode::SEE_OTHER);

    let reply = browser.call("delete_account", &json!({})).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let signal: Value = serde_json::from_str(reply.json().as_str().expect("text")).expect("JSON");
    assert_eq!(signal["allAcceptedCredentialIds"], json!([]));
    assert!(!browser.is_signed_in().await);
    for table in ["users", "sessions"] {
        assert_eq!(site.count_accounts(table).await, 0, "{table}");
    }
    assert_eq!(site.count_passkeys("credentials").await, 0);
    let (_, signal) = site.browser().try_to_sign_in(&mut passkey).await;
    assert!(signal.is_string(), "and the device is told, wherever it tries");
}

#[tokio::test]
async fn what_a_browser_says_is_found_by_its_reference() {
    let site = TestSite::new().await;
    let mut browser = site.browser();
    let reply = browser.call("begin_sign_in", &json!({})).await;
    let (id, reference) = (reply.json()["id"].clone(), reply.json()["reference"].clone());
    let failure = json!({ "call": "get", "error": "NotAllowedError\n<b>", "after": 4000 });
    let report = json!({ "report": { "ceremony": id, "failure": failure } });
    assert_eq!(browser.call("report_failure", &report).await.status, StatusCode::OK);
    let select = "select client_error from ceremonies where reference = $1";
    let query = sql::query_scalar(select).bind(reference.as_str());
    let noted: Option<String> =
        query.fetch_one(site.site.passkeys.database().reader()).await.expect("the record");
    assert_eq!(noted.as_deref(), Some("NotAllowedErrorb"));
    // Somebody else's ceremony cannot be written to, and it looks the same.
    let mut stranger = site.browser();
    stranger.begin_sign_in().await;
    let other = json!({ "call": "get", "error": "Forged", "after": 1 });
    let report = json!({ "report": { "ceremony": id, "failure": other } });
    assert_eq!(stranger.call("report_failure", &report).await.status, StatusCode::OK);
    let query = sql::query_scalar(select).bind(reference.as_str());
    let noted: Option<String> =
        query.fetch_one(site.site.passkeys.database().reader()).await.expect("the record");
    assert_eq!(noted.as_deref(), Some("NotAllowedErrorb"));
    let command =
        Command::Show { reference: reference.as_str().expect("text").to_lowercase(), json: false };
    let said = ceremonies::run(&site.site, command).await.expect("the record");
    assert_eq!(
        said,
        "authentication of rp_keyfold\nbegan     2026-11-23T12:05:00Z\nanswered  never\n\
         browser   2026-11-23T12:05:00Z: get failed with NotAllowedErrorb after 4000 ms\n"
    );
    let unknown = Command::Show { reference: "0000-0000".to_owned(), json: true };
    assert!(ceremonies::run(&site.site, unknown).await.is_err());
    // The record outlives the ceremony; what could be answered does not.
    site.pass_seconds(3600);
    site.site.sweep().await;
    assert_eq!(site.count_passkeys("ceremonies").await, 1);
}
