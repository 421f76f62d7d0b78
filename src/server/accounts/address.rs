//! For how long it is known from where somebody came.

use std::time::Duration;

use super::{Accounts, Error};
use crate::server::database::sql;

impl Accounts {
    /// Forgets the addresses that were noted longer ago than this. Links to other devices go as a whole,
    /// within the minutes that they live.
    pub async fn forget_addresses(&self, kept: Duration) -> Result<(), Error> {
        let old = self.clock.now().before(kept).milliseconds();
        let statements = [
            "update sessions set address = null where address is not null and created_at <= $1",
            "update recoveries set address = null where address is not null and begun_at <= $1",
        ];
        for statement in statements {
            sql::query(statement).bind(old).execute(self.database.writer()).await?;
        }
        Ok(())
    }
}
