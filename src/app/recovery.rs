//! What whoever is signed in sees of recoveries: their kit of codes, and a recovery under way.

use leptos::prelude::*;

use crate::wire::{Json, Kit, Refusal, UnderWay};

/// Makes a kit of recovery codes; the one before is worth nothing any more.
#[server(prefix = "/api", endpoint = "make_recovery_codes", input = Json, output = Json)]
pub async fn make_recovery_codes() -> Result<Vec<String>, Refusal> {
    crate::server::Visit::current()?.make_recovery_codes().await
}

/// Takes the kit away.
#[server(prefix = "/api", endpoint = "remove_recovery_codes", input = Json, output = Json)]
pub async fn remove_recovery_codes() -> Result<(), Refusal> {
    crate::server::Visit::current()?.remove_recovery_codes().await
}

/// What is left of the kit.
#[server(prefix = "/api", endpoint = "look_up_recovery_kit", input = Json, output = Json)]
pub async fn look_up_recovery_kit() -> Result<Option<Kit>, Refusal> {
    crate::server::Visit::current()?.recovery_kit().await
}

/// The recovery that is under way, if one is.
#[server(prefix = "/api", endpoint = "pending_recovery", input = Json, output = Json)]
pub async fn pending_recovery() -> Result<Option<UnderWay>, Refusal> {
    crate::server::Visit::current()?.pending_recovery().await
}

/// Calls it off, for good.
#[server(prefix = "/api", endpoint = "cancel_recovery", input = Json, output = Json)]
pub async fn cancel_recovery() -> Result<(), Refusal> {
    crate::server::Visit::current()?.cancel_recovery().await
}
