//! How connections are looked after, and how they end.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::StatusCode;
use axum::routing::{get, post};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::timeout;

use super::{LONG, Patience, ask, connect, patient, serve, until_closed, who_is_there};

const SHORT: Duration = Duration::from_millis(100);

#[tokio::test]
async fn a_client_that_says_nothing_is_left() {
    let (_server, address) = serve(who_is_there(), 10, Patience { header: SHORT, ..patient() });
    assert!(until_closed(connect(address).await).await.is_empty());
}

#[tokio::test]
async fn a_header_that_does_not_end_is_not_waited_for() {
    let (_server, address) = serve(who_is_there(), 10, Patience { header: SHORT, ..patient() });
    let mut stream = connect(address).await;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: here\r\nX-Slow: ").await.expect("it listens");
    let said = until_closed(stream).await;
    assert!(said.is_empty() || said.starts_with(b"HTTP/1.1 408"), "{said:?}");
    let mut stream = connect(address).await;
    let request = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n";
    stream.write_all(request).await.expect("it listens");
    let said = until_closed(stream).await;
    assert!(said.starts_with(b"HTTP/1.1 200"), "kept alive, it is left after its answer");
}

#[tokio::test]
async fn a_client_that_does_not_read_is_left() {
    let endless = get(async || {
        let piece = axum::body::Bytes::from(vec![0; 1 << 16]);
        let pieces = futures::stream::repeat_with(move || Ok::<_, std::io::Error>(piece.clone()));
        Body::from_stream(pieces)
    });
    let patience = Patience { stall: SHORT, ..patient() };
    let (server, address) = serve(Router::new().route("/", endless), 10, patience);
    let mut stream = connect(address).await;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n").await.expect("it listens");
    // It is gone by itself: stopping has nothing to wait for.
    let mut first = [0; 1];
    stream.read_exact(&mut first).await.expect("it begins to answer");
    timeout(LONG, server.stop()).await.expect("nothing is under way");
    drop(stream);
}

#[tokio::test]
async fn there_are_only_so_many_connections() {
    let (_server, address) = serve(who_is_there(), 1, patient());
    let first = connect(address).await;
    let mut second = connect(address).await;
    second.write_all(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n").await.expect("it is queued");
    let mut byte = [0; 1];
    assert!(timeout(SHORT, second.read_exact(&mut byte)).await.is_err(), "it waits");
    drop(first);
    timeout(LONG, second.read_exact(&mut byte)).await.expect("its turn").expect("an answer");
    assert_eq!(&byte, b"H");
}

/// A site that answers when it is told to.
fn slow() -> (Router, Arc<Notify>, Arc<Notify>) {
    let (begun, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (said, told) = (Arc::clone(&begun), Arc::clone(&go));
    let answer = async move || {
        said.notify_one();
        told.notified().await;
        "at last"
    };
    (Router::new().route("/", get(answer)), begun, go)
}

#[tokio::test]
async fn what_is_under_way_is_finished_before_the_end() {
    let (router, begun, go) = slow();
    let (server, address) = serve(router, 10, patient());
    let idle = connect(address).await;
    let asked = tokio::spawn(async move { ask(connect(address).await).await });
    begun.notified().await;
    let stopping = tokio::spawn(async move { server.stop().await });
    // Whoever says nothing is let go at once, and nobody new gets in.
    until_closed(idle).await;
    assert!(TcpStream::connect(address).await.is_err());
    go.notify_one();
    assert!(asked.await.expect("it is answered").ends_with("at last"));
    stopping.await.expect("it stops");
}

#[tokio::test]
async fn what_takes_too_long_is_cut_off() {
    let (router, begun, _go) = slow();
    let (server, address) = serve(router, 10, Patience { grace: SHORT, ..patient() });
    let mut stream = connect(address).await;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n").await.expect("it listens");
    begun.notified().await;
    server.stop().await;
    assert!(until_closed(stream).await.is_empty());
}

#[tokio::test]
async fn who_is_refused_while_still_sending_reads_the_answer() {
    let too_much = post(async || (StatusCode::PAYLOAD_TOO_LARGE, "too much"));
    let (_server, address) = serve(Router::new().route("/", too_much), 10, patient());
    // Far more than the buffers of a socket hold.
    let body = vec![b'x'; 32 << 20];
    let length = body.len();
    let mut stream = connect(address).await;
    let head = format!("POST / HTTP/1.1\r\nHost: here\r\nContent-Length: {length}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.expect("it listens");
    stream.write_all(&body).await.expect("it is read to its end");
    let mut first = [0; 12];
    stream.read_exact(&mut first).await.expect("an answer");
    assert_eq!(&first, b"HTTP/1.1 413");
}
