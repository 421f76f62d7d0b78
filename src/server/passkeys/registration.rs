//! Registering a passkey (WebAuthn Level 3, §7.1).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use webauthn_rs_core::proto::{AttestationConveyancePreference, COSEAlgorithm, RegistrationState};
use webauthn_rs_core::proto::{RequestRegistrationExtensions, UserVerificationPolicy};

use super::ceremony::{Begun, Binding, Pending, Taken};
use super::credential::{CredentialId, UserHandle};
use super::error::Unverified;
use super::gate::{self, Attested};
use super::refused::{Procedure, Reason, Refused};
use super::{Error, Passkeys, RelyingParty};
use crate::wire::CeremonyId;

/// What a device shows beside the passkey. It goes into the options and is not kept.
#[derive(Debug, Clone, Copy)]
pub struct Label<'a> {
    /// `user.name` (§5.4.1): tells accounts apart.
    pub name: &'a str,
    /// `user.displayName` (§5.4.3): how the person wants to be called.
    pub display_name: &'a str,
}

/// The proof that a passkey was registered. Whoever holds it may create the account, once.
#[derive(Debug)]
pub struct Registered {
    ceremony: CeremonyId,
    user: UserHandle,
    credential: CredentialId,
}

impl Registered {
    /// What the service calls the new passkey.
    pub fn passkey(&self) -> String {
        self.credential.to_string()
    }

    /// The ceremony in which it happened.
    pub fn ceremony(&self) -> &CeremonyId {
        &self.ceremony
    }

    /// Whose passkey it is.
    pub fn user(&self) -> &UserHandle {
        &self.user
    }
}

/// What a registration is for. What has to be shown before it begins, and what stands behind its end,
/// differs: one that was begun for one purpose is never finished for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The first passkey of an account that comes to be with it.
    NewAccount,
    /// One more passkey, for whoever is signed in.
    AnotherPasskey,
    /// One more passkey, on a device that was let in.
    AnotherDevice,
    /// The passkey with which somebody comes back.
    Recovery,
}

impl Purpose {
    /// As the table says it.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::NewAccount => "new account",
            Self::AnotherPasskey => "another passkey",
            Self::AnotherDevice => "another device",
            Self::Recovery => "recovery",
        }
    }
}

impl Passkeys {
    /// A handle for a person who has none yet.
    pub fn new_user_handle(&self) -> UserHandle {
        UserHandle::new(self.chance.bytes::<32>())
    }

    /// Begins the registration of a passkey for this person.
    pub async fn begin_registration(
        &self,
        party: &RelyingParty,
        purpose: Purpose,
        user: &UserHandle,
        label: Label<'_>,
        binding: &Binding,
    ) -> Result<Begun, Error> {
        let existing = self.credential_ids(party, user).await?;
        let (options, challenge, state) = registration_options(party, user, label, existing)?;
        let pending = Pending {
            procedure: Procedure::Registration,
            purpose: Some(purpose),
            binding,
            user_handle: Some(user),
            challenge,
            state,
            options,
        };
        self.remember(party, pending).await
    }

    /// Takes the ceremony, verifies the answer (a `RegistrationResponseJSON`) and stores the passkey.
    pub async fn finish_registration(
        &self,
        party: &RelyingParty,
        purpose: Purpose,
        id: &CeremonyId,
        binding: &Binding,
        answer: &str,
    ) -> Result<Registered, Error> {
        let taken = self.take(party, (Procedure::Registration, Some(purpose)), id, binding).await?;
        let user = taken.user_handle.clone().and_then(UserHandle::from_bytes);
        let user = user.ok_or_else(|| Error::Internal("a registration is for nobody".into()))?;
        match self.register(party, &taken, &user, answer).await {
            Ok(credential) => Ok(Registered { ceremony: CeremonyId(taken.id), user, credential }),
            Err(unverified) => Err(self.conclude(&taken, unverified).await),
        }
    }

    async fn register(
        &self,
        party: &RelyingParty,
        taken: &Taken,
        user: &UserHandle,
        answer: &str,
    ) -> Result<CredentialId, Unverified> {
        let attested = gate::registration(answer, &party.expects(&taken.challenge))?;
        let state: RegistrationState = serde_json::from_str(&taken.state).map_err(internal)?;
        let verified = party.library().register_credential(&attested.response, &state, None);
        verified.map_err(|error| Refused::from_library(Procedure::Registration, &error))?;
        self.store(party, taken, user, attested).await
    }

    async fn store(
        &self,
        party: &RelyingParty,
        taken: &Taken,
        user: &UserHandle,
        attested: Attested,
    ) -> Result<CredentialId, Unverified> {
        let transports = serde_json::to_string(&attested.transports).map_err(internal)?;
        let mut transaction = self.database.begin().await?;
        let insert = "insert into credentials
            (relying_party, credential_id, user_handle, public_key, algorithm, aaguid, transports, discoverable,
             backup_eligible, backup_state, sign_count, created_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            on conflict (relying_party, credential_id) do nothing returning credential_id";
        let query = sqlx::query_scalar(insert)
            .bind(party.id())
            .bind(&attested.credential_id)
            .bind(user.as_bytes());
        let query =
            query.bind(&attested.public_key).bind(attested.algorithm).bind(&attested.aaguid[..]);
        let query = query.bind(transports).bind(attested.discoverable);
        let query = query.bind(attested.backup_eligible).bind(attested.backup_state);
        let query =
            query.bind(i64::from(attested.sign_count)).bind(self.clock.now().milliseconds());
        let Some(credential) = query.fetch_optional(&mut *transaction).await? else {
            let detail = "the credential id is registered already";
            let reason = Reason::CredentialAlreadyRegistered;
            return Err(Refused::new(reason, "7.1 step 26", detail).into());
        };
        Self::record_verified(&mut transaction, taken).await?;
        transaction.commit().await?;
        Ok(CredentialId(credential))
    }

    /// Undoes a registration for which no account came to be.
    pub async fn withdraw(
        &self,
        party: &RelyingParty,
        registered: Registered,
    ) -> Result<(), Error> {
        let delete = "delete from credentials where relying_party = $1 and credential_id = $2 and user_handle = $3";
        let query = sqlx::query(delete).bind(party.id()).bind(registered.credential.0);
        query.bind(registered.user.as_bytes()).execute(self.database.writer()).await?;
        Ok(())
    }
}

/// The options for the browser, the challenge in them, and what the library must remember.
fn registration_options(
    party: &RelyingParty,
    user: &UserHandle,
    label: Label<'_>,
    existing: Vec<Vec<u8>>,
) -> Result<(String, String, String), Error> {
    let builder = party.library().new_challenge_register_builder(
        user.as_bytes(),
        label.name,
        label.display_name,
    );
    let builder = builder
        .map_err(internal)?
        .attestation(AttestationConveyancePreference::None)
        .user_verification_policy(UserVerificationPolicy::Required)
        .require_resident_key(true)
        .credential_algorithms(vec![COSEAlgorithm::ES256, COSEAlgorithm::RS256])
        .exclude_credentials(Some(existing))
        .extensions(Some(RequestRegistrationExtensions { uvm: None, ..Default::default() }));
    let (options, state) =
        party.library().generate_challenge_register(builder).map_err(internal)?;
    let challenge = challenge_text(&options.public_key.challenge);
    let options = serde_json::to_string(&options.public_key).map_err(internal)?;
    Ok((options, challenge, serde_json::to_string(&state).map_err(internal)?))
}

pub(super) fn internal(error: impl std::fmt::Display) -> Error {
    Error::Internal(error.to_string())
}

/// A challenge as browsers write it into the client data (§5.8.1).
pub(super) fn challenge_text(challenge: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(challenge)
}
