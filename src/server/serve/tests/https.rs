//! Direct TLS: both versions of HTTP, and certificates that are replaced.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::super::connection::Patience;
use super::super::tls::{Certificate, CertificateError};
use super::{ask, connect, patient, serve_with, until_closed, who_is_there};
use crate::server::config::TlsFiles;

/// A certificate in files, as an operator has it.
pub(super) struct OnDisk {
    folder: TempDir,
}

impl OnDisk {
    pub(super) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn files(&self) -> TlsFiles {
        TlsFiles { certificate: self.path("chain.pem"), key: self.path("key.pem") }
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("it can be written");
    }

    /// Makes a fresh pair.
    pub(super) fn renew(&self) -> CertificateDer<'static> {
        let (certificate, key) = fresh();
        self.write("chain.pem", &certificate.pem());
        self.write("key.pem", &key.serialize_pem());
        certificate.der().clone()
    }
}

fn fresh() -> (rcgen::Certificate, KeyPair) {
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
    (params.self_signed(&key).expect("a certificate"), key)
}

fn client(root: &CertificateDer<'static>, protocols: &[&[u8]]) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(root.clone()).expect("a root");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions");
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    config
}

async fn shake_hands(
    address: SocketAddr,
    root: &CertificateDer<'static>,
    protocols: &[&[u8]],
) -> std::io::Result<TlsStream<tokio::net::TcpStream>> {
    let connector = TlsConnector::from(Arc::new(client(root, protocols)));
    let name = ServerName::try_from("localhost").expect("a name");
    connector.connect(name, connect(address).await).await
}

pub(super) fn open(files: &OnDisk) -> Arc<Certificate> {
    Arc::new(Certificate::open(&files.files()).expect("a sound pair"))
}

#[tokio::test]
async fn tls_agrees_on_the_version_of_http() {
    let files = OnDisk::new();
    let root = files.renew();
    let (_server, address) = serve_with(who_is_there(), 10, patient(), Some(open(&files)));
    let stream = shake_hands(address, &root, &[b"http/1.1"]).await.expect("TLS");
    assert!(ask(stream).await.ends_with("Address(127.0.0.1)"));
    let stream = shake_hands(address, &root, &[]).await.expect("TLS");
    assert!(ask(stream).await.starts_with("HTTP/1.1 200"));
    for (protocols, version) in [
        (vec![b"h2".as_slice(), b"http/1.1"], "HTTP/2.0"),
        (vec![b"http/1.1".as_slice()], "HTTP/1.1"),
    ] {
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(client(&root, &protocols))
            .resolve("localhost", address)
            .build()
            .expect("a client");
        let url = format!("https://localhost:{}/", address.port());
        let response = client.get(url).send().await.expect("an answer");
        assert_eq!(format!("{:?}", response.version()), version);
        assert_eq!(response.text().await.expect("text"), "Address(127.0.0.1)");
    }
}

#[tokio::test]
async fn a_new_certificate_is_taken_without_ending_connections() {
    let files = OnDisk::new();
    let first = files.renew();
    let certificate = open(&files);
    let (_server, address) =
        serve_with(who_is_there(), 10, patient(), Some(Arc::clone(&certificate)));
    let mut old = shake_hands(address, &first, &[]).await.expect("TLS");
    assert!(!certificate.renew().expect("nothing has changed"));
    let second = files.renew();
    assert!(certificate.renew().expect("the new one fits"));
    assert!(!certificate.renew().expect("it has been taken"));
    shake_hands(address, &first, &[]).await.expect_err("the old one is not shown any more");
    let new = shake_hands(address, &second, &[]).await.expect("the new one is");
    assert!(ask(new).await.starts_with("HTTP/1.1 200"));
    old.write_all(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n").await.expect("it is open still");
    let mut beginning = [0; 12];
    old.read_exact(&mut beginning).await.expect("and answers");
    assert_eq!(&beginning, b"HTTP/1.1 200");
}

#[tokio::test]
async fn the_old_certificate_stays_where_the_new_one_is_broken() {
    let files = OnDisk::new();
    let first = files.renew();
    let certificate = open(&files);
    let (_server, address) =
        serve_with(who_is_there(), 10, patient(), Some(Arc::clone(&certificate)));
    let (stranger, _) = fresh();
    files.write("chain.pem", &stranger.pem());
    let error = certificate.renew().expect_err("the key is another's");
    assert!(matches!(error, CertificateError::Mismatch { .. }), "{error}");
    assert!(!certificate.renew().expect("this has been told"));
    for broken in ["", "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n"] {
        files.write("chain.pem", broken);
        certificate.renew().expect_err("no certificate");
    }
    std::fs::remove_file(files.path("key.pem")).expect("it is there");
    certificate.renew().expect_err("no key");
    let stream = shake_hands(address, &first, &[]).await.expect("the first one stays");
    assert!(ask(stream).await.starts_with("HTTP/1.1 200"));
    let last = files.renew();
    assert!(certificate.renew().expect("this one fits"));
    shake_hands(address, &last, &[]).await.expect("and is taken");
}

#[tokio::test]
async fn a_start_without_a_sound_pair_says_what_is_wrong() {
    let files = OnDisk::new();
    let error = Certificate::open(&files.files()).expect_err("nothing is there").to_string();
    assert!(error.contains("cannot read") && error.contains("chain.pem"), "{error}");
    files.renew();
    files.write("key.pem", "no key");
    let error = Certificate::open(&files.files()).expect_err("no key").to_string();
    assert!(error.contains("no private key") && error.contains("key.pem"), "{error}");
}

#[tokio::test]
async fn whoever_is_slow_to_shake_hands_or_falls_silent_is_left() {
    let files = OnDisk::new();
    let root = files.renew();
    let short = Duration::from_millis(100);
    let patience = Patience { header: short, stall: short, ..patient() };
    let (_server, address) = serve_with(who_is_there(), 10, patience, Some(open(&files)));
    assert!(until_closed(connect(address).await).await.is_empty());
    let silent = shake_hands(address, &root, &[b"h2"]).await.expect("TLS");
    assert_eq!(silent.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
    until_closed(silent).await;
    // Plain HTTP on a port of TLS is refused, not answered.
    let mut plain = connect(address).await;
    plain.write_all(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n").await.expect("it listens");
    assert!(!until_closed(plain).await.starts_with(b"HTTP"));
}
