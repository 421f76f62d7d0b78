//! Signing up: what comes to be, and what never does.

use axum::http::StatusCode;
use serde_json::json;

use super::authenticator::{Authenticator, Lies};
use super::{TestSite, begun};

#[tokio::test]
async fn a_person_signs_up_and_is_signed_in() {
    let site = TestSite::new().await;
    let mut browser = site.browser();
    let reply = browser
        .call("begin_sign_up", &json!({ "name": "Ada", "display_name": "Ada Lovelace" }))
        .await;
    assert_eq!(reply.json()["lives_for"], 300);
    let (id, options) = begun(&reply);
    let answer = Authenticator::new(1).create(site.origin, &options);
    let reply = browser.finish("finish_sign_up", &id, &answer).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let account = browser.account().await;
    assert_eq!(account["name"], "Ada");
    assert_eq!(account["display_name"], "Ada Lovelace");
    assert_eq!(account["passkeys"].as_array().map(Vec::len), Some(1));
    assert!(browser.is_signed_in().await);
}

#[tokio::test]
async fn the_options_ask_for_a_passkey_and_nothing_less() {
    let site = TestSite::new().await;
    let (id, options) = site.browser().begin_sign_up("ada").await;
    assert!(id.starts_with("reg_") && id.len() > 40);
    assert_eq!(options["rp"], json!({ "id": "localhost", "name": "Keyfold" }));
    assert_eq!(options["user"]["name"], "ada");
    assert_eq!(options["user"]["displayName"], "ada");
    let handle = options["user"]["id"].as_str().expect("a handle");
    assert_eq!(handle.len(), 43, "32 bytes in base64url");
    assert_eq!(options["challenge"].as_str().map(str::len), Some(43));
    assert_eq!(
        options["authenticatorSelection"],
        json!({ "residentKey": "required", "requireResidentKey": true, "userVerification": "required" })
    );
    assert_eq!(options["attestation"], "none");
    assert_eq!(options["excludeCredentials"], json!([]));
    assert_eq!(options["extensions"], json!({ "credProps": true }));
    let algorithms: Vec<_> = options["pubKeyCredParams"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| &one["alg"])
        .collect();
    assert_eq!(algorithms, [-7, -257]);
    assert!(!options.to_string().contains("null"), "{options}");
    assert!(options.get("hints").is_none());
}

#[tokio::test]
async fn each_sign_up_has_its_own_handle_and_challenge() {
    let site = TestSite::new().await;
    let mut browser = site.browser();
    let (_, first) = browser.begin_sign_up("ada").await;
    let (_, second) = browser.begin_sign_up("ada").await;
    assert_ne!(first["user"]["id"], second["user"]["id"]);
    assert_ne!(first["challenge"], second["challenge"]);
}

#[tokio::test]
async fn a_name_that_is_taken_is_refused_at_once_in_every_spelling() {
    let site = TestSite::new().await;
    site.browser().sign_up("Ada", &mut Authenticator::new(1)).await;
    for name in ["Ada", "ada", "ADA", " ada ", "ＡＤＡ"] {
        let reply = site
            .browser()
            .call("begin_sign_up", &json!({ "name": name, "display_name": "" }))
            .await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (StatusCode::CONFLICT, "name_taken"),
            "{name}"
        );
    }
}

#[tokio::test]
async fn what_is_no_name_is_refused() {
    let site = TestSite::new().await;
    for name in ["", "  ", "a b", "a\u{202e}b", "\u{430}dmin", &"a".repeat(65)] {
        let reply = site
            .browser()
            .call("begin_sign_up", &json!({ "name": name, "display_name": "" }))
            .await;
        assert_eq!(
            (reply.status.as_u16(), reply.code().as_str()),
            (422, "name_invalid"),
            "{name:?}"
        );
    }
    let reply = site
        .browser()
        .call("begin_sign_up", &json!({ "name": "ada", "display_name": "a\nb" }))
        .await;
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (422, "display_name_invalid"));
}

#[tokio::test]
async fn of_two_who_want_a_name_the_first_to_finish_has_it() {
    let site = TestSite::new().await;
    let (mut slow, mut quick) = (site.browser(), site.browser());
    let (mut slow_passkey, mut quick_passkey) = (Authenticator::new(1), Authenticator::new(2));
    let (id, options) = slow.begin_sign_up("ada").await;
    assert_eq!(quick.sign_up("ADA", &mut quick_passkey).await.status, StatusCode::OK);
    let answer = slow_passkey.create(site.origin, &options);
    let reply = slow.finish("finish_sign_up", &id, &answer).await;
    assert_eq!((reply.status, reply.code().as_str()), (StatusCode::CONFLICT, "name_taken"));
    assert!(reply.json()["signal"].is_string(), "the browser is told to forget the passkey");
    assert!(!slow.is_signed_in().await);
    assert_eq!(site.count_accounts("users").await, 1);
    assert_eq!(site.count_accounts("pending_sign_ups").await, 0);
    assert_eq!(site.count_passkeys("credentials").await, 1, "the passkey of the late one is gone");
    let reply = site.browser().sign_in(&mut slow_passkey).await;
    assert_eq!(reply.code(), "refused");
}

#[tokio::test]
async fn a_sign_up_that_is_given_up_leaves_nothing_behind() {
    let site = TestSite::new().await;
    site.browser().begin_sign_up("ada").await;
    assert_eq!(site.count_accounts("pending_sign_ups").await, 1);
    site.pass_seconds(601);
    site.site.sweep().await;
    assert_eq!(site.count_accounts("pending_sign_ups").await, 0);
    assert_eq!(site.count_passkeys("ceremonies").await, 0);
    assert_eq!(
        site.browser().sign_up("ada", &mut Authenticator::new(1)).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_sign_up_that_is_refused_leaves_only_its_record() {
    let site = TestSite::new().await;
    let mut browser = site.browser();
    let (id, options) = browser.begin_sign_up("ada").await;
    let lies = Lies { origin: Some("http://evil.localhost:8080".into()), ..Lies::default() };
    let answer = Authenticator::new(1).create_lying(site.origin, &options, &lies);
    assert_eq!(browser.finish("finish_sign_up", &id, &answer).await.code(), "refused");
    for table in ["users", "sessions", "pending_sign_ups"] {
        assert_eq!(site.count_accounts(table).await, 0, "{table}");
    }
    assert_eq!(site.count_passkeys("credentials").await, 0);
    assert_eq!(
        site.count_passkeys(
            "ceremonies where outcome = 'refused' and state is null and challenge is null"
        )
        .await,
        1
    );
}

#[tokio::test]
async fn a_passkey_belongs_to_one_account_only() {
    let site = TestSite::new().await;
    let mut passkey = Authenticator::new(1);
    site.browser().sign_up("ada", &mut passkey).await;
    let reply = site.browser().sign_up("eve", &mut Authenticator::new(1)).await;
    assert_eq!(reply.code(), "refused");
    assert_eq!(reply.json().get("signal"), None, "it is in an account: nobody is to forget it");
    assert_eq!(site.count_accounts("users").await, 1);
}

#[tokio::test]
async fn the_passkey_database_holds_no_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let site = TestSite::in_folder(folder.path()).await;
    let mut browser = site.browser();
    let reply = browser
        .call("begin_sign_up", &json!({ "name": "Zaphod.B", "display_name": "Zaphod Beeblebrox" }))
        .await;
    let (id, options) = begun(&reply);
    let answer = Authenticator::new(1).create(site.origin, &options);
    assert_eq!(browser.finish("finish_sign_up", &id, &answer).await.status, StatusCode::OK);
    site.browser()
        .call("begin_sign_up", &json!({ "name": "zaphod.unfinished", "display_name": "" }))
        .await;
    for entry in std::fs::read_dir(folder.path()).expect("the folder") {
        let path = entry.expect("an entry").path();
        let content = std::fs::read(&path).expect("a file").to_ascii_lowercase();
        let names = content.windows(6).any(|window| window == b"zaphod");
        let is_passkeys =
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("passkeys.db"));
        assert!(!(is_passkeys && names), "{} holds a name", path.display());
    }
}

#[tokio::test]
async fn a_client_that_hangs_up_leaves_no_half_an_account() {
    use futures::FutureExt as _;
    let site = TestSite::new().await;
    for polls in 1..12 {
        let mut browser = site.browser();
        let name = format!("ada{polls}");
        let (id, options) = browser.begin_sign_up(&name).await;
        let answer = Authenticator::new(polls).create(site.origin, &options);
        let mut finishing = Box::pin(browser.finish("finish_sign_up", &id, &answer));
        for _ in 0..polls {
            if finishing.as_mut().now_or_never().is_some() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(finishing);
    }
    // What had been begun runs to its end.
    site.site.settle().await;
    let taken = site.count_passkeys("ceremonies where taken_at is not null").await;
    assert!(taken > 0, "some had begun");
    assert_eq!(site.count_passkeys("ceremonies where outcome = 'verified'").await, taken);
    assert_eq!(site.count_passkeys("credentials").await, taken);
    assert_eq!(site.count_accounts("users").await, taken);
}
