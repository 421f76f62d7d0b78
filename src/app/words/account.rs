//! What the account page says.

/// Words of the account page.
#[derive(Debug)]
pub struct Account {
    pub title: &'static str,
    pub signed_in_as: &'static str,
    /// For admins.
    pub open_console: &'static str,
    pub passkeys: &'static str,
    pub passkeys_lede: &'static str,
    /// Where there is none any more.
    pub no_passkeys: &'static str,
    /// The name of a passkey whose provider is not known.
    pub unnamed_passkey: &'static str,
    pub synced: &'static str,
    pub not_synced_yet: &'static str,
    pub this_device_only: &'static str,
    pub used_for_this_session: &'static str,
    pub created: &'static str,
    pub last_used: &'static str,
    pub never_used: &'static str,
    pub add_passkey: &'static str,
    pub add_passkey_text: &'static str,
    pub add_security_key: &'static str,
    pub add_phone: &'static str,
    pub add_passkey_to_this_device: &'static str,
    pub add_passkey_here: &'static str,
    pub add_passkey_here_text: &'static str,
    pub rename: &'static str,
    pub rename_passkey: &'static str,
    pub passkey_name: &'static str,
    pub save: &'static str,
    pub remove: &'static str,
    pub remove_passkey: &'static str,
    /// Takes the name of the passkey.
    pub remove_passkey_text: fn(&str) -> String,
    /// For whoever has come back with a new passkey.
    pub remove_old_passkeys: &'static str,
    /// Takes the names of those that go.
    pub remove_old_passkeys_text: fn(&[String]) -> String,
    pub sessions: &'static str,
    pub sessions_lede: &'static str,
    pub this_one: &'static str,
    pub signed_in: &'static str,
    pub last_seen: &'static str,
    pub unknown_browser: &'static str,
    /// Takes a browser and a system.
    pub on: fn(&str, &str) -> String,
    pub sign_out: &'static str,
    pub sign_out_there: &'static str,
    pub sign_out_there_text: fn(&str) -> String,
    pub sign_out_elsewhere: &'static str,
    pub sign_out_elsewhere_text: &'static str,
    pub profile: &'static str,
    pub username: &'static str,
    pub display_name: &'static str,
    pub shown_name: &'static str,
    pub change_names: &'static str,
    /// What goes with the username.
    pub change_names_text: &'static str,
    pub your_data: &'static str,
    pub export_text: &'static str,
    pub export: &'static str,
    pub delete_text: &'static str,
    pub delete: &'static str,
    pub delete_button: &'static str,
    /// Takes the username.
    pub delete_warning: fn(&str) -> String,
    /// Where the browser cannot be told that something has changed.
    pub tell_it_yourself: &'static str,
    pub confirm_title: &'static str,
    pub confirm_text: &'static str,
    pub confirm: &'static str,
    pub needs: &'static str,
    /// What was done, by the word in the address.
    pub done: fn(&str) -> Option<&'static str>,
}
