//! The console: nobody but an admin finds it, and what an admin does there.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::Method;
use axum::http::header::{CONTENT_TYPE, ORIGIN};
use serde_json::{Value, json};

use super::authenticator::Authenticator;
use super::{Browser, Reply, TestSite, site_of_ada};
use crate::server::accounts::UserName;
use crate::server::passkeys::UserHandle;

/// Who has this name.
pub(super) async fn handle_of(site: &TestSite, name: &str) -> UserHandle {
    let name = UserName::parse(name).expect("a name");
    site.site.accounts.person(&name).await.expect("an answer").expect("a person").handle
}

/// A site with ada, who is its admin, signed in; and grace, who is not.
pub(super) async fn site_of_admin() -> (TestSite, Authenticator, Authenticator) {
    let (site, ada) = site_of_ada().await;
    let mut grace = Authenticator::new(2);
    site.browser().sign_up("grace", &mut grace).await;
    site.site.accounts.make_admin(&handle_of(&site, "ada").await).await.expect("an admin");
    (site, ada, grace)
}

pub(super) async fn act(browser: &mut Browser<'_>, deed: Value) -> Reply {
    browser.call("console/act", &json!({ "deed": deed, "typed": [] })).await
}

/// The page but for what differs each time, and what is said beside it.
fn seen(reply: &Reply) -> (u16, Vec<(String, String)>, String) {
    let nonce = regex::Regex::new(r#"nonce-?=?"?[^"' ]+"#).expect("a pattern");
    // The page says how its own id begins.
    let reference = reply.header("x-request-id")[.."7KQ4-M2XD".len()].to_owned();
    let blind = |text: &str| nonce.replace_all(text, "").replace(&reference, "its own reference");
    let headers = reply.headers.iter().map(|(name, value)| {
        let value = value.to_str().expect("letters");
        // Each request has an id of its own, and each is as long as the others.
        let is_id = name == "x-request-id";
        (name.to_string(), if is_id { value.len().to_string() } else { blind(value) })
    });
    (reply.status.as_u16(), headers.collect(), blind(&reply.text))
}

const BEHIND: [&str; 6] = [
    "/console",
    "/console/",
    "/console/users",
    "/console/users/nobody",
    "/console/no-such-place",
    "/console/users?q=ada",
];

#[tokio::test]
async fn for_everybody_but_an_admin_there_is_no_console() {
    let (site, _, mut grace) = site_of_admin().await;
    let mut strangers = site.browser();
    let mut graces = site.browser();
    graces.sign_in(&mut grace).await;
    for browser in [&mut strangers, &mut graces] {
        for path in BEHIND {
            let unknown = browser.get("/no-such-page").await;
            let reply = browser.get(path).await;
            assert_eq!(reply.status, 404, "{path}");
            let (seen, unknown) = (seen(&reply), seen(&unknown));
            if path.contains('?') {
                assert_eq!((seen.0, seen.1), (unknown.0, unknown.1), "{path}");
            } else {
                assert_eq!(seen, unknown, "{path}");
            }
        }
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::HEAD, Method::OPTIONS] {
            let mut seen_at = Vec::new();
            for path in ["/console/users", "/no-such-page"] {
                let request = browser.request(method.clone(), path);
                let request = request.header(ORIGIN, site.origin);
                let request = request.header(CONTENT_TYPE, "application/json");
                let request = request.body(Body::from("{}")).expect("a request");
                seen_at.push(seen(&browser.send(request).await));
            }
            assert_eq!(seen_at[0], seen_at[1], "{method}");
        }
    }
}

#[tokio::test]
async fn for_everybody_but_an_admin_the_functions_of_the_console_are_not_there() {
    let (site, _, mut grace) = site_of_admin().await;
    let ada = handle_of(&site, "ada").await.to_string();
    let mut graces = site.browser();
    graces.sign_in(&mut grace).await;
    for browser in [&mut site.browser(), &mut graces] {
        for (function, arguments) in [
            ("console/act", json!({ "deed": { "disable_user": ada }, "typed": [] })),
            ("console/act", json!({ "deed": { "make_admin": ada }, "typed": [] })),
            ("console/act", json!({ "nonsense": 1 })),
            ("console/look_up_users", json!({ "search": "", "after": "" })),
            ("console/look_up_user", json!({ "id": ada })),
        ] {
            let unknown = browser.call("no_such_function", &arguments).await;
            let reply = browser.call(function, &arguments).await;
            assert_eq!(reply.status, 404, "{function}");
            assert_eq!(seen(&reply), seen(&unknown), "{function}");
        }
    }
    assert!(site.site.accounts.has_admin().await.expect("an answer"));
}

/// Whatever is added to the console is asked here, too: nobody has to think of it.
#[tokio::test]
async fn each_function_of_the_console_is_there_for_admins_only() {
    let (site, mut ada, mut grace) = site_of_admin().await;
    let paths = leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path);
    let paths: BTreeSet<&str> = paths.filter(|path| path.starts_with("/api/console/")).collect();
    assert!(paths.len() > 8 && paths.contains("/api/console/act"), "{paths:?}");
    let (mut strangers, mut graces) = (site.browser(), site.browser());
    graces.sign_in(&mut grace).await;
    let mut adas = site.browser();
    adas.sign_in(&mut ada).await;
    for path in paths {
        let function = path.trim_start_matches("/api/");
        for arguments in [json!({}), json!({ "nonsense": 1 }), json!([])] {
            for browser in [&mut strangers, &mut graces] {
                let unknown = browser.call("no_such_function", &arguments).await;
                let reply = browser.call(function, &arguments).await;
                assert_eq!(reply.status, 404, "{function} {arguments}");
                assert_eq!(seen(&reply), seen(&unknown), "{function} {arguments}");
            }
            let reply = adas.call(function, &arguments).await;
            assert_ne!(reply.status, 404, "{function} is there for an admin: {}", reply.text);
        }
    }
}

#[tokio::test]
async fn an_admin_sees_who_has_an_account() {
    let (site, mut ada, _) = site_of_admin().await;
    let mut browser = site.browser();
    browser.sign_in(&mut ada).await;
    let reply = browser.get("/console").await;
    assert_eq!((reply.status.as_u16(), reply.header("location")), (303, "/console/users"));
    let page = browser.get("/console/users").await;
    assert_eq!((page.status.as_u16(), page.header("cache-control")), (200, "no-store"));
    for part in ["/console.css", ">ada</a>", ">grace</a>", "aria-current=\"page\"", "2 people"] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    let page = browser.get("/console/users?q=GRA").await;
    assert!(
        page.text.contains(">grace</a>") && !page.text.contains(">ada</a></strong>"),
        "{}",
        page.text
    );
    let page = browser.get("/console/users?q=%25").await;
    assert!(!page.text.contains(">grace</a>"), "a sign of the pattern is a letter like others");
    let id = handle_of(&site, "grace").await;
    let page = browser.get(&format!("/console/users/{id}")).await;
    assert_eq!(page.status, 200);
    for part in ["<h1>grace</h1>", &id.to_string(), "Lock out", "Make an admin"] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    for nobody in ["nobody", "AAAA", ""] {
        let page = browser.get(&format!("/console/users/{nobody}x")).await;
        assert_eq!(page.status, 404, "{nobody}");
        assert!(page.text.contains("There is no page here"), "{}", page.text);
    }
}

#[tokio::test]
async fn only_admins_are_shown_the_way_to_the_console() {
    let (site, mut ada, mut grace) = site_of_admin().await;
    let mut browser = site.browser();
    browser.sign_in(&mut ada).await;
    assert!(browser.get("/account").await.text.contains("href=\"/console\""));
    let mut browser = site.browser();
    browser.sign_in(&mut grace).await;
    assert!(!browser.get("/account").await.text.contains("/console"));
}

#[tokio::test]
async fn an_admin_looks_after_people() {
    let (site, mut ada, mut grace) = site_of_admin().await;
    let mut graces = site.browser();
    graces.sign_in(&mut grace).await;
    let mut browser = site.browser();
    browser.sign_in(&mut ada).await;
    let id = handle_of(&site, "grace").await.to_string();
    let reply = act(&mut browser, json!({ "end_sessions": id })).await;
    assert_eq!((reply.status.as_u16(), reply.json()), (200, Value::Null));
    assert!(!graces.is_signed_in().await);
    assert_eq!(act(&mut browser, json!({ "disable_user": id })).await.status, 200);
    assert_eq!(graces.sign_in(&mut grace).await.code(), "refused");
    assert_eq!(act(&mut browser, json!({ "enable_user": id })).await.status, 200);
    assert_eq!(graces.sign_in(&mut grace).await.status, 200);
    let link = act(&mut browser, json!({ "recover_user": id })).await.json();
    let path = link.as_str().and_then(|link| link.strip_prefix(site.origin)).expect("a link");
    let page = site.browser().get(path).await;
    assert!(page.text.contains("grace"), "{}", page.text);
    assert_eq!(act(&mut browser, json!({ "make_admin": id })).await.status, 200);
    assert_eq!(graces.get("/console/users").await.status, 200);
    assert_eq!(act(&mut browser, json!({ "make_no_admin": id })).await.status, 200);
    assert_eq!(graces.get("/console/users").await.status, 404);
    assert_eq!(act(&mut browser, json!({ "delete_user": id })).await.status, 200);
    assert!(!graces.is_signed_in().await);
    assert_eq!(graces.sign_in(&mut grace).await.code(), "refused");
    assert_eq!(act(&mut browser, json!({ "disable_user": id })).await.code(), "not_found");
    assert_eq!(act(&mut browser, json!({ "disable_user": "?" })).await.code(), "not_found");
}

#[tokio::test]
async fn whoever_changes_something_has_proved_lately_who_they_are() {
    let (site, mut ada, _) = site_of_admin().await;
    let mut browser = site.browser();
    browser.sign_in(&mut ada).await;
    let id = handle_of(&site, "grace").await.to_string();
    site.pass_seconds(301);
    let reply = act(&mut browser, json!({ "disable_user": id })).await;
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (403, "stale_sign_in"));
    assert_eq!(browser.get("/console/users").await.status, 200, "looking needs no proof");
    let (step, options) = super::begun(&browser.call("begin_step_up", &json!({})).await);
    let answer = ada.get(site.origin, &options);
    assert_eq!(browser.finish("finish_step_up", &step, &answer).await.status, 200);
    assert_eq!(act(&mut browser, json!({ "disable_user": id })).await.status, 200);
}

#[tokio::test]
async fn the_last_admin_stays() {
    let (site, mut ada, mut grace) = site_of_admin().await;
    let mut browser = site.browser();
    browser.sign_in(&mut ada).await;
    let own = handle_of(&site, "ada").await.to_string();
    let others = handle_of(&site, "grace").await.to_string();
    let last = async |browser: &mut Browser<'_>| {
        for deed in ["disable_user", "delete_user", "make_no_admin"] {
            let reply = act(browser, json!({ deed: own })).await;
            assert_eq!((reply.status.as_u16(), reply.code().as_str()), (409, "last_admin"));
        }
        let reply = browser.call("delete_account", &json!({})).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (409, "last_admin"));
        assert!(browser.is_signed_in().await);
    };
    last(&mut browser).await;
    act(&mut browser, json!({ "make_admin": others })).await;
    act(&mut browser, json!({ "disable_user": others })).await;
    last(&mut browser).await;
    act(&mut browser, json!({ "enable_user": others })).await;
    assert_eq!(browser.call("delete_account", &json!({})).await.status, 200);
    let mut browser = site.browser();
    browser.sign_in(&mut grace).await;
    let reply = act(&mut browser, json!({ "make_no_admin": others })).await;
    assert_eq!(reply.code(), "last_admin");
}

#[tokio::test]
async fn settings_are_shown_with_who_said_them_and_without_secrets() {
    let site = TestSite::with(&[
        ("KEYFOLD_SITE_NAME", "Choir"),
        ("KEYFOLD_SMTP_URL", "smtps://ada:hunter2@mail.example"),
        ("KEYFOLD_ACCOUNTS_DATABASE_URL", "postgres://keyfold:hunter2@db.example/keyfold"),
    ])
    .await;
    let mut browser = site.browser();
    browser.sign_up("ada", &mut Authenticator::new(1)).await;
    assert_eq!(browser.get("/console/settings").await.status, 404);
    site.site.accounts.make_admin(&handle_of(&site, "ada").await).await.expect("an admin");
    let page = browser.get("/console/settings").await;
    assert_eq!(page.status, 200);
    for part in [
        "<code>site_name</code>",
        "<code>Choir</code>",
        "Environment: KEYFOLD_SITE_NAME",
        "<code>smtp_url</code></dt><dd><code>set</code>",
        "<code>accounts_database_url</code></dt><dd><code>set</code>",
        "<code>listen</code></dt><dd><code>127.0.0.1:8080</code>",
        "Default",
    ] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    assert!(!page.text.contains("hunter2"), "{}", page.text);
}
