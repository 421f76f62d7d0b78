//! The e-mail addresses of whoever is signed in.

use super::Visit;
use crate::server::accounts::{self, Notice};
use crate::server::passkeys::UserHandle;
use crate::server::refuse::Trouble;
use crate::wire::{Email, Refusal};

impl Visit {
    /// The addresses of whoever is signed in; None where e-mail is switched off, and for nobody. On
    /// the way it is noted in which language they read the site.
    pub async fn emails(&self) -> Result<Option<Vec<Email>>, Refusal> {
        let emails = async {
            let Some(session) = self.session().await? else { return Ok(None) };
            let accounts = &self.site.accounts;
            accounts.note_language(&session.user.handle, self.language);
            if !accounts.writes_mail() {
                return Ok(None);
            }
            let emails = accounts.emails(&session.user.handle).await?;
            let shown = emails.into_iter().map(|accounts::Email { id, address, is_verified }| {
                Email { id, address, is_verified }
            });
            Ok(Some(shown.collect()))
        };
        self.answered(emails.await)
    }

    /// Tells whoever is signed in by e-mail what has just happened. That it happened is true even where
    /// it cannot be told.
    pub(super) async fn tell(&self, user: &UserHandle, notice: Notice<'_>) {
        let whence = self.whence();
        if let Err(error) = self.site.accounts.notify(user, notice, Some(&whence)).await {
            tracing::error!(%error, "somebody could not be told what happened at their account");
        }
    }

    /// Adds an address, and has a mail sent there that verifies it.
    pub async fn add_email(&self, address: &str) -> Result<(), Refusal> {
        let added = async {
            let session = self.freshly_signed_in().await?;
            Ok(self.site.accounts.add_email(&session, address, self.language).await?)
        };
        self.answered(added.await)
    }

    /// Removes an address.
    pub async fn remove_email(&self, id: &str) -> Result<(), Refusal> {
        let removed = async {
            let session = self.freshly_signed_in().await?;
            Ok(self.site.accounts.remove_email(&session.user.handle, id).await?)
        };
        self.answered(removed.await)
    }

    /// Has another mail sent that verifies an address.
    pub async fn resend_verification(&self, id: &str) -> Result<(), Refusal> {
        let resent = async {
            let session = self.signed_in().await?;
            Ok(self.site.accounts.resend_verification(&session, id, self.language).await?)
        };
        self.answered(resent.await)
    }

    /// Verifies the address that a link was sent to, for whoever follows it.
    pub async fn verify_email(&self, token: &str) -> Result<(), Refusal> {
        let verified = self.site.accounts.verify_email(token).await;
        let is_wrong = matches!(verified, Err(accounts::Error::LinkInvalid));
        if is_wrong && !self.site.limits.may_fail(self.client, None).await {
            return self.answered(Err(Trouble::RateLimited("links tried")));
        }
        self.answered(verified.map_err(Trouble::from))
    }
}
