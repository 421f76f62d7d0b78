//! What the site says, in every language that it speaks.
//!
//! One module for each page gives the shape of what is said there; `en` and `de` fill it. A sentence
//! that one of them lacks does not compile; what is looked up by a word of the address is held together
//! by a test. So no language is ever half there. Pages are rendered
//! on the server, and so are these texts: the client carries only those that its islands name.

mod account;
mod common;
mod console;
mod de;
mod device;
mod email;
mod en;
mod help;
mod home;
mod insight;
mod mail;
mod recovery;
mod service;
mod sign_in;
mod sign_up;

use leptos::prelude::use_context;

pub use account::Account;
pub use common::Common;
pub use console::{Console, Invitations, Settings, Users};
pub use device::{Device, FirstDevice, SecondDevice, Step};
pub use email::Email;
pub use help::Help;
pub use home::Home;
pub use insight::Insight;
pub use mail::{Mail, Told};
pub use recovery::Recovery;
pub use service::{Events, RelyingParties, Service, ServicePasskeys};
pub use sign_in::SignIn;
pub use sign_up::SignUp;

use crate::browser;
use crate::wire::{Code, Language};

/// Everything that is said in one language.
#[derive(Debug)]
pub struct Words {
    /// On every page.
    pub common: Common,
    /// On the first page.
    pub home: Home,
    /// About passkeys.
    pub help: Help,
    /// Where people sign up.
    pub sign_up: SignUp,
    /// Where people sign in.
    pub sign_in: SignIn,
    /// Where people look after their account.
    pub account: Account,
    /// Where people add a second device.
    pub device: Device,
    /// Of a person's e-mail addresses.
    pub email: Email,
    /// In what is sent by e-mail.
    pub mail: Mail,
    /// Where people come back without a passkey.
    pub recovery: Recovery,
    /// Where admins look after the site.
    pub console: Console,
    /// The passkey service, for admins.
    pub service: Service,
    /// How many get through, for admins.
    pub insight: Insight,
    /// What happened, and what to do now.
    pub sentences: fn(Code) -> [&'static str; 2],
    /// The same, where it is different for whoever is signed in.
    pub sentences_when_signed_in: fn(Code) -> Option<[&'static str; 2]>,
    /// How many seconds ago something was, roughly.
    pub ago: fn(i64) -> String,
    /// In how many seconds something is, roughly.
    pub until: fn(i64) -> String,
}

impl Language {
    /// Everything that is said in this language.
    pub fn words(self) -> &'static Words {
        match self {
            Self::English => &en::WORDS,
            Self::German => &de::WORDS,
        }
    }
}

/// The language of the page that is being rendered.
pub(super) fn language() -> Language {
    use_context().unwrap_or_default()
}

/// What the page that is being rendered says.
pub(super) fn words() -> &'static Words {
    language().words()
}

/// What an island says from the beginning to the end. The client leaves it as it is rendered, and so
/// carries none of it.
pub(super) fn rendered(text: impl FnOnce(&'static Words) -> &'static str) -> &'static str {
    if browser::is_here() { "" } else { text(words()) }
}

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn a_time_ago_is_rough() {
        let told = |language: Language| {
            [0, 59, 60, 7_199, 86_400, 3_000_000, 70_000_000].map(language.words().ago)
        };
        let english = [
            "just now",
            "just now",
            "1 minute ago",
            "1 hour ago",
            "1 day ago",
            "1 month ago",
            "2 years ago",
        ];
        assert_eq!(told(Language::English), english);
        let german = [
            "gerade eben",
            "gerade eben",
            "vor 1 Minute",
            "vor 1 Stunde",
            "vor 1 Tag",
            "vor 1 Monat",
            "vor 2 Jahren",
        ];
        assert_eq!(told(Language::German), german);
    }

    #[test]
    fn a_time_to_come_is_rough() {
        let told = |language: Language| {
            [0, 59, 60, 3_599, 3_600, 86_399, 86_400, 172_801].map(language.words().until)
        };
        let english = [
            "now",
            "in 1 minute",
            "in 1 minute",
            "in 1 hour",
            "in 1 hour",
            "in 1 day",
            "in 1 day",
            "in 3 days",
        ];
        assert_eq!(told(Language::English), english);
        let german = [
            "jetzt",
            "in 1 Minute",
            "in 1 Minute",
            "in 1 Stunde",
            "in 1 Stunde",
            "in 1 Tag",
            "in 1 Tag",
            "in 3 Tagen",
        ];
        assert_eq!(told(Language::German), german);
    }
}
