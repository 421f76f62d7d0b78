//! Keyfold behind a real nginx, whose configuration is the one that the doctor writes, or a broken one.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use reqwest::redirect::Policy;
use rustls::{ClientConfig, RootCertStore};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::server::address::Peer;
use crate::server::chance::Chance;
use crate::server::clock::Clock;
use crate::server::config::Config;
use crate::server::doctor::proxy::Proxy;
use crate::server::doctor::{Examination, Finding, examine};
use crate::server::router::router;
use crate::server::site::Site;

/// A configuration that is broken: what stands there, and what stands there instead.
pub(super) type Change = (&'static str, &'static str);

/// Which certificate nginx shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    Good,
    OfAnotherName,
    Expired,
    SoonOver,
}

/// Keyfold, listening, and all that an nginx needs.
pub(super) struct Installation {
    pub(super) folder: TempDir,
    pub(super) site: Site,
    pub(super) http: u16,
    pub(super) https: u16,
    ca: CertifiedIssuer<'static, KeyPair>,
}

/// Ends the process when it goes.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Below those that the system hands out by itself, so that no other test gets it meanwhile.
pub(super) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(21_000);
    let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    let mut ports = std::iter::repeat_with(|| NEXT.fetch_add(1, Ordering::SeqCst));
    ports.find(is_free).expect("a port")
}

pub(super) fn program(name: &str) -> PathBuf {
    let folders = ["/usr/sbin", "/usr/bin", "/usr/local/bin"].into_iter();
    let mut paths = folders.map(|folder| Path::new(folder).join(name));
    let found = paths.find(|path| path.exists());
    found.unwrap_or_else(|| panic!("{name} is not there: `make unit` installs it"))
}

/// As the server notes it.
pub(super) async fn with_peer(
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    request.extensions_mut().insert(Peer::Address(address.ip()));
    next.run(request).await
}

async fn at_the_socket(mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(Peer::UnixSocket);
    next.run(request).await
}

/// Waits until somebody answers there, be it that this is no TLS: a proxy that listens need not have come
/// so far.
async fn answers(proxy: &mut Running, address: SocketAddr) {
    let ask = async || {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(b"GET / HTTP/1.0\r\n\r\n").await?;
        stream.read(&mut [0]).await
    };
    let mut tries = tokio::time::interval(Duration::from_millis(10));
    while ask().await.is_err() {
        let ended = proxy.0.try_wait().expect("it can be asked");
        assert!(ended.is_none(), "{address}: {ended:?}");
        tries.tick().await;
    }
}

impl Installation {
    pub(super) async fn new() -> Self {
        Self::with(&[("KEYFOLD_TRUSTED_PROXIES", "127.0.0.1")]).await
    }

    pub(super) async fn with(settings: &[(&str, &str)]) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let listen = listener.local_addr().expect("an address").to_string();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (installation, routes) = Self::set_up(folder, &listen, settings).await;
        let routes = routes.layer(from_fn(with_peer));
        let routes = routes.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, routes).await });
        installation
    }

    /// Where Keyfold listens on a Unix socket.
    pub(super) async fn on_a_socket(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let socket = folder.path().join("http.sock");
        let listener = tokio::net::UnixListener::bind(&socket).expect("a socket");
        let listen = format!("unix:{}", socket.display());
        let (installation, routes) = Self::set_up(folder, &listen, settings).await;
        let routes = routes.layer(from_fn(at_the_socket));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        installation
    }

    async fn set_up(folder: TempDir, listen: &str, settings: &[(&str, &str)]) -> (Self, Router) {
        let (https, http) = (free_port(), free_port());
        let url = format!("https://localhost:{https}");
        let data = folder.path().join("data");
        let data = data.to_str().expect("a path of letters");
        let own = [
            ("KEYFOLD_PUBLIC_URL", url.as_str()),
            ("KEYFOLD_LISTEN", listen),
            ("KEYFOLD_DATA_DIR", data),
        ];
        let settings = [&own, settings].concat();
        let settings = settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let config = Config::read(None, settings.collect()).expect("sound");
        crate::server::site::prepare_data_dir(&config.data_dir).expect("the folder");
        let site = Site::open(config, Clock::System, Chance::from_system()).await;
        let site = site.expect("the site opens");
        let routes = router(site.clone());
        let mut params = CertificateParams::new(Vec::<String>::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key"));
        let ca = ca.expect("a certificate");
        std::fs::write(folder.path().join("ca.pem"), ca.pem()).expect("a file");
        (Self { folder, site, http, https, ca }, routes)
    }

    /// What the doctor finds behind an nginx that is as it writes it, but for these changes.
    pub(super) async fn examine(&self, changes: &[Change]) -> Vec<Finding> {
        self.examine_with(Shown::Good, Some("ca.pem"), changes).await
    }

    pub(super) async fn examine_with(
        &self,
        shown: Shown,
        ca: Option<&str>,
        changes: &[Change],
    ) -> Vec<Finding> {
        self.write_certificate(shown);
        self.write_configuration(changes);
        let mut command = Command::new(program("nginx"));
        command.arg("-p").arg(self.folder.path()).args(["-e", "error.log", "-c", "nginx.conf"]);
        self.examine_behind(&mut command, ca).await
    }

    /// What the doctor finds behind a proxy that this starts and that stays in front.
    pub(super) async fn examine_behind(
        &self,
        command: &mut Command,
        ca: Option<&str>,
    ) -> Vec<Finding> {
        let proxy = self.start(command).await;
        let found = self.look(ca).await;
        drop(proxy);
        found
    }

    /// The same behind one that listens before it knows whereto requests go.
    pub(super) async fn examine_once_led(&self, command: &mut Command) -> Vec<Finding> {
        let proxy = self.start(command).await;
        let mut roots = RootCertStore::empty();
        roots.add(self.ca.der().clone()).expect("a certificate");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls =
            ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let tls = tls.expect("versions").with_root_certificates(roots).with_no_client_auth();
        let client =
            reqwest::Client::builder().redirect(Policy::none()).tls_backend_preconfigured(tls);
        let client = client.build().expect("a client");
        let is_led = async || {
            let answer = client.get(self.site.config.public_url.origin()).send().await;
            answer.is_ok_and(|answer| answer.status() != StatusCode::NOT_FOUND)
        };
        let led = async {
            let mut tries = tokio::time::interval(Duration::from_millis(10));
            while !is_led().await {
                tries.tick().await;
            }
        };
        // What it cannot read it goes on without, and never leads anywhere.
        let led = tokio::time::timeout(Duration::from_mins(1), led).await;
        led.expect("it takes its configuration");
        let found = self.look(Some("ca.pem")).await;
        drop(proxy);
        found
    }

    async fn start(&self, command: &mut Command) -> Running {
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let process = process.unwrap_or_else(|error| {
            panic!("{command:?}: {error}; `make unit` installs what is missing")
        });
        let mut proxy = Running(process);
        answers(&mut proxy, SocketAddr::from(([127, 0, 0, 1], self.https))).await;
        proxy
    }

    async fn look(&self, ca: Option<&str>) -> Vec<Finding> {
        let examination = Examination {
            url: self.site.config.public_url.clone(),
            ca: ca.map(|name| self.folder.path().join(name)),
            http_port: self.http,
        };
        examine(&self.site, &examination).await
    }

    pub(super) fn write_certificate(&self, shown: Shown) {
        let name = if shown == Shown::OfAnotherName { "other.example" } else { "localhost" };
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        match shown {
            Shown::Good | Shown::OfAnotherName => {}
            Shown::Expired => {
                params.not_before = date_time_ymd(2020, 1, 1);
                params.not_after = date_time_ymd(2020, 4, 1);
            }
            Shown::SoonOver => {
                let now = self.site.clock.now().milliseconds() / 1000;
                let in_days = |days: i64| {
                    date_time_ymd(1970, 1, 1)
                        + Duration::from_secs(
                            u64::try_from(now + days * 24 * 3600).expect("after 1970"),
                        )
                };
                params.not_before = in_days(-80);
                params.not_after = in_days(5);
            }
        }
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.ca).expect("a certificate");
        let write = |name: &str, text: String| {
            std::fs::write(self.folder.path().join(name), text).expect("a file");
        };
        write("fullchain.pem", certificate.pem());
        write("privkey.pem", key.serialize_pem());
    }

    /// The snippet, on ports that anyone may listen on, with everything beside it in its folder.
    fn write_configuration(&self, changes: &[Change]) {
        let mut servers = Proxy::Nginx.snippet(&self.site.config);
        let folder = self.folder.path().display().to_string();
        for (from, to) in [
            ("listen 80;", format!("listen 127.0.0.1:{};", self.http)),
            ("listen [::]:80;", String::new()),
            (&format!("listen {} ssl", self.https), format!("listen 127.0.0.1:{} ssl", self.https)),
            (&format!("listen [::]:{} ssl http2;", self.https), String::new()),
            ("/etc/letsencrypt/live/localhost", folder),
        ] {
            assert!(servers.contains(from), "{from} in {servers}");
            servers = servers.replace(from, &to);
        }
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|what| format!("    {what}_temp_path temporary-{what};"))
            .join("\n");
        let mut text = format!(
            "daemon off;\nmaster_process off;\npid nginx.pid;\nevents {{}}\nhttp {{\n    access_log off;\n{temporary}\n{servers}}}\n"
        );
        for (from, to) in changes {
            assert!(text.contains(from), "{from} in {text}");
            text = text.replace(from, to);
        }
        std::fs::write(self.folder.path().join("nginx.conf"), text).expect("a file");
    }
}
