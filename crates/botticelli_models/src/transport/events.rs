//! The events as they arrive.

use super::{ByteStream, DecodeError, Event, EventDecoder};
use botticelli_error::{BotticelliError, HttpError, HttpErrorKind, JsonError, JsonErrorKind, TimeoutClock};
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// The server-sent events of an answer as they arrive.
#[derive(Debug)]
pub struct EventStream {
    bytes: ByteStream,
    decoder: EventDecoder,
    /// The clock that takes over at the first event, and how long it runs.
    then: Option<(TimeoutClock, Option<Duration>)>,
    begun: bool,
    ended: bool,
}

impl EventStream {
    pub(super) fn new(
        bytes: ByteStream,
        then: Option<(TimeoutClock, Option<Duration>)>,
        limit: usize,
    ) -> Self {
        Self { bytes, decoder: EventDecoder::new(limit), then, begun: false, ended: false }
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
                    // Until the first event it is the first clock that runs, whatever arrives before.
                    self.begun |= self.decoder.has_event();
                    if let (true, Some((clock, limit))) = (self.begun, self.then) {
                        self.bytes.restart_timer(clock, limit);
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
