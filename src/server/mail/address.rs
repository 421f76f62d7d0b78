//! What an e-mail address is, and who mails come from.

use lettre::message::Mailbox;
use url::Host;

/// Longer ones fit into no mail path (RFC 5321, §4.5.3.1.3).
const LONGEST: usize = 254;

/// An e-mail address. Its domain is in lower case, so that the same address is the same text; what
/// stands before the `@` is the receiver's business (RFC 5321, §2.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(lettre::Address);

impl Address {
    /// Takes what somebody typed.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > LONGEST || text.chars().any(char::is_control) {
            return None;
        }
        let typed: lettre::Address = text.parse().ok()?;
        let domain = typed.domain().to_lowercase();
        lettre::Address::new(typed.user(), domain).ok().map(Self)
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        self.0.as_ref()
    }

    /// The address with its domain in the letters of the DNS: not every server knows others.
    pub(super) fn for_smtp(&self) -> lettre::Address {
        let ascii = match Host::parse(self.0.domain()) {
            Ok(Host::Domain(domain)) => lettre::Address::new(self.0.user(), domain).ok(),
            Ok(Host::Ipv4(_) | Host::Ipv6(_)) | Err(_) => None,
        };
        ascii.unwrap_or_else(|| self.0.clone())
    }
}

/// Who mails come from: an address, and perhaps a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender(Mailbox);

impl Sender {
    /// Takes `address` or `Name <address>`.
    pub fn parse(text: &str) -> Option<Self> {
        let is_one_line = !text.chars().any(char::is_control);
        let mailbox: Mailbox = text.parse().ok().filter(|_| is_one_line)?;
        Some(Self(mailbox))
    }

    /// Who mails come from where nobody said so.
    pub fn of_site(name: &str, host: &str) -> Self {
        // The host is that of the public URL, which is more than mail asks of one.
        let address = lettre::Address::new_dangerous("no-reply", host);
        Self(Mailbox::new(Some(name.to_owned()), address))
    }

    pub(super) fn mailbox(&self) -> Mailbox {
        self.0.clone()
    }
}
