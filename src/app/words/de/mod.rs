//! German.

mod account;
mod console;
mod device;
mod email;
mod help;
mod insight;
mod mail;
mod recovery;
mod sentences;
mod service;

use crate::wire::Standing;

use super::{Common, Home, SignIn, SignUp, Words};

/// What is said in German.
pub(super) static WORDS: Words = Words {
    common: Common {
        what_passkeys_are: "Melde dich mit Gesicht, Fingerabdruck oder Bildschirmsperre an. Du musst dir nichts merken, und es gibt nichts zu stehlen.",
        skip_to_content: "Zum Inhalt springen",
        foot: "Passkeys von Keyfold",
        help: "Hilfe",
        language: "Sprache",
        something_went_wrong: "Etwas ist schiefgegangen",
        reference: "Kennung",
        sign_in: "Anmelden",
        create_an_account: "Konto anlegen",
        cancel: "Abbrechen",
        waiting_for_your_device: "Dein Gerät fragt dich…",
        one_moment: "Einen Moment…",
        needs_javascript: " braucht JavaScript. Schalte es für diese Seite ein und lade sie neu.",
        could_not_start: "Diese Seite konnte nicht starten. Lade sie neu; hilft das nicht, aktualisiere deinen Browser.",
        not_found_title: "Seite nicht gefunden",
        not_found_heading: "Hier ist keine Seite",
        not_found: "Vielleicht enthält die Adresse einen Tippfehler, oder die Seite gibt es nicht mehr.",
        to_the_first_page: "Zur Startseite",
    },
    home: Home {
        title: "Keyfold",
        heading: "Anmelden ohne Passwort",
        lede: "Bei Keyfold meldest du dich mit einem Passkey an. ",
        points: [
            ["Ein Blick, eine Berührung", "Dein Gerät kennt dich. Mehr braucht es nicht."],
            [
                "Auf allen deinen Geräten",
                "Passkeys folgen dir auf deine anderen Telefone und Computer.",
            ],
            ["Nur für dich", "Dein Gesicht und dein Fingerabdruck verlassen dein Gerät nie."],
        ],
    },
    sign_up: SignUp {
        title: "Lege dein Konto an",
        lede: "Ein Passkey tritt an die Stelle des Passworts. ",
        username: "Benutzername",
        display_name: "Anzeigename (freiwillig)",
        button: "Konto mit einem Passkey anlegen",
        have_an_account: "Hast du schon ein Konto? ",
        needs: "Einen Passkey anzulegen",
        invited: "Du bist eingeladen",
        invitation_over,
        setup: "Keyfold einrichten",
        setup_lede: "Du wirst diese Seite betreiben: Wähle einen Benutzernamen und lege deinen Passkey an. ",
    },
    sign_in: SignIn {
        title: "Anmelden",
        username: "Benutzername",
        hint: "Nichts zu tippen: Hier werden dir deine Passkeys angeboten.",
        button: "Mit einem Passkey anmelden",
        other_ways: "Andere Wege, dich anzumelden",
        security_key: "Sicherheitsschlüssel benutzen",
        phone: "Telefon oder Tablet benutzen",
        done: "✓ Du bist angemeldet",
        new_here: "Neu hier? ",
        needs: "Sich mit einem Passkey anzumelden",
    },
    account: account::ACCOUNT,
    help: help::HELP,
    device: device::DEVICE,
    email: email::EMAIL,
    mail: mail::MAIL,
    recovery: recovery::RECOVERY,
    console: console::CONSOLE,
    service: service::SERVICE,
    insight: insight::INSIGHT,
    sentences: sentences::sentences,
    sentences_when_signed_in: sentences::signed_in,
    ago,
    until,
};

fn invitation_over(standing: Standing) -> [&'static str; 2] {
    let ask = "Bitte die Person, die dich eingeladen hat, um einen neuen Link.";
    match standing {
        Standing::UsedUp => ["Diese Einladung ist aufgebraucht.", ask],
        Standing::Expired => ["Diese Einladung ist abgelaufen.", ask],
        Standing::Revoked => ["Diese Einladung wurde widerrufen.", ask],
        Standing::Open | Standing::Unknown => [
            "Diese Einladung gibt es nicht.",
            "Prüfe, ob der Link vollständig ist, oder bitte um einen neuen.",
        ],
    }
}

fn ago(seconds: i64) -> String {
    let (number, one, many) = match seconds {
        ..60 => return "gerade eben".to_owned(),
        60..3600 => (seconds / 60, "Minute", "Minuten"),
        3600..86_400 => (seconds / 3600, "Stunde", "Stunden"),
        86_400..2_592_000 => (seconds / 86_400, "Tag", "Tagen"),
        2_592_000..31_536_000 => (seconds / 2_592_000, "Monat", "Monaten"),
        _ => (seconds / 31_536_000, "Jahr", "Jahren"),
    };
    format!("vor {number} {}", if number == 1 { one } else { many })
}

/// Rounded up: nobody is to come too early.
fn until(seconds: i64) -> String {
    let minutes = seconds.div_euclid(60) + i64::from(seconds.rem_euclid(60) > 0);
    let hours = minutes.div_euclid(60) + i64::from(minutes.rem_euclid(60) > 0);
    let days = hours.div_euclid(24) + i64::from(hours.rem_euclid(24) > 0);
    let (number, one, many) = match (minutes, hours) {
        (..1, _) => return "jetzt".to_owned(),
        (..60, _) => (minutes, "Minute", "Minuten"),
        (_, ..24) => (hours, "Stunde", "Stunden"),
        _ => (days, "Tag", "Tagen"),
    };
    format!("in {number} {}", if number == 1 { one } else { many })
}
