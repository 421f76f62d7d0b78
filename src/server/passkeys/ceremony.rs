//! A ceremony from its beginning to its record.
//!
//! Owns: that a ceremony is bound to one relying party, kind, purpose and browser, that it is answered once
//! and in time, and that what became of it is written down. Refuses to know: what an answer says.

use sqlx::FromRow;

use super::authenticators::name_of_authenticator;
use super::binding::Binding;
use super::circumstances::mediation_code;
use super::error::Unverified;
use super::events::Happened;
use super::purpose::Purpose;
use super::refused::{Procedure, Refused};
use super::registration_token::RegistrationTokenId;
use super::{CEREMONY_LIFETIME, Error, Passkeys, RelyingParty, UserHandle};
use crate::server::clock::{Stopwatch, Timestamp};
use crate::server::database::{Transaction, sql};
use crate::server::{metrics, telemetry};
use crate::wire::{Call, CeremonyId, Mediation, Report};

/// As the table says it. Registration and authentication never stand in for each other.
fn kind(procedure: Procedure) -> &'static str {
    match procedure {
        Procedure::Registration => "registration",
        Procedure::Authentication => "authentication",
    }
}

/// Counts an answer that has passed, once that is written down.
pub(super) fn count_verified(procedure: Procedure) {
    metrics::ceremony_ended(kind(procedure), "verified", "");
}

/// Checks an answer, and measures how long that takes.
pub(super) fn timed<T>(procedure: Procedure, check: impl FnOnce() -> T) -> T {
    let since = Stopwatch::start();
    let checked = telemetry::verification(kind(procedure)).in_scope(check);
    metrics::verification_took(kind(procedure), since.elapsed());
    checked
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

impl Pending<'_> {
    /// How the browser is to ask. On Keyfold's own pages a passkey is made with a prompt, always.
    fn mediation(&self) -> Option<Mediation> {
        let said = self.binding.circumstances().mediation;
        said.or(self.purpose.filter(|purpose| !purpose.has_user()).map(|_| Mediation::Modal))
    }
}

/// An answer that has passed.
pub(super) struct Passed<'a> {
    pub(super) procedure: Procedure,
    pub(super) user: &'a UserHandle,
    pub(super) credential: &'a [u8],
    /// The model of the authenticator, or the provider.
    pub(super) aaguid: &'a [u8],
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
        self.make_room_for_pages(party, pending.binding, &id).await;
        let mut transaction = self.database.begin_about(pending.binding.bucket()).await?;
        let insert = "insert into ceremonies
            (id, relying_party, kind, reference, user_handle, binding, bucket, challenge, state, created_at,
             expires_at, purpose, registration_token, mediation, system, browser)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
        let query = sql::query(insert).bind(&id).bind(party.id()).bind(kind(pending.procedure));
        let reference = self.chance.reference();
        let query = query.bind(&reference).bind(pending.user_handle.map(UserHandle::as_bytes));
        let query = query.bind(pending.binding.as_bytes()).bind(pending.binding.bucket());
        let query = query.bind(&pending.challenge).bind(&pending.state);
        query
            .bind(now.milliseconds())
            .bind(expires_at.milliseconds())
            .bind(pending.purpose.map(Purpose::code))
            .bind(pending.registration_token.map(RegistrationTokenId::as_bytes))
            .bind(pending.mediation().map(mediation_code))
            .bind(pending.binding.circumstances().system)
            .bind(pending.binding.circumstances().browser)
            .execute(&mut transaction)
            .await?;
        Self::keep_newest(&mut transaction, party, pending.binding, &id).await?;
        transaction.commit().await?;
        metrics::ceremony_begun(kind(pending.procedure));
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
              and purpose is not distinct from $5 and taken_at is null and challenge is not null";
        let waiting = || {
            let query = sql::query_as::<Taken>(waiting).bind(&id.0).bind(party.id());
            let query = query.bind(kind(procedure)).bind(binding.as_bytes());
            query.bind(purpose.map(Purpose::code))
        };
        // What is not there at all does not get as far as the one writer.
        if waiting().fetch_optional(self.database.reader()).await?.is_none() {
            return Err(self.answered_before(party, (procedure, purpose), id, binding).await?);
        }
        let mut transaction = self.database.begin_about(id.0.as_bytes()).await?;
        let Some(taken) = waiting().fetch_optional(&mut transaction).await? else {
            transaction.rollback().await?;
            return Err(self.answered_before(party, (procedure, purpose), id, binding).await?);
        };
        let now = self.clock.now().milliseconds();
        let is_over = taken.expires_at <= now;
        let take = "update ceremonies
            set taken_at = $1, outcome = $2, challenge = null, state = null, bucket = null,
                mediation = coalesce($3, mediation)
            where id = $4 and taken_at is null";
        let query = sql::query(take).bind(now).bind(is_over.then_some("expired"));
        let query = query.bind(binding.circumstances().mediation.map(mediation_code)).bind(&id.0);
        if query.execute(&mut transaction).await?.rows_affected() != 1 {
            return Err(Error::NoCeremony);
        }
        transaction.commit().await?;
        if is_over {
            metrics::ceremony_ended(kind(procedure), "expired", "");
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
        // Swept, one that is over has no challenge any more.
        let select = "select reference,
                case when taken_at is null then 'expired' else coalesce(outcome, '') end
            from ceremonies
            where id = $1 and relying_party = $2 and kind = $3 and binding = $4
              and purpose is not distinct from $5 and (taken_at is not null or challenge is null)";
        let query = sql::query_as(select).bind(&id.0).bind(party.id()).bind(kind(procedure));
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
        procedure: Procedure,
        taken: &Taken,
        unverified: Unverified,
    ) -> Error {
        let refused = match unverified {
            Unverified::Refused(refused) => refused,
            Unverified::Broken(error) => return error,
        };
        match self.record_refused(party, taken, &refused).await {
            Ok(()) => {
                metrics::ceremony_ended(kind(procedure), "refused", refused.reason.code());
                Error::Refused { reference: taken.reference.clone(), refused }
            }
            Err(error) => error,
        }
    }

    async fn record_refused(
        &self,
        party: &RelyingParty,
        taken: &Taken,
        refused: &Refused,
    ) -> Result<(), Error> {
        let mut transaction = self.database.begin_about(taken.id.as_bytes()).await?;
        let record =
            "update ceremonies set outcome = 'refused', reason = $2, step = $3 where id = $1";
        let query = sql::query(record).bind(&taken.id).bind(refused.reason.code());
        query.bind(refused.step).execute(&mut transaction).await?;
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
        transaction: &mut Transaction<'static>,
        party: &RelyingParty,
        taken: &Taken,
        passed: Passed<'_>,
    ) -> Result<(), Error> {
        let record = "update ceremonies set outcome = 'verified', authenticator = $2 where id = $1";
        let query = sql::query(record).bind(&taken.id).bind(name_of_authenticator(passed.aaguid));
        query.execute(&mut *transaction).await?;
        let happened = Happened {
            kind: kind(passed.procedure),
            reference: &taken.reference,
            user: Some(passed.user),
            credential: Some(passed.credential),
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
            set client_call = $1, client_error = $2, client_error_after = $3, client_error_at = $4,
                client_meaning = $5, mediation = coalesce($6, mediation)
            where id = $7 and relying_party = $8 and binding = $9 and taken_at is null";
        let query = sql::query(update).bind(call).bind(error).bind(i64::from(report.failure.after));
        let query = query.bind(self.clock.now().milliseconds());
        let query = query.bind(report.failure.code().as_str());
        let query = query.bind(report.failure.mediation.map(mediation_code));
        let query = query.bind(&report.ceremony.0);
        let query = query.bind(party.id()).bind(binding.as_bytes());
        query.execute(self.database.writer()).await?;
        Ok(())
    }
}
