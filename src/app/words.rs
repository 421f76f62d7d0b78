//! What the site says when something went wrong, and how it says when something was.

use crate::wire::Code;

/// What passkeys are, in one line.
pub(super) const WHAT_PASSKEYS_ARE: &str = "Sign in with your face, fingerprint or screen lock. There is nothing to remember and nothing to steal.";

/// What happened, and what to do now.
pub(super) fn sentences(code: Code) -> (&'static str, &'static str) {
    match code {
        Code::Cancelled => (
            "That was cancelled, or it took too long.",
            "Nothing has changed. Press the button to try again.",
        ),
        Code::NoPasskeyHere => (
            "This device has no passkey for this site.",
            "Use the device where you made your passkey, or create an account.",
        ),
        Code::AlreadyRegistered => {
            ("This device already has a passkey for this account.", "Sign in with it instead.")
        }
        Code::InsecurePage => (
            "Passkeys do not work at this address.",
            "Open the site at its own https address and try again.",
        ),
        Code::BrowserTooOld => (
            "This browser is too old for passkeys.",
            "Update it, or use another one, and try again.",
        ),
        Code::DeviceUnsuitable => (
            "Your device could not do that.",
            "Check that it has a screen lock, then try again, or use another device.",
        ),
        Code::NameTaken => ("That username is taken.", "Choose another one and try again."),
        Code::NameInvalid => (
            "That cannot be a username.",
            "Use 1 to 64 letters, digits and the signs . _ - @ + without spaces.",
        ),
        Code::DisplayNameInvalid => (
            "That name cannot be shown.",
            "Use at most 64 characters on one line, or leave it empty.",
        ),
        Code::CeremonyExpired => {
            ("This page was open for too long.", "It is ready again: press the button once more.")
        }
        Code::CookiesBlocked => (
            "Your browser did not send this site's cookie.",
            "Allow cookies for this site, load the page again and try once more.",
        ),
        Code::Unreachable => {
            ("The site could not be reached.", "Check your connection and try again.")
        }
        Code::RateLimited => {
            ("There were too many tries from here.", "Wait a minute and try again.")
        }
        Code::Refused => (
            "That passkey was not accepted.",
            "Try again, or use another passkey. If it keeps failing, give your administrator the reference below.",
        ),
        Code::ServerTrouble => (
            "Something went wrong on our side.",
            "Try again in a moment. If it keeps failing, give your administrator the reference below.",
        ),
    }
}

/// How long ago something was, roughly.
pub(super) fn ago(seconds: i64) -> String {
    let (number, unit) = match seconds {
        ..60 => return "just now".to_owned(),
        60..3600 => (seconds / 60, "minute"),
        3600..86_400 => (seconds / 3600, "hour"),
        86_400..2_592_000 => (seconds / 86_400, "day"),
        2_592_000..31_536_000 => (seconds / 2_592_000, "month"),
        _ => (seconds / 31_536_000, "year"),
    };
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {unit}{plural} ago")
}

#[cfg(test)]
mod tests {
    use super::ago;

    #[test]
    fn a_time_ago_is_rough() {
        let told: Vec<String> = [0, 59, 60, 7_199, 86_400, 3_000_000, 70_000_000].map(ago).into();
        assert_eq!(
            told,
            [
                "just now",
                "just now",
                "1 minute ago",
                "1 hour ago",
                "1 day ago",
                "1 month ago",
                "2 years ago"
            ]
        );
    }
}
