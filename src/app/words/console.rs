//! What the console says. Its places have words of their own.

use crate::wire::{Place, SignUpPolicy, Standing};

/// Words of the frame of the console.
#[derive(Debug)]
pub struct Console {
    pub title: &'static str,
    /// What a place is called.
    pub place: fn(Place) -> &'static str,
    pub needs: &'static str,
    pub search: &'static str,
    pub next_page: &'static str,
    pub first_page: &'static str,
    /// Beside what is told once.
    pub told_once: &'static str,
    pub copy: &'static str,
    pub close: &'static str,
    /// What was done, by the word in the address.
    pub done: fn(&str) -> Option<&'static str>,
    pub users: Users,
    pub invitations: Invitations,
    pub settings: Settings,
}

/// Words of the users.
#[derive(Debug)]
pub struct Users {
    pub title: &'static str,
    /// Takes how many there are.
    pub lede: fn(i64) -> String,
    pub search_for: &'static str,
    pub nobody: &'static str,
    pub nobody_found: &'static str,
    pub admin: &'static str,
    pub disabled: &'static str,
    pub you: &'static str,
    /// Takes a number of sessions.
    pub sessions: fn(u32) -> String,
    pub account: &'static str,
    pub id: &'static str,
    pub email: &'static str,
    pub verified: &'static str,
    pub unverified: &'static str,
    pub signed_up: &'static str,
    pub recovery_codes: &'static str,
    pub recovery: &'static str,
    pub no_recovery: &'static str,
    pub recovery_by_operator: &'static str,
    pub no_passkeys: &'static str,
    pub no_sessions: &'static str,
    pub end_sessions: &'static str,
    /// Each of these takes the username.
    pub end_sessions_text: fn(&str) -> String,
    pub recover: &'static str,
    pub recover_text: fn(&str) -> String,
    pub disable: &'static str,
    pub disable_text: fn(&str) -> String,
    pub enable: &'static str,
    pub enable_text: fn(&str) -> String,
    pub make_admin: &'static str,
    pub make_admin_text: fn(&str) -> String,
    pub make_no_admin: &'static str,
    pub make_no_admin_text: fn(&str) -> String,
    pub delete: &'static str,
    pub delete_text: fn(&str) -> String,
    pub what_can_be_done: &'static str,
    pub back: &'static str,
}

/// Words of the invitations.
#[derive(Debug)]
pub struct Invitations {
    pub title: &'static str,
    /// Who may sign up, and what invitations do there.
    pub policy: fn(SignUpPolicy) -> &'static str,
    pub invite: &'static str,
    pub invite_text: &'static str,
    pub uses: &'static str,
    pub days: &'static str,
    pub note: &'static str,
    pub none: &'static str,
    pub standing: fn(Standing) -> &'static str,
    /// Takes how many have signed up with it, and how many can.
    pub used: fn(i64, i64) -> String,
    pub made: &'static str,
    pub expires: &'static str,
    pub revoke: &'static str,
    /// Takes its note.
    pub revoke_text: fn(&str) -> String,
}

/// Words of the settings.
#[derive(Debug)]
pub struct Settings {
    pub title: &'static str,
    pub lede: &'static str,
    pub by_default: &'static str,
    pub in_file: &'static str,
    pub in_environment: &'static str,
    pub on_command_line: &'static str,
    pub nothing: &'static str,
}
