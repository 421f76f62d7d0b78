//! Adding a second device, in German.

use crate::app::words::{Device, FirstDevice, SecondDevice};

pub(super) const DEVICE: Device = Device {
    first: FirstDevice {
        title: "Weiteres Gerät hinzufügen",
        lede: "Lege einen Passkey auf einem Telefon oder Computer an, der seine Passkeys nicht mit diesem hier teilt.",
        invite: "Weiteres Gerät mit einem Link hinzufügen",
        start: [
            "Erstelle einen Link für das andere Gerät",
            "Er gilt einmal und 10 Minuten lang. Das andere Gerät wird erst zugelassen, wenn du es hier bestätigst.",
        ],
        make_link: "Link erstellen",
        open: [
            "Öffne diesen Link auf dem anderen Gerät",
            "Scanne den Code mit seiner Kamera, oder schicke dir den Link. Lass diese Seite offen.",
        ],
        link: "Der Link",
        copy: "Link kopieren",
        copied: "Kopiert",
        code: "QR-Code des Links",
        works_for: "Er gilt noch",
        asked: [
            "Ein Gerät möchte hinzugefügt werden",
            "Füge es nur hinzu, wenn es deines ist und dieselbe Zahl zeigt.",
        ],
        browser: "Browser",
        system: "System",
        network: "Netz",
        unknown: "Nicht bekannt",
        number: "Vergleiche die Zahl",
        add: "Dieses Gerät hinzufügen",
        refuse: "Ablehnen",
        confirmed: ["Mach auf dem anderen Gerät weiter", "Es kann jetzt seinen Passkey anlegen."],
        added: ["Fertig", "Dieser Passkey wurde hinzugefügt:"],
        to_account: "Zu deinem Konto",
        over: [
            "Dieser Link gilt nicht mehr",
            "Er wurde abgelehnt oder ersetzt, oder er ist abgelaufen. Es wurde kein Gerät hinzugefügt.",
        ],
        make_another: "Neuen Link erstellen",
        needs: "Ein Gerät hinzuzufügen",
    },
    second: SecondDevice {
        title: "Dieses Gerät hinzufügen",
        account: "Dieser Link fügt einen Passkey auf diesem Gerät zu einem Konto hinzu. Es gehört ",
        unasked: [
            "Ist das dein Konto?",
            "Wenn nicht, schließe diese Seite. Wenn ja, sende die Anfrage und bestätige sie auf dem Gerät, auf dem du angemeldet bist.",
        ],
        ask: "Anfrage senden",
        waiting: [
            "Bestätige es auf deinem anderen Gerät",
            "Auch dort steht diese Zahl. Lass diese Seite offen.",
        ],
        number: "Vergleiche die Zahl",
        confirmed: ["Dieses Gerät wurde zugelassen", "Lege jetzt seinen Passkey an."],
        create: "Passkey anlegen",
        over: [
            "Es wurde nichts hinzugefügt",
            "Erstelle einen neuen Link auf dem Gerät, auf dem du angemeldet bist.",
        ],
        same_browser: [
            "Dieser Browser hat den Link erstellt",
            "Öffne den Link auf dem Gerät, das du hinzufügen möchtest.",
        ],
        to_account: "Zu deinem Konto",
        needs: "Dieses Gerät hinzuzufügen",
    },
};
