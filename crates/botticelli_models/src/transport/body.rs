//! The bytes as they arrive.

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

/// The bytes of an answer as they arrive, while the clocks run. Dropping it closes the connection.
pub struct ByteStream {
    response: Response,
    clocks: TimeoutTracker,
    host: Arc<str>,
    /// Bytes that were looked at and not yet given out.
    peeked: Option<Bytes>,
    /// How many bytes came since there was last nothing to read.
    unbroken: usize,
}

/// How many bytes are read before other tasks have their turn: a few compressed bytes may hold hundreds of megabytes.
const IN_ONE_GO: usize = 1 << 20;

impl ByteStream {
    pub(super) fn new(response: Response, clocks: TimeoutTracker, host: Arc<str>) -> Self {
        Self { response, clocks, host, peeked: None, unbroken: 0 }
    }

    pub(super) fn host(&self) -> &Arc<str> {
        &self.host
    }

    /// What came before the bytes.
    pub(super) fn response(&self) -> &Response {
        &self.response
    }

    /// Lets go of the headers: they hold on to the memory in which they arrived.
    pub(super) fn forget_headers(&mut self) {
        drop(std::mem::take(self.response.headers_mut()));
    }

    /// The clocks that run while we wait for bytes.
    pub(super) fn clocks(&mut self) -> &mut TimeoutTracker {
        &mut self.clocks
    }

    /// The next bytes; `None` at the end.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BotticelliError>>> {
        let arrived = ready!(self.poll_bytes(cx));
        // A server that sends without a pause never lets us wait.
        Poll::Ready(match self.clocks.check() {
            Ok(()) => arrived,
            Err(error) => Some(Err(error)),
        })
    }

    /// The next bytes; `None` at the end.
    ///
    /// The clocks are only looked at when there is nothing to read: a reader who comes late finds what has arrived.
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
            return self.clocks.poll_expired(cx).map(|error| Some(Err(error)));
        }
        loop {
            // What it waits for is kept in the response: nothing is lost with it.
            let chunk = pin!(self.response.chunk()).poll(cx);
            return match chunk {
                Poll::Pending => {
                    self.unbroken = 0;
                    Poll::Ready(Some(Err(ready!(self.clocks.poll_expired(cx)))))
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

    /// What broke the bytes off.
    fn broken(&self, error: reqwest::Error) -> BotticelliError {
        let host = &*self.host;
        if is_not_unpacked(&error) {
            return JsonError::new(JsonErrorKind::DecompressionFailed, host)
                .with_source(error.without_url())
                .into();
        }
        HttpError::new(HttpErrorKind::Disconnected, host).with_source(error.without_url()).into()
    }

    /// The first byte that is no blank, as far as it stands in the first bytes that come.
    pub(super) async fn first_byte(&mut self) -> Result<Option<u8>, BotticelliError> {
        let bytes = self.next().await?;
        let first = bytes.as_ref().and_then(|bytes| bytes.iter().find(|byte| !byte.is_ascii_whitespace()));
        let first = first.copied();
        self.peeked = bytes;
        Ok(first)
    }

    /// The next bytes.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, BotticelliError> {
        std::future::poll_fn(|cx| self.poll_next(cx)).await.transpose()
    }

    /// Reads on until there are `limit` bytes. What was read before an error is kept.
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

/// Whether what arrived could not be unpacked. What is wrong with a connection comes wrapped in an error of hyper; the
/// errors of what unpacks come as they are. Where it ran out of bytes, the answer broke off like any other.
fn is_not_unpacked(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return error.kind() != io::ErrorKind::UnexpectedEof;
        }
        if !error.is::<reqwest::Error>() {
            // Known by its text alone.
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
