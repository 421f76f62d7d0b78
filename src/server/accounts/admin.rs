//! Admins: people who run the site as well.
//!
//! Decision: the last admin who can sign in stays one. Whoever takes an admin away locks the rows of all
//! of them first, so that of two who do it to each other at once the second one sees the first.

use super::{Accounts, Error};
use crate::server::database::{Transaction, sql};
use crate::server::passkeys::UserHandle;

impl Accounts {
    /// Whether this person runs the site.
    pub async fn is_admin(&self, user: &UserHandle) -> Result<bool, Error> {
        let select = "select exists (select 1 from users
            where handle = $1 and admin_at is not null and disabled_at is null)";
        let query = sql::query_scalar(select).bind(user.as_bytes());
        Ok(query.fetch_one(self.database.reader()).await?)
    }

    /// Whether anybody runs the site. One who is locked out does not.
    pub async fn has_admin(&self) -> Result<bool, Error> {
        let select = "select exists (select 1 from users
            where admin_at is not null and disabled_at is null)";
        Ok(sql::query_scalar(select).fetch_one(self.database.reader()).await?)
    }

    /// Makes a person an admin. Says whether they were none before.
    pub async fn make_admin(&self, user: &UserHandle) -> Result<bool, Error> {
        let update = "update users set admin_at = $1 where handle = $2 and admin_at is null";
        let query = sql::query(update).bind(self.clock.now().milliseconds());
        let made = query.bind(user.as_bytes()).execute(self.database.writer()).await?;
        Ok(made.rows_affected() == 1)
    }

    /// Makes an admin a person like everybody else. Says whether they were an admin.
    pub async fn make_no_admin(&self, user: &UserHandle) -> Result<bool, Error> {
        let mut transaction = self.database.begin().await?;
        Self::leave_another_admin(&mut transaction, user).await?;
        let update = "update users set admin_at = null where handle = $1 and admin_at is not null";
        let query = sql::query(update).bind(user.as_bytes());
        let made = query.execute(&mut transaction).await?;
        transaction.commit().await?;
        Ok(made.rows_affected() == 1)
    }

    /// Refuses where this person is the last admin.
    pub(super) async fn leave_another_admin(
        transaction: &mut Transaction<'static>,
        user: &UserHandle,
    ) -> Result<(), Error> {
        // Changes nothing, and holds the rows until the end.
        let hold = sql::query("update users set admin_at = admin_at where admin_at is not null");
        hold.execute(&mut *transaction).await?;
        let select = "select exists (select 1 from users
                where handle = $1 and admin_at is not null and disabled_at is null)
            and not exists (select 1 from users
                where handle <> $1 and admin_at is not null and disabled_at is null)";
        let is_last = sql::query_scalar(select).bind(user.as_bytes());
        if is_last.fetch_one(&mut *transaction).await? { Err(Error::LastAdmin) } else { Ok(()) }
    }
}
