//! What happened at all relying parties, as the operator looks through it.

use sqlx::FromRow;

use super::record::{RecordRow, record_columns, reference};
use super::{Error, Event, Passkeys, Record, UserHandle};
use crate::server::database::sql;

/// What is looked for; None is everything.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// `registration`, `authentication`, `refusal` or `removal`.
    pub kind: Option<String>,
    /// What happened at one relying party.
    pub relying_party: Option<String>,
    /// What happened to one person: by the id that a back end has for them.
    pub external_id: Option<String>,
    /// The same person, or another, by handle. Without an external id it is not looked at.
    pub user: Option<UserHandle>,
    /// What a person may have been shown.
    pub reference: Option<String>,
}

/// An event, where it happened, to whom, and the ceremony in which it did.
#[derive(Debug, Clone)]
pub struct Past {
    /// What happened.
    pub event: Event,
    /// Where.
    pub relying_party: String,
    /// To whom.
    pub user: Option<UserHandle>,
    /// In which ceremony; None for what is done without one.
    pub record: Option<Record>,
}

#[derive(Debug, FromRow)]
struct PastRow {
    #[sqlx(flatten)]
    event: Event,
    #[sqlx(flatten)]
    record: RecordRow,
    relying_party: String,
    user_handle: Option<Vec<u8>>,
}

impl From<PastRow> for Past {
    fn from(row: PastRow) -> Self {
        Self {
            event: row.event,
            relying_party: row.relying_party,
            user: row.user_handle.and_then(UserHandle::from_bytes),
            record: row.record.record(),
        }
    }
}

impl Passkeys {
    /// What happened, newest first: at most `limit` events that are older than the one with the id
    /// `before`.
    pub async fn history(
        &self,
        wanted: &Wanted,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Past>, Error> {
        let select = concat!(
            "select events.id, events.name, events.kind, events.reference, users.external_id,
                events.credential_id, events.reason, events.step, events.at, events.relying_party,
                events.user_handle, ",
            record_columns!(),
            " from events
            left join users on users.relying_party = events.relying_party
                and users.user_handle = events.user_handle
            left join ceremonies on ceremonies.reference = events.reference
            where events.id < $1 and ($2 is null or events.kind = $2)
                and ($3 is null or events.relying_party = $3)
                and ($4 is null or users.external_id = $4 or events.user_handle = $5)
                and ($6 is null or events.reference = $6)
            order by events.id desc limit $7"
        );
        let query = sql::query_as::<PastRow>(select).bind(before.unwrap_or(i64::MAX));
        let query = query.bind(wanted.kind.as_deref()).bind(wanted.relying_party.as_deref());
        let query = query.bind(wanted.external_id.as_deref());
        let query = query.bind(wanted.user.as_ref().map(UserHandle::as_bytes));
        let query = query.bind(wanted.reference.as_deref().map(reference)).bind(i64::from(limit));
        let rows = query.fetch_all(self.database.reader()).await?;
        Ok(rows.into_iter().map(Past::from).collect())
    }
}
