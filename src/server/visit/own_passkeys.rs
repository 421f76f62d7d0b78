//! Looking after one's passkeys: adding, naming, removing.

use super::Visit;
use crate::server::accounts::{self, DisplayName, Notice, Session};
use crate::server::passkeys::{
    self, Authenticated, CredentialId, Label, Purpose, Reason, Registered, Removal, UserHandle,
};
use crate::server::refuse::Trouble;
use crate::wire::{Begun, CeremonyId, Refusal};

const NO_SUCH_PASSKEY: Trouble = Trouble::NotFound("passkey");

impl Visit {
    /// Begins to add a passkey to the account of whoever has just proved to be its owner.
    pub async fn begin_add_passkey(&self) -> Result<Begun, Refusal> {
        let begun = async {
            self.may_begin().await?;
            let user = self.freshly_signed_in().await?.user;
            let label = Label { name: &user.name, display_name: user.called() };
            let (party, binding) = (&self.site.relying_party, self.binding());
            let passkeys = &self.site.passkeys;
            Ok(passkeys
                .begin_registration(party, Purpose::AnotherPasskey, &user.handle, label, &binding)
                .await?)
        };
        self.answered(begun.await).map(|begun| self.begun(begun))
    }

    /// Finishes it: the passkey is in the account of whoever began.
    pub async fn finish_add_passkey(&self, id: CeremonyId, answer: String) -> Result<(), Refusal> {
        let (visit, given) = (self.clone(), answer.clone());
        let added = async move { visit.add_passkey(&id, &given).await };
        let added = self.to_its_end(added).await;
        let signal = match &added {
            Err(trouble) if trouble.may_leave_a_stray_passkey() => self.unknown(&answer).await,
            _ => None,
        };
        self.answered(added).map_err(|refusal| Refusal { signal, ..refusal })
    }

    async fn add_passkey(&self, id: &CeremonyId, answer: &str) -> Result<(), Trouble> {
        let session = self.signed_in().await?;
        let (user, accounts) = (&session.user.handle, &self.site.accounts);
        let (party, passkeys) = (&self.site.relying_party, &self.site.passkeys);
        let (binding, purpose) = (self.known_binding()?, Purpose::AnotherPasskey);
        let registered =
            passkeys.finish_registration_of(party, user, purpose, id, &binding, answer).await;
        let registered = match registered {
            Ok(registered) => registered,
            // It was begun by somebody else in this browser, who is not signed in any more.
            Err(passkeys::Error::Refused { reference, refused })
                if refused.reason == Reason::UserHandleMismatch =>
            {
                return Err(Trouble::SignedOut.of_ceremony(&reference));
            }
            Err(error) => return Err(self.failed(error, None).await),
        };
        let name = registered.authenticator().unwrap_or(self.unnamed_passkey());
        match accounts.add_passkey(registered, &session, name, &self.whence()).await {
            Ok(()) => {
                self.settle(user, id).await;
                Ok(())
            }
            Err((error, registered)) => {
                // A database that failed leaves open whether it was taken in; the passkey is not settled,
                // and waits until that is known.
                if !matches!(error, accounts::Error::Database(_)) {
                    self.withdraw(registered).await?;
                }
                // The session, or the whole account, is over since.
                let is_over = matches!(error, accounts::Error::NotFound);
                Err(if is_over { Trouble::SignedOut } else { error.into() })
            }
        }
    }

    /// What a passkey is called that has no name.
    fn unnamed_passkey(&self) -> &'static str {
        self.language.words().account.unnamed_passkey
    }

    /// The passkey of this ceremony has been taken in, and counts. Where that cannot be written down, its
    /// first sign-in will, or the sweep.
    pub(super) async fn settle(&self, user: &UserHandle, ceremony: &CeremonyId) {
        let settled = self.site.passkeys.settle(&self.site.relying_party, user, ceremony).await;
        if let Err(error) = settled {
            tracing::warn!(%error, "a passkey that was taken in waits to be settled");
        }
    }

    /// Whether the passkey that answered counts. One that was taken in is settled.
    pub(super) async fn counts(&self, authenticated: &Authenticated) -> Result<bool, Trouble> {
        let Some(ceremony) = authenticated.unsettled() else { return Ok(true) };
        let is_taken_in = self.site.accounts.has_taken_in(ceremony).await?;
        if is_taken_in {
            self.settle(authenticated.user(), ceremony).await;
        }
        Ok(is_taken_in)
    }

    /// Undoes a registration of which nothing may come, with all that the passkey has opened in the
    /// moment in which it was there.
    pub(super) async fn withdraw(&self, registered: Registered) -> Result<(), Trouble> {
        let (user, passkey) = (registered.user().clone(), registered.passkey());
        self.site.passkeys.withdraw(&self.site.relying_party, registered).await?;
        Ok(self.site.accounts.end_sessions_by_passkey(&user, &passkey, None).await?)
    }

    /// What one of a person's passkeys is called; None where neither they nor its provider say.
    pub(super) async fn name_of_passkey(
        &self,
        user: &UserHandle,
        id: &str,
    ) -> Result<Option<String>, Trouble> {
        let passkeys = self.site.passkeys.credentials(&self.site.relying_party, user).await?;
        let passkey = passkeys.into_iter().find(|passkey| passkey.id.to_string() == id);
        Ok(passkey.and_then(|one| one.name.or(one.authenticator.map(str::to_owned))))
    }

    /// The same, for what is written to them. What cannot be found out is left out: it is no reason to
    /// fail, and none to be silent.
    async fn written_name_of_passkey(&self, user: &UserHandle, id: &str) -> String {
        let name = self.name_of_passkey(user, id).await.ok().flatten();
        name.unwrap_or_else(|| self.unnamed_passkey().to_owned())
    }

    /// Tells a person at all of their addresses that there is a new passkey.
    pub(super) async fn tell_of_new_passkey(&self, user: &UserHandle, id: &str) {
        let passkey = self.written_name_of_passkey(user, id).await;
        self.tell(user, Notice::PasskeyAdded { passkey: &passkey }).await;
    }

    /// Gives a passkey another name.
    pub async fn rename_passkey(&self, id: &str, name: &str) -> Result<(), Refusal> {
        let renamed = async {
            let user = self.signed_in().await?.user;
            let name =
                DisplayName::parse(name).ok().flatten().ok_or(Trouble::PasskeyNameInvalid)?;
            let id = CredentialId::parse(id).ok_or(NO_SUCH_PASSKEY)?;
            let (party, passkeys) = (&self.site.relying_party, &self.site.passkeys);
            let done = passkeys.rename(party, &user.handle, &id, Some(name.as_str())).await?;
            if done { Ok(()) } else { Err(NO_SUCH_PASSKEY) }
        };
        self.answered(renamed.await)
    }

    /// Removes a passkey, and ends the sessions that it has opened elsewhere. The last one goes only
    /// where the account could be recovered.
    pub async fn remove_passkey(&self, id: &str) -> Result<(), Refusal> {
        let (visit, id) = (self.clone(), id.to_owned());
        let removed = async move {
            let session = visit.freshly_signed_in().await?;
            visit.remove_passkey_of(&session, &id).await
        };
        self.answered(self.to_its_end(removed).await)
    }

    /// Removes all passkeys but the one that has opened this session. What was removed before something
    /// failed stays removed.
    pub async fn remove_other_passkeys(&self) -> Result<(), Refusal> {
        let visit = self.clone();
        let removed = async move {
            let session = visit.freshly_signed_in().await?;
            let own = session.passkey.clone().ok_or(NO_SUCH_PASSKEY)?;
            let (party, passkeys) = (&visit.site.relying_party, &visit.site.passkeys);
            let all = passkeys.credentials(party, &session.user.handle).await?;
            let ids: Vec<String> = all.iter().map(|passkey| passkey.id.to_string()).collect();
            // Else the last one would be left to chance.
            if !ids.contains(&own) {
                return Err(NO_SUCH_PASSKEY);
            }
            for id in ids.iter().filter(|id| **id != own) {
                match visit.remove_passkey_of(&session, id).await {
                    // Somebody else was faster.
                    Ok(()) | Err(Trouble::NotFound(_)) => {}
                    Err(trouble) => return Err(trouble),
                }
            }
            Ok(())
        };
        self.answered(self.to_its_end(removed).await)
    }

    async fn remove_passkey_of(&self, session: &Session, id: &str) -> Result<(), Trouble> {
        let user = &session.user.handle;
        let credential = CredentialId::parse(id).ok_or(NO_SUCH_PASSKEY)?;
        let name = self.written_name_of_passkey(user, id).await;
        let (party, passkeys) = (&self.site.relying_party, &self.site.passkeys);
        let alone = self.alone_with_ways_in(user).await?;
        let can_come_back = self.site.accounts.has_recovery_path(user).await?;
        let removal = passkeys.remove(party, user, &credential, can_come_back).await?;
        drop(alone);
        if removal == Removal::IsTheLast {
            return Err(Trouble::LastPasskey);
        }
        // Also where it is gone already: a power cut may have come between the two databases.
        let accounts = &self.site.accounts;
        accounts.end_sessions_by_passkey(user, id, Some(&session.id)).await?;
        if removal == Removal::NotFound {
            return Err(NO_SUCH_PASSKEY);
        }
        self.tell(user, Notice::PasskeyRemoved { passkey: &name }).await;
        Ok(())
    }
}
