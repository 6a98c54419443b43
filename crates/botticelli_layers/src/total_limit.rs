//! The limit of a whole call, which a layer that waits shares with its inner driver.

use crate::verb::Request;
use botticelli_core::Timeouts;
use botticelli_error::{BotticelliError, HttpError, HttpErrorKind, TimeoutKind};
use botticelli_interface::Clock;
use futures::future::{Either, select};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

/// The timeout of a whole call, which depends on its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TotalLimit {
    Plain,
    Streamed,
}

impl TotalLimit {
    /// Returns the limit that the request sets.
    pub(crate) fn of(self, request: &impl Request) -> Option<Duration> {
        let timeouts = request.timeouts()?;
        match self {
            Self::Plain => timeouts.total(),
            Self::Streamed => timeouts.stream_total(),
        }
    }

    /// Returns the request with the rest of its time.
    pub(crate) fn after<R: Request>(self, request: R, spent: Duration) -> R {
        let (Some(timeouts), Some(total)) = (request.timeouts(), self.of(&request)) else { return request };
        if spent.is_zero() {
            return request;
        }
        let rest = total.saturating_sub(spent).max(Duration::from_millis(1));
        request.with_timeouts(self.on(timeouts, rest))
    }

    fn on(self, timeouts: Timeouts, total: Duration) -> Timeouts {
        match self {
            Self::Plain => timeouts.with_total(total),
            Self::Streamed => timeouts.with_stream_total(total),
        }
    }

    /// Runs `work` within the limit of a request.
    ///
    /// # Errors
    ///
    /// A timeout that names `place`.
    pub(crate) async fn bound<T>(
        self,
        limit: Option<Duration>,
        clock: &dyn Clock,
        place: &str,
        work: impl Future<Output = T> + Send,
    ) -> Result<T, BotticelliError> {
        let mut work = pin!(work);
        // Most calls wait for nothing, and need no timer.
        if let Poll::Ready(done) = poll_fn(|cx| Poll::Ready(work.as_mut().poll(cx))).await {
            return Ok(done);
        }
        let Some(limit) = limit else { return Ok(work.await) };
        match select(work, clock.sleep(limit)).await {
            Either::Left((done, _)) => Ok(done),
            Either::Right(_) => {
                let kind = match self {
                    Self::Plain => TimeoutKind::Total,
                    Self::Streamed => TimeoutKind::StreamTotal,
                };
                Err(HttpError::new(HttpErrorKind::Timeout { kind, limit }, place).into())
            }
        }
    }
}
