//! Looking after the passkeys that a person has.

use super::credential::{CredentialId, UserHandle};
use super::{Error, Passkeys, RelyingParty};
use crate::server::database::{Transaction, sql};

/// What became of a passkey that was to be removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removal {
    /// It is gone.
    Removed,
    /// It is the only one, and stays.
    IsTheLast,
    /// This person has no such passkey.
    NotFound,
}

impl Passkeys {
    /// Gives a passkey a name of its owner's choice, or takes it away; false where they have no such passkey.
    pub async fn rename(
        &self,
        party: &RelyingParty,
        user: &UserHandle,
        id: &CredentialId,
        name: Option<&str>,
    ) -> Result<bool, Error> {
        let update = "update credentials set name = $1
            where relying_party = $2 and user_handle = $3 and credential_id = $4";
        let query = sql::query(update).bind(name).bind(party.id()).bind(user.as_bytes());
        let done = query.bind(&id.0).execute(self.database.writer()).await?;
        Ok(done.rows_affected() == 1)
    }

    /// Whether this person has this passkey, now.
    pub async fn is_there(
        &self,
        party: &RelyingParty,
        user: &UserHandle,
        passkey: &str,
    ) -> Result<bool, Error> {
        let Some(id) = CredentialId::parse(passkey) else { return Ok(false) };
        Ok(self.stored_key(party, user, &id.0).await?.is_some())
    }

    /// Removes a passkey. The last one that works goes only where the caller knows another way in; of two
    /// removals at once one sees that the other was first.
    pub async fn remove(
        &self,
        party: &RelyingParty,
        user: &UserHandle,
        id: &CredentialId,
        the_last_too: bool,
    ) -> Result<Removal, Error> {
        let mut transaction = self.database.begin().await?;
        // One that is bound to another RP ID opens nothing here.
        let all = "select credential_id, coalesce(rp_id, $3) = $3 as works
            from credentials where relying_party = $1 and user_handle = $2
              and unsettled_ceremony is null";
        let query = sql::query_as(all).bind(party.id()).bind(user.as_bytes()).bind(party.rp_id());
        let all: Vec<(Vec<u8>, bool)> = query.fetch_all(&mut transaction).await?;
        let Some((_, works)) = all.iter().find(|(one, _)| *one == id.0) else {
            return Ok(Removal::NotFound);
        };
        let is_another_way_in = |(one, opens): &(Vec<u8>, bool)| *one != id.0 && (*opens || !works);
        if !the_last_too && !all.iter().any(is_another_way_in) {
            return Ok(Removal::IsTheLast);
        }
        let delete = "delete from credentials
            where relying_party = $1 and user_handle = $2 and credential_id = $3";
        let query = sql::query(delete).bind(party.id()).bind(user.as_bytes()).bind(&id.0);
        query.execute(&mut transaction).await?;
        self.note_removal(&mut transaction, party, Some(user), Some(id)).await?;
        transaction.commit().await?;
        Ok(Removal::Removed)
    }

    /// Removes all passkeys of a person whose account is gone.
    pub async fn remove_all(&self, party: &RelyingParty, user: &UserHandle) -> Result<(), Error> {
        let mut transaction = self.database.begin().await?;
        self.forget(&mut transaction, party, user).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Ends all that is there of a person, and takes them out of the past.
    pub(super) async fn forget(
        &self,
        transaction: &mut Transaction<'static>,
        party: &RelyingParty,
        user: &UserHandle,
    ) -> Result<(), Error> {
        let statements = [
            "delete from credentials where relying_party = $1 and user_handle = $2",
            "delete from ceremonies
            where relying_party = $1 and user_handle = $2 and taken_at is null",
            "update ceremonies set user_handle = null where relying_party = $1 and user_handle = $2",
        ];
        for statement in statements {
            let query = sql::query(statement).bind(party.id()).bind(user.as_bytes());
            query.execute(&mut *transaction).await?;
        }
        Self::withdraw_registration_tokens(transaction, party, user).await?;
        Self::forget_in_events(transaction, party, user).await
    }

    /// Whether this passkey is in any account that browsers cannot tell from this relying party's: those
    /// of every relying party with its RP ID.
    pub(super) async fn is_known_to_browsers(
        &self,
        party: &RelyingParty,
        id: &CredentialId,
    ) -> Result<bool, Error> {
        let known = "select exists (select 1 from credentials join relying_parties
            on relying_parties.id = credentials.relying_party
            where relying_parties.rp_id = $1 and credential_id = $2)";
        let query = sql::query_scalar(known).bind(party.rp_id()).bind(&id.0);
        Ok(query.fetch_one(self.database.reader()).await?)
    }

    /// Whether anybody has a passkey of this site's own pages that counts.
    pub async fn has_own_users(&self) -> Result<bool, Error> {
        // Asked at the start, where the user database may be lost.
        let anybody = "select exists (select 1 from credentials where unsettled_ceremony is null and relying_party = $1)";
        let query = sql::query_scalar(anybody).bind(super::relying_party::OWN);
        Ok(query.fetch_one(self.database.reader()).await?)
    }

    /// Whose passkey this is; None where it is nobody's.
    pub async fn holder(
        &self,
        party: &RelyingParty,
        id: &CredentialId,
    ) -> Result<Option<UserHandle>, Error> {
        // The one question that is not asked about one person's passkeys.
        let holder =
            "select user_handle from credentials where relying_party = $1 and credential_id = $2";
        let query = sql::query_scalar(holder).bind(party.id()).bind(&id.0);
        let holder: Option<Vec<u8>> = query.fetch_optional(self.database.reader()).await?;
        Ok(holder.and_then(UserHandle::from_bytes))
    }
}

/// Who has a passkey of this site's own pages, and since when.
pub(in crate::server) async fn handles_of_own_site(
    on: &mut Transaction<'_>,
) -> Result<Vec<(Vec<u8>, i64)>, sqlx::Error> {
    let select = "select user_handle, min(created_at) from credentials where relying_party = $1
        group by user_handle";
    sql::query_as(select).bind(super::relying_party::OWN).fetch_all(on).await
}
