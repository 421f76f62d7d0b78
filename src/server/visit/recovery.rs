//! Coming back without a passkey: the kit of codes, the recovery that a code or the operator opens,
//! and its end.

use super::Visit;
use crate::server::accounts::{self, PendingRecovery, Recovery, RecoveryToken, SignedIn, UserName};
use crate::server::passkeys::{Label, Purpose};
use crate::server::refuse::Trouble;
use crate::wire::{self, Begun, CeremonyId, Kit, KitSheet, Refusal, SitePath, UnderWay};

impl Visit {
    /// Makes a kit of recovery codes for whoever is signed in; the one before is worth nothing any
    /// more. They are told this once.
    pub async fn make_recovery_codes(&self) -> Result<Vec<String>, Refusal> {
        let made = async {
            let session = self.freshly_signed_in().await?;
            if !self.site.limits.may_make_kit(&session.user.handle).await {
                return Err(Trouble::RateLimited("kits made"));
            }
            Ok(self.site.accounts.make_kit(&session.user.handle).await?)
        };
        self.answered(made.await)
    }

    /// Takes the kit of whoever is signed in away. Where the last passkey is gone it is the only way
    /// in, and stays.
    pub async fn remove_recovery_codes(&self) -> Result<(), Refusal> {
        let removed = async {
            let user = self.freshly_signed_in().await?.user;
            let (party, passkeys) = (&self.site.relying_party, &self.site.passkeys);
            let _alone = self.alone_with_ways_in(&user.handle).await?;
            if !passkeys.has_one_that_works(party, &user.handle).await? {
                return Err(Trouble::NoPasskeyLeft);
            }
            Ok(self.site.accounts.remove_kit(&user.handle).await?)
        };
        self.answered(removed.await)
    }

    /// What is left of the kit of whoever is signed in.
    pub async fn recovery_kit(&self) -> Result<Option<Kit>, Refusal> {
        let kit = async {
            let session = self.signed_in().await?;
            let kit = self.site.accounts.kit(&session.user.handle).await?;
            Ok(kit.map(|kit| Kit { left: kit.left, made: self.moment(kit.made_at) }))
        };
        self.answered(kit.await)
    }

    /// What stands beside the codes of whoever is signed in; None where nobody is.
    pub async fn kit_sheet(&self) -> Result<Option<KitSheet>, Refusal> {
        let sheet = async {
            let Some(session) = self.session().await? else { return Ok(None) };
            let (user, config) = (&session.user, &self.site.config);
            Ok(Some(KitSheet {
                name: user.name.clone(),
                display_name: user.called().to_owned(),
                site: config.site_name.clone(),
                address: format!("{}/recover", config.public_url.origin()),
                today: self.moment(self.site.clock.now()),
                replaces: self.site.accounts.kit(&user.handle).await?.is_some(),
            }))
        };
        self.answered(sheet.await)
    }

    /// Opens a recovery with a code; says at which address it goes on.
    pub async fn begin_recovery(&self, name: &str, code: &str) -> Result<SitePath, Refusal> {
        self.answered(self.open_recovery(name, code).await)
    }

    async fn open_recovery(&self, name: &str, code: &str) -> Result<SitePath, Trouble> {
        self.may_begin().await?;
        match self.use_code(name, code).await {
            Ok(token) => Ok(SitePath::recovery(token.reveal())),
            Err(accounts::Error::RecoveryRefused) => {
                let name = UserName::parse(name).ok();
                let may_guess = self.site.limits.may_guess(self.client, name.as_ref()).await;
                let refused = Trouble::Accounts(accounts::Error::RecoveryRefused);
                Err(if may_guess { refused } else { Trouble::RateLimited("refused codes") })
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn use_code(&self, name: &str, code: &str) -> Result<RecoveryToken, accounts::Error> {
        let (delay, whence) = (self.site.config.recovery_delay, self.whence());
        // The slow hash before: nobody waits for that.
        let code = self.site.accounts.unused_code(name, code).await?;
        // Nobody removes the last passkey for the sake of a code that is used up meanwhile.
        let _alone = self.site.alone_with_ways_in(code.user()).await?;
        self.site.accounts.begin_recovery(code, delay, &whence).await
    }

    /// Where the recovery of this token stands.
    pub async fn recovery(&self, token: &str) -> Result<wire::Recovery, Refusal> {
        let token = RecoveryToken::from_address(token);
        let recovery = match self.site.accounts.recovery(&token).await {
            Ok(Recovery::Waiting(user, ready_at)) => {
                Ok(wire::Recovery::Waiting { name: user.name, ready: self.coming(ready_at) })
            }
            Ok(Recovery::Ready(user)) => Ok(wire::Recovery::Ready { name: user.name }),
            Ok(Recovery::CalledOff) => Ok(wire::Recovery::CalledOff),
            Err(accounts::Error::LinkInvalid) => Ok(wire::Recovery::Over),
            Err(error) => Err(error.into()),
        };
        self.answered(recovery)
    }

    /// Begins the registration of a new passkey in a recovery that is ready.
    pub async fn begin_recovery_passkey(&self, token: &str) -> Result<Begun, Refusal> {
        let begun = async {
            self.may_begin().await?;
            let token = RecoveryToken::from_address(token);
            let user = self.site.accounts.recovery(&token).await?.ready()?;
            let label = Label { name: &user.name, display_name: user.called() };
            let (party, binding) = (&self.site.relying_party, self.binding());
            let passkeys = &self.site.passkeys;
            Ok(passkeys
                .begin_registration(party, Purpose::Recovery, &user.handle, label, &binding)
                .await?)
        };
        self.answered(begun.await).map(|begun| self.begun(begun))
    }

    /// Finishes a recovery: the new passkey is stored, every session of the account is over, and a
    /// new one is open.
    pub async fn finish_recovery(
        &self,
        token: &str,
        id: CeremonyId,
        answer: String,
    ) -> Result<(), Refusal> {
        let (visit, token) = (self.clone(), RecoveryToken::from_address(token));
        let given = answer.clone();
        let finished = async move { visit.recover(&token, &id, &given).await };
        let finished = self.to_its_end(finished).await;
        let signal = match &finished {
            Err(trouble) if trouble.may_leave_a_stray_passkey() => self.unknown(&answer).await,
            _ => None,
        };
        self.welcomed(finished).map_err(|refusal| Refusal { signal, ..refusal })
    }

    async fn recover(
        &self,
        token: &RecoveryToken,
        id: &CeremonyId,
        answer: &str,
    ) -> Result<SignedIn, Trouble> {
        let (party, passkeys) = (&self.site.relying_party, &self.site.passkeys);
        let (accounts, binding) = (&self.site.accounts, self.known_binding()?);
        // The account is there already: no passkey may get into it, not even for a moment, without a
        // recovery that is ready.
        accounts.recovery(token).await?.ready()?;
        let registered =
            passkeys.finish_registration(party, Purpose::Recovery, id, &binding, answer).await;
        let registered = match registered {
            Ok(registered) => registered,
            Err(error) => return Err(self.failed(error, None).await),
        };
        let (replaces, whence) = (self.token(), self.whence());
        match accounts.recover(registered, token, replaces.as_ref(), &whence).await {
            Ok(signed_in) => {
                self.settle(&signed_in.user.handle, id).await;
                Ok(signed_in)
            }
            Err((error, registered)) => {
                // A database that failed leaves open whether the recovery is done; the passkey is not
                // settled, and waits until that is known.
                if !matches!(error, accounts::Error::Database(_)) {
                    self.withdraw(registered).await?;
                }
                Err(error.into())
            }
        }
    }

    /// The recovery of the account of whoever is signed in, while one is under way.
    pub async fn pending_recovery(&self) -> Result<Option<UnderWay>, Refusal> {
        let pending = async {
            let session = self.signed_in().await?;
            Ok(self.site.accounts.pending_recovery(&session.user.handle).await?)
        };
        self.answered(pending.await).map(|pending| pending.map(|one| self.under_way(one)))
    }

    pub(super) fn under_way(&self, pending: PendingRecovery) -> UnderWay {
        let PendingRecovery { begun_at, ready_at, whence, .. } = pending;
        UnderWay {
            begun: self.moment(begun_at),
            ready: self.coming(ready_at),
            by_operator: whence.is_none(),
            browser: whence.as_ref().and_then(|whence| whence.browser.clone()),
            system: whence.as_ref().and_then(|whence| whence.system.clone()),
            network: whence.map(|whence| whence.address),
        }
    }

    /// Calls off the recovery of the account of whoever is signed in, for good.
    pub async fn cancel_recovery(&self) -> Result<(), Refusal> {
        let cancelled = async {
            let session = self.signed_in().await?;
            self.site.accounts.call_off_recovery(&session.user.handle).await?;
            Ok(())
        };
        self.answered(cancelled.await)
    }
}
