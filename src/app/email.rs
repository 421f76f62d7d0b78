//! E-mail addresses: the section of the account page, and the page that a link leads to.

use leptos::prelude::*;

use crate::wire::{Email, Json, Refusal};

/// The addresses of whoever is signed in; none where e-mail is switched off.
#[server(prefix = "/api", endpoint = "look_up_emails", input = Json, output = Json)]
pub async fn look_up_emails() -> Result<Option<Vec<Email>>, Refusal> {
    crate::server::Visit::current()?.emails().await
}

/// Adds an address; a mail with a link goes there.
#[server(prefix = "/api", endpoint = "add_email", input = Json, output = Json)]
pub async fn add_email(address: String) -> Result<(), Refusal> {
    crate::server::Visit::current()?.add_email(&address).await
}

/// Removes an address.
#[server(prefix = "/api", endpoint = "remove_email", input = Json, output = Json)]
pub async fn remove_email(id: String) -> Result<(), Refusal> {
    crate::server::Visit::current()?.remove_email(&id).await
}

/// Sends another mail with a link.
#[server(prefix = "/api", endpoint = "resend_verification", input = Json, output = Json)]
pub async fn resend_verification(id: String) -> Result<(), Refusal> {
    crate::server::Visit::current()?.resend_verification(&id).await
}

/// Verifies the address that this link was sent to.
#[server(prefix = "/api", endpoint = "verify_email", input = Json, output = Json)]
pub async fn verify_email(token: String) -> Result<(), Refusal> {
    crate::server::Visit::current()?.verify_email(&token).await
}
