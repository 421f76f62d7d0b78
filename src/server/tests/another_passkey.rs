//! One more passkey for whoever is signed in: it counts once their session has been looked at again.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::account::signed_in;
use super::authenticator::Authenticator;
use super::mail::{ada, site_with_mail};
use super::{Browser, begun, site_of_ada};
use crate::server::accounts::{Error, Session, SessionToken, Whence};
use crate::server::passkeys::{self, Binding, Purpose, Reason, Registered};
use crate::wire::CeremonyId;

const UNSETTLED: &str = "credentials where unsettled_ceremony is not null";

async fn session(browser: &Browser<'_>) -> Session {
    let token = SessionToken::from_cookie(&browser.cookies["keyfold_session"]);
    let session = browser.site.site.accounts.session(&token).await.expect("an answer");
    session.expect("they are signed in")
}

/// Begins to add this passkey, and answers.
async fn answered(browser: &mut Browser<'_>, passkey: &mut Authenticator) -> (CeremonyId, Value) {
    let (id, options) = begun(&browser.call("begin_add_passkey", &json!({})).await);
    (CeremonyId(id), passkey.create(browser.site.origin, &options))
}

/// The service finishes a ceremony of this browser for whoever has this session.
async fn finished(
    browser: &Browser<'_>,
    session: &Session,
    (id, answer): &(CeremonyId, Value),
) -> Result<Registered, passkeys::Error> {
    let site = &browser.site.site;
    let binding = Binding::to_holder_of(&browser.cookies["keyfold_browser"]);
    let (user, purpose, answer) =
        (&session.user.handle, Purpose::AnotherPasskey, answer.to_string());
    let (party, passkeys) = (&site.relying_party, &site.passkeys);
    passkeys.finish_registration_of(party, user, purpose, id, &binding, &answer).await
}

#[tokio::test]
async fn what_somebody_else_began_is_never_stored() {
    let (site, mut passkey) = site_of_ada().await;
    let mut eve = Authenticator::new(9);
    assert_eq!(site.browser().sign_up("eve", &mut eve).await.status, StatusCode::OK);
    let mut browser = signed_in(&site, &mut passkey).await;
    let mut new = Authenticator::new(3);
    let (id, answer) = answered(&mut browser, &mut new).await;
    assert_eq!(browser.sign_in(&mut eve).await.status, StatusCode::OK);
    let reply = browser.finish("finish_add_passkey", &id.0, &answer).await;
    assert_eq!(reply.code(), "signed_out", "{}", reply.text);
    let added = "ceremonies where purpose = 'another passkey'";
    assert_eq!(site.count_passkeys(added).await, 1);
    for (outcome, times) in [("verified", 0), ("refused", 1)] {
        let select = format!("{added} and outcome = '{outcome}'");
        assert_eq!(site.count_passkeys(Box::leak(select.into_boxed_str())).await, times);
    }
    // Ada comes back, and the ceremony is used up.
    assert_eq!(browser.sign_in(&mut passkey).await.status, StatusCode::OK);
    let reply = browser.finish("finish_add_passkey", &id.0, &answer).await;
    assert_eq!(reply.code(), "ceremony_expired");
    assert_eq!(site.count_passkeys("credentials").await, 2);

    let begun = answered(&mut browser, &mut new).await;
    let owner = session(&signed_in(&site, &mut eve).await).await;
    match finished(&browser, &owner, &begun).await {
        Err(passkeys::Error::Refused { refused, .. }) => {
            assert_eq!(refused.reason, Reason::UserHandleMismatch);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(site.count_passkeys("credentials").await, 2);
}

#[tokio::test]
async fn a_session_that_ends_in_between_takes_no_passkey_in() {
    let (site, mut passkey) = site_of_ada().await;
    let mut browser = signed_in(&site, &mut passkey).await;
    let (mut new, before) = (Authenticator::new(2), session(&browser).await);
    let begun = answered(&mut browser, &mut new).await;
    let registered = finished(&browser, &before, &begun).await.expect("a good passkey");
    // The passkey is stored, and opens nothing yet.
    assert_eq!(site.count_passkeys(UNSETTLED).await, 1);
    assert_eq!(site.browser().sign_in(&mut new).await.code(), "refused");
    let accounts = &site.site.accounts;
    accounts.end_sessions(&before.user.handle).await.expect("they end");
    let whence = Whence::of("", "192.0.2.0/24");
    let added = accounts.add_passkey(registered, &before, "Phone", &whence).await;
    let (error, _registered) = added.expect_err("nobody is signed in");
    assert!(matches!(error, Error::NotFound), "{error}");
    assert_eq!(site.browser().sign_in(&mut new).await.code(), "refused");
    site.pass(Duration::from_mins(5));
    site.site.sweep().await;
    assert_eq!(site.count_passkeys("credentials").await, 1);
    assert_eq!(site.browser().sign_in(&mut new).await.code(), "refused");
    assert_eq!(site.browser().sign_in(&mut passkey).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_passkey_that_was_taken_in_has_been_told_of() {
    let site = site_with_mail().await;
    let (mut browser, _) = ada(&site).await;
    let (mut new, owner) = (Authenticator::new(2), session(&browser).await);
    let begun = answered(&mut browser, &mut new).await;
    let registered = finished(&browser, &owner, &begun).await.expect("a good passkey");
    let whence = Whence::of("", "192.0.2.0/24");
    let added = site.site.accounts.add_passkey(registered, &owner, "Phone", &whence).await;
    assert!(added.is_ok(), "{added:?}");
    // The power fails here: the mail is queued, and the passkey is settled by its first sign-in.
    let mails = site.post().await;
    assert!(mails.iter().any(|mail| mail.subject.contains("A passkey was added")), "{mails:?}");
    assert_eq!(site.count_passkeys(UNSETTLED).await, 1);
    assert_eq!(site.browser().sign_in(&mut new).await.status, StatusCode::OK);
    assert_eq!(site.count_passkeys(UNSETTLED).await, 0);
}
