//! Adding a second device: both of its sides.

use super::Visit;
use crate::server::accounts::{DeviceLinkToken, SignedIn, Stage, Whence};
use crate::server::passkeys::{Label, Purpose};
use crate::server::qr_code;
use crate::server::refuse::Trouble;
use crate::wire::{
    Admission, AskingDevice, Begun, CeremonyId, DeviceLink, DeviceLinkId, Invitation, LinkProgress,
    Refusal,
};

/// The first device: it is signed in.
impl Visit {
    /// Makes a link that adds another device.
    pub async fn begin_device_link(&self) -> Result<DeviceLink, Refusal> {
        let begun = async {
            self.may_begin().await?;
            let session = self.freshly_signed_in().await?;
            let (id, token, lifetime) = self.site.accounts.begin_device_link(&session).await?;
            let origin = self.site.config.public_url.origin();
            let link = format!("{origin}/add-device/{}", token.reveal());
            let (id, code) = (DeviceLinkId(id), qr_code::draw(&link));
            let lives_for = u32::try_from(lifetime.as_secs()).unwrap_or(0);
            Ok(DeviceLink { id, link, code, lives_for })
        };
        self.answered(begun.await)
    }

    /// What became of a link.
    pub async fn watch_device_link(&self, id: &DeviceLinkId) -> Result<LinkProgress, Refusal> {
        let watched = async {
            let user = self.signed_in().await?.user;
            let link = self.site.accounts.device_link_of(&user.handle, &id.0).await?;
            Ok(match link.stage {
                Stage::Open => LinkProgress::Open,
                Stage::Claimed { number, whence } => {
                    let Whence { browser, system, address: network, .. } = whence;
                    LinkProgress::Asked(AskingDevice { number, browser, system, network })
                }
                Stage::Confirmed => LinkProgress::Confirmed,
                Stage::Added(passkey) => {
                    LinkProgress::Added(self.name_of_passkey(&user.handle, &passkey).await?)
                }
                Stage::Over => LinkProgress::Over,
            })
        };
        self.answered(watched.await)
    }

    /// Lets in the device that asks.
    pub async fn confirm_device_link(&self, id: &DeviceLinkId) -> Result<(), Refusal> {
        let confirmed = async {
            let user = self.freshly_signed_in().await?.user;
            Ok(self.site.accounts.confirm_device_link(&user.handle, &id.0).await?)
        };
        self.answered(confirmed.await)
    }

    /// Refuses whatever device asks, and ends the link.
    pub async fn refuse_device_link(&self, id: &DeviceLinkId) -> Result<(), Refusal> {
        let refused = async {
            let user = self.signed_in().await?.user;
            Ok(self.site.accounts.refuse_device_link(&user.handle, &id.0).await?)
        };
        self.answered(refused.await)
    }
}

/// The second device: nobody knows it until the first one has let it in.
impl Visit {
    /// What a link says to the browser that opens it. Nothing changes.
    pub async fn device_link_state(&self, token: &str) -> Result<Invitation, Refusal> {
        let looked = async {
            let token = DeviceLinkToken::from_address(token);
            let browser = self.known_binding().ok();
            let (link, is_theirs) =
                self.site.accounts.device_link(&token, browser.as_ref()).await?;
            let session = self.session().await?;
            let is_same_browser = session.is_some_and(|session| session.id == link.session);
            let admission = match link.stage {
                Stage::Claimed { number, .. } if is_theirs => Admission::Waiting(number),
                Stage::Confirmed if is_theirs => Admission::Confirmed,
                _ if is_same_browser => Admission::SameBrowser,
                _ => Admission::Unasked,
            };
            let display_name = link.owner.called().to_owned();
            Ok(Invitation { name: link.owner.name, display_name, admission })
        };
        self.answered(looked.await)
    }

    /// Asks to be added: the link is this browser's from now on, and no other one's.
    pub async fn claim_device_link(&self, token: &str) -> Result<(), Refusal> {
        let claimed = async {
            self.may_begin().await?;
            let token = DeviceLinkToken::from_address(token);
            let (session, browser, whence) = (self.session().await?, self.binding(), self.whence());
            let accounts = &self.site.accounts;
            Ok(accounts.claim_device_link(&token, &browser, session.as_ref(), &whence).await?)
        };
        self.answered(claimed.await)
    }

    /// Begins the registration of a passkey on a device that was let in.
    pub async fn begin_device_passkey(&self, token: &str) -> Result<Begun, Refusal> {
        let begun = async {
            self.may_begin().await?;
            let (token, binding) = (DeviceLinkToken::from_address(token), self.known_binding()?);
            let (accounts, party) = (&self.site.accounts, &self.site.relying_party);
            let user = accounts.who_lets_in(&token, &binding).await?;
            let label = Label { name: &user.name, display_name: user.called() };
            let passkeys = &self.site.passkeys;
            let begun = passkeys
                .begin_registration(party, Purpose::AnotherDevice, &user.handle, label, &binding)
                .await?;
            accounts.await_device_passkey(&token, &binding, &begun.id).await?;
            Ok(begun)
        };
        self.answered(begun.await).map(|begun| self.begun(begun))
    }

    /// Finishes it: the passkey is in the account, and this device is signed in.
    pub async fn finish_device_passkey(
        &self,
        token: &str,
        id: CeremonyId,
        answer: String,
    ) -> Result<(), Refusal> {
        let (visit, token) = (self.clone(), DeviceLinkToken::from_address(token));
        let given = answer.clone();
        let finished = async move { visit.add_device(&token, &id, &given).await };
        let finished = self.to_its_end(finished).await;
        let signal = match &finished {
            Err(trouble) if trouble.may_leave_a_stray_passkey() => self.unknown(&answer).await,
            _ => None,
        };
        self.welcomed(finished).map_err(|refusal| Refusal { signal, ..refusal })
    }

    async fn add_device(
        &self,
        token: &DeviceLinkToken,
        id: &CeremonyId,
        answer: &str,
    ) -> Result<SignedIn, Trouble> {
        let (accounts, binding) = (&self.site.accounts, self.known_binding()?);
        let (party, passkeys) = (&self.site.relying_party, &self.site.passkeys);
        // Before the passkey is stored: what is refused here has never been able to sign in.
        accounts.expects_passkey(token, &binding, id).await?;
        let registered =
            passkeys.finish_registration(party, Purpose::AnotherDevice, id, &binding, answer).await;
        let registered = match registered {
            Ok(registered) => registered,
            Err(error) => return Err(self.failed(error, None).await),
        };
        let (replaces, whence, passkey) = (self.token(), self.whence(), registered.passkey());
        let added =
            accounts.add_device(registered, token, &binding, replaces.as_ref(), &whence).await;
        match added {
            Ok(signed_in) => {
                self.settle(&signed_in.user.handle, id).await;
                self.tell_of_new_passkey(&signed_in.user.handle, &passkey).await;
                Ok(signed_in)
            }
            Err((error, registered)) => {
                // Whatever it was: a passkey that nobody was told of must not open the account.
                self.withdraw(registered).await?;
                Err(error.into())
            }
        }
    }
}
