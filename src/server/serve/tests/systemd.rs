//! What systemd hears.

use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use super::super::Supervisor;
use super::LONG;

fn next(socket: &UnixDatagram) -> String {
    let mut buffer = [0; 64];
    let length = socket.recv(&mut buffer).expect("it is told");
    String::from_utf8_lossy(&buffer[..length]).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn systemd_hears_when_the_server_is_ready_alive_and_stopping() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).expect("a socket");
    socket.set_read_timeout(Some(LONG)).expect("a limit");
    let supervisor = Supervisor::new(Some(path.into_os_string()), Some("20000".as_ref()));
    assert_eq!(supervisor.watchdog, Some(Duration::from_millis(20)));
    supervisor.ready();
    assert_eq!(next(&socket), "READY=1");
    let beat = tokio::spawn(supervisor.clone().keep_in_touch());
    assert_eq!((next(&socket), next(&socket)), ("WATCHDOG=1".into(), "WATCHDOG=1".into()));
    beat.abort();
    // A full socket holds whoever writes to it.
    socket.set_nonblocking(true).expect("it does not block");
    while !beat.is_finished() {
        socket.recv(&mut [0; 64]).ok();
        tokio::task::yield_now().await;
    }
    assert!(beat.await.is_err());
    while socket.recv(&mut [0; 64]).is_ok() {}
    socket.set_nonblocking(false).expect("it blocks again");
    supervisor.stopping();
    assert_eq!(next(&socket), "STOPPING=1");
}

#[test]
fn an_address_may_be_outside_of_the_file_system() {
    let name = format!("keyfold-test-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).expect("a name");
    let socket = UnixDatagram::bind_addr(&address).expect("a socket");
    Supervisor::new(Some(format!("@{name}").into()), None).ready();
    assert_eq!(next(&socket), "READY=1");
}

#[tokio::test]
async fn nobody_is_told_where_nobody_listens() {
    Supervisor::default().ready();
    Supervisor::new(Some("/nowhere/at/all".into()), Some("nonsense".as_ref())).ready();
    Supervisor::new(None, Some("0".as_ref())).keep_in_touch().await;
}
