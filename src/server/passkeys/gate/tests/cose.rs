//! COSE keys outside of the table.

use super::super::library_key;
use super::{Lies, Reason, registration_answer, registration_refusal};
use crate::server::tests::authenticator::{Authenticator, cbor};

type Entry = (i64, Vec<u8>);

fn key(entries: &[Entry]) -> Vec<u8> {
    let entries: Vec<_> =
        entries.iter().map(|(label, value)| (cbor::integer(*label), value.clone())).collect();
    cbor::map(&entries)
}

fn es256() -> Vec<Entry> {
    let (x, y) = Authenticator::new(1).coordinates();
    vec![
        (1, cbor::integer(2)),
        (3, cbor::integer(-7)),
        (-1, cbor::integer(1)),
        (-2, cbor::bytes(&x)),
        (-3, cbor::bytes(&y)),
    ]
}

fn rs256(modulus: &[u8], exponent: &[u8]) -> Vec<Entry> {
    vec![
        (1, cbor::integer(3)),
        (3, cbor::integer(-257)),
        (-1, cbor::bytes(modulus)),
        (-2, cbor::bytes(exponent)),
    ]
}

fn with(mut entries: Vec<Entry>, label: i64, value: Vec<u8>) -> Vec<Entry> {
    entries.retain(|(known, _)| *known != label);
    entries.push((label, value));
    entries
}

fn without(mut entries: Vec<Entry>, label: i64) -> Vec<Entry> {
    entries.retain(|(known, _)| *known != label);
    entries
}

/// Registers with the key, and reads it as if it were stored: both must agree.
#[track_caller]
fn judge(cose_key: Vec<u8>, reason: Option<Reason>) {
    assert_eq!(library_key(&cose_key).err().map(|refused| refused.reason), reason);
    let lies = Lies { cose_key: Some(cose_key), ..Lies::default() };
    assert_eq!(registration_refusal(&registration_answer(&lies)), reason);
}

#[test]
fn the_keys_of_the_table_pass() {
    judge(key(&es256()), None);
    judge(key(&rs256(&[0xff; 256], &[1, 0, 1])), None);
}

#[test]
fn algorithms_that_were_not_offered_are_refused() {
    for algorithm in [-8, -35, -36, -37, -38, -39, -258, -259, -65535, -25, 0, 7, -47, -9] {
        let entries = with(es256(), 3, cbor::integer(algorithm));
        judge(key(&entries), Some(Reason::UnsupportedAlgorithm));
    }
    let ed25519 = [
        (1, cbor::integer(1)),
        (3, cbor::integer(-8)),
        (-1, cbor::integer(6)),
        (-2, cbor::bytes(&[9; 32])),
    ];
    judge(key(&ed25519), Some(Reason::UnsupportedAlgorithm));
}

#[test]
fn an_algorithm_on_another_curve_or_key_type_is_refused() {
    for curve in [0, 2, 3, 6, 8] {
        let entries = with(es256(), -1, cbor::integer(curve));
        judge(key(&entries), Some(Reason::UnsupportedAlgorithm));
    }
    for key_type in [0, 1, 3, 4] {
        let entries = with(es256(), 1, cbor::integer(key_type));
        judge(key(&entries), Some(Reason::UnsupportedAlgorithm));
    }
    let entries = with(rs256(&[0xff; 256], &[1, 0, 1]), 1, cbor::integer(2));
    judge(key(&entries), Some(Reason::UnsupportedAlgorithm));
}

#[test]
fn a_point_off_the_curve_is_refused() {
    for (x, y) in [([0; 32], [0; 32]), ([1; 32], [1; 32]), ([0xff; 32], [0xff; 32])] {
        let entries = with(with(es256(), -2, cbor::bytes(&x)), -3, cbor::bytes(&y));
        judge(key(&entries), Some(Reason::MalformedResponse));
    }
}

#[test]
fn coordinates_of_another_length_or_type_are_refused() {
    let (x, y) = Authenticator::new(1).coordinates();
    let longer = cbor::bytes(&[[0].as_slice(), &x].concat());
    for value in [cbor::bytes(&x[1..]), longer, cbor::bytes(&[]), cbor::integer(1), vec![0xf5]] {
        judge(key(&with(es256(), -2, value.clone())), Some(Reason::MalformedResponse));
        judge(key(&with(es256(), -3, value)), Some(Reason::MalformedResponse));
    }
    // A compressed point: the sign of y in its place.
    let compressed = with(es256(), -3, vec![if y[31] % 2 == 1 { 0xf5 } else { 0xf4 }]);
    judge(key(&compressed), Some(Reason::MalformedResponse));
}

#[test]
fn missing_and_further_labels_are_refused() {
    for label in [1, 3, -1, -2, -3] {
        judge(key(&without(es256(), label)), Some(Reason::MalformedResponse));
    }
    for label in [2, 4, 5, -4, -70_000] {
        let entries = with(es256(), label, cbor::bytes(b"x"));
        judge(key(&entries), Some(Reason::MalformedResponse));
    }
    let rsa = rs256(&[0xff; 256], &[1, 0, 1]);
    judge(key(&with(rsa.clone(), -3, cbor::bytes(b"d"))), Some(Reason::MalformedResponse));
    for label in [1, -1, -2] {
        judge(key(&without(rsa.clone(), label)), Some(Reason::MalformedResponse));
    }
}

#[test]
fn odd_rsa_keys_are_refused() {
    let modulus = |length: usize| vec![0xff; length];
    for length in [64, 128, 255, 257, 384, 512, 1024] {
        let entries = rs256(&modulus(length), &[1, 0, 1]);
        judge(key(&entries), Some(Reason::UnsupportedAlgorithm));
    }
    let short = [[0x7f].as_slice(), &modulus(255)].concat();
    judge(key(&rs256(&short, &[1, 0, 1])), Some(Reason::UnsupportedAlgorithm));
    let even = [modulus(255).as_slice(), &[0xfe]].concat();
    let led_by_zero = [[0].as_slice(), &modulus(256)].concat();
    for modulus in [even, led_by_zero, Vec::new(), vec![0; 256]] {
        judge(key(&rs256(&modulus, &[1, 0, 1])), Some(Reason::MalformedResponse));
    }
    for exponent in [[].as_slice(), &[1], &[3], &[0, 0, 3], &[0, 1, 0, 1], &[1, 0, 3]] {
        judge(key(&rs256(&modulus(256), exponent)), Some(Reason::MalformedResponse));
    }
}

#[test]
fn a_key_that_is_no_map_is_refused() {
    for bytes in [vec![0x80], vec![0xf6], cbor::bytes(b"key"), cbor::map(&[])] {
        judge(bytes, Some(Reason::MalformedResponse));
    }
}
