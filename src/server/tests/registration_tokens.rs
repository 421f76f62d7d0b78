//! Registration tokens: one passkey, for one user, once.

use super::tokens::Service;
use crate::server::passkeys::{
    GrantRefused, Label, Passkeys, RegistrationGrant, RegistrationTokenId, RelyingParty, UserHandle,
};

const LABEL: Label<'_> = Label { name: "ada@example.com", display_name: "Ada Lovelace ✦" };

fn user(number: u8) -> UserHandle {
    UserHandle::from_bytes(vec![number; 32]).expect("a user handle")
}

async fn open(service: &Service, user: &UserHandle) -> String {
    let opened = service.passkeys.open_registration_token(&service.shop, user, LABEL).await;
    opened.expect("a token").0
}

async fn read(service: &Service, token: &str) -> Result<RegistrationGrant, GrantRefused> {
    service.passkeys.registration_token(&service.shop, token).await
}

async fn spend_for(
    service: &Service,
    (party, user): (&RelyingParty, &UserHandle),
    token: &str,
) -> bool {
    let mut transaction = service.passkeys.database().begin().await.expect("a transaction");
    let id = RegistrationTokenId::of(token);
    let spent = service.passkeys.spend_registration_token(&mut transaction, party, user, &id).await;
    transaction.commit().await.expect("it is committed");
    spent.expect("the database answers")
}

async fn spend(service: &Service, token: &str) -> bool {
    spend_for(service, (&service.shop, &user(1)), token).await
}

#[tokio::test]
async fn a_token_brings_the_names_along() {
    let service = Service::new().await;
    let opened = service.passkeys.open_registration_token(&service.shop, &user(1), LABEL).await;
    let (token, expires_at) = opened.expect("a token");
    assert_eq!(expires_at.to_string(), "2026-11-23T12:10:00Z");
    assert!(token.starts_with("rt_") && token.is_ascii(), "{token}");
    for _ in 0..2 {
        let grant = read(&service, &token).await.expect("it is not spent by reading");
        assert_eq!(grant.user, user(1));
        assert_eq!(grant.id, RegistrationTokenId::of(&token));
        assert_eq!(grant.label().name, LABEL.name);
        assert_eq!(grant.label().display_name, LABEL.display_name);
    }
    assert_ne!(open(&service, &user(1)).await, token);
}

#[tokio::test]
async fn a_token_is_spent_once() {
    let service = Service::new().await;
    let token = open(&service, &user(1)).await;
    assert!(spend(&service, &token).await);
    assert!(!spend(&service, &token).await);
    assert!(matches!(read(&service, &token).await, Err(GrantRefused::Over)));
}

#[tokio::test]
async fn a_token_whose_passkey_was_not_stored_is_not_spent() {
    let service = Service::new().await;
    let token = open(&service, &user(1)).await;
    let id = RegistrationTokenId::of(&token);
    let mut transaction = service.passkeys.database().begin().await.expect("a transaction");
    let (party, user) = (&service.shop, user(1));
    let spent = service.passkeys.spend_registration_token(&mut transaction, party, &user, &id);
    assert!(spent.await.expect("the database answers"));
    drop(transaction);
    assert!(spend(&service, &token).await);
}

#[tokio::test]
async fn a_token_is_for_one_relying_party_and_one_user() {
    let service = Service::new().await;
    let token = open(&service, &user(1)).await;
    let foreign = service.passkeys.registration_token(&service.bank, &token).await;
    assert!(matches!(foreign, Err(GrantRefused::Unknown)), "{foreign:?}");
    assert!(!spend_for(&service, (&service.bank, &user(1)), &token).await);
    assert!(!spend_for(&service, (&service.shop, &user(2)), &token).await);
    assert!(spend(&service, &token).await);
}

#[tokio::test]
async fn a_token_that_was_altered_is_unknown() {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let service = Service::new().await;
    let token = open(&service, &user(1)).await;
    let (secret, told) = token.split_once('.').expect("two parts");
    let told = URL_SAFE_NO_PAD.decode(told).expect("base64url");
    let told = String::from_utf8(told).expect("text").replace("ada@", "eve@");
    let renamed = format!("{secret}.{}", URL_SAFE_NO_PAD.encode(told));
    assert_ne!(renamed, token);
    let others =
        [renamed, secret.to_owned(), format!("{token}="), format!(" {token}"), String::new()];
    for other in others {
        assert!(read(&service, &other).await.is_err(), "{other}");
        assert!(!spend(&service, &other).await, "{other}");
    }
    assert!(spend(&service, &token).await);
}

#[tokio::test]
async fn a_token_holds_for_five_minutes() {
    let service = Service::new().await;
    let token = open(&service, &user(1)).await;
    service.pass(299);
    service.sweep().await;
    assert!(read(&service, &token).await.is_ok());
    service.pass(1);
    assert!(read(&service, &token).await.is_err());
    // What it has begun in time may still end.
    service.sweep().await;
    service.pass(299);
    service.sweep().await;
    assert!(spend(&service, &token).await);
    let another = open(&service, &user(1)).await;
    service.pass(600);
    service.sweep().await;
    service.pass(-600);
    assert!(!spend(&service, &another).await, "a clock that is put back does not revive it");
    let over = async || matches!(read(&service, &another).await, Err(GrantRefused::Over));
    assert!(over().await, "nor for reading");
    service.pass(7200);
    service.sweep().await;
    assert!(!over().await, "it is forgotten");
}

#[tokio::test]
async fn the_tokens_of_a_user_who_is_removed_are_withdrawn() {
    let service = Service::new().await;
    let (first, second) = (open(&service, &user(1)).await, open(&service, &user(1)).await);
    let other = open(&service, &user(2)).await;
    let mut transaction = service.passkeys.database().begin().await.expect("a transaction");
    for (party, number) in [(&service.bank, 2), (&service.shop, 1)] {
        let user = user(number);
        let done = Passkeys::withdraw_registration_tokens(&mut transaction, party, &user).await;
        done.expect("the database answers");
    }
    transaction.commit().await.expect("it is committed");
    assert!(read(&service, &first).await.is_err());
    assert!(!spend(&service, &second).await);
    assert!(read(&service, &other).await.is_ok());
}

#[tokio::test]
async fn of_many_who_spend_a_token_at_once_one_wins() {
    let folder = tempfile::tempdir().expect("a folder");
    let services = Service::in_folder(folder.path(), 3).await;
    let token = open(&services[0], &user(1)).await;
    let tries = (0..24).map(|number| spend(&services[number % 3], &token));
    let done = futures::future::join_all(tries).await;
    assert_eq!(done.into_iter().filter(|spent| *spent).count(), 1);
}

#[tokio::test]
async fn the_database_holds_neither_names_nor_tokens() {
    let folder = tempfile::tempdir().expect("a folder");
    let services = Service::in_folder(folder.path(), 1).await;
    let token = open(&services[0], &user(1)).await;
    spend(&services[0], &token).await;
    let (secret, told) = token.split_once('.').expect("two parts");
    let needles = ["ada@example.com", "Ada Lovelace", secret, told, &token];
    let mut found_the_user = false;
    for entry in std::fs::read_dir(folder.path()).expect("the folder") {
        let path = entry.expect("an entry").path();
        let content = std::fs::read(&path).expect("a file");
        let has = |needle: &[u8]| content.windows(needle.len()).any(|window| window == needle);
        for needle in needles {
            assert!(!has(needle.as_bytes()), "{needle} in {}", path.display());
        }
        found_the_user |= has(&[1; 32]);
    }
    assert!(found_the_user, "the row is looked for where it is");
}
