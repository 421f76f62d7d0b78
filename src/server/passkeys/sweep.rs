//! Deleting what is over.

use super::{Binding, CEREMONY_LIFETIME, Error, Passkeys};
use crate::server::database::{Transaction, sql};

/// How long the record of a ceremony is kept once it is over.
const RECORD_LIFETIME: std::time::Duration = std::time::Duration::from_hours(24 * 30);

/// How long it is remembered that a ceremony of a back end is over.
const REMEMBERED_AS_EXPIRED: std::time::Duration = std::time::Duration::from_hours(1);

impl Passkeys {
    /// Deletes what nobody waits for: unanswered ceremonies that are over, old records, and tokens and
    /// signing keys that are over. A ceremony that failed in the browser is a record, too. Each forgets its
    /// challenge as soon as it is over: a clock that is put back does not make an answer come in time.
    /// What cannot be swept keeps nothing else from it; the first failure is told.
    pub async fn sweep(&self) -> Result<(), Error> {
        let done = [
            self.sweep_ceremonies().await,
            self.note_expired_keys().await,
            self.sweep_registration_tokens().await,
            self.sweep_idempotent_requests().await,
            self.sweep_users().await,
            self.sweep_signing_keys().await,
            self.sweep_spent_tokens().await,
            self.sweep_refusals().await,
            self.sweep_tries().await.map_err(Error::from),
            self.sweep_events().await,
        ];
        done.into_iter().collect()
    }

    async fn sweep_ceremonies(&self) -> Result<(), Error> {
        let now = self.clock.now();
        let over = now.before(CEREMONY_LIFETIME).milliseconds();
        let old = now.before(RECORD_LIFETIME).milliseconds();
        let statements = [
            (
                "delete from ceremonies
                where taken_at is null and client_error_at is null and expires_at <= $1
                  and counted_in is not null",
                over,
            ),
            (
                "update ceremonies set challenge = null, state = null
                where taken_at is null and challenge is not null and expires_at <= $1",
                now.milliseconds(),
            ),
            ("delete from ceremonies where taken_at is not null and taken_at <= $1", old),
            ("delete from ceremonies where taken_at is null and client_error_at <= $1", old),
        ];
        // Before anything goes.
        self.count_ceremonies().await?;
        // With nobody beside: whoever begins deletes in another order, and each would wait for the other.
        let mut transaction = self.database.begin().await?;
        self.bury_expired(&mut transaction).await?;
        for (statement, time) in statements {
            sql::query(statement).bind(time).execute(&mut transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// What a back end has begun, and never answered, is remembered for a while without its challenge: a
    /// late answer is told that it is late.
    async fn bury_expired(&self, transaction: &mut Transaction<'static>) -> Result<(), Error> {
        let now = self.clock.now();
        let bury = "update ceremonies
            set taken_at = expires_at, outcome = 'expired', challenge = null, state = null
            where taken_at is null and client_error_at is null and binding = $1 and expires_at <= $2";
        let query = sql::query(bury).bind(Binding::of_back_ends().to_vec());
        query.bind(now.milliseconds()).execute(&mut *transaction).await?;
        let forget = "delete from ceremonies
            where outcome = 'expired' and taken_at = expires_at and taken_at <= $1";
        let old = now.before(REMEMBERED_AS_EXPIRED).milliseconds();
        sql::query(forget).bind(old).execute(&mut *transaction).await?;
        Ok(())
    }
}
