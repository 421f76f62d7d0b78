//! E-mail addresses in English.

use crate::app::words::Email;

pub(super) const EMAIL: Email = Email {
    heading: "E-mail",
    lede: "We write to these addresses when a passkey is added or removed, or somebody signs in from a new browser.",
    none: "There is no address yet. Add one, and you will hear about it when something happens that you did not do.",
    verified: "Verified",
    not_verified: "Not verified yet",
    address: "E-mail address",
    add: "Add an address",
    add_text: "You get an e-mail with a link there. Nothing else is sent until you have opened it.",
    add_button: "Add this address",
    enough: "You can have at most five addresses. Remove one to add another.",
    remove: "Remove",
    remove_title: "Remove this address",
    remove_text: |address| format!("Nothing more will be sent to {address}."),
    resend: "Send again",
    resend_title: "Send the link again",
    resend_text: |address| {
        format!("A new e-mail with a link goes to {address}. The link works for 24 hours.")
    },
    resend_button: "Send the link again",
    verify_title: "Is this your e-mail address?",
    verify_text: "You followed a link from an e-mail. Press the button if you asked for it yourself.",
    verify_button: "Yes, this is my address",
    verified_title: "Your address is verified",
    verified_text: "From now on we tell you there what happens in your account.",
    to_the_account: "Go to your account",
    needs: "Verifying an address",
};

/// What was done, by the word in the address.
pub(super) fn done(what: &str) -> Option<&'static str> {
    Some(match what {
        "email-added" => "The address was added. Check your mail for the link.",
        "email-removed" => "The address was removed.",
        "email-sent" => "The link was sent again.",
        _ => return None,
    })
}
