//! Registering a passkey (WebAuthn Level 3, §7.1).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use webauthn_rs_core::proto::RequestRegistrationExtensions;
use webauthn_rs_core::proto::{AttestationConveyancePreference, COSEAlgorithm, RegistrationState};

use super::authenticators::name_of_authenticator;
use super::binding::Binding;
use super::ceremony::{Begun, Passed, Pending, Taken, count_verified, timed};
use super::credential::{CredentialId, UserHandle};
use super::error::Unverified;
use super::gate::{self, Attested};
use super::purpose::Purpose;
use super::refused::{Procedure, Reason, Refused};
use super::registration_token::{RegistrationGrant, RegistrationTokenId};
use super::{Error, Passkeys, RelyingParty};
use crate::server::database::{Transaction, sql};
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
    aaguid: [u8; 16],
    user_verified: bool,
}

impl Registered {
    /// Where the new passkey is kept; None for what is not known.
    pub fn authenticator(&self) -> Option<&'static str> {
        name_of_authenticator(&self.aaguid)
    }

    /// What the service calls the new passkey.
    pub fn passkey(&self) -> String {
        self.credential.to_string()
    }

    /// The new passkey.
    pub fn credential(&self) -> &CredentialId {
        &self.credential
    }

    /// Whether the authenticator verified the user; it has to unless the relying party says otherwise.
    pub fn is_user_verified(&self) -> bool {
        self.user_verified
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

/// What is to be stored beside what the authenticator says.
struct Wanted<'a> {
    purpose: Purpose,
    user: &'a UserHandle,
    name: Option<&'a str>,
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
        self.begin_registration_by(party, purpose, user, label, binding, None).await
    }

    /// Begins a registration that spends this token when it ends.
    pub async fn begin_registration_with_token(
        &self,
        party: &RelyingParty,
        grant: &RegistrationGrant,
        binding: &Binding,
    ) -> Result<Begun, Error> {
        let (purpose, label, id) = (Purpose::ForPage, grant.label(), Some(&grant.id));
        self.begin_registration_by(party, purpose, &grant.user, label, binding, id).await
    }

    async fn begin_registration_by(
        &self,
        party: &RelyingParty,
        purpose: Purpose,
        user: &UserHandle,
        label: Label<'_>,
        binding: &Binding,
        registration_token: Option<&RegistrationTokenId>,
    ) -> Result<Begun, Error> {
        let existing = self.credentials(party, user).await?;
        let existing = existing.into_iter().map(|passkey| passkey.id.0).collect();
        let (options, challenge, state) = registration_options(party, user, label, existing)?;
        let pending = Pending {
            procedure: Procedure::Registration,
            purpose: Some(purpose),
            binding,
            user_handle: Some(user),
            registration_token,
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
        self.finish_named_registration(party, purpose, id, binding, answer, None).await
    }

    /// The same, for a passkey that has a name from the start.
    pub async fn finish_named_registration(
        &self,
        party: &RelyingParty,
        purpose: Purpose,
        id: &CeremonyId,
        binding: &Binding,
        answer: &str,
        name: Option<&str>,
    ) -> Result<Registered, Error> {
        let taken = self.take(party, (Procedure::Registration, Some(purpose)), id, binding).await?;
        self.finish_taken(party, taken, (purpose, name), answer).await
    }

    /// The same for this person alone: where it was begun for somebody else it is refused, and nothing is
    /// stored.
    pub async fn finish_registration_of(
        &self,
        party: &RelyingParty,
        user: &UserHandle,
        purpose: Purpose,
        id: &CeremonyId,
        binding: &Binding,
        answer: &str,
    ) -> Result<Registered, Error> {
        let taken = self.take(party, (Procedure::Registration, Some(purpose)), id, binding).await?;
        if taken.user_handle.as_deref() != Some(user.as_bytes()) {
            let detail = "the ceremony was begun for another user";
            let refused = Refused::new(Reason::UserHandleMismatch, "7.1 step 29", detail);
            return Err(self
                .conclude(party, Procedure::Registration, &taken, refused.into())
                .await);
        }
        self.finish_taken(party, taken, (purpose, None), answer).await
    }

    async fn finish_taken(
        &self,
        party: &RelyingParty,
        taken: Taken,
        (purpose, name): (Purpose, Option<&str>),
        answer: &str,
    ) -> Result<Registered, Error> {
        let user = taken.user_handle.clone().and_then(UserHandle::from_bytes);
        let user = user.ok_or_else(|| Error::Internal("a registration is for nobody".into()))?;
        let wanted = Wanted { purpose, user: &user, name };
        match self.register(party, &taken, &wanted, answer).await {
            Ok((credential, aaguid, user_verified)) => {
                let ceremony = CeremonyId(taken.id);
                Ok(Registered { ceremony, user, credential, aaguid, user_verified })
            }
            Err(unverified) => {
                Err(self.conclude(party, Procedure::Registration, &taken, unverified).await)
            }
        }
    }

    async fn register(
        &self,
        party: &RelyingParty,
        taken: &Taken,
        wanted: &Wanted<'_>,
        answer: &str,
    ) -> Result<(CredentialId, [u8; 16], bool), Unverified> {
        let attested = gate::registration(answer, &party.expects(&taken.challenge))?;
        let state: RegistrationState = serde_json::from_str(&taken.state).map_err(internal)?;
        let check = || party.library().register_credential(&attested.response, &state, None);
        let verified = timed(Procedure::Registration, check);
        verified.map_err(|error| Refused::from_library(Procedure::Registration, &error))?;
        let (aaguid, user_verified) = (attested.aaguid, attested.user_verified);
        Ok((self.store(party, taken, wanted, attested).await?, aaguid, user_verified))
    }

    async fn store(
        &self,
        party: &RelyingParty,
        taken: &Taken,
        wanted: &Wanted<'_>,
        attested: Attested,
    ) -> Result<CredentialId, Unverified> {
        let mut transaction = self.database.begin_about(wanted.user.as_bytes()).await?;
        let (id, aaguid) = (attested.credential_id.clone(), attested.aaguid);
        let unsettled = wanted.purpose.is_settled_later().then_some(taken.id.as_str());
        let inserted =
            self.insert_credential(&mut transaction, party, wanted, attested, unsettled).await?;
        if !inserted {
            let detail = "the credential id is registered already";
            let reason = Reason::CredentialAlreadyRegistered;
            return Err(Refused::new(reason, "7.1 step 26", detail).into());
        }
        if wanted.purpose.has_user()
            && !self.note_registered(&mut transaction, party, wanted.user).await?
        {
            let detail = "the user was removed, or has another handle now";
            return Err(Refused::new(Reason::UserHandleMismatch, "7.1 step 29", detail).into());
        }
        let granted_by =
            taken.registration_token.as_deref().and_then(RegistrationTokenId::from_bytes);
        if let Some(token) = granted_by
            && !self.spend_registration_token(&mut transaction, party, wanted.user, &token).await?
        {
            return Err(Error::TokenSpent { reference: taken.reference.clone() }.into());
        }
        let procedure = Procedure::Registration;
        let passed = Passed { procedure, user: wanted.user, credential: &id, aaguid: &aaguid };
        self.record_verified(&mut transaction, party, taken, passed).await?;
        transaction.commit().await?;
        count_verified(Procedure::Registration);
        Ok(CredentialId(id))
    }

    /// False where the credential id is registered already, whosever.
    async fn insert_credential(
        &self,
        transaction: &mut Transaction<'static>,
        party: &RelyingParty,
        wanted: &Wanted<'_>,
        attested: Attested,
        unsettled: Option<&str>,
    ) -> Result<bool, Unverified> {
        let transports = serde_json::to_string(&attested.transports).map_err(internal)?;
        let insert = "insert into credentials
            (relying_party, credential_id, user_handle, public_key, algorithm, aaguid, transports, discoverable,
             backup_eligible, backup_state, sign_count, created_at, name, rp_id,
             unsettled_ceremony)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
            on conflict (relying_party, credential_id) do nothing";
        let query = sql::query(insert).bind(party.id()).bind(attested.credential_id);
        let query = query.bind(wanted.user.as_bytes()).bind(attested.public_key);
        let query = query.bind(attested.algorithm).bind(attested.aaguid.to_vec());
        let query = query.bind(transports).bind(attested.discoverable);
        let query = query.bind(attested.backup_eligible).bind(attested.backup_state);
        let query = query.bind(i64::from(attested.sign_count));
        let query =
            query.bind(self.clock.now().milliseconds()).bind(wanted.name).bind(party.rp_id());
        let query = query.bind(unsettled);
        Ok(query.execute(&mut *transaction).await?.rows_affected() == 1)
    }

    /// Undoes a registration for which no account came to be.
    pub async fn withdraw(
        &self,
        party: &RelyingParty,
        registered: Registered,
    ) -> Result<(), Error> {
        let delete = "delete from credentials where relying_party = $1 and credential_id = $2 and user_handle = $3";
        let query = sql::query(delete).bind(party.id()).bind(registered.credential.0);
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
    // The library takes no empty display name, and the browser does (§5.4.3).
    let builder =
        party.library().new_challenge_register_builder(user.as_bytes(), label.name, label.name);
    let builder = builder
        .map_err(internal)?
        .attestation(AttestationConveyancePreference::None)
        .user_verification_policy(party.user_verification().for_library())
        .require_resident_key(true)
        .credential_algorithms(vec![COSEAlgorithm::ES256, COSEAlgorithm::RS256])
        .exclude_credentials(Some(existing))
        .extensions(Some(RequestRegistrationExtensions { uvm: None, ..Default::default() }));
    let (mut options, state) =
        party.library().generate_challenge_register(builder).map_err(internal)?;
    label.display_name.clone_into(&mut options.public_key.user.display_name);
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
