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
            "Another passkey prompt is open.",
            "Answer or close it, also in other tabs and windows, then try again.",
        ],
        Code::DeviceFailed => [
            "Your device tried and failed.",
            "Unplug a security key and plug it in again, or unlock your phone, then try again.",
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
            "That is not a valid username.",
            "Use 1 to 64 letters, digits and the characters . _ - @ + without spaces.",
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
            "Allow cookies for this site, reload the page and try again.",
        ],
        Code::SignedOut => {
            ["You are no longer signed in.", "Sign in again; nothing has changed in the meantime."]
        }
        Code::StaleSignIn => {
            ["It has been a while since you signed in.", "Confirm with your passkey to continue."]
        }
        Code::NotFound => ["That no longer exists.", "Reload the page to see how things are now."],
        Code::NoPasskeyLeft => [
            "You have no passkeys left.",
            "Sign out, choose “Lost your passkeys?” and use one of your recovery codes.",
        ],
        Code::LastPasskey => [
            "This is your last passkey; without it you could not sign in.",
            "Add another passkey first, or make recovery codes.",
        ],
        Code::PasskeyNameInvalid => {
            ["That is not a valid name for a passkey.", "Use 1 to 64 characters on one line."]
        }
        Code::EmailInvalid => {
            ["That is not an e-mail address.", "Check it for typos and try again."]
        }
        Code::LinkInvalid => [
            "This link no longer works.",
            "It has been used, has expired or is incomplete. Ask for a new one.",
        ],
        Code::RecoveryRefused => [
            "That did not begin a recovery.",
            "Check the username and the code. Each code works once.",
        ],
        Code::RecoveryWaiting => {
            ["The wait is not over yet.", "Come back to this page when it is."]
        }
        Code::RecoveryCancelled => [
            "This recovery was called off.",
            "Somebody who is signed in to the account did that. If it was not you, ask your administrator.",
        ],
        Code::NotConfirmed => [
            "This device has not been approved.",
            "Confirm it on the device where you are signed in, then try again.",
        ],
        Code::SignUpClosed => [
            "New accounts cannot be created here at the moment.",
            "Ask whoever runs this site. If you have an account, sign in.",
        ],
        Code::InvitationNeeded => [
            "You need an invitation to create an account here.",
            "Ask whoever runs this site for a link.",
        ],
        Code::InvitationInvalid => [
            "That invitation is not valid.",
            "Give whole numbers: 1 to 10000 people, 1 to 365 days. The note has at most 128 characters.",
        ],
        Code::LastAdmin => [
            "This is the last admin, and somebody has to run the site.",
            "Make somebody else an admin first, then try again.",
        ],
        Code::RelyingPartyInvalid => [
            "Check the relying party's details.",
            "It needs a name of 1 to 64 characters, and 1 to 20 origins exactly as the address bar shows them, each once, on the RP ID or below it, such as https://shop.example.com.",
        ],
        Code::RpIdInvalid => [
            "This is not an RP ID.",
            "Give the domain that all pages are on or below, such as example.com, without https:// and without a port.",
        ],
        Code::ApiKeyInvalid => [
            "Check the API key's details.",
            "It needs a name of 1 to 64 characters; its lifetime is 1 to 36500 days, or empty for no limit.",
        ],
        Code::Unreachable => {
            ["The site could not be reached.", "Check your connection and try again."]
        }
        Code::RateLimited => {
            ["There were too many attempts from here.", "Wait a minute and try again."]
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

/// What is different for whoever is signed in.
pub(super) fn signed_in(code: Code) -> Option<[&'static str; 2]> {
    match code {
        Code::NoPasskeyHere => Some([
            "This device has no passkey of this account.",
            "Use one that has: a phone or tablet, a security key, another computer.",
        ]),
        Code::AlreadyRegistered => Some([
            "This device already has a passkey for this account.",
            "It does not need a second one. To add one elsewhere, choose another device.",
        ]),
        _ => None,
    }
}
