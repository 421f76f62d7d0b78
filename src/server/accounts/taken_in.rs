//! Which passkeys have been taken in. Written in the transaction in which a passkey gets its account, so
//! that what became of it can be told when the program was killed between the two databases.

use std::time::Duration;

use super::{Accounts, Error};
use crate::server::database::{Transaction, sql};
use crate::wire::CeremonyId;

/// Far longer than a passkey stays unsettled while any server runs.
const REMEMBERED: Duration = Duration::from_hours(24);

impl Accounts {
    pub(super) async fn take_in(
        &self,
        transaction: &mut Transaction<'static>,
        ceremony: &CeremonyId,
    ) -> Result<(), Error> {
        let insert = "insert into taken_in (ceremony_id, taken_in_at) values ($1, $2)";
        let query = sql::query(insert).bind(&ceremony.0).bind(self.clock.now().milliseconds());
        query.execute(transaction).await?;
        Ok(())
    }

    /// Whether what the passkey of this ceremony is for came to be.
    pub async fn has_taken_in(&self, ceremony: &CeremonyId) -> Result<bool, Error> {
        let select = "select exists (select 1 from taken_in where ceremony_id = $1)";
        let query = sql::query_scalar(select).bind(&ceremony.0);
        Ok(query.fetch_one(self.database.reader()).await?)
    }

    /// Forgets those of long ago. Whoever calls has settled what was unsettled.
    pub async fn forget_taken_in(&self) -> Result<(), Error> {
        let delete = "delete from taken_in where taken_in_at <= $1";
        let query = sql::query(delete).bind(self.clock.now().before(REMEMBERED).milliseconds());
        query.execute(self.database.writer()).await?;
        Ok(())
    }
}
