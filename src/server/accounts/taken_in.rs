//! Which passkeys have been taken in. Written in the transaction in which a passkey gets its account, so
//! that what became of it can be told when the program was killed between the two databases.

use std::time::Duration;

use super::{Accounts, Error, Notice, Session, Whence};
use crate::server::database::{Transaction, sql};
use crate::server::passkeys::Registered;
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

    /// Takes in one more passkey of whoever is signed in, under this name, and tells them, in one
    /// transaction. Where the session is over by now, or somebody else's, it is [`Error::NotFound`].
    ///
    /// Where that cannot be, the proof comes back, so that the passkey can be withdrawn.
    pub async fn add_passkey(
        &self,
        registered: Registered,
        session: &Session,
        name: &str,
        whence: &Whence,
    ) -> Result<(), (Error, Registered)> {
        let added = self.try_to_add_passkey(&registered, session, name, whence).await;
        added.map_err(|error| (error, registered))
    }

    async fn try_to_add_passkey(
        &self,
        registered: &Registered,
        session: &Session,
        name: &str,
        whence: &Whence,
    ) -> Result<(), Error> {
        let (user, now) = (registered.user(), self.clock.now());
        let mut transaction = self.database.begin_about(user.as_bytes()).await?;
        // By its id: a proof in another tab has changed its token.
        let open = "select exists (select 1 from sessions
            join users on users.handle = sessions.user_handle and users.disabled_at is null
            where sessions.id = $1 and sessions.user_handle = $2
              and sessions.expires_at > $3 and sessions.last_seen_at > $4)";
        let query = sql::query_scalar(open).bind(&session.id).bind(user.as_bytes());
        let query = query.bind(now.milliseconds());
        let query = query.bind(now.before(self.lifetimes.idle).milliseconds());
        if !query.fetch_one(&mut transaction).await? {
            return Err(Error::NotFound);
        }
        self.take_in(&mut transaction, registered.ceremony()).await?;
        let added = Notice::PasskeyAdded { passkey: name };
        self.notify_within(&mut transaction, user, added, Some(whence)).await?;
        transaction.commit().await?;
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
