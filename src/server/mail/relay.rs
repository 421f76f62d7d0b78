//! The SMTP server that takes our mail.

use std::fmt;

use lettre::transport::smtp::AsyncSmtpTransportBuilder;
use lettre::{AsyncSmtpTransport, Tokio1Executor};
use url::{Host, Url};

/// An SMTP server, and how to sign in there. Its password is shown nowhere.
#[derive(Clone)]
pub struct Relay {
    host: String,
    transport: AsyncSmtpTransportBuilder,
}

impl fmt::Debug for Relay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Relay").field("host", &self.host).finish_non_exhaustive()
    }
}

impl Relay {
    /// Takes a URL such as `smtp://user:password@mail.example:587?tls=required`. An error is the end
    /// of the sentence "`key` …", and repeats nothing of the URL: there is a password in it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| format!("is not a URL ({error})"))?;
        let is_wrapped = match url.scheme() {
            "smtps" => true,
            "smtp" => false,
            _ => return Err("must begin with smtp:// or smtps://".into()),
        };
        let Some(host) = url.host_str().filter(|host| !host.is_empty()) else {
            return Err("must name the host of the SMTP server".into());
        };
        let is_bare = matches!(url.path(), "" | "/") && url.fragment().is_none();
        if !is_bare {
            return Err("must have nothing after the host and the port but ?tls=…".into());
        }
        let tls = match url.query() {
            None | Some("") => None,
            Some("tls=required") => Some(true),
            Some("tls=opportunistic") => Some(false),
            Some(_) => {
                return Err(
                    "may end with ?tls=required or ?tls=opportunistic, and nothing else".into()
                );
            }
        };
        if url.username().is_empty() != url.password().is_none() {
            return Err("must have both a user and a password, or neither".into());
        }
        let is_safe = is_wrapped || tls == Some(true) || is_this_machine(&url);
        if url.password().is_some() && !is_safe {
            return Err("would send the password for everybody to read: add ?tls=required".into());
        }
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(text);
        let transport = transport.map_err(|_| {
            "has signs that cannot stand there: write those of the user and the password as %40 and so on"
        })?;
        Ok(Self { host: host.to_owned(), transport })
    }

    pub(super) fn transport(&self) -> AsyncSmtpTransportBuilder {
        self.transport.clone()
    }
}

/// Whether what is sent there leaves this machine. The host of a URL of a scheme that the standard does
/// not know is not read as an address by itself.
fn is_this_machine(url: &Url) -> bool {
    match url.host_str().map(Host::parse) {
        Some(Ok(Host::Domain(name))) => name == "localhost" || name.ends_with(".localhost"),
        Some(Ok(Host::Ipv4(address))) => address.is_loopback(),
        Some(Ok(Host::Ipv6(address))) => address.is_loopback(),
        Some(Err(_)) | None => false,
    }
}
