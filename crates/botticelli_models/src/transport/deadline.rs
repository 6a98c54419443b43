//! The deadline of a call.

use botticelli_core::Timeouts;
use botticelli_error::TimeoutKind;
use botticelli_interface::Clock;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The timeouts of one call, over all its attempts and waits, and the time at which the call started.
#[derive(Clone, Debug)]
pub(crate) struct Deadline {
    stopwatch: Stopwatch,
    timeouts: Timeouts,
    is_streamed: bool,
}

/// The time at which a call started.
#[derive(Clone, Debug)]
pub(crate) struct Stopwatch {
    clock: Arc<dyn Clock>,
    started: Instant,
}

impl Stopwatch {
    /// Returns the time since the call started.
    pub(crate) fn elapsed(&self) -> Duration {
        self.clock.now().saturating_duration_since(self.started)
    }
}

impl Deadline {
    /// Returns the deadline of a plain call that starts now.
    pub(crate) fn of_response(clock: &Arc<dyn Clock>, timeouts: Timeouts) -> Self {
        let stopwatch = Stopwatch { clock: clock.clone(), started: clock.now() };
        Self { stopwatch, timeouts, is_streamed: false }
    }

    /// Returns the deadline of a streamed call that starts now.
    pub(crate) fn of_stream(clock: &Arc<dyn Clock>, timeouts: Timeouts) -> Self {
        Self { is_streamed: true, ..Self::of_response(clock, timeouts) }
    }

    /// Returns the deadline of a lookup that starts now, and waits at most `limit` for anything.
    pub(crate) fn of_lookup(clock: &Arc<dyn Clock>, limit: Duration) -> Self {
        let timeouts = Timeouts::default().with_total(limit).with_loading(limit);
        Self::of_response(clock, timeouts)
    }

    /// Returns the time at which the call started.
    pub(crate) fn started(&self) -> Instant {
        self.stopwatch.started
    }

    /// Returns the clock.
    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.stopwatch.clock
    }

    /// Returns the stopwatch of the call.
    pub(crate) fn stopwatch(&self) -> &Stopwatch {
        &self.stopwatch
    }

    /// Returns the time since the call started.
    pub(crate) fn elapsed(&self) -> Duration {
        self.stopwatch.elapsed()
    }

    /// Returns the timeouts.
    pub(crate) fn timeouts(&self) -> &Timeouts {
        &self.timeouts
    }

    /// Returns the limit of the whole call, loading of the model included.
    pub(crate) fn total(&self) -> Option<Duration> {
        if self.is_streamed { self.timeouts.stream_total() } else { self.timeouts.total() }
    }

    /// Returns the limit until the first chunk of a stream, loading of the model excluded.
    pub(crate) fn first_token(&self) -> Option<Duration> {
        self.timeouts.first_token().filter(|_| self.is_streamed)
    }

    /// Returns the limit of the time in which the model is loading.
    pub(crate) fn loading(&self) -> Option<Duration> {
        self.timeouts.loading()
    }

    /// Returns the timeouts of an attempt, after earlier attempts have used up `spent`.
    pub(crate) fn attempt(&self, spent: TimeSpent) -> AttemptTimeouts {
        let kind = if self.is_streamed { TimeoutKind::StreamTotal } else { TimeoutKind::Total };
        AttemptTimeouts { first_token: self.first_token(), total: (kind, self.total()), spent }
    }
}

/// Time that a call has used before an attempt.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TimeSpent {
    /// Time since the call began.
    pub(crate) elapsed: Duration,
    /// The same without the time in which a model was being loaded.
    pub(crate) waited: Duration,
}

impl TimeSpent {
    /// Returns the time spent after `elapsed`, if no model was loading in between.
    pub(crate) fn at(self, elapsed: Duration) -> Self {
        let since = elapsed.saturating_sub(self.elapsed);
        Self { elapsed, waited: self.waited.saturating_add(since) }
    }
}

/// Time limits of an attempt, and the time already spent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AttemptTimeouts {
    /// Limit until the first chunk of a stream; `None` for a one-shot response.
    pub(crate) first_token: Option<Duration>,
    /// Kind and limit of the timeout for the whole call.
    pub(crate) total: (TimeoutKind, Option<Duration>),
    /// Time that earlier attempts and the waits between them have used.
    pub(crate) spent: TimeSpent,
}
