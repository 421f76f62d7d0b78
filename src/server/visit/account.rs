//! The account of whoever is signed in.

use super::{Visit, moment};
use crate::server::accounts::Session;
use crate::server::clock::Timestamp;
use crate::server::passkeys::Credential;
use crate::server::refuse::Trouble;
use crate::wire::{Account, Passkey, Refusal, Synced};

impl Visit {
    /// Whether somebody is signed in.
    pub async fn is_signed_in(&self) -> Result<bool, Refusal> {
        self.answered(self.session().await).map(|session| session.is_some())
    }

    /// The account of whoever is signed in.
    pub async fn account(&self) -> Result<Option<Account>, Refusal> {
        let account = async {
            match self.session().await? {
                Some(session) => self.account_of(session).await.map(Some),
                None => Ok(None),
            }
        };
        self.answered(account.await)
    }

    async fn account_of(&self, session: Session) -> Result<Account, Trouble> {
        let party = &self.site.relying_party;
        let user = session.user;
        let passkeys = self.site.passkeys.credentials(party, &user.handle).await?;
        let display_name = user.display_name.unwrap_or_else(|| user.name.clone());
        let now = self.site.clock.now();
        let passkeys = passkeys.iter().map(|credential| as_passkey(credential, now)).collect();
        Ok(Account { name: user.name, display_name, passkeys })
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
