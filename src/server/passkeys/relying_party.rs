//! Whom the service works for, and on which origins.

use std::time::Duration;

use url::Url;
use webauthn_rs::WebauthnBuilder;
use webauthn_rs_core::WebauthnCore;

use super::gate::Expected;
use super::{CEREMONY_LIFETIME, Error, Passkeys};

/// A relying party: its ceremonies and passkeys are sealed from those of every other.
#[derive(Debug, Clone)]
pub struct RelyingParty {
    id: String,
    name: String,
    rp_id: String,
    origins: Vec<String>,
    library: WebauthnCore,
}

impl RelyingParty {
    /// A relying party whose RP ID is `rp_id` and whose pages are on exactly this origin.
    ///
    /// Fails where the origin is not on the RP ID or below it (WebAuthn Level 3, §5.1.3 step 8).
    pub fn new(id: &str, name: &str, rp_id: &str, origin: &str) -> Result<Self, Error> {
        let url =
            Url::parse(origin).map_err(|error| Error::Internal(format!("{origin}: {error}")))?;
        // The high-level library checks that RP ID and origin belong together; the core does not.
        let fits = WebauthnBuilder::new(rp_id, &url).and_then(WebauthnBuilder::build);
        fits.map_err(|error| {
            Error::Internal(format!("the RP ID {rp_id} does not fit {origin}: {error}"))
        })?;
        Ok(Self {
            id: id.to_owned(),
            name: name.to_owned(),
            rp_id: rp_id.to_owned(),
            origins: vec![origin.to_owned()],
            library: library(name, rp_id, vec![url]),
        })
    }

    /// The same relying party with pages on these origins as well (§5.11). That they may use its RP ID
    /// is for the browser to check; here it is a matter of the settings.
    pub fn with_related<'a>(
        mut self,
        related: impl Iterator<Item = &'a str>,
    ) -> Result<Self, Error> {
        self.origins.extend(related.map(str::to_owned));
        let urls: Result<Vec<Url>, _> =
            self.origins.iter().map(|origin| Url::parse(origin)).collect();
        let urls = urls.map_err(|error| Error::Internal(error.to_string()))?;
        self.library = library(&self.name, &self.rp_id, urls);
        Ok(self)
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn rp_id(&self) -> &str {
        &self.rp_id
    }

    /// What an answer to this challenge must match.
    pub(super) fn expects<'a>(&'a self, challenge: &'a str) -> Expected<'a> {
        Expected {
            challenge,
            origins: &self.origins,
            rp_id: &self.rp_id,
            user_verification_required: true,
        }
    }

    pub(super) fn library(&self) -> &WebauthnCore {
        &self.library
    }
}

fn library(name: &str, rp_id: &str, origins: Vec<Url>) -> WebauthnCore {
    let timeout = CEREMONY_LIFETIME.saturating_sub(Duration::from_secs(5));
    let (subdomains, any_port) = (Some(false), Some(false));
    WebauthnCore::new_unsafe_experts_only(name, rp_id, origins, timeout, subdomains, any_port)
}

impl Passkeys {
    /// Makes a relying party known, or brings what is known of it up to date.
    pub async fn admit(&self, relying_party: &RelyingParty) -> Result<(), Error> {
        let statement = "insert into relying_parties (id, rp_id, created_at) values ($1, $2, $3)
            on conflict (id) do update set rp_id = excluded.rp_id";
        let query = sqlx::query(statement).bind(relying_party.id()).bind(relying_party.rp_id());
        query.bind(self.clock.now().milliseconds()).execute(self.database.writer()).await?;
        Ok(())
    }
}
