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
    /// How long to wait for a sign of life, and for an event, once there has been one.
    idle: Option<Duration>,
    keep_alive: Option<Duration>,
    begun: bool,
    ended: bool,
}

impl EventStream {
    pub(super) fn new(
        bytes: ByteStream,
        idle: Option<Duration>,
        keep_alive: Option<Duration>,
        limit: usize,
    ) -> Self {
        Self { bytes, decoder: EventDecoder::new(limit), idle, keep_alive, begun: false, ended: false }
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
                return Poll::Ready(None);
            }
            match ready!(self.bytes.poll_next(cx)) {
                Some(Ok(bytes)) => {
                    self.decoder.push(&bytes);
                    if self.decoder.has_event() {
                        self.begun = true;
                        self.bytes.clocks().event(self.keep_alive);
                    }
                    // Until the first event it is the first-token clock that runs, whatever arrives before.
                    if self.begun {
                        self.bytes.clocks().alive(self.idle);
                    }
                }
                Some(Err(error)) => {
                    self.ended = true;
                    return Poll::Ready(Some(Err(error)));
                }
                None => {
                    self.ended = true;
                    self.decoder.finish();
                }
            }
        }
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
