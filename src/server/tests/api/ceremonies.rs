//! Registering and authenticating through a back end, from the first request to the last.

use axum::http::StatusCode;
use serde_json::json;

use super::super::TestSite;
use super::super::authenticator::{Authenticator, Lies, USER_PRESENT};
use super::{BackEnd, assert_problem, begun};
use crate::server::passkeys::UserVerification;

#[tokio::test]
async fn a_user_registers_and_authenticates() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let user = json!({ "externalId": "107fb578", "name": "ada@example.com", "displayName": "Ada Lovelace" });
    let asked = json!({ "user": user, "hints": ["client-device"] });
    let reply = shop.post("/v1/registrations", &asked).await;
    let (ceremony, options) = begun(&reply);
    assert!(reply.json()["id"].as_str().expect("an id").starts_with("reg_"));
    assert_eq!(reply.json()["expiresAt"], "2026-11-23T12:10:00Z");
    assert_eq!(options["rp"], json!({ "id": "localhost", "name": "Shop" }));
    assert_eq!(options["user"]["name"], "ada@example.com");
    assert_eq!(options["user"]["displayName"], "Ada Lovelace");
    assert_eq!(options["authenticatorSelection"]["residentKey"], "required");
    assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
    assert_eq!(options["attestation"], "none");
    assert_eq!(options["hints"], json!(["client-device"]));
    assert!(!reply.text.contains("null"), "no nulls inside options: {}", reply.text);

    let mut passkey = Authenticator::new(1);
    let answer = passkey.create(shop.origin, &options);
    let named = json!({ "response": answer, "name": "My laptop" });
    let reply = shop.post(&format!("{ceremony}/verify"), &named).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let registered = reply.json();
    assert_eq!(registered["externalId"], "107fb578");
    let credential = &registered["credential"];
    assert_eq!(credential["id"], answer["id"]);
    assert_eq!(credential["name"], "My laptop");
    assert_eq!(credential["publicKeyAlgorithm"], -7);
    assert_eq!(credential["aaguid"], "00000000-0000-0000-0000-000000000000");
    assert_eq!(credential["transports"], json!(["internal", "hybrid"]));
    assert_eq!(credential["discoverable"], true);
    assert_eq!(credential["backupEligible"], true);
    assert_eq!(credential["backupState"], true);
    assert_eq!(credential["signCount"], 0);
    assert_eq!(credential["createdAt"], "2026-11-23T12:05:00Z");
    assert_eq!(credential["lastUsedAt"], json!(null));

    site.pass_seconds(60);
    let (ceremony, options) = shop.begin_authentication(&json!({})).await;
    assert_eq!(options["rpId"], "localhost");
    assert_eq!(options["userVerification"], "required");
    assert_eq!(options["allowCredentials"].as_array().map_or(0, Vec::len), 0);
    let reply = shop.verify(&ceremony, &passkey.get(shop.origin, &options)).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    assert_eq!(reply.json()["externalId"], "107fb578");
    assert_eq!(reply.json()["userVerified"], true);
    assert_eq!(reply.json()["credential"]["lastUsedAt"], "2026-11-23T12:06:00Z");
}

#[tokio::test]
async fn a_known_user_is_asked_for_their_own_passkeys() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let mut ada = shop.passkey_of("ada", 1).await;
    let mut eve = shop.passkey_of("eve", 2).await;
    let (ceremony, options) = shop.begin_authentication(&json!({ "externalId": "ada" })).await;
    let allowed = options["allowCredentials"].as_array().expect("a list");
    assert_eq!(allowed.len(), 1);
    assert_eq!(allowed[0]["transports"], json!(["internal", "hybrid"]));
    assert_problem(
        &shop.verify(&ceremony, &eve.get(shop.origin, &options)).await,
        422,
        "user_handle_mismatch",
    );
    let (ceremony, options) = shop
        .begin_authentication(&json!({ "externalId": "ada", "mediation": "conditional" }))
        .await;
    let reply = shop.verify(&ceremony, &ada.get(shop.origin, &options)).await;
    assert_eq!(reply.json()["externalId"], "ada", "{}", reply.text);
}

#[tokio::test]
async fn a_user_without_passkeys_cannot_be_asked() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    // Whoever looked somebody up in vain must not ask for anybody.
    let nobody = shop.post("/v1/authentications", &json!({ "externalId": null })).await;
    assert_problem(&nobody, 422, "validation_failed");
    assert_eq!(nobody.json()["errors"][0]["pointer"], "/externalId");
    let ask = async || shop.post("/v1/authentications", &json!({ "externalId": "ada" })).await;
    assert_problem(&ask().await, 404, "no_passkeys");
    // Who has only begun has none.
    shop.begin_registration("ada").await;
    assert_problem(&ask().await, 404, "no_passkeys");
    let passkey = shop.passkey_of("ada", 1).await;
    assert_eq!(ask().await.status, StatusCode::CREATED);
    shop.delete(&format!("/v1/credentials/{}", passkey.id())).await;
    assert_problem(&ask().await, 404, "no_passkeys");
}

#[tokio::test]
async fn a_second_passkey_is_offered_where_the_first_one_is_not() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let first = shop.passkey_of("ada", 1).await;
    let (ceremony, options) = shop.begin_registration("ada").await;
    assert_eq!(options["excludeCredentials"][0]["id"], first.id());
    let mut second = Authenticator::new(2);
    let reply = shop.verify(&ceremony, &second.create(shop.origin, &options)).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    assert_eq!(first.user_handle, second.user_handle, "a user has one handle");
    let (ceremony, options) = shop.begin_registration("eve").await;
    let mut copy = first.clone();
    let reply = shop.verify(&ceremony, &copy.create(shop.origin, &options)).await;
    assert_problem(&reply, 409, "credential_already_registered");
}

#[tokio::test]
async fn two_registrations_of_a_new_user_at_once_are_for_one_user() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let (first, first_options) = shop.begin_registration("ada").await;
    let (second, second_options) = shop.begin_registration("ada").await;
    let (mut here, mut there) = (Authenticator::new(1), Authenticator::new(2));
    let reply = shop.verify(&second, &there.create(shop.origin, &second_options)).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let reply = shop.verify(&first, &here.create(shop.origin, &first_options)).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    assert_eq!(shop.get("/v1/users/ada/credentials").await.json()["data"][1]["id"], there.id());
}

#[tokio::test]
async fn a_ceremony_answers_only_once() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let mut passkey = shop.passkey_of("ada", 1).await;
    let (ceremony, options) = shop.begin_authentication(&json!({})).await;
    let answer = passkey.get(shop.origin, &options);
    assert_eq!(shop.verify(&ceremony, &answer).await.status, StatusCode::OK);
    assert_problem(&shop.verify(&ceremony, &answer).await, 409, "ceremony_already_used");
    // A wrong answer uses it up as well.
    let (ceremony, options) = shop.begin_authentication(&json!({})).await;
    assert_problem(&shop.verify(&ceremony, &json!(5)).await, 422, "malformed_response");
    let answer = passkey.get(shop.origin, &options);
    assert_problem(&shop.verify(&ceremony, &answer).await, 409, "ceremony_already_used");
    // A name for the request makes no difference.
    let (ceremony, options) = shop.begin_authentication(&json!({})).await;
    let answer = json!({ "response": passkey.get(shop.origin, &options) });
    let path = format!("{ceremony}/verify");
    assert_eq!(shop.post_once(&path, &answer, "again").await.status, StatusCode::OK);
    assert_problem(&shop.post_once(&path, &answer, "again").await, 409, "ceremony_already_used");
}

#[tokio::test]
async fn of_two_answers_at_once_one_wins() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let mut passkey = shop.passkey_of("ada", 1).await;
    let (ceremony, options) = shop.begin_authentication(&json!({})).await;
    let answer = passkey.get(shop.origin, &options);
    let tries = futures::future::join_all((0..8).map(|_| shop.verify(&ceremony, &answer))).await;
    let (won, lost): (Vec<_>, Vec<_>) =
        tries.iter().partition(|reply| reply.status == StatusCode::OK);
    assert_eq!(won.len(), 1);
    for reply in lost {
        assert_problem(reply, 409, "ceremony_already_used");
    }
}

#[tokio::test]
async fn a_ceremony_is_over_after_five_minutes() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let mut passkey = shop.passkey_of("ada", 1).await;
    let (ceremony, options) = shop.begin_authentication(&json!({})).await;
    site.pass_seconds(300);
    let answer = passkey.get(shop.origin, &options);
    assert_problem(&shop.verify(&ceremony, &answer).await, 410, "ceremony_expired");
    site.pass_seconds(-200);
    assert_problem(&shop.verify(&ceremony, &answer).await, 410, "ceremony_expired");
    // Nobody answers: that it is over is remembered for an hour.
    let (unanswered, _) = shop.begin_authentication(&json!({})).await;
    site.pass_seconds(1800);
    site.site.sweep().await;
    assert_problem(&shop.verify(&unanswered, &answer).await, 410, "ceremony_expired");
    site.pass_seconds(7200);
    site.site.sweep().await;
    assert_problem(&shop.verify(&unanswered, &answer).await, 404, "not_found");
    assert_problem(
        &shop.verify("/v1/authentications/auth_nobody", &answer).await,
        404,
        "not_found",
    );
    // One kind does not stand in for the other.
    let (ceremony, options) = shop.begin_registration("ada").await;
    let elsewhere = ceremony.replace("registrations", "authentications");
    assert_problem(&shop.verify(&elsewhere, &json!({})).await, 404, "not_found");
    let reply = shop.verify(&ceremony, &Authenticator::new(2).create(shop.origin, &options)).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
}

#[tokio::test]
async fn a_lie_is_refused_with_its_code_and_step() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let mut passkey = shop.passkey_of("ada", 1).await;
    let honest = Lies::default;
    let lies = [
        ("challenge_mismatch", "7.2 step 11", Lies { challenge: Some("AAAA".into()), ..honest() }),
        (
            "ceremony_type_mismatch",
            "7.2 step 10",
            Lies { kind: Some("webauthn.create".into()), ..honest() },
        ),
        (
            "origin_mismatch",
            "7.2 step 12",
            Lies { origin: Some("http://localhost:8080".into()), ..honest() },
        ),
        ("rp_id_mismatch", "7.2 step 15", Lies { rp_id: Some("evil.example".into()), ..honest() }),
        ("user_presence_required", "7.2 step 16", Lies { flags: Some(4), ..honest() }),
        (
            "user_verification_required",
            "7.2 step 17",
            Lies { flags: Some(USER_PRESENT), ..honest() },
        ),
        ("user_handle_mismatch", "7.2 step 6", Lies { user_handle: Some(None), ..honest() }),
        (
            "user_handle_mismatch",
            "7.2 step 6",
            Lies { user_handle: Some(Some(vec![9; 32])), ..honest() },
        ),
        ("unknown_credential", "7.2 step 6", Lies { credential_id: Some(vec![9; 32]), ..honest() }),
        ("signature_invalid", "7.2 step 21", Lies { signature: Some(vec![0x30, 0]), ..honest() }),
    ];
    for (code, step, lie) in lies {
        let reply = shop.authenticate_lying(&mut passkey, &lie).await;
        assert_problem(&reply, 422, code);
        assert_eq!(reply.json()["step"], step, "{code}");
        let event = &shop.get("/v1/events?limit=1").await.json()["data"][0];
        assert_eq!((&event["type"], &event["code"]), (&json!("refusal"), &json!(code)));
        assert_eq!(event["reference"], reply.json()["reference"]);
        let signal = &reply.json()["signal"];
        assert_eq!(signal.is_null(), code != "unknown_credential", "{code}: {signal}");
        assert_eq!(shop.authenticate(&mut passkey).await.status, StatusCode::OK, "after {code}");
    }
    passkey.counter = 5;
    assert_eq!(shop.authenticate(&mut passkey).await.status, StatusCode::OK);
    let rollback = Lies { counter: Some(3), ..honest() };
    assert_problem(
        &shop.authenticate_lying(&mut passkey, &rollback).await,
        422,
        "sign_count_rollback",
    );
}

#[tokio::test]
async fn a_credential_and_a_user_handle_belong_together() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let mut ada = shop.passkey_of("ada", 1).await;
    let mut eve = shop.passkey_of("eve", 2).await;
    let of_ada = Lies { user_handle: Some(ada.user_handle.clone()), ..Lies::default() };
    let refused = shop.authenticate_lying(&mut eve, &of_ada).await;
    assert_problem(&refused, 422, "user_handle_mismatch");
    assert_eq!(refused.json()["step"], "7.2 step 6");
    assert_eq!(refused.json()["signal"], json!(null), "the passkey is somebody's");
    let of_nobody = Lies { credential_id: Some(vec![9; 32]), ..of_ada };
    let refused = shop.authenticate_lying(&mut eve, &of_nobody).await;
    assert_problem(&refused, 422, "unknown_credential");
    // Who was named need not say who they are, and has no such passkey.
    let (ceremony, options) = shop.begin_authentication(&json!({ "externalId": "ada" })).await;
    let silent = Lies { user_handle: Some(None), ..Lies::default() };
    let answer = eve.get_lying(shop.origin, &options, &silent);
    assert_problem(&shop.verify(&ceremony, &answer).await, 422, "unknown_credential");
    assert_eq!(shop.authenticate(&mut ada).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_display_name_may_be_empty_and_a_name_may_not() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let nameless = json!({ "externalId": "ada", "name": "ada@example.com", "displayName": "" });
    let (ceremony, options) =
        begun(&shop.post("/v1/registrations", &json!({ "user": nameless })).await);
    assert_eq!(options["user"]["displayName"], "");
    assert_eq!(options["user"]["name"], "ada@example.com");
    let reply = shop.verify(&ceremony, &Authenticator::new(1).create(shop.origin, &options)).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let reply = shop.post("/v1/registration-tokens", &json!({ "user": nameless })).await;
    let token = json!({ "token": reply.json()["token"] });
    let begun = shop.page("registrations", Some(super::SHOP), &token).await;
    assert_eq!(begun.json()["publicKey"]["user"]["displayName"], "", "{}", begun.text);
}

#[tokio::test]
async fn a_wrong_registration_registers_nothing() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let honest = Lies::default;
    let lies = [
        ("challenge_mismatch", Lies { challenge: Some("AAAA".into()), ..honest() }),
        ("origin_mismatch", Lies { origin: Some("http://evil.localhost:9000".into()), ..honest() }),
        ("attestation_invalid", Lies { format: Some("packed".into()), ..honest() }),
        ("unsupported_algorithm", Lies { cose_key: Some(ed25519_key()), ..honest() }),
        ("user_verification_required", Lies { flags: Some(0x41), ..honest() }),
    ];
    for (code, lie) in lies {
        let (ceremony, options) = shop.begin_registration("ada").await;
        let answer = Authenticator::new(1).create_lying(shop.origin, &options, &lie);
        assert_problem(&shop.verify(&ceremony, &answer).await, 422, code);
        assert_eq!(site.count_passkeys("credentials").await, 0, "{code}");
    }
}

fn ed25519_key() -> Vec<u8> {
    use super::super::authenticator::cbor::{bytes, integer, map};
    map(&[
        (integer(1), integer(1)),
        (integer(3), integer(-8)),
        (integer(-1), integer(6)),
        (integer(-2), bytes(&[7; 32])),
    ])
}

#[tokio::test]
async fn a_relying_party_may_do_without_user_verification() {
    let site = TestSite::new().await;
    let shop = BackEnd::with(&site, super::SHOP, UserVerification::Preferred).await;
    let mut passkey = Authenticator::new(1);
    passkey.user_verified = false;
    let (ceremony, options) = shop.begin_registration("ada").await;
    assert_eq!(options["authenticatorSelection"]["userVerification"], "preferred");
    assert_eq!(options["authenticatorSelection"]["residentKey"], "required");
    let reply = shop.verify(&ceremony, &passkey.create(shop.origin, &options)).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let reply = shop.authenticate(&mut passkey).await;
    assert_eq!(reply.json()["userVerified"], false, "{}", reply.text);
    passkey.user_verified = true;
    assert_eq!(shop.authenticate(&mut passkey).await.json()["userVerified"], true);
}
