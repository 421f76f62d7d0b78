//! What the console says of the passkey service.

use crate::wire::StepKind;

/// Words of the passkey service in the console.
#[derive(Debug)]
pub struct Service {
    pub parties: RelyingParties,
    pub passkeys: ServicePasskeys,
    pub events: Events,
    /// Where all can be chosen.
    pub all: &'static str,
    pub apply: &'static str,
    pub relying_party: &'static str,
    /// What is typed to find somebody.
    pub user: &'static str,
    pub user_hint: &'static str,
    /// What was not said, or is not known.
    pub unknown: &'static str,
    /// What a registration was for, or whom an authentication asked, by the word of the service.
    pub purpose: fn(&str) -> Option<&'static str>,
    /// How the browser was to ask.
    pub mediation: fn(&str) -> Option<&'static str>,
}

/// Words of relying parties and their API keys.
#[derive(Debug)]
pub struct RelyingParties {
    pub title: &'static str,
    pub lede: &'static str,
    pub none: &'static str,
    pub back: &'static str,
    pub create: &'static str,
    pub create_text: &'static str,
    pub name: &'static str,
    pub rp_id: &'static str,
    pub origins: &'static str,
    /// Beside the field.
    pub origins_typed: &'static str,
    pub id: &'static str,
    pub verification: &'static str,
    pub required: &'static str,
    pub preferred: &'static str,
    pub created: &'static str,
    pub passkeys: &'static str,
    /// Takes a number.
    pub passkey_count: fn(i64) -> String,
    pub change: &'static str,
    pub change_text: &'static str,
    pub require: &'static str,
    pub require_text: &'static str,
    pub prefer: &'static str,
    pub prefer_text: &'static str,
    pub remove: &'static str,
    /// Takes the name and the number of passkeys.
    pub remove_text: fn(&str, &str) -> String,
    pub keys: &'static str,
    pub keys_lede: &'static str,
    pub no_keys: &'static str,
    pub create_key: &'static str,
    pub create_key_text: &'static str,
    pub key_name: &'static str,
    pub key_days: &'static str,
    pub never_used: &'static str,
    pub last_used: &'static str,
    pub expires: &'static str,
    pub expired: &'static str,
    pub revoked: &'static str,
    pub revoke: &'static str,
    /// Takes the name of the key.
    pub revoke_text: fn(&str) -> String,
    pub settings: &'static str,
    pub what_can_be_done: &'static str,
}

/// Words of the passkeys of everybody.
#[derive(Debug)]
pub struct ServicePasskeys {
    pub title: &'static str,
    /// Takes how many were found.
    pub lede: fn(i64) -> String,
    pub none: &'static str,
    pub authenticator: &'static str,
    pub kept: &'static str,
    pub passkeys: &'static str,
}

/// Words of what has happened.
#[derive(Debug)]
pub struct Events {
    pub title: &'static str,
    pub lede: &'static str,
    pub none: &'static str,
    pub none_found: &'static str,
    pub kind: &'static str,
    /// What a kind is called.
    pub kinds: fn(&str) -> &'static str,
    /// Of a ceremony of which nothing came.
    pub nothing_came: &'static str,
    pub reference: &'static str,
    pub passkey: &'static str,
    pub ceremony: &'static str,
    pub by: &'static str,
    /// What happened in a ceremony.
    pub step: fn(&StepKind) -> String,
}
