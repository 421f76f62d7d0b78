//! Passkeys that count only when the user database has taken them in. Two databases share no transaction:
//! a passkey for an account of Keyfold's own pages is stored unsettled, what it is for comes to be, and then it
//! is settled. Where the program is killed in between, whoever asks the user database can tell which of the
//! two it is to be.

use super::{CEREMONY_LIFETIME, Error, Passkeys, RelyingParty, UserHandle};
use crate::server::clock::Timestamp;
use crate::server::database::sql;
use crate::wire::CeremonyId;

/// A passkey that does not count yet.
#[derive(Debug, Clone)]
pub struct Unsettled {
    /// Whose it is to be.
    pub user: UserHandle,
    /// In which ceremony it was registered.
    pub ceremony: CeremonyId,
    /// When.
    pub created_at: Timestamp,
}

impl Passkeys {
    /// The passkey that was registered in this ceremony counts from now on.
    pub async fn settle(
        &self,
        party: &RelyingParty,
        user: &UserHandle,
        ceremony: &CeremonyId,
    ) -> Result<(), Error> {
        let update = "update credentials set unsettled_ceremony = null
            where relying_party = $1 and user_handle = $2 and unsettled_ceremony = $3";
        let query = sql::query(update).bind(party.id()).bind(user.as_bytes()).bind(&ceremony.0);
        query.execute(self.database.writer()).await?;
        Ok(())
    }

    /// Every passkey that does not count yet.
    pub async fn unsettled(&self, party: &RelyingParty) -> Result<Vec<Unsettled>, Error> {
        let select = "select user_handle, unsettled_ceremony, created_at
            from credentials where relying_party = $1 and unsettled_ceremony is not null";
        let query = sql::query_as::<(Vec<u8>, String, i64)>(select).bind(party.id());
        let found = query.fetch_all(self.database.reader()).await?;
        let unsettled = found.into_iter().filter_map(|(user, ceremony, created_at)| {
            Some(Unsettled {
                user: UserHandle::from_bytes(user)?,
                ceremony: CeremonyId(ceremony),
                created_at: Timestamp::from_milliseconds(created_at),
            })
        });
        Ok(unsettled.collect())
    }

    /// Removes a passkey that never came to count, once nobody can be about to take it in any more.
    pub async fn give_up(&self, party: &RelyingParty, passkey: &Unsettled) -> Result<bool, Error> {
        if passkey.created_at > self.clock.now().before(CEREMONY_LIFETIME) {
            return Ok(false);
        }
        let delete = "delete from credentials
            where relying_party = $1 and user_handle = $2 and unsettled_ceremony = $3";
        let query = sql::query(delete).bind(party.id()).bind(passkey.user.as_bytes());
        let query = query.bind(&passkey.ceremony.0);
        Ok(query.execute(self.database.writer()).await?.rows_affected() > 0)
    }
}
