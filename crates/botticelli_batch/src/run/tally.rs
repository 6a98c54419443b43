//! Counts of the first pass, and their report to the observer.

use super::timer::after;
use crate::concurrency::Window;
use crate::journal::{Journal, Place, Record, Totals};
use crate::progress::{BatchProgress, Observer};
use crate::prompt::RowKey;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Counts of the first pass.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Rows that were read.
    pub(super) rows: u64,
    pub(super) answered: u64,
    pub(super) failed: u64,
    /// Rows without a request, which are failed too.
    pub(super) invalid: u64,
    /// Rows whose answer reached the token limit.
    pub(super) cut: u64,
    /// Rows whose record the journal had at the start.
    pub(super) cached: u64,
    /// Length of the journal at the start.
    start: u64,
    /// Sums of this run.
    pub(super) now: Totals,
    /// Sums of the runs before.
    pub(super) earlier: Totals,
    /// Requests that failed again in this run, so that equal rows do not retry them. `None` unless failed rows are retried.
    pub(super) retried: Option<HashSet<RowKey>>,
}

impl Tally {
    pub(super) fn new(journal: &Journal, retries_failed: bool) -> Self {
        let (earlier, start) = (journal.earlier(), journal.length());
        Self { earlier, start, retried: retries_failed.then(HashSet::new), ..Self::default() }
    }

    /// Adds a record of this run, for a number of equal rows.
    pub(super) fn add(&mut self, record: &Record, rows: u64) {
        let is_failed = record.error.is_some();
        if is_failed {
            self.failed += rows;
            if let Some(retried) = &mut self.retried {
                retried.insert(record.key);
            }
        } else {
            self.answered += rows;
            if record.is_cut() {
                self.cut += rows;
            }
        }
        let cost = record.cost.and_then(|cost| cost.nano_dollars());
        self.now.add(record.prompt_tokens, record.completion_tokens, cost, !is_failed);
    }

    /// Counts a row without a request.
    pub(super) fn add_invalid(&mut self) {
        self.failed += 1;
        self.invalid += 1;
    }

    /// Returns whether the request failed again in this run.
    pub(super) fn is_new(&self, key: &RowKey) -> bool {
        self.retried.as_ref().is_some_and(|retried| retried.contains(key))
    }

    /// Counts a row whose record the journal has.
    pub(super) fn add_found(&mut self, key: &RowKey, place: Place) {
        self.cached += u64::from(place.offset < self.start && !self.is_new(key));
        self.cut += u64::from(place.is_cut);
        if place.is_failed {
            self.failed += 1;
        } else {
            self.answered += 1;
        }
    }
}

/// The reports to the observer.
#[derive(Debug)]
pub(super) struct Observed {
    pub(super) observer: Option<Observer>,
    pub(super) interval: Duration,
    pub(super) start: Instant,
    pub(super) next: Instant,
    /// Number of rows plus one, once they are counted.
    pub(super) total: Arc<AtomicU64>,
}

impl Observed {
    /// Returns the time of the next report. `None` without an observer.
    pub(super) fn next_time(&self) -> Option<Instant> {
        self.observer.as_ref().map(|_| self.next)
    }

    /// Reports the progress if it is time.
    pub(super) fn report(&mut self, now: Instant, tally: &Tally, window: &Window, pause_cause: Option<&str>) {
        if now >= self.next {
            self.next = after(now, self.interval);
            self.report_now(now, tally, window, pause_cause);
        }
    }

    /// Reports the progress.
    pub(super) fn report_now(&self, now: Instant, tally: &Tally, window: &Window, pause_cause: Option<&str>) {
        let progress = self.progress(now, tally, window, pause_cause);
        tracing::debug!(
            answered = progress.answered,
            failed = progress.failed,
            cached = progress.cached,
            total = progress.total,
            nano_dollars = progress.nano_dollars,
            rows_per_second = progress.rows_per_second,
            concurrency = progress.concurrency,
            is_paused = progress.is_paused,
            "batch progress"
        );
        if let Some(observer) = &self.observer {
            observer.observe(&progress);
        }
    }

    fn progress(
        &self,
        now: Instant,
        tally: &Tally,
        window: &Window,
        pause_cause: Option<&str>,
    ) -> BatchProgress {
        let elapsed = now.saturating_duration_since(self.start);
        let done = tally.answered + tally.failed;
        let sums = tally.now.plus(tally.earlier);
        let total = self.total.load(Ordering::Relaxed).checked_sub(1);
        let per_second = float(done.saturating_sub(tally.cached)) / elapsed.as_secs_f64().max(1e-3);
        let left = total.map(|total| float(total.saturating_sub(done)));
        let seconds = left.filter(|_| per_second > 0.0).map(|left| left / per_second);
        let projected = total.filter(|_| done > 0).and_then(|total| {
            let whole = u128::from(sums.nano_dollars) * u128::from(total) / u128::from(done.max(1));
            u64::try_from(whole).ok()
        });
        BatchProgress {
            answered: tally.answered,
            failed: tally.failed,
            cached: tally.cached,
            total,
            prompt_tokens: sums.prompt_tokens,
            completion_tokens: sums.completion_tokens,
            nano_dollars: sums.nano_dollars,
            projected_nano_dollars: projected,
            rows_per_second: per_second,
            elapsed,
            time_left: seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
            in_flight: window.in_flight(),
            concurrency: window.limit(),
            is_paused: pause_cause.is_some(),
            pause_cause: pause_cause.map(str::to_owned),
        }
    }
}

/// Returns a count as a floating-point number.
fn float(count: u64) -> f64 {
    let (high, low) =
        (u32::try_from(count >> 32).unwrap_or(u32::MAX), u32::try_from(count & 0xffff_ffff).unwrap_or(0));
    f64::from(high) * 4_294_967_296.0 + f64::from(low)
}
