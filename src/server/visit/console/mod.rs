//! The console: what admins see, and what they do.
//!
//! Owns: that only an admin gets in, that whoever changes something has proved lately to be that admin
//! and that the log says who did what to whom. Everybody else is told what an address says that
//! leads nowhere.

mod events;
mod insight;
mod invitations;
mod people;
mod relying_parties;
mod service_passkeys;
mod settings;

pub(in crate::server) use insight::Table;

use axum::http::StatusCode;
use serde_json::Value;

use super::Visit;
use crate::server::accounts::Session;
use crate::server::log::short_id;
use crate::server::passkeys::{UserHandle, UserVerification};
use crate::server::refuse::Trouble;
use crate::wire::{Admin, ConsoleDeed, Refusal};

/// What a deed tells: nothing, or what is told once.
type Told = Result<Option<String>, Trouble>;

/// What is told to whoever is no admin.
const NO_SUCH_PAGE: Trouble = Trouble::NotFound("page");

impl Visit {
    /// The admin who asks for what is behind the gate; None for everybody else.
    pub(in crate::server) async fn admin_of_request(
        &self,
    ) -> Result<Option<Admin>, (StatusCode, Refusal)> {
        match self.admin().await {
            Ok(session) => Ok(Some(Admin { called: session.user.called().to_owned() })),
            Err(Trouble::NotFound(_)) => Ok(None),
            Err(trouble) => Err(trouble.translate(|| self.site.chance.reference())),
        }
    }

    /// The session of the admin who is signed in here; for anybody else there is no such page.
    pub(super) async fn admin(&self) -> Result<Session, Trouble> {
        let session = self.session().await?.ok_or(NO_SUCH_PAGE)?;
        let is_admin = self.site.accounts.is_admin(&session.user.handle).await?;
        if is_admin { Ok(session) } else { Err(NO_SUCH_PAGE) }
    }

    /// The same for one who has answered with a passkey within the last minutes.
    async fn fresh_admin(&self) -> Result<Session, Trouble> {
        let session = self.admin().await?;
        let is_fresh = session.is_fresh(self.site.clock.now());
        if is_fresh { Ok(session) } else { Err(Trouble::StaleSignIn) }
    }

    /// Does what an admin asks for, with what they typed. What comes back, such as a link, is told
    /// them this once.
    pub async fn act_in_console(
        &self,
        deed: ConsoleDeed,
        typed: Vec<String>,
    ) -> Result<Option<String>, Refusal> {
        let visit = self.clone();
        let done = async move {
            let admin = visit.fresh_admin().await?.user.handle;
            let done = visit.carry_out(&admin, &deed, &typed).await;
            let (what, whom) = in_log(&deed);
            let (admin, whom) = (short_id(&admin.to_string()).to_owned(), short_id(&whom));
            match &done {
                Ok(_) => tracing::info!(admin, what, whom, "an admin acted"),
                Err(trouble) => {
                    tracing::info!(admin, what, whom, reason = %trouble, "an admin could not act");
                }
            }
            done
        };
        let done = self.to_its_end(done).await;
        self.answered(done)
    }

    async fn carry_out(&self, admin: &UserHandle, deed: &ConsoleDeed, typed: &[String]) -> Told {
        let text = |place: usize| typed.get(place).map(String::as_str).unwrap_or_default();
        match deed {
            ConsoleDeed::DisableUser(id) => self.disable_user(id).await,
            ConsoleDeed::EnableUser(id) => self.enable_user(id).await,
            ConsoleDeed::EndSessions(id) => self.end_sessions_of(id).await,
            ConsoleDeed::RecoverUser(id) => self.recover_user(id).await,
            ConsoleDeed::DeleteUser(id) => self.delete_user(id).await,
            ConsoleDeed::MakeAdmin(id) => self.make_admin(id).await,
            ConsoleDeed::MakeNoAdmin(id) => self.make_no_admin(id).await,
            ConsoleDeed::Invite => self.invite(admin, typed).await,
            ConsoleDeed::RevokeInvitation(id) => self.revoke_invitation(id).await,
            ConsoleDeed::CreateRelyingParty => {
                self.create_relying_party(text(0), text(1), text(2)).await
            }
            ConsoleDeed::ChangeRelyingParty(id) => {
                self.change_relying_party(id, text(0), text(1)).await
            }
            ConsoleDeed::RequireVerification(id) => {
                self.change_verification(id, UserVerification::Required).await
            }
            ConsoleDeed::PreferVerification(id) => {
                self.change_verification(id, UserVerification::Preferred).await
            }
            ConsoleDeed::RemoveRelyingParty(id) => self.remove_relying_party(id).await,
            ConsoleDeed::CreateApiKey(id) => self.create_api_key(id, text(0), text(1)).await,
            ConsoleDeed::RevokeApiKey(id) => self.revoke_api_key(id).await,
        }
    }
}

/// What is done, and to whom or what, by its id.
fn in_log(deed: &ConsoleDeed) -> (String, String) {
    match serde_json::to_value(deed) {
        Ok(Value::String(what)) => (what, String::new()),
        Ok(Value::Object(deed)) => {
            deed.into_iter().next().map_or_else(Default::default, |(what, whom)| {
                let whom = whom.as_str().map_or_else(|| whom.to_string(), str::to_owned);
                (what, whom)
            })
        }
        _ => (String::new(), String::new()),
    }
}
