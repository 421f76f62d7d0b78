//! Looking after the passkeys of users.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::super::TestSite;
use super::super::authenticator::Authenticator;
use super::{BackEnd, assert_problem, begun};
use crate::server::database::sql;

#[tokio::test]
async fn a_list_is_read_page_by_page() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    for seed in 1..=5 {
        shop.passkey_of("ada", seed).await;
        // Some are of the same moment.
        site.pass_seconds(i64::from(seed % 2 == 0));
    }
    let whole = shop.get("/v1/users/ada/credentials").await;
    assert_eq!(whole.json()["nextCursor"], json!(null));
    assert_eq!(whole.header("link"), "");
    let ids = |reply: &Value| -> Vec<Value> {
        let data = reply["data"].as_array().expect("a list");
        data.iter().map(|item| item["id"].clone()).collect()
    };
    let (mut read, mut path) = (Vec::new(), "/v1/users/ada/credentials?limit=2".to_owned());
    loop {
        let reply = shop.get(&path).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
        read.extend(ids(&reply.json()));
        let Some(cursor) = reply.json()["nextCursor"].as_str().map(str::to_owned) else { break };
        let next = format!("/v1/users/ada/credentials?limit=2&cursor={cursor}");
        assert_eq!(reply.header("link"), format!("<http://localhost:8080{next}>; rel=\"next\""));
        path = next;
    }
    assert_eq!(read, ids(&whole.json()));
    assert_eq!(read.len(), 5);
    for limit in ["0", "201", "x", "-1", ""] {
        let reply = shop.get(&format!("/v1/events?limit={limit}")).await;
        assert_problem(&reply, 422, "validation_failed");
        assert_eq!(reply.json()["errors"][0]["pointer"], "/limit");
    }
    for cursor in ["x", "%20", "AAAA", "MTIz"] {
        assert_problem(
            &shop.get(&format!("/v1/events?cursor={cursor}")).await,
            400,
            "invalid_cursor",
        );
    }
    let reply = shop.get("/v1/users/ada/credentials?cursor=MSB4").await;
    assert_problem(&reply, 400, "invalid_cursor");
    // A cursor is of its own list.
    for (from, to) in
        [("/v1/users/ada/credentials", "/v1/events"), ("/v1/events", "/v1/users/ada/credentials")]
    {
        let page = shop.get(&format!("{from}?limit=1")).await.json();
        let cursor = page["nextCursor"].as_str().expect("there are more").to_owned();
        let reply = shop.get(&format!("{to}?cursor={cursor}")).await;
        assert_problem(&reply, 400, "invalid_cursor");
        assert_eq!(shop.get(&format!("{from}?cursor={cursor}")).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn events_are_read_page_by_page_and_count_nothing() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let other = BackEnd::of(&site).await;
    for seed in [1, 2] {
        shop.passkey_of("ada", seed).await;
        other.passkey_of("ada", seed + 2).await;
    }
    // One from before events had names.
    let forget = "update events set name = null where id = (select max(id) from events
        where relying_party = $1)";
    let query = sql::query(forget).bind(&*shop.party);
    query.execute(site.site.passkeys.database().writer()).await.expect("it is changed");
    shop.passkey_of("ada", 5).await;

    let (mut ids, mut path) = (Vec::new(), "/v1/events?limit=1".to_owned());
    loop {
        let page = shop.get(&path).await.json();
        ids.push(page["data"][0]["id"].as_str().expect("an event").to_owned());
        let Some(cursor) = page["nextCursor"].as_str() else { break };
        path = format!("/v1/events?limit=1&cursor={cursor}");
        let read = URL_SAFE_NO_PAD.decode(cursor).expect("base64url");
        let place = ids.last().and_then(|id| id.strip_prefix("evt_"));
        assert_eq!(String::from_utf8(read).ok(), place.map(|place| format!("0 {place}")));
        let foreign = other.get(&path).await.json();
        assert_eq!(foreign["nextCursor"], json!(null), "{foreign}");
    }
    let whole = shop.get("/v1/events").await.json();
    let all = whole["data"].as_array().expect("a list").iter().map(|event| event["id"].clone());
    assert_eq!(all.collect::<Vec<_>>(), ids);
    let counts = |id: &String| id.trim_start_matches("evt_").parse::<u128>().is_ok();
    let counted: Vec<bool> = ids.iter().map(counts).collect();
    assert_eq!(counted, [false, true, false], "{ids:?}");
    // The one after which a page would go on may be gone.
    let all = "delete from events where relying_party = $1";
    let query = sql::query(all).bind(&*shop.party);
    query.execute(site.site.passkeys.database().writer()).await.expect("they are deleted");
    let cursor = URL_SAFE_NO_PAD.encode(format!("0 {}", &ids[0]["evt_".len()..]));
    let page = shop.get(&format!("/v1/events?cursor={cursor}")).await;
    assert_eq!(page.json(), json!({ "data": [], "nextCursor": null }));
}

#[tokio::test]
async fn a_passkey_is_shown_renamed_and_removed() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let mut passkey = shop.passkey_of("ada", 1).await;
    let path = format!("/v1/credentials/{}", passkey.id());
    assert_eq!(shop.get(&path).await.json()["id"], passkey.id());
    let renamed = shop.patch(&path, &json!({ "name": "Laptop" })).await;
    assert_eq!(renamed.json()["name"], "Laptop", "{}", renamed.text);
    assert_eq!(shop.patch(&path, &json!({})).await.json()["name"], "Laptop");
    assert_eq!(shop.patch(&path, &json!({ "name": null })).await.json()["name"], json!(null));
    let reply = shop.patch(&path, &json!({ "name": "" })).await;
    assert_eq!(reply.json()["errors"][0]["pointer"], "/name");
    let reply = shop.patch(&path, &json!({ "signCount": 7 })).await;
    assert_eq!(reply.json()["errors"][0]["pointer"], "/signCount");
    assert_eq!(shop.delete(&path).await.status, StatusCode::NO_CONTENT);
    assert_problem(&shop.get(&path).await, 404, "not_found");
    assert_problem(&shop.delete(&path).await, 404, "not_found");
    assert_problem(&shop.patch(&path, &json!({})).await, 404, "not_found");
    let reply = shop.authenticate(&mut passkey).await;
    assert_problem(&reply, 422, "unknown_credential");
    let signal = json!({ "rpId": "localhost", "credentialId": passkey.id() });
    assert_eq!(reply.json()["signal"], signal);
    // A user who has had passkeys is known without any.
    assert_eq!(shop.get("/v1/users/ada/credentials").await.json()["data"], json!([]));
}

#[tokio::test]
async fn signals_are_ready_to_be_given_to_the_browser() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let passkey = shop.passkey_of("ada", 1).await;
    let user = URL_SAFE_NO_PAD.encode(passkey.user_handle.clone().expect("a handle"));
    let wanted =
        json!({ "rpId": "localhost", "userId": user, "allAcceptedCredentialIds": [passkey.id()] });
    assert_eq!(shop.get("/v1/users/ada/signals").await.json(), wanted);
    assert_problem(&shop.get("/v1/users/eve/signals").await, 404, "not_found");
}

#[tokio::test]
async fn a_removed_user_is_gone_with_all_that_waits() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let mut passkey = shop.passkey_of("ada", 1).await;
    shop.passkey_of("ada", 2).await;
    let mut eve = shop.passkey_of("eve", 3).await;
    let (registration, options) = shop.begin_registration("ada").await;
    let (authentication, _) = shop.begin_authentication(&json!({ "externalId": "ada" })).await;
    let token = json!({ "user": { "externalId": "ada", "name": "Ada" } });
    let token = shop.post("/v1/registration-tokens", &token).await.json()["token"].clone();
    assert_eq!(shop.delete("/v1/users/ada").await.status, StatusCode::NO_CONTENT);
    assert_problem(&shop.delete("/v1/users/ada").await, 404, "not_found");
    assert_problem(&shop.get("/v1/users/ada/credentials").await, 404, "not_found");
    let answer = Authenticator::new(4).create(shop.origin, &options);
    assert_problem(&shop.verify(&registration, &answer).await, 404, "not_found");
    assert_problem(&shop.verify(&authentication, &json!({})).await, 404, "not_found");
    assert_problem(&shop.authenticate(&mut passkey).await, 422, "unknown_credential");
    let begin = shop.page("registrations", Some(super::SHOP), &json!({ "token": token })).await;
    assert_problem(&begin, 404, "not_found");
    let events = shop.get("/v1/events").await;
    assert!(!events.text.contains("\"ada\""), "the past knows them no more: {}", events.text);
    assert_eq!(events.json()["data"][1]["type"], "removal");
    assert_eq!(shop.authenticate(&mut eve).await.status, StatusCode::OK);
    // Who comes back is somebody else.
    let again = shop.passkey_of("ada", 5).await;
    assert_ne!(again.user_handle, passkey.user_handle);
}

#[tokio::test]
async fn what_happened_is_listed_newest_first() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let mut passkey = shop.passkey_of("ada", 1).await;
    shop.authenticate(&mut passkey).await;
    let (ceremony, _) = shop.begin_authentication(&json!({})).await;
    shop.verify(&ceremony, &json!({})).await;
    shop.delete(&format!("/v1/credentials/{}", passkey.id())).await;
    let events = shop.get("/v1/events").await.json();
    let kinds: Vec<&str> = events["data"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|event| event["type"].as_str())
        .collect();
    assert_eq!(kinds, ["removal", "refusal", "authentication", "registration"]);
    for event in events["data"].as_array().expect("a list") {
        assert_eq!(event["reference"].as_str().map(str::len), Some(9), "{event}");
        assert_eq!(event["at"], "2026-11-23T12:05:00Z");
    }
    assert_eq!(events["data"][3]["externalId"], "ada");
    assert_eq!(events["data"][3]["credentialId"], passkey.id());
    assert_eq!(events["data"][1]["code"], "malformed_response");
    site.pass_seconds(31 * 24 * 3600);
    site.site.sweep().await;
    assert_eq!(shop.get("/v1/events").await.json()["data"], json!([]));
}

#[tokio::test]
async fn a_flood_of_refusals_pushes_out_nothing_but_refusals() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let mut passkey = shop.passkey_of("ada", 1).await;
    let (ceremony, _) = shop.begin_authentication(&json!({})).await;
    shop.verify(&ceremony, &json!({})).await;
    let first = shop.get("/v1/events?limit=1").await.json()["data"][0]["reference"].clone();
    let database = site.site.passkeys.database();
    for (statement, count) in [
        (
            "with recursive n (n) as (select 1 union all select n + 1 from n where n < $2)
            insert into events (relying_party, kind, reference, at)
            select $1, 'refusal', 'many', (select max(at) from events) from n",
            10_000_i64,
        ),
        (
            "with recursive n (n) as (select 1 union all select n + 1 from n where n < $2)
            insert into ceremonies (id, relying_party, kind, reference, binding, created_at, expires_at, taken_at, outcome)
            select 'many ' || n, $1, 'authentication', 'many ' || n, (select binding from ceremonies limit 1), 1, 2,
                (select max(taken_at) from ceremonies) + 1, 'refused' from n",
            10_000,
        ),
    ] {
        let query = sql::query(statement).bind(&shop.party).bind(count);
        query.execute(database.writer()).await.expect("sound SQL");
    }
    site.site.sweep().await;
    let select = "select count(*) from events where kind = 'refusal'";
    let refusals: i64 =
        sql::query_scalar(select).fetch_one(database.reader()).await.expect("a number");
    assert_eq!(refusals, 10_000);
    assert_eq!(site.count_passkeys("events").await, 10_001, "the registration is still there");
    let first = first.as_str().expect("a reference");
    assert!(site.site.passkeys.record(first).await.expect("an answer").is_none());
    assert_eq!(site.count_passkeys("ceremonies").await, 10_001);
    assert_eq!(shop.authenticate(&mut passkey).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_handle_from_elsewhere_comes_along_and_is_fixed() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let begin = async |user: &str, handle: &[u8]| {
        let handle = URL_SAFE_NO_PAD.encode(handle);
        let user = json!({ "externalId": user, "name": "Ada", "userHandle": handle });
        shop.post("/v1/registrations", &json!({ "user": user })).await
    };
    let (_, first) = begun(&begin("ada", b"1").await);
    assert_eq!(first["user"]["id"], "MQ");
    // Until there is a passkey it can be another one; what was begun with the old one is over.
    let (stale, stale_options) = begun(&begin("ada", b"2").await);
    let (ceremony, options) = begun(&begin("ada", b"42").await);
    let answer = Authenticator::new(1).create(shop.origin, &stale_options);
    assert_problem(&shop.verify(&stale, &answer).await, 422, "user_handle_mismatch");
    let mut passkey = Authenticator::new(2);
    let reply = shop.verify(&ceremony, &passkey.create(shop.origin, &options)).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let fixed = begin("ada", b"43").await;
    assert_eq!(fixed.json()["errors"][0]["pointer"], "/user/userHandle");
    let taken = begin("eve", b"42").await;
    assert_eq!(taken.json()["errors"][0]["pointer"], "/user/userHandle");
    assert_eq!(begin("ada", b"42").await.status, StatusCode::CREATED);
    assert_eq!(shop.authenticate(&mut passkey).await.json()["externalId"], "ada");
}

#[tokio::test]
async fn a_user_who_never_got_a_passkey_is_forgotten() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    shop.begin_registration("ada").await;
    shop.passkey_of("eve", 1).await;
    assert_eq!(site.count_passkeys("users").await, 2);
    site.pass_seconds(16 * 60);
    site.site.sweep().await;
    assert_eq!(site.count_passkeys("users").await, 1);
    assert_eq!(shop.get("/v1/users/eve/credentials").await.status, StatusCode::OK);
}

#[tokio::test]
async fn ids_of_users_may_hold_any_letters() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    shop.passkey_of("Ada/../Lovelace ü%?", 1).await;
    let path = "/v1/users/Ada%2F..%2FLovelace%20%C3%BC%25%3F/credentials";
    assert_eq!(shop.get(path).await.json()["data"].as_array().map(Vec::len), Some(1));
    assert_problem(&shop.get("/v1/users/%FF/credentials").await, 404, "not_found");
}
