//! Running the server: from the settings to the end of the last request.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use anyhow::{Context as _, bail};
use axum_server::Handle;
use axum_server::accept::NoDelayAcceptor;
use hyper_util::rt::TokioTimer;

use super::chance::Chance;
use super::clock::Clock;
use super::config::Config;
use super::router::router;
use super::site::{Site, prepare_data_dir};

const HEADER_TIMEOUT: Duration = Duration::from_secs(5);

/// How long requests under way may take after the signal to stop.
const GRACE: Duration = Duration::from_secs(10);

const SWEEP_EVERY: Duration = Duration::from_mins(1);

/// Serves until SIGTERM or SIGINT, then finishes what is under way.
pub(super) async fn serve(config: Config) -> anyhow::Result<()> {
    warn_of_test_settings(&config);
    let data_dir = config.data_dir.clone();
    prepare_data_dir(&data_dir).with_context(|| {
        format!("cannot write to the data directory {0}\nhint: change its owner or mode, or set data_dir (KEYFOLD_DATA_DIR) to a folder that this user can write to", data_dir.display())
    })?;
    let lock = lock(&data_dir)?;
    let listener = listen(config.listen)?;
    let clock = config.test_clock.clone().map_or(Clock::System, Clock::Moved);
    let (listen, origin) = (config.listen, config.public_url.origin().to_owned());
    let site = Site::open(config, clock, Chance::from_system()).await.with_context(
        || "cannot open the databases\nhint: a damaged or newer database is left as it was; restore a backup, or run the version that wrote it",
    )?;
    let handle = Handle::new();
    tokio::spawn(stop_on_signal(handle.clone()));
    let sweeper = tokio::spawn(sweep(site.clone()));
    let mut server =
        axum_server::from_tcp(listener)?.handle(handle).acceptor(NoDelayAcceptor::new());
    let http = server.http_builder();
    http.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT).max_headers(64);
    http.http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Some(HEADER_TIMEOUT))
        .max_concurrent_streams(64);
    tracing::info!(%listen, url = origin, "Keyfold is ready: open the URL in a browser");
    server.serve(router(site.clone()).into_make_service_with_connect_info::<SocketAddr>()).await?;
    sweeper.abort();
    site.close().await;
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

/// Two servers on one folder would each believe that they are alone.
fn lock(data_dir: &std::path::Path) -> anyhow::Result<std::fs::File> {
    let path = data_dir.join("keyfold.lock");
    let file =
        std::fs::File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(_) => bail!(
            "another Keyfold is running on the data directory {0}\nhint: stop it, or give this one its own data_dir (KEYFOLD_DATA_DIR)",
            data_dir.display()
        ),
    }
}

fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).with_context(|| {
        format!("cannot listen on {address}\nhint: another program may have this port; set listen (KEYFOLD_LISTEN) to a free one")
    })?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

async fn stop_on_signal(handle: Handle<SocketAddr>) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        tracing::error!("signals cannot be received; only a kill will stop this server");
        return;
    };
    tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
    tracing::info!("stopping: no new connections, finishing what is under way");
    handle.graceful_shutdown(Some(GRACE));
}

async fn sweep(site: Site) {
    let mut every = tokio::time::interval(SWEEP_EVERY);
    loop {
        every.tick().await;
        site.sweep().await;
    }
}
