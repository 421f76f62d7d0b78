//! What must not go on living when a backup is restored.
//!
//! A backup does not know what became of things after it was taken. Whatever opens something, and may have
//! been used up or ended since, ends here.

use super::{Accounts, Error};
use crate::server::database::sql;

impl Accounts {
    /// Ends whatever was under way when the backup was taken, and says what and how much of it.
    pub async fn end_what_was_alive(
        &self,
        keep_sessions: bool,
    ) -> Result<Vec<(&'static str, u64)>, Error> {
        let mut transaction = self.database.begin().await?;
        let mut ended = Vec::new();
        for (what, statement) in [
            ("sign-ups under way", "delete from pending_sign_ups"),
            ("device links", "delete from device_links"),
            ("e-mail links", "delete from verification_links"),
            // They may have been sent since, and verification mails make links.
            ("waiting mails", "delete from outbox"),
            ("setup links", "delete from setup_links"),
            ("probes", "delete from probes"),
            ("sessions", "delete from sessions"),
        ] {
            if keep_sessions && what == "sessions" {
                continue;
            }
            let done = sql::query(statement).execute(&mut transaction).await?;
            ended.push((what, done.rows_affected()));
        }
        let now = self.clock.now().milliseconds();
        for (what, statement) in [
            (
                "recoveries",
                "update recoveries set ended_at = $1, outcome = 'withdrawn' where ended_at is null",
            ),
            (
                "invitations",
                "update invitations set revoked_at = $1 where revoked_at is null and used < uses",
            ),
        ] {
            let done = sql::query(statement).bind(now).execute(&mut transaction).await?;
            ended.push((what, done.rows_affected()));
        }
        transaction.commit().await?;
        Ok(ended)
    }
}
