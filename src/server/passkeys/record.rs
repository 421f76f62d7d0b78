//! What became of a ceremony, by the reference that the person was shown.

use sqlx::FromRow;

use super::{Binding, CEREMONY_LIFETIME, Error, Passkeys, Reason, RelyingParty};
use crate::server::clock::Timestamp;
use crate::server::database::sql;
use crate::wire::CeremonyId;

/// The record of a ceremony. Whose it was is not in it.
#[derive(Debug, Clone)]
pub struct Record {
    /// The relying party.
    pub relying_party: String,
    /// `registration` or `authentication`.
    pub kind: String,
    /// What a registration was for.
    pub purpose: Option<String>,
    /// How the browser was to ask: `conditional`, `modal` or `immediate`; None where it was not said.
    pub mediation: Option<String>,
    /// The family of the system, such as "Windows".
    pub system: Option<String>,
    /// The family of the browser, such as "Firefox".
    pub browser: Option<String>,
    /// Who made the authenticator that answered, where that is known.
    pub authenticator: Option<String>,
    /// When it began.
    pub began_at: Timestamp,
    /// When it is over, answered or not.
    pub expires_at: Timestamp,
    /// When it was answered; None for one that was not, or not yet.
    pub answered_at: Option<Timestamp>,
    /// `verified`, `refused` or `expired`; None for one that was not answered.
    pub outcome: Option<String>,
    /// Why it was refused, and at which step of WebAuthn Level 3.
    pub refused: Option<(String, String)>,
    /// What the browser said when it failed.
    pub client_error: Option<ClientError>,
}

/// What the browser said.
#[derive(Debug, Clone)]
pub struct ClientError {
    /// Which call failed.
    pub call: String,
    /// The name of the `DOMException`.
    pub error: String,
    /// How many milliseconds after the call.
    pub after: i64,
    /// When that was.
    pub at: Timestamp,
}

/// A row of ceremonies, or of what was joined with none.
#[derive(Debug, FromRow)]
pub(super) struct RecordRow {
    ceremony_party: Option<String>,
    ceremony_kind: Option<String>,
    purpose: Option<String>,
    mediation: Option<String>,
    system: Option<String>,
    browser: Option<String>,
    authenticator: Option<String>,
    created_at: Option<i64>,
    expires_at: Option<i64>,
    taken_at: Option<i64>,
    outcome: Option<String>,
    ceremony_reason: Option<String>,
    ceremony_step: Option<String>,
    client_call: Option<String>,
    client_error: Option<String>,
    client_error_after: Option<i64>,
    client_error_at: Option<i64>,
}

/// What a [`RecordRow`] is read from.
macro_rules! record_columns {
    () => {
        "ceremonies.relying_party as ceremony_party, ceremonies.kind as ceremony_kind,
        ceremonies.purpose, ceremonies.mediation, ceremonies.system, ceremonies.browser,
        ceremonies.authenticator, ceremonies.created_at, ceremonies.expires_at, ceremonies.taken_at,
        ceremonies.outcome, ceremonies.reason as ceremony_reason, ceremonies.step as ceremony_step,
        ceremonies.client_call, ceremonies.client_error, ceremonies.client_error_after,
        ceremonies.client_error_at"
    };
}

pub(super) use record_columns;

impl RecordRow {
    /// None where no ceremony was joined.
    pub(super) fn record(self) -> Option<Record> {
        let client_error = self.client_error_at.map(|at| ClientError {
            call: self.client_call.unwrap_or_default(),
            error: self.client_error.unwrap_or_default(),
            after: self.client_error_after.unwrap_or_default(),
            at: Timestamp::from_milliseconds(at),
        });
        Some(Record {
            relying_party: self.ceremony_party?,
            kind: self.ceremony_kind?,
            purpose: self.purpose,
            mediation: self.mediation,
            system: self.system,
            browser: self.browser,
            authenticator: self.authenticator,
            began_at: Timestamp::from_milliseconds(self.created_at?),
            expires_at: Timestamp::from_milliseconds(self.expires_at?),
            answered_at: self.taken_at.map(Timestamp::from_milliseconds),
            outcome: self.outcome,
            refused: self.ceremony_reason.zip(self.ceremony_step),
            client_error,
        })
    }
}

/// As references are written.
pub(super) fn reference(text: &str) -> String {
    text.trim().to_uppercase()
}

impl Passkeys {
    /// Whether an answer to this ceremony of this browser was refused, lately, because nobody has such a
    /// passkey.
    pub async fn was_unknown(
        &self,
        party: &RelyingParty,
        id: &CeremonyId,
        binding: &Binding,
    ) -> Result<bool, Error> {
        let select = "select exists (select 1 from ceremonies
            where id = $1 and relying_party = $2 and binding = $3 and outcome = 'refused' and reason = $4
              and taken_at > $5)";
        let since = self.clock.now().before(CEREMONY_LIFETIME).milliseconds();
        let query = sql::query_scalar(select).bind(&id.0).bind(party.id());
        let query = query.bind(binding.as_bytes()).bind(Reason::UnknownCredential.code());
        let query = query.bind(since);
        Ok(query.fetch_one(self.database.reader()).await?)
    }

    /// The record of the ceremony with this reference; records are kept for 30 days.
    pub async fn record(&self, asked: &str) -> Result<Option<Record>, Error> {
        let select = concat!("select ", record_columns!(), " from ceremonies where reference = $1");
        let query = sql::query_as::<RecordRow>(select).bind(reference(asked));
        let row = query.fetch_optional(self.database.reader()).await?;
        Ok(row.and_then(RecordRow::record))
    }
}
