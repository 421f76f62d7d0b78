//! Mail over a real socket: an SMTP server of a few lines, in a thread.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::json;

use super::TestSite;
use super::authenticator::Authenticator;
use crate::server::chance::Chance;
use crate::server::clock::Clock;
use crate::server::mail::{Address, Mail, Mailer, Relay, SendError, Sender, deliver};

/// Takes mails on this socket, answers this one command with a refusal, and hands on what it was told.
fn take_mails(listener: TcpListener, refuses: &'static str) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.expect("a connection");
            let mut lines = BufReader::new(connection.try_clone().expect("a copy")).lines();
            let mut told = String::new();
            connection.write_all(b"220 ready\r\n").expect("a greeting");
            while let Some(Ok(line)) = lines.next() {
                let command = line.split([' ', ':']).next().unwrap_or_default();
                let answer = match command {
                    _ if command == refuses => {
                        if command == "AUTH" {
                            "535 wrong\r\n"
                        } else {
                            "550 not\x1b[31m like this\r\n"
                        }
                    }
                    "EHLO" => "250-here\r\n250-AUTH PLAIN\r\n250 8BITMIME\r\n",
                    "AUTH" => "235 welcome\r\n",
                    "DATA" => {
                        connection.write_all(b"354 go on\r\n").expect("an answer");
                        for line in lines.by_ref().map_while(Result::ok) {
                            if line == "." {
                                break;
                            }
                            told = told + &line + "\n";
                        }
                        "250 taken\r\n"
                    }
                    "QUIT" => "221 bye\r\n",
                    _ => "250 fine\r\n",
                };
                told = told + "> " + &line + "\n";
                if connection.write_all(answer.as_bytes()).is_err() || line == "QUIT" {
                    break;
                }
            }
            if sender.send(told).is_err() {
                break;
            }
        }
    });
    receiver
}

fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("smtp://ada:hunter2@{}", listener.local_addr().expect("an address"));
    (listener, url)
}

fn mailer(url: &str) -> Mailer {
    let relay = Relay::parse(url).expect("sound");
    Mailer::new(&relay, &Sender::of_site("Keyfold", "localhost"), "localhost")
}

fn mail() -> Mail {
    Mail {
        id: Chance::from_seed(1).id(),
        to: Address::parse("ada@example.com").expect("sound").as_str().to_owned(),
        subject: "Grüße".to_owned(),
        text: "Hello\n.\nand goodbye\n".to_owned(),
        written_at: Clock::System.now(),
    }
}

/// Longer than any test waits.
const NEVER: Duration = Duration::from_hours(1);

#[tokio::test]
async fn what_is_queued_leaves_the_house_at_once() {
    let (listener, url) = listener();
    let received = take_mails(listener, "nothing");
    let settings = [("KEYFOLD_RATE_LIMITS", "off"), ("KEYFOLD_SMTP_URL", url.as_str())];
    let site = TestSite::with(&settings).await;
    let postman = tokio::spawn(deliver(site.site.accounts.clone(), mailer(&url), NEVER));
    let mut browser = site.browser();
    browser.sign_up("ada", &mut Authenticator::new(1)).await;
    browser.call("add_email", &json!({ "address": "ada@example.com" })).await;
    let waiting =
        tokio::task::spawn_blocking(move || received.recv_timeout(Duration::from_mins(1)));
    let told = waiting.await.expect("a thread").expect("a mail came");
    for part in [
        "> RCPT TO:<ada@example.com>",
        "Auto-Submitted: auto-generated",
        "http://localhost:8080/verify-email/",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    while site.count_accounts("outbox").await > 0 {
        tokio::task::yield_now().await;
    }
    postman.abort();
}

#[tokio::test]
async fn a_dot_alone_does_not_end_a_mail() {
    let (listener, url) = listener();
    let received = take_mails(listener, "nothing");
    mailer(&url).send(&mail()).await.expect("it is taken");
    let told = received.recv_timeout(Duration::from_mins(1)).expect("a mail came");
    assert!(told.contains("\n..\nand goodbye\n"), "{told}");
}

#[tokio::test]
async fn what_goes_wrong_is_told_without_the_password() {
    let (refusing, url) = listener();
    let _received = take_mails(refusing, "RCPT");
    let refused = mailer(&url).send(&mail()).await.expect_err("it is refused");
    assert!(matches!(refused, SendError::Refused(_)), "{refused:?}");
    assert!(refused.to_string().contains("like this"), "{refused}");
    let (guarded, url) = listener();
    let _received = take_mails(guarded, "AUTH");
    let guarded = mailer(&url).send(&mail()).await.expect_err("the password is wrong");
    assert!(matches!(guarded, SendError::SignInRefused(_)), "{guarded:?}");
    let (closed, url) = listener();
    drop(closed);
    let unreachable = mailer(&url).send(&mail()).await.expect_err("nobody is there");
    assert!(matches!(unreachable, SendError::Unreachable(_)), "{unreachable:?}");
    let (plain, url) = listener();
    let _received = take_mails(plain, "nothing");
    let unsafe_one = mailer(&(url + "?tls=required")).send(&mail()).await.expect_err("no TLS");
    assert!(matches!(unsafe_one, SendError::Unsafe(_)), "{unsafe_one:?}");
    for error in [refused, guarded, unreachable, unsafe_one] {
        let told = format!("{error} {error:?} {}", error.hint());
        assert!(!told.contains("hunter2") && !told.contains('\x1b'), "{told}");
    }
}
