//! Adding a second device: a page on the first one, a page on the second one, and the calls of both.
//!
//! Nothing happens by opening a page: the second device asks, the first one lets it in, and only
//! then is there anything to answer.

pub mod first;
mod first_steps;
pub mod second;

use leptos::prelude::*;

use super::answer::Answer;
use super::words::Step;
use crate::browser;
use crate::wire::{
    Begun, CeremonyId, DeviceLink, DeviceLinkId, Invitation, Json, LinkProgress, Refusal,
};

/// Makes a link that adds another device to the account of whoever is signed in.
#[server(prefix = "/api", endpoint = "begin_device_link", input = Json, output = Json)]
pub async fn begin_device_link() -> Result<DeviceLink, Refusal> {
    crate::server::Visit::current()?.begin_device_link().await
}

/// What became of a link, for the device that made it.
#[server(prefix = "/api", endpoint = "watch_device_link", input = Json, output = Json)]
pub async fn watch_device_link(id: DeviceLinkId) -> Result<LinkProgress, Refusal> {
    crate::server::Visit::current()?.watch_device_link(&id).await
}

/// Lets in the device that asks.
#[server(prefix = "/api", endpoint = "confirm_device_link", input = Json, output = Answer)]
pub async fn confirm_device_link(id: DeviceLinkId) -> Result<(), Refusal> {
    crate::server::Visit::current()?.confirm_device_link(&id).await
}

/// Refuses whatever device asks, and ends the link.
#[server(prefix = "/api", endpoint = "refuse_device_link", input = Json, output = Answer)]
pub async fn refuse_device_link(id: DeviceLinkId) -> Result<(), Refusal> {
    crate::server::Visit::current()?.refuse_device_link(&id).await
}

/// What a link says to the device that opens it. Nothing changes.
#[server(prefix = "/api", endpoint = "device_link_state", input = Json, output = Json)]
pub async fn device_link_state(token: String) -> Result<Invitation, Refusal> {
    crate::server::Visit::current()?.device_link_state(&token).await
}

/// Asks to be added: the link is this browser's from now on, and no other one's.
#[server(prefix = "/api", endpoint = "claim_device_link", input = Json, output = Answer)]
pub async fn claim_device_link(token: String) -> Result<(), Refusal> {
    crate::server::Visit::current()?.claim_device_link(&token).await
}

/// Begins the registration of a passkey on a device that was let in.
#[server(prefix = "/api", endpoint = "begin_device_passkey", input = Json, output = Answer)]
pub async fn begin_device_passkey(token: String) -> Result<Begun, Refusal> {
    crate::server::Visit::current()?.begin_device_passkey(&token).await
}

/// Finishes it; `answer` is a `RegistrationResponseJSON` as text. The device is then signed in.
#[server(prefix = "/api", endpoint = "finish_device_passkey", input = Json, output = Answer)]
pub async fn finish_device_passkey(
    token: String,
    id: CeremonyId,
    answer: String,
) -> Result<(), Refusal> {
    crate::server::Visit::current()?.finish_device_passkey(&token, id, answer).await
}

/// The heading of the step that is shown.
const STEP: &str = "step";

/// Moves the focus to the heading of the step, once it is shown.
fn focus_step() {
    request_animation_frame(|| browser::focus(STEP));
}

fn two(texts: Step) -> [String; 2] {
    texts.map(str::to_owned)
}

/// The number that both devices show: in two groups for the eye, digit by digit for the ear.
#[component]
fn Number(label: String, number: Signal<Option<String>>) -> impl IntoView {
    let grouped = move || {
        let number = number.get()?;
        let (first, second) = number.split_at_checked(3)?;
        Some(format!("{first} {second}"))
    };
    let spelled = move || {
        let digits = number.get()?.chars().map(String::from).collect::<Vec<_>>().join(" ");
        Some(digits)
    };
    view! {
        <p class="number" aria-live="polite" hidden=move || number.get().is_none()>
            <span>{label}</span>
            <strong aria-hidden="true">{grouped}</strong>
            <span class="unseen">{spelled}</span>
        </p>
    }
}
