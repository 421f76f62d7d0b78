//! The kit: ten one-time codes with which a person who has lost every passkey comes back.
//!
//! Owns: making a kit, which replaces the one before, and using up a code. Refuses to know: what a
//! code opens.

use sqlx::FromRow;

use super::recovery_code::RecoveryCode;
use super::{Accounts, Error, UserName};
use crate::server::clock::Timestamp;
use crate::server::database::{Transaction, sql};
use crate::server::passkeys::UserHandle;

/// How many codes are in a kit.
const KIT: usize = 10;

/// What is left of a kit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KitState {
    /// Codes that have not been used.
    pub left: u32,
    /// When it was made.
    pub made_at: Timestamp,
}

#[derive(Debug, FromRow)]
struct KitRow {
    left: i64,
    made_at: Option<i64>,
}

/// A code that was right, and has not been used up yet.
pub struct UnusedCode {
    pub(super) user: UserHandle,
    selector: String,
    hash: String,
}

impl UnusedCode {
    /// Whose it is.
    pub fn user(&self) -> &UserHandle {
        &self.user
    }
}

impl std::fmt::Debug for UnusedCode {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("UnusedCode(…)")
    }
}

#[derive(Debug, FromRow)]
struct CodeRow {
    user_handle: Vec<u8>,
    hash: String,
}

impl Accounts {
    /// Makes a kit; the one before is worth nothing from now on. The codes are told this once.
    pub async fn make_kit(&self, user: &UserHandle) -> Result<Vec<String>, Error> {
        let mut codes: Vec<RecoveryCode> = Vec::with_capacity(KIT);
        while codes.len() < KIT {
            let code = RecoveryCode::new(&self.chance);
            if codes.iter().all(|other| other.selector() != code.selector()) {
                codes.push(code);
            }
        }
        let hashes = self.slow_hash.hash(codes.clone(), self.chance.clone()).await?;
        let mut transaction = self.database.begin().await?;
        Self::user_who_may_enter(&mut transaction, user).await?;
        self.void_kit(&mut transaction, user).await?;
        let now = self.clock.now().milliseconds();
        let insert = "insert into recovery_codes (user_handle, selector, hash, created_at)
            values ($1, $2, $3, $4)";
        for (code, hash) in codes.iter().zip(hashes) {
            let query = sql::query(insert).bind(user.as_bytes()).bind(code.selector());
            query.bind(hash).bind(now).execute(&mut transaction).await?;
        }
        transaction.commit().await?;
        Ok(codes.iter().map(RecoveryCode::reveal).collect())
    }

    /// Takes the kit away.
    pub async fn remove_kit(&self, user: &UserHandle) -> Result<(), Error> {
        let mut transaction = self.database.begin().await?;
        self.void_kit(&mut transaction, user).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The codes are worth nothing any more, and neither is what one of them has opened: they may be in
    /// wrong hands.
    async fn void_kit(
        &self,
        transaction: &mut Transaction<'static>,
        user: &UserHandle,
    ) -> Result<(), Error> {
        let delete = sql::query("delete from recovery_codes where user_handle = $1");
        delete.bind(user.as_bytes()).execute(&mut *transaction).await?;
        self.withdraw_recoveries_by_code(transaction, user).await
    }

    /// What is left of this person's kit; None where there is none.
    pub async fn kit(&self, user: &UserHandle) -> Result<Option<KitState>, Error> {
        let select =
            "select count(*) filter (where used_at is null) as left, min(created_at) as made_at
            from recovery_codes where user_handle = $1";
        let query = sql::query_as::<KitRow>(select).bind(user.as_bytes());
        let row = query.fetch_one(self.database.reader()).await?;
        Ok(row.made_at.map(|made_at| KitState {
            left: u32::try_from(row.left).unwrap_or(0),
            made_at: Timestamp::from_milliseconds(made_at),
        }))
    }

    /// Whether this person could come back without any passkey: then the last one may be removed.
    pub async fn has_recovery_path(&self, user: &UserHandle) -> Result<bool, Error> {
        Ok(self.kit(user).await?.is_some_and(|kit| kit.left > 0))
    }

    /// Looks whether the code is an unused one of the person of this name. Every no looks alike and
    /// takes as long as every other.
    pub async fn unused_code(&self, name: &str, code: &str) -> Result<UnusedCode, Error> {
        let (name, code) = (UserName::parse(name).ok(), RecoveryCode::parse(code));
        let select = "select user_handle, hash
            from recovery_codes join users on users.handle = recovery_codes.user_handle
            where canonical_name = $1 and selector = $2 and used_at is null and disabled_at is null";
        let query = sql::query_as::<CodeRow>(select);
        let query = query.bind(name.as_ref().map(UserName::canonical));
        let query = query.bind(code.as_ref().map(RecoveryCode::selector));
        let row = query.fetch_optional(self.database.reader()).await?;
        let selector = code.as_ref().map(|code| code.selector().to_owned());
        let hash = row.as_ref().map(|row| row.hash.clone());
        let fits = self.slow_hash.fits(code, hash).await?;
        match (fits, row, selector) {
            (true, Some(CodeRow { user_handle, hash }), Some(selector)) => {
                let user = UserHandle::from_bytes(user_handle).ok_or(Error::RecoveryRefused)?;
                Ok(UnusedCode { user, selector, hash })
            }
            _ => Err(Error::RecoveryRefused),
        }
    }

    /// Uses it up: of two who come at the same time one is late, and so is whoever comes after the
    /// kit was replaced.
    pub(super) async fn use_up(
        &self,
        transaction: &mut Transaction<'static>,
        code: &UnusedCode,
    ) -> Result<(), Error> {
        let update = "update recovery_codes set used_at = $1
            where user_handle = $2 and selector = $3 and hash = $4 and used_at is null";
        let query = sql::query(update).bind(self.clock.now().milliseconds());
        let query = query.bind(code.user.as_bytes()).bind(&code.selector).bind(&code.hash);
        let used = query.execute(&mut *transaction).await?.rows_affected();
        if used == 1 { Ok(()) } else { Err(Error::RecoveryRefused) }
    }
}
