//! Looking after one's sessions.

use super::Visit;
use crate::server::refuse::Trouble;
use crate::wire::Refusal;

impl Visit {
    /// Ends another session of whoever is signed in.
    pub async fn end_session(&self, id: &str) -> Result<(), Refusal> {
        let ended = async {
            let user = self.signed_in().await?.user;
            let ended = self.site.accounts.end_session_of(&user.handle, id).await?;
            if ended { Ok(()) } else { Err(Trouble::NotFound("session")) }
        };
        self.answered(ended.await)
    }

    /// Ends all sessions of whoever is signed in but this one.
    pub async fn end_other_sessions(&self) -> Result<(), Refusal> {
        let ended = async {
            let session = self.signed_in().await?;
            Ok(self.site.accounts.end_other_sessions(&session.user.handle, &session.id).await?)
        };
        self.answered(ended.await)
    }
}
