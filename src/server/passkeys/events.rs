//! What happened, for the back ends of relying parties.
//!
//! An event is written in the transaction in which it happens. Whom it happened to is found through
//! the user, so that a user who is removed is gone from the past as well.
//!
//! Decision: outside, an event goes by a random name. The ids count for all relying parties together; whoever
//! saw them would see how much happens at the others.

use std::time::Duration;

use sqlx::FromRow;

use super::credential::{CredentialId, UserHandle};
use super::refused::Refused;
use super::{Error, Passkeys, RelyingParty};
use crate::server::clock::Timestamp;
use crate::server::database::{Transaction, sql};

/// How long events are kept.
const EVENT_LIFETIME: Duration = Duration::from_hours(24 * 30);

/// So many letters, of five random bits each. More than the digits of any id, so that no name is a number.
const NAME_LENGTH: usize = 20;

/// What can happen, as the table says it.
pub const EVENT_KINDS: [&str; 4] = ["registration", "authentication", "refusal", "removal"];

/// Something that happened.
#[derive(Debug, Clone, FromRow)]
pub struct Event {
    /// Counts up, for all relying parties together; has gaps. For the console only.
    pub id: i64,
    name: Option<String>,
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
    /// What names it at its relying party, and the place in the list as well.
    pub fn name(&self) -> String {
        // One that is older than names.
        self.name.clone().unwrap_or_else(|| self.id.to_string())
    }

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
            (relying_party, kind, reference, user_handle, credential_id, reason, step, at, name)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let query = sql::query(insert).bind(party).bind(happened.kind).bind(happened.reference);
        let query = query.bind(happened.user.map(UserHandle::as_bytes)).bind(happened.credential);
        let query = query.bind(happened.refused.map(|refused| refused.reason.code()));
        let query = query.bind(happened.refused.map(|refused| refused.step));
        let query = query.bind(self.clock.now().milliseconds());
        query.bind(self.chance.letters(NAME_LENGTH)).execute(&mut *transaction).await?;
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

    /// What happened, newest first: at most `limit` events that are older than the one with the name
    /// `before`; nothing where that one is gone, and so whatever is older.
    pub async fn events(
        &self,
        party: &RelyingParty,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Event>, Error> {
        let before = match before {
            None => i64::MAX,
            Some(name) => match self.place_of_event(party, name).await? {
                Some(id) => id,
                None => return Ok(Vec::new()),
            },
        };
        let select = "select events.id, events.name, events.kind, events.reference, users.external_id,
                events.credential_id, events.reason, events.step, events.at
            from events left join users
                on users.relying_party = events.relying_party and users.user_handle = events.user_handle
            where events.relying_party = $1 and events.id < $2
            order by events.id desc limit $3";
        let query = sql::query_as(select).bind(party.id()).bind(before);
        Ok(query.bind(i64::from(limit)).fetch_all(self.database.reader()).await?)
    }

    async fn place_of_event(&self, party: &RelyingParty, name: &str) -> Result<Option<i64>, Error> {
        if let Ok(id) = name.parse() {
            return Ok(Some(id));
        }
        let select = "select id from events where relying_party = $1 and name = $2";
        let query = sql::query_scalar(select).bind(party.id()).bind(name);
        Ok(query.fetch_optional(self.database.reader()).await?)
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
