//! The account page in German.

use crate::app::words::Account;

pub(super) const ACCOUNT: Account = Account {
    title: "Dein Konto",
    signed_in_as: "Angemeldet als ",
    open_console: "Konsole öffnen",
    passkeys: "Passkeys",
    passkeys_lede: "Mit jedem von ihnen kannst du dich anmelden. Synchronisierte Passkeys sind auch auf deinen anderen Geräten.",
    no_passkeys: "Du hast keinen Passkey mehr. Füge jetzt einen hinzu, solange deine Anmeldung frisch ist. Nach fünf Minuten geht das nur noch mit einem deiner Wiederherstellungscodes.",
    unnamed_passkey: "Passkey",
    synced: "Synchronisiert",
    not_synced_yet: "Noch nicht synchronisiert",
    this_device_only: "Nur auf diesem Gerät",
    used_for_this_session: "In dieser Sitzung benutzt",
    created: "Angelegt ",
    last_used: "Zuletzt benutzt ",
    never_used: "Nie benutzt",
    add_passkey: "Passkey hinzufügen",
    add_passkey_text: "Dein Gerät fragt dich, wo der neue Passkey liegen soll.",
    add_security_key: "Sicherheitsschlüssel hinzufügen",
    add_phone: "Telefon oder Tablet hinzufügen",
    add_passkey_to_this_device: "Passkey auf diesem Gerät anlegen",
    add_passkey_here: "Hier schneller anmelden",
    add_passkey_here_text: "Dein Passkey liegt auf einem anderen Gerät. Lege auch auf diesem einen an, dann genügt beim nächsten Mal eine Berührung.",
    rename: "Umbenennen",
    rename_passkey: "Diesen Passkey umbenennen",
    passkey_name: "Name des Passkeys",
    save: "Speichern",
    remove: "Entfernen",
    remove_passkey: "Diesen Passkey entfernen",
    remove_passkey_text: |name| {
        format!(
            "Mit „{name}“ kannst du dich dann nicht mehr anmelden. Wo das geht, wird dein Gerät gebeten, ihn zu vergessen."
        )
    },
    remove_old_passkeys: "Alle alten Passkeys entfernen",
    remove_old_passkeys_text: |names| {
        format!(
            "Mit diesen kannst du dich dann nicht mehr anmelden: {}. Der Passkey, den du gerade angelegt hast, bleibt.",
            names.join(", ")
        )
    },
    sessions: "Sitzungen",
    sessions_lede: "Wo du angemeldet bist. Beende Sitzungen, die du nicht kennst.",
    this_one: "Diese hier",
    signed_in: "Angemeldet ",
    last_seen: "Zuletzt gesehen ",
    unknown_browser: "Unbekannter Browser",
    on: |browser, system| format!("{browser} auf {system}"),
    sign_out: "Abmelden",
    sign_out_there: "Diese Sitzung beenden",
    sign_out_there_text: |whence| format!("{whence} wird sofort abgemeldet."),
    sign_out_elsewhere: "Alle anderen Sitzungen beenden",
    sign_out_elsewhere_text: "Jeder Browser außer diesem wird sofort abgemeldet.",
    profile: "Profil",
    username: "Benutzername",
    display_name: "Anzeigename (freiwillig)",
    shown_name: "Anzeigename",
    change_names: "Deine Namen ändern",
    change_names_text: "Wenn du Wiederherstellungscodes hast, gelten sie danach mit deinem neuen Benutzernamen.",
    your_data: "Deine Daten",
    export_text: "Alles, was über dich gespeichert ist, als JSON-Datei.",
    export: "Deine Daten herunterladen",
    delete_text: "Ein gelöschtes Konto lässt sich nicht zurückholen.",
    delete: "Dein Konto löschen",
    delete_button: "Alles löschen",
    delete_warning: |name| {
        format!(
            "Das Konto „{name}“ wird mit allen Passkeys, Sitzungen und Wiederherstellungscodes gelöscht. Das lässt sich nicht rückgängig machen."
        )
    },
    tell_it_yourself: "Dein Browser kann das nicht dorthin weitergeben, wo deine Passkeys liegen. Ändere es dort selbst, damit dir nichts angeboten wird, was nicht mehr gilt.",
    confirm_title: "Bestätige, dass du es bist",
    confirm_text: "Deine Anmeldung liegt eine Weile zurück. Bestätige mit deinem Passkey, dann geht es weiter.",
    confirm: "Mit deinem Passkey bestätigen",
    needs: "Dein Konto zu ändern",
    done,
};

fn done(what: &str) -> Option<&'static str> {
    Some(match what {
        "passkey-added" => "Der Passkey wurde hinzugefügt.",
        "passkey-renamed" => "Der Passkey wurde umbenannt.",
        "passkeys-removed" => "Die alten Passkeys wurden entfernt.",
        "passkey-removed" => "Der Passkey wurde entfernt.",
        "session-ended" => "Die Sitzung wurde beendet.",
        "sessions-ended" => "Alle anderen Sitzungen wurden beendet.",
        "names-changed" => "Deine Namen wurden geändert.",
        "account-deleted" => "Dein Konto wurde gelöscht.",
        "account-deleted-here" => {
            "Dein Konto wurde gelöscht. Dein Browser kann das nicht dorthin weitergeben, wo deine Passkeys liegen: Lösche sie dort selbst, damit dir nichts angeboten wird, was nicht mehr gilt."
        }
        "recovered" => {
            "Du bist zurück. Wenn du Passkeys verloren hast oder jemand anderes sie haben könnte, entferne sie jetzt."
        }
        "recovery-called-off" => "Die Wiederherstellung wurde abgebrochen.",
        "recovery-codes-removed" => "Die Wiederherstellungscodes wurden entfernt.",
        _ => return super::email::done(what),
    })
}
