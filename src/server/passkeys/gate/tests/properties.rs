//! No bytes make the gate panic, and no change of a signed structure passes unnoticed as another
//! credential.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use proptest::prelude::*;
use serde_json::json;

use super::super::cbor;
use super::{Lies, authentication, authentication_answer, registration, registration_answer};

/// One change to some bytes.
#[derive(Debug, Clone)]
enum Change {
    Set(usize, u8),
    Insert(usize, u8),
    Remove(usize),
    Truncate(usize),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Change::Insert(at, byte)),
        any::<usize>().prop_map(Change::Remove),
        any::<usize>().prop_map(Change::Truncate),
    ]
}

fn changed(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        let length = bytes.len().max(1);
        match *change {
            _ if bytes.is_empty() => {}
            Change::Set(at, byte) => bytes[at % length] = byte,
            Change::Insert(at, byte) => bytes.insert(at % length, byte),
            Change::Remove(at) => drop(bytes.remove(at % length)),
            Change::Truncate(at) => bytes.truncate(at % length),
        }
    }
    bytes
}

fn try_both(answer: &str) {
    let _ = registration(answer);
    let _ = authentication(answer);
}

proptest! {
    #[test]
    fn random_text_never_panics(answer in any::<String>()) {
        try_both(&answer);
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = cbor::first(&bytes);
        let _ = super::super::library_key(&bytes);
        for name in ["clientDataJSON", "attestationObject", "authenticatorData", "signature"] {
            for good in [registration_answer, authentication_answer] {
                let mut answer = good(&Lies::default());
                answer["response"][name] = json!(URL_SAFE_NO_PAD.encode(&bytes));
                try_both(&answer.to_string());
            }
        }
    }

    #[test]
    fn a_changed_answer_never_panics(changes in prop::collection::vec(change(), 1..4)) {
        for good in [registration_answer, authentication_answer] {
            let answer = good(&Lies::default()).to_string().into_bytes();
            try_both(&String::from_utf8_lossy(&changed(answer, &changes)));
        }
    }

    #[test]
    fn a_changed_attestation_never_changes_the_credential_id(
        changes in prop::collection::vec(change(), 1..4),
    ) {
        let honest = registration(&registration_answer(&Lies::default()).to_string()).unwrap();
        let object = honest.response.response.attestation_object;
        let lies = Lies {
            attestation_object: Some(changed(object, &changes)),
            ..Lies::default()
        };
        if let Ok(attested) = registration(&registration_answer(&lies).to_string()) {
            prop_assert_eq!(attested.credential_id, honest.credential_id);
        }
    }

    #[test]
    fn what_follows_an_item_is_the_end_of_the_input(
        bytes in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        if let Ok((_, rest)) = cbor::first(&bytes) {
            prop_assert!(rest.len() < bytes.len());
            prop_assert!(bytes.ends_with(rest));
        }
    }
}
