//! What happened, and what to do now, in English.

use crate::wire::Code;

#[expect(clippy::too_many_lines, reason = "it is one table")]
pub(super) fn sentences(code: Code) -> [&'static str; 2] {
    match code {
        Code::Cancelled => [
            "That was cancelled, or it took too long.",
            "Nothing has changed. Press the button to try again.",
        ],
        Code::TimedOut => [
            "Your device waited, and nobody answered.",
            "Nothing has changed. Press the button to try again.",
        ],
        Code::Busy => [
            "Another question about passkeys is still open.",
            "Answer or close it, also in other tabs and windows, then try again.",
        ],
        Code::DeviceFailed => [
            "Your device tried and failed.",
            "Take a security key out and put it in again, or unlock your phone, then try again.",
        ],
        Code::NoPasskeyHere => [
            "This device has no passkey for this site.",
            "Use the device where you made your passkey, or create an account.",
        ],
        Code::AlreadyRegistered => {
            ["This device already has a passkey for this account.", "Sign in with it instead."]
        }
        Code::InsecurePage => [
            "Passkeys do not work at this address.",
            "Open the site at its own https address and try again.",
        ],
        Code::BrowserTooOld => [
            "This browser is too old for passkeys.",
            "Update it, or use another one, and try again.",
        ],
        Code::DeviceUnsuitable => [
            "Your device could not do that.",
            "Check that it has a screen lock, then try again, or use another device.",
        ],
        Code::NameTaken => ["That username is taken.", "Choose another one and try again."],
        Code::NameInvalid => [
            "That cannot be a username.",
            "Use 1 to 64 letters, digits and the signs . _ - @ + without spaces.",
        ],
        Code::DisplayNameInvalid => [
            "That name cannot be shown.",
            "Use at most 64 characters on one line, or leave it empty.",
        ],
        Code::CeremonyExpired => {
            ["This page was open for too long.", "It is ready again: press the button once more."]
        }
        Code::CookiesBlocked => [
            "Your browser did not send this site's cookie.",
            "Allow cookies for this site, load the page again and try once more.",
        ],
        Code::SignedOut => {
            ["You are not signed in any more.", "Sign in again; nothing has changed meanwhile."]
        }
        Code::StaleSignIn => [
            "It is a while since you signed in.",
            "Confirm with your passkey that it is you, then it goes on.",
        ],
        Code::NotFound => {
            ["That is not there any more.", "Load the page again to see how things are now."]
        }
        Code::LastPasskey => [
            "This is your last passkey; without it you could not sign in.",
            "Add another passkey first, or make recovery codes.",
        ],
        Code::PasskeyNameInvalid => {
            ["That cannot be the name of a passkey.", "Use 1 to 64 characters on one line."]
        }
        Code::EmailInvalid => {
            ["That is not an e-mail address.", "Check it for typing errors and try again."]
        }
        Code::LinkInvalid => [
            "This link does not work any more.",
            "It is used, too old, or not complete. Ask for a new one.",
        ],
        Code::RecoveryRefused => [
            "That did not open a recovery.",
            "Check the username and the code. Each code works once.",
        ],
        Code::RecoveryWaiting => {
            ["The time to wait is not over.", "Come back to this page when it is."]
        }
        Code::RecoveryCancelled => [
            "This recovery was called off.",
            "Somebody who is signed in to the account did that. If it was not you, ask your administrator.",
        ],
        Code::NotConfirmed => [
            "This device has not been let in.",
            "Confirm it on the device where you are signed in, then try again.",
        ],
        Code::SignUpClosed => [
            "New accounts cannot be made here now.",
            "Ask whoever runs this site. If you have an account, sign in.",
        ],
        Code::InvitationNeeded => [
            "You need an invitation to create an account here.",
            "Ask whoever runs this site for a link.",
        ],
        Code::InvitationInvalid => [
            "There can be no such invitation.",
            "Give whole numbers: 1 to 10000 people, 1 to 365 days. The note has at most 128 characters.",
        ],
        Code::LastAdmin => [
            "This is the last admin, and somebody has to run the site.",
            "Make somebody else an admin first, then try again.",
        ],
        Code::RelyingPartyInvalid => [
            "A relying party cannot be like this.",
            "It needs a name of 1 to 64 characters, and 1 to 20 origins exactly as the address bar has them, each once, on the RP ID or below it, such as https://shop.example.com.",
        ],
        Code::RpIdInvalid => [
            "This is not an RP ID.",
            "Give the domain that all pages are on or below, such as example.com, without https:// and without a port.",
        ],
        Code::ApiKeyInvalid => [
            "An API key cannot be like this.",
            "It needs a name of 1 to 64 characters; a lifetime is 1 to 36500 days, or empty.",
        ],
        Code::Unreachable => {
            ["The site could not be reached.", "Check your connection and try again."]
        }
        Code::RateLimited => {
            ["There were too many tries from here.", "Wait a minute and try again."]
        }
        Code::Refused => [
            "That passkey was not accepted.",
            "Try again, or use another passkey. If it keeps failing, give your administrator the reference below.",
        ],
        Code::ServerTrouble => [
            "Something went wrong on our side.",
            "Try again in a moment. If it keeps failing, give your administrator the reference below.",
        ],
    }
}
