//! The device that is to be added: it claims a link, waits, and registers its passkey.

use super::{By, DeviceLink, DeviceLinkToken, Stage};
use crate::server::accounts::session::NewSession;
use crate::server::accounts::{Accounts, Error, Session, SessionToken, SignedIn, User, Whence};
use crate::server::database::sql;
use crate::server::passkeys::{Binding, Registered};
use crate::wire::CeremonyId;

impl Accounts {
    /// The link that this token opens, and whether this browser has claimed it. It is there for a
    /// browser only as long as no other one has claimed it.
    pub async fn device_link(
        &self,
        token: &DeviceLinkToken,
        browser: Option<&Binding>,
    ) -> Result<(DeviceLink, bool), Error> {
        let link = self.look_at_link(By::Token(token)).await?.ok_or(Error::LinkInvalid)?;
        let is_theirs = browser.is_some_and(|browser| link.is_claimed_by(browser));
        let is_for_them = is_theirs || link.claimed_by.is_none();
        let is_over = matches!(link.stage, Stage::Added(_) | Stage::Over);
        if is_for_them && !is_over { Ok((link, is_theirs)) } else { Err(Error::LinkInvalid) }
    }

    /// Claims the link for this browser and makes the number that both devices show. The session
    /// that made the link cannot be the one that it adds.
    pub async fn claim_device_link(
        &self,
        token: &DeviceLinkToken,
        browser: &Binding,
        session: Option<&Session>,
        whence: &Whence,
    ) -> Result<(), Error> {
        let (link, is_theirs) = self.device_link(token, Some(browser)).await?;
        if is_theirs {
            return Ok(());
        }
        let claim = "update device_links
            set claimed_by = $1, number = $2, browser = $3, system = $4, address = $5
            where id = $6 and user_handle = $7 and session_id is distinct from $8
              and claimed_by is null and outcome is null";
        let query = sql::query(claim).bind(browser.as_bytes()).bind(self.six_digits());
        let query = query.bind(whence.browser.as_deref()).bind(whence.system.as_deref());
        let query = query.bind(&whence.address).bind(&link.id).bind(link.owner.handle.as_bytes());
        let query = query.bind(session.map(|session| session.id.as_str()));
        let claimed = query.execute(self.database.writer()).await?.rows_affected() == 1;
        if claimed { Ok(()) } else { Err(Error::LinkInvalid) }
    }

    fn six_digits(&self) -> String {
        format!("{:06}", u64::from_be_bytes(self.chance.bytes()) % 1_000_000)
    }

    /// Whose passkey the browser that was let in may make.
    pub async fn who_lets_in(
        &self,
        token: &DeviceLinkToken,
        browser: &Binding,
    ) -> Result<User, Error> {
        match self.device_link(token, Some(browser)).await? {
            (DeviceLink { stage: Stage::Confirmed, owner, .. }, true) => Ok(owner),
            _ => Err(Error::NotConfirmed),
        }
    }

    /// Notes in which ceremony the passkey is made; only the last one counts.
    pub async fn await_device_passkey(
        &self,
        token: &DeviceLinkToken,
        browser: &Binding,
        ceremony: &CeremonyId,
    ) -> Result<(), Error> {
        let owner = self.who_lets_in(token, browser).await?;
        let update = "update device_links set ceremony_id = $1
            where token_hash = $2 and user_handle = $3 and claimed_by = $4
              and confirmed_at is not null and outcome is null";
        let query = sql::query(update).bind(&ceremony.0).bind(token.hash());
        let query = query.bind(owner.handle.as_bytes()).bind(browser.as_bytes());
        let noted = query.execute(self.database.writer()).await?.rows_affected() == 1;
        if noted { Ok(()) } else { Err(Error::LinkInvalid) }
    }

    /// Whether this browser is to answer this ceremony. Also where it has been answered already: the
    /// passkey service then says so, and nobody takes the passkey that came of it for a stray one.
    pub async fn expects_passkey(
        &self,
        token: &DeviceLinkToken,
        browser: &Binding,
        ceremony: &CeremonyId,
    ) -> Result<(), Error> {
        let link = self.look_at_link(By::Token(token)).await?;
        let link = link.filter(|link| link.is_claimed_by(browser)).ok_or(Error::LinkInvalid)?;
        match link.stage {
            Stage::Open | Stage::Claimed { .. } => Err(Error::NotConfirmed),
            Stage::Confirmed | Stage::Added(_) if link.ceremony.as_ref() == Some(&ceremony.0) => {
                Ok(())
            }
            Stage::Confirmed | Stage::Added(_) | Stage::Over => Err(Error::LinkInvalid),
        }
    }

    /// Uses the link up and opens a session on the device that was added, in one transaction.
    ///
    /// Where that cannot be, the proof comes back, so that the passkey can be withdrawn.
    pub async fn add_device(
        &self,
        registered: Registered,
        token: &DeviceLinkToken,
        browser: &Binding,
        replaces: Option<&SessionToken>,
        whence: &Whence,
    ) -> Result<SignedIn, (Error, Registered)> {
        match self.try_to_add_device(&registered, token, browser, replaces, whence).await {
            Ok(signed_in) => Ok(signed_in),
            Err(error) => Err((error, registered)),
        }
    }

    async fn try_to_add_device(
        &self,
        registered: &Registered,
        token: &DeviceLinkToken,
        browser: &Binding,
        replaces: Option<&SessionToken>,
        whence: &Whence,
    ) -> Result<SignedIn, Error> {
        let mut transaction = self.database.begin().await?;
        let found = self.find_link(By::Token(token), &mut transaction).await?;
        let Some(DeviceLink { owner: user, stage: Stage::Confirmed, .. }) = found else {
            return Err(Error::LinkInvalid);
        };
        let passkey = registered.passkey();
        let consume = "update device_links set outcome = 'added', passkey = $1
            where token_hash = $2 and user_handle = $3 and claimed_by = $4 and ceremony_id = $5
              and confirmed_at is not null and outcome is null";
        let query = sql::query(consume).bind(&passkey).bind(token.hash());
        let query = query.bind(registered.user().as_bytes()).bind(browser.as_bytes());
        let query = query.bind(&registered.ceremony().0);
        if query.execute(&mut transaction).await?.rows_affected() != 1 {
            return Err(Error::LinkInvalid);
        }
        let session =
            NewSession { user, passkey: Some(passkey), from_other_device: false, whence, replaces };
        self.take_in(&mut transaction, registered.ceremony()).await?;
        let signed_in = self.insert_session(&mut transaction, session).await?;
        transaction.commit().await?;
        Ok(signed_in)
    }
}
