//! How many tries an address gets.

use axum::http::StatusCode;

use super::TestSite;
use super::authenticator::{Authenticator, Lies};

#[tokio::test]
async fn an_address_may_begin_so_many_ceremonies() {
    let site = TestSite::with(&[("KEYFOLD_BEGINS_PER_MINUTE", "3")]).await;
    for _ in 0..3 {
        site.browser().begin_sign_in().await;
    }
    let reply = site.browser().call("begin_sign_in", &serde_json::json!({})).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (StatusCode::TOO_MANY_REQUESTS, "rate_limited")
    );
    assert!(!reply.header("retry-after").is_empty());
    let page = site.browser().get("/sign-in").await;
    assert!(page.text.contains("Sign in with a passkey"), "the page is there all the same");
}

#[tokio::test]
async fn failures_are_limited_and_the_owner_still_gets_in() {
    let site = TestSite::with(&[("KEYFOLD_FAILURES_PER_ADDRESS", "2")]).await;
    let mut passkey = Authenticator::new(1);
    site.browser().sign_up("ada", &mut passkey).await;
    let lie = Lies { signature: Some(vec![0x30, 0]), ..Lies::default() };
    let mut codes = Vec::new();
    for _ in 0..4 {
        let mut browser = site.browser();
        let (id, options) = browser.begin_sign_in().await;
        let answer = passkey.get_lying(site.origin, &options, &lie);
        codes.push(browser.finish("finish_sign_in", &id, &answer).await.code());
    }
    assert_eq!(codes, ["refused", "refused", "rate_limited", "rate_limited"]);
    assert_eq!(site.browser().sign_in(&mut passkey).await.status, StatusCode::OK);
}

#[tokio::test]
async fn failures_for_one_account_are_limited_by_themselves() {
    let site = TestSite::with(&[("KEYFOLD_FAILURES_PER_ACCOUNT", "1")]).await;
    let (mut ada, mut eve) = (Authenticator::new(1), Authenticator::new(2));
    site.browser().sign_up("ada", &mut ada).await;
    site.browser().sign_up("eve", &mut eve).await;
    let lie = Lies { signature: Some(vec![0x30, 0]), ..Lies::default() };
    let mut codes = Vec::new();
    // Whether the account exists makes no difference.
    let mut nobody = Authenticator::new(3);
    nobody.user_handle = Some(vec![3; 32]);
    for passkey in [&mut ada, &mut eve, &mut nobody] {
        for _ in 0..2 {
            let mut browser = site.browser();
            let (id, options) = browser.begin_sign_in().await;
            let answer = passkey.get_lying(site.origin, &options, &lie);
            codes.push(browser.finish("finish_sign_in", &id, &answer).await.code());
        }
    }
    assert_eq!(codes, ["refused", "rate_limited"].repeat(3));
}
