//! The door for the pages: one method for each server function.
//!
//! Owns: putting the two halves together in the right order, cookies, and the limits on tries. The
//! steps of a ceremony are the passkey service's, people and sessions are the relying party's.
//!
//! Decision: what finishes a ceremony runs to its end even when the client hangs up, because
//! between the two databases there is no place to stop.

use std::fmt;

use axum::http::header::{RETRY_AFTER, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use super::accounts::{self, SessionToken, SignUp, SignedIn, User};
use super::address::Client;
use super::clock::Timestamp;
use super::cookies;
use super::guard::REFERENCE_HEADER;
use super::limits::Prefix;
use super::passkeys::{self, Binding, Credential, Label, UserHandle};
use super::refuse::Trouble;
use super::site::Site;
use crate::wire::{Account, Begun, CeremonyId, Code, Moment, Passkey, Refusal, Synced};

/// One request of one browser.
#[derive(Clone)]
pub struct Visit {
    site: Site,
    headers: HeaderMap,
    client: Prefix,
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
            let client = parts.extensions.get::<Client>()?.0;
            let (site, response) = (use_context::<Site>()?, use_context::<ResponseOptions>()?);
            Some(Self { site, headers: parts.headers, client, response })
        };
        current().ok_or(Code::ServerTrouble.into())
    }

    /// Begins a sign-up under this name.
    pub async fn begin_sign_up(&self, name: &str, display_name: &str) -> Result<Begun, Refusal> {
        let begun = async {
            self.may_begin()?;
            let sign_up = SignUp::parse(name, display_name)?;
            self.site.accounts.check(&sign_up).await?;
            let user = self.site.passkeys.new_user_handle();
            let label = Label { name: sign_up.name.shown(), display_name: sign_up.display_name() };
            let (party, binding) = (&self.site.relying_party, self.binding());
            let begun =
                self.site.passkeys.begin_registration(party, &user, label, &binding).await?;
            let (id, expires_at) = (&begun.id, begun.expires_at);
            self.site.accounts.await_passkey(&sign_up, id, &user, expires_at).await?;
            Ok(begun)
        };
        self.answered(begun.await).map(|begun| self.begun(begun))
    }

    /// Finishes a sign-up: the passkey is stored, the account exists, its first session is open.
    pub async fn finish_sign_up(&self, id: CeremonyId, answer: String) -> Result<(), Refusal> {
        let visit = self.clone();
        let finished = async move { visit.create_account(&id, &answer).await };
        let finished = self.to_its_end(finished).await;
        let forget = finished.as_ref().is_err_and(Trouble::leaves_a_stray_passkey);
        self.welcomed(finished).map_err(|refusal| Refusal { forget, ..refusal })
    }

    /// Runs on when whoever waits for it is gone.
    async fn to_its_end<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Trouble>> + Send + 'static,
    ) -> Result<T, Trouble> {
        let finished = self.site.tasks.spawn(work).await;
        finished.unwrap_or_else(|error| Err(passkeys::Error::Internal(error.to_string()).into()))
    }

    async fn create_account(&self, id: &CeremonyId, answer: &str) -> Result<SignedIn, Trouble> {
        let (party, passkeys) = (&self.site.relying_party, &self.site.passkeys);
        let binding = self.known_binding()?;
        let registered = match passkeys.finish_registration(party, id, &binding, answer).await {
            Ok(registered) => registered,
            Err(error) => {
                if error.ends_the_ceremony() {
                    self.site.accounts.forget_sign_up(id).await;
                }
                return Err(self.failed(error, None));
            }
        };
        match self.site.accounts.create(registered, self.session().as_ref()).await {
            Ok(signed_in) => Ok(signed_in),
            Err((error, registered)) => {
                // Any other error leaves open whether the account came to be.
                if matches!(error, accounts::Error::NameTaken | accounts::Error::NoAccount) {
                    passkeys.withdraw(party, registered).await?;
                }
                Err(error.into())
            }
        }
    }

    /// Begins a sign-in of whoever will answer.
    pub async fn begin_sign_in(&self) -> Result<Begun, Refusal> {
        let begun = async {
            self.may_begin()?;
            let (party, binding) = (&self.site.relying_party, self.binding());
            Ok(self.site.passkeys.begin_authentication(party, &binding).await?)
        };
        self.answered(begun.await).map(|begun| self.begun(begun))
    }

    /// Finishes a sign-in: a new session is open, an old one of this browser is over.
    pub async fn finish_sign_in(&self, id: CeremonyId, answer: String) -> Result<(), Refusal> {
        let visit = self.clone();
        let finished = async move { visit.open_session(&id, &answer).await };
        self.welcomed(self.to_its_end(finished).await)
    }

    async fn open_session(&self, id: &CeremonyId, answer: &str) -> Result<SignedIn, Trouble> {
        let (party, passkeys) = (&self.site.relying_party, &self.site.passkeys);
        let binding = self.known_binding()?;
        let authenticated = passkeys.finish_authentication(party, id, &binding, answer).await;
        let authenticated =
            authenticated.map_err(|failed| self.failed(failed.error, failed.aimed_at.as_ref()))?;
        Ok(self.site.accounts.open_session(authenticated, self.session().as_ref()).await?)
    }

    /// Ends the session of this browser, if it has one.
    pub async fn sign_out(&self) -> Result<(), Refusal> {
        let ended = async {
            if let Some(token) = self.session() {
                self.site.accounts.end_session(&token).await?;
            }
            Ok(())
        };
        self.answered(ended.await)?;
        self.set_cookie(cookies::no_session_cookie(&self.site.config.public_url));
        Ok(())
    }

    /// Whether somebody is signed in.
    pub async fn is_signed_in(&self) -> Result<bool, Refusal> {
        self.answered(self.user().await).map(|user| user.is_some())
    }

    /// The account of whoever is signed in.
    pub async fn account(&self) -> Result<Option<Account>, Refusal> {
        let account = async {
            match self.user().await? {
                Some(user) => self.account_of(user).await.map(Some),
                None => Ok(None),
            }
        };
        self.answered(account.await)
    }

    async fn user(&self) -> Result<Option<User>, Trouble> {
        match self.session() {
            Some(token) => Ok(self.site.accounts.user_of_session(&token).await?),
            None => Ok(None),
        }
    }

    async fn account_of(&self, user: User) -> Result<Account, Trouble> {
        let party = &self.site.relying_party;
        let passkeys = self.site.passkeys.credentials(party, &user.handle).await?;
        let display_name = user.display_name.unwrap_or_else(|| user.name.clone());
        let now = self.site.clock.now();
        let passkeys = passkeys.iter().map(|credential| as_passkey(credential, now)).collect();
        Ok(Account { name: user.name, display_name, passkeys })
    }

    fn session(&self) -> Option<SessionToken> {
        cookies::session_of(&self.headers, &self.site.config.public_url)
    }

    /// The binding of ceremonies to this browser; a browser that has no secret yet is given one.
    fn binding(&self) -> Binding {
        let url = &self.site.config.public_url;
        let secret = cookies::browser_of(&self.headers, url).unwrap_or_else(|| {
            let secret = self.site.chance.token();
            self.set_cookie(cookies::browser_cookie(&secret, url));
            secret
        });
        Binding::to_holder_of(&secret)
    }

    /// The binding that this browser got when it began.
    fn known_binding(&self) -> Result<Binding, Trouble> {
        let secret = cookies::browser_of(&self.headers, &self.site.config.public_url);
        secret.as_deref().map(Binding::to_holder_of).ok_or(Trouble::NoCookie)
    }

    fn begun(&self, begun: passkeys::Begun) -> Begun {
        let left = begun.expires_at.milliseconds() - self.site.clock.now().milliseconds();
        let lives_for = u32::try_from(left / 1000).unwrap_or(0);
        Begun { id: begun.id, options: begun.options, lives_for }
    }

    fn may_begin(&self) -> Result<(), Trouble> {
        let may_begin = self.site.limits.may_begin(self.client);
        if may_begin { Ok(()) } else { Err(Trouble::RateLimited("ceremonies begun")) }
    }

    /// Counts an answer that was refused. What is wrong on our side is not counted.
    fn failed(&self, error: passkeys::Error, aimed_at: Option<&UserHandle>) -> Trouble {
        let is_theirs =
            matches!(error, passkeys::Error::Refused { .. } | passkeys::Error::NoCeremony);
        if is_theirs && !self.site.limits.may_fail(self.client, aimed_at) {
            return Trouble::RateLimited("refused answers");
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
            let (status, refusal) = trouble.translate(|| self.site.chance.reference());
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
}

fn as_passkey(credential: &Credential, now: Timestamp) -> Passkey {
    Passkey {
        name: credential.authenticator.unwrap_or("Passkey").to_owned(),
        synced: match (credential.backup_eligible, credential.backup_state) {
            (_, true) => Synced::Synced,
            (true, false) => Synced::NotYet,
            (false, false) => Synced::DeviceOnly,
        },
        created: moment(credential.created_at, now),
        last_used: credential.last_used_at.map(|time| moment(time, now)),
    }
}

fn moment(time: Timestamp, now: Timestamp) -> Moment {
    let seconds_ago = (now.milliseconds() - time.milliseconds()).max(0) / 1000;
    Moment { exact: time.to_string(), readable: time.for_people(), seconds_ago }
}
