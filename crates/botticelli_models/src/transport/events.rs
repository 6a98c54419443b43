//! The events as they arrive.

use super::{ByteStream, DecodeError, Event, EventDecoder};
use botticelli_error::{BotticelliError, HttpError, HttpErrorKind, JsonError, JsonErrorKind};
use bytes::Bytes;
use std::fmt;
use std::ops::Range;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// The server-sent events of an answer as they arrive.
///
/// [`next_event`](Self::next_event) reads what has arrived; [`poll_more`](Self::poll_more) waits for more.
/// `Debug` shows how much of it is unread, and nothing of what.
pub struct EventStream {
    bytes: Box<ByteStream>,
    decoder: EventDecoder,
    /// The bytes that arrived last, and where those begin that have not been read yet.
    arrived: Bytes,
    unread: usize,
    /// Where among them the last event stands, if it is whole there.
    last: Option<Range<usize>>,
    /// The event that the end of the bytes has closed.
    closed: Option<Result<Event, DecodeError>>,
    /// How long to wait for a sign of life, and for another piece, once there has been one.
    idle: Option<Duration>,
    keep_alive: Option<Duration>,
    /// After the finish there is only a short while for what may still come.
    ending: bool,
    ended: bool,
    /// Whether bytes came that have brought nothing so far.
    is_barren: bool,
    /// What broke the bytes off, told after the events that had arrived before it.
    broken: Option<BotticelliError>,
}

impl EventStream {
    pub(super) fn new(
        mut bytes: Box<ByteStream>,
        idle: Option<Duration>,
        keep_alive: Option<Duration>,
        limit: usize,
    ) -> Self {
        // A stream may be open for long.
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

    /// Host and port that sends them.
    pub fn host(&self) -> &str {
        self.bytes.host()
    }

    /// The bytes that have arrived and are still to be read, up to the largest that an event may be, where one begins there;
    /// nothing in the middle of an event.
    pub fn upcoming(&self) -> &[u8] {
        let upcoming = if self.decoder.is_between_events() { self.unread() } else { &[] };
        upcoming.get(..self.decoder.limit()).unwrap_or(upcoming)
    }

    /// Passes over so many of the [upcoming](Self::upcoming) bytes, which are a whole number of events.
    pub fn skip(&mut self, bytes: usize) {
        self.unread = self.unread.saturating_add(bytes).min(self.arrived.len());
    }

    /// The next event in what has arrived; `None` where more has to come. A last event that its blank line did not reach is given
    /// too.
    pub fn next_event(&mut self) -> Option<Result<Event, BotticelliError>> {
        if self.unread == self.arrived.len() {
            // A field `error:` at the very end closes the event before it as well as its own.
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

    /// The bytes of the last event, comments before it included, if they arrived in one piece.
    pub fn last_event(&self) -> Option<&[u8]> {
        self.arrived.get(self.last.clone()?)
    }

    /// Waits for more to arrive; `None` at the end, behind which there may be a last event. What broke it off is told after
    /// that one.
    pub fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<(), BotticelliError>>> {
        if self.ended {
            return Poll::Ready(self.broken.take().map(Err));
        }
        // What brings nothing is read on the caller's behalf: the clocks run all the while.
        if std::mem::take(&mut self.is_barren) {
            if let Err(error) = self.bytes.clocks().check() {
                return Poll::Ready(Some(Err(error)));
            }
            // Until the first piece it is the first-token clock that runs, whatever arrives before.
            if self.bytes.clocks().has_begun() && !self.ending {
                self.bytes.clocks().alive(self.idle);
            }
        }
        // All of it is read: whoever keeps the rest of the memory behind it may use that again.
        (self.arrived, self.unread, self.last) = (Bytes::new(), 0, None);
        match ready!(self.bytes.poll_bytes(cx)) {
            Some(Ok(bytes)) => {
                self.arrived = bytes;
                self.is_barren = true;
            }
            // A line that has arrived is an event, though the blank line behind it is lost.
            Some(Err(error)) => {
                self.broken = Some(error);
                self.end();
            }
            None => self.end(),
        }
        Poll::Ready(Some(Ok(())))
    }

    /// The last event brought something for the caller: the first-token clock has done its part, and the others start anew.
    pub fn mattered(&mut self) {
        self.is_barren = false;
        if self.ending {
            self.bytes.clocks().pause();
        } else {
            self.bytes.clocks().piece(self.idle, self.keep_alive);
        }
    }

    /// The answer is complete: what may still come has `grace` to come, whatever signs of life there are.
    pub fn ending(&mut self, grace: Duration) {
        if !std::mem::replace(&mut self.ending, true) {
            self.bytes.clocks().ending(self.idle.map_or(grace, |idle| idle.min(grace)));
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
