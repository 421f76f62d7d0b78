//! The certificate that browsers are shown.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig, ClientConnection, Error, RootCertStore, Stream};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::Finding;
use super::proxy::{LOG, Lines};
use crate::server::clock::Timestamp;
use crate::server::web_origin::WebOrigin;

const PATIENCE: Duration = Duration::from_secs(5);

/// Those that renew certificates do so with more time left than this.
const SOON: i64 = 14;

const DAY: i64 = 24 * 3600 * 1000;

const SPEAK_TLS: Lines = Lines {
    nginx: "listen 443 ssl;",
    caddy: "take \"http://\" in front of the name, and \"auto_https off\", out",
    traefik: "entryPoints: [websecure], and tls: { certResolver: … } in the router",
    apache: "SSLEngine on   (a2enmod ssl)",
};

/// Believes whom browsers believe, whom this machine believes, and whoever stands in the file.
pub(super) fn config(ca: Option<&Path>) -> Result<Arc<ClientConfig>, Finding> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let _ = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(file) = ca {
        let added = CertificateDer::pem_file_iter(file).map_err(|error| error.to_string());
        let added = added.and_then(|found| {
            let found: Vec<_> = found.filter_map(Result::ok).collect();
            let (added, _) = roots.add_parsable_certificates(found);
            if added == 0 { Err("no certificate stands in it".to_owned()) } else { Ok(()) }
        });
        added.map_err(|error| {
            let says = format!("the certificates in {} cannot be read: {error}", file.display());
            let why = "the certificate of the site cannot be checked without them";
            let line = "name a file in PEM form, with BEGIN CERTIFICATE: keyfold doctor --ca FILE";
            Finding::wrong("ca", says, why).fixed_by(line)
        })?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder
        .map_err(|error| Finding::unknown("tls", "TLS cannot be tried", &error.to_string()))?;
    Ok(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
}

/// Shakes hands with the first address that does.
pub(super) async fn look(
    url: &WebOrigin,
    config: &Arc<ClientConfig>,
    addresses: &[SocketAddr],
    now: Timestamp,
) -> Finding {
    let (host, config, addresses) = (url.host().to_owned(), Arc::clone(config), addresses.to_vec());
    let hands = tokio::task::spawn_blocking(move || shake_hands(&host, &config, &addresses)).await;
    match hands {
        Ok(Ok(certificate)) => validity(&certificate, now),
        Ok(Err(failure)) => told(url, &failure),
        Err(error) => Finding::unknown("tls", "TLS cannot be tried", &error.to_string()),
    }
}

enum Failure {
    Tls(Error),
    Io(std::io::Error),
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
            Some(tls) => Self::Tls(tls.clone()),
            None => Self::Io(error),
        }
    }
}

fn shake_hands(
    host: &str,
    config: &Arc<ClientConfig>,
    addresses: &[SocketAddr],
) -> Result<Vec<u8>, Failure> {
    let name = ServerName::try_from(host.to_owned())
        .map_err(|_| Failure::Tls(Error::UnsupportedNameType))?;
    let reached =
        addresses.iter().find_map(|address| TcpStream::connect_timeout(address, PATIENCE).ok());
    let mut socket = reached.ok_or_else(|| std::io::Error::other("nothing answers"))?;
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.set_write_timeout(Some(PATIENCE))?;
    let mut session = ClientConnection::new(Arc::clone(config), name).map_err(Failure::Tls)?;
    let mut stream = Stream::new(&mut session, &mut socket);
    stream.write_all(b"HEAD /healthz HTTP/1.0\r\n\r\n")?;
    // What comes back does not matter: the hands have been shaken.
    let _ = stream.read(&mut [0; 1]);
    let certificate = session.peer_certificates().and_then(|chain| chain.first());
    Ok(certificate.map(|certificate| certificate.to_vec()).unwrap_or_default())
}

fn validity(certificate: &[u8], now: Timestamp) -> Finding {
    let Ok((_, certificate)) = X509Certificate::from_der(certificate) else {
        return Finding::good("tls", "the certificate is believed");
    };
    let until = certificate.validity().not_after.timestamp().saturating_mul(1000);
    let days = until.saturating_sub(now.milliseconds()) / DAY;
    let date = Timestamp::from_milliseconds(until);
    if days < SOON {
        let says = format!("the certificate ends in {days} days ({date})");
        let why = "then no browser opens the site; whatever renews it should have done so by now";
        return Finding::advice("tls", says, why)
            .fixed_by("see why it is not renewed: the log of certbot, Caddy or Traefik");
    }
    Finding::good("tls", format!("the certificate is believed, and good for {days} days ({date})"))
}

fn told(url: &WebOrigin, failure: &Failure) -> Finding {
    let host = url.host();
    let why = "browsers show a warning instead of the site, and no passkey works behind it";
    let wrong = |says: String, line: String| Finding::wrong("tls", says, why).fixed_by(line);
    let certificate = match failure {
        Failure::Io(error) => {
            let says = format!("{host} does not speak TLS: {error}");
            return SPEAK_TLS.mend(Finding::wrong("tls", says, why), None);
        }
        Failure::Tls(Error::InvalidMessage(_)) => {
            let says = format!("{host} answers, and not with TLS: plain http, perhaps");
            return SPEAK_TLS.mend(Finding::wrong("tls", says, why), None);
        }
        Failure::Tls(Error::InvalidCertificate(error)) => error,
        Failure::Tls(error) => {
            return LOG.mend(Finding::wrong("tls", format!("{host}: {error}"), why), None);
        }
    };
    match certificate {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => wrong(
            format!("the certificate of {host} has expired"),
            "renew it, and let the proxy read it again (certbot renew; nginx -s reload)".to_owned(),
        ),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => wrong(
            format!("the certificate of {host} is not valid yet"),
            "set the clock of the machine that made it, or of this one".to_owned(),
        ),
        CertificateError::NotValidForName => names(host, &[], wrong),
        CertificateError::NotValidForNameContext { presented, .. } => names(host, presented, wrong),
        CertificateError::UnknownIssuer => wrong(
            format!("nobody that is believed has signed the certificate of {host}"),
            "let the proxy send the whole chain (nginx: ssl_certificate fullchain.pem;), or name a CA of your own: keyfold doctor --ca FILE".to_owned(),
        ),
        error => wrong(
            format!("the certificate of {host} is not good: {error}"),
            "get another one".to_owned(),
        ),
    }
}

fn names(host: &str, presented: &[String], wrong: impl Fn(String, String) -> Finding) -> Finding {
    let of = match presented {
        [] => "another name".to_owned(),
        names => names.join(", "),
    };
    wrong(
        format!("the certificate at {host} is for {of}"),
        format!(
            "get one for {host} (certbot -d {host}), or lead the proxy to it (nginx: server_name {host};)"
        ),
    )
}
