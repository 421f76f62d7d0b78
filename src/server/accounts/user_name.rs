//! What is a name, and when two names are the same.
//!
//! A username has one canonical form: NFKC, then full case folding, then NFKC again, as in
//! Unicode's `NFKC_Casefold` but for characters that we refuse instead of dropping. Allowed are the
//! characters of the Unicode identifier profile (UTS #39, §3.1), digits and `. _ - @ +`; so there
//! are no spaces, no invisible and no bidirectional controls. Letters of several scripts that look
//! alike do not mix (UTS #39, §5.1), so that nobody is "аdmin" with a Cyrillic "а".

use icu_casemap::CaseMapper;
use icu_properties::CodePointSetData;
use icu_properties::props::DefaultIgnorableCodePoint;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use unicode_security::{GeneralSecurityProfile as _, MixedScript as _};

use super::Error;

/// The most characters of a username; its field on the sign-up page says so too.
const USERNAME_MAX: usize = 64;

/// The most characters of a display name; its field on the sign-up page says so too.
const DISPLAY_NAME_MAX: usize = 64;

/// More bytes than any name has before it is brought into its normal form.
const TYPED_MAX: usize = 1024;

const PUNCTUATION: [char; 5] = ['.', '_', '-', '@', '+'];

/// A username.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserName {
    shown: String,
    canonical: String,
}

impl UserName {
    /// Takes what somebody typed.
    pub fn parse(typed: &str) -> Result<Self, Error> {
        // A character can become eighteen: what is far too long is not even looked at.
        let typed = typed.trim();
        if typed.len() > TYPED_MAX {
            return Err(Error::NameInvalid);
        }
        let shown: String = typed.nfkc().collect();
        let canonical = canonical(&shown);
        let is_name = [&shown, &canonical].into_iter().all(|form| {
            (1..=USERNAME_MAX).contains(&form.chars().count())
                && form
                    .chars()
                    .all(|letter| PUNCTUATION.contains(&letter) || letter.identifier_allowed())
        });
        let has_letter = shown.chars().any(char::is_alphanumeric);
        let stands_alone = shown.chars().next().is_some_and(|first| !is_combining_mark(first));
        if is_name && has_letter && stands_alone && shown.is_single_script() {
            Ok(Self { shown, canonical })
        } else {
            Err(Error::NameInvalid)
        }
    }

    /// As the person typed it.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// As names are compared.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }
}

/// As names are compared.
pub(super) fn canonical(name: &str) -> String {
    let normal: String = name.nfkc().collect();
    CaseMapper::new().fold_string(&normal).nfkc().collect()
}

/// How a person wants to be called: any text that can be shown on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisplayName(String);

impl DisplayName {
    /// Takes what somebody typed; nothing but spaces is no display name.
    pub fn parse(typed: &str) -> Result<Option<Self>, Error> {
        if typed.len() > TYPED_MAX {
            return Err(Error::DisplayNameInvalid);
        }
        let shown: String = typed.trim().nfc().collect();
        if shown.is_empty() {
            return Ok(None);
        }
        let fits = shown.chars().count() <= DISPLAY_NAME_MAX && shown.len() <= 4 * DISPLAY_NAME_MAX;
        let is_seen = |letter: char| letter.is_alphanumeric() && !is_invisible(letter);
        let can_be_shown = shown.chars().any(is_seen) && !shown.chars().any(is_deceptive);
        if fits && can_be_shown { Ok(Some(Self(shown))) } else { Err(Error::DisplayNameInvalid) }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Controls, line breaks, and what is not seen, such as the marks that turn the direction of what
/// follows. Joiners and variation selectors stay: scripts and emoji need them.
fn is_deceptive(letter: char) -> bool {
    let is_needed = matches!(letter, '\u{200C}' | '\u{200D}' | '\u{FE0E}' | '\u{FE0F}');
    letter.is_control()
        || matches!(letter, '\u{2028}' | '\u{2029}')
        || (is_invisible(letter) && !is_needed)
}

/// Unicode's `Default_Ignorable_Code_Point`.
fn is_invisible(letter: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(letter)
}

#[cfg(test)]
mod tests {
    use super::{DisplayName, UserName};

    fn canonical(name: &str) -> Option<String> {
        UserName::parse(name).ok().map(|name| name.canonical().to_owned())
    }

    #[test]
    fn names_that_differ_in_case_or_width_are_the_same() {
        assert_eq!(canonical("Ada"), Some("ada".into()));
        assert_eq!(canonical("  ada "), Some("ada".into()));
        assert_eq!(canonical("ＡＤＡ"), Some("ada".into()));
        assert_eq!(canonical("Straße"), canonical("STRASSE"));
        assert_eq!(canonical("ZO\u{0308}E"), canonical("zöe"));
        assert_ne!(canonical("ada"), canonical("adá"));
    }

    #[test]
    fn what_people_call_themselves_is_a_name() {
        for good in [
            "a",
            "ada",
            "ada.lovelace+keys@example.com",
            "o_0",
            "Zoë",
            "李雷",
            "Дмитрий",
            "たろう",
            "7",
        ] {
            assert!(canonical(good).is_some(), "{good}");
        }
        assert!(canonical(&"a".repeat(64)).is_some());
    }

    #[test]
    fn what_cannot_be_seen_or_told_apart_is_not_a_name() {
        for bad in [
            "",
            "   ",
            "a b",
            "a\u{200B}b",
            "a\u{202E}b",
            "a\u{0}b",
            "a\nb",
            "a/b",
            "<b>",
            "\u{0430}dmin",
            "...",
            "a\u{00AD}b",
            "🔑",
        ] {
            assert_eq!(canonical(bad), None, "{bad:?}");
        }
        assert_eq!(canonical(&"a".repeat(65)), None);
        // One character that becomes eighteen.
        assert_eq!(canonical(&"\u{FDFA}".repeat(4)), None);
    }

    #[test]
    fn a_display_name_is_any_text_on_one_line() {
        let parse = |typed| {
            DisplayName::parse(typed).map(|name| name.map(|name| name.as_str().to_owned())).ok()
        };
        assert_eq!(parse("  Ada  Lovelace "), Some(Some("Ada  Lovelace".into())));
        assert_eq!(parse(" "), Some(None));
        assert_eq!(parse("Ada 👩‍💻"), Some(Some("Ada 👩‍💻".into())));
        for bad in
            ["a\nb", "a\u{202E}b", "\u{200B}", "…", "\u{3164}", "a\u{E0041}", &"a".repeat(65)]
        {
            assert_eq!(parse(bad), None, "{bad:?}");
        }
    }
}
