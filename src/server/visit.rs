//! The door for the pages: one method for each server function.
//!
//! Owns: putting the two halves together in the right order, cookies, and the limits on tries. The
//! steps of a ceremony are the passkey service's, people and sessions are the relying party's.

use axum::http::header::{RETRY_AFTER, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use leptos::prelude::{expect_context, use_context};
use leptos_axum::ResponseOptions;

use super::accounts::{SessionToken, SignUp, SignedIn, User};
use super::address::Client;
use super::clock::Timestamp;
use super::cookies;
use super::guard::REFERENCE_HEADER;
use super::limits::Prefix;
use super::passkeys::{self, Binding, Credential, Label};
use super::refuse::Trouble;
use super::site::Site;
use crate::wire::{Account, Begun, CeremonyId, Moment, Passkey, Refusal, Synced};

/// One request of one browser.
#[derive(Debug, Clone)]
pub struct Visit {
    site: Site,
    headers: HeaderMap,
    client: Prefix,
    response: ResponseOptions,
}

impl Visit {
    /// The request that is being answered.
    pub fn current() -> Self {
        let parts = expect_context::<Parts>();
        let client = parts.extensions.get::<Client>().map(|client| client.0);
        Self {
            site: expect_context::<Site>(),
            headers: parts.headers,
            client: client.unwrap_or(Prefix::of([0, 0, 0, 0].into())),
            response: use_context::<ResponseOptions>().unwrap_or_default(),
        }
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
            self.site.accounts.await_passkey(&sign_up, &begun.id, &user, begun.expires_at).await?;
            Ok(begun)
        };
        self.answered(begun.await).map(|begun| self.begun(begun))
    }

    /// Finishes a sign-up: the passkey is stored, the account exists, its first session is open.
    pub async fn finish_sign_up(&self, id: &CeremonyId, answer: &str) -> Result<Account, Refusal> {
        let account = async {
            let (party, passkeys) = (&self.site.relying_party, &self.site.passkeys);
            let registered = passkeys.finish_registration(party, id, &self.binding(), answer).await;
            let registered = match registered {
                Ok(registered) => registered,
                Err(error) => {
                    if matches!(
                        error,
                        passkeys::Error::Refused { .. } | passkeys::Error::CeremonyExpired { .. }
                    ) {
                        self.site.accounts.forget_sign_up(id).await?;
                    }
                    return Err(self.failed(error, None));
                }
            };
            match self.site.accounts.create(registered, self.session().as_ref()).await {
                Ok(signed_in) => self.welcome(signed_in).await,
                Err((error, registered)) => {
                    passkeys.withdraw(party, registered).await?;
                    Err(error.into())
                }
            }
        };
        self.answered(account.await)
    }

    /// Begins a sign-in of whoever will answer.
    pub async fn begin_sign_in(&self) -> Result<Begun, Refusal> {
        let begun = async {
            self.may_begin()?;
            Ok(self
                .site
                .passkeys
                .begin_authentication(&self.site.relying_party, &self.binding())
                .await?)
        };
        self.answered(begun.await).map(|begun| self.begun(begun))
    }

    /// Finishes a sign-in: a new session is open, an old one of this browser is over.
    pub async fn finish_sign_in(&self, id: &CeremonyId, answer: &str) -> Result<Account, Refusal> {
        let account = async {
            let (party, passkeys) = (&self.site.relying_party, &self.site.passkeys);
            let authenticated =
                passkeys.finish_authentication(party, id, &self.binding(), answer).await;
            let authenticated = authenticated
                .map_err(|failed| self.failed(failed.error, failed.aimed_at.as_ref()))?;
            let signed_in =
                self.site.accounts.open_session(authenticated, self.session().as_ref()).await?;
            self.welcome(signed_in).await
        };
        self.answered(account.await)
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

    /// The account of whoever is signed in.
    pub async fn account(&self) -> Result<Option<Account>, Refusal> {
        let account = async {
            let Some(token) = self.session() else { return Ok(None) };
            let Some(user) = self.site.accounts.user_of_session(&token).await? else {
                return Ok(None);
            };
            self.account_of(user).await.map(Some)
        };
        self.answered(account.await)
    }

    async fn welcome(&self, signed_in: SignedIn) -> Result<Account, Trouble> {
        let url = &self.site.config.public_url;
        self.set_cookie(cookies::session_cookie(&signed_in.token, signed_in.lifetime, url));
        self.account_of(signed_in.user).await
    }

    async fn account_of(&self, user: User) -> Result<Account, Trouble> {
        let passkeys =
            self.site.passkeys.credentials(&self.site.relying_party, &user.handle).await?;
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

    fn begun(&self, begun: passkeys::Begun) -> Begun {
        let left = begun.expires_at.milliseconds() - self.site.clock.now().milliseconds();
        Begun {
            id: begun.id,
            options: begun.options,
            lives_for: u32::try_from(left / 1000).unwrap_or(0),
        }
    }

    fn may_begin(&self) -> Result<(), Trouble> {
        let may_begin = self.site.limits.may_begin(self.client);
        if may_begin { Ok(()) } else { Err(Trouble::RateLimited("ceremonies begun")) }
    }

    /// Counts an answer that was refused. What is wrong on our side is not counted.
    fn failed(&self, error: passkeys::Error, aimed_at: Option<&passkeys::UserHandle>) -> Trouble {
        let is_theirs =
            matches!(error, passkeys::Error::Refused { .. } | passkeys::Error::NoCeremony);
        if is_theirs && !self.site.limits.may_fail(self.client, aimed_at) {
            return Trouble::RateLimited("refused answers");
        }
        error.into()
    }

    fn answered<T>(&self, result: Result<T, Trouble>) -> Result<T, Refusal> {
        result.map_err(|trouble| {
            let (status, refusal) = trouble.translate(|| self.site.chance.reference());
            self.response.set_status(status);
            self.set_header(REFERENCE_HEADER, refusal.reference.as_deref().unwrap_or_default());
            if matches!(trouble, Trouble::RateLimited(_)) || status.as_u16() == 503 {
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
    Moment {
        exact: time.to_string(),
        seconds_ago: (now.milliseconds() - time.milliseconds()).max(0) / 1000,
    }
}
