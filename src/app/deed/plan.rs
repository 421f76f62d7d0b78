//! What a button of the account or the console is to do: what it asks, and where it leads.

use serde::{Deserialize, Serialize};

use super::Deed;
use crate::app::words::words;
use crate::wire::SitePath;

/// One line that can be typed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Field {
    pub(super) label: String,
    pub(super) value: String,
    pub(super) autocomplete: String,
}

/// What the dialog asks.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Question {
    pub(super) heading: String,
    pub(super) text: String,
    pub(super) fields: Vec<Field>,
    pub(super) button: String,
    /// Something will be lost: the focus begins on the way back.
    pub(super) destroys: bool,
}

impl Question {
    /// What is about to be done, what that means, and what the button that does it says.
    pub(in crate::app) fn new(heading: &str, text: impl Into<String>, button: &str) -> Self {
        let (heading, button) = (heading.to_owned(), button.to_owned());
        Self { heading, text: text.into(), fields: Vec::new(), button, destroys: false }
    }

    /// Something will be lost.
    pub(in crate::app) fn destroying(self) -> Self {
        Self { destroys: true, ..self }
    }

    /// A line is to be typed: what belongs there, what stands there at first, and what browsers fill
    /// in (HTML, §4.10.18.7.1).
    pub(in crate::app) fn asking(mut self, label: &str, value: &str, autocomplete: &str) -> Self {
        let (label, value) = (label.to_owned(), value.to_owned());
        self.fields.push(Field { label, value, autocomplete: autocomplete.to_owned() });
        self
    }
}

/// What every dialog says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Asides {
    pub(super) cancel: String,
    pub(super) confirm_heading: String,
    pub(super) confirm_text: String,
    pub(super) confirm: String,
}

impl Asides {
    /// In the language of the page that is being rendered.
    pub(in crate::app) fn of_page() -> Self {
        let (account, common) = (&words().account, &words().common);
        Self {
            cancel: common.cancel.to_owned(),
            confirm_heading: account.confirm_title.to_owned(),
            confirm_text: account.confirm_text.to_owned(),
            confirm: account.confirm.to_owned(),
        }
    }
}

/// A button, the dialog that it opens, and what then happens.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Plan {
    pub(super) id: String,
    pub(super) deed: Deed,
    pub(super) label: String,
    pub(super) name: String,
    pub(super) question: Question,
    pub(super) asides: Asides,
    pub(super) next: SitePath,
}

impl Plan {
    /// `id` tells it from all others of the page, `label` stands on the button, `next` is the page that
    /// comes when it is done.
    pub(in crate::app) fn new(
        id: impl Into<String>,
        deed: Deed,
        label: &str,
        question: Question,
        next: &str,
    ) -> Self {
        let next = SitePath::parse(next).unwrap_or_else(SitePath::account);
        let (id, label) = (id.into(), label.to_owned());
        Self { id, deed, label, name: String::new(), question, asides: Asides::of_page(), next }
    }

    /// What the button is called where the label alone does not say it.
    pub(in crate::app) fn called(self, name: String) -> Self {
        Self { name, ..self }
    }

    /// Something will be lost.
    pub(in crate::app) fn destroying(self) -> Self {
        Self { question: self.question.destroying(), ..self }
    }
}
