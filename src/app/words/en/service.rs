//! The passkey service in the console, in English.

use crate::app::words::{Events, RelyingParties, Service, ServicePasskeys};
use crate::wire::StepKind;

pub(super) const SERVICE: Service = Service {
    parties: RelyingParties {
        title: "Relying parties",
        lede: "Sites whose back ends and pages use the passkey API. Keyfold's own pages are not among them: the settings of the server apply to those.",
        none: "There is none yet. Create one to use the passkey API or the web component from another site.",
        back: "All relying parties",
        create: "Create a relying party",
        create_text: "The RP ID is the domain that passkeys are permanently bound to. Devices must check who uses a passkey; you can change that later.",
        name: "Name, as devices show it",
        rp_id: "RP ID, such as example.com",
        origins: "Origins",
        origins_typed: "Origins, separated by spaces",
        id: "ID",
        verification: "User verification",
        required: "required",
        preferred: "preferred",
        created: "Created",
        passkeys: "Passkeys",
        passkey_count: |count| match count {
            1 => "1 passkey".to_owned(),
            count => format!("{count} passkeys"),
        },
        change: "Change name and origins",
        change_text: "Pages at an origin that is not listed cannot use the passkeys. The RP ID cannot change, because passkeys are bound to it.",
        require: "Require user verification",
        require_text: "From now on a device must check who uses a passkey (by PIN, finger or face). Answers without it are refused.",
        prefer: "Prefer user verification",
        prefer_text: "From now on a device should check who uses a passkey, but answers without it are accepted too. The back end sees which it was.",
        remove: "Remove this relying party",
        remove_text: |name, passkeys| {
            format!(
                "“{name}” is deleted with {passkeys}, its users, its API keys and all records of its ceremonies. Nobody can sign in there any more. This cannot be undone."
            )
        },
        keys: "API keys",
        keys_lede: "The back end calls the passkey API with a key. To replace one, create a new one, hand it over, then revoke the old one.",
        no_keys: "There is no key yet. Without one only the web component works, and no back end can check what it says.",
        create_key: "Create an API key",
        create_key_text: "Its secret is shown once. The back end sends it as “Authorization: Bearer kf_…”.",
        key_name: "Name",
        key_days: "Expires after this many days (empty: never)",
        never_used: "Never used",
        last_used: "Last used",
        expires: "Expires",
        expired: "Expired",
        revoked: "Revoked",
        revoke: "Revoke",
        revoke_text: |name| format!("Calls with “{name}” stop working at once and permanently."),
        settings: "Settings",
        what_can_be_done: "What you can do",
    },
    passkeys: ServicePasskeys {
        title: "Passkeys",
        lede: |count| match count {
            1 => "One passkey.".to_owned(),
            count => format!("{count} passkeys."),
        },
        none: "No passkey was found. Passkeys of all relying parties are listed here.",
        authenticator: "Where it is kept",
        kept: "Where they are kept",
        passkeys: "Passkeys",
    },
    events: Events {
        title: "Events",
        lede: "What happened in the last 30 days, each with its ceremony. The reference is the one that people see with an error.",
        none: "Nothing has happened yet. Registrations, authentications, refusals and removals are listed here.",
        none_found: "Nothing was found. A reference also finds ceremonies without a result; they are kept for 30 days if the browser failed.",
        kind: "Kind",
        kinds: |kind| match kind {
            "registration" => "Registration",
            "authentication" => "Authentication",
            "refusal" => "Refusal",
            _ => "Removal",
        },
        nothing_came: "Ceremony without an event",
        reference: "Reference",
        passkey: "Passkey",
        ceremony: "The ceremony",
        by: "By",
        step,
    },
    all: "All",
    apply: "Show",
    relying_party: "Relying party",
    user: "User",
    user_hint: "Username, the back end's ID, or user handle",
    unknown: "Not known",
    purpose,
    mediation,
};

fn purpose(word: &str) -> Option<&'static str> {
    Some(match word {
        "new account" => "Sign-up",
        "another passkey" => "Another passkey",
        "another device" => "Another device",
        "recovery" => "Recovery",
        "for a back end" => "Registration by a back end",
        "for a page" => "Registration on a page",
        "anyone" => "Sign-in without a named user",
        "one user" => "Confirmation, or sign-in of one user",
        _ => return None,
    })
}

fn mediation(word: &str) -> Option<&'static str> {
    Some(match word {
        "conditional" => "Autofill (conditional)",
        "modal" => "Prompt (modal)",
        "immediate" => "At once (immediate)",
        _ => return None,
    })
}

fn step(step: &StepKind) -> String {
    match step {
        StepKind::Offered => "Offered: the options were issued".to_owned(),
        StepKind::BrowserError { call, error, after } => {
            format!("The browser failed: {call} ended with {error} after {after} ms")
        }
        StepKind::Answered => "Answered".to_owned(),
        StepKind::Verified => "Verified".to_owned(),
        StepKind::Refused { reason, step } => {
            format!("Refused: {reason} (WebAuthn Level 3, {step})")
        }
        StepKind::TooLate => "Answered too late".to_owned(),
        StepKind::Expired => "Expired without an answer".to_owned(),
    }
}
