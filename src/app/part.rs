//! The parts of pages that act in the browser, but for the forms at the door.
//!
//! Decision: they are one island, whose code is loaded by the pages that have it. An island of its own
//! for each would put its entrance into the module that the sign-in page waits for, a kilobyte each.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::account::{AddHere, SignOut, SignalPasskeys};
use super::deed::{DeedDialog, Plan};
use super::device::first::{self, AddDevice};
use super::device::second::{self, AskToBeAdded};
use super::email::VerifyButton;
use super::enter::Enter;
use super::recover::{AwaitRecovery, NewPasskey, RecoverForm};
use super::recovery_kit::NewKit;
use crate::wire::{Admission, Signals, SitePath};

/// What acts, with all that it says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Part {
    /// A button, and the dialog that it opens.
    Deed(Box<Plan>),
    /// The offer of a passkey on this device, where it can keep one.
    AddHere {
        /// What is offered.
        heading: String,
        /// Why.
        text: String,
        /// The button, and the dialog that it opens.
        add: Box<Plan>,
    },
    /// The first of two devices: it lets the other one in.
    AddDevice(Box<first::Texts>),
    /// The second one: it asks to be let in.
    AskToBeAdded {
        /// What opens the link.
        token: String,
        /// How far it has come.
        admission: Admission,
        /// What it says.
        say: Box<second::Texts>,
    },
    /// The way in of the first page.
    Enter {
        /// What it says.
        label: String,
        /// Where passkeys are made by whoever has none.
        without_one: SitePath,
    },
    /// The way out.
    SignOut(String),
    /// What verifies an e-mail address.
    VerifyEmail {
        /// What stands in the link.
        token: String,
        /// What the button says.
        label: String,
    },
    /// What the browser is told at each visit.
    Signals {
        /// What it is told.
        signals: Signals,
        /// What the person is told where the browser cannot be.
        advice: Option<String>,
    },
    /// The form that opens a recovery.
    Recover,
    /// What waits with the person for the recovery of the page.
    AwaitRecovery,
    /// The button that makes a new passkey in the recovery of this token.
    NewPasskey(String),
    /// The button that makes recovery codes, and then the codes.
    Kit,
}

impl Part {
    /// The part as it acts.
    pub(super) fn act(self) -> AnyView {
        match self {
            Self::Deed(plan) => view! { <DeedDialog plan=*plan /> }.into_any(),
            Self::AddHere { heading, text, add } => {
                view! { <AddHere heading text add=*add /> }.into_any()
            }
            Self::AddDevice(say) => view! { <AddDevice say=*say /> }.into_any(),
            Self::AskToBeAdded { token, admission, say } => {
                view! { <AskToBeAdded token admission say=*say /> }.into_any()
            }
            Self::Enter { label, without_one } => view! { <Enter label without_one /> }.into_any(),
            Self::SignOut(label) => view! { <SignOut label /> }.into_any(),
            Self::VerifyEmail { token, label } => view! { <VerifyButton token label /> }.into_any(),
            Self::Recover => view! { <RecoverForm /> }.into_any(),
            Self::AwaitRecovery => view! { <AwaitRecovery /> }.into_any(),
            Self::NewPasskey(token) => view! { <NewPasskey token /> }.into_any(),
            Self::Kit => view! { <NewKit /> }.into_any(),
            Self::Signals { signals, advice } => {
                view! { <SignalPasskeys signals advice /> }.into_any()
            }
        }
    }
}

/// The island that holds a part.
#[island(lazy)]
pub fn Acting(part: Part) -> impl IntoView {
    part.act()
}
