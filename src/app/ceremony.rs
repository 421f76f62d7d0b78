//! The one state machine of every ceremony in a page, and how it shows.
//!
//! Owns: in which stage a ceremony is, the button, the place where the outcome stands. Refuses to
//! know: which ceremony it is.

use leptos::prelude::*;

use super::ui::icons::{CheckIcon, PasskeyIcon, WarningIcon};
use super::words::sentences;
use crate::browser;
use crate::wire::Refusal;

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
    Done,
    /// It failed; the button can be pressed again.
    Failed(Refusal),
}

/// The button that begins a ceremony.
const BUTTON: &str = "begin";

/// A ceremony in a page.
#[derive(Clone, Copy)]
pub(super) struct Ceremony(RwSignal<Stage>);

impl Ceremony {
    pub(super) fn new() -> Self {
        Self(RwSignal::new(Stage::Starting))
    }

    /// Whether the person may begin now.
    pub(super) fn is_idle(self) -> bool {
        matches!(self.0.get_untracked(), Stage::Ready | Stage::Failed(_))
    }

    pub(super) fn enter(self, stage: Stage) {
        self.0.set(stage);
    }

    pub(super) fn fail(self, refusal: impl Into<Refusal>) {
        self.0.set(Stage::Failed(refusal.into()));
    }

    /// The stage, for what shows it.
    pub(super) fn stage(self) -> Stage {
        self.0.get()
    }

    /// The button, the way to cancel, and the outcome.
    pub(super) fn controls(self, label: &'static str) -> impl IntoView {
        let is_busy = move || matches!(self.stage(), Stage::Waiting | Stage::Sending | Stage::Done);
        view! {
            <button
                id=BUTTON
                type="submit"
                class="primary"
                disabled=move || self.stage() == Stage::Starting
                aria-disabled=move || is_busy().then_some("true")
            >
                <PasskeyIcon />
                <span>
                    {move || match self.stage() {
                        Stage::Waiting => "Waiting for your device…",
                        Stage::Sending | Stage::Done => "One moment…",
                        Stage::Starting | Stage::Ready | Stage::Failed(_) => label,
                    }}
                </span>
            </button>
            // The style sheet keeps its place while it is disabled, and does not show it.
            <button
                type="button"
                class="quiet"
                disabled=move || self.stage() != Stage::Waiting
                on:click=move |_| {
                    browser::call_off();
                    browser::focus(BUTTON);
                }
            >
                "Cancel"
            </button>
            {self.outcome()}
        }
    }

    /// Where it is told how it went.
    pub(super) fn outcome(self) -> impl IntoView {
        view! {
            <div id="outcome" class="outcome" aria-live="assertive">
                {move || notice(self.stage())}
            </div>
        }
    }
}

fn notice(stage: Stage) -> Option<impl IntoView> {
    let (code, what, next, reference) = match stage {
        Stage::Failed(refusal) => {
            let (what, next) = sentences(refusal.code);
            (Some(refusal.code.as_str()), what, Some(next), refusal.reference)
        }
        Stage::Done => (None, "You are in.", None, None),
        Stage::Starting | Stage::Ready | Stage::Waiting | Stage::Sending => return None,
    };
    let tone = if code.is_some() { "danger" } else { "success" };
    Some(view! {
        <div class="notice" data-tone=tone data-code=code>
            {code.is_some().then(WarningIcon)}
            {code.is_none().then(CheckIcon)}
            <div>
                <p class="what">{what}</p>
                {next.map(|next| view! { <p class="next">{next}</p> })}
                {reference.map(|reference| view! { <p class="reference">"Reference " {reference}</p> })}
            </div>
        </div>
    })
}
