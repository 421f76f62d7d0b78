//! What happened, and what to do now, in German.

use crate::wire::Code;

#[expect(clippy::too_many_lines, reason = "it is one table")]
pub(super) fn sentences(code: Code) -> [&'static str; 2] {
    match code {
        Code::Cancelled => [
            "Das wurde abgebrochen oder hat zu lange gedauert.",
            "Es hat sich nichts geändert. Drücke den Knopf, um es noch einmal zu versuchen.",
        ],
        Code::TimedOut => [
            "Dein Gerät hat gewartet, und niemand hat geantwortet.",
            "Es hat sich nichts geändert. Drücke den Knopf, um es noch einmal zu versuchen.",
        ],
        Code::Busy => [
            "Eine andere Passkey-Abfrage ist offen.",
            "Beantworte oder schließe sie, auch in anderen Tabs und Fenstern, und versuche es dann noch einmal.",
        ],
        Code::DeviceFailed => [
            "Dein Gerät hat es nicht geschafft.",
            "Stecke einen Sicherheitsschlüssel neu ein oder entsperre dein Telefon, und versuche es dann noch einmal.",
        ],
        Code::NoPasskeyHere => [
            "Dieses Gerät hat keinen Passkey für diese Seite.",
            "Nimm das Gerät, auf dem du deinen Passkey angelegt hast, oder lege ein Konto an.",
        ],
        Code::AlreadyRegistered => [
            "Dieses Gerät hat schon einen Passkey für dieses Konto.",
            "Melde dich einfach damit an.",
        ],
        Code::InsecurePage => [
            "Unter dieser Adresse gehen Passkeys nicht.",
            "Öffne die Seite unter ihrer eigenen https-Adresse und versuche es noch einmal.",
        ],
        Code::BrowserTooOld => [
            "Dieser Browser ist zu alt für Passkeys.",
            "Aktualisiere ihn oder nimm einen anderen, und versuche es noch einmal.",
        ],
        Code::DeviceUnsuitable => [
            "Dein Gerät konnte das nicht.",
            "Sieh nach, ob es eine Bildschirmsperre hat, und versuche es noch einmal, oder nimm ein anderes Gerät.",
        ],
        Code::NameTaken => [
            "Dieser Benutzername ist vergeben.",
            "Wähle einen anderen und versuche es noch einmal.",
        ],
        Code::NameInvalid => [
            "Das kann kein Benutzername sein.",
            "Nimm 1 bis 64 Buchstaben, Ziffern und die Zeichen . _ - @ + ohne Leerzeichen.",
        ],
        Code::DisplayNameInvalid => [
            "Dieser Name lässt sich nicht anzeigen.",
            "Nimm höchstens 64 Zeichen in einer Zeile, oder lass das Feld leer.",
        ],
        Code::CeremonyExpired => [
            "Diese Seite war zu lange offen.",
            "Sie ist wieder bereit: Drücke den Knopf noch einmal.",
        ],
        Code::CookiesBlocked => [
            "Dein Browser hat das Cookie dieser Seite nicht mitgeschickt.",
            "Erlaube dieser Seite Cookies, lade sie neu und versuche es noch einmal.",
        ],
        Code::SignedOut => [
            "Du bist nicht mehr angemeldet.",
            "Melde dich wieder an; inzwischen hat sich nichts geändert.",
        ],
        Code::StaleSignIn => [
            "Deine Anmeldung liegt eine Weile zurück.",
            "Bestätige mit deinem Passkey, dass du es bist, dann geht es weiter.",
        ],
        Code::NotFound => {
            ["Das gibt es nicht mehr.", "Lade die Seite neu, um den jetzigen Stand zu sehen."]
        }
        Code::NoPasskeyLeft => [
            "Du hast keinen Passkey mehr.",
            "Melde dich ab, wähle „Alle Passkeys verloren?“ und nimm einen deiner Wiederherstellungscodes.",
        ],
        Code::LastPasskey => [
            "Das ist dein letzter Passkey; ohne ihn könntest du dich nicht anmelden.",
            "Lege vorher einen weiteren Passkey oder Wiederherstellungscodes an.",
        ],
        Code::PasskeyNameInvalid => {
            ["So kann ein Passkey nicht heißen.", "Nimm 1 bis 64 Zeichen in einer Zeile."]
        }
        Code::EmailInvalid => [
            "Das ist keine E-Mail-Adresse.",
            "Prüfe sie auf Tippfehler und versuche es noch einmal.",
        ],
        Code::LinkInvalid => [
            "Dieser Link gilt nicht mehr.",
            "Er wurde schon benutzt, ist abgelaufen oder unvollständig. Lass dir einen neuen geben.",
        ],
        Code::RecoveryRefused => [
            "Damit lässt sich keine Wiederherstellung beginnen.",
            "Prüfe Benutzername und Code. Jeder Code gilt einmal.",
        ],
        Code::RecoveryWaiting => {
            ["Die Wartezeit ist noch nicht um.", "Komm danach auf diese Seite zurück."]
        }
        Code::RecoveryCancelled => [
            "Diese Wiederherstellung wurde abgebrochen.",
            "Das hat jemand getan, der in dem Konto angemeldet ist. Warst du es nicht, wende dich an die, die diese Seite betreiben.",
        ],
        Code::NotConfirmed => [
            "Dieses Gerät ist noch nicht zugelassen.",
            "Bestätige es auf dem Gerät, auf dem du angemeldet bist, und versuche es dann noch einmal.",
        ],
        Code::SignUpClosed => [
            "Hier können gerade keine neuen Konten angelegt werden.",
            "Frag die, die diese Seite betreiben. Hast du ein Konto, melde dich an.",
        ],
        Code::InvitationNeeded => [
            "Um hier ein Konto anzulegen, brauchst du eine Einladung.",
            "Bitte die, die diese Seite betreiben, um einen Link.",
        ],
        Code::InvitationInvalid => [
            "Diese Angaben zur Einladung sind nicht gültig.",
            "Gib ganze Zahlen an: 1 bis 10000 Personen, 1 bis 365 Tage. Die Notiz hat höchstens 128 Zeichen.",
        ],
        Code::LastAdmin => [
            "Das ist der letzte Admin, und jemand muss die Seite betreiben.",
            "Mach zuerst jemand anderen zum Admin, dann versuche es noch einmal.",
        ],
        Code::RelyingPartyInvalid => [
            "Diese Angaben zur Relying Party sind nicht gültig.",
            "Sie braucht einen Namen von 1 bis 64 Zeichen und 1 bis 20 Origins genau wie in der Adresszeile, jede einmal, auf der RP-ID oder darunter, etwa https://shop.example.com.",
        ],
        Code::RpIdInvalid => [
            "Das ist keine RP-ID.",
            "Gib die Domain an, auf oder unter der alle Seiten liegen, etwa example.com, ohne https:// und ohne Port.",
        ],
        Code::ApiKeyInvalid => [
            "Diese Angaben zum API-Schlüssel sind nicht gültig.",
            "Er braucht einen Namen von 1 bis 64 Zeichen; die Laufzeit beträgt 1 bis 36500 Tage, oder das Feld bleibt leer.",
        ],
        Code::Unreachable => [
            "Die Seite ist nicht zu erreichen.",
            "Prüfe deine Verbindung und versuche es noch einmal.",
        ],
        Code::RateLimited => {
            ["Von hier kamen zu viele Versuche.", "Warte eine Minute und versuche es noch einmal."]
        }
        Code::Refused => [
            "Dieser Passkey wurde nicht angenommen.",
            "Versuche es noch einmal oder nimm einen anderen Passkey. Hilft das nicht, nenne denen, die diese Seite betreiben, die Kennung unten.",
        ],
        Code::ServerTrouble => [
            "Bei uns ist etwas schiefgegangen.",
            "Versuche es gleich noch einmal. Hilft das nicht, nenne denen, die diese Seite betreiben, die Kennung unten.",
        ],
    }
}

/// What is different for whoever is signed in.
pub(super) fn signed_in(code: Code) -> Option<[&'static str; 2]> {
    match code {
        Code::NoPasskeyHere => Some([
            "Dieses Gerät hat keinen Passkey dieses Kontos.",
            "Nimm eines, das einen hat: Telefon oder Tablet, Sicherheitsschlüssel, einen anderen Computer.",
        ]),
        Code::AlreadyRegistered => Some([
            "Dieses Gerät hat schon einen Passkey für dieses Konto.",
            "Einen zweiten braucht es nicht. Für einen anderswo wähle ein anderes Gerät.",
        ]),
        _ => None,
    }
}
