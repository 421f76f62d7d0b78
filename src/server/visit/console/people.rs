//! Looking after the people who have an account.

use super::{Told, Visit};
use crate::server::accounts::{self, Person, Session};
use crate::server::passkeys::UserHandle;
use crate::server::refuse::Trouble;
use crate::wire::{Email, FoundUsers, Refusal, SitePath, UserDetails, UserLine};

/// How many users a page shows.
const PAGE: i64 = 50;

const NO_SUCH_USER: Trouble = Trouble::NotFound("user");

fn handle(id: &str) -> Result<UserHandle, Trouble> {
    UserHandle::parse(id).ok_or(NO_SUCH_USER)
}

fn done(has_changed: bool) -> Told {
    if has_changed { Ok(None) } else { Err(NO_SUCH_USER) }
}

impl Visit {
    /// A page of the users who are found by this, after the one of that name.
    pub async fn users(&self, search: &str, after: &str) -> Result<FoundUsers, Refusal> {
        let found = async {
            let admin = self.admin().await?;
            let found = self.site.accounts.find_people(search, after, PAGE).await?;
            Ok(FoundUsers {
                users: found.people.iter().map(|person| self.as_line(person, &admin)).collect(),
                next: found.next,
                total: self.site.accounts.count_people().await?,
            })
        };
        self.answered(found.await)
    }

    /// The user of this id, with all that an admin may know.
    pub async fn user(&self, id: &str) -> Result<UserDetails, Refusal> {
        let user = async {
            let admin = self.admin().await?;
            let person = self.site.accounts.person_of(&handle(id)?).await?.ok_or(NO_SUCH_USER)?;
            self.details(&person, &admin).await
        };
        self.answered(user.await)
    }

    async fn details(&self, person: &Person, admin: &Session) -> Result<UserDetails, Trouble> {
        let (accounts, user) = (&self.site.accounts, &person.handle);
        let passkeys = self.site.passkeys.credentials(&self.site.relying_party, user).await?;
        let sessions = accounts.sessions(user).await?;
        let emails = accounts.emails(user).await?.into_iter();
        let shown =
            |accounts::Email { id, address, is_verified }| Email { id, address, is_verified };
        let kit = accounts.kit(user).await?;
        let recovery = accounts.pending_recovery(user).await?;
        Ok(UserDetails {
            line: self.as_line(person, admin),
            passkeys: passkeys.iter().map(|passkey| self.as_passkey(passkey, admin)).collect(),
            sessions: sessions.into_iter().map(|open| self.as_session(open, admin)).collect(),
            emails: emails.map(shown).collect(),
            recovery_codes: kit.map_or(0, |kit| kit.left),
            recovery: recovery.map(|recovery| self.under_way(recovery)),
        })
    }

    fn as_line(&self, person: &Person, admin: &Session) -> UserLine {
        UserLine {
            id: person.handle.to_string(),
            name: person.name.clone(),
            display_name: person.display_name.clone(),
            created: self.moment(person.created_at),
            sessions: person.sessions,
            is_disabled: person.disabled_at.is_some(),
            is_admin: person.admin_at.is_some(),
            is_you: person.handle == admin.user.handle,
        }
    }

    pub(super) async fn disable_user(&self, id: &str) -> Told {
        done(self.site.accounts.disable_but_the_last_admin(&handle(id)?).await?)
    }

    pub(super) async fn enable_user(&self, id: &str) -> Told {
        done(self.site.accounts.enable(&handle(id)?).await?)
    }

    pub(super) async fn end_sessions_of(&self, id: &str) -> Told {
        // Where there is none that is what was asked for.
        self.site.accounts.end_sessions(&handle(id)?).await?;
        Ok(None)
    }

    pub(super) async fn make_admin(&self, id: &str) -> Told {
        done(self.site.accounts.make_admin(&handle(id)?).await?)
    }

    pub(super) async fn make_no_admin(&self, id: &str) -> Told {
        done(self.site.accounts.make_no_admin(&handle(id)?).await?)
    }

    /// Opens a recovery; the link works once, and is told once.
    pub(super) async fn recover_user(&self, id: &str) -> Told {
        let token = self.site.accounts.open_recovery(&handle(id)?).await?;
        let path = SitePath::recovery(token.reveal());
        Ok(Some(self.site.link(&path)))
    }

    pub(super) async fn delete_user(&self, id: &str) -> Told {
        let user = handle(id)?;
        let gone = self.site.accounts.delete_but_the_last_admin(&user).await?;
        // Also where the person is gone already: a power cut may have come between the two databases.
        self.site.passkeys.remove_all(&self.site.relying_party, &user).await?;
        done(gone)
    }
}
