//! The walls of the house, read from its source.

use std::path::{Path, PathBuf};

use regex::Regex;

const LONGEST_FILE: usize = 350;

pub(super) fn sources() -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("a folder of source") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    walk(&root, &mut paths);
    assert!(paths.len() > 40, "the walk found the house");
    let read = |path: PathBuf| {
        let name = path.strip_prefix(&root).expect("below the root").to_string_lossy().into_owned();
        (name, std::fs::read_to_string(path).expect("source is text"))
    };
    paths.into_iter().map(read).collect()
}

/// The code without its comments, so that a wall may be spoken of.
fn code(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Every file outside `allowed` in which the pattern occurs.
fn trespassers(pattern: &str, allowed: impl Fn(&str) -> bool) -> Vec<String> {
    let pattern = Regex::new(pattern).expect("a pattern");
    let outside = sources()
        .into_iter()
        .filter(|(name, _)| !allowed(name) && name != "server/tests/architecture.rs");
    outside.filter(|(_, text)| pattern.is_match(&code(text))).map(|(name, _)| name).collect()
}

fn is_test(name: &str) -> bool {
    name.starts_with("server/tests/") || name.contains("/tests/") || name.ends_with("/tests.rs")
}

const NOBODY: [String; 0] = [];

#[test]
fn features_are_spoken_of_in_one_file() {
    assert_eq!(trespassers(r"cfg(_attr)?\(.*feature", |name| name == "lib.rs"), NOBODY);
}

#[test]
fn the_browser_is_reached_through_one_file() {
    let allowed = |name: &str| name == "browser.rs" || name.starts_with("browser/");
    assert_eq!(trespassers(r"\b(web_sys|js_sys)::", allowed), NOBODY);
    assert_eq!(trespassers(r"navigator\(\)", allowed), NOBODY);
    let passkeys = r"\.credentials\(\)|CredentialsContainer|PublicKeyCredential";
    let allowed = |name: &str| name == "browser.rs" || name.starts_with("server/");
    assert_eq!(trespassers(passkeys, allowed), NOBODY);
}

#[test]
fn pages_name_the_server_only_in_server_functions() {
    assert_eq!(
        trespassers(r"use crate::server", |name| !name.starts_with("app/")
            && !name.starts_with("wire/")),
        NOBODY
    );
    assert_eq!(
        trespassers(r"crate::server::([^V]|V[^i]|Visit\w)", |name| !name.starts_with("app/")),
        NOBODY
    );
    assert_eq!(
        trespassers(r"crate::(app|server|browser)", |name| !name.starts_with("wire/")),
        NOBODY
    );
    assert_eq!(trespassers(r"crate::(app|server)", |name| !name.starts_with("browser")), NOBODY);
}

#[test]
fn the_service_does_not_know_the_user() {
    let elsewhere = |name: &str| !name.starts_with("server/passkeys/");
    assert_eq!(trespassers(r"(accounts|visit|cookies|session|Session)\b", elsewhere), NOBODY);
}

#[test]
fn the_relying_party_sees_no_key_material() {
    let elsewhere = |name: &str| !name.starts_with("server/accounts/");
    assert_eq!(
        trespassers(r"webauthn_rs|public_key|credential_id|CredentialId|challenge", elsewhere),
        NOBODY
    );
}

#[test]
fn webauthn_rs_stays_inside_the_service() {
    assert_eq!(
        trespassers(r"webauthn_rs(_core)?::", |name| name.starts_with("server/passkeys/")
            || is_test(name)),
        NOBODY
    );
}

#[test]
fn mail_leaves_by_one_door() {
    assert_eq!(trespassers(r"\blettre::", |name| name.starts_with("server/mail/")), NOBODY);
}

#[test]
fn databases_are_asked_by_the_two_halves_only() {
    let allowed = |name: &str| {
        name.starts_with("server/passkeys/")
            || name.starts_with("server/accounts/")
            || name.starts_with("server/database/")
            || name == "server/refuse.rs"
            || is_test(name)
    };
    assert_eq!(trespassers(r"\bsqlx::", allowed), NOBODY);
    let parsers = |name: &str| !name.starts_with("server/passkeys/gate/") || is_test(name);
    assert_eq!(trespassers(r"\bsqlx::", parsers), NOBODY, "the gate reads answers, not tables");
}

#[test]
fn proofs_are_made_where_the_proving_is_done() {
    assert_eq!(
        trespassers(r"\bRegistered \{ ", |name| name == "server/passkeys/registration.rs"),
        NOBODY
    );
    assert_eq!(
        trespassers(r"\bAuthenticated \{ ", |name| name == "server/passkeys/authentication.rs"),
        NOBODY
    );
}

#[test]
fn every_state_change_names_its_owner() {
    let statement =
        Regex::new(r#"(?s)"((?:update|delete from|select [^"]*? from) credentials[^"]*)""#)
            .expect("a pattern");
    // Whose a passkey is, if anybody's, is asked once, once whether it is anybody's at all, once who has
    // one, where accounts are compared with passkeys, and at the start whether anybody has.
    let anybody = [
        "select user_handle from credentials where relying_party = $1 and credential_id = $2",
        "select exists (select 1 from credentials join relying_parties",
        "select exists (select 1 from credentials where unsettled_ceremony is null and relying_party = $1)",
        "select user_handle, min(created_at) from credentials where relying_party = $1",
    ];
    // A change of the RP ID strands the passkeys of everybody: each is told, once, what it is bound to.
    // And whoever has passkeys is compared with whoever has an account.
    let of_everybody = [
        "update credentials
        set rp_id = (select rp_id from relying_parties where id = $1)
        where relying_party = $1 and rp_id is null",
        "select user_handle, count(*) as passkeys
    from credentials where relying_party = $1 group by user_handle order by user_handle",
    ];
    // And the user database is asked of every passkey that it may not have taken in.
    let unsettled = "select user_handle, unsettled_ceremony, created_at
            from credentials where relying_party = $1 and unsettled_ceremony is not null";
    for (name, text) in sources().iter().filter(|(name, _)| name.starts_with("server/passkeys/")) {
        let settling = usize::from(name == "server/passkeys/settlement.rs");
        let text = &text.replacen(unsettled, "", settling);
        let stranded = usize::from(name == "server/passkeys/stranded.rs");
        let text =
            &of_everybody.iter().fold(text.clone(), |text, said| text.replacen(said, "", stranded));
        let exempt = usize::from(name == "server/passkeys/management.rs");
        let text = anybody.iter().fold(text.clone(), |text, said| text.replacen(said, "", exempt));
        for found in statement.captures_iter(&text) {
            assert!(found[1].contains("relying_party = "), "{name}: {}", &found[1]);
            // A relying party goes with the passkeys of all its users, and they are counted before.
            let of_a_whole_party = name == "server/passkeys/relying_parties.rs"
                && found[1].ends_with("from credentials where relying_party = $1");
            let names_a_user = found[1].contains("user_handle = ");
            assert!(names_a_user || of_a_whole_party, "{name}: {}", &found[1]);
        }
    }
}

#[test]
fn the_clock_and_the_dice_are_handed_in() {
    assert_eq!(
        trespassers(r"SystemTime::now|Instant::now", |name| name == "server/clock.rs"
            || is_test(name)),
        NOBODY
    );
    assert_eq!(
        trespassers(r"rand::rng\(\)", |name| name == "server/chance.rs" || is_test(name)),
        NOBODY
    );
    // Tests are told where their server is; nothing that they try is.
    let reads = |name: &str| name == "server/cli/mod.rs" || name == "server/tests/postgres.rs";
    assert_eq!(trespassers(r"env::vars?(_os)?\(", reads), NOBODY);
}

#[test]
fn nothing_sleeps_and_nothing_panics_on_purpose() {
    assert_eq!(trespassers(r"\bsleep\(", |_| false), NOBODY);
    let own_tests =
        |text: &str| text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned();
    let panics =
        Regex::new(r"\.(unwrap|expect)\(|expect_context|\b(panic|unreachable|todo|unimplemented)!")
            .expect("a pattern");
    let in_memory =
        Regex::new(r"(?s)#\[cfg\(test\)\]\n    pub\((crate|super)\) async fn in_memory.*?\n    \}")
            .expect("a pattern");
    for (name, text) in sources().into_iter().filter(|(name, _)| !is_test(name)) {
        let text = in_memory.replace_all(&own_tests(&text), "").into_owned();
        assert!(!panics.is_match(&code(&text)), "{name} can panic");
    }
}

#[test]
fn a_file_is_one_screenful_of_idea() {
    for (name, text) in sources() {
        let lines = text.lines().count();
        assert!(lines <= LONGEST_FILE, "{name} has {lines} lines");
    }
}

#[test]
fn every_module_says_what_it_is_for() {
    for (name, text) in sources().into_iter().filter(|(name, _)| !is_test(name)) {
        assert!(text.starts_with("//!"), "{name} does not open with //!");
    }
}

#[test]
fn nothing_is_kept_for_later() {
    assert_eq!(trespassers(r"\bTODO\b|\bFIXME\b", |_| false), NOBODY);
    assert_eq!(trespassers(r"#!?\[allow\(", |_| false), NOBODY);
}

/// What stands before them keeps everybody but admins out, and knows them by their prefix.
#[test]
fn functions_of_the_console_stand_behind_its_door() {
    let elsewhere = r#"#\[server(?:\]|\((?:prefix = "/api"|[^p]|p[^r]))"#;
    assert_eq!(trespassers(elsewhere, |name| !name.starts_with("app/console/")), NOBODY);
}

#[test]
fn titles_are_fixed_texts() {
    // What the site says in its languages is fixed as well.
    let fixed = r#"<Title text=(?:"|say\.[a-z_.]+ |words\(\)\.[a-z_.]+ )"#;
    let fixed = Regex::new(fixed).expect("a pattern");
    for (name, text) in sources().iter().filter(|(name, _)| name.starts_with("app/")) {
        let titles = text.matches("<Title text=").count();
        assert_eq!(fixed.find_iter(text).count(), titles, "{name}");
    }
}

#[test]
fn every_rule_that_is_named_is_written_down() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let written = std::fs::read_to_string(root.join("SECURITY.md")).expect("the rules");
    let named = Regex::new(r"\bR-\d\d\b").expect("a pattern");
    for (name, text) in sources() {
        for rule in named.find_iter(&text) {
            let row = format!("| {} |", rule.as_str());
            assert!(written.contains(&row), "{name} names {}", rule.as_str());
        }
    }
}
