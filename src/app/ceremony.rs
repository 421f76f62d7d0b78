//! The one state machine of every ceremony in a page, and how it shows.
//!
//! Owns: in which stage a ceremony is, how a waiting browser call is called off, the button, the
//! place where the outcome stands. Refuses to know: which ceremony it is.

use leptos::prelude::*;
use web_sys::AbortController;

use super::ui::icons::{CheckIcon, PasskeyIcon, WarningIcon};
use super::words::sentences;
use crate::wire::{Code, Refusal};

/// Where a ceremony is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Stage {
    /// The page is there, its code is not yet.
    Starting,
    /// The button can be pressed.
    Ready,
    /// The device asks the person.
    Waiting,
    /// The server has the answer.
    Sending,
    /// It is done; the next page is on its way.
    Done(String),
    /// It failed; the button can be pressed again.
    Failed(Refusal),
}

/// A ceremony in a page.
#[derive(Clone, Copy)]
pub(super) struct Ceremony {
    stage: RwSignal<Stage>,
    under_way: StoredValue<Option<AbortController>, LocalStorage>,
}

impl Ceremony {
    pub(super) fn new() -> Self {
        Self { stage: RwSignal::new(Stage::Starting), under_way: StoredValue::new_local(None) }
    }

    /// Whether the person may begin now.
    pub(super) fn is_idle(self) -> bool {
        matches!(self.stage.get_untracked(), Stage::Ready | Stage::Failed(_))
    }

    pub(super) fn enter(self, stage: Stage) {
        self.stage.set(stage);
    }

    pub(super) fn fail(self, refusal: impl Into<Refusal>) {
        self.stage.set(Stage::Failed(refusal.into()));
    }

    /// Calls off a browser call that is under way, and gives the means to call off the next one.
    pub(super) fn take_turn(self) -> Result<AbortController, Code> {
        self.call_off();
        let abort = AbortController::new().map_err(|_| Code::BrowserTooOld)?;
        self.under_way.set_value(Some(abort.clone()));
        Ok(abort)
    }

    pub(super) fn call_off(self) {
        if let Some(abort) = self.under_way.try_update_value(Option::take).flatten() {
            abort.abort();
        }
    }

    /// The button, the way to cancel, and the outcome.
    pub(super) fn controls(self, label: &'static str) -> impl IntoView {
        let stage = self.stage;
        let is_busy =
            move || matches!(stage.get(), Stage::Waiting | Stage::Sending | Stage::Done(_));
        view! {
            <button
                type="submit"
                class="primary"
                disabled=move || stage.get() == Stage::Starting
                aria-busy=move || is_busy().then_some("true")
                aria-disabled=move || is_busy().then_some("true")
            >
                <PasskeyIcon />
                <span>
                    {move || match stage.get() {
                        Stage::Waiting => "Waiting for your device…",
                        Stage::Sending | Stage::Done(_) => "One moment…",
                        Stage::Starting | Stage::Ready | Stage::Failed(_) => label,
                    }}
                </span>
            </button>
            // The style sheet keeps its place while it is disabled, and does not show it.
            <button
                type="button"
                class="quiet"
                disabled=move || stage.get() != Stage::Waiting
                on:click=move |_| self.call_off()
            >
                "Cancel"
            </button>
            {self.outcome()}
        }
    }

    /// Where it is told how it went.
    pub(super) fn outcome(self) -> impl IntoView {
        view! { <div class="outcome" aria-live="assertive">{move || notice(self.stage.get())}</div> }
    }
}

fn notice(stage: Stage) -> Option<impl IntoView> {
    let (tone, code, what, next, reference) = match stage {
        Stage::Failed(refusal) => {
            let (what, next) = sentences(refusal.code);
            ("danger", Some(refusal.code.as_str()), what.to_owned(), Some(next), refusal.reference)
        }
        Stage::Done(what) => ("success", None, what, None, None),
        Stage::Starting | Stage::Ready | Stage::Waiting | Stage::Sending => return None,
    };
    let icon = if code.is_some() { WarningIcon().into_any() } else { CheckIcon().into_any() };
    Some(view! {
        <div class="notice" data-tone=tone data-code=code>
            {icon}
            <div>
                <p class="what">{what}</p>
                {next.map(|next| view! { <p class="next">{next}</p> })}
                {reference.map(|reference| view! { <p class="reference">"Reference " {reference}</p> })}
            </div>
        </div>
    })
}
