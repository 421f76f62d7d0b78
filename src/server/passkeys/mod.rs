//! The passkey service: every ceremony, and the passkeys that come of them.
//!
//! Owns `passkeys.db`: relying parties, their API keys, ceremonies, credentials. Refuses to know: names, e-mail,
//! sessions. A person is a random [`UserHandle`]; the label that a device shows goes into the
//! options and is not kept.
//!
//! Decisions:
//! * Proofs, not booleans: [`Registered`] and [`Authenticated`] can be made here only, and are
//!   consumed by whoever acts on them.
//! * A ceremony is taken before anything of the answer is looked at, and a refused try burns it.
//! * In front of webauthn-rs stands a strict gate ([`gate`]); behind it one transaction which reads
//!   the credential again, so that nothing rests on a copy.
//! * `EdDSA` is not offered: webauthn-rs 0.6 cannot verify it.

mod api_key;
mod authentication;
mod authenticators;
mod binding;
mod ceremony;
mod circumstances;
mod credential;
mod error;
mod events;
pub(super) mod gate;
mod history;
mod idempotency;
mod management;
mod port;
mod purpose;
mod record;
mod refusals;
mod refused;
mod registration;
mod registration_token;
mod relying_parties;
mod relying_party;
mod restored;
mod settlement;
mod signals;
mod signing_key;
mod stranded;
mod survey;
mod sweep;
mod tally;
#[cfg(test)]
mod tests;
mod token;
mod tries;
mod users;

use std::time::Duration;

use tokio_util::task::TaskTracker;

pub use api_key::{ApiKey, ApiSecret, Caller, KeyRefused};
pub use authentication::{Authenticated, Failed};
pub use binding::Binding;
pub use ceremony::Begun;
pub use circumstances::Circumstances;
pub use credential::{Credential, CredentialId, UserHandle};
pub use error::Error;
pub use events::{EVENT_KINDS, Event};
pub use history::{Past, Wanted};
pub use idempotency::{Attempt, Once, Seal};
pub use management::Removal;
pub(in crate::server) use management::handles_of_own_site;
pub use port::{Export, Import, Imported, LINE_MAX, MOST_REFUSED, RefusedLine, Unfit};
pub use purpose::Purpose;
pub use record::{ClientError, Record};
pub use refused::{Procedure, Reason, Refused};
pub use registration::{Label, Registered};
pub use registration_token::{GrantRefused, RegistrationGrant, RegistrationTokenId};
pub use relying_parties::{ChangeError, Changes, Tenant};
pub use relying_party::{
    ATTESTATION, RelyingParty, Settings, SettingsError, UserVerification, is_name,
};
pub use signing_key::SigningKey;
pub use stranded::{NotAdmitted, Stranded};
pub use survey::{Kept, Survey, Surveyed};
pub use tally::{Aspect, Day, Funnel, Happenings, Scope, Trouble};
pub use token::{Claims, TokenPurpose, TokenRefused, Verified};
pub use tries::{Tries, Try};
pub use users::{ExternalId, HandleRefused};

use crate::server::chance::Chance;
use crate::server::clock::{Clock, Steadiness};
use crate::server::database::{Database, Location, Migrations, OpenError};

/// How long a ceremony lives (WebAuthn Level 3, §5.4: `timeout` is a hint, this is the rule).
pub const CEREMONY_LIFETIME: Duration = Duration::from_mins(5);

pub(in crate::server) static MIGRATIONS: Migrations = Migrations {
    schema: "keyfold_passkeys",
    sqlite: sqlx::migrate!("src/server/passkeys/migrations/sqlite"),
    postgres: sqlx::migrate!("src/server/passkeys/migrations/postgres"),
};

/// The passkey service.
#[derive(Debug, Clone)]
pub struct Passkeys {
    database: Database,
    clock: Clock,
    steadiness: Steadiness,
    chance: Chance,
    notes: api_key::Notes,
    /// What runs on when the call that began it is over.
    tasks: TaskTracker,
}

impl Passkeys {
    /// Opens the database of the service.
    pub async fn open(
        location: &Location,
        clock: Clock,
        chance: Chance,
        tasks: TaskTracker,
    ) -> Result<Self, OpenError> {
        let database = Database::open(location, &MIGRATIONS).await?;
        let passkeys = Self::of(database, clock, chance, tasks);
        let unusable = |source| OpenError::Unusable { database: location.to_string(), source };
        passkeys.make_first_signing_key().await.map_err(unusable)?;
        Ok(passkeys)
    }

    /// A service that lives in memory: for tests.
    #[cfg(test)]
    pub(crate) async fn in_memory(clock: Clock, chance: Chance, tasks: TaskTracker) -> Self {
        let database = Database::in_memory(&MIGRATIONS).await;
        let passkeys = Self::of(database, clock, chance, tasks);
        passkeys.make_first_signing_key().await.expect("memory is there");
        passkeys
    }

    fn of(database: Database, clock: Clock, chance: Chance, tasks: TaskTracker) -> Self {
        let (notes, steadiness) = (api_key::Notes::default(), Steadiness::of(&clock));
        Self { database, clock, steadiness, chance, notes, tasks }
    }

    /// The database, for whoever watches over it.
    pub fn database(&self) -> &Database {
        &self.database
    }
}
