//! Verifying who a user of a back end is.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::caller::BackEnd;
use super::extract::{Body, Named, given};
use super::fields::{Hint, Hints, UserId};
use super::problem::{Code, Problem};
use super::registrations::{Created, created};
use super::view::{AuthenticatedView, BegunView};
use crate::server::passkeys::{self, Authenticated, Binding, RelyingParty, TokenPurpose, Verified};
use crate::server::site::Site;
use crate::wire::{self, CeremonyId};

/// How the browser will ask (Credential Management Level 1, section 2.3.2).
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Mediation {
    Conditional,
    Optional,
    Required,
}

impl Mediation {
    /// What it comes to: a browser that has to ask for a passkey asks with a prompt in any case.
    fn meant(self) -> wire::Mediation {
        match self {
            Self::Conditional => wire::Mediation::Conditional,
            Self::Optional | Self::Required => wire::Mediation::Modal,
        }
    }
}

/// What begins an authentication.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct BeginAuthentication {
    /// Who must answer. By default whoever does, with a passkey that says whose it is.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 64, pattern = r"^[^\x00-\x1f\x7f-\x9f]+$", example = "107fb578")]
    external_id: Option<UserId>,
    /// `conditional` for autofill.
    mediation: Option<Mediation>,
    /// Where the passkey probably is, best first.
    #[serde(default)]
    #[schema(value_type = Vec<Hint>, max_items = 3)]
    hints: Hints,
}

/// The answer that is to be verified.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VerifyAuthentication {
    /// `AuthenticationResponseJSON` (WebAuthn Level 3, section 5.1.8), as the browser made it.
    #[schema(value_type = Object)]
    response: Box<RawValue>,
}

impl VerifyAuthentication {
    pub(super) fn answer(&self) -> &str {
        self.response.get()
    }
}

/// Begin an authentication
///
/// Gives the options for `navigator.credentials.get()`. The ceremony lives for five minutes.
#[utoipa::path(post, path = "/v1/authentications", operation_id = "beginAuthentication", tag = "Ceremonies",
    request_body = BeginAuthentication,
    responses((status = 201, description = "The ceremony has begun", body = BegunView,
        headers(("Location" = String, description = "The ceremony")))))]
pub(super) async fn begin(
    State(site): State<Site>,
    caller: BackEnd,
    Body(asked): Body<BeginAuthentication>,
) -> Result<Created<BegunView>, Problem> {
    let (party, binding) = (caller.party(), caller.binding());
    let binding = binding.asked_by(asked.mediation.map(Mediation::meant));
    let begun = match &asked.external_id {
        None => site.passkeys.begin_authentication(party, &binding).await?,
        Some(id) => {
            let none = || Problem::new(Code::NoPasskeys, "there is no passkey to ask for");
            let user = site.passkeys.find_user(party, &id.0).await?.ok_or_else(none)?;
            let begun = site.passkeys.begin_authentication_of(party, &user, &binding).await?;
            begun.ok_or_else(none)?
        }
    };
    let begun = BegunView::of(begun, &asked.hints.0)?;
    Ok(created(format!("/v1/authentications/{}", begun.id), begun))
}

/// Verify an authentication
///
/// Verifies what the browser answered. A ceremony accepts one answer, valid or not. A refusal
/// is recorded among the events.
#[utoipa::path(post, path = "/v1/authentications/{id}/verify", operation_id = "verifyAuthentication", tag = "Ceremonies",
    params(("id" = String, Path, description = "The ceremony", example = "auth_3Zk")),
    request_body = VerifyAuthentication,
    responses((status = 200, description = "The user is who the reply says", body = AuthenticatedView)))]
pub(super) async fn verify(
    State(site): State<Site>,
    caller: BackEnd,
    Named(id): Named,
    Body(asked): Body<VerifyAuthentication>,
) -> Result<Json<AuthenticatedView>, Problem> {
    let (party, id) = (caller.party(), CeremonyId(id));
    let finished = finish(&site, party, &id, &caller.binding(), asked.answer()).await?;
    Ok(Json(authenticated_view(&site, party, &finished).await?))
}

/// Verifies an answer; a refusal says whether the browser should forget the passkey.
pub(super) async fn finish(
    site: &Site,
    party: &RelyingParty,
    id: &CeremonyId,
    binding: &Binding,
    answer: &str,
) -> Result<Authenticated, Problem> {
    let finished = site.passkeys.finish_authentication(party, id, binding, answer).await;
    let problem = match finished {
        Ok(authenticated) => return Ok(authenticated),
        Err(failed) => Problem::from(failed.error),
    };
    if !problem.is_unknown_credential() {
        return Err(problem);
    }
    // What was refused is recorded: that no signal can be made of it changes nothing about that.
    let signal = site.passkeys.unknown_signal(party, answer).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "it is not known whether the browser should forget a passkey");
        None
    });
    let signal = signal.and_then(|signal| serde_json::from_str(&signal).ok());
    Err(problem.with_signal(signal))
}

/// Who answered, with which passkey, and a token that says so.
pub(super) async fn authenticated_view(
    site: &Site,
    party: &RelyingParty,
    authenticated: &Authenticated,
) -> Result<AuthenticatedView, Problem> {
    let passkeys = &site.passkeys;
    let (user, id) = (authenticated.user(), authenticated.credential());
    // Both are gone where the user was removed meanwhile.
    let gone = || Problem::from(passkeys::Error::NoCeremony);
    let external_id = passkeys.external_id(party, user).await?.ok_or_else(gone)?;
    let credential = passkeys.credential(party, user, id).await?.ok_or_else(gone)?;
    let user_verified = authenticated.is_user_verified();
    let purpose = TokenPurpose::Authentication;
    let verified = Verified { external_id: &external_id, credential: id, user_verified, purpose };
    let token = passkeys.issue_token(site.config.public_url.origin(), party, &verified).await?;
    Ok(AuthenticatedView { external_id, user_verified, credential: credential.into(), token })
}

#[cfg(test)]
mod tests {
    use super::{Binding, Code, Problem, finish};
    use crate::server::database::sql;
    use crate::server::passkeys::{Reason, Settings, UserVerification};
    use crate::server::tests::TestSite;
    use crate::server::tests::authenticator::Authenticator;

    #[tokio::test]
    async fn a_refusal_stays_one_where_no_signal_can_be_made_of_it() {
        let TestSite { site, .. } = TestSite::new().await;
        let origins = ["http://localhost:9000".to_owned()];
        let required = UserVerification::Required;
        let settings = Settings::new("Shop", "localhost", &origins, required, "none");
        let created = site.passkeys.create_relying_party(settings.expect("sound settings")).await;
        let party = created.expect("it is created").party;
        let binding = Binding::to_back_end("key");
        let begun = site.passkeys.begin_authentication(&party, &binding).await;
        let begun = begun.expect("it begins");
        let options = serde_json::from_str(&begun.options).expect("JSON");
        let mut stranger = Authenticator::new(1);
        stranger.user_handle = Some(vec![1; 32]);
        let answer = stranger.get(&origins[0], &options).to_string();
        // The one question about other relying parties fails from now on.
        let broken = sql::query("alter table relying_parties rename column rp_id to gone");
        broken.execute(site.passkeys.database().writer()).await.expect("it is renamed");
        let refused = finish(&site, &party, &begun.id, &binding, &answer).await;
        let refused = refused.map(drop).expect_err("it is refused");
        assert_eq!(Problem::code(&refused), Code::Ceremony(Reason::UnknownCredential));
    }
}
