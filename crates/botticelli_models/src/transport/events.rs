//! The events as they arrive.

use super::{ByteStream, DecodeError, Event, EventDecoder};
use botticelli_error::{BotticelliError, HttpError, HttpErrorKind, JsonError, JsonErrorKind};
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// The server-sent events of an answer as they arrive.
#[derive(Debug)]
pub struct EventStream {
    bytes: ByteStream,
    decoder: EventDecoder,
    /// How long to wait for a sign of life, and for another piece, once there has been one.
    idle: Option<Duration>,
    keep_alive: Option<Duration>,
    begun: bool,
    /// After the finish there is only a short while for what may still come.
    ending: bool,
    ended: bool,
    /// What broke the bytes off, told after the events that had arrived before it.
    broken: Option<BotticelliError>,
}

impl EventStream {
    pub(super) fn new(
        bytes: ByteStream,
        idle: Option<Duration>,
        keep_alive: Option<Duration>,
        limit: usize,
    ) -> Self {
        Self {
            bytes,
            decoder: EventDecoder::new(limit),
            idle,
            keep_alive,
            begun: false,
            ending: false,
            ended: false,
            broken: None,
        }
    }

    /// Host and port that sends them.
    pub fn host(&self) -> &str {
        self.bytes.host()
    }

    /// The next event; `None` at the end. A last event that its blank line did not reach is given too.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Event, BotticelliError>>> {
        loop {
            if let Some(event) = self.decoder.next_event() {
                return Poll::Ready(Some(event.map_err(|error| self.undecodable(error))));
            }
            if self.ended {
                return Poll::Ready(self.broken.take().map(Err));
            }
            match ready!(self.bytes.poll_next(cx)) {
                Some(Ok(bytes)) => {
                    // What brings no event is read on the caller's behalf: the clocks run all the while.
                    self.bytes.clocks().resume();
                    self.decoder.push(&bytes);
                    if self.decoder.has_event() {
                        // A clock that has run out by then is told with the next bytes.
                        let _ = self.bytes.clocks().arrived();
                    }
                    // Until the first piece it is the first-token clock that runs, whatever arrives before.
                    if self.begun && !self.ending {
                        self.bytes.clocks().alive(self.idle);
                    }
                }
                // A line that has arrived is an event, though the blank line behind it is lost.
                Some(Err(error)) => {
                    self.broken = Some(error);
                    self.end();
                }
                None => self.end(),
            }
        }
    }

    /// The last event brought something: the first-token clock has done its part, and the others start anew.
    pub fn mattered(&mut self) {
        self.begun = true;
        if !self.ending {
            self.bytes.clocks().alive(self.idle);
            self.bytes.clocks().event(self.keep_alive);
        }
    }

    /// The answer is complete: what may still come has `grace` to come, whatever signs of life there are.
    pub fn ending(&mut self, grace: Duration) {
        if !std::mem::replace(&mut self.ending, true) {
            let grace = Some(self.idle.map_or(grace, |idle| idle.min(grace)));
            self.bytes.clocks().alive(grace);
            self.bytes.clocks().event(grace);
        }
    }

    fn end(&mut self) {
        self.ended = true;
        self.decoder.finish();
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
