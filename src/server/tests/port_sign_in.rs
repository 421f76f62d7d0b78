//! A passkey that has moved opens the door that it has moved to.

use axum::http::StatusCode;
use serde_json::json;

use super::TestSite;
use super::api::{BackEnd, assert_problem};
use super::authenticator::Authenticator;
use super::port::{Desk, line, run};

#[tokio::test]
async fn a_passkey_signs_in_where_it_has_moved_to() {
    let (old, new, desk) = (TestSite::new().await, TestSite::new().await, Desk::new());
    let (there, here) = (BackEnd::of(&old).await, BackEnd::of(&new).await);
    let mut passkey = Authenticator::new(1);
    passkey.counter = 7;
    assert_eq!(there.register("ada", &mut passkey).await.status, StatusCode::OK);
    assert_eq!(there.authenticate(&mut passkey).await.status, StatusCode::OK);
    let mut stranger = passkey.clone();
    assert_problem(&here.authenticate(&mut stranger).await, 422, "unknown_credential");
    let lines = desk.export(&old, &there.party).await;
    let (said, error) = desk.import(&new, &here.party, lines.as_bytes(), &[]).await;
    assert_eq!((&said["imported"], error), (&json!(1), None));
    // It has signed eight times there: less is what a copy would say.
    let mut copy = passkey.clone();
    copy.counter = 3;
    assert_problem(&here.authenticate(&mut copy).await, 422, "sign_count_rollback");
    let reply = here.authenticate(&mut passkey).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let signed_in = reply.json();
    assert_eq!(signed_in["externalId"], "ada");
    assert_eq!(signed_in["credential"]["id"], passkey.id());
    assert_eq!(signed_in["credential"]["signCount"], 9);
    // Who is known by name is, too, and gets another passkey with the same handle.
    let listed = here.get("/v1/users/ada/credentials").await.json();
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(1));
    let mut second = Authenticator::new(2);
    assert_eq!(here.register("ada", &mut second).await.status, StatusCode::OK);
    assert_eq!(second.user_handle, passkey.user_handle);
    assert_eq!(here.authenticate(&mut second).await.status, StatusCode::OK);
    // What was imported is not what happened here.
    let events = here.get("/v1/events").await.json();
    let kinds: Vec<_> = events["data"].as_array().expect("events").iter().collect();
    assert!(kinds.iter().filter(|event| event["type"] == "registration").count() <= 1, "{events}");
}

#[tokio::test]
async fn a_passkey_of_a_user_who_has_begun_to_register_moves_in() {
    let (site, desk) = (TestSite::new().await, Desk::new());
    let here = BackEnd::of(&site).await;
    let (ceremony, options) = here.begin_registration("ada").await;
    let text = super::port::in_lines(&[line("ada", 1)]);
    let (said, error) = desk.import(&site, &here.party, &text, &[]).await;
    assert_eq!((&said["imported"], error), (&json!(1), None));
    // The ceremony was begun for another handle.
    let mut late = Authenticator::new(2);
    let answer = late.create(here.origin, &options);
    assert_problem(&here.verify(&ceremony, &answer).await, 422, "user_handle_mismatch");
    let mut moved = Authenticator::new(1);
    (moved.user_handle, moved.counter, moved.backup_state) = (Some(b"ada".to_vec()), 3, false);
    assert_eq!(here.authenticate(&mut moved).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_server_beside_it_is_not_held_up_while_lines_are_checked() {
    let folder = tempfile::tempdir().expect("a folder");
    let (site, desk) = (TestSite::in_folder(folder.path()).await, Desk::new());
    let beside = TestSite::in_folder(folder.path()).await;
    let here = BackEnd::of(&site).await;
    let party = beside.site.passkeys.relying_party(&here.party).await.expect("an answer");
    let mut import = beside.site.passkeys.import(&party.expect("the shop")).await.expect("begun");
    import.add(line("ada", 1).to_string().as_bytes()).await.expect("laid aside");
    assert_eq!(here.register("grace", &mut Authenticator::new(2)).await.status, StatusCode::OK);
    let imported = import.finish(false).await.expect("taken over");
    assert_eq!((imported.imported, imported.users), (1, 1));
    let (said, _) = run(
        &site,
        &["export", "--relying-party", &here.party, super::port::as_text(&desk.file("all"))],
    )
    .await;
    assert!(said.starts_with("exported 2 passkeys of 2 users"), "{said}");
}
