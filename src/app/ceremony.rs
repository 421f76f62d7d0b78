//! The one state machine of every ceremony in a page, and how it shows.
//!
//! Owns: in which stage a ceremony is, the button, the place where the outcome stands. Refuses to
//! know: which ceremony it is.

use leptos::prelude::*;

use super::words::rendered;
use crate::browser;
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
    Done,
    /// It failed; the button can be pressed again.
    Failed(Refusal),
}

/// The button that begins a ceremony.
const BUTTON: &str = "begin";

/// A ceremony in a page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ceremony(RwSignal<Stage>);

impl Ceremony {
    pub(super) fn new() -> Self {
        Self(RwSignal::new(Stage::Starting))
    }

    /// The code of the page is there: the button can be pressed, or it is told why not. What the page
    /// before could not tell is told here.
    pub(super) fn open(self) {
        match browser::supports_passkeys() {
            Ok(()) => match browser::take_note() {
                Some(refusal) => self.fail(refusal),
                None => self.enter(Stage::Ready),
            },
            Err(code) => self.fail(code),
        }
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

    /// The button, the way to cancel, and the outcome. What they say later is in the page
    /// ([`super::ui::Sentences`]), what the button says at first among it, under `begin`.
    pub(super) fn controls(self, label: &'static str) -> impl IntoView {
        let is_busy = move || matches!(self.stage(), Stage::Waiting | Stage::Sending | Stage::Done);
        view! {
            <button
                id="begin"
                type="submit"
                class="primary"
                disabled=move || self.stage() == Stage::Starting
                aria-disabled=move || is_busy().then_some("true")
            >
                <svg viewBox="0 0 24 24" width="24" fill="none" stroke="currentColor" aria-hidden="true" focusable="false"><path d="M5.5 7a4 4 0 1 0 8 0 4 4 0 1 0-8 0M2 20v-1a5 5 0 0 1 5-5h4.5M15 13a3 3 0 1 0 6 0 3 3 0 1 0-6 0M18 16v6M18 19.5h2.5"></path></svg>
                <span>
                    {move || match self.stage() {
                        Stage::Waiting => browser::said("waiting"),
                        Stage::Sending => browser::said("one-moment"),
                        Stage::Done => browser::said("done"),
                        Stage::Starting | Stage::Ready | Stage::Failed(_) => {
                            if browser::is_here() { browser::said("begin") } else { label.to_owned() }
                        }
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
                {rendered(|say| say.common.cancel)}
            </button>
            {self.outcome_called(Some("outcome"))}
        }
    }

    /// Where it is told what happened and what to do now. It is there from the start, so that
    /// screen readers know the place, and so that the client need not know how to build it.
    pub(super) fn outcome(self) -> impl IntoView {
        self.outcome_called(None)
    }

    /// The same with a name, for fields that it describes.
    fn outcome_called(self, id: Option<&'static str>) -> impl IntoView {
        let refusal = move || match self.stage() {
            Stage::Failed(refusal) => Some(refusal),
            _ => None,
        };
        let code = move || refusal().map(|refusal| refusal.code);
        let reference = move || {
            let refusal = refusal().filter(|refusal| refusal.code.needs_reference());
            refusal
                .and_then(|refusal| refusal.reference)
                .map(|id| browser::said("reference") + " " + &id)
        };
        view! {
            <div id=id class="outcome" aria-live="assertive">
                <div
                    class="notice"
                    data-code=move || code().map(Code::as_str)
                    hidden=move || code().is_none()
                >
                    // Written out: what never changes inside an element costs the client nothing.
                    <svg viewBox="0 0 24 24" width="24" fill="none" stroke="currentColor" aria-hidden="true" focusable="false"><path d="M12 3.5L2.5 20h19zM12 10v4M12 17v.01"></path></svg>
                    <div>
                        <p class="what">{move || code().map(|code| browser::sentence(code, 0))}</p>
                        <p class="next">{move || code().map(|code| browser::sentence(code, 1))}</p>
                        <p class="reference">{reference}</p>
                    </div>
                </div>
            </div>
        }
    }
}
