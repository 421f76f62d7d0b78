//! Recovery codes: who gets them, what a wrong one is told, and how they are kept.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::authenticator::Authenticator;
use super::recovery::{ada_with_codes, outcome, refused};
use super::{TestSite, site_of_ada};

#[tokio::test]
async fn every_wrong_code_is_refused_in_the_same_words() {
    let (site, mut passkey) = site_of_ada().await;
    site.browser().sign_up("eve", &mut Authenticator::new(5)).await;
    let codes = ada_with_codes(&site, &mut passkey).await;
    let used = &codes[0];
    site.browser().begin_recovery("ada", used).await;
    let right_selector = format!("{}-0000-0000-0000", &codes[1][..4]);
    let mut answers = Vec::new();
    for (name, code) in [
        ("ada", "0000-0000-0000-0000"),
        ("ada", right_selector.as_str()),
        ("ada", used),
        ("ada", "nonsense"),
        ("ada", ""),
        ("eve", codes[1].as_str()),
        ("nobody", &codes[1]),
        ("no name at all", &codes[1]),
        ("", ""),
    ] {
        let reply = site.browser().try_code(name, code).await;
        assert_eq!(outcome(&reply), refused(), "{name} {code}");
        let mut answer = reply.json();
        answer["reference"] = Value::Null;
        let headers: Vec<String> = reply.headers.keys().map(ToString::to_string).collect();
        answers.push((answer.to_string(), headers));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "unknown names and wrong codes look alike");
    assert_eq!(site.count_accounts("recoveries").await, 1);
    assert_eq!(site.count_accounts("recovery_codes where used_at is null").await, 9);
}

#[tokio::test]
async fn a_kit_takes_the_place_of_the_one_before() {
    let (site, mut passkey) = site_of_ada().await;
    let mut home = site.browser();
    home.sign_in(&mut passkey).await;
    let old = home.make_codes().await;
    let new = home.make_codes().await;
    assert!(old.iter().all(|code| !new.contains(code)));
    assert_eq!(site.count_accounts("recovery_codes").await, 10);
    assert_eq!(outcome(&site.browser().try_code("ada", &old[0]).await), refused());
    site.browser().begin_recovery("ada", &new[0]).await;
    let ada = home.user().await;
    assert!(site.site.accounts.has_recovery_path(&ada).await.expect("an answer"));
    assert_eq!(home.call("remove_recovery_codes", &json!({})).await.status, StatusCode::OK);
    assert!(!site.site.accounts.has_recovery_path(&ada).await.expect("an answer"));
    assert_eq!(outcome(&site.browser().try_code("ada", &new[1]).await), refused());
}

#[tokio::test]
async fn a_kit_is_for_those_who_have_just_proved_to_be_the_owner() {
    let (site, mut passkey) = site_of_ada().await;
    let mut browser = site.browser();
    assert_eq!(browser.call("make_recovery_codes", &json!({})).await.code(), "signed_out");
    browser.sign_in(&mut passkey).await;
    site.pass(Duration::from_mins(6));
    for function in ["make_recovery_codes", "remove_recovery_codes"] {
        assert_eq!(browser.call(function, &json!({})).await.code(), "stale_sign_in", "{function}");
    }
    assert_eq!(browser.call("look_up_recovery_kit", &json!({})).await.json(), Value::Null);
}

#[tokio::test]
async fn guessing_is_limited_and_the_right_code_is_always_let_in() {
    let site = TestSite::with(&[("KEYFOLD_FAILURES_PER_ACCOUNT", "2")]).await;
    let mut home = site.browser();
    home.sign_up("ada", &mut Authenticator::new(1)).await;
    let codes = home.make_codes().await;
    for name in ["ada", "nobody"] {
        let mut answers = Vec::new();
        for _ in 0..4 {
            let reply = site.browser().try_code(name, "0000-0000-0000-0000").await;
            answers.push(reply.code());
        }
        let limited = ["recovery_refused", "recovery_refused", "rate_limited", "rate_limited"];
        assert_eq!(answers, limited, "{name}");
    }
    site.browser().begin_recovery("ada", &codes[0]).await;
    let site = TestSite::with(&[("KEYFOLD_FAILURES_PER_ADDRESS", "1")]).await;
    for (name, code) in [("a", "recovery_refused"), ("b", "rate_limited")] {
        assert_eq!(site.browser().try_code(name, "x").await.code(), code);
    }
}

#[tokio::test]
async fn codes_and_tokens_are_nowhere_in_the_database() {
    let folder = tempfile::tempdir().expect("a folder");
    let site = TestSite::in_folder(folder.path()).await;
    let mut home = site.browser();
    home.sign_up("ada", &mut Authenticator::new(1)).await;
    let codes = home.make_codes().await;
    let token = site.browser().begin_recovery("ada", &codes[0]).await;
    for entry in std::fs::read_dir(folder.path()).expect("the folder") {
        let content = std::fs::read(entry.expect("an entry").path()).expect("a file");
        let holds =
            |hidden: &str| content.windows(hidden.len()).any(|window| window == hidden.as_bytes());
        assert!(!holds(&token));
        for code in &codes {
            let secret = &code[5..];
            assert!(!holds(secret) && !holds(&secret.replace('-', "")), "a code is there");
        }
    }
    let argon2id = "recovery_codes where hash like '$argon2id$v=19$m=19456,t=2,p=1$%'";
    assert_eq!(site.count_accounts(argon2id).await, 10);
    assert_eq!(site.count_accounts("recoveries where length(token_hash) = 32").await, 1);
}
