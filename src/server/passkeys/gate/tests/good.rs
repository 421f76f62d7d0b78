//! Good answers, in the variety that honest clients produce.

use serde_json::{Value, json};

use super::{CHALLENGE, Lies, ORIGIN, authentication, authentication_answer, creation_options};
use super::{registration, registration_answer, request_options};
use crate::server::tests::authenticator::{Authenticator, cbor};

#[track_caller]
fn both_pass(lies: &Lies) {
    registration(&registration_answer(lies).to_string()).unwrap();
    authentication(&authentication_answer(lies).to_string()).unwrap();
}

#[test]
fn a_good_registration_passes_and_tells_what_is_to_be_stored() {
    let mut authenticator = Authenticator::new(1);
    authenticator.aaguid = [9; 16];
    authenticator.counter = 70_000;
    authenticator.backup_state = false;
    let mut answer = authenticator.create(ORIGIN, &creation_options());
    answer["response"]["transports"] = json!(["hybrid", "telepathy", "usb", "hybrid", "HYBRID"]);
    let attested = registration(&answer.to_string()).unwrap();
    assert_eq!(attested.credential_id, authenticator.credential_id);
    assert_eq!(attested.public_key, authenticator.cose_key());
    assert_eq!(attested.algorithm, -7);
    assert_eq!(attested.aaguid, [9; 16]);
    assert_eq!(attested.transports, ["hybrid", "usb"]);
    assert_eq!(attested.sign_count, 70_000);
    assert_eq!((attested.backup_eligible, attested.backup_state), (true, false));
    assert_eq!(attested.discoverable, Some(true));
    assert_eq!(attested.response.raw_id, authenticator.credential_id);
}

#[test]
fn a_good_assertion_passes_and_tells_whose_it_claims_to_be() {
    let mut authenticator = Authenticator::new(1);
    authenticator.create(ORIGIN, &creation_options());
    authenticator.counter = 6;
    let answer = authenticator.get("https://example.org", &request_options());
    let asserted = authentication(&answer.to_string()).unwrap();
    assert_eq!(asserted.credential_id, authenticator.credential_id);
    assert_eq!(asserted.user_handle.as_deref(), Some(b"user handle".as_slice()));
    assert_eq!((asserted.backup_eligible, asserted.backup_state), (true, true));
    assert_eq!(asserted.sign_count, 7);
    assert_eq!(asserted.response.raw_id, authenticator.credential_id);
}

#[test]
fn client_data_may_leave_out_cross_origin_and_may_say_more() {
    for kind in ["webauthn.create", "webauthn.get"] {
        let client_data = json!({"type": kind, "challenge": CHALLENGE, "origin": ORIGIN});
        let lies =
            Lies { client_data: Some(client_data.to_string().into_bytes()), ..Lies::default() };
        let passed = match kind {
            "webauthn.create" => registration(&registration_answer(&lies).to_string()).is_ok(),
            _ => authentication(&authentication_answer(&lies).to_string()).is_ok(),
        };
        assert!(passed, "{kind}");
    }
    let more = json!({
        "extraData": "clientDataJSON may be extended with additional fields in the future",
        "other_keys_can_be_added_here": {"a": [1, 2.5, -3, null]},
        "tokenBinding": {"status": "supported"},
        "crossOrigin": false,
    });
    let Value::Object(client_data_members) = more else {
        panic!("not an object");
    };
    both_pass(&Lies { client_data_members, ..Lies::default() });
}

#[test]
fn authenticators_may_add_extension_outputs() {
    let outputs = [
        cbor::map(&[]),
        cbor::map(&[(cbor::text("credProtect"), cbor::integer(2))]),
        cbor::map(&[(cbor::text("hmac-secret"), vec![0xf5])]),
        // uvm: an array of arrays; another with a float.
        cbor::map(&[(cbor::text("uvm"), vec![0x81, 0x83, 0x02, 0x04, 0x02])]),
        cbor::map(&[(cbor::text("example"), vec![0xf9, 0x3c, 0x00])]),
    ];
    for extensions in outputs {
        both_pass(&Lies { extensions: Some(extensions), ..Lies::default() });
    }
}

#[test]
fn answers_may_have_members_that_nobody_reads() {
    let mut answer = registration_answer(&Lies::default());
    answer["clientExtensionResults"] = json!({"prf": {"enabled": true}, "appid": "yes"});
    answer["response"]["publicKey"] = json!(1);
    answer["response"]["publicKeyAlgorithm"] = json!("lie");
    answer["response"]["authenticatorData"] = json!(null);
    answer["authenticatorAttachment"] = json!(null);
    answer["new"] = json!([{"member": 1e3}]);
    let attested = registration(&answer.to_string()).unwrap();
    assert_eq!(attested.discoverable, None);
    answer["clientExtensionResults"] = json!({"credProps": {"rk": null}});
    answer["response"]["transports"] = json!(null);
    registration(&answer.to_string()).unwrap();
    answer.as_object_mut().unwrap().remove("clientExtensionResults");
    answer["response"].as_object_mut().unwrap().remove("transports");
    let attested = registration(&answer.to_string()).unwrap();
    assert!(attested.transports.is_empty());
}

#[test]
fn the_members_of_the_attestation_object_may_come_in_any_order() {
    let answer = registration_answer(&Lies::default());
    let honest = registration(&answer.to_string()).unwrap();
    let object = &honest.response.response.attestation_object;
    // fmt: 4 + 5 bytes, attStmt: 8 + 1, authData: the rest.
    let (head, members) = object.split_at(1);
    let (before, data) = members.split_at(4 + 5 + 8 + 1);
    let turned =
        Lies { attestation_object: Some([head, data, before].concat()), ..Lies::default() };
    let turned = registration(&registration_answer(&turned).to_string()).unwrap();
    assert_eq!(turned.public_key, honest.public_key);
}
