//! A recovery: the way back for a person who has lost every passkey.
//!
//! Owns: from when until when it leads somewhere, and that it is used once. Neither a code nor a link
//! signs anyone in: they open a recovery, and a recovery that is ready lets one new passkey be
//! registered. Until then whoever is signed in can call it off.
//!
//! Decisions:
//! * One recovery at a time: a new one takes the place of those before.
//! * One that is found too late is marked over, so that a clock that jumps back does not revive it.
//! * A recovery that is finished ends every session of the account: whoever had one may be why.

use std::fmt;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use sqlx::FromRow;

use super::recovery_kit::UnusedCode;
use super::session::NewSession;
use super::user::{User, UserRow};
use super::{Accounts, Error, Notice, SessionToken, SignedIn, Whence};
use crate::server::clock::Timestamp;
use crate::server::database::{Transaction, sql};
use crate::server::passkeys::{Registered, UserHandle};

/// For how long a recovery that was opened with a code leads somewhere, once it is ready.
const READY_FOR: Duration = Duration::from_hours(7 * 24);

/// For how long the operator's link leads somewhere.
const OPERATORS_LINK_LIVES: Duration = Duration::from_hours(24);

/// The only way on in a recovery: 256 random bits as base64url. It is never stored or logged.
#[derive(Clone)]
pub struct RecoveryToken(String);

impl RecoveryToken {
    /// Takes what an address says.
    pub fn from_address(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The token, for the address.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.0.as_bytes()).to_vec()
    }
}

impl fmt::Debug for RecoveryToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RecoveryToken(…)")
    }
}

/// Where a recovery stands.
#[derive(Debug, Clone)]
pub enum Recovery {
    /// It is not ready yet.
    Waiting(User, Timestamp),
    /// A new passkey can be registered.
    Ready(User),
    /// It was called off.
    CalledOff,
}

/// A recovery that its owner should know of.
#[derive(Debug, Clone)]
pub struct PendingRecovery {
    /// When it was opened.
    pub begun_at: Timestamp,
    /// From when on it lets a new passkey in.
    pub ready_at: Timestamp,
    /// Until when it does.
    pub expires_at: Timestamp,
    /// From where; None for one that the operator opened.
    pub whence: Option<Whence>,
}

#[derive(Debug, FromRow)]
struct RecoveryRow {
    #[sqlx(flatten)]
    user: UserRow,
    ready_at: i64,
    expires_at: i64,
    outcome: Option<String>,
}

#[derive(Debug, FromRow)]
struct PendingRow {
    begun_at: i64,
    ready_at: i64,
    expires_at: i64,
    browser: Option<String>,
    system: Option<String>,
    address: Option<String>,
}

impl From<PendingRow> for PendingRecovery {
    fn from(row: PendingRow) -> Self {
        let (browser, system) = (row.browser, row.system);
        Self {
            begun_at: Timestamp::from_milliseconds(row.begun_at),
            ready_at: Timestamp::from_milliseconds(row.ready_at),
            expires_at: Timestamp::from_milliseconds(row.expires_at),
            whence: row.address.map(|address| Whence::noted(browser, system, address)),
        }
    }
}

/// From when until when a recovery leads somewhere, and from where it was opened.
struct Opening<'a> {
    ready_at: Timestamp,
    expires_at: Timestamp,
    whence: Option<&'a Whence>,
}

impl Accounts {
    /// Opens a recovery with a code, which is used up with that. It is ready after the delay.
    ///
    /// A code is a way into the account: whoever calls is alone with these.
    pub async fn begin_recovery(
        &self,
        code: UnusedCode,
        delay: Duration,
        whence: &Whence,
    ) -> Result<RecoveryToken, Error> {
        let mut transaction = self.database.begin().await?;
        let user = Self::user_who_may_enter(&mut transaction, &code.user).await;
        let user = user.map_err(|error| match error {
            Error::NoAccount => Error::RecoveryRefused,
            error => error,
        })?;
        self.use_up(&mut transaction, &code).await?;
        let ready_at = self.clock.now().after(delay);
        let expires_at = ready_at.after(READY_FOR);
        let opening = Opening { ready_at, expires_at, whence: Some(whence) };
        let token = self.insert_recovery(&mut transaction, &user.handle, opening).await?;
        transaction.commit().await?;
        Ok(token)
    }

    /// Opens a recovery for a person whom the operator has known: it is ready at once.
    pub async fn open_recovery(&self, user: &UserHandle) -> Result<RecoveryToken, Error> {
        let mut transaction = self.database.begin().await?;
        let user = Self::user_who_may_enter(&mut transaction, user).await?;
        let ready_at = self.clock.now();
        let expires_at = ready_at.after(OPERATORS_LINK_LIVES);
        let opening = Opening { ready_at, expires_at, whence: None };
        let token = self.insert_recovery(&mut transaction, &user.handle, opening).await?;
        transaction.commit().await?;
        Ok(token)
    }

    async fn insert_recovery(
        &self,
        transaction: &mut Transaction<'static>,
        user: &UserHandle,
        opening: Opening<'_>,
    ) -> Result<RecoveryToken, Error> {
        self.end_recoveries(transaction, user, "withdrawn").await?;
        let token = RecoveryToken(self.chance.token());
        let insert = "insert into recoveries
            (token_hash, user_handle, begun_at, ready_at, expires_at, browser, system, address)
            values ($1, $2, $3, $4, $5, $6, $7, $8)";
        let query = sql::query(insert).bind(token.hash()).bind(user.as_bytes());
        let query = query.bind(self.clock.now().milliseconds());
        let query = query.bind(opening.ready_at.milliseconds());
        let query = query.bind(opening.expires_at.milliseconds());
        let query = query.bind(opening.whence.and_then(|whence| whence.browser.as_deref()));
        let query = query.bind(opening.whence.and_then(|whence| whence.system.as_deref()));
        let query = query.bind(opening.whence.map(|whence| whence.address.as_str()));
        query.execute(&mut *transaction).await?;
        let begun = Notice::RecoveryBegun { ready_at: opening.ready_at };
        self.notify_within(transaction, user, begun, opening.whence).await?;
        Ok(token)
    }

    /// Ends all recoveries of this person that are not over, for good; says how many.
    pub(super) async fn end_recoveries(
        &self,
        transaction: &mut Transaction<'static>,
        user: &UserHandle,
        outcome: &'static str,
    ) -> Result<u64, Error> {
        let update = "update recoveries set ended_at = $1, outcome = $2
            where user_handle = $3 and ended_at is null";
        let query = sql::query(update).bind(self.clock.now().milliseconds()).bind(outcome);
        Ok(query.bind(user.as_bytes()).execute(&mut *transaction).await?.rows_affected())
    }

    /// Withdraws what this person's codes have opened, but not what the operator has.
    pub(super) async fn withdraw_recoveries_by_code(
        &self,
        transaction: &mut Transaction<'static>,
        user: &UserHandle,
    ) -> Result<(), Error> {
        let update = "update recoveries set ended_at = $1, outcome = 'withdrawn'
            where user_handle = $2 and ended_at is null and address is not null";
        let query = sql::query(update).bind(self.clock.now().milliseconds());
        query.bind(user.as_bytes()).execute(&mut *transaction).await?;
        Ok(())
    }

    /// Where the recovery of this token stands. One that is used, withdrawn, too old or was never
    /// there is [`Error::LinkInvalid`].
    pub async fn recovery(&self, token: &RecoveryToken) -> Result<Recovery, Error> {
        let row = Self::recovery_row(token).fetch_optional(self.database.reader()).await?;
        let row = row.ok_or(Error::LinkInvalid)?;
        if row.outcome.is_none() && row.expires_at <= self.clock.now().milliseconds() {
            // Not merely passed over: a clock that jumps back must not revive it.
            let (accounts, token) = (self.clone(), token.clone());
            self.without_waiting(async move {
                let mut transaction = accounts.database.begin().await?;
                accounts.conclude(&mut transaction, &token, "expired").await?;
                Ok(transaction.commit().await?)
            });
        }
        self.stands(row)
    }

    fn recovery_row(token: &RecoveryToken) -> sql::QueryAs<RecoveryRow> {
        let select = "select handle, name, display_name, ready_at, expires_at, outcome
            from recoveries join users on users.handle = recoveries.user_handle
            where token_hash = $1 and disabled_at is null";
        sql::query_as(select).bind(token.hash())
    }

    fn stands(&self, row: RecoveryRow) -> Result<Recovery, Error> {
        let now = self.clock.now().milliseconds();
        match row.outcome.as_deref() {
            Some("called_off") => Ok(Recovery::CalledOff),
            Some(_) => Err(Error::LinkInvalid),
            None if row.expires_at <= now => Err(Error::LinkInvalid),
            None if row.ready_at > now => {
                let ready_at = Timestamp::from_milliseconds(row.ready_at);
                Ok(Recovery::Waiting(row.user.try_into()?, ready_at))
            }
            None => Ok(Recovery::Ready(row.user.try_into()?)),
        }
    }

    async fn conclude(
        &self,
        transaction: &mut Transaction<'static>,
        token: &RecoveryToken,
        outcome: &'static str,
    ) -> Result<(), Error> {
        let update = "update recoveries set ended_at = $1, outcome = $2
            where token_hash = $3 and ended_at is null";
        let query = sql::query(update).bind(self.clock.now().milliseconds()).bind(outcome);
        let ended = query.bind(token.hash()).execute(&mut *transaction).await?.rows_affected();
        if ended == 1 { Ok(()) } else { Err(Error::LinkInvalid) }
    }

    /// Finishes a recovery with a new passkey: every session of the account is over, and a new one
    /// is open, in one transaction.
    ///
    /// Where that cannot be, the proof comes back, so that the passkey can be withdrawn.
    pub async fn recover(
        &self,
        registered: Registered,
        token: &RecoveryToken,
        replaces: Option<&SessionToken>,
        whence: &Whence,
    ) -> Result<SignedIn, (Error, Registered)> {
        let recovered = self.try_to_recover(&registered, token, replaces, whence).await;
        recovered.map_err(|error| (error, registered))
    }

    async fn try_to_recover(
        &self,
        registered: &Registered,
        token: &RecoveryToken,
        replaces: Option<&SessionToken>,
        whence: &Whence,
    ) -> Result<SignedIn, Error> {
        let mut transaction = self.database.begin().await?;
        let row = Self::recovery_row(token).fetch_optional(&mut transaction).await?;
        let user = self.stands(row.ok_or(Error::LinkInvalid)?)?.ready()?;
        if user.handle != *registered.user() {
            return Err(Error::LinkInvalid);
        }
        self.conclude(&mut transaction, token, "finished").await?;
        self.end_recoveries(&mut transaction, &user.handle, "withdrawn").await?;
        Self::end_all_sessions(&mut transaction, &user.handle).await?;
        let session = NewSession {
            user,
            passkey: Some(registered.passkey()),
            from_other_device: false,
            whence,
            replaces,
        };
        self.take_in(&mut transaction, registered.ceremony()).await?;
        let signed_in = self.insert_session(&mut transaction, session).await?;
        let (user, done) = (&signed_in.user.handle, Notice::RecoveryDone);
        self.notify_within(&mut transaction, user, done, Some(whence)).await?;
        transaction.commit().await?;
        Ok(signed_in)
    }

    /// The recovery of this person that is not over, if there is one.
    pub async fn pending_recovery(
        &self,
        user: &UserHandle,
    ) -> Result<Option<PendingRecovery>, Error> {
        let select =
            "select begun_at, ready_at, expires_at, browser, system, address from recoveries
            where user_handle = $1 and ended_at is null and expires_at > $2
            order by begun_at desc limit 1";
        let query = sql::query_as::<PendingRow>(select).bind(user.as_bytes());
        let query = query.bind(self.clock.now().milliseconds());
        let row = query.fetch_optional(self.database.reader()).await?;
        Ok(row.map(PendingRecovery::from))
    }

    /// Calls off what is under way, for good. Says whether anything was.
    pub async fn call_off_recovery(&self, user: &UserHandle) -> Result<bool, Error> {
        let mut transaction = self.database.begin().await?;
        let ended = self.end_recoveries(&mut transaction, user, "called_off").await?;
        transaction.commit().await?;
        Ok(ended > 0)
    }
}

impl Recovery {
    /// Whose it is, if a new passkey can be registered now.
    pub fn ready(self) -> Result<User, Error> {
        match self {
            Self::Ready(user) => Ok(user),
            Self::Waiting(..) => Err(Error::RecoveryWaiting),
            Self::CalledOff => Err(Error::RecoveryCancelled),
        }
    }
}
