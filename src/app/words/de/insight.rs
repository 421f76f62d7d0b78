//! The insight in German.

use crate::app::words::Insight;
use crate::wire::Dimension;

pub(super) const INSIGHT: Insight = Insight {
    title: "Einblick",
    lede: "Wie viele durchkommen, und wo die anderen aufhören. Vorgänge zählen zu dem Tag, an dem sie begonnen haben (UTC); niemand ist darin zu erkennen.",
    nothing: "In dieser Zeit hat kein Vorgang begonnen. Registrierungen und Authentifizierungen werden hier gezählt, sobald es welche gibt.",
    span: "Zeitraum",
    last_days: |days| format!("Die letzten {days} Tage"),
    kind: "Vorgang",
    registrations: "Registrierungen",
    authentications: "Authentifizierungen",
    funnel: "Vom Angebot bis zum Ende",
    funnel_text: "Angeboten: Optionen wurden ausgegeben, etwa an alle, die die Anmeldeseite öffnen. Begonnen: Der Browser wurde nach einem Passkey gefragt und hat sich zurückgemeldet, mit einer Antwort oder einem Fehler. Wer nur schaut oder mit unserem Knopf abbricht, hat nicht begonnen. Fertig: Die Antwort wurde angenommen.",
    offered: "Angeboten",
    begun: "Begonnen",
    finished: "Fertig",
    share: "Abschlussquote",
    days: "Zeitlicher Verlauf",
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
    browser_errors: "Warum Browser gescheitert sind",
    no_browser_errors: "Kein Browser ist gescheitert.",
    reason: "Grund",
    count: "Wie oft",
    others: "Alle anderen",
    as_table: "Die Zahlen",
    as_csv: "Als CSV herunterladen",
};
