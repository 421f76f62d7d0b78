//! `keyfold mail`: trying the SMTP server by hand.

use clap::Subcommand;

use super::failed;
use crate::server::chance::Chance;
use crate::server::clock::Clock;
use crate::server::config::Config;
use crate::server::mail::{Address, Mail, Mailer, SendError};
use crate::wire::Language;
use std::process::ExitCode;

/// What can be done with e-mail.
#[derive(Debug, Clone, Subcommand)]
pub(super) enum MailCommand {
    /// Send one e-mail to this address at once, and say what went wrong, if anything.
    Test {
        /// The address to send to.
        address: String,
        /// Write JSON instead of text.
        #[arg(long)]
        json: bool,
    },
}

/// Why the test failed.
#[derive(Debug, thiserror::Error)]
enum TestError {
    #[error("e-mail is switched off")]
    SwitchedOff,
    #[error("{0:?} is not an e-mail address")]
    NoAddress(String),
    #[error("the program cannot run: {0}")]
    Runtime(#[from] std::io::Error),
    #[error(transparent)]
    Send(#[from] SendError),
}

impl TestError {
    fn hint(&self) -> &'static str {
        match self {
            Self::SwitchedOff => {
                "set smtp_url (KEYFOLD_SMTP_URL), such as smtp://user:password@mail.example:587?tls=required"
            }
            Self::NoAddress(_) => "write it as ada@example.com",
            Self::Runtime(_) => "check whether the machine has memory and threads left",
            Self::Send(error) => error.hint(),
        }
    }
}

/// Runs the command. It ends with exit code 1 where no mail was taken.
pub(super) fn run(config: &Config, command: MailCommand) -> ExitCode {
    let MailCommand::Test { address, json } = command;
    match (test(config, &address), json) {
        (Ok(()), true) => said(&serde_json::json!({ "sent": true, "to": address }).to_string()),
        (Ok(()), false) => {
            said(&format!("the SMTP server accepted an e-mail to {address}; check that it arrives"))
        }
        (Err(error), true) => {
            let told = serde_json::json!({
                "sent": false, "to": address, "error": error.to_string(), "hint": error.hint(),
            });
            said(&told.to_string());
            ExitCode::from(1)
        }
        (Err(error), false) => failed(&format!("{error}\nhint: {}", error.hint()), 1),
    }
}

fn test(config: &Config, address: &str) -> Result<(), TestError> {
    let settings = config.mail.as_ref().ok_or(TestError::SwitchedOff)?;
    let to = Address::parse(address).ok_or_else(|| TestError::NoAddress(address.to_owned()))?;
    let say = &Language::English.words().mail;
    let mail = Mail {
        id: Chance::from_system().id(),
        to: to.as_str().to_owned(),
        subject: (say.test_subject)(&config.site_name),
        text: say.test.to_owned(),
        written_at: Clock::System.now(),
    };
    let mailer = Mailer::new(&settings.relay, &settings.from, config.public_url.host());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let sent = runtime.block_on(mailer.send(&mail));
    // Looking up a name takes a thread, which must not keep the process.
    runtime.shutdown_background();
    Ok(sent?)
}

#[expect(clippy::print_stdout, reason = "it is the answer to the command")]
fn said(text: &str) -> ExitCode {
    println!("{text}");
    ExitCode::SUCCESS
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::{Config, MailCommand, test};
    use crate::server::cli::{Arguments, Command};

    fn told(settings: &[(&str, &str)], address: &str) -> String {
        let settings = settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let config = Config::read(None, settings.collect()).expect("sound");
        let error = test(&config, address).expect_err("nothing is sent");
        format!("{error}; {}", error.hint())
    }

    #[test]
    fn what_went_wrong_is_told_with_a_hint_and_without_the_password() {
        assert!(told(&[], "ada@example.com").contains("switched off; set smtp_url"));
        let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("smtp://ada:hunter2@{}", closed.local_addr().expect("an address"));
        drop(closed);
        let settings = [("KEYFOLD_SMTP_URL", url.as_str())];
        assert!(told(&settings, "ada").contains("is not an e-mail address; write it as"));
        let away = told(&settings, "ada@example.com");
        assert!(away.contains("cannot be reached"), "{away}");
        assert!(!away.contains("hunter2"), "{away}");
    }

    #[test]
    fn the_command_takes_an_address() {
        let arguments = ["keyfold", "mail", "test", "ada@example.com", "--json"];
        let arguments = Arguments::try_parse_from(arguments).expect("sound");
        let Some(Command::Mail(MailCommand::Test { address, json })) = arguments.command else {
            panic!("another command: {arguments:?}");
        };
        assert_eq!((address.as_str(), json), ("ada@example.com", true));
    }
}
