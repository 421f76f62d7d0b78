//! Looking after relying parties and their API keys.

use std::time::Duration;

use super::Visit;
use crate::server::passkeys::{
    ATTESTATION, ApiKey, ChangeError, Changes, Settings, Tenant, UserVerification, is_name,
};
use crate::server::refuse::Trouble;
use crate::wire::{ApiKeyLine, PartyChoice, PartyDetails, PartyLine, Refusal};

const NO_SUCH_PARTY: Trouble = Trouble::NotFound("relying party");

const NO_SUCH_KEY: Trouble = Trouble::NotFound("API key");

/// A key does not live for longer than so many days, unless it lives for ever.
const LONGEST_LIFE: u64 = 36_500;

/// What a deed tells: nothing, or what is told once.
type Told = Result<Option<String>, Trouble>;

/// Origins as they are typed: in one line, with blanks or commas between them.
fn origins(typed: &str) -> Vec<String> {
    let origins = typed.split(|letter: char| letter == ',' || letter.is_whitespace());
    origins.filter(|origin| !origin.is_empty()).map(str::to_owned).collect()
}

/// None for ever.
fn lifetime(typed: &str) -> Result<Option<Duration>, Trouble> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let days = typed.parse().ok().filter(|days| (1..=LONGEST_LIFE).contains(days));
    let days: u64 = days.ok_or(Trouble::ApiKeyInvalid)?;
    Ok(Some(Duration::from_hours(days * 24)))
}

impl From<ChangeError> for Trouble {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::NotFound(_) => NO_SUCH_PARTY,
            ChangeError::Settings(error) => error.into(),
            ChangeError::Failed(error) => error.into(),
        }
    }
}

impl Visit {
    /// The relying parties, the oldest first. Keyfold's own pages are not among them: their settings are
    /// those of the server.
    pub async fn relying_parties(&self) -> Result<Vec<PartyLine>, Refusal> {
        let found = async {
            self.admin().await?;
            let mut lines = Vec::new();
            for tenant in self.site.passkeys.relying_parties().await? {
                lines.push(self.as_party(&tenant).await?);
            }
            Ok(lines)
        };
        self.answered(found.await)
    }

    /// The relying party of this id, with its API keys.
    pub async fn relying_party(&self, id: &str) -> Result<PartyDetails, Refusal> {
        let found = async {
            self.admin().await?;
            let passkeys = &self.site.passkeys;
            let tenant = passkeys.tenant(id).await?.ok_or(NO_SUCH_PARTY)?;
            let keys = passkeys.api_keys(Some(&tenant.party)).await?;
            let line = self.as_party(&tenant).await?;
            Ok(PartyDetails { line, keys: keys.into_iter().map(|key| self.as_key(key)).collect() })
        };
        self.answered(found.await)
    }

    /// All of them, Keyfold's own pages among them, for whoever looks for what happened at one.
    pub(super) async fn party_choices(&self) -> Result<Vec<PartyChoice>, Trouble> {
        let own = &self.site.relying_party;
        let own = PartyChoice { id: own.id().to_owned(), name: own.name().to_owned() };
        let others = self.site.passkeys.relying_parties().await?.into_iter().map(|tenant| {
            let party = tenant.party;
            PartyChoice { id: party.id().to_owned(), name: party.name().to_owned() }
        });
        Ok(std::iter::once(own).chain(others).collect())
    }

    async fn as_party(&self, tenant: &Tenant) -> Result<PartyLine, Trouble> {
        let party = &tenant.party;
        Ok(PartyLine {
            id: party.id().to_owned(),
            name: party.name().to_owned(),
            rp_id: party.rp_id().to_owned(),
            origins: party.origins().to_vec(),
            requires_verification: party.user_verification() == UserVerification::Required,
            passkeys: self.site.passkeys.count_passkeys(party).await?,
            created: self.moment(tenant.created_at),
        })
    }

    fn as_key(&self, key: ApiKey) -> ApiKeyLine {
        let has_expired = key.has_expired(self.site.clock.now());
        ApiKeyLine {
            works: key.revoked_at.is_none() && !has_expired,
            id: key.id,
            name: key.name,
            created: self.moment(key.created_at),
            last_used: key.last_used_at.map(|time| self.moment(time)),
            revoked: key.revoked_at.map(|time| self.moment(time)),
            expires: key.expires_at.map(|time| self.coming(time)),
        }
    }

    pub(super) async fn create_relying_party(
        &self,
        name: &str,
        rp_id: &str,
        typed_origins: &str,
    ) -> Told {
        let (name, rp_id, origins) = (name.trim(), rp_id.trim(), origins(typed_origins));
        let verification = UserVerification::Required;
        let settings = Settings::new(name, rp_id, &origins, verification, ATTESTATION)?;
        self.site.passkeys.create_relying_party(settings).await?;
        Ok(None)
    }

    pub(super) async fn change_relying_party(
        &self,
        id: &str,
        name: &str,
        typed_origins: &str,
    ) -> Told {
        let (name, origins) = (Some(name.trim().to_owned()), Some(origins(typed_origins)));
        let changes = Changes { name, origins, user_verification: None };
        self.site.passkeys.change_relying_party(id, changes).await?;
        Ok(None)
    }

    pub(super) async fn change_verification(
        &self,
        id: &str,
        verification: UserVerification,
    ) -> Told {
        let changes = Changes { user_verification: Some(verification), ..Changes::default() };
        self.site.passkeys.change_relying_party(id, changes).await?;
        Ok(None)
    }

    pub(super) async fn remove_relying_party(&self, id: &str) -> Told {
        let removed = self.site.passkeys.remove_relying_party(id).await?;
        removed.map(|_| None).ok_or(NO_SUCH_PARTY)
    }

    /// Creates a key; its secret is told once.
    pub(super) async fn create_api_key(&self, id: &str, name: &str, days: &str) -> Told {
        let (name, lifetime) = (name.trim(), lifetime(days)?);
        if !is_name(name) {
            return Err(Trouble::ApiKeyInvalid);
        }
        let party = self.site.passkeys.relying_party(id).await?.ok_or(NO_SUCH_PARTY)?;
        let (_, secret) = self.site.passkeys.create_api_key(&party, name, lifetime).await?;
        Ok(Some(secret.reveal().to_owned()))
    }

    pub(super) async fn revoke_api_key(&self, id: &str) -> Told {
        let revoked = self.site.passkeys.revoke_api_key(id).await?;
        revoked.map(|_| None).ok_or(NO_SUCH_KEY)
    }
}
