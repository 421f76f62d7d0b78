//! One passkey of a back end's users.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use super::caller::BackEnd;
use super::extract::{Named, Patch};
use super::fields::PasskeyName;
use super::problem::Problem;
use super::view::CredentialView;
use crate::server::passkeys::{CredentialId, RelyingParty, Removal, UserHandle};
use crate::server::site::Site;

/// What is to change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeCredential {
    /// What its owner calls it; null takes the name away.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64, pattern = r"^[^\x00-\x1f\x7f-\x9f]+$", example = "My laptop")]
    name: Change,
}

/// A member of a merge patch: absent, null and a value are three things.
#[derive(Default)]
enum Change {
    #[default]
    Keep,
    Set(Option<PasskeyName>),
}

impl<'de> Deserialize<'de> for Change {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        Option::deserialize(reader).map(Self::Set)
    }
}

async fn find(
    site: &Site,
    party: &RelyingParty,
    id: &str,
) -> Result<(UserHandle, CredentialId), Problem> {
    let not_found = || Problem::not_found("passkey");
    let id = CredentialId::parse(id).ok_or_else(not_found)?;
    let user = site.passkeys.holder(party, &id).await?.ok_or_else(not_found)?;
    Ok((user, id))
}

async fn show(
    site: &Site,
    party: &RelyingParty,
    user: &UserHandle,
    id: &CredentialId,
) -> Result<Json<CredentialView>, Problem> {
    let credential = site.passkeys.credential(party, user, id).await?;
    Ok(Json(credential.ok_or_else(|| Problem::not_found("passkey"))?.into()))
}

/// Get a passkey
#[utoipa::path(get, path = "/v1/credentials/{credentialId}", operation_id = "getCredential", tag = "Management",
    params(("credentialId" = String, Path, description = "The credential id, in base64url")),
    responses((status = 200, description = "The passkey", body = CredentialView)))]
pub(super) async fn get(
    State(site): State<Site>,
    caller: BackEnd,
    Named(id): Named,
) -> Result<Json<CredentialView>, Problem> {
    let (user, id) = find(&site, caller.party(), &id).await?;
    show(&site, caller.party(), &user, &id).await
}

/// Rename a passkey
#[utoipa::path(patch, path = "/v1/credentials/{credentialId}", operation_id = "changeCredential", tag = "Management",
    params(("credentialId" = String, Path, description = "The credential id, in base64url")),
    request_body(content = ChangeCredential, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The passkey as it is now", body = CredentialView)))]
pub(super) async fn change(
    State(site): State<Site>,
    caller: BackEnd,
    Named(id): Named,
    Patch(asked): Patch<ChangeCredential>,
) -> Result<Json<CredentialView>, Problem> {
    let party = caller.party();
    let (user, id) = find(&site, party, &id).await?;
    if let Change::Set(name) = &asked.name {
        let name = name.as_ref().map(|name| name.0.as_str());
        if !site.passkeys.rename(party, &user, &id, name).await? {
            return Err(Problem::not_found("passkey"));
        }
    }
    show(&site, party, &user, &id).await
}

/// Remove a passkey
///
/// Even a user's last one: how they get back in without it is up to the back end.
#[utoipa::path(delete, path = "/v1/credentials/{credentialId}", operation_id = "removeCredential", tag = "Management",
    params(("credentialId" = String, Path, description = "The credential id, in base64url")),
    responses((status = 204, description = "The passkey is gone")))]
pub(super) async fn remove(
    State(site): State<Site>,
    caller: BackEnd,
    Named(id): Named,
) -> Result<StatusCode, Problem> {
    let party = caller.party();
    let (user, id) = find(&site, party, &id).await?;
    match site.passkeys.remove(party, &user, &id, true).await? {
        Removal::Removed => Ok(StatusCode::NO_CONTENT),
        Removal::NotFound | Removal::IsTheLast => Err(Problem::not_found("passkey")),
    }
}
