//! How much is remembered of what was refused.
//!
//! Whoever is refused leaves a record, and strangers can be refused without end. So each relying party
//! keeps its newest refusals only, and as many of what was late, and of what failed in the browser and was
//! never answered; what succeeded is never pushed out by them.

use super::{Error, Passkeys};
use crate::server::database::sql;

/// How many of each sort are remembered of one relying party.
const KEPT: i64 = 10_000;

impl Passkeys {
    /// Forgets the oldest refusals of whoever has too many.
    pub(super) async fn sweep_refusals(&self) -> Result<(), Error> {
        let all = "select id from relying_parties";
        let parties: Vec<String> = sql::query_scalar(all).fetch_all(self.database.reader()).await?;
        let statements = [
            (
                "select id from events where relying_party = $1 and kind = 'refusal'
                order by id desc limit 1 offset $2",
                "delete from events where relying_party = $1 and kind = 'refusal' and id <= $2",
            ),
            (
                "select taken_at from ceremonies where relying_party = $1 and outcome = 'refused'
                order by taken_at desc limit 1 offset $2",
                "delete from ceremonies
                where relying_party = $1 and outcome = 'refused' and taken_at <= $2",
            ),
            (
                "select taken_at from ceremonies
                where relying_party = $1 and outcome = 'expired' and counted_in is not null
                order by taken_at desc limit 1 offset $2",
                "delete from ceremonies
                where relying_party = $1 and outcome = 'expired' and counted_in is not null
                  and taken_at <= $2",
            ),
            // What has been counted cannot be answered any more.
            (
                "select client_error_at from ceremonies
                where relying_party = $1 and client_error_at is not null and taken_at is null
                  and counted_in is not null
                order by client_error_at desc limit 1 offset $2",
                "delete from ceremonies
                where relying_party = $1 and client_error_at is not null and taken_at is null
                  and counted_in is not null and client_error_at <= $2",
            ),
        ];
        for party in &parties {
            for (first_to_go, delete) in statements {
                let query = sql::query_scalar(first_to_go).bind(party).bind(KEPT);
                let first: Option<i64> = query.fetch_optional(self.database.reader()).await?;
                if let Some(first) = first {
                    let query = sql::query(delete).bind(party).bind(first);
                    query.execute(self.database.writer()).await?;
                }
            }
        }
        Ok(())
    }
}
