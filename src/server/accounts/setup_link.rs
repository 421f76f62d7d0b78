//! The link for whoever is to run the site: how the first admin comes to be.
//!
//! Decisions: any of these links dies when one is used, so that of two people who race one wins.
//! Without `for_another` a link leads nowhere as soon as there is an admin, however that one came to be.

use std::time::Duration;

use sqlx::FromRow;

use super::entry::EntryToken;
use super::{Accounts, Error};
use crate::server::clock::Timestamp;
use crate::server::database::{Transaction, sql};
use crate::server::passkeys::UserHandle;

/// For how long such a link leads somewhere.
const LIVES: Duration = Duration::from_hours(1);

/// A link that has just been made.
#[derive(Debug)]
pub struct SetupLink {
    /// What stands in it; told this once.
    pub token: EntryToken,
    /// Until when it leads somewhere.
    pub expires_at: Timestamp,
}

#[derive(Debug, FromRow)]
struct UsedRow {
    token_hash: Vec<u8>,
    for_another: bool,
    expires_at: i64,
}

impl Accounts {
    /// Makes a link with which one person becomes an admin. `for_another`: also where there is one.
    pub async fn make_setup_link(&self, for_another: bool) -> Result<SetupLink, Error> {
        let token = EntryToken::from_address(&self.chance.token());
        let now = self.clock.now();
        let expires_at = now.after(LIVES);
        let insert = "insert into setup_links (token_hash, for_another, created_at, expires_at)
            values ($1, $2, $3, $4)";
        let query = sql::query(insert).bind(token.hash()).bind(for_another);
        let query = query.bind(now.milliseconds()).bind(expires_at.milliseconds());
        query.execute(self.database.writer()).await?;
        Ok(SetupLink { token, expires_at })
    }

    /// Whether this token makes somebody an admin now.
    pub async fn is_setup_link(&self, token: &EntryToken) -> Result<bool, Error> {
        let select = "select exists (select 1 from setup_links
            where token_hash = $1 and expires_at > $2 and created_at <= $2
                and (for_another or not exists (select 1 from users
                    where admin_at is not null and disabled_at is null)))";
        let query = sql::query_scalar(select).bind(token.hash());
        let query = query.bind(self.clock.now().milliseconds());
        Ok(query.fetch_one(self.database.reader()).await?)
    }

    /// Uses the link of this hash up, and all others with it: the person is an admin.
    pub(super) async fn use_setup_link(
        &self,
        transaction: &mut Transaction<'static>,
        hash: &[u8],
        user: &UserHandle,
    ) -> Result<(), Error> {
        let now = self.clock.now().milliseconds();
        let take = "delete from setup_links returning token_hash, for_another, expires_at";
        let taken = sql::query_as::<UsedRow>(take).fetch_all(&mut *transaction).await?;
        let link = taken.into_iter().find(|link| link.token_hash == hash && link.expires_at > now);
        let link = link.ok_or(Error::LinkInvalid)?;
        let has_admin = "select exists (select 1 from users
            where admin_at is not null and disabled_at is null)";
        let has_admin: bool = sql::query_scalar(has_admin).fetch_one(&mut *transaction).await?;
        if has_admin && !link.for_another {
            return Err(Error::LinkInvalid);
        }
        let update = sql::query("update users set admin_at = $1 where handle = $2");
        update.bind(now).bind(user.as_bytes()).execute(&mut *transaction).await?;
        Ok(())
    }
}
