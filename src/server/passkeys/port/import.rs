//! The way in: lines are checked one by one and laid aside, then taken over all at once.

use super::line::{Line, Unfit};
use crate::server::clock::{Clock, Timestamp};
use crate::server::database::{Connection, Transaction, sql};
use crate::server::passkeys::registration::internal;
use crate::server::passkeys::{Error, Passkeys, RelyingParty};

/// So many refused lines are named; the others are counted.
pub const MOST_REFUSED: usize = 100;

/// Where lines wait. It is the connection's own, and gone with it.
const LAY_OUT: [&str; 4] = [
    "drop table if exists staged",
    "create temp table staged (
        line bigint primary key, external_id text not null, user_handle bytea not null,
        credential_id bytea not null unique, public_key bytea not null, algorithm bigint not null,
        aaguid bytea not null, transports text not null, discoverable boolean,
        backup_eligible boolean not null, backup_state boolean not null, sign_count bigint not null,
        created_at bigint not null, last_used_at bigint, name text
    )",
    "create index staged_by_user on staged (external_id, user_handle)",
    "create index staged_by_handle on staged (user_handle, external_id)",
];

/// What is known of a line: that its user has another handle, its handle another user, its credential
/// another key or user; and that the same line came before.
const CONTRADICTED: &str = "select
    exists (select 1 from staged where external_id = $1 and user_handle <> $2)
    or exists (select 1 from users where relying_party = $5 and external_id = $1
        and user_handle <> $2 and registered_at is not null),
    exists (select 1 from staged where user_handle = $2 and external_id <> $1)
    or exists (select 1 from users where relying_party = $5 and user_handle = $2
        and external_id <> $1),
    exists (select 1 from staged where credential_id = $3
        and (external_id <> $1 or public_key <> $4))
    or exists (select 1 from credentials where relying_party = $5 and credential_id = $3
        and (user_handle <> $2 or public_key <> $4)),
    exists (select 1 from staged where credential_id = $3)";

/// A line that was not taken.
#[derive(Debug)]
pub struct RefusedLine {
    /// Its number in the file; the first is 1.
    pub line: u64,
    /// Why.
    pub reason: Unfit,
}

/// What became of the lines.
#[derive(Debug, Default)]
pub struct Imported {
    /// How many passkeys are new.
    pub imported: u64,
    /// How many users those belong to.
    pub users: u64,
    /// How many were here already, with the same key and user.
    pub unchanged: u64,
    /// The first of those that were refused, in the order of the file.
    pub refused: Vec<RefusedLine>,
    /// How many were refused, named or not.
    pub refused_in_all: u64,
}

/// Lines on their way in. Dropped, it leaves nothing.
#[derive(Debug)]
pub struct Import {
    party: String,
    clock: Clock,
    connection: Connection,
    read: u64,
    repeated: u64,
    refused: Vec<RefusedLine>,
    refused_in_all: u64,
}

impl Passkeys {
    /// Begins to take passkeys over. Other calls that write wait until it is over, in this process; a
    /// server beside it is not held up.
    pub async fn import(&self, party: &RelyingParty) -> Result<Import, Error> {
        let mut connection = self.database.connection().await?;
        for statement in LAY_OUT {
            sql::query(statement).execute(&mut connection).await?;
        }
        let (party, clock) = (party.id().to_owned(), self.clock.clone());
        let (read, repeated, refused, refused_in_all) = (0, 0, Vec::new(), 0);
        Ok(Import { party, clock, connection, read, repeated, refused, refused_in_all })
    }
}

impl Import {
    /// How many lines have been read.
    pub fn lines(&self) -> u64 {
        self.read
    }

    /// Reads the next line, without its end; one that is blank counts, and is nothing.
    pub async fn add(&mut self, line: &[u8]) -> Result<(), Error> {
        self.read += 1;
        if line.iter().all(u8::is_ascii_whitespace) {
            return Ok(());
        }
        let laid_aside = match Line::read(line) {
            Ok(line) => self.lay_aside(&line).await?,
            Err(unfit) => Err(unfit),
        };
        if let Err(reason) = laid_aside {
            let line = self.read;
            self.refuse(RefusedLine { line, reason });
        }
        Ok(())
    }

    fn refuse(&mut self, refused: RefusedLine) {
        self.refused_in_all += 1;
        // Those that the database refuses come last, and may be earlier in the file.
        self.refused.push(refused);
        if self.refused.len() >= 2 * MOST_REFUSED {
            self.keep_the_first();
        }
    }

    fn keep_the_first(&mut self) {
        self.refused.sort_by_key(|refused| refused.line);
        self.refused.truncate(MOST_REFUSED);
    }

    /// Lays a line aside, unless an earlier one or what is stored says otherwise. The latter is asked
    /// again when the lines are taken over; but one that cannot be taken must not stand against others.
    async fn lay_aside(&mut self, line: &Line) -> Result<Result<(), Unfit>, Error> {
        let (external_id, handle) = (line.external_id.as_str(), line.user_handle.as_bytes());
        let query = sql::query_as(CONTRADICTED).bind(external_id).bind(handle);
        let query = query.bind(&line.credential_id).bind(&line.public_key).bind(&self.party);
        let said: (bool, bool, bool, bool) = query.fetch_one(&mut self.connection).await?;
        match said {
            (true, ..) => return Ok(Err(Unfit::HandleFixed)),
            (_, true, ..) => return Ok(Err(Unfit::HandleTaken)),
            (_, _, true, _) => return Ok(Err(Unfit::CredentialTaken)),
            (.., true) => {
                self.repeated += 1;
                return Ok(Ok(()));
            }
            (false, false, false, false) => {}
        }
        let insert = "insert into staged
            (line, external_id, user_handle, credential_id, public_key, algorithm, aaguid, transports,
             discoverable, backup_eligible, backup_state, sign_count, created_at, last_used_at, name)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
        let number = i64::try_from(self.read).map_err(internal)?;
        let created_at = line.created_at.unwrap_or_else(|| self.clock.now());
        let query = sql::query(insert).bind(number).bind(external_id).bind(handle);
        let query = query.bind(&line.credential_id).bind(&line.public_key).bind(line.algorithm);
        let query = query.bind(line.aaguid.as_bytes().to_vec());
        let query = query.bind(serde_json::to_string(&line.transports).map_err(internal)?);
        let query = query.bind(line.discoverable).bind(line.backup_eligible);
        let query = query.bind(line.backup_state).bind(i64::from(line.sign_count));
        let query = query.bind(created_at.milliseconds());
        let query = query.bind(line.last_used_at.map(Timestamp::milliseconds));
        query.bind(&line.name).execute(&mut self.connection).await?;
        Ok(Ok(()))
    }

    /// Takes over what was laid aside. Where a line was refused nothing is taken, unless `keep_going`.
    pub async fn finish(mut self, keep_going: bool) -> Result<Imported, Error> {
        let (party, now) = (self.party.clone(), self.clock.now().milliseconds());
        let mut transaction = self.connection.begin().await?;
        let refused = contradictions(&mut transaction, &party).await?;
        let unchanged = leave_out_what_is_here(&mut transaction, &party).await?;
        let takes = keep_going || (refused.is_empty() && self.refused_in_all == 0);
        let (imported, users) =
            if takes { take_over(&mut transaction, &party, now).await? } else { (0, 0) };
        if takes {
            transaction.commit().await?;
        } else {
            transaction.rollback().await?;
        }
        for refused in refused {
            self.refuse(refused);
        }
        self.keep_the_first();
        let unchanged = unchanged + self.repeated;
        let (refused, refused_in_all) = (self.refused, self.refused_in_all);
        Ok(Imported { imported, users, unchanged, refused, refused_in_all })
    }
}

/// Takes the lines out that what is stored contradicts.
async fn contradictions(
    connection: &mut Transaction<'_>,
    party: &str,
) -> Result<Vec<RefusedLine>, Error> {
    let mut refused = Vec::new();
    let fixed = "delete from staged where exists (select 1 from users
        where users.relying_party = $1 and users.external_id = staged.external_id
          and users.user_handle <> staged.user_handle and users.registered_at is not null)
        returning line";
    let taken = "delete from staged where exists (select 1 from users
        where users.relying_party = $1 and users.user_handle = staged.user_handle
          and users.external_id <> staged.external_id) returning line";
    let registered = "delete from staged where exists (select 1 from credentials
        where credentials.relying_party = $1 and credentials.credential_id = staged.credential_id
          and (credentials.user_handle <> staged.user_handle
               or credentials.public_key <> staged.public_key)) returning line";
    let checks = [
        (fixed, Unfit::HandleFixed),
        (taken, Unfit::HandleTaken),
        (registered, Unfit::CredentialTaken),
    ];
    for (statement, reason) in checks {
        let query = sql::query_scalar(statement).bind(party);
        let lines: Vec<i64> = query.fetch_all(&mut *connection).await?;
        let line = |line: i64| RefusedLine { line: line.unsigned_abs(), reason: reason.clone() };
        refused.extend(lines.into_iter().map(line));
    }
    Ok(refused)
}

/// Takes the lines out that say what is stored, and counts them.
async fn leave_out_what_is_here(
    connection: &mut Transaction<'_>,
    party: &str,
) -> Result<u64, Error> {
    let delete = "delete from staged where exists (select 1 from credentials
        where credentials.relying_party = $1 and credentials.credential_id = staged.credential_id
          and credentials.user_handle = staged.user_handle)";
    Ok(sql::query(delete).bind(party).execute(&mut *connection).await?.rows_affected())
}

/// Stores the lines that are left, and says how many they are and of how many users.
async fn take_over(
    connection: &mut Transaction<'_>,
    party: &str,
    now: i64,
) -> Result<(u64, u64), Error> {
    // One who has begun to register gets the handle that their passkeys have.
    let users = "insert into users
        (relying_party, external_id, user_handle, created_at, begun_at, registered_at)
        select distinct $1, external_id, user_handle, $2, $2, $2 from staged where true
        on conflict (relying_party, external_id) do update
        set user_handle = excluded.user_handle, registered_at = coalesce(users.registered_at, $2)";
    let users = sql::query(users).bind(party).bind(now);
    let users = users.execute(&mut *connection).await?.rows_affected();
    let passkeys = "insert into credentials
        (relying_party, credential_id, user_handle, public_key, algorithm, aaguid, transports,
         discoverable, backup_eligible, backup_state, sign_count, created_at, last_used_at, name)
        select $1, credential_id, user_handle, public_key, algorithm, aaguid, transports,
         discoverable, backup_eligible, backup_state, sign_count, created_at, last_used_at, name
        from staged order by credential_id";
    let passkeys =
        sql::query(passkeys).bind(party).execute(&mut *connection).await?.rows_affected();
    Ok((passkeys, users))
}
