//! The limit of a whole call, which a layer that waits shares with its inner driver.

use crate::verb::Request;
use botticelli_core::Timeouts;
#[cfg(any(feature = "budget", feature = "cache", feature = "redis"))]
use botticelli_error::{BotticelliError, HttpError, HttpErrorKind, TimeoutKind};
use botticelli_interface::Clock;
use futures::FutureExt;
use futures::future::{Either, select};
use std::future::{Future, poll_fn};
use std::task::Poll;
use std::time::{Duration, Instant};

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

    /// Returns the error of a call whose time ended at `place`.
    #[cfg(any(feature = "budget", feature = "cache", feature = "redis"))]
    fn error(self, limit: Duration, place: &str) -> BotticelliError {
        let kind = match self {
            Self::Plain => TimeoutKind::Total,
            Self::Streamed => TimeoutKind::StreamTotal,
        };
        HttpError::new(HttpErrorKind::Timeout { kind, limit }, place).into()
    }
}

/// The time of one call, from its beginning.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    limit: TotalLimit,
    /// The beginning, and the whole time. `None` for a request without a limit, to which the time does not matter.
    time: Option<(Instant, Duration)>,
}

impl Deadline {
    /// Returns the time of a request, which begins now.
    pub(crate) fn of(limit: TotalLimit, request: &impl Request, clock: &dyn Clock) -> Self {
        Self { limit, time: limit.of(request).map(|total| (clock.now(), total)) }
    }

    /// Returns the time of a plain call with these timeouts, which begins now.
    #[cfg(all(feature = "cache", feature = "tasks"))]
    pub(crate) fn of_timeouts(timeouts: Option<Timeouts>, clock: &dyn Clock) -> Self {
        let total = timeouts.and_then(|timeouts| timeouts.total());
        Self { limit: TotalLimit::Plain, time: total.map(|total| (clock.now(), total)) }
    }

    /// Returns the time that is left. `None` without a limit.
    pub(crate) fn left(&self, clock: &dyn Clock) -> Option<Duration> {
        let (start, total) = self.time?;
        Some(total.saturating_sub(clock.now().saturating_duration_since(start)))
    }

    /// Returns the request with the time that is left.
    pub(crate) fn on<R: Request>(&self, request: R, clock: &dyn Clock) -> R {
        match self.time {
            Some((start, _)) => self.limit.after(request, clock.now().saturating_duration_since(start)),
            None => request,
        }
    }

    /// Runs `work` in the time that is left.
    ///
    /// # Errors
    ///
    /// A timeout that names `place`.
    #[cfg(any(feature = "budget", feature = "cache", feature = "redis"))]
    pub(crate) async fn bound<T>(
        &self,
        clock: &dyn Clock,
        place: &str,
        mut work: impl Future<Output = T> + Send + Unpin,
    ) -> Result<T, BotticelliError> {
        if let Some(done) = at_once(&mut work).await {
            return Ok(done);
        }
        let waiting = async {
            wait(self.left(clock), clock, work).await.ok_or_else(|| {
                let total = self.time.map(|(_, total)| total).unwrap_or_default();
                self.limit.error(total, place)
            })
        };
        // In a box, the rare wait takes no space in the futures of all calls.
        Box::pin(waiting).await
    }

    /// Runs `work` in half of the time that is left, so that the call can continue without it. `None` if that is too short.
    #[cfg(feature = "cache")]
    pub(crate) async fn bound_by_half<T>(
        &self,
        clock: &dyn Clock,
        work: impl Future<Output = T> + Send + Unpin,
    ) -> Option<T> {
        within(|| self.left(clock).map(|left| left / 2), clock, work).await
    }
}

/// Runs `work` within a limit. `None` if its time is over.
///
/// The caller pins the work, so that no future holds a second copy of it.
pub(crate) async fn within<T>(
    limit: impl FnOnce() -> Option<Duration> + Send,
    clock: &dyn Clock,
    mut work: impl Future<Output = T> + Send + Unpin,
) -> Option<T> {
    if let Some(done) = at_once(&mut work).await {
        return Some(done);
    }
    Box::pin(wait(limit(), clock, work)).await
}

/// Polls work once, because most calls wait for nothing and need no timer. `None` if it has to wait.
async fn at_once<T>(work: &mut (impl Future<Output = T> + Unpin)) -> Option<T> {
    match poll_fn(|cx| Poll::Ready(work.poll_unpin(cx))).await {
        Poll::Ready(done) => Some(done),
        Poll::Pending => None,
    }
}

/// Waits for work within a limit. `None` if its time is over.
async fn wait<T>(
    limit: Option<Duration>,
    clock: &dyn Clock,
    work: impl Future<Output = T> + Send + Unpin,
) -> Option<T> {
    let Some(limit) = limit else { return Some(work.await) };
    match select(work, clock.sleep(limit)).await {
        Either::Left((done, _)) => Some(done),
        Either::Right(_) => None,
    }
}
