//! Several nodes over one database. On SQLite these are two processes on one machine, which is not how it
//! is run, but what holds there holds for the same reasons.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::json;

use super::api::{BackEnd, SHOP};
use super::authenticator::Authenticator;
use super::console::handle_of;
use super::{TestSite, postgres};
use crate::server::chance::Chance;
use crate::server::clock::Clock;
use crate::server::database::{at_one_moment, sql};
use crate::server::passkeys::Try;
use crate::server::site::Site;

/// So many nodes, with these settings, and the folder that their files are in.
async fn nodes(count: u64, settings: &[(&str, &str)]) -> (Vec<TestSite>, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let database = postgres::fresh_database().await;
    let mut all = vec![("KEYFOLD_RATE_LIMITS", "off")];
    if let Some(url) = &database {
        all.push(("KEYFOLD_ACCOUNTS_DATABASE_URL", url));
        all.push(("KEYFOLD_PASSKEYS_DATABASE_URL", url));
    }
    all.extend(settings);
    let open = || TestSite::in_folder_with(folder.path(), &all);
    let sites = if database.is_some() {
        // All of them find the database empty.
        futures::future::join_all((0..count).map(|_| open())).await
    } else {
        let mut sites = Vec::new();
        for _ in 0..count {
            sites.push(open().await);
        }
        sites
    };
    (sites, folder)
}

#[tokio::test]
async fn a_ceremony_begun_on_one_node_ends_on_another() {
    let (nodes, _folder) = nodes(2, &[]).await;
    let mut passkey = Authenticator::new(1);
    let mut here = nodes[0].browser();
    let (id, options) = here.begin_sign_up("ada").await;
    let answer = passkey.create(nodes[0].origin, &options);
    let mut there = nodes[1].browser_like(&here);
    assert_eq!(there.finish("finish_sign_up", &id, &answer).await.status, StatusCode::OK);
    let mut here = nodes[0].browser_like(&there);
    assert!(here.is_signed_in().await, "a session holds everywhere");
    let (id, options) = here.begin_sign_in().await;
    let answer = passkey.get(nodes[0].origin, &options);
    let mut there = nodes[1].browser_like(&here);
    assert_eq!(there.finish("finish_sign_in", &id, &answer).await.status, StatusCode::OK);
    assert!(!here.is_signed_in().await, "and ends everywhere");
    let reply = here.finish("finish_sign_in", &id, &answer).await;
    assert_ne!(reply.status, StatusCode::OK, "an answer works once, wherever");
    let reply = there.call("sign_out", &json!({})).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    assert!(!nodes[0].browser_like(&there).is_signed_in().await);
}

#[tokio::test]
async fn of_many_nodes_one_takes_an_answer() {
    let (nodes, _folder) = nodes(4, &[]).await;
    let mut passkey = Authenticator::new(1);
    nodes[0].browser().sign_up("ada", &mut passkey).await;
    for round in 0..5_usize {
        let mut browser = nodes[round % 4].browser();
        let (id, options) = browser.begin_sign_in().await;
        let answer = passkey.get(nodes[0].origin, &options);
        let tries = (0..8).map(|place: usize| {
            let mut browser = nodes[place % 4].browser_like(&browser);
            let (id, answer) = (id.clone(), answer.clone());
            async move { browser.finish("finish_sign_in", &id, &answer).await.status }
        });
        let statuses = futures::future::join_all(tries).await;
        let let_in = statuses.iter().filter(|status| status.is_success()).count();
        assert_eq!(let_in, 1, "{statuses:?}");
    }
}

#[tokio::test]
async fn nodes_that_start_at_once_agree() {
    let (nodes, _folder) = nodes(6, &[]).await;
    let keys = nodes[5].count_passkeys("signing_keys").await;
    assert_eq!(keys, 1, "one key signs for all");
    let mut passkey = Authenticator::new(1);
    nodes[0].browser().sign_up("ada", &mut passkey).await;
    for node in &nodes {
        assert_eq!(node.browser().sign_in(&mut passkey).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn of_two_ways_in_one_stays_whoever_takes_them_away() {
    // On one machine a second server does not start beside the first.
    if postgres::server().is_none() {
        return;
    }
    let (nodes, _folder) = nodes(2, &[]).await;
    for round in 0..4_u64 {
        let name = format!("ada{round}");
        let mut passkey = Authenticator::new(10 + round);
        let mut here = nodes[0].browser();
        here.sign_up(&name, &mut passkey).await;
        let reply = here.call("make_recovery_codes", &json!({})).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
        let account = here.account().await;
        let id = account["passkeys"][0]["id"].as_str().expect("an id").to_owned();
        let mut there = nodes[1].browser_like(&here);
        let (passkey_gone, codes_gone) = (json!({ "id": id }), json!({}));
        let (first, second) = futures::join!(
            here.call("remove_passkey", &passkey_gone),
            there.call("remove_recovery_codes", &codes_gone),
        );
        let done = [first.status, second.status];
        let gone = done.iter().filter(|status| status.is_success()).count();
        assert_eq!(gone, 1, "{done:?} {} {}", first.text, second.text);
    }
}

#[tokio::test]
async fn tries_are_counted_together() {
    // On one machine each process counts for itself.
    if postgres::server().is_none() {
        return;
    }
    let limits = [("KEYFOLD_RATE_LIMITS", "on"), ("KEYFOLD_BEGINS_PER_MINUTE", "3")];
    let (nodes, _folder) = nodes(2, &limits).await;
    for place in [0, 1, 0] {
        nodes[place].browser().begin_sign_in().await;
    }
    for node in &nodes {
        let reply = node.browser().call("begin_sign_in", &json!({})).await;
        assert_eq!(reply.status, StatusCode::TOO_MANY_REQUESTS);
    }
}

/// Also on SQLite, where nobody counts like this: the statement is the same.
#[tokio::test]
async fn tries_come_back_one_by_one() {
    let site = TestSite::new().await;
    let tries = site.site.passkeys.tries();
    let count = async |key: &[u8]| {
        let counted = tries.count("begins", key, 3, Duration::from_mins(1)).await;
        counted.expect("the database answers")
    };
    for remaining in [2, 1, 0] {
        assert_eq!(count(b"ada").await, Try::Within { remaining });
    }
    assert_eq!(count(b"ada").await, Try::Beyond { wait: Duration::from_secs(20) });
    assert_eq!(count(b"eve").await, Try::Within { remaining: 2 }, "everybody has their own");
    site.pass_seconds(20);
    assert_eq!(count(b"ada").await, Try::Within { remaining: 0 });
    assert_eq!(count(b"ada").await, Try::Beyond { wait: Duration::from_secs(20) });
    // A clock that was an hour ahead locks nobody out for an hour.
    site.pass_seconds(3600);
    count(b"ada").await;
    site.pass_seconds(-3600);
    assert_eq!(count(b"ada").await, Try::Within { remaining: 2 });
    site.pass_seconds(3600);
    site.site.sweep().await;
    assert_eq!(site.count_passkeys("tries").await, 0);
}

/// The same back end, whose requests another node gets.
fn at<'a>(node: &'a TestSite, shop: &BackEnd<'_>) -> BackEnd<'a> {
    BackEnd { site: node, party: shop.party.clone(), key: shop.key.clone(), origin: SHOP }
}

#[tokio::test]
async fn the_same_request_twice_is_done_once_wherever_it_comes() {
    let (nodes, _folder) = nodes(2, &[]).await;
    let here = BackEnd::of(&nodes[0]).await;
    let there = at(&nodes[1], &here);
    let ada = json!({ "user": { "externalId": "ada", "name": "ada@example.com" } });
    let first = here.post_once("/v1/registrations", &ada, "one").await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.text);
    let again = there.post_once("/v1/registrations", &ada, "one").await;
    assert_eq!((again.status, &again.text), (first.status, &first.text));
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(nodes[0].count_passkeys("ceremonies").await, 1);
    let ways = [&here, &there, &here, &there];
    let tries = ways.map(|shop| shop.post_once("/v1/registration-tokens", &ada, "two"));
    let replies = futures::future::join_all(tries).await;
    assert!(replies.iter().any(|reply| reply.status == StatusCode::CREATED));
    assert_eq!(nodes[0].count_passkeys("registration_tokens").await, 1);
}

#[tokio::test]
async fn a_key_that_is_revoked_on_one_node_opens_nothing_on_another() {
    let (nodes, _folder) = nodes(2, &[]).await;
    let here = BackEnd::of(&nodes[0]).await;
    let there = at(&nodes[1], &here);
    // Each of them has seen it work.
    for shop in [&here, &there] {
        assert_eq!(shop.get("/v1/events").await.status, StatusCode::OK);
    }
    let id = here.key.split('_').nth(1).expect("an id");
    let revoked = nodes[0].site.passkeys.revoke_api_key(id).await.expect("an answer");
    assert!(revoked.is_some(), "{id}");
    for shop in [&there, &here] {
        assert_eq!(shop.get("/v1/events").await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn whoever_is_locked_out_on_one_node_is_out_on_all() {
    let (nodes, _folder) = nodes(2, &[]).await;
    let mut passkey = Authenticator::new(1);
    let mut there = nodes[1].browser();
    there.sign_up("ada", &mut passkey).await;
    assert!(nodes[0].browser_like(&there).is_signed_in().await);
    let (id, options) = there.begin_sign_in().await;
    let answer = passkey.get(nodes[1].origin, &options);
    let ada = handle_of(&nodes[0], "ada").await;
    nodes[0].site.accounts.disable_but_the_last_admin(&ada).await.expect("she is locked out");
    assert!(!there.is_signed_in().await, "her session is over");
    assert_ne!(there.finish("finish_sign_in", &id, &answer).await.status, StatusCode::OK);
    assert_eq!(nodes[1].browser().sign_in(&mut passkey).await.code(), "refused");
    nodes[1].site.accounts.enable(&ada).await.expect("she is let in");
    assert_eq!(nodes[0].browser().sign_in(&mut passkey).await.status, StatusCode::OK);
}

#[tokio::test]
async fn time_is_what_the_database_says() {
    if postgres::server().is_none() {
        return;
    }
    let url = postgres::fresh_database().await.expect("a server");
    let config = super::config(&[
        ("KEYFOLD_ACCOUNTS_DATABASE_URL", &url),
        ("KEYFOLD_PASSKEYS_DATABASE_URL", &url),
    ]);
    let site = Site::open(config, Clock::System, Chance::from_system()).await.expect("it opens");
    assert!(matches!(site.clock, Clock::Shared(_)));
    // As if this machine's clock were an hour off.
    site.clock.put_right(3_600_000);
    let wrong = site.clock.now();
    site.sweep().await;
    let right = site.clock.now();
    assert!(wrong.milliseconds() - right.milliseconds() > 3_500_000, "{wrong} {right}");
    let theirs = sql::query_scalar::<i64>("select (extract(epoch from now()) * 1000)::bigint");
    let theirs = theirs.fetch_one(site.passkeys.database().reader()).await.expect("a time");
    assert!((theirs - right.milliseconds()).abs() < 60_000);
}

#[tokio::test]
async fn a_node_that_dies_in_the_middle_holds_nobody_up() {
    let (mut nodes, _folder) = nodes(2, &[]).await;
    let mut passkey = Authenticator::new(1);
    nodes[0].browser().sign_up("ada", &mut passkey).await;
    let dying = nodes.remove(0);
    let mut browser = dying.browser();
    let (id, options) = browser.begin_sign_in().await;
    let answer = passkey.get(dying.origin, &options);
    let held = dying.site.passkeys.database().begin().await.expect("it holds the lock");
    let mut there = nodes[0].browser_like(&browser);
    // With it go its connections, and with these what they held.
    drop(held);
    drop(dying);
    assert_eq!(there.finish("finish_sign_in", &id, &answer).await.status, StatusCode::OK);
}

/// Copying one half may take long; the other half is looked at from the same moment, and waits.
#[tokio::test]
async fn what_is_looked_at_as_a_whole_may_wait() {
    // SQLite ends nobody's transaction.
    if postgres::server().is_none() {
        return;
    }
    let site = TestSite::new().await;
    let databases = [site.site.accounts.database(), site.site.passkeys.database()];
    let snapshots = at_one_moment(databases[0], databases[1]).await.expect("both");
    for mut snapshot in snapshots {
        let patience = sql::query_scalar::<String>("show idle_in_transaction_session_timeout");
        assert_eq!(patience.fetch_one(&mut snapshot).await.expect("a setting"), "0");
        snapshot.rollback().await.expect("it was read only");
    }
}

#[tokio::test]
async fn what_a_database_cannot_hold_is_not_there() {
    let site = TestSite::new().await;
    let mut browser = site.browser();
    browser.begin_sign_in().await;
    let reply = browser.finish("finish_sign_in", "\0", &json!({})).await;
    assert!(reply.status.is_client_error(), "{} {}", reply.status, reply.text);
    let request = axum::http::Request::post("/client/v1/%00/authentications");
    let request =
        request.header("content-type", "application/json").header("origin", "https://shop");
    let reply = site.answer(request.body("{}".into()).expect("a request")).await;
    assert!(reply.status.is_client_error(), "{} {}", reply.status, reply.text);
}
