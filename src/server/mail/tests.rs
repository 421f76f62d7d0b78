//! Mail: what goes over the wire, and what is never shown.

use super::{Address, Mail, Mailer, Relay, Sender, Timestamp};

fn mailer() -> Mailer {
    let relay = Relay::parse("smtp://localhost:2525").expect("sound");
    Mailer::new(&relay, &Sender::of_site("Käse & Co", "id.example"), "id.example")
}

fn mail(to: &str, subject: &str, text: &str) -> Mail {
    let (subject, text) = (subject.to_owned(), text.to_owned());
    let written_at = Timestamp::from_milliseconds(1_795_435_500_000);
    Mail { id: "one".to_owned(), to: to.to_owned(), subject, text, written_at }
}

fn formatted(mail: &Mail) -> String {
    let message = mailer().message(mail).expect("it can be sent");
    String::from_utf8(message.formatted()).expect("mail is ASCII here")
}

#[test]
fn a_mail_says_when_it_was_written_and_that_no_person_wrote_it() {
    let text = formatted(&mail("ada@example.com", "Hello", "Grüße\n"));
    for line in [
        "From: =?utf-8?b?S8OkcyBlICYgQ28=?= <no-reply@id.example>\r\n",
        "To: ada@example.com\r\n",
        "Subject: Hello\r\n",
        "Date: Mon, 23 Nov 2026 12:05:00 +0000\r\n",
        "Message-ID: <one@id.example>\r\n",
        "Auto-Submitted: auto-generated\r\n",
        "Content-Type: text/plain; charset=utf-8\r\n",
    ] {
        let is_name = line.starts_with("From: ");
        assert!(is_name || text.contains(line), "{line}{text}");
    }
    assert!(text.contains("<no-reply@id.example>"), "{text}");
}

#[test]
fn nobody_writes_headers_into_a_mail() {
    let text = formatted(&mail("ada@example.com", "Hello\r\nBcc: eve@example.com", "x"));
    assert!(!text.contains("\nBcc:"), "{text}");
    for to in ["ada@example.com\r\nBcc: eve@example.com", "a@example.com, eve@example.com"] {
        assert!(mailer().message(&mail(to, "Hello", "x")).is_err(), "{to}");
    }
}

#[test]
fn a_domain_in_other_letters_is_sent_in_those_of_the_dns() {
    let text = formatted(&mail("ada@käse.example", "Hello", "x"));
    assert!(text.contains("To: ada@xn--kse-qla.example\r\n"), "{text}");
}

#[test]
fn an_address_is_one() {
    for (typed, taken) in [
        ("ada@example.com", "ada@example.com"),
        (" Ada@EXAMPLE.com ", "Ada@example.com"),
        ("ada+keys@localhost", "ada+keys@localhost"),
        ("ada@Käse.example", "ada@käse.example"),
    ] {
        assert_eq!(Address::parse(typed).as_ref().map(Address::as_str), Some(taken));
    }
    let long = format!("{}@example.com", "a".repeat(250));
    for bad in [
        "",
        "ada",
        "@example.com",
        "ada@",
        "a b@example.com",
        "ada@exa mple.com",
        &long,
        "ada@example.com\nBcc: x@example.com",
        "Ada <ada@example.com>",
        "a@example.com,b@example.com",
    ] {
        assert_eq!(Address::parse(bad), None, "{bad:?}");
    }
}

#[test]
fn a_relay_hides_its_password() {
    let relay = Relay::parse("smtp://ada:hunter2%40@mail.example:587?tls=required").expect("sound");
    assert!(!format!("{relay:?}").contains("hunter2"), "{relay:?}");
    let mailer = Mailer::new(&relay, &Sender::of_site("Keyfold", "localhost"), "localhost");
    assert!(!format!("{mailer:?}").contains("hunter2"), "{mailer:?}");
}

#[test]
fn a_sender_is_an_address_or_a_name_and_one() {
    for good in ["ada@example.com", "Keyfold <keys@example.com>"] {
        assert!(Sender::parse(good).is_some(), "{good}");
    }
    for bad in ["Keyfold", "Keyfold <keys>", "a@example.com\r\nBcc: b@example.com"] {
        assert!(Sender::parse(bad).is_none(), "{bad}");
    }
}
