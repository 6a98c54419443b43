//! The use of a limit within a time span that moves along.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The number of entries that are kept apart. Later entries share one if they are close together.
const EXACT: usize = 1_024;

/// Amounts within a time span, at most `limit` of them.
#[derive(Debug)]
pub(super) struct Window {
    /// The unit, for messages: `requests per minute`.
    pub(super) unit: &'static str,
    pub(super) limit: u64,
    span: Duration,
    /// Used amounts, the oldest first.
    entries: VecDeque<Entry>,
    used: u64,
    /// Amounts of calls in flight.
    reserved: u64,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    /// Time of the first part.
    first: Instant,
    /// Time of the last part, from which all parts count.
    at: Instant,
    amount: u64,
}

impl Window {
    pub(super) fn new(unit: &'static str, limit: u64, span: Duration) -> Self {
        Self { unit, limit, span, entries: VecDeque::new(), used: 0, reserved: 0 }
    }

    /// Returns the time span.
    #[cfg(feature = "redis")]
    pub(super) fn span(&self) -> Duration {
        self.span
    }

    /// Forgets the amounts that are older than the time span.
    pub(super) fn expire(&mut self, now: Instant) {
        while let Some(entry) = self.entries.front() {
            if now.saturating_duration_since(entry.at) < self.span {
                return;
            }
            self.used = self.used.saturating_sub(entry.amount);
            self.entries.pop_front();
        }
    }

    /// Returns whether the amount can be used now.
    pub(super) fn fits(&self, amount: u64) -> bool {
        self.used.saturating_add(self.reserved).saturating_add(amount) <= self.limit
    }

    /// Uses an amount. More than the limit is spread over the following time spans.
    pub(super) fn add(&mut self, now: Instant, amount: u64) {
        let (mut at, mut rest) = (now, amount);
        for _ in 0..64 {
            let part = rest.min(self.limit.max(1));
            self.insert(at, part);
            rest -= part;
            let Some(next) = at.checked_add(self.span) else { break };
            at = next;
            if rest == 0 {
                return;
            }
        }
        self.insert(at, rest);
    }

    fn insert(&mut self, at: Instant, amount: u64) {
        if amount == 0 {
            return;
        }
        self.used = self.used.saturating_add(amount);
        let is_latest = self.entries.back().is_none_or(|last| last.at <= at);
        let place =
            if is_latest { self.entries.len() } else { self.entries.partition_point(|entry| entry.at <= at) };
        if self.entries.len() > EXACT
            && place == self.entries.len()
            && let Some(last) = self.entries.back_mut()
            && at.saturating_duration_since(last.first) < self.span / 512
        {
            // Counting all of it from the later time is the stricter choice.
            last.at = at;
            last.amount = last.amount.saturating_add(amount);
            return;
        }
        self.entries.insert(place, Entry { first: at, at, amount });
    }

    /// Gives back an amount that was used at this time.
    pub(super) fn remove(&mut self, at: Instant, amount: u64) {
        let place = self.entries.partition_point(|entry| entry.at < at);
        // The entry may have expired, and the next one belongs to other calls.
        let Some(entry) = self.entries.get_mut(place).filter(|entry| entry.first <= at) else { return };
        let part = entry.amount.min(amount);
        entry.amount -= part;
        self.used = self.used.saturating_sub(part);
        if entry.amount == 0 {
            self.entries.remove(place);
        }
    }

    pub(super) fn reserve(&mut self, amount: u64) {
        self.reserved = self.reserved.saturating_add(amount);
    }

    pub(super) fn release(&mut self, amount: u64) {
        self.reserved = self.reserved.saturating_sub(amount);
    }

    /// Returns the shortest possible wait for an amount after `ahead` single amounts of earlier calls. Calls in flight may end at
    /// once, so that they do not count.
    pub(super) fn wait(&self, now: Instant, ahead: u64, amount: u64) -> Duration {
        let limit = self.limit.max(1);
        let needed = self.used.saturating_add(ahead).saturating_add(amount.min(limit));
        if needed <= limit {
            return Duration::ZERO;
        }
        // The amount that must have expired. If calls ahead are part of it, they pass one span after the amounts before them.
        let ahead_of_it = needed.saturating_sub(self.used);
        let rounds = ahead_of_it.div_ceil(limit).max(1);
        let spans = self.span.saturating_mul(u32::try_from(rounds).unwrap_or(u32::MAX));
        let expired = needed.saturating_sub(rounds.saturating_mul(limit));
        let mut sum = 0_u64;
        for entry in &self.entries {
            sum = sum.saturating_add(entry.amount);
            if expired > 0 && sum >= expired {
                return entry.at.checked_add(spans).map_or(spans, |free| free.saturating_duration_since(now));
            }
        }
        // Only calls ahead have to expire, and the first of them pass now.
        spans.saturating_sub(self.span)
    }
}
