//! What can be asked for without end, and is not done without end.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::json;

use super::TestSite;
use super::api::BackEnd;
use super::authenticator::Authenticator;
use super::mail::site_with_mail;
use crate::server::database::sql;

#[tokio::test]
async fn what_nobody_answers_fills_no_disk() {
    let site = TestSite::new().await;
    let shop = BackEnd::of(&site).await;
    let mut passkey = shop.passkey_of("ada", 1).await;
    let kept = site.count_passkeys("ceremonies").await;
    let insert = "with recursive n (n) as (select 1 union all select n + 1 from n where n < 10005)
        insert into ceremonies (id, relying_party, kind, reference, binding, created_at, expires_at,
            taken_at, outcome, client_error_at)
        select $1 || n, $2, 'authentication', $1 || n, (select binding from ceremonies limit 1),
            created_at, created_at + 1, case when $3 then created_at + n end,
            case when $3 then 'expired' end, case when not $3 then created_at + n end
        from n, (select max(created_at) - 700000 as created_at from ceremonies) as before";
    for (name, is_late) in [("late ", true), ("failed ", false)] {
        let query = sql::query(insert).bind(name).bind(&shop.party).bind(is_late);
        query.execute(site.site.passkeys.database().writer()).await.expect("sound SQL");
    }
    assert_eq!(site.count_passkeys("ceremonies").await, kept + 20_010);
    site.site.sweep().await;
    assert_eq!(site.count_passkeys("ceremonies where outcome = 'expired'").await, 10_000);
    assert_eq!(site.count_passkeys("ceremonies where taken_at is null").await, 10_000);
    for oldest in ["id = 'late 1'", "id = 'failed 5'"] {
        let left = format!("ceremonies where {oldest}");
        assert_eq!(site.count_passkeys(Box::leak(left.into_boxed_str())).await, 0, "{oldest}");
    }
    assert_eq!(site.count_passkeys("ceremonies").await, kept + 20_000, "what succeeded stays");
    assert_eq!(shop.authenticate(&mut passkey).await.status, StatusCode::OK);
}

#[tokio::test]
async fn one_address_gets_so_many_mails_a_day_whoever_asks() {
    let site = site_with_mail().await;
    let ask = async |number: u64, address: &str| {
        let mut browser = site.browser();
        let mut passkey = Authenticator::new(100 + number);
        let reply = browser.sign_up(&format!("eve{number}"), &mut passkey).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
        // Whether others have asked is not told.
        let reply = browser.add_email(address).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
        if number == 0 {
            // An account that goes does not make room.
            assert_eq!(browser.call("delete_account", &json!({})).await.status, StatusCode::OK);
        }
        site.post().await.len()
    };
    let mut mails = 0;
    for number in 0..42 {
        mails +=
            ask(number, if number % 2 == 0 { "ada@example.com" } else { "Ada@Example.com" }).await;
    }
    assert_eq!(mails, 39, "40 were queued, of which one went with its account");
    assert_eq!(ask(50, "grace@example.com").await, 1);
    site.pass(Duration::from_hours(24));
    assert_eq!(ask(51, "ada@example.com").await, 1);
    site.pass(Duration::from_hours(24));
    site.site.sweep().await;
    assert_eq!(site.count_accounts("asked_addresses").await, 0);
}

#[tokio::test]
async fn names_are_not_tried_out_at_full_speed() {
    let site = TestSite::with(&[("KEYFOLD_BEGINS_PER_MINUTE", "4")]).await;
    let mut browser = site.browser();
    let reply = browser.sign_up("eve", &mut Authenticator::new(1)).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let mut codes = Vec::new();
    for number in 0..4 {
        let names = json!({ "name": format!("eve{number}"), "display_name": "" });
        codes.push(browser.call("change_names", &names).await.code());
    }
    assert_eq!(codes, ["", "", "", "rate_limited"]);
}
