//! A path on this site: where a person may be sent after signing in.

use serde::{Deserialize, Serialize};

/// A path that begins with exactly one `/` and leads nowhere but to this site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SitePath(String);

impl SitePath {
    /// Takes a path only if every browser reads it as one on this site.
    ///
    /// Refused are `//host` and `/\host` (another site, by the URL standard's backslash rule) and
    /// control characters, which URL parsers drop before they look.
    pub fn parse(text: &str) -> Option<Self> {
        let mut characters = text.chars();
        let opens =
            characters.next() == Some('/') && !matches!(characters.next(), Some('/' | '\\'));
        (opens && text.len() <= 512 && !text.chars().any(char::is_control))
            .then(|| Self(text.to_owned()))
    }

    /// The account page: where sign-up and sign-in lead by themselves.
    pub fn account() -> Self {
        Self("/account".to_owned())
    }

    /// The page of a recovery. A token of letters, digits, `-` and `_` stands in it as it is.
    pub fn recovery(token: &str) -> Self {
        Self(format!("/recover/{token}"))
    }

    /// The page where somebody becomes an admin.
    pub fn setup(token: &str) -> Self {
        Self(format!("/setup/{token}"))
    }

    /// The page of an invitation.
    pub fn invitation(token: &str) -> Self {
        Self(format!("/invitation/{token}"))
    }

    /// The first page: where signing out leads.
    pub fn home() -> Self {
        Self("/".to_owned())
    }

    /// Where verifying an e-mail address leads.
    pub fn email_verified() -> Self {
        Self("/email-verified".to_owned())
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::SitePath;

    #[test]
    fn only_paths_of_this_site_are_taken() {
        for good in ["/", "/account", "/account?tab=1#top", "/a//b", "/é"] {
            assert_eq!(SitePath::parse(good).as_ref().map(SitePath::as_str), Some(good));
        }
        let long = format!("/{}", "a".repeat(600));
        for bad in [
            "",
            "account",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/\t/evil.example",
            "/a\nb",
            " /account",
            "javascript:alert(1)",
            &long,
        ] {
            assert_eq!(SitePath::parse(bad), None, "{bad:?}");
        }
    }
}
