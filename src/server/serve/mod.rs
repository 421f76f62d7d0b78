//! Running the server: from the settings to the end of the last request.

mod connection;
mod leftover;
mod sockets;
mod stall;
mod supervisor;
#[cfg(test)]
mod tests;
mod tls;

use std::fs::File;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use listenfd::ListenFd;
use thiserror::Error;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

pub(super) use self::supervisor::Supervisor;

use self::connection::{Patience, Server};
use self::sockets::Listener;
use self::tls::{Certificate, CertificateError};
use super::chance::Chance;
use super::cli::{print, setup_link};
use super::clock::Clock;
use super::config::{Address, Config};
use super::log::LOUD;
use super::mail::{self, Mailer};
use super::metrics;
use super::router::router;
use super::site::{Site, SiteError, prepare_data_dir};

/// How long closing the databases may take once the last connection has ended.
const GRACE: Duration = Duration::from_secs(10);

const SWEEP_EVERY: Duration = Duration::from_mins(1);

/// Scrapers are few.
const METRICS_CONNECTIONS: u32 = 32;

/// What the server finds when it is started, apart from its settings.
pub(super) struct Surroundings {
    /// Sockets that are open already.
    pub(super) handed_in: ListenFd,
    /// Whoever has started it.
    pub(super) supervisor: Supervisor,
}

/// Why the server could not run.
#[derive(Debug, Error)]
pub(super) enum ServeError {
    #[error("cannot write to the data directory {folder}: {source}")]
    DataDir { folder: PathBuf, source: io::Error },
    #[error("another Keyfold is running on the data directory {folder}")]
    AlreadyRunning { folder: PathBuf },
    #[error("cannot listen on {address}: {source}")]
    Listen { address: Address, source: io::Error },
    #[error("the socket {index} that was handed in is neither TCP nor a Unix socket")]
    HandedIn { index: usize },
    #[error("TLS cannot begin: {0}")]
    Tls(#[from] CertificateError),
    #[error("metrics cannot be served on {address}: {source}")]
    Metrics { address: SocketAddr, source: io::Error },
    #[error(transparent)]
    Site(#[from] SiteError),
    #[error("the server failed: {0}")]
    Io(#[from] io::Error),
}

impl ServeError {
    /// What the operator can do about it.
    pub(super) fn hint(&self) -> String {
        let hint = match self {
            Self::DataDir { .. } => {
                "change its owner or mode, or set data_dir (KEYFOLD_DATA_DIR) to a folder that this user can write to"
            }
            Self::AlreadyRunning { .. } => {
                "stop it, or give this one its own data_dir (KEYFOLD_DATA_DIR)"
            }
            Self::Listen { address: Address::Tcp(_), .. } => {
                "another program may have this port; set listen (KEYFOLD_LISTEN) to a free one"
            }
            Self::Listen { address: Address::Unix(_), .. } => {
                "its folder must be there and writable, and nobody else may listen on it; set listen (KEYFOLD_LISTEN)"
            }
            Self::HandedIn { .. } => {
                "name only ListenStream= in the socket unit, or disable it to use listen (KEYFOLD_LISTEN)"
            }
            Self::Tls(_) => {
                "set tls_certificate (KEYFOLD_TLS_CERTIFICATE) and tls_key (KEYFOLD_TLS_KEY) to PEM files that belong together"
            }
            Self::Metrics { .. } => {
                "set metrics_listen (KEYFOLD_METRICS_LISTEN) to a free port of this machine"
            }
            Self::Site(error) => return error.hint(),
            Self::Io(_) => "see the log above",
        };
        hint.to_owned()
    }
}

/// Serves until SIGTERM or SIGINT, then finishes what is under way.
pub(super) async fn serve(config: Config, surroundings: Surroundings) -> Result<(), ServeError> {
    warn_of_test_settings(&config);
    let lock = config.has_files().then(|| take_data_dir(&config.data_dir)).transpose()?;
    let listeners = sockets::open(&config.listening, surroundings.handed_in)?;
    let certificate = config.listening.tls.as_ref().map(Certificate::open).transpose()?;
    let certificate = certificate.map(Arc::new);
    let clock = config.test_clock.clone().map_or(Clock::System, Clock::Moved);
    let origin = config.public_url.origin().to_owned();
    let site = Site::open(config, clock, Chance::from_system()).await?;
    // Not before: until here there is nothing to finish, and a stop need not wait for the databases.
    let stop = stop_signal()?;
    let watched = watch(&site)?;
    let most = site.config.listening.max_connections;
    let server = Server::new(router(site.clone()), most, certificate.clone(), Patience::default());
    for listener in listeners {
        tracing::info!(listen = listener.place(), tls = has_tls(&listener, &site), "listening");
        server.listen(listener);
    }
    let stopping = CancellationToken::new();
    let sweeper = tokio::spawn(sweep(site.clone(), stopping.clone()));
    let postman = tokio::spawn(deliver_mail(site.clone()));
    let beat = tokio::spawn(surroundings.supervisor.clone().keep_in_touch());
    let renewal = certificate.map(|certificate| tokio::spawn(certificate.follow()));
    tracing::info!(url = origin, "Keyfold is ready: open the URL in a browser");
    greet(&site).await;
    surroundings.supervisor.ready();
    stop.await;
    tracing::info!("stopping: no new connections, finishing what is under way");
    surroundings.supervisor.stopping();
    server.stop().await;
    if let Some(watched) = watched {
        watched.stop().await;
    }
    if let Some(renewal) = renewal {
        renewal.abort();
    }
    beat.abort();
    stopping.cancel();
    // A mail that is under way is tried again at the next start.
    postman.abort();
    let tidy = async {
        for task in [sweeper, postman] {
            // It was cut short, or it ended.
            drop(task.await);
        }
        site.shut_down().await;
    };
    // What was acknowledged is on the disk already: closing only tidies up.
    if timeout(GRACE, tidy).await.is_err() {
        tracing::warn!("the databases could not be closed in time; the next start tidies up");
    }
    tracing::info!("Keyfold has stopped");
    drop(lock);
    Ok(())
}

fn warn_of_test_settings(config: &Config) {
    if config.rate_limits.is_none() {
        tracing::warn!(
            target: LOUD,
            "RATE LIMITS ARE OFF. This is for benchmarks and tests only: anyone may try as often as they like"
        );
    }
    if config.test_clock.is_some() {
        tracing::warn!(
            target: LOUD,
            "THE CLOCK CAN BE MOVED by a file. This is for tests only: expired sessions can be revived"
        );
    }
}

/// Tells whoever starts a site without an admin how to become one. Not in the log, which is kept and read
/// by others.
async fn greet(site: &Site) {
    let told = match setup_link::greeting(site).await {
        Ok(greeting) => print(&greeting.unwrap_or_default()).is_ok(),
        Err(error) => {
            tracing::warn!(%error, "the setup link could not be made");
            false
        }
    };
    if !told {
        tracing::warn!(
            "there may be no admin; `keyfold setup-link` makes a link for the first one"
        );
    }
}

/// Makes the data directory this server's alone, as long as the file is open.
fn take_data_dir(data_dir: &Path) -> Result<File, ServeError> {
    let unwritable = |source| ServeError::DataDir { folder: data_dir.to_owned(), source };
    prepare_data_dir(data_dir).map_err(unwritable)?;
    let lock = lock_file(data_dir).map_err(unwritable)?;
    hold(&lock, data_dir)?;
    Ok(lock)
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

/// Serves metrics on an address of their own, where they are wanted.
fn watch(site: &Site) -> Result<Option<Server>, ServeError> {
    let Some(address) = site.config.metrics_listen else { return Ok(None) };
    let told = metrics::start();
    let told = told.ok_or_else(|| io::Error::other("metrics have been started before"));
    let failed = |source| ServeError::Metrics { address, source };
    let told = told.map_err(failed)?;
    let listener = Listener::Tcp(sockets::open_tcp(address, false).map_err(failed)?);
    tracing::info!(listen = listener.place(), "serving metrics at /metrics");
    let router = metrics::router(site.clone(), told);
    let server = Server::new(router, METRICS_CONNECTIONS, None, Patience::default());
    server.listen(listener);
    Ok(Some(server))
}

fn has_tls(listener: &Listener, site: &Site) -> bool {
    matches!(listener, Listener::Tcp(_)) && site.config.listening.tls.is_some()
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

async fn deliver_mail(site: Site) {
    if let Some(mail) = &site.config.mail {
        let mailer = Mailer::new(&mail.relay, &mail.from, site.config.public_url.host());
        mail::deliver(site.accounts.clone(), mailer, mail::LOOK_EVERY).await;
    }
}

/// Sweeps until the server stops. What is under way then is finished: cut short, it would leave a
/// connection behind that is just being made, and nobody would close it.
async fn sweep(site: Site, stopping: CancellationToken) {
    let mut every = tokio::time::interval(SWEEP_EVERY);
    while stopping.run_until_cancelled(every.tick()).await.is_some() {
        site.sweep().await;
    }
}
