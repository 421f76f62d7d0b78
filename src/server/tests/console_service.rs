//! The console's pages of the passkey service: what is seen there, found there, and done there.

use serde_json::{Value, json};

use super::authenticator::Authenticator;
use super::console::{act, site_of_admin};
use super::{Browser, Reply, TestSite};

/// The admin's browser.
async fn admin<'a>(site: &'a TestSite, ada: &mut Authenticator) -> Browser<'a> {
    let mut browser = site.browser();
    assert_eq!(browser.sign_in(ada).await.status, 200);
    browser
}

async fn act_with(browser: &mut Browser<'_>, deed: Value, typed: &[&str]) -> Reply {
    browser.call("console/act", &json!({ "deed": deed, "typed": typed })).await
}

async fn parties(browser: &mut Browser<'_>) -> Value {
    let reply = browser.call("console/look_up_relying_parties", &json!({})).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

async fn events(browser: &mut Browser<'_>, search: Value) -> Value {
    let mut whole = json!({ "kind": "", "user": "", "reference": "", "party": "", "before": 0 });
    for (name, value) in search.as_object().expect("an object") {
        whole[name] = value.clone();
    }
    let reply = browser.call("console/look_up_events", &json!({ "search": whole })).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

async fn passkeys(browser: &mut Browser<'_>, search: Value) -> Value {
    let mut whole = json!({ "user": "", "party": "", "aaguid": "", "after": "" });
    for (name, value) in search.as_object().expect("an object") {
        whole[name] = value.clone();
    }
    let reply = browser.call("console/look_up_passkeys", &json!({ "search": whole })).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

/// Creates a relying party, and gives its id.
async fn shop(browser: &mut Browser<'_>) -> String {
    let typed = ["Shop", "shop.example", "https://shop.example https://www.shop.example"];
    let reply = act_with(browser, json!("create_relying_party"), &typed).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    parties(browser).await[0]["id"].as_str().expect("an id").to_owned()
}

const PAGES: [&str; 6] = [
    "/console/passkeys",
    "/console/relying-parties",
    "/console/relying-parties/rp_keyfold",
    "/console/events?reference=7KQ4-M2XD",
    "/console/insight",
    "/console/insight/funnel.csv",
];

#[tokio::test]
async fn for_everybody_but_an_admin_the_pages_and_files_are_not_there() {
    let (site, _, mut grace) = site_of_admin().await;
    let mut graces = site.browser();
    graces.sign_in(&mut grace).await;
    for browser in [&mut site.browser(), &mut graces] {
        let unknown = browser.get("/no-such-page").await;
        for path in PAGES {
            let reply = browser.get(path).await;
            assert_eq!(reply.status, 404, "{path}");
            assert_eq!(reply.header("content-type"), unknown.header("content-type"), "{path}");
            assert_eq!(reply.header("content-disposition"), "", "{path}");
        }
        for function in
            ["look_up_relying_parties", "look_up_passkeys", "look_up_events", "look_into"]
        {
            let reply = browser.call(&format!("console/{function}"), &json!({})).await;
            assert_eq!(reply.status, 404, "{function}");
        }
        let reply = act_with(browser, json!("create_relying_party"), &["A", "a.example", ""]).await;
        assert_eq!(reply.status, 404, "{}", reply.text);
    }
}

#[tokio::test]
async fn an_admin_looks_after_a_relying_party() {
    let (site, mut ada, _) = site_of_admin().await;
    let mut browser = admin(&site, &mut ada).await;
    assert_eq!(parties(&mut browser).await, json!([]));
    let id = shop(&mut browser).await;
    let page = browser.get(&format!("/console/relying-parties/{id}")).await;
    assert_eq!((page.status.as_u16(), page.header("cache-control")), (200, "no-store"));
    for part in ["<h1>Shop</h1>", "https://www.shop.example", "required", "There is no key yet"] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    let change = json!({ "change_relying_party": id });
    let reply = act_with(&mut browser, change, &["Store", "https://shop.example"]).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(act(&mut browser, json!({ "prefer_verification": id })).await.status, 200);
    let seen = &parties(&mut browser).await[0];
    assert_eq!(seen["name"], "Store");
    assert_eq!(seen["origins"], json!(["https://shop.example"]));
    assert_eq!(seen["requires_verification"], false);
    assert_eq!(act(&mut browser, json!({ "remove_relying_party": id })).await.status, 200);
    assert_eq!(parties(&mut browser).await, json!([]));
    let again = act(&mut browser, json!({ "remove_relying_party": id })).await;
    assert_eq!((again.status.as_u16(), again.code().as_str()), (404, "not_found"));
}

#[tokio::test]
async fn what_cannot_be_is_told() {
    let (site, mut ada, _) = site_of_admin().await;
    let mut browser = admin(&site, &mut ada).await;
    for (typed, code) in [
        (["", "shop.example", "https://shop.example"], "relying_party_invalid"),
        (["Shop", "https://shop.example", "https://shop.example"], "rp_id_invalid"),
        (["Shop", "192.0.2.1", "https://192.0.2.1"], "rp_id_invalid"),
        (["Shop", "shop.example", ""], "relying_party_invalid"),
        (["Shop", "shop.example", "https://elsewhere.example"], "relying_party_invalid"),
    ] {
        let reply = act_with(&mut browser, json!("create_relying_party"), &typed).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (422, code), "{typed:?}");
    }
    let id = shop(&mut browser).await;
    for typed in [["", ""], ["backend", "0"], ["backend", "36501"], ["backend", "a year"]] {
        let reply = act_with(&mut browser, json!({ "create_api_key": id }), &typed).await;
        assert_eq!(reply.code(), "api_key_invalid", "{typed:?}");
    }
    // Keyfold's own pages are in nobody's reach.
    for deed in ["remove_relying_party", "create_api_key", "prefer_verification"] {
        let reply = act_with(&mut browser, json!({ deed: "rp_keyfold" }), &["a", ""]).await;
        assert_eq!(reply.code(), "not_found", "{deed}");
    }
}

#[tokio::test]
async fn whatever_changes_something_wants_a_fresh_proof() {
    let (site, mut ada, _) = site_of_admin().await;
    let mut browser = admin(&site, &mut ada).await;
    let id = shop(&mut browser).await;
    site.pass_seconds(301);
    for deed in [
        json!("create_relying_party"),
        json!({ "change_relying_party": id }),
        json!({ "require_verification": id }),
        json!({ "prefer_verification": id }),
        json!({ "remove_relying_party": id }),
        json!({ "create_api_key": id }),
        json!({ "revoke_api_key": "abc" }),
    ] {
        let reply = act(&mut browser, deed.clone()).await;
        assert_eq!(
            (reply.status.as_u16(), reply.code().as_str()),
            (403, "stale_sign_in"),
            "{deed}"
        );
    }
}

#[tokio::test]
async fn the_secret_of_an_api_key_is_told_once_and_works_until_it_is_revoked() {
    let (site, mut ada, _) = site_of_admin().await;
    let mut browser = admin(&site, &mut ada).await;
    let id = shop(&mut browser).await;
    let create = json!({ "create_api_key": id });
    let reply = act_with(&mut browser, create, &["backend", "30"]).await;
    let secret = reply.json().as_str().expect("a secret").to_owned();
    assert!(secret.starts_with("kf_"), "{secret}");
    let caller = site.site.passkeys.caller(&secret).await.expect("a good key");
    assert_eq!(caller.party.id(), id);
    let page = browser.get(&format!("/console/relying-parties/{id}")).await;
    assert!(page.text.contains("backend") && page.text.contains(&caller.key), "{}", page.text);
    assert!(!page.text.contains(&secret));
    let revoke = json!({ "revoke_api_key": caller.key });
    assert_eq!(act(&mut browser, revoke).await.status, 200);
    site.site.passkeys.caller(&secret).await.expect_err("it is revoked");
    let page = browser.get(&format!("/console/relying-parties/{id}")).await;
    assert!(page.text.contains("Revoked"), "{}", page.text);
}

#[tokio::test]
async fn events_are_found_by_kind_person_and_reference() {
    let (site, mut ada, mut grace) = site_of_admin().await;
    let mut stranger = site.browser();
    let (id, mut options) = stranger.begin_sign_in().await;
    options["challenge"] = json!("A".repeat(43));
    let answer = grace.get(site.origin, &options);
    let refused = stranger.finish("finish_sign_in", &id, &answer).await.json();
    let reference = refused["reference"].as_str().expect("a reference").to_owned();
    let mut browser = admin(&site, &mut ada).await;
    let all = events(&mut browser, json!({})).await;
    let kinds: Vec<&str> = all["events"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|event| event["kind"].as_str())
        .collect();
    assert_eq!(kinds, ["authentication", "refusal", "registration", "registration"]);
    let refusals = events(&mut browser, json!({ "kind": "refusal" })).await;
    assert_eq!(refusals["events"].as_array().map(Vec::len), Some(1));
    let found = events(&mut browser, json!({ "reference": reference.to_lowercase() })).await;
    let steps: Vec<String> = found["events"][0]["ceremony"]["steps"]
        .as_array()
        .expect("steps")
        .iter()
        .map(|step| step["what"].to_string())
        .collect();
    assert_eq!(steps.len(), 3, "{steps:?}");
    assert!(steps[2].contains("challenge_mismatch") && steps[2].contains("7.2 step 11"));
    let graces = events(&mut browser, json!({ "user": "GRACE" })).await;
    let graces = graces["events"].as_array().expect("a list");
    assert_eq!(graces.len(), 1);
    assert_eq!(graces[0]["holder"]["shown"], "grace");
    assert_eq!(graces[0]["kind"], "registration");
    for nothing in
        [json!({ "user": "nobody" }), json!({ "party": "rp_x" }), json!({ "reference": "X" })]
    {
        assert_eq!(events(&mut browser, nothing.clone()).await["events"], json!([]), "{nothing}");
    }
    let page = browser.get(&format!("/console/events?reference={reference}")).await;
    for part in ["Refusal", "challenge_mismatch", "7.2 step 11", "<details open"] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
}

#[tokio::test]
async fn a_reference_finds_a_ceremony_of_which_nothing_came() {
    let (site, mut ada, _) = site_of_admin().await;
    let mut stranger = site.browser();
    let reply = stranger.call("begin_sign_in", &json!({})).await.json();
    let failure = json!({ "call": "get", "error": "NotAllowedError", "after": 3_000 });
    let report = json!({ "report": { "ceremony": reply["id"], "failure": failure } });
    assert_eq!(stranger.call("report_failure", &report).await.status, 200);
    site.pass_seconds(400);
    let mut browser = admin(&site, &mut ada).await;
    let found = events(&mut browser, json!({ "reference": reply["reference"] })).await;
    let event = &found["events"][0];
    assert_eq!(event["kind"], Value::Null);
    let steps = event["ceremony"]["steps"].as_array().expect("steps");
    assert_eq!(steps[0]["what"], "offered");
    assert_eq!(steps[1]["what"]["browser_error"]["error"], "NotAllowedError");
    assert_eq!(steps[2]["what"], "expired");
}

#[tokio::test]
async fn events_come_page_by_page() {
    let (site, mut ada, mut grace) = site_of_admin().await;
    for _ in 0..45 {
        assert_eq!(site.browser().sign_in(&mut grace).await.status, 200);
    }
    let mut browser = admin(&site, &mut ada).await;
    let (mut seen, mut before) = (0, json!(0));
    let mut pages = 0;
    while before.is_i64() {
        let page = events(&mut browser, json!({ "before": before })).await;
        seen += page["events"].as_array().map_or(0, Vec::len);
        (before, pages) = (page["next"].clone(), pages + 1);
    }
    assert_eq!((seen, pages), (48, 2));
    let page = browser.get("/console/events").await;
    assert!(page.text.contains("Next page"), "{}", page.text);
}

#[tokio::test]
async fn passkeys_are_found_by_person_party_and_authenticator() {
    let (site, mut ada, _) = site_of_admin().await;
    let mut browser = admin(&site, &mut ada).await;
    let all = passkeys(&mut browser, json!({})).await;
    assert_eq!(all["passkeys"].as_array().map(Vec::len), Some(2));
    assert_eq!(all["kept"][0]["passkeys"], 2);
    let adas = passkeys(&mut browser, json!({ "user": "ada" })).await;
    let adas = adas["passkeys"].as_array().expect("a list");
    assert_eq!((adas.len(), &adas[0]["holder"]["shown"]), (1, &json!("ada")));
    let handle = adas[0]["holder"]["user"].clone();
    let by_handle = passkeys(&mut browser, json!({ "user": handle })).await;
    assert_eq!(by_handle["passkeys"].as_array().map(Vec::len), Some(1));
    let aaguid = all["kept"][0]["aaguid"].clone();
    let kept = passkeys(&mut browser, json!({ "aaguid": aaguid, "party": "rp_keyfold" })).await;
    assert_eq!(kept["passkeys"].as_array().map(Vec::len), Some(2));
    for nothing in [json!({ "party": "rp_x" }), json!({ "aaguid": "no aaguid" })] {
        let found = passkeys(&mut browser, nothing).await;
        assert_eq!(found["passkeys"], json!([]));
    }
    let first = all["passkeys"][0].clone();
    // The clock stands still: of two passkeys of one moment the id says which comes next.
    let made = site.site.clock.now().milliseconds();
    let after = format!("{made}.{}", first["id"].as_str().expect("an id"));
    let rest = passkeys(&mut browser, json!({ "after": after })).await;
    assert_eq!(rest["passkeys"], json!([all["passkeys"][1]]));
}

#[tokio::test]
async fn insight_has_charts_tables_and_files() {
    let (site, mut ada, mut grace) = site_of_admin().await;
    for _ in 0..3 {
        site.browser().sign_in(&mut grace).await;
    }
    let mut browser = admin(&site, &mut ada).await;
    let page = browser.get("/console/insight").await;
    assert_eq!(page.status, 200);
    for part in [
        r#"<svg class="chart" role="img""#,
        "<title id=\"funnel-title\">From offered to finished</title>",
        "<th scope=\"row\">Sign-up</th><td>2</td><td>2</td><td>2</td><td>100 %</td>",
        "No answer was refused.",
        "/console/insight/funnel.csv?days=30",
    ] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    let file = browser.get("/console/insight/funnel.csv?days=7").await;
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(file.header("cache-control"), "no-store");
    insta::assert_snapshot!(file.text, @r"
    by,word,offered,begun,finished
    purpose,anyone,4,4,4
    purpose,new account,2,2,2
    mediation,,4,4,4
    mediation,modal,2,2,2
    system,,6,6,6
    browser,,6,6,6
    authenticator,,6,6,6
    ");
    let file = browser.get("/console/insight/days.csv?days=7&kind=registration").await;
    insta::assert_snapshot!(file.text, @r"
    day,offered,begun,finished
    2026-11-17,0,0,0
    2026-11-18,0,0,0
    2026-11-19,0,0,0
    2026-11-20,0,0,0
    2026-11-21,0,0,0
    2026-11-22,0,0,0
    2026-11-23,2,2,2
    ");
    for name in ["refusals", "browser-errors"] {
        let file = browser.get(&format!("/console/insight/{name}.csv")).await;
        assert_eq!(file.text, "day,reason,ceremonies\n");
    }
    // What makes no sense is as if it was not asked.
    for query in ["days=0", "days=31", "kind=x", "days=400"] {
        assert_eq!(browser.get(&format!("/console/insight?{query}")).await.status, 200, "{query}");
    }
    let page = browser.get("/console/insight?party=rp_x").await;
    assert!(page.text.contains("No ceremony began in this time."), "{}", page.text);
}
