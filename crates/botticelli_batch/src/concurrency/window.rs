//! Counts calls, and judges a window of them.

use super::Concurrency;
use super::search::Search;
use std::time::Duration;

/// Minimum number of calls that judge a limit.
const MIN_SAMPLES: u64 = 16;

/// The calls in flight and their limit.
#[derive(Debug)]
pub(crate) struct Window {
    in_flight: usize,
    limit: usize,
    /// `None` for a fixed limit.
    search: Option<Search>,
    /// Number of changes of the limit. Calls from before a change do not judge the new limit.
    epoch: u64,
    samples: Samples,
    /// `true` if many requests waited in the server at the last reading.
    has_queue: bool,
}

/// A call in flight.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub(crate) struct Ticket {
    epoch: u64,
    /// `true` if the window was nearly full, so that the call judges the limit.
    is_sample: bool,
}

/// The end of a call, as far as it concerns the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// A response of the server, after this time.
    Response(Duration),
    /// The server is overloaded: a status 429 or 503, a timeout.
    Pressure,
    /// No statement about the server: a cached response, an invalid row.
    Neutral,
}

/// The responses since the last change of the limit.
#[derive(Clone, Copy, Debug, Default)]
struct Samples {
    count: u64,
    latency: Duration,
}

impl Window {
    pub(crate) fn new(concurrency: Concurrency) -> Self {
        let (limit, search) = match concurrency {
            Concurrency::Fixed(limit) => (limit, None),
            Concurrency::Adaptive(max) => {
                let search = Search::new(max);
                (search.limit(), Some(search))
            }
        };
        Self { in_flight: 0, limit, search, epoch: 0, samples: Samples::default(), has_queue: false }
    }

    /// Returns the maximum number of calls in flight.
    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// Returns the number of calls in flight.
    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// Returns whether another call may start.
    pub(crate) fn has_room(&self) -> bool {
        self.in_flight < self.limit
    }

    /// Takes the number of requests that wait in the server. Two long queues in a row count, because a queue at a start is short-lived.
    pub(crate) fn observe_queue(&mut self, waiting: f64) {
        let Some(search) = &mut self.search else { return };
        let limit = count_of(self.limit);
        let is_long = waiting >= (limit / 16.0).max(2.0);
        if !std::mem::replace(&mut self.has_queue, is_long) || !is_long {
            return;
        }
        if waiting > (limit / 4.0).max(8.0) {
            // The queue may also have the calls of others.
            let calls = (0..self.limit).take_while(|calls| count_of(*calls) < waiting).count();
            search.step_down(calls);
        } else {
            search.hold();
        }
        self.samples = Samples::default();
        if search.limit() != self.limit {
            self.limit = search.limit();
            self.epoch += 1;
            self.has_queue = false;
        }
    }

    /// Counts a call that starts.
    pub(crate) fn start(&mut self) -> Ticket {
        self.in_flight += 1;
        // A window that the source does not fill says nothing about the server.
        let is_sample = self.in_flight.saturating_mul(5) >= self.limit.saturating_mul(4);
        Ticket { epoch: self.epoch, is_sample }
    }

    /// Counts a call that ends, and adjusts the limit.
    pub(crate) fn finish(&mut self, ticket: Ticket, signal: Signal) {
        self.in_flight = self.in_flight.saturating_sub(1);
        let Some(search) = &mut self.search else { return };
        if ticket.epoch != self.epoch {
            return;
        }
        match signal {
            // Several rejections of one window are one statement: the next ones belong to an earlier epoch.
            Signal::Pressure => search.cut(),
            Signal::Response(latency) if ticket.is_sample => {
                self.samples.count += 1;
                self.samples.latency += latency;
                let window = u64::try_from(self.limit).unwrap_or(u64::MAX);
                let needed = MIN_SAMPLES.max(window) / search.window_part();
                if self.samples.count < needed {
                    return;
                }
                // The throughput of a full window, by Little's law. Counting responses over time would need a longer window, because
                // they arrive in groups.
                let latency = self.samples.latency.as_secs_f64() / count(self.samples.count);
                search.judge(count(window) / latency.max(1e-6));
            }
            Signal::Response(_) | Signal::Neutral => return,
        }
        self.samples = Samples::default();
        if search.limit() != self.limit {
            self.limit = search.limit();
            self.epoch += 1;
        } else if signal == Signal::Pressure {
            self.epoch += 1;
        }
    }
}

fn count_of(calls: usize) -> f64 {
    count(u64::try_from(calls).unwrap_or(u64::MAX))
}

/// Returns a count as a floating-point number. Counts here are far below 2^32.
fn count(number: u64) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
