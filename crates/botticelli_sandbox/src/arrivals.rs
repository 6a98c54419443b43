//! Arrival times and attempt counts of requests.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::fingerprint::Fingerprint;
use crate::http::Request;

/// Maximum number of remembered requests. Reaching it clears the map, so that memory stays bounded.
const MOST_REMEMBERED: usize = 100_000;

/// Arrival time and attempt number of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    pub(crate) attempt: usize,
    pub(crate) since_start: Duration,
    pub(crate) gap: Option<Duration>,
}

/// Arrivals of all requests, by fingerprint.
#[derive(Debug)]
pub(crate) struct Arrivals {
    start: Instant,
    seen: HashMap<Fingerprint, Arrival>,
}

impl Arrivals {
    pub(crate) fn new() -> Self {
        Self { start: Instant::now(), seen: HashMap::new() }
    }

    pub(crate) fn record(&mut self, request: &Request) -> Arrival {
        let since_start = self.start.elapsed();
        // Neither a method nor a target contains a line break.
        let mut bytes = format!("{}\n{}\n", request.method, request.target).into_bytes();
        bytes.extend_from_slice(&request.body);
        if self.seen.len() >= MOST_REMEMBERED {
            self.seen.clear();
        }
        let arrival = self.seen.entry(Fingerprint::of(&bytes)).or_insert(Arrival {
            attempt: 0,
            since_start,
            gap: None,
        });
        if arrival.attempt > 0 {
            arrival.gap = Some(since_start.saturating_sub(arrival.since_start));
        }
        arrival.attempt += 1;
        arrival.since_start = since_start;
        *arrival
    }
}
