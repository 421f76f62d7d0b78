//! The passkeys of all relying parties, as the operator looks through them.
//!
//! It reads, and nothing else: whatever changes a passkey names its owner.

use sqlx::FromRow;
use uuid::Uuid;

use super::authenticators::name_of_authenticator;
use super::{CredentialId, Error, Passkeys, UserHandle};
use crate::server::clock::Timestamp;
use crate::server::database::sql;

/// Whose passkeys; None is everybody's.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    /// Those of one relying party.
    pub relying_party: Option<String>,
    /// Those of one person: by the id that a back end has for them.
    pub external_id: Option<String>,
    /// The same person, or another, by handle. Without an external id it is not looked at.
    pub user: Option<UserHandle>,
    /// Those of one provider, or model of authenticator.
    pub aaguid: Option<Uuid>,
}

/// A passkey, and whose it is.
#[derive(Debug, Clone)]
pub struct Surveyed {
    /// Names it.
    pub id: CredentialId,
    /// The relying party that it is for.
    pub relying_party: String,
    /// Whose it is.
    pub user: UserHandle,
    /// The same in the words of the back end.
    pub external_id: Option<String>,
    /// What its owner calls it.
    pub name: Option<String>,
    /// Where it is kept, where that is known.
    pub authenticator: Option<&'static str>,
    /// The model of the authenticator, or the provider.
    pub aaguid: Uuid,
    /// Whether it can be on more than one device, and is.
    pub backup: (bool, bool),
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it last signed somebody in.
    pub last_used_at: Option<Timestamp>,
}

/// How many passkeys one provider keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The provider, or the model of authenticator.
    pub aaguid: Uuid,
    /// Its name, where that is known.
    pub authenticator: Option<&'static str>,
    /// How many.
    pub passkeys: i64,
}

#[derive(Debug, FromRow)]
struct SurveyedRow {
    credential_id: Vec<u8>,
    relying_party: String,
    user_handle: Vec<u8>,
    external_id: Option<String>,
    name: Option<String>,
    aaguid: Vec<u8>,
    backup_eligible: bool,
    backup_state: bool,
    created_at: i64,
    last_used_at: Option<i64>,
}

impl SurveyedRow {
    fn surveyed(self) -> Option<Surveyed> {
        Some(Surveyed {
            id: CredentialId(self.credential_id),
            relying_party: self.relying_party,
            user: UserHandle::from_bytes(self.user_handle)?,
            external_id: self.external_id,
            name: self.name,
            authenticator: name_of_authenticator(&self.aaguid),
            aaguid: Uuid::from_slice(&self.aaguid).unwrap_or_default(),
            backup: (self.backup_eligible, self.backup_state),
            created_at: Timestamp::from_milliseconds(self.created_at),
            last_used_at: self.last_used_at.map(Timestamp::from_milliseconds),
        })
    }
}

macro_rules! surveyed {
    () => {
        " from credentials left join users
            on users.relying_party = credentials.relying_party
                and users.user_handle = credentials.user_handle
        where ($1 is null or credentials.relying_party = $1)
            and ($2 is null or users.external_id = $2 or credentials.user_handle = $3)
            and ($4 is null or credentials.aaguid = $4)"
    };
}

impl Survey {
    fn user(&self) -> Option<&[u8]> {
        self.user.as_ref().map(UserHandle::as_bytes)
    }

    fn aaguid(&self) -> Option<&[u8]> {
        self.aaguid.as_ref().map(|aaguid| aaguid.as_bytes().as_slice())
    }
}

impl Passkeys {
    /// Passkeys, newest first: at most `limit`, of those that come after the one that was `after` in
    /// this order.
    pub async fn survey(
        &self,
        survey: &Survey,
        after: Option<(Timestamp, &CredentialId)>,
        limit: u32,
    ) -> Result<Vec<Surveyed>, Error> {
        let select = concat!(
            "select credentials.credential_id, credentials.relying_party, credentials.user_handle,
                users.external_id, credentials.name, credentials.aaguid,
                credentials.backup_eligible, credentials.backup_state, credentials.created_at,
                credentials.last_used_at",
            surveyed!(),
            " and (credentials.created_at < $5
                or (credentials.created_at = $5 and credentials.credential_id > $6))
            order by credentials.created_at desc, credentials.credential_id limit $7"
        );
        let (time, id) = after
            .map_or((i64::MAX, [].as_slice()), |(time, id)| (time.milliseconds(), id.0.as_slice()));
        let query = sql::query_as::<SurveyedRow>(select).bind(survey.relying_party.as_deref());
        let query = query.bind(survey.external_id.as_deref()).bind(survey.user());
        let query = query.bind(survey.aaguid()).bind(time).bind(id).bind(i64::from(limit));
        let rows = query.fetch_all(self.database.reader()).await?;
        Ok(rows.into_iter().filter_map(SurveyedRow::surveyed).collect())
    }

    /// How many of them each provider keeps, most first.
    pub async fn kept_by(&self, survey: &Survey) -> Result<Vec<Kept>, Error> {
        let select = concat!(
            "select credentials.aaguid, count(*)",
            surveyed!(),
            " group by 1 order by 2 desc, 1"
        );
        let query = sql::query_as(select).bind(survey.relying_party.as_deref());
        let query = query.bind(survey.external_id.as_deref()).bind(survey.user());
        let rows: Vec<(Vec<u8>, i64)> =
            query.bind(survey.aaguid()).fetch_all(self.database.reader()).await?;
        let kept = rows.into_iter().map(|(aaguid, passkeys)| Kept {
            authenticator: name_of_authenticator(&aaguid),
            aaguid: Uuid::from_slice(&aaguid).unwrap_or_default(),
            passkeys,
        });
        Ok(kept.collect())
    }
}
