//! Authenticator data and attestation objects: relying party, flags, left-over bytes, formats.

use super::registration_refusal;
use super::{Lies, Reason, authentication_refuses, both_refuse, registration_refuses};
use super::{authentication_answer, authentication_refusal, registration_answer};
use crate::server::tests::authenticator::{
    ATTESTED, Authenticator, BACKUP_ELIGIBLE, BACKUP_STATE, EXTENSIONS, USER_PRESENT,
    USER_VERIFIED, cbor,
};

const PRESENT: u8 = USER_PRESENT | USER_VERIFIED;

/// Both answers with these flags, to which a registration adds the one of attested data.
fn refusals_of_flags(flags: u8) -> [Option<Reason>; 2] {
    let lies = |flags: u8| Lies { flags: Some(flags), ..Lies::default() };
    [
        registration_refusal(&registration_answer(&lies(flags | ATTESTED))),
        authentication_refusal(&authentication_answer(&lies(flags))),
    ]
}

#[test]
fn data_for_another_relying_party_are_refused() {
    for rp_id in ["", "login.example.org", "EXAMPLE.ORG", "example.org.", "https://example.org"] {
        let lies = Lies { rp_id: Some(rp_id.to_owned()), ..Lies::default() };
        both_refuse(&lies, Reason::RpIdMismatch);
    }
}

#[test]
fn flags_are_judged_one_by_one() {
    let judge = |flags, reason| assert_eq!(refusals_of_flags(flags), [reason; 2], "{flags:#x}");
    judge(PRESENT, None);
    judge(PRESENT | BACKUP_ELIGIBLE, None);
    judge(PRESENT | BACKUP_ELIGIBLE | BACKUP_STATE, None);
    judge(PRESENT | 0x02 | 0x20, None);
    judge(0, Some(Reason::UserPresenceRequired));
    judge(USER_VERIFIED, Some(Reason::UserPresenceRequired));
    judge(USER_PRESENT, Some(Reason::UserVerificationRequired));
    judge(PRESENT | BACKUP_STATE, Some(Reason::MalformedResponse));
    judge(PRESENT | EXTENSIONS, Some(Reason::MalformedResponse));
}

#[test]
fn attested_data_belong_to_registrations_only() {
    let lies = Lies { flags: Some(PRESENT), ..Lies::default() };
    registration_refuses(&lies, Reason::MalformedResponse);
    let registration = [
        Authenticator::new(1).aaguid.to_vec(),
        vec![0, 16],
        vec![7; 16],
        Authenticator::new(1).cose_key(),
    ];
    let lies = Lies {
        flags: Some(PRESENT | ATTESTED),
        authenticator_data_tail: registration.concat(),
        ..Lies::default()
    };
    authentication_refuses(&lies, Reason::MalformedResponse);
}

#[test]
fn a_registration_without_any_attested_data_is_refused() {
    let mut data = relying_party_hash();
    data.push(PRESENT);
    data.extend([0; 4]);
    let lies = Lies { authenticator_data: Some(data), ..Lies::default() };
    registration_refuses(&lies, Reason::MalformedResponse);
}

fn relying_party_hash() -> Vec<u8> {
    use sha2::{Digest, Sha256};
    Sha256::digest("example.org").to_vec()
}

#[test]
fn left_over_and_missing_bytes_are_refused() {
    for tail in [vec![0], vec![0xa0], vec![0xf6], vec![0; 100]] {
        let lies = Lies { authenticator_data_tail: tail, ..Lies::default() };
        both_refuse(&lies, Reason::MalformedResponse);
    }
    for length in 0..37 {
        let lies = Lies { authenticator_data: Some(vec![0xff; length]), ..Lies::default() };
        both_refuse(&lies, Reason::MalformedResponse);
    }
}

#[test]
fn extension_outputs_that_are_not_one_map_by_name_are_refused() {
    let outputs = [
        vec![],
        vec![0x80],
        vec![0xf6],
        vec![0xf4],
        vec![0x40],
        cbor::map(&[(cbor::integer(1), cbor::integer(2))]),
        [cbor::map(&[]), cbor::map(&[])].concat(),
        vec![0xbf, 0xff],
    ];
    for extensions in outputs {
        let lies = Lies { extensions: Some(extensions), ..Lies::default() };
        both_refuse(&lies, Reason::MalformedResponse);
    }
    // The map without its flag is a left-over.
    let lies = Lies {
        authenticator_data_tail: cbor::map(&[(cbor::text("credProtect"), cbor::integer(2))]),
        ..Lies::default()
    };
    both_refuse(&lies, Reason::MalformedResponse);
}

#[test]
fn an_attested_id_that_is_not_the_one_of_the_answer_is_refused() {
    for id in [vec![7; 32], vec![], vec![7; 16], vec![7; 1024]] {
        let lies = Lies { attested_id: Some(id), ..Lies::default() };
        registration_refuses(&lies, Reason::MalformedResponse);
    }
}

#[test]
fn an_attested_id_longer_than_the_data_is_refused() {
    let mut data = relying_party_hash();
    data.push(PRESENT | ATTESTED);
    data.extend([0; 4 + 16]);
    data.extend([0xff, 0xff]);
    data.extend([7; 64]);
    let lies = Lies { authenticator_data: Some(data), ..Lies::default() };
    registration_refuses(&lies, Reason::MalformedResponse);
}

#[test]
fn an_attestation_that_was_not_asked_for_is_refused() {
    for format in ["", "None", "packed", "tpm", "apple", "fido-u2f", "android-key", "compound"] {
        let lies = Lies { format: Some(format.to_owned()), ..Lies::default() };
        registration_refuses(&lies, Reason::AttestationInvalid);
    }
    let lies = Lies {
        statement: Some(cbor::map(&[(cbor::text("alg"), cbor::integer(-7))])),
        ..Lies::default()
    };
    registration_refuses(&lies, Reason::AttestationInvalid);
}

#[test]
fn an_attestation_statement_that_is_no_map_is_refused() {
    for statement in [vec![0xf6], vec![0x80], vec![0x40], vec![0x60], vec![0x00]] {
        let lies = Lies { statement: Some(statement), ..Lies::default() };
        registration_refuses(&lies, Reason::MalformedResponse);
    }
}

#[test]
fn an_attestation_object_of_another_shape_is_refused() {
    let format = || (cbor::text("fmt"), cbor::text("none"));
    let statement = || (cbor::text("attStmt"), cbor::map(&[]));
    let data = || (cbor::text("authData"), cbor::bytes(&[0; 37]));
    let objects = [
        vec![],
        vec![0xf6],
        cbor::map(&[]),
        cbor::map(&[format(), statement()]),
        cbor::map(&[format(), data()]),
        cbor::map(&[statement(), data()]),
        cbor::map(&[format(), format(), statement(), data()]),
        cbor::map(&[format(), statement(), data(), (cbor::text("epAtt"), vec![0xf5])]),
        cbor::map(&[format(), statement(), (cbor::text("authData"), cbor::text("x"))]),
        cbor::map(&[format(), statement(), (cbor::bytes(b"authData"), cbor::bytes(b"x"))]),
        [cbor::map(&[format(), statement(), data()]), vec![0]].concat(),
    ];
    for object in objects {
        let lies = Lies { attestation_object: Some(object), ..Lies::default() };
        registration_refuses(&lies, Reason::MalformedResponse);
    }
}
