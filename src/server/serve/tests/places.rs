//! Where the server listens.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use listenfd::ListenFd;
use tokio::net::UnixStream;

use super::super::connection::Server;
use super::super::sockets::{self, Listener};
use super::super::{ServeError, tests};
use super::{ask, connect, patient, who_is_there};
use crate::server::config::{Address, Listening};

fn listening(addresses: Vec<Address>) -> Listening {
    Listening {
        addresses,
        unix_socket_mode: 0o620,
        unix_socket_trusted: false,
        tls: None,
        hsts_days: 365,
        max_connections: 10,
    }
}

fn tcp(text: &str) -> Address {
    Address::Tcp(text.parse().expect("an address"))
}

fn open(addresses: Vec<Address>) -> Result<Vec<Listener>, ServeError> {
    sockets::open(&listening(addresses), ListenFd::empty())
}

fn port(listener: &Listener) -> u16 {
    match listener {
        Listener::Tcp(listener) => listener.local_addr().expect("an address").port(),
        Listener::Unix(..) => panic!("a Unix socket has no port"),
    }
}

#[tokio::test]
async fn one_server_listens_in_many_places() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("http.sock");
    let places = vec![tcp("127.0.0.1:0"), tcp("[::1]:0"), Address::Unix(path.clone())];
    let listeners = open(places).expect("they are free");
    let (v4, v6) = (port(&listeners[0]), port(&listeners[1]));
    assert_eq!(listeners[2].place(), format!("unix:{}", path.display()));
    let server = Server::new(who_is_there(), 10, None, patient());
    for listener in listeners {
        server.listen(listener);
    }
    let v4 = connect(([127, 0, 0, 1], v4).into()).await;
    assert!(ask(v4).await.ends_with("Address(127.0.0.1)"));
    let v6 = connect((std::net::Ipv6Addr::LOCALHOST, v6).into()).await;
    assert!(ask(v6).await.ends_with("Address(::1)"));
    let local = UnixStream::connect(&path).await.expect("somebody listens");
    assert!(ask(local).await.ends_with("UnixSocket"));
    server.stop().await;
    assert!(!path.exists(), "the socket is taken away");
}

#[tokio::test]
async fn both_wildcards_share_a_port() {
    let alone = open(vec![tcp("[::]:0")]).expect("it is free");
    let free = port(&alone[0]);
    drop(alone);
    let both = vec![tcp(&format!("[::]:{free}")), tcp(&format!("0.0.0.0:{free}"))];
    assert_eq!(open(both).expect("both are free").len(), 2);
    // On its own the IPv6 wildcard answers IPv4, too.
    let alone = open(vec![tcp(&format!("[::]:{free}"))]).expect("it is free");
    let server = Server::new(who_is_there(), 10, None, patient());
    for listener in alone {
        server.listen(listener);
    }
    let answer = ask(connect(([127, 0, 0, 1], free).into()).await).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}

#[tokio::test]
async fn a_unix_socket_has_its_mode_and_takes_the_place_of_a_dead_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("http.sock");
    let place = || vec![Address::Unix(path.clone())];
    let first = open(place()).expect("it is free");
    assert_eq!(mode(&path), 0o620);
    let second = open(place()).expect_err("somebody listens there");
    assert!(second.to_string().contains("somebody listens there already"), "{second}");
    assert!(second.hint().contains("KEYFOLD_LISTEN"));
    // Killed, a server leaves its socket behind.
    drop(first);
    assert!(path.exists());
    let third = open(place()).expect("nobody listens any more");
    assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 1);
    drop(third);
    std::fs::remove_file(&path).expect("it is there");
    std::fs::write(&path, "precious").expect("it can be written");
    open(place()).expect_err("something else is there");
    assert_eq!(std::fs::read_to_string(&path).expect("it is there"), "precious");
}

#[tokio::test]
async fn a_place_that_is_taken_is_named() {
    let taken = open(vec![tcp("127.0.0.1:0")]).expect("it is free");
    let again = tcp(&format!("127.0.0.1:{}", port(&taken[0])));
    let error = open(vec![tcp("127.0.0.1:0"), again.clone()]).expect_err("it is taken");
    assert!(error.to_string().starts_with(&format!("cannot listen on {again}: ")), "{error}");
    assert!(error.hint().contains("KEYFOLD_LISTEN"));
    let nowhere = Address::Unix("/nowhere/at/all.sock".into());
    let error = tests::places::open(vec![nowhere]).expect_err("there is no such folder");
    assert!(error.to_string().starts_with("cannot listen on unix:/nowhere/at/all.sock"), "{error}");
}
