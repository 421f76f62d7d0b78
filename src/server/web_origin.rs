//! An origin that passkeys can be used on: a scheme, a host and perhaps a port, and nothing else.
//!
//! Owns what such an origin may be, for the settings and for relying parties alike.

use thiserror::Error;
use url::{Host, Url};

/// Why a text is not such an origin. Each is the end of the sentence "It …".
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WebOriginError {
    /// No URL at all.
    #[error("is not a URL ({0})")]
    NotAUrl(url::ParseError),
    /// An IP address, or no host.
    #[error("must name a host: passkeys belong to a domain, never to an IP address")]
    NoHost,
    /// A `*` in the host.
    #[error("must name one host: a wildcard would hand every subdomain the passkeys")]
    Wildcard,
    /// A host that no domain can have.
    #[error("must name a host: letters, digits and hyphens between single dots")]
    OddHost,
    /// Plain http on the open network.
    #[error("must be https: browsers offer passkeys over http on localhost only")]
    Insecure,
    /// Neither https nor http.
    #[error("must begin with https://")]
    OtherScheme,
    /// More than an origin.
    #[error("must be only a scheme, a host and perhaps a port: no path, query or user")]
    NotBare,
}

/// Such an origin, as people have it in the address bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebOrigin {
    origin: String,
    host: String,
    is_secure: bool,
}

impl WebOrigin {
    /// Reads it as browsers do: case, a default port and a slash at the end make no difference.
    pub(super) fn parse(text: &str) -> Result<Self, WebOriginError> {
        let url = Url::parse(text).map_err(WebOriginError::NotAUrl)?;
        let Some(Host::Domain(host)) = url.host() else {
            return Err(WebOriginError::NoHost);
        };
        if host.contains('*') {
            return Err(WebOriginError::Wildcard);
        }
        let labels_are_names = host
            .split('.')
            .all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'));
        if !labels_are_names {
            return Err(WebOriginError::OddHost);
        }
        let is_local = host == "localhost" || host.ends_with(".localhost");
        let is_secure = match url.scheme() {
            "https" => true,
            "http" if is_local => false,
            "http" => return Err(WebOriginError::Insecure),
            _ => return Err(WebOriginError::OtherScheme),
        };
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !is_bare || !url.username().is_empty() || url.password().is_some() {
            return Err(WebOriginError::NotBare);
        }
        Ok(Self { origin: url.origin().ascii_serialization(), host: host.to_owned(), is_secure })
    }

    /// The origin, as browsers write it: no slash at the end (RFC 6454, §6.2).
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The host, which can be an RP ID (WebAuthn Level 3, §4).
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether it is https.
    pub fn is_secure(&self) -> bool {
        self.is_secure
    }
}
