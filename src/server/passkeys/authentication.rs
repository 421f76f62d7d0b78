//! Verifying who somebody is by a passkey (WebAuthn Level 3, §7.2).
//!
//! One kind of ceremony serves the button and autofill alike: the list of allowed credentials is
//! empty, the device offers what it has, and the answer says whose it is.

use webauthn_rs_core::proto::{AuthenticationState, UserVerificationPolicy};

use super::ceremony::{Begun, Binding, Pending, Taken};
use super::credential::{StoredKey, UserHandle};
use super::error::Unverified;
use super::gate::{self, Asserted};
use super::refused::{Procedure, Reason, Refused};
use super::registration::{challenge_text, internal};
use super::{Error, Passkeys, RelyingParty};
use crate::wire::CeremonyId;

/// The proof that somebody answered with their passkey. Whoever holds it may open a session, once.
#[derive(Debug)]
pub struct Authenticated {
    user: UserHandle,
}

impl Authenticated {
    /// Who it was.
    pub fn user(&self) -> &UserHandle {
        &self.user
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
        let (options, challenge, state) = authentication_options(party)?;
        let pending = Pending {
            procedure: Procedure::Authentication,
            binding,
            user_handle: None,
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
        let taken = self.take(party, Procedure::Authentication, id, binding).await?;
        let (user, answer) = match identify(party, &taken, answer) {
            Ok(identified) => identified,
            Err(refused) => return Err(self.conclude(&taken, refused.into()).await.into()),
        };
        match self.prove(party, &taken, &user, &answer).await {
            Ok(()) => Ok(Authenticated { user }),
            Err(unverified) => {
                Err(Failed { error: self.conclude(&taken, unverified).await, aimed_at: Some(user) })
            }
        }
    }

    async fn prove(
        &self,
        party: &RelyingParty,
        taken: &Taken,
        user: &UserHandle,
        answer: &Asserted,
    ) -> Result<(), Unverified> {
        let key = self.stored_key(party, user, &answer.credential_id).await?.ok_or(NOT_THEIRS)?;
        let state: AuthenticationState = serde_json::from_str(&taken.state).map_err(internal)?;
        let credential = key.for_library(&answer.credential_id, answer.backup_eligible)?;
        let library = party.library();
        let verified =
            library.authenticate_single_credential(&answer.response, &state, &credential);
        verified.map_err(|error| Refused::from_library(Procedure::Authentication, &error))?;
        self.record_use(party, taken, user, &key, answer).await
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
        let mut transaction = self.database.begin().await?;
        let update = "update credentials
            set sign_count = $1, backup_eligible = $2, backup_state = $3, last_used_at = $4
            where relying_party = $5 and credential_id = $6 and user_handle = $7 and public_key = $8
              and (sign_count < $1 or (sign_count = 0 and $1 = 0))";
        let query = sqlx::query(update).bind(i64::from(answer.sign_count));
        let query = query.bind(answer.backup_eligible).bind(answer.backup_state);
        let query = query
            .bind(self.clock.now().milliseconds())
            .bind(party.id())
            .bind(&answer.credential_id);
        let query = query.bind(user.as_bytes()).bind(&key.public_key);
        if query.execute(&mut *transaction).await?.rows_affected() == 1 {
            Self::record_verified(&mut transaction, taken).await?;
            transaction.commit().await?;
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
    let user = answer.user_handle.clone().and_then(UserHandle::from_bytes);
    let detail = "no user handle came along";
    let user = user.ok_or(Refused::new(Reason::UserHandleMismatch, "7.2 step 6", detail))?;
    Ok((user, answer))
}

/// Never was, or was removed meanwhile.
const NOT_THEIRS: Refused =
    Refused::new(Reason::UnknownCredential, "7.2 step 6", "this user has no such credential");

/// The options for the browser, the challenge in them, and what the library must remember.
fn authentication_options(party: &RelyingParty) -> Result<(String, String, String), Error> {
    let required = Some(UserVerificationPolicy::Required);
    let builder = party
        .library()
        .new_challenge_authenticate_builder(Vec::new(), required)
        .map_err(internal)?;
    let builder = builder.allow_backup_eligible_upgrade(true);
    let (options, state) =
        party.library().generate_challenge_authenticate(builder).map_err(internal)?;
    let challenge = challenge_text(&options.public_key.challenge);
    let options = serde_json::to_string(&options.public_key).map_err(internal)?;
    Ok((options, challenge, serde_json::to_string(&state).map_err(internal)?))
}
