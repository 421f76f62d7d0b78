//! Client data: `type`, `challenge`, `origin`, framing, and the encodings of the whole.

use serde_json::{Value, json};

use super::{CHALLENGE, Lies, ORIGIN, Reason, both_refuse, registration_refuses};
use super::{authentication_refuses, registration_answer, registration_refusal};

fn origin(origin: &str) -> Lies {
    Lies { origin: Some(origin.to_owned()), ..Lies::default() }
}

fn raw(client_data: &str) -> Lies {
    Lies { client_data: Some(client_data.as_bytes().to_vec()), ..Lies::default() }
}

fn member(name: &str, value: Value) -> Lies {
    Lies {
        client_data_members: [(name.to_owned(), value)].into_iter().collect(),
        ..Lies::default()
    }
}

#[test]
fn an_answer_to_the_other_ceremony_is_refused() {
    let kind = |kind: &str| Lies { kind: Some(kind.to_owned()), ..Lies::default() };
    registration_refuses(&kind("webauthn.get"), Reason::CeremonyTypeMismatch);
    authentication_refuses(&kind("webauthn.create"), Reason::CeremonyTypeMismatch);
    let names = ["", "WEBAUTHN.CREATE", " webauthn.create", "webauthn.create\0", "payment.get"];
    for name in names {
        both_refuse(&kind(name), Reason::CeremonyTypeMismatch);
    }
}

#[test]
fn a_challenge_in_any_other_spelling_is_refused() {
    let padded = format!("{CHALLENGE}=");
    let spaced = format!("{CHALLENGE} ");
    let stray_bits = format!("{}9", &CHALLENGE[..CHALLENGE.len() - 1]);
    let shorter = &CHALLENGE[..CHALLENGE.len() - 1];
    for challenge in [&padded, &spaced, &stray_bits, shorter, "", "undefined"] {
        let lies = Lies { challenge: Some(challenge.to_owned()), ..Lies::default() };
        both_refuse(&lies, Reason::ChallengeMismatch);
    }
}

#[test]
fn an_origin_with_a_port_that_was_not_listed_is_refused() {
    both_refuse(&origin("https://example.org:8443"), Reason::OriginMismatch);
    both_refuse(&origin("https://example.org:443"), Reason::OriginMismatch);
}

#[test]
fn an_origin_that_only_resembles_a_listed_one_is_refused() {
    let origins = [
        "",
        "null",
        "http://example.org",
        "https://sub.example.org",
        "https://badexample.org",
        "https://example.org.attacker.example",
        "https://example.org.",
        "https://EXAMPLE.org",
        "HTTPS://example.org",
        "https://example.org/",
        "https://example.org/path",
        "https://example.org?query",
        "https://example.org#fragment",
        "https://user@example.org",
        "https://attacker.example@example.org",
        " https://example.org",
        "https://exam\tple.org",
        "https://example\u{3002}org",
        "https://ex\u{430}mple.org",
        "https://xn--exmple-4nf.org",
        "https:example.org",
        "https:\\\\example.org",
        "https://[::ffff:1.2.3.4]",
        "android:apk-key-hash:AAAA",
        "data:text/html,x",
    ];
    for name in origins {
        both_refuse(&origin(name), Reason::OriginMismatch);
    }
}

#[test]
fn a_ceremony_in_a_frame_of_another_origin_is_refused() {
    let framed = Lies { cross_origin: Some(json!(true)), ..Lies::default() };
    both_refuse(&framed, Reason::OriginMismatch);
    for value in [json!("https://example.com"), json!(ORIGIN), json!(""), json!(null)] {
        both_refuse(&member("topOrigin", value), Reason::OriginMismatch);
    }
}

#[test]
fn a_cross_origin_member_that_is_no_boolean_is_refused() {
    for value in [json!(null), json!("false"), json!(0), json!([]), json!({})] {
        both_refuse(&member("crossOrigin", value), Reason::MalformedResponse);
    }
}

#[test]
fn client_data_with_members_of_another_type_are_refused() {
    for name in ["type", "challenge", "origin"] {
        for value in [json!(null), json!(1), json!(true), json!([ORIGIN]), json!({})] {
            both_refuse(&member(name, value), Reason::MalformedResponse);
        }
    }
}

#[test]
fn client_data_that_lack_a_member_are_refused() {
    let full = json!({"type": "webauthn.create", "challenge": CHALLENGE, "origin": ORIGIN});
    for name in ["type", "challenge", "origin"] {
        let mut members = full.clone();
        members.as_object_mut().unwrap().remove(name);
        registration_refuses(&raw(&members.to_string()), Reason::MalformedResponse);
    }
    assert_eq!(registration_refusal(&registration_answer(&raw(&full.to_string()))), None);
}

#[test]
fn client_data_with_a_member_twice_are_refused() {
    let twice = |more: &str| {
        raw(&format!(
            r#"{{"type":"webauthn.create","challenge":"{CHALLENGE}","origin":"{ORIGIN}"{more}}}"#
        ))
    };
    assert_eq!(registration_refusal(&registration_answer(&twice(""))), None);
    let doubles = [
        r#","type":"webauthn.create""#.to_owned(),
        r#","\u0074ype":"webauthn.create""#.to_owned(),
        format!(r#","origin":"{ORIGIN}""#),
        format!(r#","challenge":"{CHALLENGE}""#),
        r#","crossOrigin":false,"crossOrigin":false"#.to_owned(),
        r#","extra":1,"extra":2"#.to_owned(),
        r#","extra":{"a":1,"a":1}"#.to_owned(),
    ];
    for double in doubles {
        registration_refuses(&twice(&double), Reason::MalformedResponse);
    }
}

#[test]
fn client_data_that_are_not_plain_json_text_are_refused() {
    let text = json!({"type": "webauthn.create", "challenge": CHALLENGE, "origin": ORIGIN});
    let text = text.to_string();
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let encodings = [
        Vec::new(),
        wide,
        [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        [text.as_bytes(), b"\0"].concat(),
        [text.as_bytes(), text.as_bytes()].concat(),
        text.replace("example", "ex\u{e9}mple").chars().map(|c| c as u8).collect(),
        text.replace("example", "\\ud800").into_bytes(),
        text.as_bytes()[..text.len() - 1].to_vec(),
        format!("[{text}]").into_bytes(),
        format!("{text},").into_bytes(),
        text.replace('"', "'").into_bytes(),
        b"null".to_vec(),
        b"\"webauthn.create\"".to_vec(),
    ];
    for bytes in encodings {
        let lies = Lies { client_data: Some(bytes), ..Lies::default() };
        both_refuse(&lies, Reason::MalformedResponse);
    }
}
