//! The device that makes a link: its owner makes, watches, confirms and refuses it.

use std::time::Duration;

use super::{By, DeviceLink, DeviceLinkToken, LINK_LIFETIME, Stage};
use crate::server::accounts::{Accounts, Error, Session};
use crate::server::database::sql;
use crate::server::passkeys::UserHandle;

impl Accounts {
    /// Makes a link for the owner of this session; an older one that is still open is over.
    pub async fn begin_device_link(
        &self,
        session: &Session,
    ) -> Result<(String, DeviceLinkToken, Duration), Error> {
        let (id, token) = (self.chance.id(), DeviceLinkToken(self.chance.token()));
        let now = self.clock.now();
        let mut transaction = self.database.begin().await?;
        let replace = "update device_links set outcome = 'replaced'
            where user_handle = $1 and outcome is null";
        let query = sql::query(replace).bind(session.user.handle.as_bytes());
        query.execute(&mut transaction).await?;
        let insert = "insert into device_links
            (id, token_hash, user_handle, session_id, created_at, expires_at)
            select $1, $2, user_handle, id, $3, $4 from sessions where id = $5 and user_handle = $6";
        let query = sql::query(insert).bind(&id).bind(token.hash()).bind(now.milliseconds());
        let query = query.bind(now.after(LINK_LIFETIME).milliseconds()).bind(&session.id);
        let query = query.bind(session.user.handle.as_bytes());
        if query.execute(&mut transaction).await?.rows_affected() != 1 {
            // The session was ended meanwhile.
            return Err(Error::NoAccount);
        }
        transaction.commit().await?;
        Ok((id, token, LINK_LIFETIME))
    }

    /// One of this person's links.
    pub async fn device_link_of(&self, owner: &UserHandle, id: &str) -> Result<DeviceLink, Error> {
        self.look_at_link(By::Owner(owner, id)).await?.ok_or(Error::NotFound)
    }

    /// Lets in the device that asks.
    pub async fn confirm_device_link(&self, owner: &UserHandle, id: &str) -> Result<(), Error> {
        match self.device_link_of(owner, id).await?.stage {
            Stage::Claimed { .. } => {}
            Stage::Confirmed => return Ok(()),
            Stage::Open => return Err(Error::NotFound),
            Stage::Added(_) | Stage::Over => return Err(Error::LinkInvalid),
        }
        let confirm = "update device_links set confirmed_at = $1
            where id = $2 and user_handle = $3 and claimed_by is not null and confirmed_at is null
              and outcome is null";
        let query = sql::query(confirm).bind(self.clock.now().milliseconds()).bind(id);
        let query = query.bind(owner.as_bytes()).execute(self.database.writer());
        if query.await?.rows_affected() == 1 { Ok(()) } else { Err(Error::LinkInvalid) }
    }

    /// Ends a link of this person. One that is over stays over.
    pub async fn refuse_device_link(&self, owner: &UserHandle, id: &str) -> Result<(), Error> {
        self.device_link_of(owner, id).await?;
        let refuse = "update device_links set outcome = 'refused'
            where id = $1 and user_handle = $2 and outcome is null";
        let query = sql::query(refuse).bind(id).bind(owner.as_bytes());
        query.execute(self.database.writer()).await?;
        Ok(())
    }
}
