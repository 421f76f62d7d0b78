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
        nobody: "Noch niemand hat ein Konto. Man legt es selbst an oder mit einer Einladung.",
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
        recovery_by_operator: "Von einem Admin geöffnet",
        no_passkeys: "Kein Passkey ist übrig. Mit einem Wiederherstellungslink macht diese Person einen neuen.",
        no_sessions: "Nirgends angemeldet.",
        end_sessions: "Alle Sitzungen beenden",
        end_sessions_text: |name| format!("{name} wird sofort überall abgemeldet."),
        recover: "Wiederherstellungslink machen",
        recover_text: |name| {
            format!(
                "Mit diesem Link macht {name} einen neuen Passkey. Er gilt einmal und 24 Stunden lang; frühere Links und Wiederherstellungen gelten nicht mehr. Gib ihn nur jemandem, den du erkannt hast."
            )
        },
        disable: "Sperren",
        disable_text: |name| {
            format!(
                "{name} wird überall abgemeldet und kann sich nicht anmelden und das Konto nicht wiederherstellen. Die Passkeys bleiben."
            )
        },
        enable: "Wieder einlassen",
        enable_text: |name| format!("{name} kann sich wieder anmelden."),
        make_admin: "Zum Admin machen",
        make_admin_text: |name| {
            format!("{name} sieht und ändert dann alles in dieser Konsole, auch dich.")
        },
        make_no_admin: "Die Konsole nehmen",
        make_no_admin_text: |name| {
            format!("{name} behält das Konto und kann diese Konsole nicht mehr öffnen.")
        },
        delete: "Diesen Benutzer löschen",
        delete_text: |name| {
            format!(
                "Das Konto „{name}“ verschwindet mit allen Passkeys, Sitzungen und Wiederherstellungscodes. Es gibt kein Zurück."
            )
        },
        what_can_be_done: "Was du tun kannst",
        back: "Alle Benutzer",
    },
    invitations: Invitations {
        title: "Einladungen",
        policy,
        invite: "Einladung machen",
        invite_text: "Wer den Link hat, kann ein Konto anlegen, bis er aufgebraucht oder zu alt ist.",
        uses: "Für wie viele Personen",
        days: "Für wie viele Tage",
        note: "Notiz (freiwillig), nur für Admins",
        none: "Noch keine Einladungen. Mach eine und gib ihren Link weiter.",
        standing,
        used: |used, uses| format!("{used} von {uses} benutzt"),
        made: "Gemacht",
        expires: "Endet",
        revoke: "Zurückziehen",
        revoke_text: |note| {
            format!(
                "Mit „{note}“ kann niemand mehr ein Konto anlegen. Wer schon eines hat, behält es."
            )
        },
    },
    settings: Settings {
        title: "Einstellungen",
        lede: "Was auf diesem Server gilt, und wer es sagt. Ändere eine Einstellung dort und starte Keyfold neu.",
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
        "recovery-opened" => "Der Wiederherstellungslink ist gemacht.",
        "user-deleted" => "Der Benutzer ist gelöscht.",
        "invitation-made" => "Die Einladung ist gemacht.",
        "invitation-revoked" => "Die Einladung ist zurückgezogen.",
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
            "Hier kann jeder selbst ein Konto anlegen. Einladungen zählen erst, wenn sign_up auf „invitation“ steht."
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
        Standing::Expired => "Zu alt",
        Standing::Revoked => "Zurückgezogen",
        Standing::Unknown => "Unbekannt",
    }
}
