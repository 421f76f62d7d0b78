//! The sockets that the server listens on: handed in by systemd, or opened as the settings say.
//!
//! Decisions: sockets that are handed in win over the settings, because whoever set up socket
//! activation meant it. A Unix socket is made beside its place and moved there once its mode is right,
//! so that nobody ever reaches one with another mode, and one that a killed server left is replaced.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use listenfd::ListenFd;
use socket2::{Domain, Socket, Type};
use tokio::net::{TcpListener, UnixListener};

use super::ServeError;
use crate::server::config::{Address, Listening};

/// How many connections may wait for being accepted.
const BACKLOG: i32 = 1024;

/// A socket that is listened on.
#[derive(Debug)]
pub(super) enum Listener {
    /// IPv4 or IPv6.
    Tcp(TcpListener),
    /// The path is that of a socket made here.
    Unix(UnixListener, Option<PathBuf>),
}

impl Listener {
    /// Where it listens, for the log.
    pub(super) fn place(&self) -> String {
        match self {
            Self::Tcp(listener) => listener.local_addr().map_or_else(
                |error| format!("a socket without an address ({error})"),
                |address| address.to_string(),
            ),
            Self::Unix(_, Some(path)) => format!("unix:{}", path.display()),
            Self::Unix(listener, None) => {
                let address = listener.local_addr().ok();
                let path = address.as_ref().and_then(|address| address.as_pathname());
                let path = path.map(|path| path.display().to_string());
                format!("unix:{}", path.unwrap_or_default())
            }
        }
    }

    /// Takes away what is left of it in the file system.
    pub(super) fn remove(self) {
        if let Self::Unix(listener, Some(path)) = self {
            drop(listener);
            if let Err(error) = std::fs::remove_file(&path) {
                tracing::debug!(%error, path = %path.display(), "the socket is gone already");
            }
        }
    }
}

/// Opens them all, or none.
pub(super) fn open(
    listening: &Listening,
    mut handed_in: ListenFd,
) -> Result<Vec<Listener>, ServeError> {
    if handed_in.len() > 0 {
        return (0..handed_in.len()).map(|index| take(&mut handed_in, index)).collect();
    }
    let addresses = &listening.addresses;
    let has_ipv4_wildcard =
        |port| addresses.contains(&Address::Tcp(SocketAddr::new(IpAddr::from([0, 0, 0, 0]), port)));
    let open = |address: &Address| {
        let listener = match address {
            Address::Tcp(tcp) => open_tcp(*tcp, has_ipv4_wildcard(tcp.port())).map(Listener::Tcp),
            Address::Unix(path) => open_unix(path, listening.unix_socket_mode),
        };
        listener.map_err(|source| ServeError::Listen { address: address.clone(), source })
    };
    addresses.iter().map(open).collect()
}

fn take(handed_in: &mut ListenFd, index: usize) -> Result<Listener, ServeError> {
    if let Ok(Some(listener)) = handed_in.take_tcp_listener(index) {
        listener.set_nonblocking(true)?;
        return Ok(Listener::Tcp(TcpListener::from_std(listener)?));
    }
    let listener = handed_in.take_unix_listener(index);
    let listener = listener.ok().flatten().ok_or(ServeError::HandedIn { index })?;
    listener.set_nonblocking(true)?;
    // Its file is systemd's.
    Ok(Listener::Unix(UnixListener::from_std(listener)?, None))
}

/// `[::]` takes IPv4 too, unless `0.0.0.0` is listened on as well.
pub(super) fn open_tcp(address: SocketAddr, beside_ipv4: bool) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    if address.is_ipv6() {
        socket.set_only_v6(beside_ipv4 || !address.ip().is_unspecified())?;
    }
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

fn open_unix(path: &Path, mode: u32) -> io::Result<Listener> {
    if std::os::unix::net::UnixStream::connect(path).is_ok() {
        return Err(io::Error::new(io::ErrorKind::AddrInUse, "somebody listens there already"));
    }
    let is_another_thing =
        std::fs::symlink_metadata(path).is_ok_and(|there| !there.file_type().is_socket());
    if is_another_thing {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "something else is at this path"));
    }
    let beside = path.with_extension(format!("{}.new", std::process::id()));
    let listener = UnixListener::bind(&beside)?;
    let moved = std::fs::set_permissions(&beside, std::fs::Permissions::from_mode(mode))
        .and_then(|()| std::fs::rename(&beside, path));
    match moved {
        Ok(()) => Ok(Listener::Unix(listener, Some(path.to_owned()))),
        Err(error) => {
            // The first error is the one to tell.
            let _ = std::fs::remove_file(&beside);
            Err(error)
        }
    }
}
