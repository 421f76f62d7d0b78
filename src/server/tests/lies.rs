//! Wrong ceremonies through the real doors: each is refused, all look the same from outside, the
//! record has the reason, nobody is signed in, and a good ceremony still works afterwards.

use axum::http::StatusCode;
use serde_json::json;

use super::authenticator::{
    ATTESTED, Authenticator, BACKUP_STATE, Lies, USER_PRESENT, USER_VERIFIED,
};
use super::{Reply, TestSite, site_of_ada};
use crate::server::database::sql;

async fn assert_recorded(site: &TestSite, reply: &Reply, reason: &str) {
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{reason}: {}", reply.text);
    assert_eq!(reply.code(), "refused", "{reason}");
    let reference = reply.json()["reference"].as_str().expect("a reference").to_owned();
    assert_eq!(reply.header("keyfold-reference"), reference);
    let select = "select outcome, reason, state, challenge from ceremonies where reference = $1";
    let query = sql::query_as(select).bind(&reference);
    let row: [Option<String>; 4] = query
        .fetch_one(site.site.passkeys.database().reader())
        .await
        .map(|(outcome, why, state, challenge)| [outcome, why, state, challenge])
        .expect("the reference finds the record");
    assert_eq!(row, [Some("refused".to_owned()), Some(reason.to_owned()), None, None]);
}

fn lies_of_the_browser() -> Vec<(&'static str, Lies)> {
    let origin = |origin: &str| Lies { origin: Some(origin.into()), ..Lies::default() };
    vec![
        ("origin_mismatch", origin("https://localhost:8080")),
        ("origin_mismatch", origin("http://localhost")),
        ("origin_mismatch", origin("http://localhost:8080/")),
        ("origin_mismatch", origin("http://LOCALHOST:8080")),
        ("origin_mismatch", origin("http://evil.localhost:8080")),
        ("origin_mismatch", origin("null")),
        ("origin_mismatch", Lies { cross_origin: Some(json!(true)), ..Lies::default() }),
        (
            "origin_mismatch",
            Lies { top_origin: Some("http://localhost:8080".into()), ..Lies::default() },
        ),
        ("challenge_mismatch", Lies { challenge: Some("AAAA".into()), ..Lies::default() }),
        ("challenge_mismatch", Lies { challenge: Some("undefined".into()), ..Lies::default() }),
        ("rp_id_mismatch", Lies { rp_id: Some("evil.example".into()), ..Lies::default() }),
        ("malformed_response", Lies { client_data: Some(b"{".to_vec()), ..Lies::default() }),
        ("malformed_response", Lies { authenticator_data_tail: vec![0], ..Lies::default() }),
        ("malformed_response", Lies { type_member: Some(json!("password")), ..Lies::default() }),
        (
            "malformed_response",
            Lies { raw_id: Some("AAAAAAAAAAAAAAAAAAAAAA".into()), ..Lies::default() },
        ),
    ]
}

#[tokio::test]
async fn a_lie_at_sign_in_signs_nobody_in() {
    let (site, mut passkey) = site_of_ada().await;
    let flags = |flags| Lies { flags: Some(flags), ..Lies::default() };
    let mut lies = lies_of_the_browser();
    lies.extend([
        (
            "ceremony_type_mismatch",
            Lies { kind: Some("webauthn.create".into()), ..Lies::default() },
        ),
        ("user_presence_required", flags(USER_VERIFIED)),
        ("user_verification_required", flags(USER_PRESENT)),
        ("malformed_response", flags(USER_PRESENT | USER_VERIFIED | BACKUP_STATE)),
        ("malformed_response", flags(USER_PRESENT | USER_VERIFIED | ATTESTED)),
        ("signature_invalid", Lies { signature: Some(vec![0x30, 0]), ..Lies::default() }),
        ("user_handle_mismatch", Lies { user_handle: Some(None), ..Lies::default() }),
        // The passkey is known, and not by this handle: nobody is to forget it.
        ("user_handle_mismatch", Lies { user_handle: Some(Some(vec![9; 32])), ..Lies::default() }),
        ("unknown_credential", Lies { credential_id: Some(vec![9; 32]), ..Lies::default() }),
    ]);
    for (reason, lie) in lies {
        let mut browser = site.browser();
        let (id, options) = browser.begin_sign_in().await;
        let answer = passkey.get_lying(site.origin, &options, &lie);
        let reply = browser.finish("finish_sign_in", &id, &answer).await;
        assert_recorded(&site, &reply, reason).await;
        assert!(!browser.is_signed_in().await, "{reason}: {lie:?}");
        assert_eq!(
            browser.sign_in(&mut passkey).await.status,
            StatusCode::OK,
            "{reason}: the truth still works"
        );
    }
}

#[tokio::test]
async fn a_lie_at_sign_up_makes_no_account() {
    let site = TestSite::new().await;
    let flags = |flags| Lies { flags: Some(flags | ATTESTED), ..Lies::default() };
    let mut lies = lies_of_the_browser();
    lies.extend([
        ("ceremony_type_mismatch", Lies { kind: Some("webauthn.get".into()), ..Lies::default() }),
        ("user_presence_required", flags(USER_VERIFIED)),
        ("user_verification_required", flags(USER_PRESENT)),
        ("malformed_response", flags(USER_PRESENT | USER_VERIFIED | BACKUP_STATE)),
        ("malformed_response", Lies { attested_id: Some(vec![9; 32]), ..Lies::default() }),
        ("attestation_invalid", Lies { format: Some("packed".into()), ..Lies::default() }),
        ("malformed_response", Lies { attestation_object: Some(vec![0xa0]), ..Lies::default() }),
        ("malformed_response", Lies { cose_key: Some(vec![0xff]), ..Lies::default() }),
    ]);
    for (number, (reason, lie)) in lies.into_iter().enumerate() {
        let mut browser = site.browser();
        let mut passkey = Authenticator::new(100 + number as u64);
        let (id, options) = browser.begin_sign_up("ada").await;
        let answer = passkey.create_lying(site.origin, &options, &lie);
        let reply = browser.finish("finish_sign_up", &id, &answer).await;
        assert_recorded(&site, &reply, reason).await;
        assert!(!browser.is_signed_in().await, "{reason}: {lie:?}");
    }
    assert_eq!(site.count_accounts("users").await, 0);
    assert_eq!(site.count_passkeys("credentials").await, 0);
    assert_eq!(
        site.browser().sign_up("ada", &mut Authenticator::new(1)).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn an_unknown_passkey_and_a_wrong_signature_look_the_same() {
    let (site, passkey) = site_of_ada().await;
    let mut wrong_key = Authenticator::new(2);
    wrong_key.credential_id.clone_from(&passkey.credential_id);
    wrong_key.user_handle.clone_from(&passkey.user_handle);
    let mut unknown = Authenticator::new(3);
    unknown.user_handle = Some(vec![3; 32]);
    let (mut replies, mut signals) = (Vec::new(), Vec::new());
    for liar in [&mut wrong_key, &mut unknown] {
        let (reply, signal) = site.browser().try_to_sign_in(liar).await;
        let names: Vec<String> = reply.headers.keys().map(ToString::to_string).collect();
        let mut refusal = reply.json();
        refusal.as_object_mut().expect("a refusal").remove("reference");
        // Told when it is asked for, of an id that is random, unguessable and in no account (WebAuthn
        // Level 3, §5.1.10.1).
        signals.push(signal.is_string());
        replies.push((reply.status, names, refusal));
    }
    assert_eq!(replies[0], replies[1]);
    assert_eq!(signals, [false, true], "never after a failed check");
}

#[tokio::test]
async fn a_counter_never_goes_back() {
    let site = TestSite::new().await;
    let mut passkey = Authenticator::new(1);
    passkey.counter = 5;
    site.browser().sign_up("ada", &mut passkey).await;
    for (counter, expected) in [
        (6, StatusCode::OK),
        (6, StatusCode::UNPROCESSABLE_ENTITY),
        (5, StatusCode::UNPROCESSABLE_ENTITY),
        (0, StatusCode::UNPROCESSABLE_ENTITY),
        (7, StatusCode::OK),
        (u32::MAX, StatusCode::OK),
    ] {
        let mut browser = site.browser();
        let (id, options) = browser.begin_sign_in().await;
        let lies = Lies { counter: Some(counter), ..Lies::default() };
        let answer = passkey.get_lying(site.origin, &options, &lies);
        let reply = browser.finish("finish_sign_in", &id, &answer).await;
        assert_eq!(reply.status, expected, "{counter}");
        if expected != StatusCode::OK {
            assert_recorded(&site, &reply, "sign_count_rollback").await;
        }
    }
}

#[tokio::test]
async fn of_two_answers_with_one_count_one_is_refused() {
    let site = TestSite::new().await;
    let mut passkey = Authenticator::new(1);
    passkey.counter = 1;
    site.browser().sign_up("ada", &mut passkey).await;
    let (mut one, mut other) = (site.browser(), site.browser());
    let ((first, first_options), (second, second_options)) =
        (one.begin_sign_in().await, other.begin_sign_in().await);
    let lies = Lies { counter: Some(9), ..Lies::default() };
    let first_answer = passkey.get_lying(site.origin, &first_options, &lies);
    let second_answer = passkey.get_lying(site.origin, &second_options, &lies);
    let (one, other) = tokio::join!(
        one.finish("finish_sign_in", &first, &first_answer),
        other.finish("finish_sign_in", &second, &second_answer)
    );
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422]);
}

#[tokio::test]
async fn a_passkey_that_becomes_synced_signs_in_and_is_recorded() {
    let site = TestSite::new().await;
    let mut passkey = Authenticator::new(1);
    (passkey.backup_eligible, passkey.backup_state) = (false, false);
    let mut browser = site.browser();
    browser.sign_up("ada", &mut passkey).await;
    assert_eq!(browser.account().await["passkeys"][0]["synced"], "device_only");
    for (eligible, state, synced) in [(true, true, "synced"), (true, false, "not_yet")] {
        (passkey.backup_eligible, passkey.backup_state) = (eligible, state);
        let reply = browser.sign_in(&mut passkey).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
        assert_eq!(browser.account().await["passkeys"][0]["synced"], synced);
    }
    (passkey.backup_eligible, passkey.backup_state) = (false, false);
    let reply = site.browser().sign_in(&mut passkey).await;
    assert_recorded(&site, &reply, "malformed_response").await;
}

#[tokio::test]
async fn what_the_passkey_says_of_itself_is_stored() {
    let site = TestSite::new().await;
    let mut passkey = Authenticator::new(1);
    passkey.aaguid = *uuid::uuid!("fbfc3007-154e-4ecc-8c0b-6e020557d7bd").as_bytes();
    passkey.counter = 3;
    let mut browser = site.browser();
    browser.sign_up("ada", &mut passkey).await;
    assert_eq!(browser.account().await["passkeys"][0]["name"], "Apple Passwords");
    let passkeys = site.site.passkeys.database().reader();
    let query = sql::query_as("select credential_id, user_handle, transports from credentials");
    let row: (Vec<u8>, Vec<u8>, String) = query.fetch_one(passkeys).await.expect("one credential");
    let handle = passkey.user_handle.expect("it has been given one");
    assert_eq!(row, (passkey.credential_id, handle, r#"["internal","hybrid"]"#.to_owned()));
    let select = "select algorithm, sign_count, discoverable, last_used_at from credentials";
    let query = sql::query_as(select);
    let row: (i64, i64, Option<bool>, Option<i64>) =
        query.fetch_one(passkeys).await.expect("one credential");
    assert_eq!(row, (-7, 3, Some(true), None));
}

#[tokio::test]
async fn an_answer_that_is_nothing_is_refused() {
    let site = TestSite::new().await;
    for answer in [
        json!(null),
        json!([]),
        json!("undefined"),
        json!({}),
        json!({ "id": {} }),
        json!({ "id": 1, "rawId": 1.5 }),
    ] {
        let mut browser = site.browser();
        let (id, _) = browser.begin_sign_in().await;
        let reply = browser.finish("finish_sign_in", &id, &answer).await;
        assert_recorded(&site, &reply, "malformed_response").await;
    }
}
