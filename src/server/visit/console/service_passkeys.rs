//! The passkeys of all relying parties.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::Visit;
use crate::server::accounts::UserName;
use crate::server::clock::Timestamp;
use crate::server::passkeys::{CredentialId, Kept, Survey, Surveyed, UserHandle};
use crate::server::refuse::Trouble;
use crate::wire::{
    FoundPasskeys, Holder, KeptBy, PartyChoice, PasskeySearch, Refusal, ServicePasskey, Synced,
};

/// How many passkeys a page shows.
const PAGE: u32 = 50;

/// What was asked for, if anything.
pub(super) fn asked(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// What a relying party is called; its id where it is gone.
pub(super) fn name_of_party(parties: &[PartyChoice], id: &str) -> String {
    let party = parties.iter().find(|party| party.id == id);
    party.map_or_else(|| id.to_owned(), |party| party.name.clone())
}

/// Who holds something, each looked up once.
#[derive(Debug, Default)]
pub(super) struct Holders(BTreeMap<String, Holder>);

impl Visit {
    /// A page of passkeys.
    pub async fn service_passkeys(&self, search: PasskeySearch) -> Result<FoundPasskeys, Refusal> {
        let found = async {
            self.admin().await?;
            self.find_passkeys(search).await
        };
        self.answered(found.await)
    }

    async fn find_passkeys(&self, search: PasskeySearch) -> Result<FoundPasskeys, Trouble> {
        let parties = self.party_choices().await?;
        let external_id = asked(&search.user);
        let survey = Survey {
            relying_party: asked(&search.party),
            user: self.handle_of(external_id.as_deref()).await?,
            external_id,
            // What is no AAGUID is nobody's.
            aaguid: asked(&search.aaguid).map(|text| text.parse().unwrap_or(Uuid::max())),
        };
        let after = place(&search.after);
        let after = after.as_ref().map(|(time, id)| (*time, id));
        let mut found = self.site.passkeys.survey(&survey, after, PAGE + 1).await?;
        let has_more = u32::try_from(found.len()).is_ok_and(|found| found > PAGE);
        found.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
        let next = found
            .last()
            .filter(|_| has_more)
            .map(|last| format!("{}.{}", last.created_at.milliseconds(), last.id));
        let mut holders = Holders::default();
        let mut passkeys = Vec::new();
        for one in found {
            let handle = Some(&one.user);
            let external_id = one.external_id.as_deref();
            let holder = self.holder(&mut holders, &one.relying_party, handle, external_id).await?;
            passkeys.push(self.as_service_passkey(one, holder, &parties));
        }
        let kept = self.site.passkeys.kept_by(&survey).await?.iter().map(as_kept).collect();
        Ok(FoundPasskeys { passkeys, kept, next, parties })
    }

    fn as_service_passkey(
        &self,
        one: Surveyed,
        holder: Option<Holder>,
        parties: &[PartyChoice],
    ) -> ServicePasskey {
        ServicePasskey {
            id: one.id.to_string(),
            party: name_of_party(parties, &one.relying_party),
            holder: holder.unwrap_or_else(|| Holder { shown: one.user.to_string(), user: None }),
            name: one.name,
            authenticator: one.authenticator.map(str::to_owned),
            aaguid: one.aaguid.to_string(),
            synced: match one.backup {
                (_, true) => Synced::Synced,
                (true, false) => Synced::NotYet,
                (false, false) => Synced::DeviceOnly,
            },
            created: self.moment(one.created_at),
            last_used: one.last_used_at.map(|time| self.moment(time)),
        }
    }

    /// Whose handle was asked for: that of a person of this site by name, or one that was written out.
    pub(super) async fn handle_of(
        &self,
        text: Option<&str>,
    ) -> Result<Option<UserHandle>, Trouble> {
        let Some(text) = text else { return Ok(None) };
        if let Ok(name) = UserName::parse(text)
            && let Some(person) = self.site.accounts.person(&name).await?
        {
            return Ok(Some(person.handle));
        }
        Ok(UserHandle::parse(text))
    }

    /// Who it is, in the best words there are. Only here names and handles meet.
    pub(super) async fn holder(
        &self,
        known: &mut Holders,
        party: &str,
        user: Option<&UserHandle>,
        external_id: Option<&str>,
    ) -> Result<Option<Holder>, Trouble> {
        if let Some(id) = external_id {
            return Ok(Some(Holder { shown: id.to_owned(), user: None }));
        }
        let Some(user) = user else { return Ok(None) };
        let handle = user.to_string();
        if party != self.site.relying_party.id() {
            return Ok(Some(Holder { shown: handle, user: None }));
        }
        if let Some(holder) = known.0.get(&handle) {
            return Ok(Some(holder.clone()));
        }
        let holder = match self.site.accounts.person_of(user).await? {
            Some(person) => Holder { shown: person.name, user: Some(handle.clone()) },
            None => Holder { shown: handle.clone(), user: None },
        };
        known.0.insert(handle, holder.clone());
        Ok(Some(holder))
    }
}

fn as_kept(kept: &Kept) -> KeptBy {
    KeptBy {
        aaguid: kept.aaguid.to_string(),
        authenticator: kept.authenticator.map(str::to_owned),
        passkeys: kept.passkeys,
    }
}

/// After which passkey a page begins.
fn place(text: &str) -> Option<(Timestamp, CredentialId)> {
    let (time, id) = text.split_once('.')?;
    Some((Timestamp::from_milliseconds(time.parse().ok()?), CredentialId::parse(id)?))
}
