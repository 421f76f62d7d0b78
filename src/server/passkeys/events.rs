//! What happened, for the back ends of relying parties.
//!
//! An event is written in the transaction in which it happens. Whom it happened to is found through
//! the user, so that a user who is removed is gone from the past as well.

use std::time::Duration;

use sqlx::FromRow;

use super::credential::{CredentialId, UserHandle};
use super::refused::Refused;
use super::{Error, Passkeys, RelyingParty};
use crate::server::clock::Timestamp;
use crate::server::database::{Transaction, sql};

/// How long events are kept.
const EVENT_LIFETIME: Duration = Duration::from_hours(24 * 30);

/// What can happen, as the table says it.
pub const EVENT_KINDS: [&str; 4] = ["registration", "authentication", "refusal", "removal"];

/// Something that happened.
#[derive(Debug, Clone, FromRow)]
pub struct Event {
    /// Counts up; has gaps.
    pub id: i64,
    /// One of [`EVENT_KINDS`].
    pub kind: String,
    /// What a person may have been shown.
    pub reference: String,
    /// Whose it was, in the words of the back end, as long as the user is there.
    pub external_id: Option<String>,
    credential_id: Option<Vec<u8>>,
    /// Of a refusal: the code.
    pub reason: Option<String>,
    /// Of a refusal: the step of WebAuthn Level 3.
    pub step: Option<String>,
    at: i64,
}

impl Event {
    /// The passkey.
    pub fn credential(&self) -> Option<String> {
        self.credential_id.clone().map(|id| CredentialId(id).to_string())
    }

    /// When it happened.
    pub fn at(&self) -> Timestamp {
        Timestamp::from_milliseconds(self.at)
    }
}

/// What is written down.
pub(super) struct Happened<'a> {
    pub(super) kind: &'static str,
    pub(super) reference: &'a str,
    pub(super) user: Option<&'a UserHandle>,
    pub(super) credential: Option<&'a [u8]>,
    pub(super) refused: Option<&'a Refused>,
}

impl Passkeys {
    pub(super) async fn note_event(
        &self,
        transaction: &mut Transaction<'static>,
        party: &str,
        happened: Happened<'_>,
    ) -> Result<(), Error> {
        let insert = "insert into events
            (relying_party, kind, reference, user_handle, credential_id, reason, step, at)
            values ($1, $2, $3, $4, $5, $6, $7, $8)";
        let query = sql::query(insert).bind(party).bind(happened.kind).bind(happened.reference);
        let query = query.bind(happened.user.map(UserHandle::as_bytes)).bind(happened.credential);
        let query = query.bind(happened.refused.map(|refused| refused.reason.code()));
        let query = query.bind(happened.refused.map(|refused| refused.step));
        query.bind(self.clock.now().milliseconds()).execute(&mut *transaction).await?;
        Ok(())
    }

    /// Writes down that a passkey is gone, or a user with all of them.
    pub(super) async fn note_removal(
        &self,
        transaction: &mut Transaction<'static>,
        party: &RelyingParty,
        user: Option<&UserHandle>,
        credential: Option<&CredentialId>,
    ) -> Result<(), Error> {
        let reference = self.chance.reference();
        let credential = credential.map(|credential| credential.0.as_slice());
        let happened =
            Happened { kind: "removal", reference: &reference, user, credential, refused: None };
        self.note_event(transaction, party.id(), happened).await
    }

    /// What happened, newest first: at most `limit` events that are older than the one with the id
    /// `before`.
    pub async fn events(
        &self,
        party: &RelyingParty,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Event>, Error> {
        let select = "select events.id, events.kind, events.reference, users.external_id,
                events.credential_id, events.reason, events.step, events.at
            from events left join users
                on users.relying_party = events.relying_party and users.user_handle = events.user_handle
            where events.relying_party = $1 and events.id < $2
            order by events.id desc limit $3";
        let query = sql::query_as(select).bind(party.id()).bind(before.unwrap_or(i64::MAX));
        Ok(query.bind(i64::from(limit)).fetch_all(self.database.reader()).await?)
    }

    /// Takes a person out of the past.
    pub(super) async fn forget_in_events(
        transaction: &mut Transaction<'static>,
        party: &RelyingParty,
        user: &UserHandle,
    ) -> Result<(), Error> {
        let update = "update events set user_handle = null, credential_id = null
            where relying_party = $1 and user_handle = $2";
        let query = sql::query(update).bind(party.id()).bind(user.as_bytes());
        query.execute(&mut *transaction).await?;
        Ok(())
    }

    pub(super) async fn sweep_events(&self) -> Result<(), Error> {
        let old = self.clock.now().before(EVENT_LIFETIME).milliseconds();
        let delete = "delete from events where at <= $1";
        sql::query(delete).bind(old).execute(self.database.writer()).await?;
        Ok(())
    }
}
