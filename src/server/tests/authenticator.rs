//! A software passkey that can lie: browser and authenticator in one, for tests of whole flows.
//!
//! Owns the making of `RegistrationResponseJSON` and `AuthenticationResponseJSON` out of the options
//! that a server sent. Lies are told where a real attacker would tell them, before signing, so the
//! signature over a lie is a good one and only the check that is meant can refuse it. It refuses
//! to know the server: it shares no code with the gate, lest both be wrong in the same way.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

pub(crate) const USER_PRESENT: u8 = 0x01;
pub(crate) const USER_VERIFIED: u8 = 0x04;
pub(crate) const BACKUP_ELIGIBLE: u8 = 0x08;
pub(crate) const BACKUP_STATE: u8 = 0x10;
pub(crate) const ATTESTED: u8 = 0x40;
pub(crate) const EXTENSIONS: u8 = 0x80;

/// One passkey on one device. Its public fields say how it behaves when it does not lie.
#[derive(Debug, Clone)]
pub(crate) struct Authenticator {
    key: SigningKey,
    pub(crate) credential_id: Vec<u8>,
    /// Learnt in `create`, told in `get`.
    pub(crate) user_handle: Option<Vec<u8>>,
    /// Grows by one before each `get`, unless it is 0: then it stays 0, as with synced passkeys.
    pub(crate) counter: u32,
    pub(crate) aaguid: [u8; 16],
    pub(crate) user_verified: bool,
    pub(crate) backup_eligible: bool,
    pub(crate) backup_state: bool,
    pub(crate) transports: Vec<String>,
    /// `credProps.rk`, told in `create`.
    pub(crate) discoverable: Option<bool>,
}

/// What to say instead of the truth; the default is the truth.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lies {
    /// The `type` of the client data.
    pub(crate) kind: Option<String>,
    pub(crate) challenge: Option<String>,
    pub(crate) origin: Option<String>,
    pub(crate) cross_origin: Option<Value>,
    pub(crate) top_origin: Option<String>,
    /// More members of the client data, or other values for those it has.
    pub(crate) client_data_members: Map<String, Value>,
    /// The client data, byte for byte.
    pub(crate) client_data: Option<Vec<u8>>,
    pub(crate) rp_id: Option<String>,
    pub(crate) flags: Option<u8>,
    pub(crate) counter: Option<u32>,
    /// The id in the attested credential data.
    pub(crate) attested_id: Option<Vec<u8>>,
    pub(crate) cose_key: Option<Vec<u8>>,
    /// CBOR of the extension outputs; sets their flag too.
    pub(crate) extensions: Option<Vec<u8>>,
    pub(crate) authenticator_data_tail: Vec<u8>,
    /// The authenticator data, byte for byte.
    pub(crate) authenticator_data: Option<Vec<u8>>,
    pub(crate) format: Option<String>,
    /// CBOR of the attestation statement.
    pub(crate) statement: Option<Vec<u8>>,
    /// The attestation object, byte for byte.
    pub(crate) attestation_object: Option<Vec<u8>>,
    pub(crate) signature: Option<Vec<u8>>,
    /// `Some(None)` leaves the member out.
    #[expect(clippy::option_option, reason = "no lie, a lie, and leaving it out are three things")]
    pub(crate) user_handle: Option<Option<Vec<u8>>>,
    /// The credential id of the answer, for `id` and `rawId` alike.
    pub(crate) credential_id: Option<Vec<u8>>,
    pub(crate) id: Option<String>,
    pub(crate) raw_id: Option<String>,
    /// The `type` of the answer.
    pub(crate) type_member: Option<Value>,
}

impl Authenticator {
    /// A passkey whose key and ids are always the same for one seed.
    pub(crate) fn new(seed: u64) -> Self {
        let derive =
            |purpose: &str| Sha256::digest([purpose.as_bytes(), &seed.to_be_bytes()].concat());
        Self {
            key: SigningKey::from_slice(&derive("key")).expect("a hash is a scalar"),
            credential_id: derive("credential id").to_vec(),
            user_handle: None,
            counter: 0,
            aaguid: [0; 16],
            user_verified: true,
            backup_eligible: true,
            backup_state: true,
            transports: vec!["internal".to_owned(), "hybrid".to_owned()],
            discoverable: Some(true),
        }
    }

    /// The credential id as it crosses the wire.
    pub(crate) fn id(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.credential_id)
    }

    /// Answers a `PublicKeyCredentialCreationOptionsJSON` with a `RegistrationResponseJSON`.
    pub(crate) fn create(&mut self, origin: &str, options: &Value) -> Value {
        self.create_lying(origin, options, &Lies::default())
    }

    pub(crate) fn create_lying(&mut self, origin: &str, options: &Value, lies: &Lies) -> Value {
        let options = options.get("publicKey").unwrap_or(options);
        self.user_handle =
            options["user"]["id"].as_str().and_then(|id| URL_SAFE_NO_PAD.decode(id).ok());
        let client_data = lies.client_data("webauthn.create", origin, options);
        let rp_id = options["rp"]["id"].as_str().unwrap_or_default();
        let authenticator_data = self.authenticator_data(rp_id, ATTESTED, lies);
        let object = lies
            .attestation_object
            .clone()
            .unwrap_or_else(|| lies.attestation_object(&authenticator_data));
        let response = json!({
            "clientDataJSON": URL_SAFE_NO_PAD.encode(client_data),
            "attestationObject": URL_SAFE_NO_PAD.encode(object),
            "authenticatorData": URL_SAFE_NO_PAD.encode(authenticator_data),
            "publicKeyAlgorithm": -7,
            "transports": self.transports,
        });
        let properties = self.discoverable.map_or(json!({}), |rk| json!({"rk": rk}));
        self.envelope(lies, &response, &json!({"credProps": properties}))
    }

    /// Answers a `PublicKeyCredentialRequestOptionsJSON` with an `AuthenticationResponseJSON`.
    pub(crate) fn get(&mut self, origin: &str, options: &Value) -> Value {
        self.get_lying(origin, options, &Lies::default())
    }

    pub(crate) fn get_lying(&mut self, origin: &str, options: &Value, lies: &Lies) -> Value {
        let options = options.get("publicKey").unwrap_or(options);
        if self.counter > 0 {
            self.counter += 1;
        }
        let client_data = lies.client_data("webauthn.get", origin, options);
        let rp_id = options["rpId"].as_str().unwrap_or_default();
        let authenticator_data = self.authenticator_data(rp_id, 0, lies);
        let signature =
            lies.signature.clone().unwrap_or_else(|| self.sign(&authenticator_data, &client_data));
        let mut response = json!({
            "clientDataJSON": URL_SAFE_NO_PAD.encode(client_data),
            "authenticatorData": URL_SAFE_NO_PAD.encode(authenticator_data),
            "signature": URL_SAFE_NO_PAD.encode(signature),
        });
        if let Some(handle) = lies.user_handle.as_ref().unwrap_or(&self.user_handle) {
            response["userHandle"] = URL_SAFE_NO_PAD.encode(handle).into();
        }
        self.envelope(lies, &response, &json!({}))
    }

    /// The DER signature over authenticator data and client data.
    pub(crate) fn sign(&self, authenticator_data: &[u8], client_data: &[u8]) -> Vec<u8> {
        let hash = Sha256::digest(client_data);
        let signature: Signature = self.key.sign(&[authenticator_data, &hash].concat());
        signature.to_der().as_bytes().to_vec()
    }

    /// The numbers r and s of the signature that `get` would make.
    pub(crate) fn sign_numbers(&mut self, origin: &str, options: &Value) -> ([u8; 32], [u8; 32]) {
        let answer = self.get(origin, options);
        let signature = answer["response"]["signature"].as_str().unwrap_or_default();
        let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
        let (r, s) = Signature::from_der(&signature).expect("DER").split_bytes();
        (r.into(), s.into())
    }

    /// The coordinates of the public key.
    pub(crate) fn coordinates(&self) -> ([u8; 32], [u8; 32]) {
        let point = self.key.verifying_key().to_sec1_point(false);
        let coordinate = |at: usize| point.as_bytes()[at..at + 32].try_into().expect("32 bytes");
        (coordinate(1), coordinate(33))
    }

    /// The truthful COSE key.
    pub(crate) fn cose_key(&self) -> Vec<u8> {
        let (x, y) = self.coordinates();
        cbor::map(&[
            (cbor::integer(1), cbor::integer(2)),
            (cbor::integer(3), cbor::integer(-7)),
            (cbor::integer(-1), cbor::integer(1)),
            (cbor::integer(-2), cbor::bytes(&x)),
            (cbor::integer(-3), cbor::bytes(&y)),
        ])
    }

    fn authenticator_data(&self, rp_id: &str, attested: u8, lies: &Lies) -> Vec<u8> {
        if let Some(bytes) = &lies.authenticator_data {
            return bytes.clone();
        }
        let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
        let flags = USER_PRESENT
            | attested
            | flag(self.user_verified, USER_VERIFIED)
            | flag(self.backup_eligible, BACKUP_ELIGIBLE)
            | flag(self.backup_state, BACKUP_STATE)
            | flag(lies.extensions.is_some(), EXTENSIONS);
        let mut data = Sha256::digest(lies.rp_id.as_deref().unwrap_or(rp_id)).to_vec();
        data.push(lies.flags.unwrap_or(flags));
        data.extend(lies.counter.unwrap_or(self.counter).to_be_bytes());
        if attested != 0 {
            let id = lies.attested_id.as_ref().unwrap_or(&self.credential_id);
            let length = u16::try_from(id.len()).expect("a length of two bytes");
            data.extend(self.aaguid);
            data.extend(length.to_be_bytes());
            data.extend(id);
            data.extend(lies.cose_key.clone().unwrap_or_else(|| self.cose_key()));
        }
        data.extend(lies.extensions.iter().flatten());
        data.extend(&lies.authenticator_data_tail);
        data
    }

    fn envelope(&self, lies: &Lies, response: &Value, extensions: &Value) -> Value {
        let id = URL_SAFE_NO_PAD.encode(lies.credential_id.as_ref().unwrap_or(&self.credential_id));
        json!({
            "id": lies.id.as_ref().unwrap_or(&id),
            "rawId": lies.raw_id.as_ref().unwrap_or(&id),
            "type": lies.type_member.clone().unwrap_or_else(|| "public-key".into()),
            "authenticatorAttachment": "platform",
            "response": response,
            "clientExtensionResults": extensions,
        })
    }
}

impl Lies {
    fn client_data(&self, kind: &str, origin: &str, options: &Value) -> Vec<u8> {
        if let Some(bytes) = &self.client_data {
            return bytes.clone();
        }
        let challenge = options["challenge"].as_str().unwrap_or_default();
        let mut client_data = json!({
            "type": self.kind.as_deref().unwrap_or(kind),
            "challenge": self.challenge.as_deref().unwrap_or(challenge),
            "origin": self.origin.as_deref().unwrap_or(origin),
            "crossOrigin": self.cross_origin.clone().unwrap_or(Value::Bool(false)),
        });
        if let Some(top_origin) = &self.top_origin {
            client_data["topOrigin"] = top_origin.as_str().into();
        }
        for (name, value) in &self.client_data_members {
            client_data[name] = value.clone();
        }
        client_data.to_string().into_bytes()
    }

    fn attestation_object(&self, authenticator_data: &[u8]) -> Vec<u8> {
        let statement = self.statement.clone().unwrap_or_else(|| cbor::map(&[]));
        cbor::map(&[
            (cbor::text("fmt"), cbor::text(self.format.as_deref().unwrap_or("none"))),
            (cbor::text("attStmt"), statement),
            (cbor::text("authData"), cbor::bytes(authenticator_data)),
        ])
    }
}

/// Just enough of CBOR to write what an authenticator writes.
pub(crate) mod cbor {
    pub(crate) fn integer(number: i64) -> Vec<u8> {
        let (major, argument) = if number < 0 { (1, !number) } else { (0, number) };
        head(major, usize::try_from(argument).expect("not negative"))
    }

    pub(crate) fn bytes(bytes: &[u8]) -> Vec<u8> {
        [head(2, bytes.len()), bytes.to_vec()].concat()
    }

    pub(crate) fn text(text: &str) -> Vec<u8> {
        [head(3, text.len()), text.as_bytes().to_vec()].concat()
    }

    pub(crate) fn map(entries: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
        let mut map = head(5, entries.len());
        for (key, value) in entries {
            map.extend(key);
            map.extend(value);
        }
        map
    }

    fn head(major: u8, argument: usize) -> Vec<u8> {
        let argument = u32::try_from(argument).expect("small numbers only");
        let bytes = argument.to_be_bytes();
        match argument {
            0..24 => vec![(major << 5) | bytes[3]],
            24..0x100 => vec![(major << 5) | 0x18, bytes[3]],
            0x100..0x1_0000 => vec![(major << 5) | 0x19, bytes[2], bytes[3]],
            _ => [&[(major << 5) | 0x1a], bytes.as_slice()].concat(),
        }
    }
}
