//! The door for the pages: one method for each server function.
//!
//! Owns: putting the two halves together in the right order, cookies, and the limits on tries. The
//! steps of a ceremony are the passkey service's, people and sessions are the relying party's.
//!
//! Decision: what finishes a ceremony runs to its end even when the client hangs up, because
//! between the two databases there is no place to stop.

mod account;
mod console;
mod device;
mod email;
mod own_passkeys;
mod recovery;
mod sessions;
mod sign_in;
mod sign_up;

pub(super) use console::Table;

use std::fmt;

use axum::http::header::{RETRY_AFTER, SET_COOKIE, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use super::accounts::{BrowserMark, Session, SessionToken, SignedIn, Whence};
use super::address::Client;
use super::clock::Timestamp;
use super::cookies;
use super::guard::REFERENCE_HEADER;
use super::limits::Prefix;
use super::passkeys::{self, Binding, Circumstances, UserHandle};
use super::refuse::Trouble;
use super::request_id::RequestId;
use super::site::{Site, WaysIn};
use crate::wire::{Begun, Code, Coming, Language, Moment, Refusal};

/// One request of one browser.
#[derive(Clone)]
pub struct Visit {
    site: Site,
    headers: HeaderMap,
    client: Prefix,
    language: Language,
    request: RequestId,
    response: ResponseOptions,
}

impl fmt::Debug for Visit {
    /// Without the headers: cookies are among them.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Visit").field("client", &self.client).finish_non_exhaustive()
    }
}

impl Visit {
    /// The request that is being answered. There is none once the client has hung up while its page
    /// was rendered; then nobody reads the refusal.
    pub fn current() -> Result<Self, Refusal> {
        let current = || {
            let parts = use_context::<Parts>()?;
            Self::of(use_context::<Site>()?, parts, use_context::<ResponseOptions>()?)
        };
        current().ok_or(Code::ServerTrouble.into())
    }

    /// The visit of this request; None for one that has not come through the router.
    pub(super) fn of(site: Site, parts: Parts, response: ResponseOptions) -> Option<Self> {
        let client = parts.extensions.get::<Client>()?.0;
        let language = parts.extensions.get::<Language>().copied().unwrap_or_default();
        let request = parts.extensions.get::<RequestId>().cloned();
        let request = request.unwrap_or_else(RequestId::unknown);
        Some(Self { site, headers: parts.headers, client, language, request, response })
    }

    /// Runs on when whoever waits for it is gone.
    async fn to_its_end<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Trouble>> + Send + 'static,
    ) -> Result<T, Trouble> {
        let finished = self.site.tasks.spawn(self.request.within(work)).await;
        finished.unwrap_or_else(|error| Err(passkeys::Error::Internal(error.to_string()).into()))
    }

    fn token(&self) -> Option<SessionToken> {
        cookies::session_of(&self.headers, &self.site.config.public_url)
    }

    /// The session of this browser, if it has one.
    async fn session(&self) -> Result<Option<Session>, Trouble> {
        match self.token() {
            Some(token) => Ok(self.site.accounts.session(&token).await?),
            None => Ok(None),
        }
    }

    /// The session of whoever is signed in; a refusal where nobody is.
    async fn signed_in(&self) -> Result<Session, Trouble> {
        self.session().await?.ok_or(Trouble::SignedOut)
    }

    /// The session of whoever has answered with a passkey within the last minutes.
    async fn freshly_signed_in(&self) -> Result<Session, Trouble> {
        let session = self.signed_in().await?;
        let is_fresh = session.is_fresh(self.site.clock.now());
        if is_fresh { Ok(session) } else { Err(Trouble::StaleSignIn) }
    }

    /// From where this request comes, as far as its owner is to recognise it.
    fn whence(&self) -> Whence {
        let agent = self.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
        let secret = cookies::browser_of(&self.headers, &self.site.config.public_url);
        let mark = secret.as_deref().map(BrowserMark::of_holder);
        Whence::of(agent.unwrap_or_default(), &self.client.to_string())
            .known_by(mark, self.language)
    }

    /// The binding of ceremonies to this browser; a browser that has no secret yet is given one.
    fn binding(&self) -> Binding {
        let url = &self.site.config.public_url;
        let secret = cookies::browser_of(&self.headers, url).unwrap_or_else(|| {
            let secret = self.site.chance.token();
            self.set_cookie(cookies::browser_cookie(&secret, url));
            secret
        });
        Binding::to_holder_of(&secret).by(self.circumstances())
    }

    /// The binding that this browser got when it began.
    fn known_binding(&self) -> Result<Binding, Trouble> {
        let secret = cookies::browser_of(&self.headers, &self.site.config.public_url);
        let binding = secret.as_deref().map(Binding::to_holder_of).ok_or(Trouble::NoCookie)?;
        Ok(binding.by(self.circumstances()))
    }

    /// By what means this request comes.
    fn circumstances(&self) -> Circumstances {
        let whence = self.whence();
        Circumstances::of(whence.browser.as_deref(), whence.system.as_deref())
    }

    fn begun(&self, begun: passkeys::Begun) -> Begun {
        let left = begun.expires_at.milliseconds() - self.site.clock.now().milliseconds();
        let lives_for = u32::try_from(left / 1000).unwrap_or(0);
        Begun { id: begun.id, reference: begun.reference, options: begun.options, lives_for }
    }

    /// Waits until nobody else takes a way into this account away: they are in two databases.
    async fn alone_with_ways_in(&self, user: &UserHandle) -> Result<WaysIn, Trouble> {
        Ok(self.site.alone_with_ways_in(user).await?)
    }

    async fn may_begin(&self) -> Result<(), Trouble> {
        let may_begin = self.site.limits.may_begin(self.client).await;
        if may_begin { Ok(()) } else { Err(Trouble::RateLimited("ceremonies begun")) }
    }

    /// Counts an answer that was refused. What is wrong on our side is not counted.
    async fn failed(&self, error: passkeys::Error, aimed_at: Option<&UserHandle>) -> Trouble {
        let is_theirs =
            matches!(error, passkeys::Error::Refused { .. } | passkeys::Error::NoCeremony);
        if is_theirs && !self.site.limits.may_fail(self.client, aimed_at).await {
            let limited = Trouble::RateLimited("refused answers");
            return match error.reference() {
                Some(reference) => limited.of_ceremony(reference),
                None => limited,
            };
        }
        error.into()
    }

    fn welcomed(&self, signed_in: Result<SignedIn, Trouble>) -> Result<(), Refusal> {
        let SignedIn { token, lifetime, .. } = self.answered(signed_in)?;
        let url = &self.site.config.public_url;
        self.set_cookie(cookies::session_cookie(&token, lifetime, url));
        Ok(())
    }

    fn answered<T>(&self, result: Result<T, Trouble>) -> Result<T, Refusal> {
        result.map_err(|trouble| {
            let _logged_for = self.request.span().enter();
            let (status, refusal) = trouble.translate(|| self.request.reference(&self.site.chance));
            self.response.set_status(status);
            self.set_header(REFERENCE_HEADER, refusal.reference.as_deref().unwrap_or_default());
            if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
                self.set_header(RETRY_AFTER, "5");
            }
            refusal
        })
    }

    fn set_header(&self, name: HeaderName, value: &str) {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.response.insert_header(name, value);
        }
    }

    fn set_cookie(&self, cookie: Option<HeaderValue>) {
        if let Some(cookie) = cookie {
            self.response.append_header(SET_COOKIE, cookie);
        }
    }

    fn moment(&self, time: Timestamp) -> Moment {
        let seconds_ago = self.site.clock.now().milliseconds() - time.milliseconds();
        Moment {
            exact: time.to_string(),
            readable: time.for_people(self.language),
            seconds_ago: seconds_ago.max(0) / 1000,
        }
    }

    fn coming(&self, time: Timestamp) -> Coming {
        let seconds_left = time.milliseconds() - self.site.clock.now().milliseconds();
        Coming {
            exact: time.to_string(),
            readable: time.for_people(self.language),
            seconds_left: seconds_left.max(0) / 1000,
        }
    }
}
