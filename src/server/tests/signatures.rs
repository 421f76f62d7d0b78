//! Signatures that only the library can judge, behind the gate: spellings of DER, numbers out of
//! range, other keys, other bytes.

use serde_json::{Value, json};

use super::{
    authenticator::{Authenticator, Lies},
    library,
};
use crate::server::passkeys::gate::{self, Expected};
use crate::server::passkeys::{Reason, Refused};

const ORIGIN: &str = "https://example.org";
const CHALLENGE: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

fn options() -> Value {
    json!({"rpId": "example.org", "challenge": CHALLENGE})
}

/// Verifies an assertion of `signer` against the key of the authenticator that has been registered.
fn verify(signer: &mut Authenticator, lies: &Lies) -> Result<(), Refused> {
    let origins = [ORIGIN.to_owned()];
    let expected = Expected {
        challenge: CHALLENGE,
        origins: &origins,
        rp_id: "example.org",
        user_verification_required: true,
    };
    let answer = signer.get_lying(ORIGIN, &options(), lies).to_string();
    let asserted = gate::authentication(&answer, &expected)?;
    let key = gate::library_key(&Authenticator::new(1).cose_key())?;
    library::verify(&asserted, key, &expected)
}

/// The numbers r and s of a good signature over the answer that `verify` will see.
fn good_signature() -> ([u8; 32], [u8; 32]) {
    Authenticator::new(1).sign_numbers(ORIGIN, &options())
}

/// An unsigned big-endian number as DER wants it.
fn integer(number: &[u8]) -> Vec<u8> {
    let start = number.iter().position(|byte| *byte != 0).unwrap_or(number.len() - 1);
    let padding = if number[start] >= 0x80 { vec![0] } else { vec![] };
    item(0x02, &[&padding, &number[start..]].concat())
}

fn item(tag: u8, content: &[u8]) -> Vec<u8> {
    [&[tag, u8::try_from(content.len()).unwrap()], content].concat()
}

#[test]
fn a_good_signature_verifies() {
    verify(&mut Authenticator::new(1), &Lies::default()).unwrap();
    let (r, s) = good_signature();
    let lies = Lies {
        signature: Some(item(0x30, &[integer(&r), integer(&s)].concat())),
        ..Lies::default()
    };
    verify(&mut Authenticator::new(1), &lies).unwrap();
}

#[test]
fn a_signature_by_another_key_is_refused() {
    let mut thief = Authenticator::new(2);
    thief.credential_id = Authenticator::new(1).credential_id;
    let refused = verify(&mut thief, &Lies::default()).unwrap_err();
    assert_eq!(refused.reason, Reason::SignatureInvalid);
}

#[test]
fn every_other_spelling_of_a_signature_is_refused() {
    let (r, s) = good_signature();
    let (r_item, s_item) = (integer(&r), integer(&s));
    let content = [r_item.clone(), s_item.clone()].concat();
    let good = item(0x30, &content);
    let zero = [0; 32];
    let order = p256_order();
    let length = u8::try_from(content.len()).unwrap();
    let spellings = [
        vec![0],
        good[..good.len() - 1].to_vec(),
        [good.clone(), vec![0]].concat(),
        [r, s].concat(),
        // The length in two bytes, an indefinite length, a needless zero in front of r.
        [[0x30, 0x81, length].as_slice(), &content].concat(),
        [[0x30, 0x80].as_slice(), &content, &[0, 0]].concat(),
        item(0x30, &[item(0x02, &[&[0, 0], r.as_slice()].concat()), s_item.clone()].concat()),
        // A third number, only one, other tags, swapped.
        item(0x30, &[content.clone(), integer(&[1])].concat()),
        item(0x30, &r_item),
        item(0x31, &content),
        item(0x30, &[item(0x04, &r), s_item.clone()].concat()),
        item(0x30, &[s_item.clone(), r_item.clone()].concat()),
        // Zero, and the order of the curve.
        item(0x30, &[integer(&zero), integer(&zero)].concat()),
        item(0x30, &[integer(&zero), s_item.clone()].concat()),
        item(0x30, &[r_item.clone(), integer(&zero)].concat()),
        item(0x30, &[integer(&order), s_item].concat()),
        item(0x30, &[r_item, integer(&order)].concat()),
    ];
    for signature in spellings {
        let lies = Lies { signature: Some(signature), ..Lies::default() };
        let refused = verify(&mut Authenticator::new(1), &lies).unwrap_err();
        assert_eq!(refused.reason, Reason::SignatureInvalid, "{lies:?}");
    }
}

/// The order of P-256 (FIPS 186-5).
fn p256_order() -> [u8; 32] {
    let mut order = [0xff; 32];
    order[4..8].fill(0);
    order[16..].copy_from_slice(&[
        0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25,
        0x51,
    ]);
    order
}
