//! The account of whoever is signed in.

use serde_json::{Value, json};

use super::Visit;
use crate::server::accounts::{OpenSession, Session, SignUp, User};
use crate::server::cookies;
use crate::server::passkeys::{Credential, Label, Passkeys};
use crate::server::refuse::Trouble;
use crate::wire::{Account, Passkey, Refusal, SessionView, Signals, Synced};

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
        let user = &session.user;
        let passkeys =
            self.site.passkeys.credentials(&self.site.relying_party, &user.handle).await?;
        let sessions = self.site.accounts.sessions(&user.handle).await?;
        let signals = self.signals(user).await?;
        // Whoever has made one since they came needs no offer of one.
        let came_at =
            sessions.iter().find(|open| open.id == session.id).map(|open| open.created_at);
        let has_made_one = passkeys.iter().any(|passkey| Some(passkey.created_at) > came_at);
        Ok(Account {
            name: user.name.clone(),
            display_name: user.called().to_owned(),
            has_display_name: user.display_name.is_some(),
            passkeys: passkeys.iter().map(|passkey| self.as_passkey(passkey, &session)).collect(),
            sessions: sessions.into_iter().map(|open| self.as_session(open, &session)).collect(),
            signals,
            came_from_other_device: session.from_other_device && !has_made_one,
            is_admin: self.site.accounts.is_admin(&user.handle).await?,
        })
    }

    async fn signals(&self, user: &User) -> Result<Signals, Trouble> {
        let (party, passkeys) = (&self.site.relying_party, &self.site.passkeys);
        let label = Label { name: &user.name, display_name: user.called() };
        Ok(Signals {
            accepted: passkeys.accepted_signal(party, &user.handle).await?,
            details: Passkeys::details_signal(party, &user.handle, label),
        })
    }

    pub(super) fn as_passkey(&self, credential: &Credential, session: &Session) -> Passkey {
        let id = credential.id.to_string();
        Passkey {
            is_of_this_session: session.passkey.as_ref() == Some(&id),
            id,
            name: credential.name.clone().or(credential.authenticator.map(str::to_owned)),
            synced: synced(credential),
            created: self.moment(credential.created_at),
            last_used: credential.last_used_at.map(|time| self.moment(time)),
        }
    }

    pub(super) fn as_session(&self, open: OpenSession, session: &Session) -> SessionView {
        SessionView {
            is_this_one: open.id == session.id,
            id: open.id,
            browser: open.browser,
            system: open.system,
            address: open.address,
            signed_in: self.moment(open.created_at),
            last_seen: self.moment(open.last_seen_at),
        }
    }

    /// Changes what whoever has just proved to be the owner is called. The username belongs to the
    /// recovery codes: a session in wrong hands must not make them worthless.
    pub async fn change_names(&self, name: &str, display_name: &str) -> Result<(), Refusal> {
        let changed = async {
            // Says of any name whether somebody has it: as a sign-up does, and no faster.
            self.may_begin().await?;
            let user = self.freshly_signed_in().await?.user;
            let names = SignUp::parse(name, display_name)?;
            Ok(self.site.accounts.change_names(&user.handle, &names).await?)
        };
        self.answered(changed.await)
    }

    /// Deletes the account of whoever has just proved to be its owner. What comes back tells the
    /// browser that none of its passkeys is accepted any more.
    pub async fn delete_account(&self) -> Result<String, Refusal> {
        let visit = self.clone();
        let deleted = async move {
            let user = visit.freshly_signed_in().await?.user;
            let (party, passkeys) = (&visit.site.relying_party, &visit.site.passkeys);
            // The user first: a passkey without one signs nobody in, one without a passkey could not.
            visit.site.accounts.delete_but_the_last_admin(&user.handle).await?;
            passkeys.remove_all(party, &user.handle).await?;
            Ok(passkeys.accepted_signal(party, &user.handle).await?)
        };
        let signal = self.answered(self.to_its_end(deleted).await)?;
        self.set_cookie(cookies::no_session_cookie(&self.site.config.public_url));
        Ok(signal)
    }

    /// Everything that is stored about whoever is signed in; None where nobody is.
    pub(in crate::server) async fn export(&self) -> Result<Option<Value>, Refusal> {
        let export = async {
            let Some(session) = self.session().await? else { return Ok(None) };
            self.export_of(&session).await.map(Some)
        };
        self.answered(export.await)
    }

    async fn export_of(&self, session: &Session) -> Result<Value, Trouble> {
        let (user, accounts) = (&session.user, &self.site.accounts);
        let passkeys = self.site.passkeys.credentials(&self.site.relying_party, &user.handle);
        let passkeys: Vec<Value> = passkeys.await?.iter().map(exported_passkey).collect();
        let sessions = accounts.sessions(&user.handle).await?;
        let sessions: Vec<Value> = sessions.iter().map(exported_session).collect();
        let emails = accounts.emails(&user.handle).await?.into_iter();
        let emails = emails
            .map(|email| json!({ "address": email.address, "isVerified": email.is_verified }));
        let browsers = accounts.known_browsers(&user.handle).await?.into_iter().map(|(first, last)| {
            json!({ "firstSeenAt": first.to_string(), "lastSeenAt": last.to_string() })
        });
        let kit = accounts.kit(&user.handle).await?;
        let kit = kit.map(|kit| json!({ "left": kit.left, "createdAt": kit.made_at.to_string() }));
        let recovery = accounts.pending_recovery(&user.handle).await?.map(|recovery| {
            json!({
                "begunAt": recovery.begun_at.to_string(),
                "readyAt": recovery.ready_at.to_string(),
                "browser": recovery.whence.as_ref().map(|whence| &whence.browser),
                "system": recovery.whence.as_ref().map(|whence| &whence.system),
                "network": recovery.whence.as_ref().map(|whence| &whence.address),
            })
        });
        Ok(json!({
            "site": self.site.config.public_url.origin(),
            "exportedAt": self.site.clock.now().to_string(),
            "username": user.name,
            "displayName": user.display_name,
            "createdAt": accounts.signed_up_at(&user.handle).await?.to_string(),
            "isAdmin": accounts.is_admin(&user.handle).await?,
            "passkeys": passkeys,
            "sessions": sessions,
            "emailAddresses": emails.collect::<Vec<_>>(),
            "knownBrowsers": browsers.collect::<Vec<_>>(),
            "recoveryCodes": kit,
            "recoveryUnderWay": recovery,
        }))
    }
}

fn exported_passkey(passkey: &Credential) -> Value {
    json!({
        "id": passkey.id.to_string(),
        "name": passkey.name,
        "authenticator": passkey.authenticator,
        "backupEligible": passkey.backup_eligible,
        "backupState": passkey.backup_state,
        "createdAt": passkey.created_at.to_string(),
        "lastUsedAt": passkey.last_used_at.map(|time| time.to_string()),
    })
}

fn exported_session(open: &OpenSession) -> Value {
    json!({
        "browser": open.browser,
        "system": open.system,
        "network": open.address,
        "createdAt": open.created_at.to_string(),
        "lastSeenAt": open.last_seen_at.to_string(),
    })
}

fn synced(credential: &Credential) -> Synced {
    match (credential.backup_eligible, credential.backup_state) {
        (_, true) => Synced::Synced,
        (true, false) => Synced::NotYet,
        (false, false) => Synced::DeviceOnly,
    }
}
