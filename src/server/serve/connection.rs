//! Connections: from being accepted to their end.
//!
//! Owns: how many there are, how long they may be silent, TLS and the version of HTTP, and that they end
//! well when the server stops. Refuses to know: what is asked for.
//!
//! Decision: a connection speaks HTTP/1.1 unless TLS has agreed on HTTP/2. Not having to find out what
//! a connection speaks is what lets its silence be timed.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::leftover::ReadOut;
use super::sockets::Listener;
use super::stall::Watched;
use super::tls::Certificate;
use crate::server::address::Peer;
use crate::server::metrics;

/// How long to wait when the machine has no more sockets to give.
const PAUSE: Duration = Duration::from_millis(200);

const MOST_HEADERS: usize = 64;

const LONGEST_HEADERS: u32 = 16 * 1024;

const MOST_STREAMS: u32 = 100;

/// How long a connection may take over things.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// From the opening of a connection, or the end of a request, to the last byte of a header; and
    /// for shaking hands before that.
    pub(super) header: Duration,
    /// Without a single byte in either direction.
    pub(super) stall: Duration,
    /// For what is under way after the signal to stop.
    pub(super) grace: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            header: Duration::from_secs(5),
            stall: Duration::from_secs(30),
            grace: Duration::from_secs(10),
        }
    }
}

/// What all connections of a server have in common.
#[derive(Debug, Clone)]
pub(super) struct Server {
    router: Router,
    patience: Patience,
    certificate: Option<Arc<Certificate>>,
    places: Arc<Semaphore>,
    listeners: TaskTracker,
    connections: TaskTracker,
    stop: CancellationToken,
    cut: CancellationToken,
}

impl Server {
    pub(super) fn new(
        router: Router,
        most_connections: u32,
        certificate: Option<Arc<Certificate>>,
        patience: Patience,
    ) -> Self {
        let places = usize::try_from(most_connections).unwrap_or(Semaphore::MAX_PERMITS);
        Self {
            router,
            patience,
            certificate,
            places: Arc::new(Semaphore::new(places)),
            listeners: TaskTracker::new(),
            connections: TaskTracker::new(),
            stop: CancellationToken::new(),
            cut: CancellationToken::new(),
        }
    }

    /// Serves on this socket until the server stops.
    pub(super) fn listen(&self, listener: Listener) {
        self.listeners.spawn(self.clone().take_connections(listener));
    }

    async fn take_connections(self, listener: Listener) {
        let mut was_full = false;
        while let Some(accepted) = self.stop.run_until_cancelled(accept(&listener)).await {
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) if is_of_one_connection(&error) => continue,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    let _ = timeout(PAUSE, self.stop.cancelled()).await;
                    continue;
                }
            };
            let is_full = self.places.available_permits() == 0;
            if is_full && !was_full {
                tracing::warn!("max_connections is reached: connections wait for others to end");
            }
            was_full = is_full;
            let place = Arc::clone(&self.places).acquire_owned();
            let Some(Ok(place)) = self.stop.run_until_cancelled(place).await else { break };
            self.connections.spawn(self.clone().attend(stream, peer, place));
        }
        listener.remove();
    }

    /// Takes no new connections, and waits for the others; not for ever. What was listened on is gone then.
    pub(super) async fn stop(&self) {
        self.stop.cancel();
        self.listeners.close();
        self.listeners.wait().await;
        self.connections.close();
        if timeout(self.patience.grace, self.connections.wait()).await.is_err() {
            tracing::warn!(open = self.connections.len(), "connections are cut off");
            self.cut.cancel();
        }
    }

    async fn attend(self, stream: Stream, peer: Peer, place: OwnedSemaphorePermit) {
        let open = metrics::connection_opened();
        if self.cut.run_until_cancelled(self.speak(stream, peer)).await.is_none() {
            tracing::debug!("a connection was cut off");
        }
        drop((open, place));
    }

    async fn speak(&self, stream: Stream, peer: Peer) {
        let spoken = match (stream, &self.certificate) {
            (Stream::Unix(stream), _) => self.http1(stream, peer).await,
            (Stream::Tcp(stream), None) => self.http1(stream, peer).await,
            (Stream::Tcp(stream), Some(certificate)) => {
                let acceptor = TlsAcceptor::from(certificate.server_config());
                match timeout(self.patience.header, acceptor.accept(stream)).await {
                    Ok(Ok(stream)) => {
                        if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
                            self.http2(stream, peer).await
                        } else {
                            self.http1(stream, peer).await
                        }
                    }
                    Ok(Err(error)) => {
                        tracing::debug!(%error, "a TLS handshake failed");
                        return;
                    }
                    Err(_) => return,
                }
            }
        };
        if let Err(error) = spoken {
            tracing::debug!(%error, "a connection ended badly");
        }
    }

    async fn http1(&self, stream: impl Bytes, peer: Peer) -> Result<(), hyper::Error> {
        let (stream, stalled) = Watched::new(stream, self.patience.stall);
        let service = TowerToHyperService::new(self.router.clone());
        let service = service_fn(move |request| service.call(from(request, peer)));
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new());
        builder.header_read_timeout(self.patience.header).max_headers(MOST_HEADERS);
        let connection = builder.serve_connection(TokioIo::new(stream), service);
        let mut connection = std::pin::pin!(connection);
        // In this order: where the machine stood still, what has come meanwhile is read first.
        tokio::select! {
            biased;
            ended = connection.as_mut() => return ended,
            () = stalled.clone().wait() => return Ok(()),
            () = self.stop.cancelled() => connection.as_mut().graceful_shutdown(),
        }
        tokio::select! { biased; ended = connection => ended, () = stalled.wait() => Ok(()) }
    }

    async fn http2(&self, stream: impl Bytes, peer: Peer) -> Result<(), hyper::Error> {
        let (stream, stalled) = Watched::new(stream, self.patience.stall);
        let service = TowerToHyperService::new(self.router.clone());
        let service = service_fn(move |request| service.call(from(request, peer)));
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder.timer(TokioTimer::new()).max_concurrent_streams(MOST_STREAMS);
        builder.max_header_list_size(LONGEST_HEADERS);
        let connection = builder.serve_connection(TokioIo::new(stream), service);
        let mut connection = std::pin::pin!(connection);
        // In this order: where the machine stood still, what has come meanwhile is read first.
        tokio::select! {
            biased;
            ended = connection.as_mut() => return ended,
            () = stalled.clone().wait() => return Ok(()),
            () = self.stop.cancelled() => connection.as_mut().graceful_shutdown(),
        }
        tokio::select! { biased; ended = connection => ended, () = stalled.wait() => Ok(()) }
    }
}

/// What HTTP runs over.
trait Bytes: AsyncRead + AsyncWrite + Unpin + Send + 'static {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Bytes for S {}

#[derive(Debug)]
enum Stream {
    Tcp(tokio::net::TcpStream),
    Unix(tokio::net::UnixStream),
}

async fn accept(listener: &Listener) -> io::Result<(Stream, Peer)> {
    match listener {
        Listener::Tcp(listener) => {
            let (stream, address) = listener.accept().await?;
            // Without it a streamed page stalls.
            stream.set_nodelay(true)?;
            Ok((Stream::Tcp(stream), Peer::Address(address.ip())))
        }
        Listener::Unix(listener, _) => {
            let (stream, _) = listener.accept().await?;
            Ok((Stream::Unix(stream), Peer::UnixSocket))
        }
    }
}

/// Whether only this client is out of luck.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, InvalidInput};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | InvalidInput)
}

fn from(mut request: Request<Incoming>, peer: Peer) -> Request<ReadOut> {
    request.extensions_mut().insert(peer);
    ReadOut::of(request)
}
