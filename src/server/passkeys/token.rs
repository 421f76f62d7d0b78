//! Tokens: what a relying party can take home from a ceremony, and check without asking.
//!
//! Owns: what a token says, how long it holds, and that the service takes one for its claims once.
//! Refuses to know: how the ceremony went; whoever issues a token has seen it pass.
//!
//! Decisions: time is checked here and not by the library, which would ask the machine instead of the
//! [`Clock`](crate::server::clock::Clock). The algorithm is not the token's to choose (RFC 8725, §3.1). That
//! a token was spent is forgotten only by a clock that has not been set for as long as it is remembered.

use std::time::Duration;

use jsonwebtoken::{Algorithm, Validation};
use serde::{Deserialize, Serialize};
use thiserror::Error as ThisError;

use super::{CredentialId, Error, Passkeys, RelyingParty};
use crate::server::clock::Timestamp;
use crate::server::database::sql;

/// How long a token holds.
const TOKEN_LIFETIME: Duration = Duration::from_mins(2);

/// How far the clock may have been put back since a token was issued.
const CLOCK_TOLERANCE: Duration = Duration::from_mins(1);

/// How long it is remembered that a token was spent, once it is over: a clock that is put back must not
/// revive it.
const REMEMBERED: Duration = Duration::from_hours(2);

/// After which ceremony a token was issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenPurpose {
    /// A passkey was registered.
    Registration,
    /// Somebody signed in.
    Authentication,
}

/// The ceremony that passed, and of which the token tells.
#[derive(Debug, Clone, Copy)]
pub struct Verified<'a> {
    /// The relying party's own id of the user.
    pub external_id: &'a str,
    /// The passkey.
    pub credential: &'a CredentialId,
    /// Whether the authenticator verified the user (WebAuthn Level 3, §6.1, flag UV).
    pub user_verified: bool,
    /// Which ceremony it was.
    pub purpose: TokenPurpose,
}

/// What a token says (RFC 7519, §4; times are seconds since the Unix epoch).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The URL of this service.
    pub iss: String,
    /// The id of the relying party.
    pub aud: String,
    /// The relying party's own id of the user.
    pub sub: String,
    /// When it was issued.
    pub iat: i64,
    /// When it is over.
    pub exp: i64,
    /// Tells it from all others.
    pub jti: String,
    /// How the user was authenticated (RFC 8176, §2).
    pub amr: Vec<String>,
    /// The credential id, as in `PublicKeyCredential.id`.
    pub cred: String,
    /// After which ceremony it was issued.
    pub purpose: TokenPurpose,
}

/// Why a token was not taken.
#[derive(Debug, ThisError)]
pub enum TokenRefused {
    /// It is not one of ours, or over. Which of them is not told.
    #[error("the token is not valid")]
    Invalid,
    /// It is one of ours, for another relying party: to this one it does not exist.
    #[error("the token is another relying party's")]
    NotTheirs,
    /// It has been taken before.
    #[error("the token has been used")]
    AlreadyUsed,
    /// It could not be checked.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<sqlx::Error> for TokenRefused {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// How a passkey authenticates, in the words of RFC 8176, §2: `pop`, because it proves possession of a key
/// (whether in hardware or software is not known without attestation, so neither `hwk` nor `swk`); `user`,
/// because there was a test of user presence; and where the user was verified `mfa`, because what they
/// know or are was checked besides what they have (by PIN, finger or face: that is not told, so neither
/// `pin` nor `fpt` nor `face`).
fn authentication_methods(user_verified: bool) -> Vec<String> {
    let methods: &[&str] = if user_verified { &["pop", "user", "mfa"] } else { &["pop", "user"] };
    methods.iter().map(|method| (*method).to_owned()).collect()
}

fn seconds(time: Timestamp) -> i64 {
    time.milliseconds().div_euclid(1000)
}

/// One of our tokens; for whom it is, and whether it is over, is not asked of the library.
fn validation(issuer: &str) -> Validation {
    let mut validation = Validation::new(Algorithm::ES256);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.set_issuer(&[issuer]);
    validation.validate_aud = false;
    validation.validate_exp = false;
    validation
}

impl Passkeys {
    /// A token that tells this relying party of a ceremony that passed. `issuer` is the URL of this service.
    pub async fn issue_token(
        &self,
        issuer: &str,
        party: &RelyingParty,
        verified: &Verified<'_>,
    ) -> Result<String, Error> {
        let now = self.clock.now();
        let claims = Claims {
            iss: issuer.to_owned(),
            aud: party.id().to_owned(),
            sub: verified.external_id.to_owned(),
            iat: seconds(now),
            exp: seconds(now.after(TOKEN_LIFETIME)),
            jti: self.chance.id(),
            amr: authentication_methods(verified.user_verified),
            cred: verified.credential.to_string(),
            purpose: verified.purpose,
        };
        self.signer().await?.sign(&claims)
    }

    /// Takes a token for its claims, once.
    pub async fn spend_token(
        &self,
        issuer: &str,
        party: &RelyingParty,
        token: &str,
    ) -> Result<Claims, TokenRefused> {
        let claims = self.read_token(issuer, party, token).await?;
        let spend = "insert into spent_tokens (relying_party, jti, expires_at) values ($1, $2, $3)
            on conflict (relying_party, jti) do nothing returning jti";
        let query = sql::query_scalar::<String>(spend).bind(party.id()).bind(&claims.jti);
        let query = query.bind(claims.exp.saturating_mul(1000));
        let first = query.fetch_optional(self.database.writer()).await?;
        first.map(|_| claims).ok_or(TokenRefused::AlreadyUsed)
    }

    /// What a token says, if it is one of ours for this relying party and not over.
    async fn read_token(
        &self,
        issuer: &str,
        party: &RelyingParty,
        token: &str,
    ) -> Result<Claims, TokenRefused> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenRefused::Invalid)?;
        let keys = self.signing_keys().await?;
        let key = keys.iter().find(|key| header.kid.as_ref() == Some(&key.kid));
        let key = key.ok_or(TokenRefused::Invalid)?;
        let (verifier, rules) = (key.verifier()?, validation(issuer));
        let read = jsonwebtoken::decode::<Claims>(token, &verifier, &rules);
        let claims = read.map_err(|_| TokenRefused::Invalid)?.claims;
        if claims.aud != party.id() {
            return Err(TokenRefused::NotTheirs);
        }
        if key.tokens_from.is_some_and(|from| claims.iat < seconds(from)) {
            return Err(TokenRefused::Invalid);
        }
        let now = self.clock.now();
        if claims.exp <= seconds(now) || claims.iat > seconds(now.after(CLOCK_TOLERANCE)) {
            return Err(TokenRefused::Invalid);
        }
        Ok(claims)
    }

    /// Forgets the spent tokens that are over.
    pub(super) async fn sweep_spent_tokens(&self) -> Result<(), Error> {
        // What a clock that is ahead takes for old can be spent again when it is put right.
        if self.steadiness.lasts(&self.clock) < REMEMBERED {
            return Ok(());
        }
        let delete = "delete from spent_tokens where expires_at <= $1";
        let query = sql::query(delete).bind(self.clock.now().before(REMEMBERED).milliseconds());
        query.execute(self.database.writer()).await?;
        Ok(())
    }
}
