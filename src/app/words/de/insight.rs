//! The insight in German.

use crate::app::words::Insight;
use crate::wire::Dimension;

pub(super) const INSIGHT: Insight = Insight {
    title: "Einblick",
    lede: "Wie viele durchkommen, und wo die anderen aufhören. Vorgänge zählen zu dem Tag, an dem sie begonnen haben (UTC); niemand ist daraus zu erkennen.",
    nothing: "In dieser Zeit hat kein Vorgang begonnen. Registrierungen und Anmeldungen werden hier gezählt, sobald es welche gibt.",
    span: "Zeit",
    last_days: |days| format!("Die letzten {days} Tage"),
    kind: "Vorgang",
    registrations: "Registrierungen",
    authentications: "Authentifizierungen",
    funnel: "Vom Angebot bis zum Ende",
    funnel_text: "Angeboten: Optionen wurden ausgegeben, etwa mit der Anmeldeseite, an alle, die sie öffnen. Begonnen: Der Browser wurde nach einem Passkey gefragt und hat das gesagt: Er hat geantwortet, oder es ging nicht. Wer nur schaut oder mit unserem Knopf abbricht, hat nicht begonnen. Fertig: Die Antwort hat gestimmt.",
    offered: "Angeboten",
    begun: "Begonnen",
    finished: "Fertig",
    share: "Fertig von begonnen",
    days: "Im Lauf der Zeit",
    day: "Tag",
    in_table: "Die Zahlen stehen in der Tabelle darunter.",
    dimension: |dimension| match dimension {
        Dimension::Purpose => "Wofür",
        Dimension::Mediation => "Wie der Browser gefragt hat",
        Dimension::System => "System",
        Dimension::Browser => "Browser",
        Dimension::Authenticator => "Wo der Passkey liegt",
    },
    refusals: "Warum Antworten abgelehnt wurden",
    no_refusals: "Keine Antwort wurde abgelehnt.",
    browser_errors: "Warum es im Browser nicht ging",
    no_browser_errors: "In keinem Browser ist etwas schiefgegangen.",
    reason: "Grund",
    count: "Wie oft",
    others: "Alle anderen",
    as_table: "Die Zahlen",
    as_csv: "Als CSV laden",
};
