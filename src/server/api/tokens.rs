//! Tokens: for pages that may add a passkey, and those that say who somebody is.

use axum::Json;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use super::caller::BackEnd;
use super::extract::{Body, object};
use super::fields::NewUser;
use super::problem::{Code, Problem};
use super::registrations::{expect_user, label};
use super::view::ClaimsView;
use crate::server::passkeys::{
    Claims, CredentialId, Error, ExternalId, RelyingParty, TokenRefused,
};
use crate::server::site::Site;

/// For whom a page may add a passkey.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OpenRegistrationToken {
    #[serde(deserialize_with = "object")]
    user: NewUser,
}

/// A registration token.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RegistrationToken)]
pub(super) struct RegistrationTokenView {
    /// For the attribute `token` of `<keyfold-add-passkey>`. It adds one passkey, within five minutes.
    token: String,
    /// When it expires.
    #[schema(format = DateTime)]
    expires_at: String,
}

/// The public keys of tokens (RFC 7517, section 5).
#[derive(Serialize, Deserialize, ToSchema)]
pub(super) struct Keys {
    /// The key that signs, and those that signed until lately.
    keys: Vec<PublicKey>,
}

/// A public key (RFC 7517, section 4).
#[derive(Serialize, Deserialize, ToSchema)]
struct PublicKey {
    #[schema(example = "EC")]
    kty: String,
    #[schema(example = "P-256")]
    crv: String,
    /// The affine coordinates, in base64url (RFC 7518, section 6.2.1).
    x: String,
    y: String,
    #[serde(rename = "use")]
    #[schema(example = "sig")]
    serves: String,
    #[schema(example = "ES256")]
    alg: String,
    /// The `kid` in the header of its tokens.
    kid: String,
}

/// Let a page add a passkey
///
/// Gives a token with which the web component may add one passkey for this user. Give it only to whoever is
/// signed in as this user, or is just signing up.
#[utoipa::path(post, path = "/v1/registration-tokens", operation_id = "createRegistrationToken", tag = "Tokens",
    request_body = OpenRegistrationToken,
    responses((status = 201, description = "The token", body = RegistrationTokenView)))]
pub(super) async fn open_registration(
    State(site): State<Site>,
    caller: BackEnd,
    Body(asked): Body<OpenRegistrationToken>,
) -> Result<(StatusCode, Json<RegistrationTokenView>), Problem> {
    let party = caller.party();
    let user = expect_user(&site, party, &asked.user).await?;
    let opened = site.passkeys.open_registration_token(party, &user, label(&asked.user)).await?;
    let (token, expires_at) = opened;
    let view = RegistrationTokenView { token, expires_at: expires_at.to_string() };
    Ok((StatusCode::CREATED, Json(view)))
}

/// A token that says who somebody is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VerifyToken {
    /// As it came from the web component, or with the reply to an authentication.
    #[schema(max_length = 4096)]
    token: String,
}

/// Verify a token
///
/// Gives the claims of a token of this relying party, once. It can be verified offline as well, with the keys at
/// `/.well-known/jwks.json`: then the back end must make sure that each token (`jti`) is used only once.
#[utoipa::path(post, path = "/v1/tokens/verify", operation_id = "verifyToken", tag = "Tokens",
    request_body = VerifyToken,
    responses((status = 200, description = "The claims", body = ClaimsView)))]
pub(super) async fn verify(
    State(site): State<Site>,
    caller: BackEnd,
    Body(asked): Body<VerifyToken>,
) -> Result<Json<ClaimsView>, Problem> {
    let issuer = site.config.public_url.origin();
    let spent = site.passkeys.spend_token(issuer, caller.party(), &asked.token).await;
    let claims = spent.map_err(|refused| match refused {
        TokenRefused::Invalid => {
            Problem::invalid("/token", "is not one of our tokens, or is older than 120 seconds")
        }
        TokenRefused::NotTheirs => Problem::not_found("token"),
        TokenRefused::AlreadyUsed => {
            Problem::new(Code::TokenAlreadyUsed, "a token says once who somebody is")
        }
        TokenRefused::Failed(error) => error.into(),
    })?;
    if !is_still_there(&site, caller.party(), &claims).await? {
        return Err(Problem::invalid("/token", "is of a user or a passkey that was removed"));
    }
    Ok(Json(claims.into()))
}

/// Whether the user of a token has the passkey of the token, now.
async fn is_still_there(
    site: &Site,
    party: &RelyingParty,
    claims: &Claims,
) -> Result<bool, Problem> {
    let named = ExternalId::parse(&claims.sub).zip(CredentialId::parse(&claims.cred));
    let Some((id, credential)) = named else { return Ok(false) };
    let Some(user) = site.passkeys.find_user(party, &id).await? else { return Ok(false) };
    Ok(site.passkeys.credential(party, &user, &credential).await?.is_some())
}

/// Get the public keys
///
/// The keys by which tokens can be verified offline, as a JSON Web Key Set (RFC 7517).
#[utoipa::path(get, path = "/.well-known/jwks.json", operation_id = "getKeys", tag = "Tokens", security(()),
    params(("If-None-Match" = Option<String>, Header, description = "The `ETag` of the keys that are known")),
    responses(
        (status = 200, description = "The keys", body = Keys, headers(
            ("Cache-Control" = String, description = "`no-cache`: they are kept, and asked for each time"),
            ("ETag" = String, description = "Names these keys"))),
        (status = 304, description = "They are the ones that are known")))]
pub(super) async fn keys(State(site): State<Site>, asked: HeaderMap) -> Result<Response, Problem> {
    let keys: Result<Keys, _> = serde_json::from_value(site.passkeys.jwks().await?);
    let keys = keys.and_then(|keys| serde_json::to_string(&keys));
    let keys = keys.map_err(|error| Error::Internal(error.to_string()))?;
    // A new key signs at once: a copy that nobody asked about would not have it.
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(Sha256::digest(&keys)));
    let known = asked.get_all(IF_NONE_MATCH).iter().any(|tags| names(tags, &tag));
    let headers = [(CACHE_CONTROL, "no-cache"), (ETAG, tag.as_str())];
    if known {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    Ok((headers, [(CONTENT_TYPE, "application/json")], keys).into_response())
}

/// Whether one of these entity tags is this one (RFC 9110, section 13.1.2).
fn names(tags: &HeaderValue, tag: &str) -> bool {
    let tags = tags.to_str().unwrap_or_default().split(',').map(str::trim);
    tags.map(|known| known.trim_start_matches("W/")).any(|known| known == tag || known == "*")
}
