//! The passkeys of a back end's users, and the users themselves.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::caller::BackEnd;
use super::extract::{Cursor, Named, Page};
use super::paging::with_next;
use super::problem::Problem;
use super::view::{AllAcceptedCredentialsView, CredentialView, List};
use crate::server::clock::Timestamp;
use crate::server::passkeys::{
    Credential, CredentialId, Error, ExternalId, RelyingParty, UserHandle,
};
use crate::server::site::Site;

async fn find(site: &Site, party: &RelyingParty, id: &str) -> Result<UserHandle, Problem> {
    let not_found = || Problem::not_found("user");
    let id = ExternalId::parse(id).ok_or_else(not_found)?;
    site.passkeys.find_user(party, &id).await?.ok_or_else(not_found)
}

/// List the passkeys of a user
///
/// Newest first. A user is known from their first passkey on.
#[utoipa::path(get, path = "/v1/users/{externalId}/credentials", operation_id = "listCredentials", tag = "Management",
    params(("externalId" = String, Path, description = "The back end's own id of the user", example = "107fb578"),
        ("limit" = Option<u32>, Query, description = "How many", minimum = 1, maximum = 200),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before")),
    responses((status = 200, description = "The passkeys", body = List<CredentialView>,
        headers(("Link" = String, description = "`rel=\"next\"`: the next page")))))]
pub(super) async fn credentials(
    State(site): State<Site>,
    caller: BackEnd,
    Named(external_id): Named,
    page: Page,
) -> Result<Response, Problem> {
    let party = caller.party();
    let user = find(&site, party, &external_id).await?;
    let after = page.cursor.as_ref().map(|cursor| {
        // One without a time is of another list.
        let id = CredentialId::parse(&cursor.text).filter(|_| cursor.number != 0);
        (Timestamp::from_milliseconds(cursor.number), id)
    });
    let after = match &after {
        None => None,
        Some((time, Some(id))) => Some((*time, id)),
        Some((_, None)) => return Err(Cursor::unreadable()),
    };
    let limit = page.limit + 1;
    let credentials = site.passkeys.some_credentials(party, &user, after, limit).await?;
    let place = |last: &Credential| Cursor {
        number: last.created_at.milliseconds(),
        text: last.id.to_string(),
    };
    let list: List<CredentialView> = List::of(credentials, page.limit, place);
    Ok(with_next(&site, &page, list))
}

/// Get the signals for a user
///
/// The argument of `PublicKeyCredential.signalAllAcceptedCredentials()` (WebAuthn Level 3, section 5.1.10.2), with
/// which a page tells the browser which passkeys are still good.
#[utoipa::path(get, path = "/v1/users/{externalId}/signals", operation_id = "getSignals", tag = "Management",
    params(("externalId" = String, Path, description = "The back end's own id of the user", example = "107fb578")),
    responses((status = 200, description = "`rpId`, `userId` and `allAcceptedCredentialIds`", body = AllAcceptedCredentialsView)))]
pub(super) async fn signals(
    State(site): State<Site>,
    caller: BackEnd,
    Named(external_id): Named,
) -> Result<Json<AllAcceptedCredentialsView>, Problem> {
    let user = find(&site, caller.party(), &external_id).await?;
    let signal = site.passkeys.accepted_signal(caller.party(), &user).await?;
    let signal = serde_json::from_str(&signal);
    Ok(Json(signal.map_err(|error| Error::Internal(error.to_string()))?))
}

/// Remove a user
///
/// Removes all of the user's passkeys, and ends what is pending for the user.
#[utoipa::path(delete, path = "/v1/users/{externalId}", operation_id = "removeUser", tag = "Management",
    params(("externalId" = String, Path, description = "The back end's own id of the user", example = "107fb578")),
    responses((status = 204, description = "The user is gone")))]
pub(super) async fn remove(
    State(site): State<Site>,
    caller: BackEnd,
    Named(external_id): Named,
) -> Result<Response, Problem> {
    let not_found = || Problem::not_found("user");
    let id = ExternalId::parse(&external_id).ok_or_else(not_found)?;
    let removed = site.passkeys.remove_user(caller.party(), &id).await?;
    if removed { Ok(StatusCode::NO_CONTENT.into_response()) } else { Err(not_found()) }
}
