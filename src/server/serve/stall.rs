//! Connections on which nothing moves.
//!
//! Headers and bodies have their own limits; this one is for what they do not see: a client that does
//! not read its answer, and a connection of HTTP/2 that nobody uses.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::MissedTickBehavior;

/// A stream whose moves are counted.
#[derive(Debug)]
pub(super) struct Watched<S> {
    stream: S,
    moves: Arc<AtomicU64>,
}

/// Waits for the moves to cease.
#[derive(Debug, Clone)]
pub(super) struct Stalled {
    moves: Arc<AtomicU64>,
    patience: Duration,
}

impl<S> Watched<S> {
    pub(super) fn new(stream: S, patience: Duration) -> (Self, Stalled) {
        let moves = Arc::new(AtomicU64::new(0));
        (Self { stream, moves: Arc::clone(&moves) }, Stalled { moves, patience })
    }

    fn moved(&self) {
        self.moves.fetch_add(1, Ordering::Relaxed);
    }
}

impl Stalled {
    /// Ends once nothing has moved for a while: once the time, and less than twice.
    pub(super) async fn wait(self) {
        let mut every = tokio::time::interval(self.patience);
        // Where the machine stood still, what is due is not all due at once.
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut seen = None;
        loop {
            every.tick().await;
            let moves = self.moves.load(Ordering::Relaxed);
            if seen == Some(moves) {
                return;
            }
            seen = Some(moves);
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = ready!(Pin::new(&mut self.stream).poll_read(context, buffer));
        self.moved();
        Poll::Ready(read)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, bytes));
        self.moved();
        Poll::Ready(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write_vectored(context, parts));
        self.moved();
        Poll::Ready(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
