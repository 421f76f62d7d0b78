//! Keyfold's own pages under another RP ID than before, and what would be lost with it.
//!
//! Decision: each passkey keeps the RP ID that it is bound to (WebAuthn Level 3, §4). The operator accepts
//! the loss of those of one domain, by its name: what was accepted once accepts nothing later.

use sqlx::FromRow;
use thiserror::Error;

use super::relying_party::OWN;
use super::{Error, Passkeys, RelyingParty, UserHandle};
use crate::server::database::{On, Transaction, sql};

/// Passkeys of this site that nobody can use on it any more.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Stranded {
    /// The domain that they are bound to.
    pub rp_id: String,
    /// How many there are.
    pub passkeys: i64,
    /// Of how many users.
    pub users: i64,
    /// How many of these have no passkey that still works.
    pub shut_out: i64,
}

/// Why the pages of this site were not made known.
#[derive(Debug, Error)]
pub enum NotAdmitted {
    /// There are passkeys of another RP ID.
    #[error("{}", tell(now, stranded))]
    Stranding {
        /// The RP ID of the public URL.
        now: String,
        /// What is bound to others that may not be left behind.
        stranded: Vec<Stranded>,
    },
    /// The service failed.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<sqlx::Error> for NotAdmitted {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error.into())
    }
}

fn tell(now: &str, stranded: &[Stranded]) -> String {
    let part = |Stranded { rp_id, passkeys, users, shut_out }: &Stranded| {
        format!(
            "\n  {} of {} bound to {rp_id}; {shut_out} of these users could not sign in any more",
            counted(*passkeys, "passkey"),
            counted(*users, "user"),
        )
    };
    let parts: String = stranded.iter().map(part).collect();
    format!("the public URL would strand passkeys: they belong to another host than {now}{parts}")
}

/// Such as "1 user" and "2 users".
fn counted(count: i64, what: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {what}{ending}")
}

/// Of each other domain that passkeys of this relying party are bound to.
const STRANDED: &str = "select bound.rp_id, count(*) as passkeys,
        count(distinct bound.user_handle) as users,
        count(distinct case when not exists (select 1 from credentials as other
                where other.relying_party = $1 and other.user_handle = bound.user_handle
                  and other.rp_id = $2)
            then bound.user_handle end) as shut_out
    from credentials as bound where bound.relying_party = $1 and bound.rp_id <> $2
    group by bound.rp_id order by bound.rp_id";

/// Everybody with a passkey.
const HOLDERS: &str = "select user_handle, count(*) as passkeys
    from credentials where relying_party = $1 group by user_handle order by user_handle";

impl Passkeys {
    /// Makes Keyfold's own pages known, or brings what is known of them up to date; not where that
    /// strands passkeys of an RP ID that is not among those accepted.
    pub async fn admit(&self, own: &RelyingParty, accepted: &[String]) -> Result<(), NotAdmitted> {
        let mut transaction = self.database.begin().await?;
        bind_to_what_they_were_made_for(&mut transaction).await?;
        let mut stranded = find(&mut transaction, own).await?;
        stranded.retain(|stranded| !accepted.contains(&stranded.rp_id));
        if !stranded.is_empty() {
            return Err(NotAdmitted::Stranding { now: own.rp_id().to_owned(), stranded });
        }
        self.bring_up_to_date(&mut transaction, own).await?;
        Ok(transaction.commit().await?)
    }

    /// Whether this person has a passkey that opens anything: none that is stranded, and none that does not
    /// count yet.
    pub async fn has_one_that_works(
        &self,
        party: &RelyingParty,
        user: &UserHandle,
    ) -> Result<bool, Error> {
        let select = "select exists (select 1 from credentials
            where relying_party = $1 and user_handle = $2 and coalesce(rp_id, $3) = $3
              and unsettled_ceremony is null)";
        let query = sql::query_scalar(select).bind(party.id()).bind(user.as_bytes());
        Ok(query.bind(party.rp_id()).fetch_one(self.database.reader()).await?)
    }

    /// The passkeys of this site that its RP ID strands, accepted or not.
    pub async fn stranded(&self, own: &RelyingParty) -> Result<Vec<Stranded>, Error> {
        let mut transaction = self.database.begin().await?;
        bind_to_what_they_were_made_for(&mut transaction).await?;
        let stranded = find(&mut transaction, own).await?;
        transaction.rollback().await?;
        Ok(stranded)
    }
}

/// A user, and how many passkeys are theirs.
#[derive(Debug, FromRow)]
struct Holder {
    user_handle: Vec<u8>,
    passkeys: i64,
}

impl Passkeys {
    /// Whoever has a passkey of this relying party, and how many.
    pub async fn holders(&self, party: &RelyingParty) -> Result<Vec<(UserHandle, i64)>, Error> {
        let query = sql::query_as::<Holder>(HOLDERS).bind(party.id());
        let rows = query.fetch_all(self.database.reader()).await?;
        let holders = rows.into_iter();
        Ok(holders
            .filter_map(|row| Some((UserHandle::from_bytes(row.user_handle)?, row.passkeys)))
            .collect())
    }
}

/// A passkey that does not say what it is bound to was made by a version that knew of no change: then it
/// is what the pages were known under until now.
async fn bind_to_what_they_were_made_for(
    transaction: &mut Transaction<'static>,
) -> Result<(), sqlx::Error> {
    let update = "update credentials
        set rp_id = (select rp_id from relying_parties where id = $1)
        where relying_party = $1 and rp_id is null";
    sql::query(update).bind(OWN).execute(transaction).await?;
    Ok(())
}

async fn find(on: impl Into<On<'_>>, own: &RelyingParty) -> Result<Vec<Stranded>, sqlx::Error> {
    let query = sql::query_as::<Stranded>(STRANDED).bind(own.id()).bind(own.rp_id());
    query.fetch_all(on).await
}
