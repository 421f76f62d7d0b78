//! A ceremony from its beginning to its record.
//!
//! Owns: that a ceremony is bound to one relying party, kind, purpose and browser, that it is answered once
//! and in time, and that what became of it is written down. Refuses to know: what an answer says.

use sha2::{Digest as _, Sha256};
use sqlx::FromRow;

use super::error::Unverified;
use super::refused::Procedure;
use super::registration::Purpose;
use super::{CEREMONY_LIFETIME, Error, Passkeys, RelyingParty, UserHandle};
use crate::server::clock::Timestamp;
use crate::wire::{Call, CeremonyId, Report};

/// How many ceremonies may wait for one browser; the oldest make room.
const WAITING_FOR_ONE_BROWSER: i64 = 16;

/// How long the record of a ceremony is kept once it is over.
const RECORD_LIFETIME: std::time::Duration = std::time::Duration::from_hours(24 * 30);

/// Ties a ceremony to the browser that began it: the hash of a secret that only this browser has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding([u8; 32]);

impl Binding {
    /// The binding to the holder of this secret.
    pub fn to_holder_of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// The hash.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// As the table says it. Registration and authentication never stand in for each other.
fn kind(procedure: Procedure) -> &'static str {
    match procedure {
        Procedure::Registration => "registration",
        Procedure::Authentication => "authentication",
    }
}

fn id_prefix(procedure: Procedure) -> &'static str {
    match procedure {
        Procedure::Registration => "reg",
        Procedure::Authentication => "auth",
    }
}

/// A ceremony that has begun.
#[derive(Debug, Clone)]
pub struct Begun {
    /// Names the ceremony.
    pub id: CeremonyId,
    /// Finds its record.
    pub reference: String,
    /// The options for the browser, as JSON text in the form of WebAuthn Level 3, §5.1.9.
    pub options: String,
    /// When it is over.
    pub expires_at: Timestamp,
}

/// What is to be remembered of a ceremony until it is answered.
pub(super) struct Pending<'a> {
    pub(super) procedure: Procedure,
    /// None for an authentication.
    pub(super) purpose: Option<Purpose>,
    pub(super) binding: &'a Binding,
    pub(super) user_handle: Option<&'a UserHandle>,
    pub(super) challenge: String,
    pub(super) state: String,
    pub(super) options: String,
}

/// A ceremony that has been taken: nobody else can take it any more, and the database has forgotten
/// its challenge and state.
#[derive(FromRow)]
pub(super) struct Taken {
    pub(super) id: String,
    pub(super) reference: String,
    pub(super) user_handle: Option<Vec<u8>>,
    pub(super) challenge: String,
    pub(super) state: String,
    expires_at: i64,
}

impl Passkeys {
    pub(super) async fn remember(
        &self,
        party: &RelyingParty,
        pending: Pending<'_>,
    ) -> Result<Begun, Error> {
        let now = self.clock.now();
        let expires_at = now.after(CEREMONY_LIFETIME);
        let id = format!("{}_{}", id_prefix(pending.procedure), self.chance.token());
        let mut transaction = self.database.begin().await?;
        let insert = "insert into ceremonies
            (id, relying_party, kind, reference, user_handle, binding, challenge, state, created_at, expires_at, purpose)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
        let query = sqlx::query(insert).bind(&id).bind(party.id()).bind(kind(pending.procedure));
        let reference = self.chance.reference();
        let query = query.bind(&reference).bind(pending.user_handle.map(UserHandle::as_bytes));
        let query = query.bind(&pending.binding.0[..]).bind(pending.challenge).bind(pending.state);
        query
            .bind(now.milliseconds())
            .bind(expires_at.milliseconds())
            .bind(pending.purpose.map(Purpose::code))
            .execute(&mut *transaction)
            .await?;
        let make_room = "delete from ceremonies
            where binding = $1 and taken_at is null and client_error_at is null and id <> $3 and id not in
            (select id from ceremonies where binding = $1 and taken_at is null order by created_at desc, id limit $2)";
        let query =
            sqlx::query(make_room).bind(&pending.binding.0[..]).bind(WAITING_FOR_ONE_BROWSER);
        // Never the new one, even where a clock that was put back makes it the oldest.
        query.bind(&id).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(Begun { id: CeremonyId(id), reference, options: pending.options, expires_at })
    }

    /// Takes the ceremony away from everyone else, before anything of the answer is looked at. One
    /// that is over is taken too, so that a clock that jumps back does not revive it.
    pub(super) async fn take(
        &self,
        party: &RelyingParty,
        (procedure, purpose): (Procedure, Option<Purpose>),
        id: &CeremonyId,
        binding: &Binding,
    ) -> Result<Taken, Error> {
        let waiting = "select id, reference, user_handle, challenge, state, expires_at
            from ceremonies
            where id = $1 and relying_party = $2 and kind = $3 and binding = $4
              and purpose is $5 and taken_at is null and challenge is not null";
        let waiting = || {
            let query = sqlx::query_as::<_, Taken>(waiting).bind(&id.0).bind(party.id());
            let query = query.bind(kind(procedure)).bind(&binding.0[..]);
            query.bind(purpose.map(Purpose::code))
        };
        // What is not there at all does not get as far as the one writer.
        if waiting().fetch_optional(self.database.reader()).await?.is_none() {
            return Err(Error::NoCeremony);
        }
        let mut transaction = self.database.begin().await?;
        let taken = waiting().fetch_optional(&mut *transaction).await?.ok_or(Error::NoCeremony)?;
        let now = self.clock.now().milliseconds();
        let is_over = taken.expires_at <= now;
        let take = "update ceremonies
            set taken_at = $1, outcome = $2, challenge = null, state = null
            where id = $3 and taken_at is null";
        let query = sqlx::query(take).bind(now).bind(is_over.then_some("expired")).bind(&id.0);
        if query.execute(&mut *transaction).await?.rows_affected() != 1 {
            return Err(Error::NoCeremony);
        }
        transaction.commit().await?;
        if is_over {
            return Err(Error::CeremonyExpired { reference: taken.reference });
        }
        Ok(taken)
    }

    /// Writes down that the answer did not pass, and why.
    pub(super) async fn conclude(&self, taken: &Taken, unverified: Unverified) -> Error {
        let refused = match unverified {
            Unverified::Refused(refused) => refused,
            Unverified::Broken(error) => return error,
        };
        let record =
            "update ceremonies set outcome = 'refused', reason = $2, step = $3 where id = $1";
        let query = sqlx::query(record).bind(&taken.id).bind(refused.reason.code());
        match query.bind(refused.step).execute(self.database.writer()).await {
            Ok(_) => Error::Refused { reference: taken.reference.clone(), refused },
            Err(error) => Error::Database(error),
        }
    }

    /// Writes down that the answer passed, in the transaction that acts on it.
    pub(super) async fn record_verified(
        transaction: &mut sqlx::Transaction<'static, sqlx::Sqlite>,
        taken: &Taken,
    ) -> Result<(), Error> {
        let record = "update ceremonies set outcome = 'verified' where id = $1";
        sqlx::query(record).bind(&taken.id).execute(&mut **transaction).await?;
        Ok(())
    }

    /// Writes down what the browser said when a call of it failed. Nothing is said to whoever reports
    /// it: there may be no such ceremony for them.
    pub async fn note_client_error(
        &self,
        party: &RelyingParty,
        binding: &Binding,
        report: &Report,
    ) -> Result<(), Error> {
        let call = match report.failure.call {
            Call::Create => "create",
            Call::CreateElsewhere => "create elsewhere",
            Call::Get => "get",
            Call::Signal => "signal",
        };
        // Clients may say anything: a name is a short word.
        let error: String =
            report.failure.error.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
        let update = "update ceremonies
            set client_call = $1, client_error = $2, client_error_after = $3, client_error_at = $4
            where id = $5 and relying_party = $6 and binding = $7 and taken_at is null";
        let query = sqlx::query(update).bind(call).bind(error).bind(report.failure.after);
        let query = query.bind(self.clock.now().milliseconds()).bind(&report.ceremony.0);
        let query = query.bind(party.id()).bind(&binding.0[..]);
        query.execute(self.database.writer()).await?;
        Ok(())
    }

    /// Deletes what nobody waits for: unanswered ceremonies that are over, old records, and tokens and
    /// signing keys that are over. A ceremony that
    /// failed in the browser is a record, too, and forgets its challenge when it is over.
    pub async fn sweep(&self) -> Result<(), Error> {
        let now = self.clock.now();
        let over = now.before(CEREMONY_LIFETIME).milliseconds();
        let old = now.before(RECORD_LIFETIME).milliseconds();
        let statements = [
            (
                "delete from ceremonies
                where taken_at is null and client_error_at is null and expires_at <= $1",
                over,
            ),
            (
                "update ceremonies set challenge = null, state = null
                where taken_at is null and client_error_at is not null and challenge is not null
                  and expires_at <= $1",
                over,
            ),
            ("delete from ceremonies where taken_at is not null and taken_at <= $1", old),
            ("delete from ceremonies where taken_at is null and client_error_at <= $1", old),
        ];
        for (statement, time) in statements {
            sqlx::query(statement).bind(time).execute(self.database.writer()).await?;
        }
        self.sweep_signing_keys().await?;
        self.sweep_spent_tokens().await?;
        self.sweep_registration_tokens().await
    }
}
