//! What systemd is told: that the server is ready, that it stops, and that it is alive.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

/// Whoever has started the server (`sd_notify`).
#[derive(Debug, Clone, Default)]
pub(crate) struct Supervisor {
    /// Where it wants to hear of us.
    pub(crate) socket: Option<OsString>,
    /// It restarts a server that it has not heard of for this long.
    pub(crate) watchdog: Option<Duration>,
}

impl Supervisor {
    /// The watchdog is given in microseconds.
    pub(crate) fn new(socket: Option<OsString>, watchdog: Option<&OsStr>) -> Self {
        let microseconds = watchdog.and_then(OsStr::to_str).and_then(|text| text.parse().ok());
        let watchdog = microseconds.map(Duration::from_micros).filter(|time| !time.is_zero());
        Self { socket, watchdog }
    }

    pub(super) fn ready(&self) {
        self.tell("READY=1");
    }

    pub(super) fn stopping(&self) {
        self.tell("STOPPING=1");
    }

    /// Says that the server is alive, for ever; a runtime that is stuck falls silent.
    pub(super) async fn keep_in_touch(self) {
        let Some(watchdog) = self.watchdog else { return };
        let mut every = tokio::time::interval(watchdog / 2);
        loop {
            every.tick().await;
            self.tell("WATCHDOG=1");
        }
    }

    fn tell(&self, what: &str) {
        let Some(socket) = &self.socket else { return };
        if let Err(error) = send(socket, what) {
            tracing::warn!(%error, what, "systemd could not be told");
        }
    }
}

/// A leading `@` stands for an address that is in no file system.
fn send(socket: &OsStr, what: &str) -> io::Result<()> {
    let address = match socket.as_bytes() {
        [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
        _ => SocketAddr::from_pathname(socket)?,
    };
    UnixDatagram::unbound()?.send_to_addr(what.as_bytes(), &address).map(drop)
}
