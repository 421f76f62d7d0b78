//! E-mail: how it leaves the house.
//!
//! Owns: what an address is, the SMTP server to which mail is handed, and the task that empties the
//! outbox. Refuses to know: what is written to whom and why. That is the relying party's, which also
//! keeps the outbox, so that a mail is queued in the transaction of what it tells of.
//!
//! Decisions:
//! * A mail that the server has not clearly taken is tried again, so it can arrive twice. Both have
//!   the same Message-ID, by which mail programs know them as one.
//! * The certificates of the SMTP server are checked against Mozilla's roots, which are in the
//!   program: one file, and nothing of the machine, decides.

mod address;
mod delivery;
mod relay;

use std::error::Error as _;
use std::fmt;
use std::time::{Duration, UNIX_EPOCH};

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use tokio::time::timeout;

pub use address::{Address, Sender};
pub use delivery::{LOOK_EVERY, deliver};
pub use relay::Relay;

use super::clock::Timestamp;

/// For each step of the conversation with the SMTP server.
const STEP_TIMEOUT: Duration = Duration::from_secs(10);

/// For the whole of it.
const TIMEOUT: Duration = Duration::from_secs(30);

/// No more than this of what an SMTP server says is repeated.
const LONGEST_REASON: usize = 300;

/// Says that no person wrote it, so that no holiday notice answers it (RFC 3834, §5).
const AUTO_SUBMITTED: HeaderName = HeaderName::new_from_ascii_str("Auto-Submitted");

/// One mail, as it stands in the outbox.
#[derive(Clone)]
pub struct Mail {
    /// Names it in the outbox, and in its Message-ID.
    pub id: String,
    /// Who gets it.
    pub to: String,
    /// The subject: one line.
    pub subject: String,
    /// The text.
    pub text: String,
    /// When it was written.
    pub written_at: Timestamp,
}

impl fmt::Debug for Mail {
    /// Without its text: there may be a link in it that opens something.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Mail").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Why a mail was not taken.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// It cannot be put into the form that mail has.
    #[error("this cannot be sent as a mail: {0}")]
    Unsendable(String),
    /// The SMTP server was not reached, or did not answer in time.
    #[error("the SMTP server cannot be reached: {0}")]
    Unreachable(String),
    /// No safe connection to it came to be.
    #[error("there is no safe connection to the SMTP server: {0}")]
    Unsafe(String),
    /// It refused the user and the password.
    #[error("the SMTP server refused the sign-in: {0}")]
    SignInRefused(String),
    /// It refused the mail.
    #[error("the SMTP server refused the mail: {0}")]
    Refused(String),
}

impl SendError {
    /// What the operator can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unsendable(_) => "set mail_from (KEYFOLD_MAIL_FROM), or write to another address",
            Self::Unreachable(_) => {
                "check the host and the port in smtp_url (KEYFOLD_SMTP_URL), and whether a firewall is in between"
            }
            Self::Unsafe(_) => {
                "smtp_url needs ?tls=required for port 587 and smtps:// for port 465, and the name that stands in the server's certificate"
            }
            Self::SignInRefused(_) => {
                "check the user and the password in smtp_url; signs such as @ and / are written as %40 and %2F there"
            }
            Self::Refused(_) => {
                "see whether the server takes mail from mail_from (KEYFOLD_MAIL_FROM) to this address"
            }
        }
    }

    fn from_smtp(error: &lettre::transport::smtp::Error) -> Self {
        let reason = reason(error);
        // RFC 4954, §6: 530, 534, 535 and 538 are about signing in.
        let is_sign_in =
            error.status().map(u16::from).is_some_and(|code| (530..540).contains(&code));
        if is_sign_in {
            Self::SignInRefused(reason)
        } else if error.is_permanent() || error.is_transient() {
            Self::Refused(reason)
        } else if error.is_tls() || error.is_client() {
            Self::Unsafe(reason)
        } else {
            Self::Unreachable(reason)
        }
    }
}

/// What an error and those below it say, on one line. Some of it comes from outside.
fn reason(error: &lettre::transport::smtp::Error) -> String {
    let mut said = error.to_string();
    let mut below = error.source();
    while let Some(error) = below {
        let more = error.to_string();
        if !said.contains(&more) {
            said = format!("{said}: {more}");
        }
        below = error.source();
    }
    said.chars()
        .map(|sign| if sign.is_control() { ' ' } else { sign })
        .take(LONGEST_REASON)
        .collect()
}

/// Hands mails to the SMTP server.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    host: String,
}

impl fmt::Debug for Mailer {
    /// Without the transport, which has the password.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Mailer").field("host", &self.host).finish_non_exhaustive()
    }
}

impl Mailer {
    /// Mails go to this relay; `host` is what this side calls itself.
    pub fn new(relay: &Relay, from: &Sender, host: &str) -> Self {
        let transport = relay.transport().timeout(Some(STEP_TIMEOUT));
        let transport = transport.hello_name(ClientId::Domain(host.to_owned())).build();
        Self { transport, from: from.mailbox(), host: host.to_owned() }
    }

    /// Hands one mail over. When this returns well the SMTP server has taken it.
    pub async fn send(&self, mail: &Mail) -> Result<(), SendError> {
        let message = self.message(mail)?;
        match timeout(TIMEOUT, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(SendError::from_smtp(&error)),
            Err(_) => Err(SendError::Unreachable("it took too long".to_owned())),
        }
    }

    /// Whether the SMTP server can be reached, is whom it should be and lets us in; nothing is sent.
    pub async fn greet(&self) -> Result<(), SendError> {
        match timeout(TIMEOUT, self.transport.test_connection()).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err(SendError::Unreachable("it does not answer".to_owned())),
            Ok(Err(error)) => Err(SendError::from_smtp(&error)),
            Err(_) => Err(SendError::Unreachable("it took too long".to_owned())),
        }
    }

    /// The mail as RFC 5322 wants it.
    fn message(&self, mail: &Mail) -> Result<Message, SendError> {
        let to = Address::parse(&mail.to)
            .ok_or_else(|| SendError::Unsendable("the address is not one".to_owned()))?;
        let since_epoch = u64::try_from(mail.written_at.milliseconds()).unwrap_or(0);
        let automatic = HeaderValue::new(AUTO_SUBMITTED, "auto-generated".to_owned());
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to.for_smtp()))
            .subject(one_line(&mail.subject))
            .date(UNIX_EPOCH + Duration::from_millis(since_epoch))
            .message_id(Some(format!("<{}@{}>", mail.id, self.host)))
            .raw_header(automatic)
            .header(ContentType::TEXT_PLAIN);
        let message = message.body(mail.text.clone());
        message.map_err(|error| SendError::Unsendable(error.to_string()))
    }
}

/// The text without anything that could end its line.
pub fn one_line(text: &str) -> String {
    let ends = |sign: char| sign.is_control() || matches!(sign, '\u{2028}' | '\u{2029}');
    text.chars().map(|sign| if ends(sign) { ' ' } else { sign }).collect()
}

#[cfg(test)]
mod tests;
