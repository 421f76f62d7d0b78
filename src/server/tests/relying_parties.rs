//! Relying parties of the operator's: what they may be, that they are sealed from one another, and
//! that nothing of them stays.

use serde_json::Value;

use super::authenticator::Authenticator;
use super::{TestSite, postgres, site_of_ada};
use crate::server::database::sql;
use crate::server::passkeys::{
    Binding, ChangeError, Changes, Error, Label, Passkeys, Purpose, RelyingParty, Settings,
    SettingsError, Tenant, UserHandle, UserVerification,
};

pub(super) const SHOP: &str = "http://localhost:9000";

const LABEL: Label<'static> = Label { name: "ada@example.com", display_name: "Ada" };

pub(super) fn settings(origins: &[&str], policy: UserVerification) -> Settings {
    let origins: Vec<String> = origins.iter().map(|origin| (*origin).to_owned()).collect();
    Settings::new("Shop", "localhost", &origins, policy, "none").expect("sound settings")
}

pub(super) async fn shop(site: &TestSite) -> RelyingParty {
    let settings = settings(&[SHOP], UserVerification::Required);
    site.site.passkeys.create_relying_party(settings).await.expect("a relying party").party
}

/// Registers a passkey of somebody new.
pub(super) async fn register(
    passkeys: &Passkeys,
    party: &RelyingParty,
    passkey: &mut Authenticator,
) -> Result<UserHandle, Error> {
    let (user, binding) = (passkeys.new_user_handle(), Binding::to_holder_of("a browser"));
    let purpose = Purpose::NewAccount;
    let begun = passkeys.begin_registration(party, purpose, &user, LABEL, &binding).await?;
    let options: Value = serde_json::from_str(&begun.options).expect("options");
    let answer = passkey.create(&party.origins()[0], &options).to_string();
    let done = passkeys.finish_registration(party, purpose, &begun.id, &binding, &answer).await?;
    Ok(done.user().clone())
}

/// Answers at one relying party with a passkey; the ceremony was begun at another, perhaps.
pub(super) async fn answer_at(
    passkeys: &Passkeys,
    (begun_at, answered_at): (&RelyingParty, &RelyingParty),
    passkey: &mut Authenticator,
) -> Result<(UserHandle, bool), String> {
    let binding = Binding::to_holder_of("a browser");
    let begun = passkeys.begin_authentication(begun_at, &binding).await.expect("options");
    let options: Value = serde_json::from_str(&begun.options).expect("options");
    let answer = passkey.get(&begun_at.origins()[0], &options).to_string();
    let done = passkeys.finish_authentication(answered_at, &begun.id, &binding, &answer).await;
    done.map(|done| (done.user().clone(), done.is_user_verified()))
        .map_err(|failed| failed.error.to_string())
}

#[test]
fn what_a_relying_party_may_be() {
    let new = |name: &str, rp_id: &str, origins: &[&str], attestation: &str| {
        let origins: Vec<String> = origins.iter().map(|origin| (*origin).to_owned()).collect();
        let required = UserVerification::Required;
        Settings::new(name, rp_id, &origins, required, attestation).map_err(|e| e.to_string())
    };
    for (rp_id, origins) in [
        ("localhost", &["http://localhost:9000", "http://app.localhost"][..]),
        ("app.localhost", &["https://app.localhost:8443"]),
        ("example.com", &["https://example.com", "https://www.example.com:8443"]),
        ("xn--mnchen-3ya.example", &["https://xn--mnchen-3ya.example"]),
    ] {
        assert!(new("Shop", rp_id, origins, "none").is_ok(), "{rp_id} {origins:?}");
    }
    for bad in [
        "",
        "127.0.0.1",
        "[::1]",
        "2130706433",
        "0x7f.1",
        "Example.com",
        "example.com.",
        "*.example.com",
        "example.com:443",
        "example.com/",
        "https://example.com",
        "a@example.com",
        "münchen.example",
        ".example.com",
        "example..com",
        "-a.example",
        " example.com",
        "exa mple.com",
        "a?b",
        "a#b",
    ] {
        let refused = new("Shop", bad, &["https://example.com"], "none").expect_err(bad);
        assert!(refused.contains("is not a domain"), "{refused}");
    }
    for (bad, why) in [
        ("https://example.com/", "must be written as browsers do: \"https://example.com\""),
        ("https://EXAMPLE.com", "must be written as browsers do"),
        ("https://example.com:443", "must be written as browsers do"),
        ("https://example.com\t", "must be written as browsers do"),
        ("https://example.com/shop", "no path, query or user"),
        ("https://ada@example.com", "no path, query or user"),
        ("https://*.example.com", "a wildcard"),
        ("http://example.com", "must be https"),
        ("ftp://example.com", "must begin with https://"),
        ("android:apk-key-hash:AAAA", "must name a host"),
        ("example.com", "is not a URL"),
        ("null", "is not a URL"),
        ("", "is not a URL"),
        ("https://badexample.com", "is not on the RP ID \"example.com\" or below it"),
        ("https://example.com.evil.example", "or below it"),
        ("https://com", "or below it"),
    ] {
        let refused = new("Shop", "example.com", &[bad], "none").expect_err(bad);
        assert!(refused.contains(why), "{bad}: {refused}");
    }
    let good = ["https://example.com"];
    assert_eq!(new("Shop", "example.com", &[], "none"), Err(SettingsError::NoOrigin.to_string()));
    let twice = [good[0], good[0]];
    assert!(new("Shop", "example.com", &twice, "none").expect_err("twice").contains("twice"));
    let many: Vec<String> = (1..=21).map(|port| format!("https://example.com:{port}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert!(new("Shop", "example.com", &many, "none").expect_err("many").contains("at most 20"));
    assert!(new("Shop", "example.com", &many[..20], "none").is_ok());
    for name in ["", "a\nb", "a\u{7f}", &"x".repeat(65)] {
        assert!(new(name, "example.com", &good, "none").expect_err(name).contains("the name"));
    }
    assert!(new(&"ü".repeat(64), "example.com", &good, "none").is_ok());
    let direct = new("Shop", "example.com", &good, "direct").expect_err("no attestation");
    assert!(direct.contains("\"direct\" is not supported"), "{direct}");
}

#[tokio::test]
async fn they_are_kept_as_they_were_said() {
    let site = TestSite::new().await;
    let passkeys = &site.site.passkeys;
    assert!(
        passkeys.relying_parties().await.expect("a list").is_empty(),
        "the own one is not there"
    );
    let party = shop(&site).await;
    site.pass_seconds(1);
    let settings = settings(&[SHOP, "http://a.localhost"], UserVerification::Preferred);
    let other = passkeys.create_relying_party(settings).await.expect("another").party;
    assert!(party.id().starts_with("rp_") && party.id().len() == 25 && party.id() != other.id());
    let all = passkeys.relying_parties().await.expect("a list");
    let ids: Vec<&str> = all.iter().map(|tenant| tenant.party.id()).collect();
    assert_eq!(ids, [party.id(), other.id()]);
    let found = passkeys.tenant(other.id()).await.expect("an answer").expect("the other");
    let Tenant { party: found, created_at } = found;
    assert_eq!((found.name(), found.rp_id(), found.attestation()), ("Shop", "localhost", "none"));
    assert_eq!(found.origins(), [SHOP, "http://a.localhost"]);
    assert_eq!(found.user_verification(), UserVerification::Preferred);
    assert_eq!(created_at.to_string(), "2026-11-23T12:05:01Z");
    for id in ["rp_keyfold", "", "rp_", "' or true --", "%"] {
        assert!(passkeys.relying_party(id).await.expect("an answer").is_none(), "{id}");
        assert!(passkeys.remove_relying_party(id).await.expect("an answer").is_none(), "{id}");
        let changed = passkeys.change_relying_party(id, Changes::default()).await;
        assert!(matches!(changed, Err(ChangeError::NotFound(_))), "{id}");
    }
}

#[tokio::test]
async fn a_change_is_checked_as_a_whole_or_nothing_changes() {
    let site = TestSite::new().await;
    let passkeys = &site.site.passkeys;
    let party = shop(&site).await;
    let origins = Some(vec!["https://shop.example".to_owned()]);
    let changes = Changes { name: Some("Other".into()), origins, user_verification: None };
    let refused = passkeys.change_relying_party(party.id(), changes).await;
    let elsewhere = |error| matches!(error, ChangeError::Settings(SettingsError::Elsewhere { .. }));
    assert!(refused.is_err_and(elsewhere));
    let stored = passkeys.relying_party(party.id()).await.expect("an answer").expect("it is there");
    assert_eq!((stored.name(), stored.origins()), ("Shop", &[SHOP.to_owned()][..]));

    let origins = Some(vec!["http://localhost:9001".to_owned()]);
    let changes = Changes { origins, ..Changes::default() };
    let moved = passkeys.change_relying_party(party.id(), changes).await.expect("a change");
    assert_eq!(moved.party.name(), "Shop");
    let mut passkey = Authenticator::new(1);
    register(passkeys, &moved.party, &mut passkey).await.expect("the new origin is good");
    let refused = register(passkeys, &party, &mut Authenticator::new(2)).await;
    assert!(refused.is_ok(), "whoever still holds the old settings uses them to the end");
    let begun_before = (&party, &moved.party);
    let refused = answer_at(passkeys, begun_before, &mut passkey).await.expect_err("old origin");
    assert!(refused.contains("origin_mismatch"), "{refused}");
}

#[tokio::test]
async fn relying_parties_are_sealed_from_one_another() {
    let site = TestSite::new().await;
    let passkeys = &site.site.passkeys;
    // The same RP ID and the same origin: nothing but the id keeps them apart.
    let (shop, forum) = (shop(&site).await, shop(&site).await);
    let mut passkey = Authenticator::new(1);
    let user = register(passkeys, &shop, &mut passkey).await.expect("a passkey");
    let done = answer_at(passkeys, (&shop, &shop), &mut passkey).await;
    assert_eq!(done, Ok((user.clone(), true)));
    let refused =
        answer_at(passkeys, (&forum, &forum), &mut passkey).await.expect_err("a stranger");
    assert!(refused.contains("unknown_credential"), "{refused}");
    for parties in [(&shop, &forum), (&forum, &shop), (&shop, &site.site.relying_party)] {
        let refused = answer_at(passkeys, parties, &mut passkey).await.expect_err("not its own");
        assert_eq!(refused, "no ceremony waits for this answer");
    }
    assert!(passkeys.credentials(&forum, &user).await.expect("a list").is_empty());
    assert_eq!(passkeys.count_passkeys(&shop).await.expect("a number"), 1);
    assert_eq!(passkeys.count_passkeys(&forum).await.expect("a number"), 0);
    // The same passkey may be registered at both, as two.
    let theirs = register(passkeys, &forum, &mut passkey).await.expect("a passkey");
    assert_ne!(theirs, user);
    let done = answer_at(passkeys, (&forum, &forum), &mut passkey).await;
    assert_eq!(done, Ok((theirs, true)));
}

#[tokio::test]
async fn nothing_stays_of_one_that_is_removed() {
    let (site, mut ada) = site_of_ada().await;
    let passkeys = &site.site.passkeys;
    let (shop, forum) = (shop(&site).await, shop(&site).await);
    for (party, seed) in [(&shop, 11), (&shop, 12), (&forum, 13)] {
        register(passkeys, party, &mut Authenticator::new(seed)).await.expect("a passkey");
        passkeys.create_api_key(party, "backend", None).await.expect("a key");
    }
    let removed = passkeys.remove_relying_party(shop.id()).await;
    assert_eq!(removed.expect("it can be done"), Some(2));
    let pool = passkeys.database().reader();
    let tables = postgres::tables_that_name_relying_parties(pool).await;
    assert!(tables.len() >= 3, "{tables:?}");
    for (table, _) in tables {
        let count = format!("select count(*) from {table} where relying_party = $1");
        let count = sql::query_scalar::<i64>(sqlx::AssertSqlSafe(count)).bind(shop.id());
        assert_eq!(count.fetch_one(pool).await.expect("a number"), 0, "{table}");
    }
    assert!(passkeys.remove_relying_party(shop.id()).await.expect("an answer").is_none());
    assert_eq!(passkeys.count_passkeys(&forum).await.expect("a number"), 1);
    assert_eq!(passkeys.api_keys(None).await.expect("a list").len(), 1);
    assert_eq!(site.browser().sign_in(&mut ada).await.status, 200, "the own pages go on");
}

/// A table that comes later and lets go of nothing would make every removal fail.
#[tokio::test]
async fn every_table_lets_go_of_a_relying_party() {
    let site = TestSite::new().await;
    let pool = site.site.passkeys.database().reader();
    let source = include_str!("../passkeys/relying_parties.rs");
    for (table, on_delete) in postgres::tables_that_name_relying_parties(pool).await {
        let by_hand = format!("\"delete from {table} where relying_party = $1\"");
        assert!(on_delete == "CASCADE" || source.contains(&by_hand), "{table}");
    }
}
