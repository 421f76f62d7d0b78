//! Looking after invitations.

use super::{Told, Visit};
use crate::server::accounts::{self, Invitation, NewInvitation};
use crate::server::log::short_id;
use crate::server::passkeys::UserHandle;
use crate::server::refuse::Trouble;
use crate::wire::{InvitationLine, Refusal, SitePath};

impl Visit {
    /// All invitations, the newest first.
    pub async fn invitations(&self) -> Result<Vec<InvitationLine>, Refusal> {
        let invitations = async {
            self.admin().await?;
            Ok(self.site.accounts.invitations().await?)
        };
        let all = self.answered(invitations.await)?;
        Ok(all.into_iter().map(|invitation| self.as_invitation(invitation)).collect())
    }

    fn as_invitation(&self, invitation: Invitation) -> InvitationLine {
        InvitationLine {
            created: self.moment(invitation.created_at),
            expires: self.coming(invitation.expires_at),
            id: invitation.id,
            note: invitation.note,
            uses: invitation.uses,
            used: invitation.used,
            standing: invitation.standing,
        }
    }

    /// Makes an invitation out of what was typed: for how many people, for how many days, and a note.
    pub(super) async fn invite(&self, admin: &UserHandle, typed: &[String]) -> Told {
        let typed = |place: usize| typed.get(place).map_or("", |text| text.trim());
        // What is no number is none that there could be.
        let number = |place: usize| typed(place).parse().unwrap_or(0);
        let new = NewInvitation::parse(number(0), number(1), typed(2))?;
        let (invitation, token) = self.site.accounts.invite(&new, Some(admin)).await?;
        let (admin, invitation) = (admin.to_string(), short_id(&invitation.id));
        tracing::info!(admin = short_id(&admin), invitation, "an invitation was made");
        let path = SitePath::invitation(token.reveal());
        Ok(Some(self.site.link(&path)))
    }

    pub(super) async fn revoke_invitation(&self, id: &str) -> Told {
        let revoked = self.site.accounts.revoke_invitation(id).await?;
        if revoked { Ok(None) } else { Err(Trouble::Accounts(accounts::Error::NotFound)) }
    }
}
