//! The envelope: size, depth, duplicates, ids, base64url, types of members.

use serde_json::{Value, json};

use super::{Lies, Reason, authentication, authentication_answer, authentication_refusal};
use super::{registration, registration_answer, registration_refusal};

type Refusal = fn(&Value) -> Option<Reason>;

fn both() -> [(Value, Refusal); 2] {
    [
        (registration_answer(&Lies::default()), registration_refusal),
        (authentication_answer(&Lies::default()), authentication_refusal),
    ]
}

/// Sets `name` (a path such as `response/clientDataJSON`) to `value` in both answers.
#[track_caller]
fn both_refuse_member(name: &str, value: &Value, reason: Reason) {
    for (mut answer, refusal) in both() {
        let (parent, child) = name.rsplit_once('/').unwrap_or(("", name));
        let parent = if parent.is_empty() { &mut answer } else { &mut answer[parent] };
        parent[child] = value.clone();
        assert_eq!(refusal(&answer), Some(reason), "{name}: {value}");
    }
}

#[track_caller]
fn both_refuse_text(change: impl Fn(&str) -> String) {
    for answer in both().map(|(answer, _)| change(&answer.to_string())) {
        let reasons = [
            registration(&answer).err().map(|refused| refused.reason),
            authentication(&answer).err().map(|refused| refused.reason),
        ];
        assert_eq!(reasons, [Some(Reason::MalformedResponse); 2]);
    }
}

#[test]
fn an_answer_that_is_not_one_json_object_is_refused() {
    let texts = ["", " ", "null", "[]", "\"{}\"", "{", "{}", "1", "\u{feff}{}", "\0"];
    for text in texts {
        both_refuse_text(|_| text.to_owned());
    }
    both_refuse_text(|answer| format!("[{answer}]"));
    both_refuse_text(|answer| format!("{answer}{answer}"));
    both_refuse_text(|answer| answer[..answer.len() - 1].to_owned());
}

#[test]
fn an_answer_above_64_kib_is_refused_and_one_of_64_kib_is_not() {
    let padded = |length: usize| {
        let mut answer = registration_answer(&Lies::default());
        answer["padding"] = "".into();
        let missing = length - answer.to_string().len();
        answer["padding"] = "x".repeat(missing).into();
        answer
    };
    assert_eq!(registration_refusal(&padded(64 * 1024)), None);
    assert_eq!(registration_refusal(&padded(64 * 1024 + 1)), Some(Reason::MalformedResponse));
}

#[test]
fn an_answer_nested_deeper_than_64_is_refused() {
    let nested = |depth: usize| {
        let mut answer = registration_answer(&Lies::default());
        answer["nested"] = (1..depth).fold(json!([]), |inner, _| json!([inner]));
        answer
    };
    assert_eq!(registration_refusal(&nested(63)), None);
    assert_eq!(registration_refusal(&nested(64)), Some(Reason::MalformedResponse));
    both_refuse_text(|_| "[".repeat(60_000));
    both_refuse_text(|_| "{\"a\":".repeat(10_000));
}

#[test]
fn an_answer_with_a_member_twice_is_refused() {
    both_refuse_text(|answer| answer.replacen('{', r#"{"type":"public-key","#, 1));
    both_refuse_text(|answer| answer.replacen('{', r#"{"unknown":1,"unknown":1,"#, 1));
    both_refuse_text(|answer| answer.replace(r#""response":{"#, r#""response":{"x":1,"x":1,"#));
    both_refuse_text(|answer| {
        answer.replace(r#""response":{"#, r#""response":{"clientDataJSON":"e30","#)
    });
}

#[test]
fn an_answer_of_another_type_is_refused() {
    for value in [json!(null), json!(""), json!("Public-Key"), json!("password"), json!(1)] {
        both_refuse_member("type", &value, Reason::MalformedResponse);
    }
}

#[test]
fn members_of_another_json_type_are_refused() {
    let values = [json!(null), json!(1), json!(true), json!([]), json!({}), json!(["e30"])];
    for name in ["id", "rawId", "response/clientDataJSON"] {
        for value in &values {
            both_refuse_member(name, value, Reason::MalformedResponse);
        }
    }
    for value in [json!(null), json!(1), json!([]), json!("{}")] {
        both_refuse_member("response", &value, Reason::MalformedResponse);
        both_refuse_member("clientExtensionResults", &value, Reason::MalformedResponse);
    }
}

#[test]
fn an_answer_that_lacks_a_member_is_refused() {
    for (answer, refusal) in both() {
        for name in ["id", "rawId", "type", "response"] {
            let mut answer = answer.clone();
            answer.as_object_mut().unwrap().remove(name);
            assert_eq!(refusal(&answer), Some(Reason::MalformedResponse), "{name}");
        }
        let names = ["clientDataJSON", "attestationObject", "signature"];
        for name in names.into_iter().filter(|name| answer["response"].get(name).is_some()) {
            let mut answer = answer.clone();
            answer["response"].as_object_mut().unwrap().remove(name);
            assert_eq!(refusal(&answer), Some(Reason::MalformedResponse), "{name}");
        }
    }
    let mut answer = authentication_answer(&Lies::default());
    answer["response"].as_object_mut().unwrap().remove("authenticatorData");
    assert_eq!(authentication_refusal(&answer), Some(Reason::MalformedResponse));
}

#[test]
fn an_id_that_is_not_the_raw_id_is_refused() {
    both_refuse_member("id", &json!("AAAAAAAAAAAAAAAAAAAAAA"), Reason::MalformedResponse);
    both_refuse_member("rawId", &json!("AAAAAAAAAAAAAAAAAAAAAA"), Reason::MalformedResponse);
    both_refuse_member("id", &json!(""), Reason::MalformedResponse);
}

#[test]
fn base64url_in_any_other_spelling_is_refused() {
    for (mut answer, refusal) in both() {
        let client_data = answer["response"]["clientDataJSON"].as_str().unwrap().to_owned();
        // A last character with bits that no byte has; 16 bytes leave four of them.
        let stray = json!("AAAAAAAAAAAAAAAAAAAAAB");
        for spelling in [
            format!("{client_data}="),
            format!("{client_data}=="),
            format!("{client_data}\n"),
            format!(" {client_data}"),
            client_data.replacen('J', "+", 1),
            client_data.replacen('J', "/", 1),
            client_data.replacen('J', "%2d", 1),
        ] {
            answer["response"]["clientDataJSON"] = spelling.into();
            assert_eq!(refusal(&answer), Some(Reason::MalformedResponse), "{answer}");
        }
        answer["response"]["clientDataJSON"] = client_data.into();
        (answer["id"], answer["rawId"]) = (stray.clone(), stray);
        assert_eq!(refusal(&answer), Some(Reason::MalformedResponse), "{answer}");
    }
}

#[test]
fn credential_ids_outside_of_16_to_1023_bytes_are_refused() {
    for (length, passes) in [(0, false), (15, false), (16, true), (1023, true), (1024, false)] {
        let lies = Lies {
            credential_id: Some(vec![7; length]),
            attested_id: Some(vec![7; length]),
            ..Lies::default()
        };
        let refused = registration_refusal(&registration_answer(&lies));
        assert_eq!(refused, (!passes).then_some(Reason::MalformedResponse), "{length}");
        let refused = authentication_refusal(&authentication_answer(&lies));
        assert_eq!(refused, (!passes).then_some(Reason::UnknownCredential), "{length}");
    }
}

#[test]
fn transports_that_are_not_a_list_of_texts_are_refused() {
    for value in [json!("usb"), json!({}), json!([1]), json!(["usb", null])] {
        let mut answer = registration_answer(&Lies::default());
        answer["response"]["transports"] = value;
        assert_eq!(registration_refusal(&answer), Some(Reason::MalformedResponse));
    }
}

#[test]
fn credential_properties_of_another_shape_are_refused() {
    for value in [json!(true), json!([]), json!({"rk": "true"}), json!({"rk": 1})] {
        let mut answer = registration_answer(&Lies::default());
        answer["clientExtensionResults"] = json!({"credProps": value});
        assert_eq!(registration_refusal(&answer), Some(Reason::MalformedResponse));
    }
}
