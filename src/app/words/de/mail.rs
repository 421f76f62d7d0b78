//! E-mail in German.

use crate::app::words::{Mail, Told};

pub(super) const MAIL: Mail = Mail {
    verification_subject: |site| format!("{site}: Ist das deine E-Mail-Adresse?"),
    verification: |name, site, link| {
        format!(
            "Jemand ist bei {site} als „{name}“ angemeldet\nund möchte unter dieser Adresse erfahren, was in dem Konto geschieht.\n\nBist du das, dann öffne diese Seite und drücke dort den Knopf.\nDer Link gilt einmal und 24 Stunden lang:\n\n{link}\n\nBist du es nicht, dann tu nichts. Sonst wird nichts hierher geschickt.\n"
        )
    },
    passkey_added: Told {
        subject: |site| format!("{site}: Ein Passkey wurde hinzugefügt"),
        text: |name, site, passkey| {
            format!(
                "Dein Konto „{name}“ bei {site} hat einen neuen Passkey.\nVon jetzt an kann man sich mit ihm anmelden:\n\n    {passkey}"
            )
        },
        not_you: "Warst du das nicht, dann entferne den Passkey und beende alle\nanderen Sitzungen:",
    },
    passkey_removed: Told {
        subject: |site| format!("{site}: Ein Passkey wurde entfernt"),
        text: |name, site, passkey| {
            format!(
                "Ein Passkey deines Kontos „{name}“ bei {site} wurde entfernt.\nMit ihm kann man sich nicht mehr anmelden:\n\n    {passkey}"
            )
        },
        not_you: "Warst du das nicht, dann sieh nach, was sich noch geändert hat, und\nbeende alle anderen Sitzungen:",
    },
    new_browser: Told {
        subject: |site| format!("{site}: Anmeldung aus einem neuen Browser"),
        text: |name, site, _| {
            format!(
                "Jemand hat sich in deinem Konto „{name}“ bei {site} angemeldet,\naus einem Browser, der dort noch nie benutzt wurde."
            )
        },
        not_you: "Warst du das nicht, dann beende diese Sitzung und entferne den\nPasskey, der dafür benutzt wurde:",
    },
    recovery_begun: Told {
        subject: |site| format!("{site}: Eine Wiederherstellung deines Kontos hat begonnen"),
        text: |name, site, ready_at| {
            format!(
                "Jemand möchte ohne Passkey in dein Konto „{name}“ bei {site}, mit einem\nWiederherstellungscode oder einem Link des Betreibers. Möglich ist das ab dieser Zeit:\n\n    {ready_at}"
            )
        },
        not_you: "Warst du das nicht, dann melde dich vorher an und brich die\nWiederherstellung ab:",
    },
    recovery_done: Told {
        subject: |site| format!("{site}: Dein Konto wurde wiederhergestellt"),
        text: |name, site, _| {
            format!(
                "Jemand hat dein Konto „{name}“ bei {site} wiederhergestellt\nund einen neuen Passkey angelegt."
            )
        },
        not_you: "Warst du das nicht, dann melde dich sofort an, entferne die Passkeys,\ndie nicht deine sind, und beende alle anderen Sitzungen:",
    },
    when: "Wann: ",
    whence: "Woher: ",
    test_subject: |site| format!("{site}: Dies ist ein Test"),
    test: "E-Mail funktioniert: Der SMTP-Server hat diese Mail angenommen, und sie ist angekommen.\n",
};
