//! Tokens: for pages that may add a passkey, and those that say who somebody is.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::BackEnd;
use super::extract::{Body, object};
use super::fields::NewUser;
use super::problem::{Code, Problem};
use super::registrations::{expect_user, label};
use super::view::ClaimsView;
use crate::server::passkeys::{Claims, CredentialId, ExternalId, RelyingParty, TokenRefused};
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
    /// When it is over.
    #[schema(format = DateTime)]
    expires_at: String,
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
/// Gives the claims of a token of this relying party, once. It can be verified offline as well, by the keys at
/// `/.well-known/jwks.json`: then it is the back end that has to see to it that a token (`jti`) is used once.
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
        TokenRefused::Invalid => Problem::invalid(
            "/token",
            "is not a token for this relying party, or is older than 120 seconds",
        ),
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

/// The public keys of tokens (RFC 7517).
pub(super) async fn keys(State(site): State<Site>) -> Result<Response, Problem> {
    let keys = site.passkeys.jwks().await?;
    // Shorter than a retired key is published, so that nobody misses a new one for long.
    Ok(([(CACHE_CONTROL, "public, max-age=300")], Json(keys)).into_response())
}
