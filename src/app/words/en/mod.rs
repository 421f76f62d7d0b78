//! English.

mod account;
mod console;
mod device;
mod email;
mod help;
mod insight;
mod mail;
mod recovery;
mod sentences;
mod service;

use crate::wire::Standing;

use super::{Common, Home, SignIn, SignUp, Words};

/// What is said in English.
pub(super) static WORDS: Words = Words {
    common: Common {
        what_passkeys_are: "Sign in with your face, fingerprint or screen lock. There is nothing to remember and nothing to steal.",
        skip_to_content: "Skip to content",
        foot: "Passkeys by Keyfold",
        help: "Help",
        language: "Language",
        something_went_wrong: "Something went wrong",
        reference: "Reference",
        sign_in: "Sign in",
        create_an_account: "Create an account",
        cancel: "Cancel",
        waiting_for_your_device: "Waiting for your device…",
        one_moment: "One moment…",
        needs_javascript: " needs JavaScript. Turn it on for this site and reload the page.",
        could_not_start: "This page could not start. Reload it; if that does not help, update your browser.",
        not_found_title: "Page not found",
        not_found_heading: "There is no page here",
        not_found: "The address may contain a typo, or the page is gone.",
        to_the_first_page: "Go to the home page",
    },
    home: Home {
        title: "Keyfold",
        heading: "Sign in without a password",
        lede: "Keyfold lets you in with a passkey. ",
        points: [
            ["One look, one touch", "Your device knows you. That is all it takes."],
            ["On all your devices", "Passkeys follow you to your other phones and computers."],
            ["Yours alone", "Your face and your fingerprint never leave your device."],
        ],
    },
    sign_up: SignUp {
        title: "Create your account",
        lede: "A passkey takes the place of a password. ",
        username: "Username",
        display_name: "Display name (optional)",
        button: "Create account with a passkey",
        have_an_account: "Have an account? ",
        needs: "Creating a passkey",
        invited: "You are invited",
        invitation_over,
        setup: "Set up Keyfold",
        setup_lede: "You will run this site: choose a username and make your passkey. ",
    },
    sign_in: SignIn {
        title: "Sign in",
        username: "Username",
        hint: "Nothing to type: your passkeys are offered here.",
        button: "Sign in with a passkey",
        other_ways: "Other ways to sign in",
        security_key: "Use a security key",
        phone: "Use a phone or tablet",
        done: "✓ You are in",
        new_here: "New here? ",
        needs: "Signing in with a passkey",
    },
    account: account::ACCOUNT,
    help: help::HELP,
    device: device::DEVICE,
    email: email::EMAIL,
    mail: mail::MAIL,
    recovery: recovery::RECOVERY,
    console: console::CONSOLE,
    service: service::SERVICE,
    insight: insight::INSIGHT,
    sentences: sentences::sentences,
    sentences_when_signed_in: sentences::signed_in,
    ago,
    until,
};

fn invitation_over(standing: Standing) -> [&'static str; 2] {
    let ask = "Ask whoever invited you for a new link.";
    match standing {
        Standing::UsedUp => ["This invitation is used up.", ask],
        Standing::Expired => ["This invitation has expired.", ask],
        Standing::Revoked => ["This invitation was revoked.", ask],
        Standing::Open | Standing::Unknown => [
            "This invitation does not exist.",
            "Check that the link is complete, or ask for a new one.",
        ],
    }
}

fn ago(seconds: i64) -> String {
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

/// Rounded up: nobody is to come too early.
fn until(seconds: i64) -> String {
    let minutes = seconds.div_euclid(60) + i64::from(seconds.rem_euclid(60) > 0);
    let hours = minutes.div_euclid(60) + i64::from(minutes.rem_euclid(60) > 0);
    let days = hours.div_euclid(24) + i64::from(hours.rem_euclid(24) > 0);
    let (number, unit) = match (minutes, hours) {
        (..1, _) => return "now".to_owned(),
        (..60, _) => (minutes, "minute"),
        (_, ..24) => (hours, "hour"),
        _ => (days, "day"),
    };
    let plural = if number == 1 { "" } else { "s" };
    format!("in {number} {unit}{plural}")
}
