//! The browsers in which a person has signed in, so that a new one can be told of.

use std::fmt;

use sha2::{Digest as _, Sha256};

use super::{Accounts, Error, Notice, Whence};
use crate::server::clock::Timestamp;
use crate::server::database::{Transaction, sql};
use crate::server::passkeys::UserHandle;

/// How many browsers are remembered for a person; the one not seen for longest goes first.
const MOST: i64 = 50;

/// What is kept of what a browser shows. Not what the passkey service keeps of it: the two databases
/// cannot be joined by it.
#[derive(Clone, PartialEq, Eq)]
pub struct BrowserMark(Vec<u8>);

impl BrowserMark {
    /// The mark of whoever holds this secret.
    pub fn of_holder(secret: &str) -> Self {
        let hash = Sha256::new().chain_update(b"keyfold known browser\0").chain_update(secret);
        Self(hash.finalize().to_vec())
    }
}

impl fmt::Debug for BrowserMark {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("BrowserMark(…)")
    }
}

impl Accounts {
    /// When each browser that is known was first and last seen, the latest first.
    pub async fn known_browsers(
        &self,
        user: &UserHandle,
    ) -> Result<Vec<(Timestamp, Timestamp)>, Error> {
        let select = "select first_seen_at, last_seen_at from known_browsers
            where user_handle = $1 order by last_seen_at desc";
        let query = sql::query_as::<(i64, i64)>(select).bind(user.as_bytes());
        let seen = query.fetch_all(self.database.reader()).await?;
        let time = Timestamp::from_milliseconds;
        Ok(seen.into_iter().map(|(first, last)| (time(first), time(last))).collect())
    }

    /// Notes in which browser somebody signs in, and tells them where it is not known. The first one
    /// of all is that of the sign-up.
    pub(super) async fn meet_browser(
        &self,
        transaction: &mut Transaction<'static>,
        user: &UserHandle,
        whence: &Whence,
    ) -> Result<(), Error> {
        let Some(BrowserMark(mark)) = &whence.mark else {
            return self.notify_within(transaction, user, Notice::NewBrowser, Some(whence)).await;
        };
        let now = self.clock.now().milliseconds();
        let known = "select count(*), count(*) filter (where mark = $2) from known_browsers
            where user_handle = $1";
        let query = sql::query_as::<(i64, i64)>(known).bind(user.as_bytes()).bind(mark);
        let (all, this) = query.fetch_one(&mut *transaction).await?;
        let note = "insert into known_browsers (user_handle, mark, first_seen_at, last_seen_at)
            values ($1, $2, $3, $3)
            on conflict (user_handle, mark) do update set last_seen_at = excluded.last_seen_at";
        let query = sql::query(note).bind(user.as_bytes()).bind(mark).bind(now);
        query.execute(&mut *transaction).await?;
        if this == 0 && all > 0 {
            let forget = "delete from known_browsers where user_handle = $1 and mark <> $2
                and mark not in (select mark from known_browsers
                    where user_handle = $1 and mark <> $2 order by last_seen_at desc limit $3)";
            let query = sql::query(forget).bind(user.as_bytes()).bind(mark).bind(MOST - 1);
            query.execute(&mut *transaction).await?;
            self.notify_within(transaction, user, Notice::NewBrowser, Some(whence)).await?;
        }
        Ok(())
    }
}
