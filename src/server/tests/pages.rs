//! What the pages say before any script runs.

use regex::Regex;

use super::TestSite;
use super::architecture::sources;
use super::authenticator::Authenticator;
use crate::wire::Language;

#[tokio::test]
async fn the_sign_in_page_already_carries_the_challenge_once() {
    let site = TestSite::new().await;
    let page = site.browser().get("/sign-in").await;
    assert_eq!(page.status, 200);
    assert_eq!(page.text.matches("challenge").count(), 1, "{}", page.text);
    assert_eq!(site.count_passkeys("ceremonies").await, 1);
    assert!(page.text.contains("autocomplete=\"username webauthn\""));
    assert!(page.text.contains("<noscript>"));
}

#[tokio::test]
async fn an_account_is_shown_to_its_owner_only() {
    let site = TestSite::new().await;
    let mut browser = site.browser();
    let reply = browser.get("/account").await;
    assert_eq!((reply.status.as_u16(), reply.header("location")), (303, "/sign-in?next=/account"));
    browser.sign_up("Ada", &mut Authenticator::new(1)).await;
    let page = browser.get("/account").await;
    assert_eq!(page.status, 200);
    for part in ["<h1>Ada</h1>", "aria-labelledby=\"passkeys-heading\"", "Sign out", "just now"] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
}

#[tokio::test]
async fn whoever_is_signed_in_is_sent_on() {
    let site = TestSite::new().await;
    let mut browser = site.browser();
    browser.sign_up("ada", &mut Authenticator::new(1)).await;
    for (path, to) in [
        ("/", "/account"),
        ("/sign-up", "/account"),
        ("/sign-in", "/account"),
        ("/sign-in?next=/somewhere%3Fa=b", "/somewhere?a=b"),
        ("/sign-in?next=/%C3%A9t%C3%A9", "/%C3%A9t%C3%A9"),
        ("/sign-in?next=/.//evil.example", "/.//evil.example"),
        ("/sign-in?next=/a/..//evil.example", "/a/..//evil.example"),
        ("/sign-in?next=/%252e//evil.example", "/.//evil.example"),
        ("/sign-in?next=//evil.example", "/account"),
        ("/sign-in?next=/%5Cevil.example", "/account"),
        ("/sign-in?next=https://evil.example", "/account"),
    ] {
        let reply = browser.get(path).await;
        assert_eq!((reply.status.as_u16(), reply.header("location")), (303, to), "{path}");
    }
    assert_eq!(
        site.count_passkeys("ceremonies where kind = 'authentication'").await,
        0,
        "no ceremony was begun for them"
    );
}

#[tokio::test]
async fn strangers_see_what_this_is() {
    let site = TestSite::new().await;
    let page = site.browser().get("/").await;
    assert_eq!(page.status, 200);
    for part in ["href=\"/sign-in\"", "href=\"/sign-up\"", "<title>Keyfold</title>"] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
}

#[tokio::test]
async fn names_are_shown_as_text() {
    let site = TestSite::new().await;
    let mut browser = site.browser();
    let arguments =
        serde_json::json!({ "name": "ada", "display_name": "<script>alert(1)</script>" });
    let (id, options) = super::begun(&browser.call("begin_sign_up", &arguments).await);
    let answer = Authenticator::new(1).create(site.origin, &options);
    browser.finish("finish_sign_up", &id, &answer).await;
    let page = browser.get("/account").await;
    assert!(page.text.contains("&lt;script&gt;alert(1)"), "{}", page.text);
    assert!(!page.text.contains("<script>alert"));
}

#[tokio::test]
async fn an_address_that_leads_nowhere_says_so() {
    let site = TestSite::new().await;
    let page = site.browser().get("/nowhere").await;
    assert_eq!(page.status, 404);
    assert!(page.text.contains("There is no page here"));
}

#[test]
fn whatever_is_told_on_the_next_page_has_words_in_every_language() {
    let named = Regex::new(r"[?&]done=([a-z-]+)").expect("a pattern");
    let mut count = 0;
    for (name, text) in sources().iter().filter(|(name, _)| name.starts_with("app/")) {
        for found in named.captures_iter(text) {
            count += 1;
            for language in Language::ALL {
                let words = language.words();
                let of_console = (words.console.done)(&found[1]);
                let told = (words.account.done)(&found[1]).or(of_console);
                assert!(told.is_some(), "{name}: {} in {language:?}", &found[1]);
            }
        }
    }
    assert!(count > 15, "the pages were found");
}
