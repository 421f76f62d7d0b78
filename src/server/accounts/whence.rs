//! From where a session was opened, as far as its owner is to recognise it.

use woothee::parser::Parser;

use super::BrowserMark;
use crate::wire::Language;

/// No part of a browser's own description is longer than this.
const LONGEST: usize = 512;

/// A browser, a system, the beginning of an address, and what tells the browser from others.
#[derive(Debug, Clone)]
pub struct Whence {
    /// Such as "Firefox".
    pub browser: Option<String>,
    /// Such as "Windows 10".
    pub system: Option<String>,
    /// The network that the address belongs to.
    pub address: String,
    /// By which the browser is known again; None for one that shows nothing.
    pub mark: Option<BrowserMark>,
    /// In which language it reads the site.
    pub language: Language,
}

impl Whence {
    /// Reads what the browser says of itself. It may say anything; what is not known is left out.
    pub fn of(user_agent: &str, address: &str) -> Self {
        let end = user_agent.floor_char_boundary(LONGEST);
        let known = Parser::new().parse(user_agent.get(..end).unwrap_or_default());
        let named = |name: &str| (!matches!(name, "" | "UNKNOWN")).then(|| name.to_owned());
        let browser = known.as_ref().and_then(|known| named(known.name));
        let system = known.as_ref().and_then(|known| named(known.os));
        Self::noted(browser, system, address.to_owned())
    }

    /// What was written down of it.
    pub(super) fn noted(browser: Option<String>, system: Option<String>, address: String) -> Self {
        Self { browser, system, address, mark: None, language: Language::default() }
    }

    /// The same browser, with what it shows to be known again and the language that it reads.
    #[must_use]
    pub fn known_by(self, mark: Option<BrowserMark>, language: Language) -> Self {
        Self { mark, language, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::Whence;

    #[test]
    fn a_browser_is_recognised() {
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
        let whence = Whence::of(chrome, "192.0.2.0/24");
        assert_eq!(whence.browser.as_deref(), Some("Chrome"));
        assert_eq!(whence.system.as_deref(), Some("Linux"));
        for strange in ["", "x", "ö".repeat(2000).as_str()] {
            let whence = Whence::of(strange, "192.0.2.0/24");
            assert_eq!((whence.browser, whence.system), (None, None), "{strange:?}");
        }
    }
}
