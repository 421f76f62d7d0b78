//! The way in of the first page: where the browser can say at once whether this device has a passkey,
//! one press is enough.
//!
//! Decision: it is a link to the sign-in page all the same. Whoever has no passkey here is led to where
//! one is made; whatever else goes wrong is told on the next page, which finds the note.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::failure::failed;
use super::sign_in::{self, begin_sign_in};
use crate::browser::{self, Turn};
use crate::wire::{Code, Mediation, Refusal, SitePath};

/// The link; it signs in by itself where that is possible at once.
#[component]
pub(super) fn Enter(
    label: String,
    /// Where passkeys are made by whoever has none.
    without_one: SitePath,
) -> impl IntoView {
    let without_one = StoredValue::new(without_one);
    let (is_immediate, is_busy) = (RwSignal::new(false), RwSignal::new(false));
    if browser::is_here() {
        spawn_local(async move { is_immediate.set(browser::can_answer_at_once().await) });
    }
    let press = move |event: leptos::ev::MouseEvent| {
        let is_plain = !(event.ctrl_key() || event.meta_key() || event.shift_key());
        if is_immediate.get_untracked() && is_plain {
            event.prevent_default();
            if is_busy.get_untracked() {
                return;
            }
            is_busy.set(true);
            spawn_local(async move {
                let next = match enter().await {
                    Ok(()) => Some(SitePath::account()),
                    Err(refusal) => {
                        browser::leave_note(&refusal);
                        if refusal.code == Code::NoPasskeyHere {
                            Some(without_one.get_value())
                        } else {
                            SitePath::parse("/sign-in")
                        }
                    }
                };
                is_busy.set(false);
                browser::open(&next.unwrap_or_else(SitePath::account));
            });
        }
    };
    view! { <a
        class="button primary"
        href="/sign-in"
        aria-busy=move || is_busy.get().then_some("true")
        on:click=press
    >
        {label}
    </a> }
}

async fn enter() -> Result<(), Refusal> {
    let turn = Turn::take()?;
    let begun = begin_sign_in().await?;
    let answer = browser::get(&begun.options, Mediation::Immediate, None, &turn).await;
    let answer = answer.map_err(|failure| match failure.code() {
        // Nothing has failed: that is what was asked.
        Code::NoPasskeyHere => Code::NoPasskeyHere.into(),
        _ => failed(&begun, failure),
    })?;
    sign_in::enter(begun.id, answer, Mediation::Immediate).await
}
