//! Invitations: links with which so many people can sign up, until a day.
//!
//! Decisions: a use is counted in the transaction that creates the account, by one statement that looks at
//! the limit as well: a race never exceeds it. That an invitation has expired is written down when it is
//! found out: a clock that is put back does not revive it.

use std::time::Duration;

use sqlx::FromRow;

use super::entry::EntryToken;
use super::{Accounts, Error};
use crate::server::clock::Timestamp;
use crate::server::database::{Transaction, sql};
use crate::server::passkeys::UserHandle;
use crate::wire::Standing;

/// The most uses of an invitation, and the most days that it lives.
const MOST_USES: i64 = 10_000;

const MOST_DAYS: i64 = 365;

/// The most characters of a note.
const LONGEST_NOTE: usize = 128;

/// An invitation that is to be made.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    uses: i64,
    lives: Duration,
    note: String,
}

impl NewInvitation {
    /// For so many people, for so many days. The note is for whoever looks after invitations.
    pub fn parse(uses: i64, days: i64, note: &str) -> Result<Self, Error> {
        let note = note.trim();
        let is_sound = (1..=MOST_USES).contains(&uses)
            && (1..=MOST_DAYS).contains(&days)
            && note.chars().count() <= LONGEST_NOTE
            && !note.chars().any(char::is_control);
        let hours = u64::try_from(days).unwrap_or(0).saturating_mul(24);
        let lives = Duration::from_secs(hours.saturating_mul(3600));
        let invitation = Self { uses, lives, note: note.to_owned() };
        if is_sound { Ok(invitation) } else { Err(Error::InvitationInvalid) }
    }
}

/// An invitation.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// Names it; opens nothing.
    pub id: String,
    /// What whoever made it wrote beside it.
    pub note: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it can be used.
    pub expires_at: Timestamp,
    /// How many can sign up with it.
    pub uses: i64,
    /// How many have.
    pub used: i64,
    /// How it stands.
    pub standing: Standing,
}

impl Invitation {
    /// Whether somebody can sign up with it.
    pub fn is_open(&self) -> bool {
        self.standing == Standing::Open
    }
}

#[derive(Debug, FromRow)]
struct InvitationRow {
    id: String,
    note: String,
    created_at: i64,
    expires_at: i64,
    expired_at: Option<i64>,
    uses: i64,
    used: i64,
    revoked_at: Option<i64>,
}

impl InvitationRow {
    /// Whether it has expired, and nobody has written that down.
    fn has_just_expired(&self, now: Timestamp) -> bool {
        self.expired_at.is_none() && self.expires_at <= now.milliseconds()
    }

    fn at(self, now: Timestamp) -> Invitation {
        let standing = if self.revoked_at.is_some() {
            Standing::Revoked
        } else if self.used >= self.uses {
            Standing::UsedUp
        } else if self.expired_at.is_some() || self.expires_at <= now.milliseconds() {
            Standing::Expired
        } else {
            Standing::Open
        };
        Invitation {
            id: self.id,
            note: self.note,
            created_at: Timestamp::from_milliseconds(self.created_at),
            expires_at: Timestamp::from_milliseconds(self.expires_at),
            uses: self.uses,
            used: self.used,
            standing,
        }
    }
}

impl Accounts {
    /// Makes an invitation; its token is told this once. `by` is None for the operator.
    pub async fn invite(
        &self,
        invitation: &NewInvitation,
        by: Option<&UserHandle>,
    ) -> Result<(Invitation, EntryToken), Error> {
        let token = EntryToken::from_address(&self.chance.token());
        let now = self.clock.now();
        let insert = "insert into invitations
            (id, token_hash, note, created_at, created_by, expires_at, uses, used)
            values ($1, $2, $3, $4, $5, $6, $7, 0)
            returning id, note, created_at, expires_at, expired_at, uses, used,
                revoked_at";
        let query = sql::query_as::<InvitationRow>(insert);
        let query = query.bind(format!("inv_{}", self.chance.id())).bind(token.hash());
        let query = query.bind(&invitation.note).bind(now.milliseconds());
        let query = query.bind(by.map(UserHandle::as_bytes));
        let query = query.bind(now.after(invitation.lives).milliseconds()).bind(invitation.uses);
        let row = query.fetch_one(self.database.writer()).await?;
        Ok((row.at(now), token))
    }

    /// All invitations, the newest first.
    pub async fn invitations(&self) -> Result<Vec<Invitation>, Error> {
        let select = "select id, note, created_at, expires_at, expired_at, uses, used,
                revoked_at
            from invitations order by created_at desc, id";
        let rows = sql::query_as::<InvitationRow>(select);
        let rows = rows.fetch_all(self.database.reader()).await?;
        Ok(rows.into_iter().map(|row| row.at(self.clock.now())).collect())
    }

    /// The invitation of this token.
    pub async fn invitation(&self, token: &EntryToken) -> Result<Option<Invitation>, Error> {
        let select = "select id, note, created_at, expires_at, expired_at, uses, used,
                revoked_at
            from invitations where token_hash = $1";
        let query = sql::query_as::<InvitationRow>(select).bind(token.hash());
        let row = query.fetch_optional(self.database.reader()).await?;
        let now = self.clock.now();
        if row.as_ref().is_some_and(|row| row.has_just_expired(now)) {
            let accounts = self.clone();
            self.without_waiting(async move { accounts.note_expired_invitations(now).await });
        }
        Ok(row.map(|row| row.at(now)))
    }

    /// Writes down which invitations have expired.
    pub(super) async fn note_expired_invitations(&self, now: Timestamp) -> Result<(), Error> {
        let update = "update invitations set expired_at = $1
            where expires_at <= $1 and expired_at is null";
        let query = sql::query(update).bind(now.milliseconds());
        query.execute(self.database.writer()).await?;
        Ok(())
    }

    /// Takes an invitation back, for good; false where there is none that could be.
    pub async fn revoke_invitation(&self, id: &str) -> Result<bool, Error> {
        let update = "update invitations set revoked_at = $1 where id = $2 and revoked_at is null";
        let query = sql::query(update).bind(self.clock.now().milliseconds()).bind(id);
        Ok(query.execute(self.database.writer()).await?.rows_affected() == 1)
    }

    /// Counts one more use, where there may be one more.
    pub(super) async fn use_invitation(
        &self,
        transaction: &mut Transaction<'static>,
        id: &str,
    ) -> Result<(), Error> {
        let update = "update invitations set used = used + 1
            where id = $1 and used < uses and revoked_at is null
              and expired_at is null and expires_at > $2";
        let query = sql::query(update).bind(id).bind(self.clock.now().milliseconds());
        let used = query.execute(&mut *transaction).await?.rows_affected();
        if used == 1 { Ok(()) } else { Err(Error::LinkInvalid) }
    }
}
