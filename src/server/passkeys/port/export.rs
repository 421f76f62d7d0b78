//! The way out: every passkey of a relying party whose users its back end knows.

use sqlx::{AssertSqlSafe, FromRow};
use uuid::Uuid;

use super::line::{Written, written};
use crate::server::clock::Timestamp;
use crate::server::database::{Transaction, sql};
use crate::server::passkeys::registration::internal;
use crate::server::passkeys::{Error, Passkeys, RelyingParty};

/// How many lines are read at once.
const PAGE: i64 = 500;

/// The passkeys of a relying party, as they all were at one moment.
#[derive(Debug)]
pub struct Export {
    party: String,
    snapshot: Transaction<'static>,
    /// The last line that was written: the user, the passkey.
    last: (String, Vec<u8>),
    passkeys: u64,
    users: u64,
}

#[derive(Debug, FromRow)]
struct Row {
    external_id: String,
    user_handle: Vec<u8>,
    credential_id: Vec<u8>,
    public_key: Vec<u8>,
    sign_count: i64,
    transports: String,
    backup_eligible: bool,
    backup_state: bool,
    aaguid: Vec<u8>,
    created_at: i64,
    last_used_at: Option<i64>,
    discoverable: Option<bool>,
    name: Option<String>,
}

impl Row {
    fn as_line(&self) -> Result<String, Error> {
        let time = |milliseconds| Timestamp::from_milliseconds(milliseconds).to_the_millisecond();
        let line = Written {
            external_id: &self.external_id,
            user_handle: written(&self.user_handle),
            credential_id: written(&self.credential_id),
            public_key: written(&self.public_key),
            sign_count: self.sign_count,
            transports: serde_json::from_str(&self.transports).map_err(internal)?,
            backup_eligible: self.backup_eligible,
            backup_state: self.backup_state,
            aaguid: Uuid::from_slice(&self.aaguid).map_err(internal)?.to_string(),
            created_at: time(self.created_at),
            last_used_at: self.last_used_at.map(time),
            discoverable: self.discoverable,
            name: self.name.as_deref(),
        };
        serde_json::to_string(&line).map_err(internal)
    }
}

impl Passkeys {
    /// Begins to write out what a relying party has.
    pub async fn export(&self, party: &RelyingParty) -> Result<Export, Error> {
        let snapshot = self.database.snapshot().await?;
        let (party, last) = (party.id().to_owned(), Default::default());
        Ok(Export { party, snapshot, last, passkeys: 0, users: 0 })
    }
}

impl Export {
    /// The next lines, by user and then by credential id; none when all have been written.
    pub async fn page(&mut self) -> Result<Vec<String>, Error> {
        // User by user, so that a page ends where it is full: left alone, SQLite prefers the index whose
        // order fits, and reads every passkey for every user.
        let (cross, hint) =
            (self.snapshot.hint("cross"), self.snapshot.hint("indexed by credentials_by_user"));
        let select = format!("select users.external_id, users.user_handle, credentials.credential_id,
                credentials.public_key, credentials.sign_count, credentials.transports,
                credentials.backup_eligible, credentials.backup_state, credentials.aaguid,
                credentials.created_at, credentials.last_used_at, credentials.discoverable, credentials.name
            from users {cross} join credentials {hint}
                on credentials.relying_party = users.relying_party
                and credentials.user_handle = users.user_handle
            where users.relying_party = $1 and users.external_id >= $2
                and (users.external_id > $2 or credentials.credential_id > $3)
            order by users.external_id, credentials.credential_id limit $4");
        let (user, passkey) = &self.last;
        let query = sql::query_as(AssertSqlSafe(select))
            .bind(&self.party)
            .bind(user)
            .bind(passkey)
            .bind(PAGE);
        let rows: Vec<Row> = query.fetch_all(&mut self.snapshot).await?;
        let mut lines = Vec::with_capacity(rows.len());
        for row in rows {
            lines.push(row.as_line()?);
            self.passkeys += 1;
            self.users += u64::from(row.external_id != self.last.0);
            self.last = (row.external_id, row.credential_id);
        }
        Ok(lines)
    }

    /// How many passkeys, of how many users, have been written.
    pub fn count(&self) -> (u64, u64) {
        (self.passkeys, self.users)
    }
}
