//! The outbox: mails that are written, and not taken by an SMTP server yet.
//!
//! Decisions: a mail is queued in the transaction of what it tells of, so that there is neither
//! without the other. Where e-mail is switched off nothing is queued. A mail that verifies an
//! address gets its link when it is sent: the token stands nowhere, and its time runs from then on.

use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use sqlx::FromRow;
use tokio::sync::Notify;

use super::{Accounts, Error};
use crate::server::clock::Timestamp;
use crate::server::database::{Transaction, sql};
use crate::server::mail::Mail;
use crate::server::passkeys::UserHandle;

/// Where the link goes in the text of a mail that verifies an address.
pub(super) const LINK: &str = "{link}";

/// How long such a link works.
const LINK_LIFETIME: Duration = Duration::from_hours(24);

/// After this a mail that no server took is given up.
const GIVEN_UP_AFTER: Duration = Duration::from_hours(48);

/// Longer than one try may take: another node must not take the mail up meanwhile.
const FIRST_PAUSE: Duration = Duration::from_mins(1);

const LONGEST_PAUSE: Duration = Duration::from_hours(4);

/// Who writes to people. It exists where e-mail is switched on.
#[derive(Debug, Clone)]
pub struct Correspondence {
    pub(super) site_name: String,
    pub(super) origin: String,
    queued: Arc<Notify>,
}

impl Correspondence {
    /// The site of this name, under this origin, writes.
    pub fn new(site_name: &str, origin: &str) -> Self {
        let (site_name, origin) = (site_name.to_owned(), origin.to_owned());
        Self { site_name, origin, queued: Arc::default() }
    }
}

/// A mail that is to be queued.
pub(super) struct Letter<'a> {
    pub(super) user: &'a UserHandle,
    pub(super) to: &'a str,
    /// The address that its link is to verify.
    pub(super) verifies: Option<&'a str>,
    pub(super) subject: String,
    pub(super) text: String,
}

#[derive(Debug, FromRow)]
struct MailRow {
    id: String,
    verifies: Option<String>,
    address: String,
    subject: String,
    text: String,
    queued_at: i64,
    tries: i64,
}

impl Accounts {
    /// Queues a mail: it is sent if and when this transaction is committed.
    pub(super) async fn queue(
        &self,
        transaction: &mut Transaction<'static>,
        letter: Letter<'_>,
    ) -> Result<(), Error> {
        let Some(correspondence) = &self.correspondence else { return Ok(()) };
        let insert = "insert into outbox
            (id, user_handle, verifies, address, subject, text, queued_at, next_try_at, tries)
            values ($1, $2, $3, $4, $5, $6, $7, $7, 0)";
        let query = sql::query(insert).bind(self.chance.id()).bind(letter.user.as_bytes());
        let query = query.bind(letter.verifies).bind(letter.to);
        let query = query.bind(letter.subject).bind(letter.text);
        query.bind(self.clock.now().milliseconds()).execute(&mut *transaction).await?;
        // Whoever is woken by this waits for the one writer, that is, for the end of the transaction.
        correspondence.queued.notify_one();
        Ok(())
    }

    /// Waits until a mail is queued.
    pub async fn mail_is_queued(&self) {
        match &self.correspondence {
            Some(correspondence) => correspondence.queued.notified().await,
            None => std::future::pending().await,
        }
    }

    /// A mail that is to be sent now. Until it is known to be taken it stays in the outbox, for
    /// another try after a pause that grows.
    pub async fn next_mail(&self) -> Result<Option<Mail>, Error> {
        let now = self.clock.now();
        let mut transaction = self.database.begin().await?;
        // After a clock that jumped back no pause is longer than the longest.
        let select = "select id, verifies, address, subject, text, queued_at, tries from outbox
            where next_try_at <= $1 or next_try_at > $2 order by next_try_at limit 1";
        let query = sql::query_as::<MailRow>(select).bind(now.milliseconds());
        let query = query.bind(now.after(LONGEST_PAUSE).milliseconds());
        let Some(row) = query.fetch_optional(&mut transaction).await? else { return Ok(None) };
        let update = "update outbox set tries = tries + 1, next_try_at = $1 where id = $2";
        let query = sql::query(update).bind(now.after(pause_after(row.tries)).milliseconds());
        query.bind(&row.id).execute(&mut transaction).await?;
        let mut text = row.text;
        if let (Some(email), Some(site)) = (&row.verifies, &self.correspondence) {
            let token = self.new_link(&mut transaction, email, now).await?;
            text = text.replace(LINK, &format!("{}/verify-email/{token}", site.origin));
        }
        transaction.commit().await?;
        let written_at = Timestamp::from_milliseconds(row.queued_at);
        Ok(Some(Mail { id: row.id, to: row.address, subject: row.subject, text, written_at }))
    }

    async fn new_link(
        &self,
        transaction: &mut Transaction<'static>,
        email: &str,
        now: Timestamp,
    ) -> Result<String, Error> {
        let token = self.chance.token();
        let insert =
            "insert into verification_links (token_hash, email_id, expires_at) values ($1, $2, $3)";
        let query = sql::query(insert).bind(hash_of(&token)).bind(email);
        let query = query.bind(now.after(LINK_LIFETIME).milliseconds());
        query.execute(&mut *transaction).await?;
        Ok(token)
    }

    /// The SMTP server has this mail now; the outbox need not.
    pub async fn mail_was_taken(&self, id: &str) -> Result<(), Error> {
        let query = sql::query("delete from outbox where id = $1").bind(id);
        query.execute(self.database.writer()).await?;
        Ok(())
    }

    /// Gives up mails that no server has taken for two days, and forgets links that are too old.
    pub(super) async fn sweep_mail(&self) -> Result<(), Error> {
        let now = self.clock.now();
        let query = sql::query("delete from outbox where queued_at <= $1");
        let query = query.bind(now.before(GIVEN_UP_AFTER).milliseconds());
        let given_up = query.execute(self.database.writer()).await?.rows_affected();
        if given_up > 0 {
            tracing::error!(given_up, "mails could not be sent for two days and are given up");
        }
        let query = sql::query("delete from verification_links where expires_at <= $1");
        query.bind(now.milliseconds()).execute(self.database.writer()).await?;
        Ok(())
    }
}

/// What is kept of the token of a link.
pub(super) fn hash_of(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// 10 s after the first try, then twice as long each time.
fn pause_after(tries: i64) -> Duration {
    let doublings = u32::try_from(tries.clamp(0, 20)).unwrap_or(0);
    FIRST_PAUSE.saturating_mul(1 << doublings).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::{Duration, pause_after};

    #[test]
    fn pauses_grow_up_to_four_hours() {
        let seconds = [0, 1, 2, 10, 11, 1000].map(|tries| pause_after(tries).as_secs());
        assert_eq!(seconds, [60, 120, 240, 14_400, 14_400, 14_400]);
        assert_eq!(pause_after(-1), Duration::from_mins(1));
    }
}
