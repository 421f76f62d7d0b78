//! The keys with which tokens are signed.
//!
//! Owns: that one key signs at any time, that a retired one is published until no token of it can live,
//! and that a private key is seen by nobody but [`Signer`]. Refuses to know: what tokens say.
//!
//! Decisions:
//! * Keys are read at each use. A rotation beside a running server holds from the next token on.
//! * What is published does not touch private keys: the public ones have a column of their own.
//! * ES256 alone (RFC 7518, §3.4): every library has it, and there is nothing to negotiate.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use p256::pkcs8::EncodePrivateKey as _;
use p256::{SecretKey, elliptic_curve::sec1::ToSec1Point as _};
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::FromRow;

use super::registration::internal;
use super::{Error, Passkeys};
use crate::server::chance::Chance;
use crate::server::clock::Timestamp;
use crate::server::database::{Transaction, sql};

/// How long a retired key is still published: longer than its last token lives, so that caches may be old
/// and clocks may be off.
const PUBLISHED_AFTER_RETIREMENT: Duration = Duration::from_mins(10);

/// A key by whose public half tokens can be checked now.
#[derive(Debug, Clone)]
pub struct SigningKey {
    /// Names it in the header of its tokens (RFC 7515, §4.1.4).
    pub kid: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When another one took its place; None for the one that signs.
    pub retired_at: Option<Timestamp>,
    /// Its tokens of before are not taken any more; None where all are.
    pub(super) tokens_from: Option<Timestamp>,
    /// The affine coordinates as base64url text (RFC 7518, §6.2.1).
    x: String,
    y: String,
}

impl SigningKey {
    /// When it stops being published; None for the one that signs.
    pub fn published_until(&self) -> Option<Timestamp> {
        self.retired_at.map(|retired_at| retired_at.after(PUBLISHED_AFTER_RETIREMENT))
    }

    /// The public half as verifiers read it (RFC 7517, §4).
    fn as_jwk(&self) -> Value {
        json!({
            "kty": "EC", "crv": "P-256", "x": self.x, "y": self.y,
            "use": "sig", "alg": "ES256", "kid": self.kid,
        })
    }

    /// What checks the signatures of its tokens.
    pub(super) fn verifier(&self) -> Result<DecodingKey, Error> {
        DecodingKey::from_ec_components(&self.x, &self.y).map_err(internal)
    }
}

#[derive(FromRow)]
struct SigningKeyRow {
    id: String,
    public_key: Vec<u8>,
    created_at: i64,
    retired_at: Option<i64>,
    tokens_from: Option<i64>,
}

impl TryFrom<SigningKeyRow> for SigningKey {
    type Error = Error;

    fn try_from(row: SigningKeyRow) -> Result<Self, Error> {
        let [4, point @ ..] = row.public_key.as_slice() else {
            return Err(internal("a signing key is not an uncompressed point"));
        };
        let (x, y) = point.split_at_checked(32).ok_or_else(|| internal("half a signing key"))?;
        Ok(Self {
            kid: row.id,
            created_at: Timestamp::from_milliseconds(row.created_at),
            retired_at: row.retired_at.map(Timestamp::from_milliseconds),
            tokens_from: row.tokens_from.map(Timestamp::from_milliseconds),
            x: URL_SAFE_NO_PAD.encode(x),
            y: URL_SAFE_NO_PAD.encode(y),
        })
    }
}

/// The key that signs, with its private half. [`EncodingKey`] shows nothing of it.
#[derive(Debug)]
pub(super) struct Signer {
    kid: String,
    key: EncodingKey,
}

impl Signer {
    fn new(kid: String, private_key: &[u8]) -> Result<Self, Error> {
        // Errors of these say nothing of the bytes, and must not.
        let key = SecretKey::from_slice(private_key).map_err(internal)?;
        let key = key.to_pkcs8_der().map_err(internal)?;
        Ok(Self { kid, key: EncodingKey::from_ec_der(key.as_bytes()) })
    }

    /// A token that says this, in the compact form (RFC 7515, §7.1).
    pub(super) fn sign(&self, claims: &impl Serialize) -> Result<String, Error> {
        let header = Header { kid: Some(self.kid.clone()), ..Header::new(Algorithm::ES256) };
        jsonwebtoken::encode(&header, claims, &self.key).map_err(internal)
    }
}

/// A fresh private key: a random scalar, drawn again where it is not below the order of the curve
/// (FIPS 186-5, A.2.2).
fn draw(chance: &Chance) -> SecretKey {
    loop {
        if let Ok(key) = SecretKey::from_slice(&chance.bytes::<32>()) {
            return key;
        }
    }
}

impl Passkeys {
    /// Makes the first key, where there is none. The index sees to it that of two processes one does.
    pub(super) async fn make_first_signing_key(&self) -> Result<(), sqlx::Error> {
        let signs = "select exists (select 1 from signing_keys where retired_at is null)";
        if sql::query_scalar(signs).fetch_one(self.database.reader()).await? {
            return Ok(());
        }
        let mut transaction = self.database.begin().await?;
        self.make_signing_key(&mut transaction).await?;
        transaction.commit().await
    }

    /// Makes a key that signs from now on. The one that signed until now is retired: its tokens stay good
    /// until they are over.
    pub async fn rotate_signing_key(&self) -> Result<SigningKey, Error> {
        let mut transaction = self.database.begin().await?;
        let retire = "update signing_keys set retired_at = $1 where retired_at is null";
        let query = sql::query(retire).bind(self.clock.now().milliseconds());
        query.execute(&mut transaction).await?;
        let made = self.make_signing_key(&mut transaction).await?;
        let made = made.ok_or_else(|| internal("a signing key was not retired"))?;
        transaction.commit().await?;
        made.try_into()
    }

    /// None where there is one that signs.
    async fn make_signing_key(
        &self,
        transaction: &mut Transaction<'static>,
    ) -> Result<Option<SigningKeyRow>, sqlx::Error> {
        let key = draw(&self.chance);
        let public_key = key.public_key().to_sec1_point(false);
        let insert = "insert into signing_keys (id, private_key, public_key, created_at)
            values ($1, $2, $3, $4)
            on conflict do nothing returning id, public_key, created_at, retired_at, tokens_from";
        let query = sql::query_as(insert).bind(self.chance.id()).bind(key.to_bytes().to_vec());
        let query = query.bind(public_key.as_bytes()).bind(self.clock.now().milliseconds());
        query.fetch_optional(&mut *transaction).await
    }

    /// The key that signs, now.
    pub(super) async fn signer(&self) -> Result<Signer, Error> {
        let select = "select id, private_key from signing_keys where retired_at is null";
        let query = sql::query_as::<(String, Vec<u8>)>(select);
        let found = query.fetch_optional(self.database.reader()).await?;
        let (kid, private_key) = found.ok_or_else(|| internal("there is no signing key"))?;
        Signer::new(kid, &private_key)
    }

    /// The keys that are published, the one that signs first.
    pub async fn signing_keys(&self) -> Result<Vec<SigningKey>, Error> {
        let select = "select id, public_key, created_at, retired_at, tokens_from from signing_keys
            where retired_at is null or retired_at > $1
            order by retired_at is not null, retired_at desc, created_at desc, id";
        let over = self.clock.now().before(PUBLISHED_AFTER_RETIREMENT).milliseconds();
        let query = sql::query_as::<SigningKeyRow>(select).bind(over);
        let rows = query.fetch_all(self.database.reader()).await?;
        rows.into_iter().map(SigningKey::try_from).collect()
    }

    /// The published keys as a document (RFC 7517, §5), with which anybody can check tokens.
    pub async fn jwks(&self) -> Result<Value, Error> {
        let keys = self.signing_keys().await?;
        Ok(json!({ "keys": keys.iter().map(SigningKey::as_jwk).collect::<Vec<_>>() }))
    }

    /// Deletes the keys that are not published any more.
    pub(super) async fn sweep_signing_keys(&self) -> Result<(), Error> {
        let over = self.clock.now().before(PUBLISHED_AFTER_RETIREMENT).milliseconds();
        let delete = "delete from signing_keys where retired_at <= $1";
        sql::query(delete).bind(over).execute(self.database.writer()).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Chance, Signer, draw};

    #[test]
    fn a_private_key_is_not_shown() {
        let key = draw(&Chance::from_seed(1)).to_bytes();
        let signer = Signer::new("kid".to_owned(), &key).expect("a key");
        assert_eq!(
            format!("{signer:?}"),
            r#"Signer { kid: "kid", key: EncodingKey { family: Ec, content: "[redacted]" } }"#
        );
    }

    #[test]
    fn what_is_no_scalar_is_no_key() {
        for bytes in [[0; 32], [0xff; 32]] {
            let error = Signer::new("kid".to_owned(), &bytes).expect_err("out of range");
            assert!(!error.to_string().contains("255"), "{error}");
        }
    }
}
