//! E-mail addresses in German.

use crate::app::words::Email;

pub(super) const EMAIL: Email = Email {
    heading: "E-Mail",
    lede: "An diese Adressen schreiben wir dir, wenn ein Passkey hinzukommt oder entfernt wird oder sich jemand aus einem neuen Browser anmeldet.",
    none: "Es gibt noch keine Adresse. Füge eine hinzu, damit du es erfährst, wenn etwas geschieht, das nicht von dir kommt.",
    verified: "Bestätigt",
    not_verified: "Noch nicht bestätigt",
    address: "E-Mail-Adresse",
    add: "Adresse hinzufügen",
    add_text: "Du bekommst dort eine Mail mit einem Link. Bevor du ihn geöffnet hast, wird nichts anderes dorthin geschickt.",
    add_button: "Diese Adresse hinzufügen",
    enough: "Du kannst höchstens fünf Adressen angeben. Entferne eine, um eine andere hinzuzufügen.",
    remove: "Entfernen",
    remove_title: "Diese Adresse entfernen",
    remove_text: |address| format!("An {address} wird dann nichts mehr geschickt."),
    resend: "Noch einmal senden",
    resend_title: "Den Link noch einmal senden",
    resend_text: |address| {
        format!("Eine neue Mail mit einem Link geht an {address}. Der Link gilt 24 Stunden lang.")
    },
    resend_button: "Den Link noch einmal senden",
    verify_title: "Ist das deine E-Mail-Adresse?",
    verify_text: "Du bist einem Link aus einer Mail gefolgt. Drücke den Knopf, wenn du sie selbst angefordert hast.",
    verify_button: "Ja, das ist meine Adresse",
    verified_title: "Deine Adresse ist bestätigt",
    verified_text: "Von jetzt an erfährst du dort, was in deinem Konto geschieht.",
    to_the_account: "Zu deinem Konto",
    needs: "Eine Adresse zu bestätigen",
};

/// What was done, by the word in the address.
pub(super) fn done(what: &str) -> Option<&'static str> {
    Some(match what {
        "email-added" => "Die Adresse wurde hinzugefügt. Den Link findest du in deinen Mails.",
        "email-removed" => "Die Adresse wurde entfernt.",
        "email-sent" => "Der Link wurde noch einmal gesendet.",
        _ => return None,
    })
}
