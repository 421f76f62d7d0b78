//! Signing up.

use axum::http::StatusCode;

use super::Visit;
use crate::server::accounts::{self, EntryToken, SignUp, SignedIn};
use crate::server::passkeys::{Label, Purpose};
use crate::server::refuse::Trouble;
use crate::wire::{Begun, CeremonyId, Refusal, Standing};

impl Visit {
    /// How the invitation of this token stands.
    pub async fn invitation(&self, token: &str) -> Result<Standing, Refusal> {
        let token = EntryToken::from_address(token);
        let found = self.site.accounts.invitation(&token).await;
        let standing = found.map(|found| found.map_or(Standing::Unknown, |one| one.standing));
        self.answered(standing.map_err(Trouble::from))
    }

    /// Whether this token makes somebody an admin. Where it does not there is no such page.
    pub async fn is_setup_link(&self, token: &str) -> Result<bool, Refusal> {
        let is_one = self.site.accounts.is_setup_link(&EntryToken::from_address(token)).await;
        let is_one = self.answered(is_one.map_err(Trouble::from))?;
        if !is_one {
            self.response.set_status(StatusCode::NOT_FOUND);
        }
        Ok(is_one)
    }

    /// Begins a sign-up under this name; `link` is the token of the link that somebody came by.
    pub async fn begin_sign_up(
        &self,
        name: &str,
        display_name: &str,
        link: &str,
    ) -> Result<Begun, Refusal> {
        let begun = async {
            self.may_begin().await?;
            let link = Some(link.trim()).filter(|link| !link.is_empty());
            let link = link.map(EntryToken::from_address);
            let policy = self.site.config.sign_up;
            let entry = self.site.accounts.entry(policy, link.as_ref()).await?;
            let sign_up = SignUp::parse(name, display_name)?;
            self.site.accounts.check(&sign_up).await?;
            let user = self.site.passkeys.new_user_handle();
            let label = Label { name: sign_up.name.shown(), display_name: sign_up.display_name() };
            let (party, binding) = (&self.site.relying_party, self.binding());
            let begun = self
                .site
                .passkeys
                .begin_registration(party, Purpose::NewAccount, &user, label, &binding)
                .await?;
            let (id, expires_at) = (&begun.id, begun.expires_at);
            let typed = (&sign_up, &entry);
            self.site.accounts.await_passkey(typed, id, &user, expires_at).await?;
            Ok(begun)
        };
        self.answered(begun.await).map(|begun| self.begun(begun))
    }

    /// Finishes a sign-up: the passkey is stored, the account exists, its first session is open.
    pub async fn finish_sign_up(&self, id: CeremonyId, answer: String) -> Result<(), Refusal> {
        let (visit, given) = (self.clone(), answer.clone());
        let finished = async move { visit.create_account(&id, &given).await };
        let finished = self.to_its_end(finished).await;
        let signal = match &finished {
            Err(trouble) if trouble.may_leave_a_stray_passkey() => self.unknown(&answer).await,
            _ => None,
        };
        self.welcomed(finished).map_err(|refusal| Refusal { signal, ..refusal })
    }

    async fn create_account(&self, id: &CeremonyId, answer: &str) -> Result<SignedIn, Trouble> {
        let (party, passkeys) = (&self.site.relying_party, &self.site.passkeys);
        let binding = self.known_binding()?;
        let registered = match passkeys
            .finish_registration(party, Purpose::NewAccount, id, &binding, answer)
            .await
        {
            Ok(registered) => registered,
            Err(error) => {
                if error.ends_the_ceremony() {
                    self.site.accounts.forget_sign_up(id).await;
                }
                return Err(self.failed(error, None).await);
            }
        };
        let (policy, replaces) = (self.site.config.sign_up, self.token());
        let accounts = &self.site.accounts;
        match accounts.create(registered, policy, replaces.as_ref(), &self.whence()).await {
            Ok(signed_in) => {
                self.settle(&signed_in.user.handle, id).await;
                Ok(signed_in)
            }
            Err((error, registered)) => {
                // A database that failed leaves open whether the account came to be; the passkey is not
                // settled, and waits until that is known.
                if !matches!(error, accounts::Error::Database(_)) {
                    accounts.forget_sign_up(id).await;
                    self.withdraw(registered).await?;
                }
                Err(error.into())
            }
        }
    }
}
