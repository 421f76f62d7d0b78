//! `keyfold relying-parties` and `keyfold api-keys`: what the operator sets up for other sites.

use clap::Parser as _;
use serde_json::{Value, json};

use super::TestSite;
use super::authenticator::Authenticator;
use super::relying_parties::{SHOP, register};
use crate::server::cli::{api_keys, relying_parties};

#[derive(Debug, clap::Parser)]
enum Arguments {
    RelyingParties {
        #[command(subcommand)]
        command: relying_parties::Command,
    },
    ApiKeys {
        #[command(subcommand)]
        command: api_keys::Command,
    },
}

/// What a command says; an error as its text.
async fn run(site: &TestSite, arguments: &[&str]) -> Result<String, String> {
    let arguments = Arguments::try_parse_from([&["keyfold"], arguments].concat());
    match arguments.map_err(|error| error.to_string())? {
        Arguments::RelyingParties { command } => {
            relying_parties::run(&site.site, command).await.map_err(|error| error.to_string())
        }
        Arguments::ApiKeys { command } => {
            api_keys::run(&site.site, command).await.map_err(|error| error.to_string())
        }
    }
}

async fn run_json(site: &TestSite, arguments: &[&str]) -> Value {
    let said = run(site, &[arguments, &["--json"]].concat()).await.expect("it can be done");
    serde_json::from_str(&said).expect("one JSON value")
}

const CREATE: [&str; 8] =
    ["relying-parties", "create", "--name", "Shop", "--rp-id", "localhost", "--origin", SHOP];

async fn shop(site: &TestSite) -> String {
    run_json(site, &CREATE).await["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn a_relying_party_is_created_shown_and_listed() {
    let site = TestSite::new().await;
    let created = run_json(&site, &CREATE).await;
    let id = created["id"].as_str().expect("an id");
    let wanted = json!({
        "id": id, "name": "Shop", "rpId": "localhost", "origins": [SHOP],
        "userVerification": "required", "attestation": "none", "createdAt": "2026-11-23T12:05:00Z",
    });
    assert_eq!(created, wanted);
    assert_eq!(run_json(&site, &["relying-parties", "list"]).await, json!([wanted]));
    let mut shown = wanted.clone();
    shown["passkeys"] = json!(0);
    assert_eq!(run_json(&site, &["relying-parties", "show", id]).await, shown);
    let text = run(&site, &["relying-parties", "show", id]).await.expect("text");
    assert!(text.contains("user verification  required\n"), "{text}");
    let more = ["--origin", "http://a.localhost", "--user-verification", "preferred"];
    let text = run(&site, &[&CREATE[..], &more].concat()).await.expect("text");
    assert!(
        text.contains("origins            http://localhost:9000 http://a.localhost\n"),
        "{text}"
    );
    let list = run(&site, &["relying-parties", "list"]).await.expect("columns");
    assert_eq!(list.lines().count(), 3, "{list}");
    assert!(list.starts_with("ID                         NAME  RP ID      ORIGINS\n"), "{list}");
    assert!(!list.contains("rp_keyfold"), "{list}");
}

#[tokio::test]
async fn what_is_wrong_is_said_and_nothing_is_created() {
    let site = TestSite::new().await;
    let with = |name: &'static str, value: &'static str| {
        let place = CREATE.iter().position(|part| *part == name).expect("an option") + 1;
        let mut arguments = CREATE;
        arguments[place] = value;
        arguments
    };
    for (arguments, why) in [
        (with("--name", ""), "the name must have 1 to 64 characters"),
        (with("--rp-id", "127.0.0.1"), "is not a domain"),
        (with("--rp-id", "example.com"), "is not on the RP ID"),
        (with("--origin", "http://localhost:9000/"), "must be written as browsers do"),
        (with("--origin", "*"), "is not a URL"),
    ] {
        let refused = run(&site, &arguments).await.expect_err(why);
        assert!(refused.contains(why), "{refused}");
    }
    for (more, why) in [
        (["--attestation", "direct"], "only \"none\" is"),
        (["--user-verification", "discouraged"], "[possible values: required, preferred]"),
        (["--origin", SHOP], "is listed twice"),
    ] {
        let refused = run(&site, &[&CREATE[..], &more].concat()).await.expect_err(why);
        assert!(refused.contains(why), "{refused}");
    }
    let refused = run(&site, &CREATE[..6]).await.expect_err("no origin");
    assert!(refused.contains("--origin"), "{refused}");
    assert_eq!(run_json(&site, &["relying-parties", "list"]).await, json!([]));
}

#[tokio::test]
async fn everything_but_the_rp_id_can_change() {
    let site = TestSite::new().await;
    let id = shop(&site).await;
    let update = ["relying-parties", "update", &id];
    let with = |more: &[&'static str]| [&update[..], more].concat();
    let changed = run_json(&site, &with(&["--name", "Store"])).await;
    assert_eq!((&changed["name"], &changed["origins"]), (&json!("Store"), &json!([SHOP])));
    let origins = ["http://localhost:9001", "https://a.localhost"];
    let changed = run_json(&site, &with(&["--origin", origins[0], "--origin", origins[1]])).await;
    assert_eq!((&changed["name"], &changed["origins"]), (&json!("Store"), &json!(origins)));
    let changed = run_json(&site, &with(&["--user-verification", "preferred"])).await;
    assert_eq!(changed["userVerification"], "preferred");
    assert_eq!(run_json(&site, &["relying-parties", "list"]).await, json!([changed]));
    let refused = run(&site, &with(&["--rp-id", "example.com"])).await.expect_err("it stays");
    assert!(refused.contains("passkeys are bound to it"), "{refused}");
    let refused = run(&site, &with(&[])).await.expect_err("nothing to change");
    assert!(refused.contains("nothing to change was given"), "{refused}");
    let refused =
        run(&site, &with(&["--origin", "https://b.example"])).await.expect_err("elsewhere");
    assert!(refused.contains("is not on the RP ID"), "{refused}");
}

#[tokio::test]
async fn one_that_is_removed_takes_its_passkeys_and_keys_along() {
    let site = TestSite::new().await;
    let (id, other) = (shop(&site).await, shop(&site).await);
    let party = site.site.passkeys.relying_party(&id).await.expect("an answer").expect("the shop");
    for seed in [1, 2] {
        register(&site.site.passkeys, &party, &mut Authenticator::new(seed)).await.expect("one");
    }
    let create = ["api-keys", "create", "--relying-party", &id, "--name", "backend"];
    let secret = run_json(&site, &create).await["secret"].as_str().expect("a key").to_owned();
    assert_eq!(run_json(&site, &["relying-parties", "show", &id]).await["passkeys"], 2);
    let remove = ["relying-parties", "remove", &id];
    // Tests have no terminal, or one at which nobody types.
    let refused = run(&site, &remove).await.expect_err("not confirmed");
    assert_eq!(refused, "removing Shop must be confirmed");
    let done = run(&site, &[&remove[..], &["--yes"]].concat()).await;
    assert_eq!(done.as_deref(), Ok("Shop is removed, with 2 passkeys and its API keys\n"));
    assert!(site.site.passkeys.caller(&secret).await.is_err());
    assert_eq!(run_json(&site, &["api-keys", "list"]).await, json!([]));
    let done = run_json(&site, &["relying-parties", "remove", &other, "--yes"]).await;
    assert_eq!(done, json!({ "id": other, "done": "removed", "passkeys": 0 }));
    for command in ["show", "remove", "update"] {
        for (id, why) in [(id.as_str(), "there is no relying party"), ("rp_keyfold", "own pages")] {
            let more: &[&str] = match command {
                "remove" => &["--yes"],
                "update" => &["--name", "Eve"],
                _ => &[],
            };
            let refused = run(&site, &[&["relying-parties", command, id], more].concat()).await;
            assert!(refused.expect_err(why).contains(why), "{command} {id}");
        }
    }
}

#[tokio::test]
async fn a_key_is_created_shown_once_listed_and_revoked() {
    let site = TestSite::new().await;
    let id = shop(&site).await;
    let create = ["api-keys", "create", "--relying-party", &id, "--name", "backend"];
    let mut created = run_json(&site, &create).await;
    let secret = created["secret"].as_str().expect("a secret").to_owned();
    created.as_object_mut().expect("an object").remove("secret");
    let key = created["id"].as_str().expect("an id").to_owned();
    assert!(secret.starts_with(&format!("kf_{key}_")) && secret.len() == 3 + 16 + 1 + 43);
    let wanted = json!({
        "id": key, "name": "backend", "relyingParty": id, "createdAt": "2026-11-23T12:05:00Z",
        "expiresAt": null, "lastUsedAt": null, "revokedAt": null,
    });
    assert_eq!(created, wanted);
    site.site.passkeys.caller(&secret).await.expect("it opens");
    site.site.settle().await;
    site.pass_seconds(1);
    let short = run_json(&site, &[&create[..], &["--expires-in-days", "90"]].concat()).await;
    assert_eq!(short["expiresAt"], "2027-02-21T12:05:01Z");
    let list = run_json(&site, &["api-keys", "list", "--relying-party", &id]).await;
    assert_eq!(list[0]["lastUsedAt"], "2026-11-23T12:05:00Z");
    assert_eq!(list[1]["id"], short["id"]);
    assert!(!list.to_string().contains(&secret[20..]));
    let text = run(&site, &create).await.expect("text");
    assert!(text.contains("secret         kf_") && text.contains("shown only this once"), "{text}");
    let said = run(&site, &["api-keys", "revoke", &key]).await.expect("it is revoked");
    assert_eq!(said, format!("{key} (backend) has been revoked since 2026-11-23T12:05:01Z\n"));
    assert!(site.site.passkeys.caller(&secret).await.is_err());
    let again = run_json(&site, &["api-keys", "revoke", &key]).await;
    assert_eq!(again["revokedAt"], "2026-11-23T12:05:01Z");
    let columns = run(&site, &["api-keys", "list"]).await.expect("columns");
    assert!(columns.starts_with("ID                NAME     RELYING PARTY"), "{columns}");
}

#[tokio::test]
async fn what_a_key_cannot_be_is_said() {
    let site = TestSite::new().await;
    let id = shop(&site).await;
    let create = |party: &str, name: &str, days: &str| {
        let fixed = ["api-keys", "create", "--relying-party", party, "--name", name];
        [&fixed[..], &["--expires-in-days", days]]
            .concat()
            .iter()
            .map(ToString::to_string)
            .collect()
    };
    for (arguments, why) in [
        (create("rp_nobody", "backend", "1"), "there is no relying party"),
        (create("rp_keyfold", "backend", "1"), "own pages"),
        (create(&id, "", "1"), "the name must have"),
        (create(&id, "backend", "0"), "0 is not in 1..=36500"),
        (create(&id, "backend", "36501"), "36501 is not in"),
    ] {
        let arguments: Vec<String> = arguments;
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let refused = run(&site, &arguments).await.expect_err(why);
        assert!(refused.contains(why), "{refused}");
    }
    let refused = run(&site, &["api-keys", "revoke", "NOBODY"]).await.expect_err("nobody");
    assert_eq!(refused, "there is no API key with the id \"NOBODY\"");
    let refused = run(&site, &["api-keys", "list", "--relying-party", "rp_x"]).await;
    assert!(refused.expect_err("nobody").contains("there is no relying party"));
    assert_eq!(run_json(&site, &["api-keys", "list"]).await, json!([]));
}
