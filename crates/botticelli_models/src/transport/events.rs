//! A stream of server-sent events.

use super::{ByteStream, DecodeError, Event, EventDecoder};
use botticelli_error::{BotticelliError, HttpError, HttpErrorKind, JsonError, JsonErrorKind};
use bytes::Bytes;
use std::fmt;
use std::ops::Range;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// Server-sent events of a response.
///
/// [`next_event`](Self::next_event) reads the bytes that have arrived; [`poll_more`](Self::poll_more) waits for more.
/// `Debug` shows the number of unread bytes, never their content.
pub(crate) struct EventStream {
    bytes: Box<ByteStream>,
    decoder: EventDecoder,
    /// The bytes that arrived last, and the position of the first unread one.
    arrived: Bytes,
    unread: usize,
    /// Range of the last event in `arrived`, if the event lies there as a whole.
    last: Option<Range<usize>>,
    /// The event that the end of the body has closed.
    closed: Option<Result<Event, DecodeError>>,
    /// Idle and keep-alive timeout, in force after the first event.
    idle: Option<Duration>,
    keep_alive: Option<Duration>,
    /// Set once the stream has finished, so that only the grace period is left for further events.
    ending: bool,
    ended: bool,
    /// Set while the last bytes have not yielded an event for the caller.
    is_barren: bool,
    /// The error that broke off the body. It is returned after the events that arrived before it.
    broken: Option<BotticelliError>,
}

impl EventStream {
    pub(super) fn new(
        mut bytes: Box<ByteStream>,
        idle: Option<Duration>,
        keep_alive: Option<Duration>,
        limit: usize,
    ) -> Self {
        // A stream may stay open for long: do not keep the headers in memory.
        bytes.forget_headers();
        Self {
            bytes,
            decoder: EventDecoder::new(limit),
            arrived: Bytes::new(),
            unread: 0,
            last: None,
            closed: None,
            idle,
            keep_alive,
            ending: false,
            ended: false,
            is_barren: false,
            broken: None,
        }
    }

    /// Returns host and port of the server.
    pub(crate) fn host(&self) -> &str {
        self.bytes.host()
    }

    /// Returns the unread bytes that have arrived, at most as many as one event may have. Empty in the middle of an event.
    pub(crate) fn upcoming(&self) -> &[u8] {
        let upcoming = if self.decoder.is_between_events() { self.unread() } else { &[] };
        upcoming.get(..self.decoder.limit()).unwrap_or(upcoming)
    }

    /// Returns whether everything that has arrived is read, and more may follow.
    pub(crate) fn is_drained(&self) -> bool {
        self.unread == self.arrived.len() && !self.ended
    }

    /// Skips `bytes` of the [upcoming](Self::upcoming) bytes, which must be whole events.
    pub(crate) fn skip(&mut self, bytes: usize) {
        self.unread = self.unread.saturating_add(bytes).min(self.arrived.len());
    }

    /// Returns the next event among the bytes that have arrived; `None` if more bytes are needed. At the end of the body, an
    /// event without its closing blank line is returned as well.
    #[inline]
    pub(crate) fn next_event(&mut self) -> Option<Result<Event, BotticelliError>> {
        if self.unread == self.arrived.len() {
            // A field `error:` at the very end closes two events: the one before it and its own.
            let next = self.closed.take();
            let last = next.or_else(|| if self.ended { self.decoder.finish() } else { None });
            return last.map(|event| event.map_err(|error| self.undecodable(error)));
        }
        let begin = self.decoder.is_between_events().then_some(self.unread);
        let mut rest = self.arrived.get(self.unread..).unwrap_or_default();
        let event = self.decoder.next_event(&mut rest);
        self.unread = self.arrived.len().saturating_sub(rest.len());
        self.last = begin.filter(|_| event.is_some()).map(|begin| begin..self.unread);
        event.map(|event| event.map_err(|error| self.undecodable(error)))
    }

    /// Returns the bytes of the last event, including comments before it, if they arrived in one piece.
    pub(crate) fn last_event(&self) -> Option<&[u8]> {
        self.arrived.get(self.last.clone()?)
    }

    /// Waits for more bytes. `None` at the end, after which [`next_event`](Self::next_event) may return a last event. The error
    /// that broke off the body is returned after that event.
    #[inline]
    pub(crate) fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<(), BotticelliError>>> {
        if self.ended {
            return Poll::Ready(self.broken.take().map(Err));
        }
        // Bytes without an event for the caller do not pause the timeouts.
        if std::mem::take(&mut self.is_barren) {
            if let Err(error) = self.bytes.tracker().check() {
                return Poll::Ready(Some(Err(error)));
            }
            // Before the first event, the idle timeout does not run. The first-token timeout does, whatever arrives.
            if self.bytes.tracker().has_begun() && !self.ending {
                self.bytes.tracker().restart_idle(self.idle);
            }
        }
        // All bytes are read. Dropping them lets the connection reuse its buffer.
        (self.arrived, self.unread, self.last) = (Bytes::new(), 0, None);
        match ready!(self.bytes.poll_bytes(cx)) {
            Some(Ok(bytes)) => {
                self.arrived = bytes;
                self.is_barren = true;
            }
            // A complete line counts as an event even if its blank line was lost.
            Some(Err(error)) => {
                self.broken = Some(error);
                self.end();
            }
            None => self.end(),
        }
        Poll::Ready(Some(Ok(())))
    }

    /// Records that the last event had content for the caller: the first-token timeout ends, the idle and keep-alive timeouts
    /// restart.
    pub(crate) fn mattered(&mut self) {
        self.is_barren = false;
        if self.ending {
            self.bytes.tracker().pause();
        } else {
            self.bytes.tracker().record_event(self.idle, self.keep_alive);
        }
    }

    /// Limits the rest of the stream to `grace` after the response is complete, whatever bytes arrive.
    pub(crate) fn ending(&mut self, grace: Duration) {
        if !std::mem::replace(&mut self.ending, true) {
            self.bytes.tracker().limit_rest(self.idle.map_or(grace, |idle| idle.min(grace)));
        }
    }

    fn unread(&self) -> &[u8] {
        self.arrived.get(self.unread..).unwrap_or_default()
    }

    fn end(&mut self) {
        self.ended = true;
        self.closed = self.decoder.finish();
    }

    fn undecodable(&mut self, error: DecodeError) -> BotticelliError {
        self.ended = true;
        let host = self.bytes.host();
        match error {
            DecodeError::TooLarge { limit } => {
                HttpError::new(HttpErrorKind::TooLarge { what: "event", limit }, &**host).into()
            }
            DecodeError::NotUtf8 => JsonError::new(JsonErrorKind::NotUtf8, &**host).into(),
        }
    }
}

impl fmt::Debug for EventStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream")
            .field("bytes", &self.bytes)
            .field("decoder", &self.decoder)
            .field("unread", &self.unread().len())
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
