//! Tests of the server as a whole: real routes, real databases in memory, a clock that stands
//! still, and a software passkey that can lie.

mod account;
mod another_passkey;
mod api;
mod api_keys;
mod architecture;
pub(crate) mod authenticator;
mod backup;
mod backup_files;
mod ceremonies;
mod check;
mod command_line;
mod commands_say;
mod console;
mod console_service;
mod copy;
mod device;
mod doctor;
mod doors;
mod files;
mod floods;
mod insight;
mod invitations;
mod jumps;
mod last_way_in;
mod library;
mod lies;
mod limits;
mod mail;
mod metrics;
mod nodes;
mod notices;
mod pages;
mod policy;
mod port;
mod port_guides;
mod port_sign_in;
pub(in crate::server) mod postgres;
mod recovery;
mod recovery_codes;
mod recovery_pages;
mod registration_tokens;
mod relying_parties;
mod request_ids;
mod schemas;
mod sessions;
mod settlement;
mod setup;
mod sign_up;
mod signatures;
mod signing_keys;
mod signing_keys_cli;
mod smtp;
mod stores;
mod stranded;
mod strays;
mod tenants_cli;
mod tokens;
mod traces;
mod upgrades;
mod users_cli;
mod vectors;
mod ways_in;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, COOKIE, HOST, ORIGIN, SET_COOKIE};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use cookie::Cookie;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::chance::Chance;
use super::clock::Clock;
use super::config::Config;
use super::router::router;
use super::site::Site;
use crate::server::database::{Pool, sql};
use authenticator::Authenticator;

pub(crate) const ORIGIN_OF_SITE: &str = "http://localhost:8080";

/// A site in memory whose clock is held.
pub(crate) struct TestSite {
    pub(crate) site: Site,
    pub(crate) origin: &'static str,
    router: Router,
    time: Arc<AtomicI64>,
}

impl TestSite {
    pub(crate) async fn new() -> Self {
        Self::with(&[("KEYFOLD_RATE_LIMITS", "off")]).await
    }

    /// A site with these settings.
    pub(crate) async fn with(settings: &[(&str, &str)]) -> Self {
        let (clock, time) = held_clock();
        let site = Site::in_memory(config(settings), clock, Chance::from_seed(7)).await;
        Self::of(site, time)
    }

    /// A site whose databases are files in this folder.
    pub(crate) async fn in_folder(folder: &Path) -> Self {
        Self::in_folder_with(folder, &[]).await
    }

    /// The same with these settings.
    pub(crate) async fn in_folder_with(folder: &Path, settings: &[(&str, &str)]) -> Self {
        let (clock, time) = held_clock();
        let folder = folder.to_str().expect("a path of letters");
        let own = [("KEYFOLD_RATE_LIMITS", "off"), ("KEYFOLD_DATA_DIR", folder)];
        let config = config(&[&own, settings].concat());
        super::site::prepare_data_dir(&config.data_dir).expect("the folder can be written to");
        let site = Site::open(config, clock, Chance::from_system()).await.expect("the site opens");
        Self::of(site, time)
    }

    fn of(site: Site, time: Arc<AtomicI64>) -> Self {
        let origin =
            if site.config.public_url.is_secure() { "https://id.example" } else { ORIGIN_OF_SITE };
        Self { router: router(site.clone()), site, origin, time }
    }

    pub(crate) fn browser(&self) -> Browser<'_> {
        Browser { site: self, cookies: BTreeMap::new() }
    }

    /// A browser with the cookies of another one, which may have been at another node.
    pub(crate) fn browser_like<'a>(&'a self, other: &Browser<'_>) -> Browser<'a> {
        Browser { site: self, cookies: other.cookies.clone() }
    }

    /// Lets time pass; negative: lets the clock jump back.
    pub(crate) fn pass_seconds(&self, seconds: i64) {
        self.time.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    pub(crate) fn pass(&self, duration: Duration) {
        self.pass_seconds(i64::try_from(duration.as_secs()).expect("a duration of this life"));
    }

    pub(crate) async fn answer(&self, request: Request<Body>) -> Reply {
        // Leptos renders on local tasks.
        let answered =
            tokio::task::LocalSet::new().run_until(self.router.clone().oneshot(request)).await;
        self.site.settle().await;
        let (parts, body) = answered.expect("the router always answers").into_parts();
        let body = body.collect().await.expect("the body is whole").to_bytes();
        let text = String::from_utf8(body.to_vec()).expect("every answer is text");
        Reply { status: parts.status, headers: parts.headers, text }
    }

    /// How many rows a table of the user database has.
    pub(crate) async fn count_accounts(&self, table: &'static str) -> i64 {
        count(self.site.accounts.database().reader(), table).await
    }

    /// How many rows a table of the passkey database has.
    pub(crate) async fn count_passkeys(&self, table: &'static str) -> i64 {
        count(self.site.passkeys.database().reader(), table).await
    }
}

async fn count(pool: Pool<'_>, table: &'static str) -> i64 {
    let query = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
    sql::query_scalar(query).fetch_one(pool).await.expect("the table is there")
}

fn held_clock() -> (Clock, Arc<AtomicI64>) {
    let time = Arc::new(AtomicI64::new(1_795_435_500_000));
    (Clock::Held(Arc::clone(&time)), time)
}

fn config(settings: &[(&str, &str)]) -> Config {
    let environment = settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    Config::read(None, environment.collect()).expect("the settings of a test are sound")
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|error| panic!("{error} in {:?}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a header of letters"))
    }

    /// The code of a refusal.
    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// A browser: it keeps cookies and says where its requests come from.
#[derive(Clone)]
pub(crate) struct Browser<'a> {
    pub(crate) site: &'a TestSite,
    pub(crate) cookies: BTreeMap<String, String>,
}

impl Browser<'_> {
    pub(crate) async fn get(&mut self, path: &str) -> Reply {
        let request = self.request(Method::GET, path).body(Body::empty()).expect("a request");
        self.send(request).await
    }

    /// Calls a server function.
    pub(crate) async fn call(&mut self, function: &str, arguments: &Value) -> Reply {
        let request = self.request(Method::POST, &format!("/api/{function}"));
        let request =
            request.header(ORIGIN, self.site.origin).header("sec-fetch-site", "same-origin");
        let request = request.header(CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(arguments.to_string())).expect("a request")).await
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let host = self.site.origin.rsplit('/').next().unwrap_or_default();
        Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, host)
            .header(COOKIE, cookies.join("; "))
    }

    pub(crate) async fn send(&mut self, request: Request<Body>) -> Reply {
        let reply = self.site.answer(request).await;
        for line in reply.headers.get_all(SET_COOKIE) {
            let cookie = Cookie::parse(line.to_str().expect("letters")).expect("a cookie");
            if cookie.max_age().is_some_and(cookie::time::SignedDuration::is_zero) {
                self.cookies.remove(cookie.name());
            } else {
                self.cookies.insert(cookie.name().to_owned(), cookie.value().to_owned());
            }
        }
        reply
    }

    /// Begins a sign-up: the id of the ceremony and the options.
    pub(crate) async fn begin_sign_up(&mut self, name: &str) -> (String, Value) {
        let reply = self.call("begin_sign_up", &json!({ "name": name, "display_name": "" })).await;
        begun(&reply)
    }

    /// Begins a sign-in: the id of the ceremony and the options.
    pub(crate) async fn begin_sign_in(&mut self) -> (String, Value) {
        let reply = self.call("begin_sign_in", &json!({})).await;
        begun(&reply)
    }

    pub(crate) async fn finish(&mut self, function: &str, id: &str, answer: &Value) -> Reply {
        self.call(function, &json!({ "id": id, "answer": answer.to_string() })).await
    }

    pub(crate) async fn sign_up(&mut self, name: &str, passkey: &mut Authenticator) -> Reply {
        let (id, options) = self.begin_sign_up(name).await;
        let answer = passkey.create(self.site.origin, &options);
        self.finish("finish_sign_up", &id, &answer).await
    }

    pub(crate) async fn sign_in(&mut self, passkey: &mut Authenticator) -> Reply {
        let (id, options) = self.begin_sign_in().await;
        let answer = passkey.get(self.site.origin, &options);
        self.finish("finish_sign_in", &id, &answer).await
    }

    /// A sign-in as pages do it: where it is refused they ask what the device is to be told, null for nothing.
    pub(crate) async fn try_to_sign_in(&mut self, passkey: &mut Authenticator) -> (Reply, Value) {
        let (id, options) = self.begin_sign_in().await;
        let answer = passkey.get(self.site.origin, &options);
        let reply = self.finish("finish_sign_in", &id, &answer).await;
        let stray = self.finish("stray_passkey", &id, &answer).await;
        assert_eq!(stray.status, StatusCode::OK, "{}", stray.text);
        (reply, stray.json())
    }

    /// The account of whoever is signed in here; null for nobody.
    pub(crate) async fn account(&mut self) -> Value {
        let reply = self.call("look_up_account", &json!({})).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
        reply.json()
    }

    pub(crate) async fn is_signed_in(&mut self) -> bool {
        !self.account().await.is_null()
    }
}

/// A site on which one person has signed up, and the passkey of this person.
pub(crate) async fn site_of_ada() -> (TestSite, Authenticator) {
    let site = TestSite::new().await;
    let mut passkey = Authenticator::new(1);
    let reply = site.browser().sign_up("ada", &mut passkey).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    (site, passkey)
}

pub(crate) fn begun(reply: &Reply) -> (String, Value) {
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let begun = reply.json();
    let options = begun["options"].as_str().expect("options are text");
    let id = begun["id"].as_str().expect("the id is text").to_owned();
    (id, serde_json::from_str(options).expect("options are JSON"))
}
