//! The account page in English.

use crate::app::words::Account;

pub(super) const ACCOUNT: Account = Account {
    title: "Your account",
    signed_in_as: "Signed in as ",
    open_console: "Open the console",
    passkeys: "Passkeys",
    passkeys_lede: "Each of these signs you in. Passkeys that are synced are on your other devices too.",
    no_passkeys: "You have no passkey any more. Add one now, while your sign-in is fresh. After five minutes that takes one of your recovery codes.",
    unnamed_passkey: "Passkey",
    synced: "Synced",
    not_synced_yet: "Not synced yet",
    this_device_only: "This device only",
    used_for_this_session: "Used for this session",
    created: "Created ",
    last_used: "Last used ",
    never_used: "Never used",
    add_passkey: "Add a passkey",
    add_passkey_text: "Your device will ask you where to keep the new passkey.",
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
            "“{name}” will not sign you in any more. Your device is told to forget it, where it can be."
        )
    },
    sessions: "Sessions",
    sessions_lede: "Where you are signed in. End what you do not recognise.",
    this_one: "This one",
    signed_in: "Signed in ",
    last_seen: "Last seen ",
    unknown_browser: "Unknown browser",
    on: |browser, system| format!("{browser} on {system}"),
    sign_out: "Sign out",
    sign_out_there: "End this session",
    sign_out_there_text: |whence| format!("{whence} will be signed out at once."),
    sign_out_elsewhere: "End all other sessions",
    sign_out_elsewhere_text: "Every browser but this one will be signed out at once.",
    profile: "Profile",
    username: "Username",
    display_name: "Display name (optional)",
    shown_name: "Display name",
    change_names: "Change your names",
    your_data: "Your data",
    export_text: "Everything that is stored about you, as a JSON file.",
    export: "Export your data",
    delete_text: "Deleting your account cannot be undone.",
    delete: "Delete your account",
    delete_button: "Delete everything",
    delete_warning: |name| {
        format!(
            "The account “{name}” goes with all of its passkeys, sessions and recovery codes. There is no way back."
        )
    },
    tell_it_yourself: "Your browser cannot pass this on to where your passkeys are kept. Change it there yourself, so that nothing is offered that does not work.",
    confirm_title: "Confirm that it is you",
    confirm_text: "It is a while since you signed in. Confirm with your passkey, then it goes on.",
    confirm: "Confirm with your passkey",
    needs: "Changing your account",
    done,
};

fn done(what: &str) -> Option<&'static str> {
    Some(match what {
        "passkey-added" => "The passkey was added.",
        "passkey-renamed" => "The passkey was renamed.",
        "passkey-removed" => "The passkey was removed.",
        "session-ended" => "The session was ended.",
        "sessions-ended" => "All other sessions were ended.",
        "names-changed" => "Your names were changed.",
        "account-deleted" => "Your account was deleted.",
        "recovered" => "You are back. Remove below the passkeys that you have lost.",
        "recovery-called-off" => "The recovery was called off.",
        "recovery-codes-removed" => "The recovery codes were removed.",
        _ => return super::email::done(what),
    })
}
