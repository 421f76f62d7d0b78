//! What is left of a body when its request has been answered.
//!
//! Whoever is refused may still be sending. A connection that is closed over unread bytes is reset, and the
//! client loses the answer that would have told it why (RFC 9112, §9.6). So what is left is read and thrown
//! away, within bounds.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::Request;
use axum::http::header::EXPECT;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use tokio::runtime::Handle;
use tokio::time::timeout;

/// How long what is left is read.
const LONGEST: Duration = Duration::from_secs(5);

/// How many bytes of it.
const MOST: usize = 64 * 1024 * 1024;

/// A body that is read to its end, by its reader or after it.
#[derive(Debug)]
pub(super) struct ReadOut {
    body: Option<Incoming>,
    /// Its client waits to be told whether to send it (`Expect`, RFC 9110, §10.1.1): one that is refused
    /// need not begin.
    is_withheld: bool,
}

impl ReadOut {
    pub(super) fn of(request: Request<Incoming>) -> Request<Self> {
        let is_withheld = request.headers().contains_key(EXPECT);
        request.map(|body| Self { body: Some(body), is_withheld })
    }
}

impl Body for ReadOut {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut self.body {
            Some(body) => Pin::new(body).poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map(Body::size_hint).unwrap_or_default()
    }
}

impl Drop for ReadOut {
    fn drop(&mut self) {
        let left = self.body.take().filter(|body| !self.is_withheld && !body.is_end_stream());
        if let (Some(left), Ok(runtime)) = (left, Handle::try_current()) {
            runtime.spawn(timeout(LONGEST, throw_away(left)));
        }
    }
}

async fn throw_away(mut body: Incoming) {
    let mut read = 0;
    while read < MOST {
        let frame = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await;
        let Some(Ok(frame)) = frame else { return };
        read += frame.data_ref().map_or(0, Bytes::len);
    }
}
