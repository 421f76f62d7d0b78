//! Direct TLS: a certificate that may be replaced while the server runs.
//!
//! Decision: the files are read again every few seconds and compared. Watching them by the system's
//! means misses what Kubernetes and `certbot` do (links that are moved), and a few kilobytes cost
//! nothing. A connection keeps the certificate that it began with.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rustls::crypto::CryptoProvider;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{InconsistentKeys, ServerConfig};
use thiserror::Error;

use crate::server::config::TlsFiles;

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Why a certificate cannot be used.
#[derive(Debug, Error)]
pub(in crate::server) enum CertificateError {
    #[error("cannot read {file}: {source}")]
    Unreadable { file: PathBuf, source: io::Error },
    #[error("there is no certificate in {file}, in PEM")]
    NoCertificate { file: PathBuf },
    #[error("there is no private key in {file}, in PEM and without a passphrase")]
    NoKey { file: PathBuf },
    #[error("the key in {file} is not that of the certificate")]
    Mismatch { file: PathBuf },
    #[error("the certificate cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
}

/// Both files as they were last.
#[derive(Debug, Default, PartialEq, Eq)]
struct Content {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

/// The certificate in use.
#[derive(Debug)]
pub(super) struct Certificate {
    files: TlsFiles,
    seen: RwLock<Content>,
    current: Arc<Current>,
    server_config: Arc<ServerConfig>,
}

#[derive(Debug)]
struct Current(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Certificate {
    pub(super) fn open(files: &TlsFiles) -> Result<Self, CertificateError> {
        let content = read(files)?;
        let current = Arc::new(Current(RwLock::new(Arc::new(certified(files, &content)?))));
        let provider = Arc::new(default_provider());
        let resolver: Arc<dyn ResolvesServerCert> = Arc::<Current>::clone(&current);
        let mut server_config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(resolver);
        server_config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let (seen, server_config) = (RwLock::new(content), Arc::new(server_config));
        Ok(Self { files: files.clone(), seen, current, server_config })
    }

    pub(super) fn server_config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.server_config)
    }

    /// Looks at the files from time to time, for ever.
    pub(super) async fn follow(self: Arc<Self>) {
        let mut every = tokio::time::interval(LOOK_EVERY);
        loop {
            every.tick().await;
            match self.renew() {
                Ok(false) => {}
                Ok(true) => tracing::info!("the TLS certificate has been replaced"),
                Err(error) => {
                    tracing::error!(%error, "the new TLS certificate is of no use: the old one stays");
                }
            }
        }
    }

    /// Takes the files again where they have changed, and says whether they have. A pair that does not
    /// fit is told once, until it changes again.
    pub(super) fn renew(&self) -> Result<bool, CertificateError> {
        // Half-way through being replaced, a file may not be there.
        let content = read(&self.files).unwrap_or_default();
        {
            let mut seen = self.seen.write().unwrap_or_else(PoisonError::into_inner);
            if *seen == content {
                return Ok(false);
            }
            seen.certificate.clone_from(&content.certificate);
            seen.key.clone_from(&content.key);
        }
        let certified = Arc::new(certified(&self.files, &content)?);
        *self.current.0.write().unwrap_or_else(PoisonError::into_inner) = certified;
        Ok(true)
    }
}

fn read(files: &TlsFiles) -> Result<Content, CertificateError> {
    let read = |file: &Path| {
        let unreadable = |source| CertificateError::Unreadable { file: file.to_owned(), source };
        std::fs::read(file).map_err(unreadable)
    };
    Ok(Content { certificate: read(&files.certificate)?, key: read(&files.key)? })
}

fn certified(files: &TlsFiles, content: &Content) -> Result<CertifiedKey, CertificateError> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&content.certificate).collect();
    let chain = chain.ok().filter(|chain| !chain.is_empty());
    let chain =
        chain.ok_or_else(|| CertificateError::NoCertificate { file: files.certificate.clone() })?;
    let key = PrivateKeyDer::from_pem_slice(&content.key);
    let key = key.map_err(|_| CertificateError::NoKey { file: files.key.clone() })?;
    let provider: CryptoProvider = default_provider();
    let certified = CertifiedKey::new(chain, provider.key_provider.load_private_key(key)?);
    match certified.keys_match() {
        Ok(()) | Err(rustls::Error::InconsistentKeys(InconsistentKeys::Unknown)) => Ok(certified),
        Err(rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => {
            Err(CertificateError::Mismatch { file: files.key.clone() })
        }
        Err(error) => Err(error.into()),
    }
}
