//! Who may sign up, and with which links.

use clap::Parser as _;
use serde_json::{Value, json};

use super::authenticator::Authenticator;
use super::console::{act, handle_of};
use super::setup::sign_up_with;
use super::{TestSite, begun};
use crate::server::cli::invitations::{Command, run};

#[derive(Debug, clap::Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

async fn invitations(site: &TestSite, arguments: &[&str]) -> Result<String, String> {
    let arguments = Arguments::try_parse_from([&["invitations"], arguments].concat());
    let arguments = arguments.map_err(|error| error.to_string())?;
    run(&site.site, arguments.command).await.map_err(|error| error.to_string())
}

/// An invitation: its id and its token.
async fn invited(site: &TestSite, arguments: &[&str]) -> (String, String) {
    let said = invitations(site, &[&["create", "--json"], arguments].concat()).await;
    let said: Value = serde_json::from_str(&said.expect("an invitation")).expect("JSON");
    let text = |key: &str| said[key].as_str().expect("a text").to_owned();
    let start = format!("{}/invitation/", site.origin);
    (text("id"), text("link").strip_prefix(&start).expect("a link").to_owned())
}

async fn by_invitation() -> TestSite {
    TestSite::with(&[("KEYFOLD_SIGN_UP", "invitation"), ("KEYFOLD_RATE_LIMITS", "off")]).await
}

#[tokio::test]
async fn the_policy_holds_at_the_beginning() {
    for (policy, status, code, said) in [
        ("invitation", 403, "invitation_needed", "You need an invitation"),
        ("closed", 403, "sign_up_closed", "New accounts cannot be created"),
    ] {
        let site = TestSite::with(&[("KEYFOLD_SIGN_UP", policy)]).await;
        let mut browser = site.browser();
        let reply =
            browser.call("begin_sign_up", &json!({ "name": "ada", "display_name": "" })).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (status, code));
        let page = browser.get("/sign-up").await;
        assert!(page.text.contains(said) && !page.text.contains("<form"), "{}", page.text);
        let shows_way = policy != "closed";
        for path in ["/", "/sign-in"] {
            let page = browser.get(path).await;
            assert_eq!(page.text.contains("href=\"/sign-up\""), shows_way, "{path}");
        }
    }
}

#[tokio::test]
async fn a_page_without_a_link_says_nothing_of_one() {
    let site = TestSite::new().await;
    let page = site.browser().get("/sign-up").await;
    assert!(!page.text.contains("id=\"link\"") && !page.text.contains("id=\"next\""));
    let reply = sign_up_with(&mut site.browser(), "ada", " ", &mut Authenticator::new(1)).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
}

#[tokio::test]
async fn the_policy_holds_at_the_end_as_it_is_then() {
    let folder = tempfile::tempdir().expect("a folder");
    let open = TestSite::in_folder(folder.path()).await;
    let mut browser = open.browser();
    let (id, options) = browser.begin_sign_up("ada").await;
    let (_, token) = invited(&open, &[]).await;
    let arguments = json!({ "name": "grace", "display_name": "", "link": token });
    let mut invited = open.browser();
    let (invited_id, invited_options) = begun(&invited.call("begin_sign_up", &arguments).await);
    let cookies = (browser.cookies.clone(), invited.cookies.clone());
    open.site.close().await;
    for (policy, code) in [("closed", "sign_up_closed"), ("invitation", "invitation_needed")] {
        let site = TestSite::in_folder_with(folder.path(), &[("KEYFOLD_SIGN_UP", policy)]).await;
        let mut browser = site.browser();
        let (id, options) = if policy == "closed" {
            browser.cookies.clone_from(&cookies.1);
            (&invited_id, &invited_options)
        } else {
            browser.cookies.clone_from(&cookies.0);
            (&id, &options)
        };
        let answer = Authenticator::new(1).create(site.origin, options);
        let reply = browser.finish("finish_sign_up", id, &answer).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (403, code));
        assert_eq!(site.count_accounts("users").await, 0);
        assert_eq!(site.count_passkeys("credentials").await, 0);
        site.site.close().await;
    }
}

#[tokio::test]
async fn an_invitation_lets_in_as_many_as_it_says() {
    let site = by_invitation().await;
    let (id, token) = invited(&site, &["--uses", "2", "--note", "the choir"]).await;
    let path = format!("/invitation/{token}");
    let page = site.browser().get(&path).await;
    assert!(page.text.contains("You are invited") && page.text.contains("<form"), "{}", page.text);
    for (seed, name) in [(1, "ada"), (2, "grace")] {
        let mut browser = site.browser();
        let reply = sign_up_with(&mut browser, name, &token, &mut Authenticator::new(seed)).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        assert_eq!(browser.account().await["is_admin"], Value::Bool(false));
    }
    let mut browser = site.browser();
    let reply = sign_up_with(&mut browser, "eve", &token, &mut Authenticator::new(3)).await;
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (410, "link_invalid"));
    let page = browser.get(&path).await;
    assert!(page.text.contains("used up") && !page.text.contains("<form"), "{}", page.text);
    let listed = invitations(&site, &["list"]).await.expect("a list");
    assert!(listed.contains(&id) && listed.contains("used up  2 of 2"), "{listed}");
    assert!(listed.contains("the choir") && !listed.contains(&token), "{listed}");
}

#[tokio::test]
async fn a_race_never_exceeds_the_limit() {
    let site = by_invitation().await;
    let (_, token) = invited(&site, &["--uses", "2"]).await;
    let mut racing = Vec::new();
    for name in ["a", "b", "c", "d", "e"] {
        let mut browser = site.browser();
        let arguments = json!({ "name": name, "display_name": "", "link": token });
        let (id, options) = begun(&browser.call("begin_sign_up", &arguments).await);
        racing.push((browser, id, options));
    }
    let finishes = racing.iter_mut().zip(1..).map(|((browser, id, options), seed)| async move {
        let answer = Authenticator::new(seed).create(browser.site.origin, options);
        browser.finish("finish_sign_up", id, &answer).await.status.as_u16()
    });
    let mut statuses = futures::future::join_all(finishes).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 410, 410, 410]);
    assert_eq!(site.count_accounts("users").await, 2);
    assert_eq!(site.count_passkeys("credentials").await, 2);
}

#[tokio::test]
async fn an_invitation_ends() {
    let site = by_invitation().await;
    let (id, revoked) = invited(&site, &[]).await;
    let (_, old) = invited(&site, &["--days", "1"]).await;
    let (_, meanwhile) = invited(&site, &["--days", "2"]).await;
    let mut begun_before = site.browser();
    let arguments = json!({ "name": "ada", "display_name": "", "link": revoked });
    let (ceremony, options) = begun(&begun_before.call("begin_sign_up", &arguments).await);
    let said = invitations(&site, &["revoke", &id]).await.expect("it is there");
    assert_eq!(said, format!("nobody can sign up with {id} any more\n"));
    assert!(invitations(&site, &["revoke", &id]).await.is_err(), "it is revoked already");
    let answer = Authenticator::new(1).create(site.origin, &options);
    let reply = begun_before.finish("finish_sign_up", &ceremony, &answer).await;
    assert_eq!(reply.code(), "link_invalid");
    site.pass_seconds(24 * 3600);
    for (token, said) in
        [(&revoked, "was revoked"), (&old, "has expired"), (&"x".to_owned(), "does not exist")]
    {
        let mut browser = site.browser();
        let page = browser.get(&format!("/invitation/{token}")).await;
        assert!(page.text.contains(said), "{said}: {}", page.text);
        let reply = sign_up_with(&mut browser, "eve", token, &mut Authenticator::new(2)).await;
        assert_eq!(reply.code(), "link_invalid");
    }
    let mut browser = site.browser();
    let reply = sign_up_with(&mut browser, "grace", &meanwhile, &mut Authenticator::new(3)).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
}

#[tokio::test]
async fn closed_is_closed_for_the_invited_too() {
    let site = TestSite::with(&[("KEYFOLD_SIGN_UP", "closed")]).await;
    let (_, token) = invited(&site, &[]).await;
    let mut browser = site.browser();
    let reply = sign_up_with(&mut browser, "ada", &token, &mut Authenticator::new(1)).await;
    assert_eq!(reply.code(), "sign_up_closed");
    let page = browser.get(&format!("/invitation/{token}")).await;
    assert!(page.text.contains("cannot be created here at the moment"), "{}", page.text);
}

#[tokio::test]
async fn there_are_bounds_to_invitations() {
    let site = TestSite::new().await;
    for wrong in [
        ["--uses", "0"],
        ["--uses", "10001"],
        ["--days", "0"],
        ["--days", "366"],
        ["--note", "a\nb"],
    ] {
        let error = invitations(&site, &[&["create"], &wrong[..]].concat()).await;
        assert!(error.expect_err("too much").contains("1 to 10000"), "{wrong:?}");
    }
    assert!(invitations(&site, &["create", "--uses", "many"]).await.is_err());
}

#[tokio::test]
async fn admins_invite_in_the_console() {
    let site = by_invitation().await;
    let (_, token) = invited(&site, &[]).await;
    let mut browser = site.browser();
    sign_up_with(&mut browser, "ada", &token, &mut Authenticator::new(1)).await;
    site.site.accounts.make_admin(&handle_of(&site, "ada").await).await.expect("an admin");
    let call = json!({ "deed": "invite", "typed": ["3", " 7 ", "Tuesday"] });
    let link = browser.call("console/act", &call).await.json();
    let start = format!("{}/invitation/", site.origin);
    let token = link.as_str().and_then(|link| link.strip_prefix(&start)).expect("a link");
    let page = browser.get("/console/invitations").await;
    for part in ["Tuesday", "0 of 3 used", "1 of 1 used", "Used up", "Only people with"] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    assert!(!page.text.contains(token), "it is told once");
    for wrong in [json!(["0", "7", ""]), json!(["one", "7", ""]), json!([])] {
        let call = json!({ "deed": "invite", "typed": wrong });
        assert_eq!(browser.call("console/act", &call).await.code(), "invitation_invalid");
    }
    let listed = invitations(&site, &["list", "--json"]).await.expect("a list");
    let listed: Value = serde_json::from_str(&listed).expect("JSON");
    let id = listed.as_array().into_iter().flatten().find(|one| one["note"] == "Tuesday");
    let id = id.and_then(|one| one["id"].as_str()).expect("an id");
    assert_eq!(act(&mut browser, json!({ "revoke_invitation": id })).await.status, 200);
    assert_eq!(act(&mut browser, json!({ "revoke_invitation": id })).await.code(), "not_found");
}
