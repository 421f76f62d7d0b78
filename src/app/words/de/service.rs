//! The passkey service in the console, in German.

use crate::app::words::{Events, RelyingParties, Service, ServicePasskeys};
use crate::wire::StepKind;

pub(super) const SERVICE: Service = Service {
    parties: RelyingParties {
        title: "Relying Parties",
        lede: "Websites, deren Backends und Seiten die Passkey-API benutzen. Keyfolds eigene Seiten gehören nicht dazu: Für sie gelten die Einstellungen des Servers.",
        none: "Es gibt noch keine. Lege eine an, um die Passkey-API oder die Web-Komponente von einer anderen Website aus zu benutzen.",
        back: "Alle Relying Parties",
        create: "Relying Party anlegen",
        create_text: "Die RP-ID ist die Domain, an die Passkeys dauerhaft gebunden sind. Geräte müssen prüfen, wer einen Passkey benutzt; das kannst du später ändern.",
        name: "Name, wie Geräte ihn zeigen",
        rp_id: "RP-ID, etwa example.com",
        origins: "Origins",
        origins_typed: "Origins, durch Leerzeichen getrennt",
        id: "ID",
        verification: "Prüfung der Person",
        required: "verlangt",
        preferred: "erwünscht",
        created: "Angelegt",
        passkeys: "Passkeys",
        passkey_count: |count| match count {
            1 => "1 Passkey".to_owned(),
            count => format!("{count} Passkeys"),
        },
        change: "Name und Origins ändern",
        change_text: "Seiten mit einer Origin, die hier nicht steht, können die Passkeys nicht benutzen. Die RP-ID bleibt, weil Passkeys an sie gebunden sind.",
        require: "Prüfung der Person verlangen",
        require_text: "Ab jetzt muss ein Gerät prüfen, wer einen Passkey benutzt (mit PIN, Fingerabdruck oder Gesicht). Antworten ohne diese Prüfung werden abgelehnt.",
        prefer: "Prüfung der Person nur wünschen",
        prefer_text: "Ab jetzt soll ein Gerät prüfen, wer einen Passkey benutzt, aber Antworten ohne diese Prüfung gelten auch. Das Backend sieht, ob geprüft wurde.",
        remove: "Diese Relying Party entfernen",
        remove_text: |name, passkeys| {
            format!(
                "„{name}“ wird mit {passkeys}, den Benutzern, den API-Schlüsseln und allen Aufzeichnungen über die Vorgänge gelöscht. Dort kann sich niemand mehr anmelden. Das lässt sich nicht rückgängig machen."
            )
        },
        keys: "API-Schlüssel",
        keys_lede: "Mit einem Schlüssel ruft das Backend die Passkey-API auf. Um einen zu ersetzen, lege einen neuen an, gib ihn weiter und widerrufe dann den alten.",
        no_keys: "Es gibt noch keinen Schlüssel. Ohne einen funktioniert nur die Web-Komponente, und kein Backend kann prüfen, was sie sagt.",
        create_key: "API-Schlüssel anlegen",
        create_key_text: "Das Geheimnis wird einmal gezeigt. Das Backend schickt es als „Authorization: Bearer kf_…“.",
        key_name: "Name",
        key_days: "Läuft nach so vielen Tagen ab (leer: nie)",
        never_used: "Nie benutzt",
        last_used: "Zuletzt benutzt",
        expires: "Läuft ab",
        expired: "Abgelaufen",
        revoked: "Widerrufen",
        revoke: "Widerrufen",
        revoke_text: |name| {
            format!("Aufrufe mit „{name}“ funktionieren ab sofort und dauerhaft nicht mehr.")
        },
        settings: "Einstellungen",
        what_can_be_done: "Was du tun kannst",
    },
    passkeys: ServicePasskeys {
        title: "Passkeys",
        lede: |count| match count {
            1 => "Ein Passkey.".to_owned(),
            count => format!("{count} Passkeys."),
        },
        none: "Kein Passkey gefunden. Hier stehen die Passkeys aller Relying Parties.",
        authenticator: "Wo er liegt",
        kept: "Wo sie liegen",
        passkeys: "Passkeys",
    },
    events: Events {
        title: "Ereignisse",
        lede: "Was in den letzten 30 Tagen geschehen ist, jeweils mit dem Vorgang. Die Kennung ist die, die bei einer Fehlermeldung angezeigt wird.",
        none: "Es ist noch nichts geschehen. Hier stehen Registrierungen, Authentifizierungen, Ablehnungen und Löschungen.",
        none_found: "Nichts gefunden. Mit einer Kennung findest du auch Vorgänge ohne Ergebnis; sie bleiben 30 Tage, wenn der Browser gescheitert ist.",
        kind: "Art",
        kinds: |kind| match kind {
            "registration" => "Registrierung",
            "authentication" => "Authentifizierung",
            "refusal" => "Ablehnung",
            _ => "Löschung",
        },
        nothing_came: "Vorgang ohne Ereignis",
        reference: "Kennung",
        passkey: "Passkey",
        ceremony: "Der Vorgang",
        by: "Womit",
        step,
    },
    all: "Alle",
    apply: "Zeigen",
    relying_party: "Relying Party",
    user: "Benutzer",
    user_hint: "Benutzername, ID des Backends oder User-Handle",
    unknown: "Nicht bekannt",
    purpose,
    mediation,
};

fn purpose(word: &str) -> Option<&'static str> {
    Some(match word {
        "new account" => "Konto anlegen",
        "another passkey" => "Weiterer Passkey",
        "another device" => "Weiteres Gerät",
        "recovery" => "Wiederherstellung",
        "for a back end" => "Registrierung durch ein Backend",
        "for a page" => "Registrierung auf einer Seite",
        "anyone" => "Anmeldung ohne genannte Person",
        "one user" => "Bestätigung, oder Anmeldung einer Person",
        _ => return None,
    })
}

fn mediation(word: &str) -> Option<&'static str> {
    Some(match word {
        "conditional" => "Autofill (conditional)",
        "modal" => "Dialog (modal)",
        "immediate" => "Sofort (immediate)",
        _ => return None,
    })
}

fn step(step: &StepKind) -> String {
    match step {
        StepKind::Offered => "Angeboten: Die Optionen wurden ausgegeben".to_owned(),
        StepKind::BrowserError { call, error, after } => {
            format!("Der Browser ist gescheitert: {call} endete nach {after} ms mit {error}")
        }
        StepKind::Answered => "Beantwortet".to_owned(),
        StepKind::Verified => "Geprüft und angenommen".to_owned(),
        StepKind::Refused { reason, step } => {
            format!("Abgelehnt: {reason} (WebAuthn Level 3, {step})")
        }
        StepKind::TooLate => "Zu spät beantwortet".to_owned(),
        StepKind::Expired => "Ohne Antwort abgelaufen".to_owned(),
    }
}
