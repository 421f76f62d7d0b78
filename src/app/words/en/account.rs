//! The account page in English.

use crate::app::words::Account;

pub(super) const ACCOUNT: Account = Account {
    title: "Your account",
    signed_in_as: "Signed in as ",
    open_console: "Open the console",
    passkeys: "Passkeys",
    passkeys_lede: "Each of these signs you in. Synced passkeys are on your other devices too.",
    no_passkeys: "You have no passkeys left. Add one now, while your sign-in is fresh. After five minutes you need one of your recovery codes for that.",
    unnamed_passkey: "Passkey",
    synced: "Synced",
    not_synced_yet: "Not synced yet",
    this_device_only: "This device only",
    used_for_this_session: "Used for this session",
    created: "Created ",
    last_used: "Last used ",
    never_used: "Never used",
    add_passkey: "Add a passkey",
    add_passkey_text: "Your device asks you where to keep the new passkey.",
    add_security_key: "Add a security key",
    add_phone: "Add a phone or tablet",
    add_passkey_to_this_device: "Add a passkey to this device",
    add_passkey_here: "Sign in faster here",
    add_passkey_here_text: "You used a passkey on another device. Add one to this device, and next time one touch is enough.",
    rename: "Rename",
    rename_passkey: "Rename this passkey",
    passkey_name: "Name of the passkey",
    save: "Save",
    remove: "Remove",
    remove_passkey: "Remove this passkey",
    remove_passkey_text: |name| {
        format!(
            "“{name}” will no longer sign you in. Your device is told to forget it, where possible."
        )
    },
    remove_old_passkeys: "Remove all old passkeys",
    remove_old_passkeys_text: |names| {
        format!(
            "These will no longer sign you in: {}. The passkey that you have just made stays.",
            names.join(", ")
        )
    },
    sessions: "Sessions",
    sessions_lede: "Where you are signed in. End any session you do not recognise.",
    this_one: "This one",
    signed_in: "Signed in ",
    last_seen: "Last seen ",
    unknown_browser: "Unknown browser",
    on: |browser, system| format!("{browser} on {system}"),
    sign_out: "Sign out",
    sign_out_there: "End this session",
    sign_out_there_text: |whence| format!("{whence} will be signed out at once."),
    sign_out_elsewhere: "End all other sessions",
    sign_out_elsewhere_text: "Every browser except this one will be signed out at once.",
    profile: "Profile",
    username: "Username",
    display_name: "Display name (optional)",
    shown_name: "Display name",
    change_names: "Change your names",
    change_names_text: "If you have recovery codes, use them with your new username from then on.",
    your_data: "Your data",
    export_text: "Everything that is stored about you, as a JSON file.",
    export: "Export your data",
    delete_text: "Deleting your account cannot be undone.",
    delete: "Delete your account",
    delete_button: "Delete everything",
    delete_warning: |name| {
        format!(
            "The account “{name}” is deleted with all of its passkeys, sessions and recovery codes. This cannot be undone."
        )
    },
    tell_it_yourself: "Your browser cannot pass this on to where your passkeys are kept. Change it there yourself, so that you are not offered what no longer works.",
    confirm_title: "Confirm that it is you",
    confirm_text: "It has been a while since you signed in. Confirm with your passkey to continue.",
    confirm: "Confirm with your passkey",
    needs: "Changing your account",
    done,
};

fn done(what: &str) -> Option<&'static str> {
    Some(match what {
        "passkey-added" => "The passkey was added.",
        "passkey-renamed" => "The passkey was renamed.",
        "passkeys-removed" => "The old passkeys were removed.",
        "passkey-removed" => "The passkey was removed.",
        "session-ended" => "The session was ended.",
        "sessions-ended" => "All other sessions were ended.",
        "names-changed" => "Your names were changed.",
        "account-deleted" => "Your account was deleted.",
        "account-deleted-here" => {
            "Your account was deleted. Your browser cannot pass this on to where your passkeys are kept: delete them there yourself, so that you are not offered what no longer works."
        }
        "recovered" => {
            "You are back. If you have lost passkeys, or somebody else may have them, remove them now."
        }
        "recovery-called-off" => "The recovery was called off.",
        "recovery-codes-removed" => "The recovery codes were removed.",
        _ => return super::email::done(what),
    })
}
