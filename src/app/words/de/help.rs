//! The help page in German.

use crate::app::words::Help;

pub(super) const HELP: Help = Help {
    title: "Hilfe zu Passkeys",
    lede: "Was Passkeys sind, und was du tun kannst, wenn einer nicht funktioniert.",
    questions: &[
        [
            "Was ist ein Passkey?",
            "Ein Schlüssel, den dein Gerät für eine Seite aufbewahrt. Du benutzt ihn mit Gesicht, Fingerabdruck oder Bildschirmsperre. Davon sieht die Seite nichts; sie sieht nur, dass der Schlüssel da war. Du musst dir nichts merken, und bei der Seite gibt es nichts zu stehlen.",
        ],
        [
            "Wo sind meine Passkeys?",
            "Im Passwortmanager deines Geräts (etwa Apple Passwörter, Google Passwortmanager oder Windows Hello), in einem eigenen Passwortmanager oder auf einem Sicherheitsschlüssel. Synchronisierte sind auch auf deinen anderen Geräten; „nur auf diesem Gerät“ heißt genau das.",
        ],
        [
            "Ich habe ein neues Telefon oder einen neuen Computer.",
            "Sind deine Passkeys synchronisiert, so sind sie da, sobald du im Konto deines Geräts angemeldet bist. Sonst öffne auf dem alten Gerät dein Konto, wähle „Weiteres Gerät mit einem Link hinzufügen“ und scanne den Code mit dem neuen.",
        ],
        [
            "Mein Passkey ist auf dem Telefon, und ich sitze am Computer.",
            "Wähle unter „Andere Wege, dich anzumelden“ „Telefon oder Tablet benutzen“ und scanne den Code mit dem Telefon. Auf beiden muss Bluetooth eingeschaltet sein. Danach wird dir ein Passkey für den Computer angeboten.",
        ],
        [
            "Ich habe einen Sicherheitsschlüssel.",
            "Wähle unter „Andere Wege, dich anzumelden“ „Sicherheitsschlüssel benutzen“, stecke ihn ein oder halte ihn ans Telefon, und berühre ihn. Er braucht eine PIN oder einen Fingerabdruck; sonst kann er nicht wissen, dass du es bist.",
        ],
        [
            "Ich habe das Gerät mit meinem Passkey verloren.",
            "Melde dich mit einem anderen Passkey an und entferne den verlorenen in deinem Konto: Danach meldet sich niemand mehr damit an. Hast du keinen anderen, nimm einen deiner Wiederherstellungscodes, oder lass dir einen Link von denen geben, die diese Seite betreiben.",
        ],
        [
            "Es passiert nichts, wenn ich den Knopf drücke.",
            "Entsperre das Gerät und suche nach der Abfrage deines Browsers oder Systems; vielleicht liegt sie hinter einem anderen Fenster. Schließe andere Tabs dieser Seite, und sieh nach, ob dein Browser aktuell ist und ob die Adresse in der Adresszeile stimmt.",
        ],
        [
            "Warum gibt es kein Passwort?",
            "Passwörter kann man erraten, weitergeben und stehlen. Ein Passkey gilt nur auf dieser Seite, sodass keine gefälschte Seite ihn dir abnehmen kann.",
        ],
    ],
    messages: "Was die Meldungen bedeuten",
    messages_lede: "Jede Meldung sagt, was geschehen ist und was zu tun ist. Klein darunter steht eine Kennung: Wer die Seite betreibt, findet damit heraus, woran es lag.",
    still_stuck: "Kommst du nicht weiter?",
    still_stuck_text: "Nenne denen, die diese Seite betreiben, die Kennung unter der Meldung. Sie können dir einen Link geben, mit dem du wieder hineinkommst.",
    recover: "Konto wiederherstellen",
};
