//! Signing up.

use super::Visit;
use crate::server::accounts::{self, SignUp, SignedIn};
use crate::server::passkeys::{Label, Purpose};
use crate::server::refuse::Trouble;
use crate::wire::{Begun, CeremonyId, Refusal};

impl Visit {
    /// Begins a sign-up under this name.
    pub async fn begin_sign_up(&self, name: &str, display_name: &str) -> Result<Begun, Refusal> {
        let begun = async {
            self.may_begin()?;
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
            self.site.accounts.await_passkey(&sign_up, id, &user, expires_at).await?;
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
                return Err(self.failed(error, None));
            }
        };
        match self.site.accounts.create(registered, self.token().as_ref(), &self.whence()).await {
            Ok(signed_in) => Ok(signed_in),
            Err((error, registered)) => {
                // Any other error leaves open whether the account came to be.
                if matches!(error, accounts::Error::NameTaken | accounts::Error::NoAccount) {
                    self.withdraw(registered).await?;
                }
                Err(error.into())
            }
        }
    }
}
