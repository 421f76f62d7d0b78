//! Running the server: from the settings to the end of the last request.

use std::fs::File;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum_server::Handle;
use axum_server::accept::NoDelayAcceptor;
use hyper_util::rt::TokioTimer;
use thiserror::Error;
use tokio::time::timeout;

use super::chance::Chance;
use super::clock::Clock;
use super::config::Config;
use super::mail::{self, Mailer};
use super::router::router;
use super::site::{Site, SiteError, prepare_data_dir};

/// From the opening of a connection, or the end of a request, to the last byte of a header.
const HEADER_TIMEOUT: Duration = Duration::from_secs(5);

/// How long requests under way may take after the signal to stop, and then closing the databases.
const GRACE: Duration = Duration::from_secs(10);

const SWEEP_EVERY: Duration = Duration::from_mins(1);

/// Why the server could not run.
#[derive(Debug, Error)]
pub(super) enum ServeError {
    #[error("cannot write to the data directory {folder}: {source}")]
    DataDir { folder: PathBuf, source: io::Error },
    #[error("another Keyfold is running on the data directory {folder}")]
    AlreadyRunning { folder: PathBuf },
    #[error("cannot listen on {address}: {source}")]
    Listen { address: SocketAddr, source: io::Error },
    #[error(transparent)]
    Site(#[from] SiteError),
    #[error("the server failed: {0}")]
    Io(#[from] io::Error),
}

impl ServeError {
    /// What the operator can do about it.
    pub(super) fn hint(&self) -> &'static str {
        match self {
            Self::DataDir { .. } => {
                "change its owner or mode, or set data_dir (KEYFOLD_DATA_DIR) to a folder that this user can write to"
            }
            Self::AlreadyRunning { .. } => {
                "stop it, or give this one its own data_dir (KEYFOLD_DATA_DIR)"
            }
            Self::Listen { .. } => {
                "another program may have this port; set listen (KEYFOLD_LISTEN) to a free one"
            }
            Self::Site(error) => error.hint(),
            Self::Io(_) => "see the log above",
        }
    }
}

/// Serves until SIGTERM or SIGINT, then finishes what is under way.
pub(super) async fn serve(config: Config) -> Result<(), ServeError> {
    warn_of_test_settings(&config);
    let data_dir = config.data_dir.clone();
    let unwritable = |source| ServeError::DataDir { folder: data_dir.clone(), source };
    prepare_data_dir(&data_dir).map_err(unwritable)?;
    let lock = lock_file(&data_dir).map_err(unwritable)?;
    hold(&lock, &data_dir)?;
    let listener = listen(config.listen)?;
    let clock = config.test_clock.clone().map_or(Clock::System, Clock::Moved);
    let (listen, origin) = (config.listen, config.public_url.origin().to_owned());
    let site = Site::open(config, clock, Chance::from_system()).await?;
    // Not before: until here there is nothing to finish, and a stop need not wait for the databases.
    let stop = stop_signal()?;
    let handle = Handle::new();
    tokio::spawn(stop_when(stop, handle.clone()));
    let sweeper = tokio::spawn(sweep(site.clone()));
    let postman = tokio::spawn(deliver_mail(site.clone()));
    // Reverse proxies and local browsers speak HTTP/1.1 without TLS. Not having to find out what a
    // connection speaks is what lets its silence be timed.
    let mut server = axum_server::from_tcp(listener)?
        .handle(handle)
        .acceptor(NoDelayAcceptor::new())
        .http1_only()
        .first_request_timeout(HEADER_TIMEOUT);
    let http = server.http_builder();
    http.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT).max_headers(64);
    tracing::info!(%listen, url = origin, "Keyfold is ready: open the URL in a browser");
    let routes = router(site.clone()).into_make_service_with_connect_info::<SocketAddr>();
    server.serve(routes).await?;
    sweeper.abort();
    // A mail that is under way is tried again at the next start.
    postman.abort();
    // What was acknowledged is on the disk already: closing only tidies up.
    if timeout(GRACE, site.close()).await.is_err() {
        tracing::warn!("the databases could not be closed in time; the next start tidies up");
    }
    tracing::info!("Keyfold has stopped");
    drop(lock);
    Ok(())
}

fn warn_of_test_settings(config: &Config) {
    if config.rate_limits.is_none() {
        tracing::warn!(
            "RATE LIMITS ARE OFF. This is for benchmarks and tests only: anyone may try as often as they like"
        );
    }
    if config.test_clock.is_some() {
        tracing::warn!(
            "THE CLOCK CAN BE MOVED by a file. This is for tests only: expired sessions can be revived"
        );
    }
}

fn lock_file(data_dir: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(false).mode(0o600).open(data_dir.join("keyfold.lock"))
}

/// Two servers on one folder would each believe that they are alone.
fn hold(lock: &File, data_dir: &Path) -> Result<(), ServeError> {
    let held = lock.try_lock();
    held.map_err(|_| ServeError::AlreadyRunning { folder: data_dir.to_owned() })
}

fn listen(address: SocketAddr) -> Result<TcpListener, ServeError> {
    let listener = TcpListener::bind(address).and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok(listener)
    });
    listener.map_err(|source| ServeError::Listen { address, source })
}

/// Waits for SIGTERM or SIGINT. From this call on neither ends the program at once any more, so it is made
/// before the server says that it is ready.
fn stop_signal() -> io::Result<impl Future<Output = ()> + Send> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
    })
}

async fn stop_when(stop: impl Future<Output = ()>, handle: Handle<SocketAddr>) {
    stop.await;
    tracing::info!("stopping: no new connections, finishing what is under way");
    handle.graceful_shutdown(Some(GRACE));
}

async fn deliver_mail(site: Site) {
    if let Some(mail) = &site.config.mail {
        let mailer = Mailer::new(&mail.relay, &mail.from, site.config.public_url.host());
        mail::deliver(site.accounts.clone(), mailer).await;
    }
}

async fn sweep(site: Site) {
    let mut every = tokio::time::interval(SWEEP_EVERY);
    loop {
        every.tick().await;
        site.sweep().await;
    }
}
