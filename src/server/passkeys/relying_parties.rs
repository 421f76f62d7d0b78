//! The relying parties that there are, as the operator looks after them.
//!
//! Decision: Keyfold's own pages are written here by the server alone, and are in nobody's reach: what
//! is listed, changed, removed or spoken for is always another one.

use sqlx::FromRow;
use thiserror::Error;

use super::relying_party::{ATTESTATION, OWN};
use super::{Error, Passkeys, RelyingParty, Settings, SettingsError, UserVerification};
use crate::server::clock::Timestamp;
use crate::server::database::{On, Transaction, sql};

/// What goes with a relying party, in the tables that do not let go of it by themselves
/// (`on delete cascade`).
const BELONGINGS: [&str; 2] = [
    "delete from credentials where relying_party = $1",
    "delete from ceremonies where relying_party = $1",
];

/// A relying party of the operator's.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// The relying party.
    pub party: RelyingParty,
    /// When it was created.
    pub created_at: Timestamp,
}

/// What is to be different; None stays as it is.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Another name.
    pub name: Option<String>,
    /// All the origins from now on.
    pub origins: Option<Vec<String>>,
    /// More or less strictness.
    pub user_verification: Option<UserVerification>,
}

/// Why a relying party was not changed.
#[derive(Debug, Error)]
pub enum ChangeError {
    /// There is none with this id.
    #[error("there is no relying party with the id {0:?}")]
    NotFound(String),
    /// It cannot be like this.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The service failed.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<sqlx::Error> for ChangeError {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error.into())
    }
}

#[derive(Debug, FromRow)]
pub(super) struct TenantRow {
    id: String,
    name: String,
    rp_id: String,
    origins: String,
    user_verification: String,
    created_at: i64,
}

impl TryFrom<TenantRow> for Tenant {
    type Error = Error;

    fn try_from(row: TenantRow) -> Result<Self, Error> {
        let unreadable = |what| Error::Internal(format!("the {what} of {} cannot be read", row.id));
        let origins = serde_json::from_str(&row.origins).map_err(|_| unreadable("origins"))?;
        let user_verification = UserVerification::parse(&row.user_verification)
            .ok_or_else(|| unreadable("user verification"))?;
        let created_at = Timestamp::from_milliseconds(row.created_at);
        let party = RelyingParty::stored(row.id, row.name, row.rp_id, origins, user_verification);
        Ok(Self { party, created_at })
    }
}

fn as_json(origins: &[String]) -> String {
    serde_json::json!(origins).to_string()
}

async fn insert(
    on: impl Into<On<'_>>,
    statement: &'static str,
    party: &RelyingParty,
    created_at: Timestamp,
) -> Result<(), Error> {
    let query = sql::query(statement).bind(party.id()).bind(party.rp_id()).bind(party.name());
    let query = query.bind(as_json(party.origins())).bind(party.user_verification().code());
    let query = query.bind(ATTESTATION).bind(created_at.milliseconds());
    query.execute(on).await?;
    Ok(())
}

impl Passkeys {
    /// Writes down what Keyfold's own pages are now.
    pub(super) async fn bring_up_to_date(
        &self,
        transaction: &mut Transaction<'static>,
        own: &RelyingParty,
    ) -> Result<(), Error> {
        let statement = "insert into relying_parties
            (id, rp_id, name, origins, user_verification, attestation, created_at)
            values ($1, $2, $3, $4, $5, $6, $7)
            on conflict (id) do update set rp_id = excluded.rp_id, name = excluded.name,
                origins = excluded.origins, user_verification = excluded.user_verification,
                attestation = excluded.attestation";
        insert(transaction, statement, own, self.clock.now()).await
    }

    /// Creates a relying party.
    pub async fn create_relying_party(&self, settings: Settings) -> Result<Tenant, Error> {
        let party = RelyingParty::of(format!("rp_{}", self.chance.id()), settings);
        let statement = "insert into relying_parties
            (id, rp_id, name, origins, user_verification, attestation, created_at)
            values ($1, $2, $3, $4, $5, $6, $7)";
        let created_at = self.clock.now();
        insert(self.database.writer(), statement, &party, created_at).await?;
        Ok(Tenant { party, created_at })
    }

    /// All of them, the oldest first.
    pub async fn relying_parties(&self) -> Result<Vec<Tenant>, Error> {
        let select = "select id, name, rp_id, origins, user_verification, created_at
            from relying_parties where id <> $1 order by created_at, id";
        let query = sql::query_as::<TenantRow>(select).bind(OWN);
        let rows = query.fetch_all(self.database.reader()).await?;
        rows.into_iter().map(Tenant::try_from).collect()
    }

    /// The one with this id; None for Keyfold's own pages.
    pub async fn tenant(&self, id: &str) -> Result<Option<Tenant>, Error> {
        Self::find_tenant(self.database.reader(), id).await
    }

    async fn find_tenant<'a>(
        database: impl Into<On<'a>>,
        id: &str,
    ) -> Result<Option<Tenant>, Error> {
        let select = "select id, name, rp_id, origins, user_verification, created_at
            from relying_parties where id = $1 and id <> $2";
        let query = sql::query_as::<TenantRow>(select).bind(id).bind(OWN);
        query.fetch_optional(database).await?.map(Tenant::try_from).transpose()
    }

    /// The relying party with this id, for its ceremonies; None for Keyfold's own pages.
    pub async fn relying_party(&self, id: &str) -> Result<Option<RelyingParty>, Error> {
        Ok(self.tenant(id).await?.map(|tenant| tenant.party))
    }

    /// Changes what may change: never the RP ID, which passkeys are bound to.
    pub async fn change_relying_party(
        &self,
        id: &str,
        changes: Changes,
    ) -> Result<Tenant, ChangeError> {
        let mut transaction = self.database.begin().await?;
        let found = Self::find_tenant(&mut transaction, id).await?;
        let Tenant { party, created_at } =
            found.ok_or_else(|| ChangeError::NotFound(id.to_owned()))?;
        let settings = Settings::new(
            changes.name.as_deref().unwrap_or(party.name()),
            party.rp_id(),
            changes.origins.as_deref().unwrap_or(party.origins()),
            changes.user_verification.unwrap_or(party.user_verification()),
            party.attestation(),
        )?;
        let party = RelyingParty::of(id.to_owned(), settings);
        let update = "update relying_parties
            set name = $1, origins = $2, user_verification = $3 where id = $4";
        let query = sql::query(update).bind(party.name()).bind(as_json(party.origins()));
        let query = query.bind(party.user_verification().code()).bind(id);
        query.execute(&mut transaction).await?;
        transaction.commit().await?;
        Ok(Tenant { party, created_at })
    }

    /// How many passkeys a relying party has, of all its users together.
    pub async fn count_passkeys(&self, party: &RelyingParty) -> Result<i64, Error> {
        let count = "select count(*) from credentials where relying_party = $1";
        let query = sql::query_scalar(count).bind(party.id());
        Ok(query.fetch_one(self.database.reader()).await?)
    }

    /// Removes a relying party with everything that belongs to it, and says how many passkeys that
    /// were; None where there is none with this id.
    pub async fn remove_relying_party(&self, id: &str) -> Result<Option<i64>, Error> {
        let mut transaction = self.database.begin().await?;
        if Self::find_tenant(&mut transaction, id).await?.is_none() {
            return Ok(None);
        }
        let count = "select count(*) from credentials where relying_party = $1";
        let passkeys = sql::query_scalar(count).bind(id).fetch_one(&mut transaction).await?;
        for statement in BELONGINGS {
            sql::query(statement).bind(id).execute(&mut transaction).await?;
        }
        let delete = "delete from relying_parties where id = $1";
        sql::query(delete).bind(id).execute(&mut transaction).await?;
        transaction.commit().await?;
        Ok(Some(passkeys))
    }
}
