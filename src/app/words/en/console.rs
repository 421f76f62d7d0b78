//! The console in English.

use crate::app::words::{Console, Invitations, Settings, Users};
use crate::wire::{Place, SignUpPolicy, Standing};

pub(super) const CONSOLE: Console = Console {
    title: "Console",
    place,
    needs: "Changing anything here",
    search: "Search",
    next_page: "Next page",
    first_page: "First page",
    told_once: "This is shown once and stored nowhere. Copy it now.",
    copy: "Copy",
    close: "Done",
    done,
    users: Users {
        title: "Users",
        lede: |count| match count {
            1 => "One person has an account.".to_owned(),
            count => format!("{count} people have an account."),
        },
        search_for: "Username, display name or e-mail address",
        nobody: "Nobody has an account yet. People sign up by themselves, or with an invitation.",
        nobody_found: "Nobody was found. Search for part of the name.",
        admin: "Admin",
        disabled: "Locked out",
        you: "You",
        sessions: |count| match count {
            1 => "1 session".to_owned(),
            count => format!("{count} sessions"),
        },
        account: "Account",
        id: "User ID",
        email: "E-mail",
        verified: "verified",
        unverified: "not verified",
        signed_up: "Signed up",
        recovery_codes: "Recovery codes left",
        recovery: "Recovery in progress",
        no_recovery: "None",
        recovery_by_operator: "Opened by an admin",
        no_passkeys: "No passkey is left. A recovery link lets this person make a new one.",
        no_sessions: "Signed in nowhere.",
        end_sessions: "End all sessions",
        end_sessions_text: |name| format!("{name} will be signed out everywhere, at once."),
        recover: "Make a recovery link",
        recover_text: |name| {
            format!(
                "With this link {name} can make a new passkey. It works once, for 24 hours; earlier links and recoveries stop working. Check first who you are giving it to."
            )
        },
        disable: "Lock out",
        disable_text: |name| {
            format!(
                "{name} will be signed out everywhere and cannot sign in or recover the account. Passkeys stay."
            )
        },
        enable: "Unlock",
        enable_text: |name| format!("{name} can sign in again."),
        make_admin: "Make an admin",
        make_admin_text: |name| {
            format!("{name} can then see and change everything in this console, including you.")
        },
        make_no_admin: "Remove admin rights",
        make_no_admin_text: |name| {
            format!("{name} keeps the account but can no longer open this console.")
        },
        delete: "Delete this user",
        delete_text: |name| {
            format!(
                "The account “{name}” is deleted with all of its passkeys, sessions and recovery codes. This cannot be undone."
            )
        },
        what_can_be_done: "What you can do",
        back: "All users",
    },
    invitations: Invitations {
        title: "Invitations",
        policy,
        invite: "Make an invitation",
        invite_text: "Anyone with the link can sign up until it is used up or expires.",
        uses: "For how many people",
        days: "For how many days",
        note: "Note (optional), for admins only",
        none: "No invitations yet. Make one and pass its link on.",
        standing,
        used: |used, uses| format!("{used} of {uses} used"),
        made: "Made",
        expires: "Expires",
        revoke: "Revoke",
        revoke_text: |note| {
            format!(
                "Nobody can sign up with “{note}” any more. People who have signed up with it keep their accounts."
            )
        },
    },
    settings: Settings {
        title: "Settings",
        lede: "The settings in force on this server, and where each comes from. To change one, edit it there and restart Keyfold.",
        by_default: "Default",
        in_file: "Settings file",
        in_environment: "Environment",
        on_command_line: "Command line",
        nothing: "Nothing",
    },
};

fn place(place: Place) -> &'static str {
    match place {
        Place::Users => "Users",
        Place::Passkeys => "Passkeys",
        Place::RelyingParties => "Relying parties",
        Place::Invitations => "Invitations",
        Place::Events => "Events",
        Place::Insight => "Insight",
        Place::Settings => "Settings",
    }
}

fn done(what: &str) -> Option<&'static str> {
    Some(match what {
        "set-up" => "Keyfold is set up, and you are its admin.",
        "user-disabled" => "The user is locked out.",
        "user-enabled" => "The user can sign in again.",
        "sessions-ended" => "All sessions of the user were ended.",
        "recovery-opened" => "The recovery link was made.",
        "user-deleted" => "The user was deleted.",
        "invitation-made" => "The invitation was made.",
        "invitation-revoked" => "The invitation was revoked.",
        "admin-made" => "The user is now an admin.",
        "admin-unmade" => "The user is no longer an admin.",
        "party-created" => "The relying party was created. Give it an API key now.",
        "party-changed" => "The relying party was changed.",
        "party-removed" => "The relying party was removed.",
        "key-created" => "The API key was created.",
        "key-revoked" => "The API key was revoked.",
        _ => return None,
    })
}

fn policy(policy: SignUpPolicy) -> &'static str {
    match policy {
        SignUpPolicy::Open => {
            "Anyone can sign up here. Invitations matter only when sign_up is set to “invitation”."
        }
        SignUpPolicy::ByInvitation => "Only people with an invitation can sign up here.",
        SignUpPolicy::Closed => {
            "Nobody can sign up here, not even with an invitation, until sign_up is set to “invitation” or “open”."
        }
    }
}

fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Open => "Open",
        Standing::UsedUp => "Used up",
        Standing::Expired => "Expired",
        Standing::Revoked => "Revoked",
        Standing::Unknown => "Unknown",
    }
}
