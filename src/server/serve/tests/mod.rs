//! Real sockets, with a router that only says who is there.

mod connections;
mod health;
mod https;
mod places;
mod systemd;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::routing::get;
use axum::{Extension, Router};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::connection::{Patience, Server};
use super::sockets::{self, Listener};
use super::tls::Certificate;
use crate::server::address::Peer;

/// Nothing in these tests takes this long unless something is wrong.
const LONG: Duration = Duration::from_secs(20);

fn patient() -> Patience {
    Patience { header: LONG, stall: LONG, grace: LONG }
}

fn who_is_there() -> Router {
    let answer = async |Extension(peer): Extension<Peer>| format!("{peer:?}");
    Router::new().route("/", get(answer))
}

/// A server on a free port of its own.
fn serve(router: Router, most: u32, patience: Patience) -> (Server, SocketAddr) {
    serve_with(router, most, patience, None)
}

fn serve_with(
    router: Router,
    most: u32,
    patience: Patience,
    certificate: Option<Arc<Certificate>>,
) -> (Server, SocketAddr) {
    let any = "127.0.0.1:0".parse().expect("an address");
    let listener = sockets::open_tcp(any, false).expect("a free port");
    let address = listener.local_addr().expect("it has an address");
    let server = Server::new(router, most, certificate, patience);
    server.listen(Listener::Tcp(listener));
    (server, address)
}

/// Asks for `/` on this connection, and reads to its end.
async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> String {
    let request = b"GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n";
    stream.write_all(request).await.expect("it takes the request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("it answers");
    answer
}

async fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.expect("somebody listens")
}

/// Everything up to the end of the connection; an abrupt end is one, too.
async fn until_closed(mut stream: impl AsyncRead + Unpin) -> Vec<u8> {
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(LONG, stream.read_to_end(&mut bytes)).await;
    let _ = read.expect("the connection is closed");
    bytes
}
