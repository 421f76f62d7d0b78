//! A second device: what lets it in, and for how long. What keeps it out is in [`refusals`].

mod refusals;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::authenticator::Authenticator;
use super::{Browser, Reply, TestSite, begun};

const SESSION: &str = "keyfold_session";

/// A link on its way: the browser that made it, the browser that opens it, and what opens it.
struct Scene<'a> {
    first: Browser<'a>,
    second: Browser<'a>,
    id: String,
    token: String,
}

impl<'a> Scene<'a> {
    /// Ada has signed up in the first browser and made a link.
    async fn new(site: &'a TestSite) -> Self {
        let mut first = site.browser();
        let reply = first.sign_up("ada", &mut Authenticator::new(1)).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
        let (id, token) = make_link(&mut first).await;
        Self { first, second: site.browser(), id, token }
    }

    /// The second browser has asked, too.
    async fn asked(site: &'a TestSite) -> Self {
        let mut scene = Self::new(site).await;
        assert_eq!(scene.ask().await.status, StatusCode::OK);
        scene
    }

    /// And the first one has let it in.
    async fn confirmed(site: &'a TestSite) -> Self {
        let mut scene = Self::asked(site).await;
        assert_eq!(scene.confirm().await.status, StatusCode::OK);
        scene
    }

    async fn ask(&mut self) -> Reply {
        self.second.call("claim_device_link", &json!({ "token": self.token })).await
    }

    async fn confirm(&mut self) -> Reply {
        self.first.call("confirm_device_link", &json!({ "id": self.id })).await
    }

    async fn refuse(&mut self) -> Reply {
        self.first.call("refuse_device_link", &json!({ "id": self.id })).await
    }

    async fn watch(&mut self) -> Value {
        self.first.call("watch_device_link", &json!({ "id": self.id })).await.json()
    }

    async fn state(&mut self) -> Reply {
        self.second.call("device_link_state", &json!({ "token": self.token })).await
    }

    async fn begin(&mut self) -> Reply {
        self.second.call("begin_device_passkey", &json!({ "token": self.token })).await
    }

    async fn finish(&mut self, id: &str, answer: &Value) -> Reply {
        finish(&mut self.second, &self.token, id, answer).await
    }

    /// Begins and finishes.
    async fn register(&mut self, passkey: &mut Authenticator) -> Reply {
        let (id, options) = begun(&self.begin().await);
        let answer = passkey.create(self.second.site.origin, &options);
        self.finish(&id, &answer).await
    }

    /// Nothing of the second device has got in.
    async fn is_shut_out(&mut self) {
        assert!(!self.second.cookies.contains_key(SESSION));
        assert!(!self.second.is_signed_in().await);
        let site = self.second.site;
        assert_eq!(site.count_passkeys("credentials").await, 1, "only the first passkey");
        assert_eq!(site.count_accounts("device_links where outcome = 'added'").await, 0);
    }
}

async fn make_link(browser: &mut Browser<'_>) -> (String, String) {
    let reply = browser.call("begin_device_link", &json!({})).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let made = reply.json();
    assert_eq!(made["lives_for"], 600);
    let link = made["link"].as_str().expect("a link");
    let token = link.strip_prefix("http://localhost:8080/add-device/").expect("our own address");
    assert_eq!(token.len(), 43);
    assert!(made["code"]["path"].as_str().is_some_and(|path| path.starts_with('M')));
    (made["id"].as_str().expect("an id").to_owned(), token.to_owned())
}

async fn finish(browser: &mut Browser<'_>, token: &str, id: &str, answer: &Value) -> Reply {
    let arguments = json!({ "token": token, "id": id, "answer": answer.to_string() });
    browser.call("finish_device_passkey", &arguments).await
}

#[track_caller]
fn refused(reply: &Reply, status: u16, code: &str) {
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (status, code), "{}", reply.text);
}

#[tokio::test]
async fn a_second_device_is_added_once_the_first_lets_it_in() {
    let site = TestSite::new().await;
    let mut scene = Scene::new(&site).await;
    assert_eq!(scene.watch().await, "open");
    let invitation = scene.state().await.json();
    assert_eq!(invitation, json!({ "name": "ada", "display_name": "ada", "admission": "unasked" }));
    assert_eq!(scene.ask().await.status, StatusCode::OK);
    let waiting = scene.state().await.json();
    let number = waiting["admission"]["waiting"].as_str().expect("a number").to_owned();
    assert!(number.len() == 6 && number.bytes().all(|digit| digit.is_ascii_digit()), "{number}");
    let watched = scene.watch().await;
    assert_eq!(watched["asked"]["number"], number, "both show the same");
    assert!(watched["asked"]["network"].is_string());
    assert_eq!(scene.confirm().await.status, StatusCode::OK);
    assert_eq!(scene.watch().await, "confirmed");
    assert_eq!(scene.state().await.json()["admission"], "confirmed");
    assert!(!scene.second.is_signed_in().await, "being let in opens no session");

    let (id, options) = begun(&scene.begin().await);
    assert_eq!(options["user"]["name"], "ada");
    assert_eq!(options["excludeCredentials"].as_array().map(Vec::len), Some(1));
    let mut passkey = Authenticator::new(2);
    let answer = passkey.create(site.origin, &options);
    let reply = scene.finish(&id, &answer).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let account = scene.second.account().await;
    assert_eq!(account["name"], "ada");
    assert_eq!(account["passkeys"].as_array().map(Vec::len), Some(2));
    assert_eq!(scene.watch().await, json!({ "added": null }), "its keeper is not known");
    assert!(scene.first.is_signed_in().await, "the first one stays signed in");
    assert_eq!(site.browser().sign_in(&mut passkey).await.status, StatusCode::OK);
    assert_eq!(site.count_accounts("users").await, 1);
}

#[tokio::test]
async fn asking_twice_is_asking_once() {
    let site = TestSite::new().await;
    let mut scene = Scene::asked(&site).await;
    let number = scene.state().await.json();
    assert_eq!(scene.ask().await.status, StatusCode::OK);
    assert_eq!(scene.state().await.json(), number);
    assert_eq!(scene.confirm().await.status, StatusCode::OK);
    assert_eq!(scene.confirm().await.status, StatusCode::OK);
}

#[tokio::test]
async fn opening_a_link_changes_nothing() {
    let site = TestSite::new().await;
    let mut scene = Scene::new(&site).await;
    let path = format!("/add-device/{}", scene.token);
    for _ in 0..2 {
        scene.second.get(&path).await;
        site.browser().get(&path).await;
    }
    assert_eq!(scene.watch().await, "open");
    assert_eq!(scene.ask().await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_link_works_once() {
    let site = TestSite::new().await;
    let mut scene = Scene::confirmed(&site).await;
    assert_eq!(scene.register(&mut Authenticator::new(2)).await.status, StatusCode::OK);
    refused(&scene.state().await, 410, "link_invalid");
    refused(&scene.ask().await, 410, "link_invalid");
    refused(&scene.begin().await, 410, "link_invalid");
    refused(&scene.confirm().await, 410, "link_invalid");
    scene.second = site.browser();
    refused(&scene.ask().await, 410, "link_invalid");
    assert_eq!(site.count_passkeys("credentials").await, 2);
}

#[tokio::test]
async fn a_link_works_for_ten_minutes_and_a_clock_that_jumps_back_does_not_revive_it() {
    let site = TestSite::new().await;
    let mut scene = Scene::new(&site).await;
    site.pass_seconds(599);
    assert_eq!(scene.state().await.status, StatusCode::OK);
    site.pass_seconds(1);
    refused(&scene.ask().await, 410, "link_invalid");
    site.pass_seconds(-300);
    refused(&scene.ask().await, 410, "link_invalid");
    assert_eq!(scene.watch().await, "over");
}

#[tokio::test]
async fn a_device_that_was_let_in_is_late_after_ten_minutes() {
    let site = TestSite::new().await;
    let mut scene = Scene::confirmed(&site).await;
    let (id, options) = begun(&scene.begin().await);
    site.pass_seconds(600);
    let answer = Authenticator::new(2).create(site.origin, &options);
    let reply = scene.finish(&id, &answer).await;
    refused(&reply, 410, "link_invalid");
    assert!(reply.json()["signal"].is_string(), "the browser is told to forget the passkey");
    scene.is_shut_out().await;
    site.pass_seconds(-600);
    refused(&scene.begin().await, 410, "link_invalid");
    scene.is_shut_out().await;
}

#[tokio::test]
async fn a_new_link_ends_the_older_one() {
    let site = TestSite::new().await;
    let mut scene = Scene::asked(&site).await;
    let (id, token) = make_link(&mut scene.first).await;
    refused(&scene.confirm().await, 410, "link_invalid");
    refused(&scene.state().await, 410, "link_invalid");
    (scene.id, scene.token) = (id, token);
    assert_eq!(scene.state().await.json()["admission"], "unasked");
}

#[tokio::test]
async fn a_link_belongs_to_the_first_browser_that_asks() {
    let site = TestSite::new().await;
    let mut scene = Scene::asked(&site).await;
    let asked = std::mem::replace(&mut scene.second, site.browser());
    refused(&scene.ask().await, 410, "link_invalid");
    refused(&scene.state().await, 410, "link_invalid");
    assert_eq!(scene.confirm().await.status, StatusCode::OK);
    refused(&scene.ask().await, 410, "link_invalid");
    refused(&scene.begin().await, 410, "link_invalid");
    scene.is_shut_out().await;
    scene.second = asked;
    assert_eq!(scene.register(&mut Authenticator::new(2)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_browser_that_made_a_link_is_not_added_by_it() {
    let site = TestSite::new().await;
    let mut scene = Scene::new(&site).await;
    scene.second = scene.first.clone();
    assert_eq!(scene.state().await.json()["admission"], "same_browser");
    refused(&scene.ask().await, 410, "link_invalid");
    assert_eq!(scene.watch().await, "open");
}

#[tokio::test]
async fn a_session_that_is_proved_again_keeps_its_link() {
    let site = TestSite::new().await;
    let (mut first, mut passkey) = (site.browser(), Authenticator::new(1));
    first.sign_up("ada", &mut passkey).await;
    let (id, token) = make_link(&mut first).await;
    let mut scene = Scene { first, second: site.browser(), id, token };
    assert_eq!(scene.ask().await.status, StatusCode::OK);
    site.pass(std::time::Duration::from_secs(301));
    let (id, options) = begun(&scene.first.call("begin_step_up", &json!({})).await);
    let answer = passkey.get(site.origin, &options);
    let reply = scene.first.finish("finish_step_up", &id, &answer).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    assert_eq!(scene.confirm().await.status, StatusCode::OK);
    assert_eq!(scene.register(&mut Authenticator::new(2)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_token_of_a_link_is_nowhere_in_the_database() {
    let folder = tempfile::tempdir().expect("a folder");
    let site = TestSite::in_folder(folder.path()).await;
    let scene = Scene::confirmed(&site).await;
    let secret = &scene.second.cookies["keyfold_browser"];
    for entry in std::fs::read_dir(folder.path()).expect("the folder") {
        let content = std::fs::read(entry.expect("an entry").path()).expect("a file");
        for hidden in [&scene.token, secret] {
            assert!(!content.windows(43).any(|window| window == hidden.as_bytes()));
        }
    }
}

#[tokio::test]
async fn the_sweep_removes_links_that_are_late() {
    let site = TestSite::new().await;
    Scene::new(&site).await;
    site.pass_seconds(599);
    site.site.sweep().await;
    assert_eq!(site.count_accounts("device_links").await, 1);
    site.pass_seconds(1);
    site.site.sweep().await;
    assert_eq!(site.count_accounts("device_links").await, 0);
}

#[tokio::test]
async fn the_pages_say_whose_device_it_becomes_and_show_no_secret_to_others() {
    let site = TestSite::new().await;
    let mut scene = Scene::new(&site).await;
    let page = scene.first.get("/account/add-device").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("Make the link"), "{}", page.text);
    let reply = scene.second.get("/account/add-device").await;
    let place = reply.header("location");
    assert_eq!((reply.status.as_u16(), place), (303, "/sign-in?next=/account/add-device"));
    let path = format!("/add-device/{}", scene.token);
    let page = scene.second.get(&path).await;
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    for part in ["<strong>ada</strong>", "Ask to add this device"] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    let page = scene.first.get(&path).await;
    assert!(page.text.contains("This is the browser that made the link"), "{}", page.text);
    let page = scene.second.get(&format!("/add-device/{}", "A".repeat(43))).await;
    assert_eq!(page.status, StatusCode::GONE);
    assert!(page.text.contains("data-code=\"link_invalid\""), "{}", page.text);
}
