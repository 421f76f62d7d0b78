//! What must not go on living when a backup is restored.
//!
//! A backup does not know what became of things after it was taken. Whatever can be answered or spent
//! once, and may have been since, is over here. Records of what happened stay.

use std::time::Duration;

use super::{Error, Passkeys};
use crate::server::database::sql;

impl Passkeys {
    /// Ends whatever was under way when the backup was taken, and says what and how much of it.
    pub async fn end_what_was_alive(&self) -> Result<Vec<(&'static str, u64)>, Error> {
        let now = self.clock.now();
        // Tokens know the second of their issue alone: whatever was issued in this one is of before.
        let next_second = now.after(Duration::from_secs(1)).milliseconds();
        let mut transaction = self.database.begin().await?;
        let mut ended = Vec::new();
        for (what, statement, time) in [
            (
                "ceremonies",
                "update ceremonies set taken_at = $1, outcome = 'expired', challenge = null,
                    state = null, bucket = null
                where taken_at is null",
                now.milliseconds(),
            ),
            (
                "registration tokens",
                "update registration_tokens set spent_at = $1 where spent_at is null",
                now.milliseconds(),
            ),
            (
                "replies to repeated requests",
                "delete from idempotent_requests where created_at <= $1",
                i64::MAX,
            ),
        ] {
            let done = sql::query(statement).bind(time).execute(&mut transaction).await?;
            ended.push((what, done.rows_affected()));
        }
        // Tokens stand nowhere, so that they cannot be counted.
        let refuse = sql::query("update signing_keys set tokens_from = $1").bind(next_second);
        refuse.execute(&mut transaction).await?;
        transaction.commit().await?;
        Ok(ended)
    }
}
