//! Tries, counted where all nodes see them.
//!
//! Owns: the counting. Refuses to know: what is limited, and who tries; it sees a hash of both.
//!
//! Decision: the generic cell rate algorithm, in one statement: `full_at` is when somebody's tries would all
//! be there again. It needs one number for each of them, and no transaction.

use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::Passkeys;
use crate::server::clock::Clock;
use crate::server::database::{Database, sql};

/// What became of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Try {
    /// It counts, and leaves so many at once.
    Within {
        /// How many are left.
        remaining: u32,
    },
    /// There was none left; it does not count.
    Beyond {
        /// Until there is one again.
        wait: Duration,
    },
}

/// Counts the tries of all nodes together.
#[derive(Debug, Clone)]
pub struct Tries {
    database: Database,
    clock: Clock,
}

impl Passkeys {
    /// What counts for all nodes that share this database.
    pub fn tries(&self) -> Tries {
        Tries { database: self.database.clone(), clock: self.clock.clone() }
    }

    /// Forgets whoever has all tries again.
    pub(super) async fn sweep_tries(&self) -> Result<(), sqlx::Error> {
        let delete = sql::query("delete from tries where full_at <= $1");
        let now = self.clock.now().milliseconds().saturating_mul(1000);
        delete.bind(now).execute(self.database.unguarded()).await.map(drop)
    }
}

impl Tries {
    /// The table that they are counted in. Each row is over within minutes, and names an address to
    /// whoever tries all addresses: it is for no eyes but the database's.
    pub const TABLE: &'static str = "tries";

    /// Counts one of `most` tries within this time, against this limit, of whoever has this key.
    pub async fn count(
        &self,
        limit: &str,
        key: &[u8],
        most: u32,
        within: Duration,
    ) -> Result<Try, sqlx::Error> {
        let key = Sha256::digest([limit.as_bytes(), b"\0", key].concat());
        // In microseconds: a try may cost less than one millisecond.
        let now = self.clock.now().milliseconds().saturating_mul(1000);
        let all = i64::try_from(within.as_micros()).unwrap_or(i64::MAX);
        let cost = (all / i64::from(most.max(1))).max(1);
        // A clock that was put back must not lock anybody out for longer than the limit says.
        let count = "insert into tries (key, full_at) values ($1, $2 + $3)
            on conflict (key) do update set full_at = $3
                + case when tries.full_at between $2 and $2 + $4 then tries.full_at else $2 end
            where case when tries.full_at between $2 and $2 + $4 then tries.full_at else $2 end
                + $3 <= $2 + $4
            returning full_at";
        let query = sql::query_scalar::<i64>(count).bind(key.as_slice()).bind(now);
        let query = query.bind(cost).bind(cost.saturating_mul(i64::from(most)));
        if let Some(full_at) = query.fetch_optional(self.database.unguarded()).await? {
            let left = (cost.saturating_mul(i64::from(most)) - (full_at - now)) / cost;
            return Ok(Try::Within { remaining: u32::try_from(left).unwrap_or(0) });
        }
        let select = sql::query_scalar::<i64>("select full_at from tries where key = $1");
        let full_at = select.bind(key.as_slice()).fetch_optional(self.database.reader()).await?;
        let free_at = full_at.unwrap_or(now) + cost - cost.saturating_mul(i64::from(most));
        let wait = u64::try_from(free_at.saturating_sub(now)).unwrap_or(0);
        Ok(Try::Beyond { wait: Duration::from_micros(wait) })
    }
}
