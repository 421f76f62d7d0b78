//! A ceremony from its beginning to its record.
//!
//! Owns: that a ceremony is bound to one relying party, kind, purpose and browser, that it is answered once
//! and in time, and that what became of it is written down. Refuses to know: what an answer says.

use sqlx::FromRow;

use super::binding::Binding;
use super::error::Unverified;
use super::events::Happened;
use super::refused::{Procedure, Refused};
use super::registration::Purpose;
use super::registration_token::RegistrationTokenId;
use super::{CEREMONY_LIFETIME, Error, Passkeys, RelyingParty, UserHandle};
use crate::server::clock::Timestamp;
use crate::wire::{Call, CeremonyId, Report};

/// How long the record of a ceremony is kept once it is over.
const RECORD_LIFETIME: std::time::Duration = std::time::Duration::from_hours(24 * 30);

/// How long it is remembered that a ceremony of a back end is over.
const REMEMBERED_AS_EXPIRED: std::time::Duration = std::time::Duration::from_hours(1);

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
    /// The token with which a page began it.
    pub(super) registration_token: Option<&'a RegistrationTokenId>,
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
    pub(super) registration_token: Option<Vec<u8>>,
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
            (id, relying_party, kind, reference, user_handle, binding, bucket, challenge, state, created_at,
             expires_at, purpose, registration_token)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
        let query = sqlx::query(insert).bind(&id).bind(party.id()).bind(kind(pending.procedure));
        let reference = self.chance.reference();
        let query = query.bind(&reference).bind(pending.user_handle.map(UserHandle::as_bytes));
        let query = query.bind(pending.binding.as_bytes()).bind(pending.binding.bucket());
        let query = query.bind(pending.challenge).bind(pending.state);
        query
            .bind(now.milliseconds())
            .bind(expires_at.milliseconds())
            .bind(pending.purpose.map(Purpose::code))
            .bind(pending.registration_token.map(RegistrationTokenId::as_bytes))
            .execute(&mut *transaction)
            .await?;
        Self::make_room(&mut transaction, party, pending.binding, &id).await?;
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
        let waiting =
            "select id, reference, user_handle, challenge, state, registration_token, expires_at
            from ceremonies
            where id = $1 and relying_party = $2 and kind = $3 and binding = $4
              and purpose is $5 and taken_at is null and challenge is not null";
        let waiting = || {
            let query = sqlx::query_as::<_, Taken>(waiting).bind(&id.0).bind(party.id());
            let query = query.bind(kind(procedure)).bind(binding.as_bytes());
            query.bind(purpose.map(Purpose::code))
        };
        // What is not there at all does not get as far as the one writer.
        if waiting().fetch_optional(self.database.reader()).await?.is_none() {
            return Err(self.answered_before(party, (procedure, purpose), id, binding).await?);
        }
        let mut transaction = self.database.begin().await?;
        let Some(taken) = waiting().fetch_optional(&mut *transaction).await? else {
            transaction.rollback().await?;
            return Err(self.answered_before(party, (procedure, purpose), id, binding).await?);
        };
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

    /// Why nothing waits for an answer that this caller could have given.
    async fn answered_before(
        &self,
        party: &RelyingParty,
        (procedure, purpose): (Procedure, Option<Purpose>),
        id: &CeremonyId,
        binding: &Binding,
    ) -> Result<Error, Error> {
        let select = "select reference, coalesce(outcome, '') from ceremonies
            where id = $1 and relying_party = $2 and kind = $3 and binding = $4
              and purpose is $5 and taken_at is not null";
        let query = sqlx::query_as(select).bind(&id.0).bind(party.id()).bind(kind(procedure));
        let query = query.bind(binding.as_bytes()).bind(purpose.map(Purpose::code));
        let taken: Option<(String, String)> = query.fetch_optional(self.database.reader()).await?;
        Ok(match taken {
            None => Error::NoCeremony,
            Some((reference, outcome)) if outcome == "expired" => {
                Error::CeremonyExpired { reference }
            }
            Some((reference, _)) => Error::CeremonyUsed { reference },
        })
    }

    /// Writes down that the answer did not pass, and why.
    pub(super) async fn conclude(
        &self,
        party: &RelyingParty,
        taken: &Taken,
        unverified: Unverified,
    ) -> Error {
        let refused = match unverified {
            Unverified::Refused(refused) => refused,
            Unverified::Broken(error) => return error,
        };
        match self.record_refused(party, taken, &refused).await {
            Ok(()) => Error::Refused { reference: taken.reference.clone(), refused },
            Err(error) => error,
        }
    }

    async fn record_refused(
        &self,
        party: &RelyingParty,
        taken: &Taken,
        refused: &Refused,
    ) -> Result<(), Error> {
        let mut transaction = self.database.begin().await?;
        let record =
            "update ceremonies set outcome = 'refused', reason = $2, step = $3 where id = $1";
        let query = sqlx::query(record).bind(&taken.id).bind(refused.reason.code());
        query.bind(refused.step).execute(&mut *transaction).await?;
        let user = taken.user_handle.clone().and_then(UserHandle::from_bytes);
        let happened = Happened {
            kind: "refusal",
            reference: &taken.reference,
            user: user.as_ref(),
            credential: None,
            refused: Some(refused),
        };
        self.note_event(&mut transaction, party.id(), happened).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Writes down that the answer passed, in the transaction that acts on it.
    pub(super) async fn record_verified(
        &self,
        transaction: &mut sqlx::Transaction<'static, sqlx::Sqlite>,
        party: &RelyingParty,
        taken: &Taken,
        (procedure, user, credential): (Procedure, &UserHandle, &[u8]),
    ) -> Result<(), Error> {
        let record = "update ceremonies set outcome = 'verified' where id = $1";
        sqlx::query(record).bind(&taken.id).execute(&mut **transaction).await?;
        let happened = Happened {
            kind: kind(procedure),
            reference: &taken.reference,
            user: Some(user),
            credential: Some(credential),
            refused: None,
        };
        self.note_event(transaction, party.id(), happened).await
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
        let query = query.bind(party.id()).bind(binding.as_bytes());
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
        self.bury_expired().await?;
        for (statement, time) in statements {
            sqlx::query(statement).bind(time).execute(self.database.writer()).await?;
        }
        self.sweep_registration_tokens().await?;
        self.sweep_idempotent_requests().await?;
        self.sweep_users().await?;
        self.sweep_signing_keys().await?;
        self.sweep_spent_tokens().await?;
        self.sweep_refusals().await?;
        self.sweep_events().await
    }

    /// What a back end has begun, and never answered, is remembered for a while without its challenge: a
    /// late answer is told that it is late.
    async fn bury_expired(&self) -> Result<(), Error> {
        let now = self.clock.now();
        let bury = "update ceremonies
            set taken_at = expires_at, outcome = 'expired', challenge = null, state = null
            where taken_at is null and client_error_at is null and binding = $1 and expires_at <= $2";
        let query = sqlx::query(bury).bind(Binding::of_back_ends().to_vec());
        query.bind(now.milliseconds()).execute(self.database.writer()).await?;
        let forget = "delete from ceremonies
            where outcome = 'expired' and taken_at = expires_at and taken_at <= $1";
        let old = now.before(REMEMBERED_AS_EXPIRED).milliseconds();
        sqlx::query(forget).bind(old).execute(self.database.writer()).await?;
        Ok(())
    }
}
