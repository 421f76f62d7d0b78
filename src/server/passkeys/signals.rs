//! What browsers are told about passkeys (the Signal API, WebAuthn Level 3, §5.1.10), as ready
//! arguments in JSON text.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::credential::{CredentialId, UserHandle};
use super::registration::Label;
use super::{Error, Passkeys, RelyingParty};

impl Passkeys {
    /// Which passkeys a person has: the argument of `signalAllAcceptedCredentials` (§5.1.10.2).
    pub async fn accepted_signal(
        &self,
        party: &RelyingParty,
        user: &UserHandle,
    ) -> Result<String, Error> {
        let ids = self.credential_ids(party, user).await?;
        let ids: Vec<String> = ids.iter().map(|id| URL_SAFE_NO_PAD.encode(id)).collect();
        let signal = json!({
            "rpId": party.rp_id(),
            "userId": URL_SAFE_NO_PAD.encode(user.as_bytes()),
            "allAcceptedCredentialIds": ids,
        });
        Ok(signal.to_string())
    }

    /// What a person is called: the argument of `signalCurrentUserDetails` (§5.1.10.3).
    pub fn details_signal(party: &RelyingParty, user: &UserHandle, label: Label<'_>) -> String {
        let signal = json!({
            "rpId": party.rp_id(),
            "userId": URL_SAFE_NO_PAD.encode(user.as_bytes()),
            "name": label.name,
            "displayName": label.display_name,
        });
        signal.to_string()
    }

    /// That the passkey of this answer is in no account: the argument of `signalUnknownCredential`
    /// (§5.1.10.1). None where it is in one, whosever and at whichever relying party with this RP ID, since
    /// browsers forget by RP ID; or where the answer names none.
    pub async fn unknown_signal(
        &self,
        party: &RelyingParty,
        answer: &str,
    ) -> Result<Option<String>, Error> {
        let answer: Option<Value> = serde_json::from_str(answer).ok();
        let id = answer.as_ref().and_then(|answer| answer.get("id")).and_then(Value::as_str);
        let Some(id) = id.and_then(CredentialId::parse) else { return Ok(None) };
        let is_known = self.is_known_to_browsers(party, &id).await?;
        let signal = json!({ "rpId": party.rp_id(), "credentialId": id.to_string() });
        Ok((!is_known).then(|| signal.to_string()))
    }
}
