//! What keeps a second device out.

use axum::http::StatusCode;
use serde_json::json;
use std::time::Duration;

use super::{Scene, finish, refused};
use crate::server::database::sql;
use crate::server::tests::authenticator::{Authenticator, Lies};
use crate::server::tests::postgres;
use crate::server::tests::{TestSite, begun};

#[tokio::test]
async fn a_device_gets_nothing_before_it_is_let_in() {
    let site = TestSite::new().await;
    let mut scene = Scene::new(&site).await;
    refused(&scene.begin().await, 400, "cookies_blocked");
    scene.second.begin_sign_in().await;
    refused(&scene.begin().await, 403, "not_confirmed");
    refused(&scene.confirm().await, 404, "not_found");
    assert_eq!(scene.ask().await.status, StatusCode::OK);
    refused(&scene.begin().await, 403, "not_confirmed");
    let (id, options) = scene.second.begin_sign_up("eve").await;
    let answer = Authenticator::new(2).create(site.origin, &options);
    refused(&scene.finish(&id, &answer).await, 403, "not_confirmed");
    assert_eq!(
        site.count_passkeys("ceremonies where kind = 'registration' and taken_at is null").await,
        1,
        "only the one of eve"
    );
    scene.is_shut_out().await;
}

#[tokio::test]
async fn nobody_else_confirms_watches_or_refuses() {
    let site = TestSite::new().await;
    let mut scene = Scene::asked(&site).await;
    let mut eve = site.browser();
    eve.sign_up("eve", &mut Authenticator::new(3)).await;
    let arguments = json!({ "id": scene.id });
    for function in ["watch_device_link", "confirm_device_link", "refuse_device_link"] {
        refused(&eve.call(function, &arguments).await, 404, "not_found");
        refused(&site.browser().call(function, &arguments).await, 401, "signed_out");
        refused(&scene.second.call(function, &arguments).await, 401, "signed_out");
    }
    refused(&scene.begin().await, 403, "not_confirmed");
    assert!(scene.watch().await.get("asked").is_some());
}

#[tokio::test]
async fn a_stale_session_neither_makes_nor_confirms_a_link() {
    let site = TestSite::new().await;
    let mut scene = Scene::asked(&site).await;
    site.pass(Duration::from_secs(301));
    refused(&scene.confirm().await, 403, "stale_sign_in");
    refused(&scene.first.call("begin_device_link", &json!({})).await, 403, "stale_sign_in");
    refused(&site.browser().call("begin_device_link", &json!({})).await, 401, "signed_out");
    refused(&scene.begin().await, 403, "not_confirmed");
    assert!(scene.watch().await.get("asked").is_some(), "it can still be watched");
    assert_eq!(scene.refuse().await.status, StatusCode::OK, "and refused");
}

#[tokio::test]
async fn a_device_that_is_refused_stays_out() {
    let site = TestSite::new().await;
    let mut scene = Scene::asked(&site).await;
    assert_eq!(scene.refuse().await.status, StatusCode::OK);
    refused(&scene.state().await, 410, "link_invalid");
    refused(&scene.begin().await, 410, "link_invalid");
    refused(&scene.confirm().await, 410, "link_invalid");
    assert_eq!(scene.watch().await, "over");
    assert_eq!(scene.refuse().await.status, StatusCode::OK, "twice is no error");
    scene.is_shut_out().await;
}

#[tokio::test]
async fn a_link_can_be_refused_until_the_passkey_is_there() {
    let site = TestSite::new().await;
    let mut scene = Scene::confirmed(&site).await;
    let (id, options) = begun(&scene.begin().await);
    assert_eq!(scene.refuse().await.status, StatusCode::OK);
    let mut passkey = Authenticator::new(2);
    let answer = passkey.create(site.origin, &options);
    refused(&scene.finish(&id, &answer).await, 410, "link_invalid");
    scene.is_shut_out().await;
    assert_eq!(site.browser().sign_in(&mut passkey).await.code(), "refused");
}

#[tokio::test]
async fn a_link_dies_with_the_session_that_made_it() {
    let site = TestSite::new().await;
    let mut scene = Scene::confirmed(&site).await;
    let (id, options) = begun(&scene.begin().await);
    assert_eq!(scene.first.call("sign_out", &json!({})).await.status, StatusCode::OK);
    assert_eq!(site.count_accounts("device_links").await, 0);
    let answer = Authenticator::new(2).create(site.origin, &options);
    refused(&scene.finish(&id, &answer).await, 410, "link_invalid");
    refused(&scene.ask().await, 410, "link_invalid");
    scene.is_shut_out().await;
}

#[tokio::test]
async fn a_link_of_somebody_who_is_locked_out_or_gone_is_dead() {
    for end in ["update users set disabled_at = 1", "delete from users"] {
        let site = TestSite::new().await;
        let mut scene = Scene::confirmed(&site).await;
        let (id, options) = begun(&scene.begin().await);
        let writer = site.site.accounts.database().writer();
        sql::query(end).execute(writer).await.expect("the table is there");
        let answer = Authenticator::new(2).create(site.origin, &options);
        refused(&scene.finish(&id, &answer).await, 410, "link_invalid");
        refused(&scene.begin().await, 410, "link_invalid");
        refused(&scene.state().await, 410, "link_invalid");
        scene.is_shut_out().await;
    }
}

#[tokio::test]
async fn a_link_is_finished_by_its_own_ceremony_only() {
    let site = TestSite::new().await;
    let mut scene = Scene::confirmed(&site).await;
    let (own, own_options) = begun(&scene.begin().await);
    // A sign-up is no second device, and the other way round.
    let (other, options) = scene.second.begin_sign_up("eve").await;
    let answer = Authenticator::new(3).create(site.origin, &options);
    refused(&scene.finish(&other, &answer).await, 410, "link_invalid");
    let mut passkey = Authenticator::new(2);
    let answer = passkey.create(site.origin, &own_options);
    let reply = scene.second.clone().finish("finish_sign_up", &own, &answer).await;
    refused(&reply, 410, "ceremony_expired");
    scene.is_shut_out().await;
    // Only the last ceremony that was begun counts.
    let (earlier, options) = begun(&scene.begin().await);
    let (later, later_options) = begun(&scene.begin().await);
    let answer = passkey.create(site.origin, &options);
    refused(&scene.finish(&earlier, &answer).await, 410, "link_invalid");
    scene.is_shut_out().await;
    let answer = passkey.create(site.origin, &later_options);
    assert_eq!(scene.finish(&later, &answer).await.status, StatusCode::OK);
    assert_eq!(site.count_accounts("users").await, 1);
}

#[tokio::test]
async fn an_answer_that_does_not_pass_leaves_the_link_as_it_was() {
    let site = TestSite::new().await;
    let mut scene = Scene::confirmed(&site).await;
    let (id, options) = begun(&scene.begin().await);
    let lies = Lies { origin: Some("http://evil.localhost:8080".into()), ..Lies::default() };
    let answer = Authenticator::new(2).create_lying(site.origin, &options, &lies);
    refused(&scene.finish(&id, &answer).await, 422, "refused");
    scene.is_shut_out().await;
    assert_eq!(scene.register(&mut Authenticator::new(2)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn of_parallel_answers_one_wins() {
    let site = TestSite::new().await;
    let mut scene = Scene::confirmed(&site).await;
    let (id, options) = begun(&scene.begin().await);
    let answer = Authenticator::new(2).create(site.origin, &options);
    let mut browsers: Vec<_> = (0..8).map(|_| scene.second.clone()).collect();
    let finishing = browsers.iter_mut().map(|browser| finish(browser, &scene.token, &id, &answer));
    let replies = futures::future::join_all(finishing).await;
    let won = replies.iter().filter(|reply| reply.status == StatusCode::OK).count();
    assert_eq!(won, 1);
    for reply in replies.iter().filter(|reply| reply.status != StatusCode::OK) {
        refused(reply, 410, "ceremony_expired");
        assert_eq!(reply.json().get("signal"), None, "the passkey is in the account");
    }
    assert_eq!(site.count_passkeys("credentials").await, 2);
    assert_eq!(site.count_accounts("sessions").await, 2);
}

#[tokio::test]
async fn a_passkey_that_comes_too_late_for_its_link_is_withdrawn() {
    const TRIGGER: &str = "create trigger fate before update on device_links
        for each row when (new.outcome = 'added') execute function fate()";
    let ignored: &[&str];
    let aborted: &[&str];
    if postgres::server().is_some() {
        ignored = &[
            "create function fate() returns trigger language plpgsql as 'begin return null; end'",
            TRIGGER,
        ];
        aborted = &[
            "create function fate() returns trigger language plpgsql as 'begin raise ''x''; end'",
            TRIGGER,
        ];
    } else {
        ignored = &["create trigger fate before update on device_links
            when new.outcome = 'added' begin select raise(ignore); end"];
        aborted = &["create trigger fate before update on device_links
            when new.outcome = 'added' begin select raise(abort, 'x'); end"];
    }
    let fates = [(ignored, "link_invalid"), (aborted, "server_trouble")];
    for (fate, code) in fates {
        let site = TestSite::new().await;
        let mut scene = Scene::confirmed(&site).await;
        // As if the link died between being looked at and being used up.
        for statement in fate {
            let writer = site.site.accounts.database().writer();
            sql::query(*statement).execute(writer).await.expect("a trigger");
        }
        let mut passkey = Authenticator::new(2);
        assert_eq!(scene.register(&mut passkey).await.code(), code);
        scene.is_shut_out().await;
        assert_eq!(site.browser().sign_in(&mut passkey).await.code(), "refused");
    }
}
