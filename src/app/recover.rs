//! Coming back without a passkey: a code opens a recovery, and its page leads to a new passkey.

use leptos::prelude::*;

use crate::wire::{Begun, CeremonyId, Json, Recovery, Refusal, SitePath};

/// Opens a recovery with a code. It goes on at the address that is answered, and nowhere else.
#[server(prefix = "/api", endpoint = "begin_recovery", input = Json, output = Json)]
pub async fn begin_recovery(name: String, code: String) -> Result<SitePath, Refusal> {
    crate::server::Visit::current()?.begin_recovery(&name, &code).await
}

/// Where the recovery of this token stands.
#[server(prefix = "/api", endpoint = "look_up_recovery", input = Json, output = Json)]
pub async fn look_up_recovery(token: String) -> Result<Recovery, Refusal> {
    crate::server::Visit::current()?.recovery(&token).await
}

/// Begins the registration of a new passkey in a recovery that is ready.
#[server(prefix = "/api", endpoint = "begin_recovery_passkey", input = Json, output = Json)]
pub async fn begin_recovery_passkey(token: String) -> Result<Begun, Refusal> {
    crate::server::Visit::current()?.begin_recovery_passkey(&token).await
}

/// Finishes a recovery; `answer` is a `RegistrationResponseJSON` as text.
#[server(prefix = "/api", endpoint = "finish_recovery", input = Json, output = Json)]
pub async fn finish_recovery(token: String, id: CeremonyId, answer: String) -> Result<(), Refusal> {
    crate::server::Visit::current()?.finish_recovery(&token, id, answer).await
}
