//! Decides on the next limit.

/// The limit at the start.
const START: usize = 4;
/// The part of a proportional gain that makes a higher limit worth it: twice the calls must deliver 6 % more.
const WORTHWHILE: f64 = 0.06;
/// Judgements before the limit is tested again, at first and at most.
const FIRST_WAIT: u32 = 4;
const LONGEST_WAIT: u32 = 32;

/// A search for the limit with the highest throughput.
///
/// The limit doubles while the throughput grows. The first limit that is not worth it, or at which the server rejects calls, is an upper
/// bound, and bisection finds the best limit below it. The limit then rests, and higher ones are tested from time to time.
#[derive(Debug)]
pub(crate) struct Search {
    max: usize,
    limit: usize,
    /// The highest limit that was worth it, with its throughput.
    good: usize,
    best: f64,
    /// The lowest limit that was not.
    bad: Option<usize>,
    /// Judgements until the next test, and the wait after it.
    rest: u32,
    wait: u32,
}

impl Search {
    pub(super) fn new(max: usize) -> Self {
        let limit = START.min(max);
        Self { max, limit, good: 0, best: 0.0, bad: None, rest: 0, wait: FIRST_WAIT }
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// Returns the part of a window, as a divisor, that judges the limit. Doubling shows with fewer calls than a small step.
    pub(super) fn window_part(&self) -> u64 {
        if self.bad.is_none() && self.limit > self.good { 2 } else { 1 }
    }

    /// Lowers the limit after a rejection.
    pub(super) fn cut(&mut self) {
        let rejected = self.limit;
        let lower = (rejected * 7 / 10).max(1);
        if self.good >= rejected || self.good == 0 {
            // The limit worked before, so the server now accepts fewer calls.
            self.best *= float(lower) / float(rejected);
            self.good = if self.good == 0 { 0 } else { lower };
        }
        self.bad = Some(rejected.max(self.good + 1));
        self.limit = lower.max(self.good).max(1);
        if self.limit <= self.good {
            // The server recovers at the limit that worked.
            self.rest_at_good();
        }
    }

    /// Keeps the limit, because requests wait in the server.
    pub(super) fn hold(&mut self) {
        self.good = self.limit;
        self.bad = Some(self.limit + 1);
        self.rest_at_good();
    }

    /// Lowers the limit by the number of calls that wait in the server, at most by half.
    pub(super) fn step_down(&mut self, waiting: usize) {
        let lower = self.limit.saturating_sub(waiting).max(self.limit / 2).max(1);
        self.best *= float(lower) / float(self.limit);
        self.limit = lower;
        self.hold();
    }

    /// Takes the throughput at the present limit, without a rejection.
    pub(super) fn judge(&mut self, throughput: f64) {
        if self.limit <= self.good {
            // The server may have become slower or faster.
            self.best = 0.7 * self.best + 0.3 * throughput;
            self.rest = self.rest.saturating_sub(1);
            if self.rest > 0 {
                return;
            }
            let step = if let Some(gap) = self.open_gap() {
                gap / 2
            } else {
                self.bad = None;
                (self.good / 8).max(1)
            };
            self.limit = self.above(self.good + step);
            return;
        }
        let gain = if self.good == 0 { 1.0 } else { float(self.limit) / float(self.good) - 1.0 };
        if self.good == 0 || throughput >= self.best * (1.0 + WORTHWHILE * gain) {
            let is_test = self.wait > FIRST_WAIT;
            self.good = self.limit;
            self.best = throughput;
            self.wait = FIRST_WAIT;
            let next = if self.bad.is_none() && !is_test {
                self.good * 2
            } else {
                self.good + (self.good / 8).max(1)
            };
            self.next_between(next);
        } else {
            self.bad = Some(self.limit);
            self.next_between(self.good);
        }
    }

    /// Continues between the bounds, with `next` without an upper one. Rests if the bounds are close.
    fn next_between(&mut self, next: usize) {
        match (self.bad, self.open_gap()) {
            (None, _) => self.limit = self.above(next),
            (Some(_), Some(gap)) => self.limit = self.above(self.good + gap / 2),
            (Some(_), None) => {
                self.limit = self.good.max(1);
                self.rest_at_good();
            }
        }
    }

    /// Sets the number of judgements at the limit that worked: one if bisection continues, and otherwise a doubling number.
    fn rest_at_good(&mut self) {
        self.rest = 1;
        if self.open_gap().is_none() {
            self.rest = self.wait;
            self.wait = (self.wait * 2).min(LONGEST_WAIT);
        }
    }

    /// Returns the distance of the bounds if it is large enough for a limit between them.
    fn open_gap(&self) -> Option<usize> {
        let gap = self.bad?.saturating_sub(self.good);
        (gap > (self.good / 32).max(1)).then_some(gap)
    }

    /// Returns the limit within the maximum. At the maximum, the search rests.
    fn above(&mut self, limit: usize) -> usize {
        if self.good >= self.max {
            self.rest = self.wait;
        }
        limit.clamp(1, self.max)
    }
}

/// Returns a limit as a floating-point number.
fn float(limit: usize) -> f64 {
    f64::from(u32::try_from(limit).unwrap_or(u32::MAX))
}
