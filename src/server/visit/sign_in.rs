//! Signing in, proving it is still oneself, and signing out.

use super::Visit;
use crate::server::accounts::{self, SignedIn};
use crate::server::cookies;
use crate::server::passkeys::Authenticated;
use crate::server::refuse::Trouble;
use crate::wire::{Begun, CeremonyId, Mediation, Refusal, Report};

impl Visit {
    /// Begins a sign-in of whoever will answer.
    pub async fn begin_sign_in(&self) -> Result<Begun, Refusal> {
        let begun = async {
            self.may_begin().await?;
            let (party, binding) = (&self.site.relying_party, self.binding());
            Ok(self.site.passkeys.begin_authentication(party, &binding).await?)
        };
        self.answered(begun.await).map(|begun| self.begun(begun))
    }

    /// Finishes a sign-in: a new session is open, an old one of this browser is over.
    pub async fn finish_sign_in(
        &self,
        id: CeremonyId,
        answer: String,
        mediation: Option<Mediation>,
    ) -> Result<(), Refusal> {
        let visit = self.clone();
        let finished = async move { visit.open_session(&id, &answer, mediation).await };
        self.welcomed(self.to_its_end(finished).await)
    }

    /// What the browser is to be told where the passkey that was refused in this ceremony of its own is in
    /// no account. It is asked for by itself, so that every refused sign-in looks the same.
    pub async fn stray_passkey(
        &self,
        id: CeremonyId,
        answer: &str,
    ) -> Result<Option<String>, Refusal> {
        let stray = async {
            self.may_begin().await?;
            let (party, binding) = (&self.site.relying_party, self.known_binding()?);
            Ok(self.site.passkeys.was_unknown(party, &id, &binding).await?)
        };
        let is_unknown = self.answered(stray.await)?;
        Ok(if is_unknown { self.unknown(answer).await } else { None })
    }

    /// What the browser is to be told where the passkey of this answer is in no account. That it
    /// cannot be found out is no reason to fail: the browser then keeps a passkey that opens nothing.
    pub(super) async fn unknown(&self, answer: &str) -> Option<String> {
        let signal = self.site.passkeys.unknown_signal(&self.site.relying_party, answer).await;
        signal.unwrap_or_else(|error| {
            tracing::warn!(%error, "whether a passkey is known could not be found out");
            None
        })
    }

    async fn open_session(
        &self,
        id: &CeremonyId,
        answer: &str,
        mediation: Option<Mediation>,
    ) -> Result<SignedIn, Trouble> {
        let authenticated = self.authenticated(id, answer, mediation).await?;
        let (replaces, whence) = (self.token(), self.whence());
        let (accounts, passkey) = (&self.site.accounts, authenticated.passkey());
        let reference = authenticated.reference().to_owned();
        let opened = async {
            let signed_in =
                accounts.open_session(authenticated, replaces.as_ref(), &whence).await?;
            self.only_with_its_passkey(signed_in, &passkey).await
        };
        opened.await.map_err(|trouble: Trouble| trouble.of_ceremony(&reference))
    }

    /// Ends the session again where its passkey has gone while it was opened. Whatever removes a
    /// passkey ends its sessions after that: so one of the two sees the other.
    async fn only_with_its_passkey(
        &self,
        signed_in: SignedIn,
        passkey: &str,
    ) -> Result<SignedIn, Trouble> {
        let (party, passkeys) = (&self.site.relying_party, &self.site.passkeys);
        if passkeys.is_there(party, &signed_in.user.handle, passkey).await? {
            return Ok(signed_in);
        }
        self.site.accounts.end_session(&signed_in.token).await?;
        Err(accounts::Error::NoAccount.into())
    }

    /// Begins to prove in an open session that it is still the same person.
    pub async fn begin_step_up(&self) -> Result<Begun, Refusal> {
        let begun = async {
            self.may_begin().await?;
            let user = self.signed_in().await?.user.handle;
            let (party, binding) = (&self.site.relying_party, self.binding());
            let passkeys = &self.site.passkeys;
            let begun = passkeys.begin_authentication_of(party, &user, &binding).await?;
            begun.ok_or(Trouble::NoPasskeyLeft)
        };
        self.answered(begun.await).map(|begun| self.begun(begun))
    }

    /// Finishes it: the session goes on under a new token, and is fresh again.
    pub async fn finish_step_up(&self, id: CeremonyId, answer: String) -> Result<(), Refusal> {
        let visit = self.clone();
        let finished = async move { visit.renew_session(&id, &answer).await };
        self.welcomed(self.to_its_end(finished).await)
    }

    async fn renew_session(&self, id: &CeremonyId, answer: &str) -> Result<SignedIn, Trouble> {
        let token = self.token().ok_or(Trouble::SignedOut)?;
        let authenticated = self.authenticated(id, answer, Some(Mediation::Modal)).await?;
        let (passkey, reference) = (authenticated.passkey(), authenticated.reference().to_owned());
        let renewed = async {
            let signed_in = self.site.accounts.renew_session(authenticated, &token).await?;
            self.only_with_its_passkey(signed_in, &passkey).await
        };
        renewed.await.map_err(|trouble: Trouble| trouble.of_ceremony(&reference))
    }

    async fn authenticated(
        &self,
        id: &CeremonyId,
        answer: &str,
        mediation: Option<Mediation>,
    ) -> Result<Authenticated, Trouble> {
        let (party, passkeys) = (&self.site.relying_party, &self.site.passkeys);
        let binding = self.known_binding()?.asked_by(mediation);
        let authenticated = passkeys.finish_authentication(party, id, &binding, answer).await;
        match authenticated {
            Ok(authenticated) if self.counts(&authenticated).await? => Ok(authenticated),
            Ok(authenticated) => {
                let trouble = Trouble::from(accounts::Error::NoAccount);
                Err(trouble.of_ceremony(authenticated.reference()))
            }
            Err(failed) => Err(self.failed(failed.error, failed.aimed_at.as_ref()).await),
        }
    }

    /// Writes down that the browser failed in a ceremony of this browser.
    pub async fn report_failure(&self, report: Report) -> Result<(), Refusal> {
        let noted = async {
            self.may_begin().await?;
            let (party, binding) = (&self.site.relying_party, self.known_binding()?);
            Ok(self.site.passkeys.note_client_error(party, &binding, &report).await?)
        };
        self.answered(noted.await)
    }

    /// Ends the session of this browser, if it has one.
    pub async fn sign_out(&self) -> Result<(), Refusal> {
        let ended = async {
            if let Some(token) = self.token() {
                self.site.accounts.end_session(&token).await?;
            }
            Ok(())
        };
        self.answered(ended.await)?;
        self.set_cookie(cookies::no_session_cookie(&self.site.config.public_url));
        Ok(())
    }
}
