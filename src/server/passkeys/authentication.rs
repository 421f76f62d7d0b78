//! Verifying who somebody is by a passkey (WebAuthn Level 3, §7.2).
//!
//! One kind of ceremony serves the button and autofill alike: the list of allowed credentials is
//! empty, the device offers what it has, and the answer says whose it is.

use webauthn_rs_core::proto::{AllowCredentials, AuthenticationState};

use super::binding::Binding;
use super::ceremony::{Begun, Passed, Pending, Taken, count_verified, timed};
use super::credential::{Credential, CredentialId, StoredKey, UserHandle};
use super::error::Unverified;
use super::gate::{self, Asserted};
use super::refused::{Procedure, Reason, Refused};
use super::registration::{challenge_text, internal};
use super::{Error, Passkeys, RelyingParty};
use crate::server::database::sql;
use crate::wire::CeremonyId;

/// The proof that somebody answered with their passkey. Whoever holds it may open a session, once.
#[derive(Debug)]
pub struct Authenticated {
    reference: String,
    user: UserHandle,
    credential: CredentialId,
    from_other_device: bool,
    user_verified: bool,
    unsettled: Option<CeremonyId>,
}

impl Authenticated {
    /// Who it was.
    pub fn user(&self) -> &UserHandle {
        &self.user
    }

    /// Finds the record of the ceremony.
    pub fn reference(&self) -> &str {
        &self.reference
    }

    /// Whether the authenticator verified the user; it has to unless the relying party says otherwise.
    pub fn is_user_verified(&self) -> bool {
        self.user_verified
    }

    /// The passkey that answered.
    pub fn credential(&self) -> &CredentialId {
        &self.credential
    }

    /// The ceremony that the passkey came of, where it does not count yet: it may open nothing then.
    pub fn unsettled(&self) -> Option<&CeremonyId> {
        self.unsettled.as_ref()
    }

    /// What the service calls the passkey that answered.
    pub fn passkey(&self) -> String {
        self.credential.to_string()
    }

    /// Whether it answered from another device than the browser's, such as a phone (hybrid transport).
    pub fn is_from_other_device(&self) -> bool {
        self.from_other_device
    }
}

/// A refused answer, and whose passkey it claimed to be, whether that exists or not.
#[derive(Debug)]
pub struct Failed {
    /// What went wrong.
    pub error: Error,
    /// The account that was aimed at, for the limit on tries.
    pub aimed_at: Option<UserHandle>,
}

impl<E: Into<Error>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self { error: error.into(), aimed_at: None }
    }
}

impl Passkeys {
    /// Begins an authentication of whoever will answer.
    pub async fn begin_authentication(
        &self,
        party: &RelyingParty,
        binding: &Binding,
    ) -> Result<Begun, Error> {
        self.begin_with(party, None, Vec::new(), binding).await
    }

    /// Begins an authentication of this person, who must answer with one of their passkeys; None where
    /// they have none.
    pub async fn begin_authentication_of(
        &self,
        party: &RelyingParty,
        user: &UserHandle,
        binding: &Binding,
    ) -> Result<Option<Begun>, Error> {
        let allowed = self.credentials(party, user).await?;
        if allowed.is_empty() {
            return Ok(None);
        }
        let allowed = allowed.iter().map(Credential::as_allowed).collect();
        self.begin_with(party, Some(user), allowed, binding).await.map(Some)
    }

    async fn begin_with(
        &self,
        party: &RelyingParty,
        user_handle: Option<&UserHandle>,
        allowed: Vec<AllowCredentials>,
        binding: &Binding,
    ) -> Result<Begun, Error> {
        let (options, challenge, state) = authentication_options(party, allowed)?;
        let procedure = Procedure::Authentication;
        let pending = Pending {
            procedure,
            purpose: None,
            binding,
            user_handle,
            registration_token: None,
            challenge,
            state,
            options,
        };
        self.remember(party, pending).await
    }

    /// Takes the ceremony and verifies the answer (an `AuthenticationResponseJSON`).
    pub async fn finish_authentication(
        &self,
        party: &RelyingParty,
        id: &CeremonyId,
        binding: &Binding,
        answer: &str,
    ) -> Result<Authenticated, Failed> {
        let procedure = Procedure::Authentication;
        let taken = self.take(party, (procedure, None), id, binding).await?;
        let (user, answer) = match identify(party, &taken, answer) {
            Ok(identified) => identified,
            Err(refused) => {
                let unverified = refused.into();
                let error = self.conclude(party, procedure, &taken, unverified).await;
                return Err(error.into());
            }
        };
        match self.prove(party, &taken, &user, &answer).await {
            Ok(key) => {
                let from_other_device = answer.cross_platform && key.is_hybrid();
                let user_verified = answer.user_verified;
                let credential = CredentialId(answer.credential_id);
                let unsettled = key.unsettled_ceremony.map(CeremonyId);
                Ok(Authenticated {
                    reference: taken.reference,
                    user,
                    credential,
                    from_other_device,
                    user_verified,
                    unsettled,
                })
            }
            Err(unverified) => {
                let error = self.conclude(party, procedure, &taken, unverified).await;
                Err(Failed { error, aimed_at: Some(user) })
            }
        }
    }

    async fn prove(
        &self,
        party: &RelyingParty,
        taken: &Taken,
        user: &UserHandle,
        answer: &Asserted,
    ) -> Result<StoredKey, Unverified> {
        let Some(key) = self.stored_key(party, user, &answer.credential_id).await? else {
            return Err(self.not_theirs(party, taken, answer).await?.into());
        };
        let state: AuthenticationState = serde_json::from_str(&taken.state).map_err(internal)?;
        let credential = key.for_library(party, &answer.credential_id, answer.backup_eligible)?;
        let library = party.library();
        let check =
            || library.authenticate_single_credential(&answer.response, &state, &credential);
        let verified = timed(Procedure::Authentication, check);
        verified.map_err(|error| Refused::from_library(Procedure::Authentication, &error))?;
        self.record_use(party, taken, user, &key, answer).await?;
        Ok(key)
    }

    /// Why the credential is not this person's: where nobody was named, one that somebody has comes with
    /// the wrong user handle, and one that nobody has is unknown. Who was named has no such credential.
    async fn not_theirs(
        &self,
        party: &RelyingParty,
        taken: &Taken,
        answer: &Asserted,
    ) -> Result<Refused, Error> {
        let is_named = taken.user_handle.is_some();
        let id = CredentialId(answer.credential_id.clone());
        let is_anothers = !is_named && self.holder(party, &id).await?.is_some();
        Ok(if is_anothers { handle_mismatch("the credential is another's") } else { NOT_THEIRS })
    }

    /// Reads the credential again, moves its counter and records the use, all or nothing.
    ///
    /// The counter moves in the statement that compares it (§7.2 step 22), so that of two answers
    /// with the same count one is refused.
    async fn record_use(
        &self,
        party: &RelyingParty,
        taken: &Taken,
        user: &UserHandle,
        key: &StoredKey,
        answer: &Asserted,
    ) -> Result<(), Unverified> {
        let mut transaction = self.database.begin_about(user.as_bytes()).await?;
        let update = "update credentials
            set sign_count = $1, backup_eligible = $2, backup_state = $3, last_used_at = $4,
                rp_id = $9
            where relying_party = $5 and credential_id = $6 and user_handle = $7 and public_key = $8
              and (sign_count < $1 or (sign_count = 0 and $1 = 0))";
        let query = sql::query(update).bind(i64::from(answer.sign_count));
        let query = query.bind(answer.backup_eligible).bind(answer.backup_state);
        let query = query
            .bind(self.clock.now().milliseconds())
            .bind(party.id())
            .bind(&answer.credential_id);
        let query = query.bind(user.as_bytes()).bind(&key.public_key).bind(party.rp_id());
        if query.execute(&mut transaction).await?.rows_affected() == 1 {
            let (procedure, credential) = (Procedure::Authentication, &answer.credential_id);
            let passed = Passed { procedure, user, credential, aaguid: &key.aaguid };
            self.record_verified(&mut transaction, party, taken, passed).await?;
            transaction.commit().await?;
            count_verified(Procedure::Authentication);
            return Ok(());
        }
        transaction.rollback().await?;
        let still_there = self.stored_key(party, user, &answer.credential_id).await?.is_some();
        let detail = "the counter did not move forward";
        let rollback = Refused::new(Reason::SignCountRollback, "7.2 step 22", detail);
        Err(if still_there { rollback } else { NOT_THEIRS }.into())
    }
}

/// Whose passkey the answer says it is (§7.2 steps 6 and 7). Nothing is proved yet.
fn identify(
    party: &RelyingParty,
    taken: &Taken,
    answer: &str,
) -> Result<(UserHandle, Asserted), Refused> {
    let answer = gate::authentication(answer, &party.expects(&taken.challenge))?;
    let said = answer.user_handle.clone().and_then(UserHandle::from_bytes);
    let named = taken.user_handle.clone().and_then(UserHandle::from_bytes);
    match (named, said) {
        (None, None) => Err(handle_mismatch("no user handle came along")),
        (Some(named), Some(said)) if named != said => {
            Err(handle_mismatch("the user handle is another's"))
        }
        (Some(user), _) | (None, Some(user)) => Ok((user, answer)),
    }
}

fn handle_mismatch(detail: &'static str) -> Refused {
    Refused::new(Reason::UserHandleMismatch, "7.2 step 6", detail)
}

/// Never was, or was removed meanwhile.
const NOT_THEIRS: Refused =
    Refused::new(Reason::UnknownCredential, "7.2 step 6", "this user has no such credential");

/// The options for the browser, the challenge in them, and what the library must remember.
///
/// The library is not told which credentials are allowed: it would keep copies of them. That the one
/// that answers is the user's is looked up when it has answered.
fn authentication_options(
    party: &RelyingParty,
    allowed: Vec<AllowCredentials>,
) -> Result<(String, String, String), Error> {
    let policy = Some(party.user_verification().for_library());
    let builder =
        party.library().new_challenge_authenticate_builder(Vec::new(), policy).map_err(internal)?;
    let builder = builder.allow_backup_eligible_upgrade(true);
    let (mut options, state) =
        party.library().generate_challenge_authenticate(builder).map_err(internal)?;
    options.public_key.allow_credentials = allowed;
    let challenge = challenge_text(&options.public_key.challenge);
    let options = serde_json::to_string(&options.public_key).map_err(internal)?;
    Ok((options, challenge, serde_json::to_string(&state).map_err(internal)?))
}
