//! Who is let in: API keys at the door.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};

use super::super::{Reply, TestSite};
use super::{BackEnd, assert_problem};

async fn ask(site: &TestSite, authorization: Option<&str>) -> Reply {
    let mut request = Request::builder().method(Method::GET).uri("/v1/events");
    if let Some(text) = authorization {
        request = request.header("authorization", text);
    }
    site.answer(request.body(Body::empty()).expect("a request")).await
}

#[tokio::test]
async fn only_a_good_key_is_let_in() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let good = format!("Bearer {}", shop.key);
    assert_eq!(ask(&site, Some(&good)).await.status, StatusCode::OK);
    assert_eq!(ask(&site, Some(&good.replace("Bearer", "bearer"))).await.status, StatusCode::OK);
    let mut wrong_secret = good.clone();
    let last = wrong_secret.pop().expect("a letter");
    wrong_secret.push(if last == 'A' { 'B' } else { 'A' });
    let basic = good.replace("Bearer", "Basic");
    let longer = format!("{good}x");
    for authorization in [
        None,
        Some(""),
        Some("Bearer"),
        Some("Bearer "),
        Some("Bearer kf_"),
        Some("Bearer kf__"),
        Some(shop.key.as_str()),
        Some(basic.as_str()),
        Some(wrong_secret.as_str()),
        Some(longer.as_str()),
    ] {
        let reply = ask(&site, authorization).await;
        assert_problem(&reply, 401, "unauthenticated");
        assert_eq!(reply.header("www-authenticate"), "Bearer");
    }
}

#[tokio::test]
async fn a_revoked_key_and_an_expired_one_say_so() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let passkeys = &site.site.passkeys;
    let hour = std::time::Duration::from_hours(1);
    let party =
        passkeys.relying_party(&shop.party).await.expect("it answers").expect("it is there");
    let (_, short) = passkeys.create_api_key(&party, "short", Some(hour)).await.expect("a key");
    let bearer = format!("Bearer {}", short.reveal());
    assert_eq!(ask(&site, Some(&bearer)).await.status, StatusCode::OK);
    site.pass_seconds(3600);
    assert_problem(&ask(&site, Some(&bearer)).await, 401, "api_key_expired");
    assert_eq!(shop.get("/v1/events").await.status, StatusCode::OK);
    let id = shop.key.split('_').nth(1).expect("an id");
    assert!(passkeys.revoke_api_key(id).await.expect("it answers").is_some());
    assert_problem(&shop.get("/v1/events").await, 401, "api_key_revoked");
}

#[tokio::test]
async fn keyfold_s_own_pages_are_nobody_s_relying_party() {
    let site = TestSite::new().await;
    let own = site.site.passkeys.relying_party("rp_keyfold").await.expect("it answers");
    assert!(own.is_none(), "so that it can have no key");
    let shop = BackEnd::of(&site).await;
    let own = BackEnd { party: "rp_keyfold".into(), key: shop.key, ..shop };
    let reply = own.page("authentications", Some(site.origin), &serde_json::json!({})).await;
    assert_problem(&reply, 404, "not_found");
}
