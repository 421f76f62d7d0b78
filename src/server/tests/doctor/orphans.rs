//! Who may ask the probe, and passkeys that are nobody's.

use axum::body::Body;
use axum::http::Method;

use crate::server::database::sql;
use crate::server::doctor::remove_orphans;
use crate::server::tests::authenticator::Authenticator;
use crate::server::tests::{TestSite, site_of_ada};

async fn ask(site: &TestSite, secret: &str) -> String {
    let request = site.browser().request(Method::GET, "/healthz").header("keyfold-probe", secret);
    site.answer(request.body(Body::empty()).expect("a request")).await.text
}

#[tokio::test]
async fn the_probe_answers_only_to_a_secret_that_is_open() {
    let site = TestSite::new().await;
    let accounts = &site.site.accounts;
    let (secret, other) = (accounts.open_probe().await, accounts.open_probe().await);
    let (secret, other) = (secret.expect("a secret"), other.expect("a secret"));
    let told = ask(&site, secret.reveal()).await;
    assert!(told.contains("\"target\":\"/healthz\""), "{told}");
    assert!(!told.contains(secret.reveal()), "the secret does not come back");
    for wrong in ["", "x", &"a".repeat(43), &secret.reveal()[1..]] {
        assert_eq!(ask(&site, wrong).await, "ok\n");
    }
    accounts.close_probe(&secret).await.expect("it closes");
    assert_eq!(ask(&site, secret.reveal()).await, "ok\n");
    assert!(ask(&site, other.reveal()).await.contains("target"));
    site.pass_seconds(120);
    assert_eq!(ask(&site, other.reveal()).await, "ok\n");
    assert!(!format!("{other:?}").contains(other.reveal()));
}

#[tokio::test]
async fn passkeys_of_nobody_are_removed_and_no_others() {
    let (site, mut passkey) = site_of_ada().await;
    site.browser().sign_up("grace", &mut Authenticator::new(2)).await;
    assert_eq!(site.count_passkeys("credentials").await, 2);
    assert!(remove_orphans(&site.site).await.says.ends_with(": 0"));
    let gone = sql::query("delete from users where name = 'grace'");
    gone.execute(site.site.accounts.database().writer()).await.expect("she is gone");
    assert!(remove_orphans(&site.site).await.says.ends_with(": 1"));
    assert_eq!(site.count_passkeys("credentials").await, 1);
    assert_eq!(site.browser().sign_in(&mut passkey).await.status, 200);
}

#[tokio::test]
async fn passkeys_stay_where_it_is_the_accounts_that_are_gone() {
    let (site, _) = site_of_ada().await;
    let gone = sql::query("delete from users");
    gone.execute(site.site.accounts.database().writer()).await.expect("they are gone");
    let refused = remove_orphans(&site.site).await;
    assert!(refused.why.contains("no account at all"), "{refused:?}");
    assert_eq!(site.count_passkeys("credentials").await, 1);
}
