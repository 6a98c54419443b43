//! Reads the queue of the server.

use crate::{QueueGauge, QueueState};
use botticelli_error::BotticelliError;
use futures::FutureExt;
use futures::future::BoxFuture;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// Time between two readings. It doubles with every failure in a row.
const INTERVAL: Duration = Duration::from_secs(1);
const MAX_INTERVAL: Duration = Duration::from_secs(60);

/// A gauge and its next reading.
pub(super) struct QueueWatch {
    gauge: Option<Arc<dyn QueueGauge>>,
    reading: Option<BoxFuture<'static, Result<QueueState, BotticelliError>>>,
    next: Instant,
    /// Failures since the last success.
    failures: u32,
}

impl QueueWatch {
    pub(super) fn new(gauge: Option<Arc<dyn QueueGauge>>, start: Instant) -> Self {
        Self { gauge, reading: None, next: start + INTERVAL, failures: 0 }
    }

    /// Starts a reading if it is time, and none runs.
    pub(super) fn start_if_due(&mut self, now: Instant) {
        if let Some(gauge) = &self.gauge
            && self.reading.is_none()
            && now >= self.next
        {
            let interval = INTERVAL.saturating_mul(1_u32.checked_shl(self.failures).unwrap_or(u32::MAX));
            self.next = now + interval.min(MAX_INTERVAL);
            let gauge = gauge.clone();
            self.reading = Some(async move { gauge.read().await }.boxed());
        }
    }

    /// Returns the time of the next reading.
    pub(super) fn next_time(&self) -> Option<Instant> {
        self.gauge.as_ref().filter(|_| self.reading.is_none()).map(|_| self.next)
    }

    /// Returns the number of waiting requests when a reading ends. A failed reading returns 0, which changes nothing.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<f64> {
        let Some(reading) = &mut self.reading else { return Poll::Pending };
        let Poll::Ready(read) = reading.poll_unpin(context) else { return Poll::Pending };
        self.reading = None;
        match read {
            Ok(state) => {
                self.failures = 0;
                Poll::Ready(state.waiting.unwrap_or(0.0))
            }
            Err(error) => {
                if self.failures == 0 {
                    tracing::warn!(%error, "the queue of the server cannot be read");
                }
                self.failures = self.failures.saturating_add(1);
                Poll::Ready(0.0)
            }
        }
    }
}
