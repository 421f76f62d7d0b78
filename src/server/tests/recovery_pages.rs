//! What the recovery pages say before any script runs.

use serde_json::json;

use super::authenticator::Authenticator;
use super::recovery::ada_with_codes;
use super::{TestSite, site_of_ada};

#[tokio::test]
async fn the_page_of_a_recovery_says_where_it_stands() {
    let (site, mut passkey) = site_of_ada().await;
    let codes = ada_with_codes(&site, &mut passkey).await;
    let mut browser = site.browser();
    let page = browser.get("/recover").await;
    assert!(page.status == 200 && page.text.contains("id=\"recovery-code\""), "{}", page.text);
    assert!(browser.get("/sign-in").await.text.contains("href=\"/recover\""));
    let token = browser.begin_recovery("ada", &codes[0]).await;
    let page = browser.get(&format!("/recover/{token}")).await;
    for part in
        ["Your recovery has begun", "<dd>ada</dd>", "in 1 day", "24 November 2026, 12:05 UTC"]
    {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    assert!(!page.text.contains(&token), "the address alone has it");
    site.pass(std::time::Duration::from_hours(24));
    for _ in 0..2 {
        let page = browser.get(&format!("/recover/{token}")).await;
        assert!(page.text.contains("Create a new passkey"), "{}", page.text);
    }
    assert_eq!(site.count_passkeys("ceremonies where kind = 'registration'").await, 1);
    let mut home = site.browser();
    home.sign_in(&mut passkey).await;
    home.call("cancel_recovery", &json!({})).await;
    let page = browser.get(&format!("/recover/{token}")).await;
    assert!(page.text.contains("data-code=\"recovery_cancelled\""), "{}", page.text);
    let page = browser.get("/recover/nonsense?lang=de").await;
    assert_eq!(page.header("location"), "/recover/nonsense");
    let page = browser.get("/recover/nonsense").await;
    assert!(page.text.contains("Dieser Link gilt nicht mehr."), "{}", page.text);
}

#[tokio::test]
async fn the_page_of_the_kit_is_for_its_owner() {
    let settings = [("KEYFOLD_RATE_LIMITS", "off"), ("KEYFOLD_SITE_NAME", "Ada's Home")];
    let site = TestSite::with(&settings).await;
    let mut browser = site.browser();
    let reply = browser.get("/account/recovery-codes").await;
    let to = "/sign-in?next=/account/recovery-codes";
    assert_eq!((reply.status.as_u16(), reply.header("location")), (303, to));
    browser.sign_up("ada", &mut Authenticator::new(1)).await;
    let page = browser.get("/account/recovery-codes").await;
    for part in ["Show new codes", "Ada's Home", "http://localhost:8080/recover", "<dd>ada</dd>"] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    assert_eq!(site.count_accounts("recovery_codes").await, 0, "looking makes none");
    assert!(!page.text.contains("replace the ones"));
    browser.make_codes().await;
    assert!(browser.get("/account/recovery-codes").await.text.contains("replace the ones"));
}

#[tokio::test]
async fn whoever_is_signed_in_is_warned() {
    let (site, mut passkey) = site_of_ada().await;
    let mut home = site.browser();
    home.sign_in(&mut passkey).await;
    let codes = home.make_codes().await;
    let page = home.get("/account/recovery-codes").await;
    assert!(!page.text.contains("has begun"), "{}", page.text);
    site.browser().begin_recovery("ada", &codes[0]).await;
    let page = home.get("/account/recovery-codes").await;
    for part in
        ["A recovery of your account has begun", "role=\"alert\"", "0.0.0.0/24", "Call it off"]
    {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    let ada = home.user().await;
    site.site.accounts.open_recovery(&ada).await.expect("a link");
    let page = home.get("/account/recovery-codes").await;
    assert!(page.text.contains("Your administrator</dd>"), "{}", page.text);
}
