//! The console in German.

use crate::app::words::{Console, Invitations, Settings, Users};
use crate::wire::{Place, SignUpPolicy, Standing};

pub(super) const CONSOLE: Console = Console {
    title: "Konsole",
    place,
    needs: "Hier etwas zu ändern",
    search: "Suchen",
    next_page: "Nächste Seite",
    first_page: "Erste Seite",
    told_once: "Das wird einmal gezeigt und nirgends gespeichert. Kopiere es jetzt.",
    copy: "Kopieren",
    close: "Fertig",
    done,
    users: Users {
        title: "Benutzer",
        lede: |count| match count {
            1 => "Eine Person hat ein Konto.".to_owned(),
            count => format!("{count} Personen haben ein Konto."),
        },
        search_for: "Benutzername, Anzeigename oder E-Mail-Adresse",
        nobody: "Noch hat niemand ein Konto. Man legt es selbst oder mit einer Einladung an.",
        nobody_found: "Niemand gefunden. Suche nach einem Teil des Namens.",
        admin: "Admin",
        disabled: "Gesperrt",
        you: "Du",
        sessions: |count| match count {
            1 => "1 Sitzung".to_owned(),
            count => format!("{count} Sitzungen"),
        },
        account: "Konto",
        id: "Benutzer-ID",
        email: "E-Mail",
        verified: "bestätigt",
        unverified: "nicht bestätigt",
        signed_up: "Konto angelegt",
        recovery_codes: "Übrige Wiederherstellungscodes",
        recovery: "Laufende Wiederherstellung",
        no_recovery: "Keine",
        recovery_by_operator: "Von einem Admin begonnen",
        no_passkeys: "Es ist kein Passkey mehr da. Mit einem Wiederherstellungslink kann diese Person einen neuen anlegen.",
        no_sessions: "Nirgends angemeldet.",
        end_sessions: "Alle Sitzungen beenden",
        end_sessions_text: |name| format!("{name} wird sofort überall abgemeldet."),
        recover: "Wiederherstellungslink erstellen",
        recover_text: |name| {
            format!(
                "Mit diesem Link kann {name} einen neuen Passkey anlegen. Er gilt einmal und 24 Stunden lang; frühere Links und Wiederherstellungen gelten dann nicht mehr. Prüfe vorher, wem du ihn gibst."
            )
        },
        disable: "Sperren",
        disable_text: |name| {
            format!(
                "{name} wird überall abgemeldet und kann sich weder anmelden noch das Konto wiederherstellen. Die Passkeys bleiben."
            )
        },
        enable: "Entsperren",
        enable_text: |name| format!("{name} kann sich wieder anmelden."),
        make_admin: "Zum Admin machen",
        make_admin_text: |name| {
            format!("{name} kann dann alles in dieser Konsole sehen und ändern, auch dein Konto.")
        },
        make_no_admin: "Admin-Rechte entziehen",
        make_no_admin_text: |name| {
            format!("{name} behält das Konto, kann diese Konsole aber nicht mehr öffnen.")
        },
        delete: "Diesen Benutzer löschen",
        delete_text: |name| {
            format!(
                "Das Konto „{name}“ wird mit allen Passkeys, Sitzungen und Wiederherstellungscodes gelöscht. Das lässt sich nicht rückgängig machen."
            )
        },
        what_can_be_done: "Was du tun kannst",
        back: "Alle Benutzer",
    },
    invitations: Invitations {
        title: "Einladungen",
        policy,
        invite: "Einladung erstellen",
        invite_text: "Wer den Link hat, kann ein Konto anlegen, bis dieser aufgebraucht oder abgelaufen ist.",
        uses: "Für wie viele Personen",
        days: "Für wie viele Tage",
        note: "Notiz (freiwillig), nur für Admins",
        none: "Noch keine Einladungen. Erstelle eine und gib ihren Link weiter.",
        standing,
        used: |used, uses| format!("{used} von {uses} benutzt"),
        made: "Erstellt",
        expires: "Läuft ab",
        revoke: "Widerrufen",
        revoke_text: |note| {
            format!(
                "Mit „{note}“ kann niemand mehr ein Konto anlegen. Wer damit schon eines angelegt hat, behält es."
            )
        },
    },
    settings: Settings {
        title: "Einstellungen",
        lede: "Die Einstellungen, die auf diesem Server gelten, und woher sie kommen. Ändere sie dort und starte Keyfold neu.",
        by_default: "Vorgabe",
        in_file: "Einstellungsdatei",
        in_environment: "Umgebung",
        on_command_line: "Befehlszeile",
        nothing: "Nichts",
    },
};

fn place(place: Place) -> &'static str {
    match place {
        Place::Users => "Benutzer",
        Place::Passkeys => "Passkeys",
        Place::RelyingParties => "Relying Parties",
        Place::Invitations => "Einladungen",
        Place::Events => "Ereignisse",
        Place::Insight => "Einblick",
        Place::Settings => "Einstellungen",
    }
}

fn done(what: &str) -> Option<&'static str> {
    Some(match what {
        "set-up" => "Keyfold ist eingerichtet, und du bist der Admin.",
        "user-disabled" => "Der Benutzer ist gesperrt.",
        "user-enabled" => "Der Benutzer kann sich wieder anmelden.",
        "sessions-ended" => "Alle Sitzungen des Benutzers sind beendet.",
        "recovery-opened" => "Der Wiederherstellungslink ist erstellt.",
        "user-deleted" => "Der Benutzer ist gelöscht.",
        "invitation-made" => "Die Einladung ist erstellt.",
        "invitation-revoked" => "Die Einladung ist widerrufen.",
        "admin-made" => "Der Benutzer ist jetzt Admin.",
        "admin-unmade" => "Der Benutzer ist kein Admin mehr.",
        "party-created" => "Die Relying Party ist angelegt. Gib ihr jetzt einen API-Schlüssel.",
        "party-changed" => "Die Relying Party ist geändert.",
        "party-removed" => "Die Relying Party ist entfernt.",
        "key-created" => "Der API-Schlüssel ist angelegt.",
        "key-revoked" => "Der API-Schlüssel ist widerrufen.",
        _ => return None,
    })
}

fn policy(policy: SignUpPolicy) -> &'static str {
    match policy {
        SignUpPolicy::Open => {
            "Hier kann jeder selbst ein Konto anlegen. Einladungen spielen nur eine Rolle, wenn sign_up auf „invitation“ steht."
        }
        SignUpPolicy::ByInvitation => "Hier kann nur ein Konto anlegen, wer eine Einladung hat.",
        SignUpPolicy::Closed => {
            "Hier kann niemand ein Konto anlegen, auch nicht mit einer Einladung, bis sign_up auf „invitation“ oder „open“ steht."
        }
    }
}

fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Open => "Offen",
        Standing::UsedUp => "Aufgebraucht",
        Standing::Expired => "Abgelaufen",
        Standing::Revoked => "Widerrufen",
        Standing::Unknown => "Unbekannt",
    }
}
