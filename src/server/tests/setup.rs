//! How the first admin comes to be.

use axum::http::StatusCode;
use clap::Parser as _;
use serde_json::{Value, json};

use super::authenticator::Authenticator;
use super::console::handle_of;
use super::{Browser, Reply, TestSite, begun, site_of_ada};
use crate::server::cli::setup_link::{SetupLinkCommand, greeting, run};
use crate::server::database::sql;

#[derive(Debug, clap::Parser)]
struct Arguments {
    #[command(flatten)]
    command: SetupLinkCommand,
}

async fn setup_link(site: &TestSite, arguments: &[&str]) -> Result<String, String> {
    let arguments = Arguments::try_parse_from([&["setup-link"], arguments].concat());
    let arguments = arguments.map_err(|error| error.to_string())?;
    run(&site.site, arguments.command).await.map_err(|error| error.to_string())
}

/// The path of the link.
async fn path(site: &TestSite, arguments: &[&str]) -> String {
    let link = setup_link(site, arguments).await.expect("a link");
    link.trim_end().strip_prefix(site.origin).expect("a link of this site").to_owned()
}

fn token(path: &str) -> &str {
    path.strip_prefix("/setup/").expect("the path of a setup link")
}

/// Signs up with the token of a link.
pub(super) async fn sign_up_with(
    browser: &mut Browser<'_>,
    name: &str,
    token: &str,
    passkey: &mut Authenticator,
) -> Reply {
    let arguments = json!({ "name": name, "display_name": "", "link": token });
    let reply = browser.call("begin_sign_up", &arguments).await;
    if reply.status != StatusCode::OK {
        return reply;
    }
    let (id, options) = begun(&reply);
    let answer = passkey.create(browser.site.origin, &options);
    browser.finish("finish_sign_up", &id, &answer).await
}

#[tokio::test]
async fn the_first_admin_comes_by_the_link_that_the_start_tells() {
    for policy in ["open", "invitation", "closed"] {
        let site = TestSite::with(&[("KEYFOLD_SIGN_UP", policy)]).await;
        let told = greeting(&site.site).await.expect("an answer").expect("a greeting");
        let link = told.lines().find_map(|line| line.trim().strip_prefix(site.origin));
        let path = link.expect("one line is the link").to_owned();
        assert_eq!(told.matches("http").count(), 1, "{told}");
        let mut browser = site.browser();
        let page = browser.get(&path).await;
        assert_eq!(page.status, 200, "{}", page.text);
        assert!(page.text.contains("Set up Keyfold"), "{}", page.text);
        assert_eq!(page.header("cache-control"), "no-store");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        let reply =
            sign_up_with(&mut browser, "ada", token(&path), &mut Authenticator::new(1)).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        assert_eq!(browser.account().await["is_admin"], Value::Bool(true));
        assert_eq!(browser.get("/console/users?done=set-up").await.status, 200);
        assert!(greeting(&site.site).await.expect("an answer").is_none(), "there is an admin");
        assert_eq!(site.browser().get(&path).await.status, 404, "it is used");
        let mut eve = site.browser();
        let reply = sign_up_with(&mut eve, "eve", token(&path), &mut Authenticator::new(2)).await;
        assert_ne!(reply.status, 200, "it is used");
    }
}

#[tokio::test]
async fn without_a_link_that_works_there_is_no_such_page() {
    let site = TestSite::new().await;
    let path = path(&site, &[]).await;
    let mut browser = site.browser();
    let unknown = browser.get("/no-such-page").await;
    for wrong in ["/setup", "/setup/", "/setup/x", &format!("{path}x"), &path[..path.len() - 1]] {
        let page = browser.get(wrong).await;
        assert_eq!(page.status, 404, "{wrong}");
        assert!(page.text.contains("There is no page here"), "{wrong}");
        let names =
            |reply: &Reply| reply.headers.keys().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(names(&page), names(&unknown), "{wrong}");
        assert_eq!(page.text.len(), unknown.text.len(), "{wrong}");
    }
    site.pass_seconds(3600);
    assert_eq!(browser.get(&path).await.status, 404, "its hour is over");
    let reply = sign_up_with(&mut browser, "ada", token(&path), &mut Authenticator::new(1)).await;
    assert_eq!(reply.code(), "link_invalid");
}

#[tokio::test]
async fn a_token_is_nowhere_in_the_database() {
    let site = TestSite::new().await;
    let path = path(&site, &[]).await;
    let reader = site.site.accounts.database().reader();
    let hash: Vec<u8> = sql::query_scalar("select token_hash from setup_links")
        .fetch_one(reader)
        .await
        .expect("one");
    assert_eq!(hash.len(), 32);
    assert_ne!(hash, token(&path).as_bytes());
}

#[tokio::test]
async fn of_two_who_race_one_wins() {
    let site = TestSite::new().await;
    let (first, second) = (path(&site, &[]).await, path(&site, &[]).await);
    // Both of the same link, and a third of another one.
    let mut begun_by = Vec::new();
    for (name, link) in [("ada", &first), ("eve", &first), ("mallory", &second)] {
        let mut browser = site.browser();
        let arguments = json!({ "name": name, "display_name": "", "link": token(link) });
        let (id, options) = begun(&browser.call("begin_sign_up", &arguments).await);
        begun_by.push((browser, id, options));
    }
    let mut won = Vec::new();
    for (place, (browser, id, options)) in begun_by.iter_mut().enumerate() {
        let seed = u64::try_from(place).expect("a small number") + 1;
        let answer = Authenticator::new(seed).create(site.origin, options);
        let reply = browser.finish("finish_sign_up", id, &answer).await;
        won.push(reply.status == StatusCode::OK);
        if reply.status != StatusCode::OK {
            assert_eq!((reply.status.as_u16(), reply.code().as_str()), (410, "link_invalid"));
            assert!(reply.json()["signal"].is_string(), "the device is told to forget the passkey");
        }
    }
    assert_eq!(won, [true, false, false]);
    assert_eq!(site.count_accounts("users").await, 1);
    assert_eq!(site.count_accounts("pending_sign_ups").await, 0);
    assert_eq!(site.count_passkeys("credentials").await, 1, "the others' passkeys are withdrawn");
}

#[tokio::test]
async fn a_name_that_is_taken_does_not_use_the_link_up() {
    let (site, _) = site_of_ada().await;
    let path = path(&site, &[]).await;
    let mut browser = site.browser();
    let reply = sign_up_with(&mut browser, "ada", token(&path), &mut Authenticator::new(2)).await;
    assert_eq!(reply.code(), "name_taken");
    let arguments = json!({ "name": "grace", "display_name": "", "link": token(&path) });
    let (id, options) = begun(&browser.call("begin_sign_up", &arguments).await);
    site.browser().sign_up("grace", &mut Authenticator::new(3)).await;
    let answer = Authenticator::new(4).create(site.origin, &options);
    assert_eq!(browser.finish("finish_sign_up", &id, &answer).await.code(), "name_taken");
    let reply = sign_up_with(&mut browser, "root", token(&path), &mut Authenticator::new(5)).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
}

#[tokio::test]
async fn there_is_no_second_link_unless_it_is_asked_for() {
    let (site, _) = site_of_ada().await;
    let early = path(&site, &[]).await;
    site.site.accounts.make_admin(&handle_of(&site, "ada").await).await.expect("an admin");
    assert_eq!(setup_link(&site, &[]).await, Err("there is already an admin".to_owned()));
    assert_eq!(site.browser().get(&early).await.status, 404, "the one from before is dead");
    let link: Value =
        serde_json::from_str(&setup_link(&site, &["--another", "--json"]).await.expect("a link"))
            .expect("JSON");
    assert_eq!(link["expiresAt"], "2026-11-23T13:05:00Z");
    let path = link["link"].as_str().and_then(|link| link.strip_prefix(site.origin));
    let path = path.expect("a link").to_owned();
    let mut browser = site.browser();
    let reply = sign_up_with(&mut browser, "grace", token(&path), &mut Authenticator::new(2)).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(browser.account().await["is_admin"], Value::Bool(true));
}
