//! Signing keys: made once, rotated, published, and gone when nobody needs them.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use p256::ecdsa::{Signature, VerifyingKey, signature::Verifier as _};
use serde_json::{Value, json};

use super::tokens::{Service, part, with_part};
use crate::server::database::sql;
use crate::server::passkeys::Claims;

/// Checks a token with nothing but the document, as a relying party does, by another library.
fn check_by_document(document: &Value, token: &str) -> bool {
    let header = part(token, 0);
    let keys = document["keys"].as_array().expect("keys");
    let Some(key) = keys.iter().find(|key| key["kid"] == header["kid"]) else { return false };
    let coordinate = |name: &str| {
        URL_SAFE_NO_PAD.decode(key[name].as_str().expect("a coordinate")).expect("base64url")
    };
    let point = [vec![4], coordinate("x"), coordinate("y")].concat();
    let key = VerifyingKey::from_sec1_bytes(&point).expect("a point on the curve");
    let (message, signature) = token.rsplit_once('.').expect("a signature");
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    let signature = Signature::from_slice(&signature).expect("64 bytes");
    key.verify(message.as_bytes(), &signature).is_ok()
}

#[tokio::test]
async fn a_token_is_checked_with_the_published_keys_alone() {
    let service = Service::new().await;
    let token = service.token().await;
    let document = service.jwks().await;
    let keys = document["keys"].as_array().expect("keys");
    assert_eq!(keys.len(), 1);
    let mut names: Vec<&String> = keys[0].as_object().expect("a key").keys().collect();
    names.sort();
    assert_eq!(names, ["alg", "crv", "kid", "kty", "use", "x", "y"], "no `d`");
    for (name, value) in [("alg", "ES256"), ("crv", "P-256"), ("kty", "EC"), ("use", "sig")] {
        assert_eq!(keys[0][name], value);
    }
    assert!(check_by_document(&document, &token));
    let mut claims = part(&token, 1);
    claims["sub"] = json!("eve");
    assert!(!check_by_document(&document, &with_part(&token, 1, &claims)));
    // And as most back ends do it.
    let set: jsonwebtoken::jwk::JwkSet = serde_json::from_value(document).expect("a key set");
    let header = jsonwebtoken::decode_header(&token).expect("a header");
    let key = set.find(&header.kid.expect("a key id")).expect("the key");
    let key = jsonwebtoken::DecodingKey::from_jwk(key).expect("a key");
    let mut validation = jsonwebtoken::Validation::new(Algorithm::ES256);
    validation.set_audience(&[service.shop.id()]);
    validation.validate_exp = false;
    let read = jsonwebtoken::decode::<Claims>(&token, &key, &validation).expect("a token");
    assert_eq!(read.claims.sub, "ada");
}

#[tokio::test]
async fn a_key_of_another_service_signs_nothing_here() {
    let (service, other) = (Service::new().await, Service::new().await);
    other.rotate().await;
    let foreign = other.token().await;
    service.refuses("unknown key", &foreign).await;
    let mut header = part(&foreign, 0);
    header["kid"] = json!(service.kids().await[0]);
    service.refuses("known key id", &with_part(&foreign, 0, &header)).await;
}

#[tokio::test]
async fn a_retired_key_is_published_until_its_tokens_are_over() {
    let service = Service::new().await;
    let old = service.kids().await.remove(0);
    let (first, second) = (service.token().await, service.token().await);
    let new = service.rotate().await;
    assert_eq!(part(&service.token().await, 0)["kid"], *new, "it signs at once");
    assert_eq!(service.kids().await, [new.clone(), old.clone()]);
    service.spend(&first).await.expect("it still holds");
    service.pass(119);
    assert!(check_by_document(&service.jwks().await, &second));
    service.spend(&second).await.expect("to its end");
    service.pass(600 - 119 - 1);
    service.sweep().await;
    assert_eq!(service.kids().await, [new.clone(), old]);
    service.pass(1);
    assert_eq!(service.kids().await.len(), 1, "it is not published any more");
    service.sweep().await;
    let count = sql::query_scalar::<i64>("select count(*) from signing_keys");
    let count = count.fetch_one(service.passkeys.database().reader()).await;
    assert_eq!(count.expect("a count"), 1, "and it is gone");
    service.pass(-600);
    assert_eq!(service.kids().await, [new]);
    service.pass(-119);
    assert!(!check_by_document(&service.jwks().await, &second));
}

#[tokio::test]
async fn chance_decides_the_keys() {
    let (first, second) = (Service::new().await, Service::new().await);
    assert_eq!(first.token().await, second.token().await);
    let mut kids = first.kids().await;
    for _ in 0..3 {
        kids.push(first.rotate().await);
    }
    kids.sort();
    kids.dedup();
    assert_eq!(kids.len(), 4);
}

#[tokio::test]
async fn of_two_processes_one_makes_the_first_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let services = Service::in_folder(folder.path(), 4).await;
    let kids = services[0].kids().await;
    assert_eq!(kids.len(), 1);
    for service in &services {
        assert_eq!(service.kids().await, kids);
    }
    // Each signs with the key of the latest rotation, whoever made it.
    let new = services[1].rotate().await;
    for service in &services {
        let token = service.token().await;
        assert_eq!(part(&token, 0)["kid"], *new);
        services[0].spend(&token).await.expect("it is taken");
    }
    let rotations = services.iter().map(Service::rotate);
    futures::future::join_all(rotations).await;
    let signing = services[0].passkeys.signing_keys().await.expect("keys");
    assert_eq!(signing.len(), 6);
    assert_eq!(signing.iter().filter(|key| key.retired_at.is_none()).count(), 1);
}

#[tokio::test]
async fn nothing_secret_is_shown() {
    let service = Service::new().await;
    let select = sql::query_scalar::<Vec<u8>>("select private_key from signing_keys");
    let secret = select.fetch_one(service.passkeys.database().reader()).await.expect("the key");
    let keys = service.passkeys.signing_keys().await.expect("keys");
    let shown = format!("{:?} {keys:?} {}", service.passkeys, service.jwks().await);
    let hex: Vec<String> = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    for text in [format!("{secret:?}"), hex.concat(), URL_SAFE_NO_PAD.encode(&secret)] {
        assert!(!shown.to_lowercase().contains(&text.to_lowercase()), "{shown}");
    }
}

#[tokio::test]
async fn what_is_left_of_a_key_is_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let services = Service::in_folder(folder.path(), 1).await;
    let service = &services[0];
    let select = sql::query_scalar::<Vec<u8>>("select private_key from signing_keys");
    let secret = select.fetch_one(service.passkeys.database().reader()).await.expect("the key");
    service.rotate().await;
    service.pass(Duration::from_mins(10).as_secs().cast_signed());
    service.sweep().await;
    service.passkeys.database().close().await;
    for entry in std::fs::read_dir(folder.path()).expect("the folder") {
        let path = entry.expect("an entry").path();
        let content = std::fs::read(&path).expect("a file");
        let has = content.windows(32).any(|window| window == secret);
        assert!(!has, "{}", path.display());
    }
}
