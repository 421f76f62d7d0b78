//! Registering a passkey for a user of a back end.

use axum::Json;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderName, StatusCode};
use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::caller::BackEnd;
use super::extract::{Body, Named, object};
use super::fields::{Hint, Hints, NewUser, PasskeyName};
use super::problem::Problem;
use super::view::{BegunView, CredentialView, RegisteredView};
use crate::server::passkeys::{
    HandleRefused, Label, Purpose, Registered, RelyingParty, TokenPurpose, UserHandle, Verified,
};
use crate::server::site::Site;
use crate::wire::CeremonyId;

/// What begins a registration.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BeginRegistration {
    #[serde(deserialize_with = "object")]
    user: NewUser,
    /// Where the new passkey should be kept, best first.
    #[serde(default)]
    #[schema(value_type = Vec<Hint>, max_items = 3)]
    hints: Hints,
}

/// The answer that is to be verified.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VerifyRegistration {
    /// `RegistrationResponseJSON` (WebAuthn Level 3, section 5.1.8), as the browser made it.
    #[schema(value_type = Object)]
    response: Box<RawValue>,
    /// What the passkey is to be called.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64, pattern = r"^[^\x00-\x1f\x7f-\x9f]+$", example = "My laptop")]
    name: Option<PasskeyName>,
}

impl VerifyRegistration {
    pub(super) fn parts(&self) -> (&str, Option<&str>) {
        (self.response.get(), self.name.as_ref().map(|name| name.0.as_str()))
    }
}

/// 201, and where the thing is.
pub(super) type Created<T> = (StatusCode, [(HeaderName, String); 1], Json<T>);

pub(super) fn created<T>(location: String, body: T) -> Created<T> {
    (StatusCode::CREATED, [(LOCATION, location)], Json(body))
}

/// Introduces a user who is about to get a passkey.
pub(super) async fn expect_user(
    site: &Site,
    party: &RelyingParty,
    user: &NewUser,
) -> Result<UserHandle, Problem> {
    let wanted = user.user_handle.clone().map(|handle| handle.0);
    let expected = site.passkeys.expect_user(party, &user.external_id.0, wanted).await;
    expected.map_err(|refused| match refused {
        HandleRefused::Taken => {
            Problem::invalid("/user/userHandle", "belongs to another user of this relying party")
        }
        HandleRefused::Fixed => {
            Problem::invalid("/user/userHandle", "the user has another one, which is fixed now")
        }
        HandleRefused::Failed(error) => error.into(),
    })
}

/// What a device is to show of a user.
pub(super) fn label(user: &NewUser) -> Label<'_> {
    let display_name = user.display_name.as_ref().map(|name| name.0.as_str());
    Label { name: &user.name.0, display_name: display_name.unwrap_or(&user.name.0) }
}

/// Begin a registration
///
/// Gives the options for `navigator.credentials.create()`. The ceremony lives for five minutes. Names go into
/// the options and are not kept.
#[utoipa::path(post, path = "/v1/registrations", operation_id = "beginRegistration", tag = "Ceremonies",
    request_body = BeginRegistration,
    responses((status = 201, description = "The ceremony has begun", body = BegunView,
        headers(("Location" = String, description = "The ceremony")))))]
pub(super) async fn begin(
    State(site): State<Site>,
    caller: BackEnd,
    Body(asked): Body<BeginRegistration>,
) -> Result<Created<BegunView>, Problem> {
    let party = caller.party();
    let user = expect_user(&site, party, &asked.user).await?;
    let (purpose, binding) = (Purpose::ForBackEnd, caller.binding());
    let begun = site
        .passkeys
        .begin_registration(party, purpose, &user, label(&asked.user), &binding)
        .await?;
    let begun = BegunView::of(begun, &asked.hints.0)?;
    Ok(created(format!("/v1/registrations/{}", begun.id), begun))
}

/// Verify a registration
///
/// Verifies what the browser answered and stores the passkey. A ceremony accepts one answer, valid or
/// not. A refusal is recorded among the events.
#[utoipa::path(post, path = "/v1/registrations/{id}/verify", operation_id = "verifyRegistration", tag = "Ceremonies",
    params(("id" = String, Path, description = "The ceremony", example = "reg_3Zk")),
    request_body = VerifyRegistration,
    responses((status = 200, description = "The passkey is registered", body = RegisteredView)))]
pub(super) async fn verify(
    State(site): State<Site>,
    caller: BackEnd,
    Named(id): Named,
    Body(asked): Body<VerifyRegistration>,
) -> Result<Json<RegisteredView>, Problem> {
    let (answer, name) = asked.parts();
    let (party, id, binding) = (caller.party(), CeremonyId(id), caller.binding());
    let finished = site.passkeys.finish_named_registration(
        party,
        Purpose::ForBackEnd,
        &id,
        &binding,
        answer,
        name,
    );
    let registered = finished.await?;
    Ok(Json(registered_view(&site, party, &registered).await?))
}

/// The new passkey, whose it is, and a token that says so.
pub(super) async fn registered_view(
    site: &Site,
    party: &RelyingParty,
    registered: &Registered,
) -> Result<RegisteredView, Problem> {
    let passkeys = &site.passkeys;
    // Both are gone where the user was removed meanwhile.
    let gone = || Problem::not_found("user");
    let external_id = passkeys.external_id(party, registered.user()).await?.ok_or_else(gone)?;
    let credential = passkeys.credential(party, registered.user(), registered.credential()).await?;
    let credential = CredentialView::from(credential.ok_or_else(gone)?);
    let verified = Verified {
        external_id: &external_id,
        credential: registered.credential(),
        user_verified: registered.is_user_verified(),
        purpose: TokenPurpose::Registration,
    };
    let token = passkeys.issue_token(site.config.public_url.origin(), party, &verified).await?;
    Ok(RegisteredView { external_id, credential, token })
}
