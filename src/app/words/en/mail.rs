//! E-mail in English.

use crate::app::words::{Mail, Told};

pub(super) const MAIL: Mail = Mail {
    verification_subject: |site| format!("{site}: Is this your e-mail address?"),
    verification: |name, site, link| {
        format!(
            "Somebody who is signed in to {site} as “{name}”\nwants to hear at this address what happens in that account.\n\nIf that is you, open this page and press the button there.\nThe link works once, for 24 hours:\n\n{link}\n\nIf it is not you, do nothing. Nothing else will be sent here.\n"
        )
    },
    passkey_added: Told {
        subject: |site| format!("{site}: A passkey was added"),
        text: |name, site, passkey| {
            format!(
                "Your account “{name}” at {site} has a new passkey.\nIt can be used to sign in from now on:\n\n    {passkey}"
            )
        },
        not_you: "If that was not you, remove the passkey and end all other\nsessions:",
    },
    passkey_removed: Told {
        subject: |site| format!("{site}: A passkey was removed"),
        text: |name, site, passkey| {
            format!(
                "A passkey of your account “{name}” at {site} was removed.\nIt can no longer be used to sign in:\n\n    {passkey}"
            )
        },
        not_you: "If that was not you, look at what else has changed, and end all\nother sessions:",
    },
    new_browser: Told {
        subject: |site| format!("{site}: You signed in from a new browser"),
        text: |name, site, _| {
            format!(
                "Somebody signed in to your account “{name}” at {site}\nfrom a browser that had not been used there before."
            )
        },
        not_you: "If that was not you, end that session and remove the passkey that\nwas used for it:",
    },
    recovery_begun: Told {
        subject: |site| format!("{site}: A recovery of your account has begun"),
        text: |name, site, ready_at| {
            format!(
                "Somebody wants to get into your account “{name}” at {site}\nwithout a passkey, with a recovery code or a link from its operators.\nThis is possible from the following time on:\n\n    {ready_at}"
            )
        },
        not_you: "If that was not you, sign in before then and call the recovery off:",
    },
    recovery_done: Told {
        subject: |site| format!("{site}: Your account was recovered"),
        text: |name, site, _| {
            format!("Somebody recovered your account “{name}” at {site}\nand made a new passkey.")
        },
        not_you: "If that was not you, sign in at once, remove the passkeys that are\nnot yours, and end all other sessions:",
    },
    when: "When: ",
    whence: "From: ",
    test_subject: |site| format!("{site}: This is a test"),
    test: "E-mail works: the SMTP server accepted this mail, and it arrived.\n",
};
