//! What became of a ceremony, by the reference that the person was shown.

use sqlx::FromRow;

use super::{Error, Passkeys};
use crate::server::clock::Timestamp;

/// The record of a ceremony. Whose it was is not in it.
#[derive(Debug, Clone)]
pub struct Record {
    /// The relying party.
    pub relying_party: String,
    /// `registration` or `authentication`.
    pub kind: String,
    /// When it began.
    pub began_at: Timestamp,
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

#[derive(Debug, FromRow)]
struct RecordRow {
    relying_party: String,
    kind: String,
    created_at: i64,
    taken_at: Option<i64>,
    outcome: Option<String>,
    reason: Option<String>,
    step: Option<String>,
    client_call: Option<String>,
    client_error: Option<String>,
    client_error_after: Option<i64>,
    client_error_at: Option<i64>,
}

impl From<RecordRow> for Record {
    fn from(row: RecordRow) -> Self {
        let client_error = row.client_error_at.map(|at| ClientError {
            call: row.client_call.unwrap_or_default(),
            error: row.client_error.unwrap_or_default(),
            after: row.client_error_after.unwrap_or_default(),
            at: Timestamp::from_milliseconds(at),
        });
        Self {
            relying_party: row.relying_party,
            kind: row.kind,
            began_at: Timestamp::from_milliseconds(row.created_at),
            answered_at: row.taken_at.map(Timestamp::from_milliseconds),
            outcome: row.outcome,
            refused: row.reason.zip(row.step),
            client_error,
        }
    }
}

impl Passkeys {
    /// The record of the ceremony with this reference; records are kept for 30 days.
    pub async fn record(&self, reference: &str) -> Result<Option<Record>, Error> {
        let select =
            "select relying_party, kind, created_at, taken_at, outcome, reason, step, client_call,
                client_error, client_error_after, client_error_at
            from ceremonies where reference = $1";
        let query = sqlx::query_as::<_, RecordRow>(select).bind(reference.trim().to_uppercase());
        Ok(query.fetch_optional(self.database.reader()).await?.map(Record::from))
    }
}
