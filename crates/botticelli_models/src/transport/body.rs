//! The bytes of a response body.

use super::TimeoutTracker;
use botticelli_error::{BotticelliError, HttpError, HttpErrorKind, JsonError, JsonErrorKind};
use bytes::Bytes;
use reqwest::Response;
use std::error::Error as _;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// Body bytes of a response, read under the attempt's timeouts. Dropping it closes the connection.
pub(crate) struct ByteStream {
    response: Response,
    tracker: TimeoutTracker,
    host: Arc<str>,
    /// Bytes that were read ahead and are still to be returned.
    peeked: Option<Bytes>,
    /// Bytes received since the body last had nothing to read.
    unbroken: usize,
}

/// Whitespace before the body that is dropped, so that an endless one reaches the limit of the response.
const MAX_BLANK: usize = 64 << 10;

/// Bytes read before the task yields. A few compressed bytes may unpack to hundreds of megabytes.
const IN_ONE_GO: usize = 1 << 20;

impl ByteStream {
    pub(super) fn new(response: Response, tracker: TimeoutTracker, host: Arc<str>) -> Self {
        Self { response, tracker, host, peeked: None, unbroken: 0 }
    }

    pub(super) fn host(&self) -> &Arc<str> {
        &self.host
    }

    /// Returns the HTTP response whose body this is.
    pub(super) fn response(&self) -> &Response {
        &self.response
    }

    /// Drops the headers, because they keep their whole receive buffer in memory.
    pub(super) fn forget_headers(&mut self) {
        drop(std::mem::take(self.response.headers_mut()));
    }

    /// Returns the timeouts that run while the driver waits for bytes.
    pub(super) fn tracker(&mut self) -> &mut TimeoutTracker {
        &mut self.tracker
    }

    /// Polls for the next bytes; `None` at the end of the body.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BotticelliError>>> {
        if let Some(bytes) = self.peeked.take() {
            return Poll::Ready(Some(Ok(bytes)));
        }
        let arrived = ready!(self.poll_bytes(cx));
        // If the server sends without a pause, the reader never waits, so the timeouts are also checked here.
        Poll::Ready(match self.tracker.check() {
            Ok(()) => arrived,
            Err(error) => Some(Err(error)),
        })
    }

    /// Polls for the next bytes; `None` at the end of the body.
    ///
    /// The timeouts are checked only when there is nothing to read: a late reader still gets the bytes that have arrived.
    pub(super) fn poll_bytes(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, BotticelliError>>> {
        if let Some(bytes) = self.peeked.take() {
            return Poll::Ready(Some(Ok(bytes)));
        }
        if self.unbroken > IN_ONE_GO {
            self.unbroken = 0;
            cx.waker().wake_by_ref();
            return self.tracker.poll_expired(cx).map(|error| Some(Err(error)));
        }
        loop {
            // The response keeps the state of the read, so dropping this future loses nothing.
            let chunk = pin!(self.response.chunk()).poll(cx);
            return match chunk {
                Poll::Pending => {
                    self.unbroken = 0;
                    Poll::Ready(Some(Err(ready!(self.tracker.poll_expired(cx)))))
                }
                Poll::Ready(Ok(None)) => Poll::Ready(None),
                Poll::Ready(Ok(Some(data))) if data.is_empty() => continue,
                Poll::Ready(Ok(Some(data))) => {
                    self.unbroken = self.unbroken.saturating_add(data.len());
                    Poll::Ready(Some(Ok(data)))
                }
                Poll::Ready(Err(error)) => Poll::Ready(Some(Err(self.broken(error)))),
            };
        }
    }

    /// Builds the error for a body that broke off.
    fn broken(&self, error: reqwest::Error) -> BotticelliError {
        let host = &*self.host;
        if is_not_unpacked(&error) {
            return JsonError::new(JsonErrorKind::DecompressionFailed, host)
                .with_source(error.without_url())
                .into();
        }
        HttpError::new(HttpErrorKind::Disconnected, host).with_source(error.without_url()).into()
    }

    /// Returns the first non-whitespace byte of the body, without consuming it. The whitespace before it, which some servers send while
    /// they are busy, is dropped. `None` if the body has none among its first bytes.
    pub(super) async fn first_byte(&mut self) -> Result<Option<u8>, BotticelliError> {
        let mut blank = 0_usize;
        while let Some(bytes) = self.next().await? {
            let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace()).copied();
            blank = blank.saturating_add(bytes.len());
            if first.is_some() || blank > MAX_BLANK {
                self.peeked = Some(bytes);
                return Ok(first);
            }
        }
        Ok(None)
    }

    /// Waits for the next bytes; `None` at the end of the body.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, BotticelliError> {
        std::future::poll_fn(|cx| self.poll_next(cx)).await.transpose()
    }

    /// Appends to `read` until it holds `limit` bytes or the body ends. On an error, `read` keeps the bytes before it.
    pub(super) async fn read_up_to(
        &mut self,
        limit: usize,
        read: &mut Vec<u8>,
    ) -> Result<(), BotticelliError> {
        while read.len() < limit
            && let Some(mut bytes) = self.next().await?
        {
            bytes.truncate(limit.saturating_sub(read.len()));
            read.extend_from_slice(&bytes);
        }
        Ok(())
    }
}

/// Returns whether the body could not be decompressed. Errors of the connection come wrapped in an error of hyper;
/// errors of the decompressor do not. A compressed body that ends too early counts as a broken connection.
fn is_not_unpacked(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return error.kind() != io::ErrorKind::UnexpectedEof;
        }
        if !error.is::<reqwest::Error>() {
            // This error has no public type, so only its text identifies it.
            return error.source().is_none() && error.to_string().contains("has been decompressed");
        }
        cause = error.source();
    }
    false
}

impl fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByteStream").field("host", &self.host).finish_non_exhaustive()
    }
}
