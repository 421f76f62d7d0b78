//! The door for pages of other sites: what the web component talks to.
//!
//! Anybody can open a page, so this door knows no users: an authentication is of whoever answers, and a
//! registration needs a token of the back end. A refusal says no more than that it is one.
//!
//! Decisions: no cookie is read or set, so that another site's page gains nothing in a victim's browser;
//! a request must come from one of the relying party's own origins, in JSON, which makes every browser
//! ask first.

use axum::Json;
use axum::extract::{FromRequestParts, RawPathParams, State};
use axum::http::header::{CONTENT_TYPE, ORIGIN, RETRY_AFTER, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use tower_http::cors::{AllowOrigin, CorsLayer};
use utoipa::ToSchema;

use super::authentications::{self, Mediation, VerifyAuthentication};
use super::caller::{LIMIT, POLICY, tell_allowance, too_many};
use super::extract::Body;
use super::problem::{Code, Problem};
use super::registrations::{VerifyRegistration, registered_view};
use super::view::BegunView;
use crate::server::accounts::Whence;
use crate::server::address::Client;
use crate::server::limits::Prefix;
use crate::server::passkeys::{Begun, Binding, Circumstances, GrantRefused, Purpose, RelyingParty};
use crate::server::request_id::REQUEST_ID;
use crate::server::site::Site;
use crate::wire::CeremonyId;

/// What the paths of this door begin with.
const ROOT: &str = "/client/v1/";

/// How long a browser may keep the answer to its question.
const PREFLIGHT_LIFETIME: std::time::Duration = std::time::Duration::from_mins(10);

/// What begins an authentication.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BeginHere {
    /// `conditional` for autofill.
    #[expect(dead_code, reason = "the same options serve every mediation")]
    mediation: Option<Mediation>,
}

/// What begins a registration.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BeginWithToken {
    /// From `POST /v1/registration-tokens`.
    #[schema(max_length = 4096)]
    token: String,
}

/// A token for the back end.
#[derive(Serialize, ToSchema)]
#[schema(as = Token)]
pub(super) struct TokenView {
    /// A JSON Web Token that says who the user is, for 120 seconds.
    token: String,
}

/// A page of a relying party.
pub(super) struct OpenPage {
    party: RelyingParty,
    address: Prefix,
    circumstances: Circumstances,
    ceremony: CeremonyId,
}

impl OpenPage {
    fn binding(&self) -> Binding {
        let (network, address) = (self.address.surroundings(), self.address.exactly());
        Binding::to_pages(&network, &address).by(self.circumstances)
    }
}

impl FromRequestParts<Site> for OpenPage {
    type Rejection = Problem;

    async fn from_request_parts(request: &mut Parts, site: &Site) -> Result<Self, Problem> {
        let unknown = || Problem::not_found("relying party");
        let path = RawPathParams::from_request_parts(request, site).await.map_err(|_| unknown())?;
        let named = |name: &str| {
            let found = path.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| value.to_owned()).unwrap_or_default()
        };
        let party = site.passkeys.relying_party(&named("relyingParty")).await?;
        let party = party.ok_or_else(unknown)?;
        let mut origins = request.headers.get_all(ORIGIN).iter();
        let is_own = origins.next().is_some_and(|origin| is_origin_of(&party, origin));
        if !is_own || origins.next().is_some() {
            let detail =
                "add the origin of the page to the relying party, exactly as browsers write it";
            return Err(Problem::new(Code::OriginNotAllowed, detail));
        }
        let address = request.extensions.get::<Client>().ok_or_else(unknown)?.0;
        let agent = request.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
        let whence = Whence::of(agent.unwrap_or_default(), &address.to_string());
        let circumstances = Circumstances::of(whence.browser.as_deref(), whence.system.as_deref());
        Ok(Self { party, address, circumstances, ceremony: CeremonyId(named("id")) })
    }
}

fn is_origin_of(party: &RelyingParty, origin: &HeaderValue) -> bool {
    party.origins().iter().any(|own| origin == own.as_str())
}

/// Tells browsers which pages may read what this door says.
pub(super) fn cors(site: Site) -> CorsLayer {
    let is_own = move |origin: HeaderValue, parts: &Parts| {
        let site = site.clone();
        let path = parts.uri.path().strip_prefix(ROOT).unwrap_or_default();
        let id = path.split('/').next().unwrap_or_default().to_owned();
        async move {
            let party = site.passkeys.relying_party(&id).await.ok().flatten();
            party.is_some_and(|party| is_origin_of(&party, &origin))
        }
    };
    CorsLayer::new()
        .allow_origin(AllowOrigin::async_predicate(is_own))
        .allow_methods([Method::POST])
        .allow_headers([CONTENT_TYPE])
        .expose_headers([RETRY_AFTER, LIMIT, POLICY, REQUEST_ID])
        .max_age(PREFLIGHT_LIFETIME)
}

/// Begin an authentication from a page
///
/// Anyone may answer: a page cannot name a user.
#[utoipa::path(post, path = "/client/v1/{relyingParty}/authentications", operation_id = "beginAuthenticationOnPage", tag = "Pages",
    params(("relyingParty" = String, Path, description = "The relying party", example = "rp_7fQ"),
        ("Origin" = String, Header, description = "The origin of the page, as the browser sends it", example = "https://shop.example")),
    request_body = BeginHere, security(()),
    responses((status = 201, description = "The ceremony has begun", body = BegunView)))]
pub(super) async fn begin_authentication(
    State(site): State<Site>,
    page: OpenPage,
    Body(_): Body<BeginHere>,
) -> Result<Response, Problem> {
    let binding = page.binding();
    let begin = site.passkeys.begin_authentication(&page.party, &binding);
    within_limits(&site, &page, Box::pin(async { Ok(begin.await?) })).await
}

/// Verify an authentication from a page
#[utoipa::path(post, path = "/client/v1/{relyingParty}/authentications/{id}/verify", operation_id = "verifyAuthenticationOnPage", tag = "Pages",
    params(("relyingParty" = String, Path, description = "The relying party", example = "rp_7fQ"),
        ("id" = String, Path, description = "The ceremony", example = "auth_3Zk"),
        ("Origin" = String, Header, description = "The origin of the page, as the browser sends it", example = "https://shop.example")),
    request_body = VerifyAuthentication, security(()),
    responses((status = 200, description = "A token for the back end", body = TokenView)))]
pub(super) async fn verify_authentication(
    State(site): State<Site>,
    page: OpenPage,
    Body(asked): Body<VerifyAuthentication>,
) -> Result<Json<TokenView>, Problem> {
    let (party, binding) = (&page.party, page.binding());
    let finished = async {
        let finished =
            authentications::finish(&site, party, &page.ceremony, &binding, asked.answer()).await?;
        authentications::authenticated_view(&site, party, &finished).await
    };
    let finished = counting_refusals(&site, &page, finished.await).await?;
    Ok(Json(TokenView { token: finished.token }))
}

/// Begin a registration from a page
#[utoipa::path(post, path = "/client/v1/{relyingParty}/registrations", operation_id = "beginRegistrationOnPage", tag = "Pages",
    params(("relyingParty" = String, Path, description = "The relying party", example = "rp_7fQ"),
        ("Origin" = String, Header, description = "The origin of the page, as the browser sends it", example = "https://shop.example")),
    request_body = BeginWithToken, security(()),
    responses((status = 201, description = "The ceremony has begun", body = BegunView)))]
pub(super) async fn begin_registration(
    State(site): State<Site>,
    page: OpenPage,
    Body(asked): Body<BeginWithToken>,
) -> Result<Response, Problem> {
    let begin = async {
        let grant = site.passkeys.registration_token(&page.party, &asked.token).await;
        let grant = grant.map_err(|refused| match refused {
            GrantRefused::Failed(error) => error.into(),
            GrantRefused::Unknown => {
                let detail = "this relying party has no such token: get one from its back end";
                Problem::new(Code::NotFound, detail)
            }
            GrantRefused::Over => {
                let detail =
                    "get another token from the back end: this one was used or has expired";
                Problem::new(Code::TokenAlreadyUsed, detail)
            }
        })?;
        let binding = page.binding();
        Ok(site.passkeys.begin_registration_with_token(&page.party, &grant, &binding).await?)
    };
    within_limits(&site, &page, begin).await
}

/// Verify a registration from a page
#[utoipa::path(post, path = "/client/v1/{relyingParty}/registrations/{id}/verify", operation_id = "verifyRegistrationOnPage", tag = "Pages",
    params(("relyingParty" = String, Path, description = "The relying party", example = "rp_7fQ"),
        ("id" = String, Path, description = "The ceremony", example = "reg_3Zk"),
        ("Origin" = String, Header, description = "The origin of the page, as the browser sends it", example = "https://shop.example")),
    request_body = VerifyRegistration, security(()),
    responses((status = 200, description = "A token for the back end", body = TokenView)))]
pub(super) async fn verify_registration(
    State(site): State<Site>,
    page: OpenPage,
    Body(asked): Body<VerifyRegistration>,
) -> Result<Json<TokenView>, Problem> {
    let (answer, name) = asked.parts();
    let (party, binding) = (&page.party, page.binding());
    let finished = async {
        let finished = site.passkeys.finish_named_registration(
            party,
            Purpose::ForPage,
            &page.ceremony,
            &binding,
            answer,
            name,
        );
        registered_view(&site, party, &finished.await?).await
    };
    let finished = counting_refusals(&site, &page, finished.await).await?;
    Ok(Json(TokenView { token: finished.token }))
}

/// Begins a ceremony, unless this address has begun too many. A try counts whatever comes of it, and so what
/// is left is told in any case.
async fn within_limits(
    site: &Site,
    page: &OpenPage,
    beginning: impl Future<Output = Result<Begun, Problem>>,
) -> Result<Response, Problem> {
    let allowance = site.limits.begin(page.address).await.map_err(|exceeded| {
        let detail = format!("at most {} ceremonies a minute from one address", exceeded.limit);
        too_many("address", &exceeded, detail)
    })?;
    let begun = beginning.await.and_then(|begun| BegunView::of(begun, &[]));
    let begun = begun.map(|begun| (StatusCode::CREATED, Json(begun)));
    let mut response = begun.into_response();
    tell_allowance(response.headers_mut(), "address", allowance.as_ref());
    Ok(response)
}

/// Counts a wrong answer, and says no more about it than that it is one.
async fn counting_refusals<T>(
    site: &Site,
    page: &OpenPage,
    finished: Result<T, Problem>,
) -> Result<T, Problem> {
    match finished {
        Ok(finished) => Ok(finished),
        Err(problem) => Err(count_refused(site, page, problem).await),
    }
}

async fn count_refused(site: &Site, page: &OpenPage, problem: Problem) -> Problem {
    let problem = problem.for_strangers();
    if !problem.is_of_answer() {
        return problem;
    }
    match site.limits.fail(page.address).await {
        Ok(()) => problem,
        Err(exceeded) => {
            let detail = "too many answers from this address were refused";
            too_many("failures", &exceeded, detail)
        }
    }
}
