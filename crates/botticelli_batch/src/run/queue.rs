//! Rows that wait for another attempt.

use crate::prompt::Prepared;
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::time::Instant;

/// A row in the queue or in flight.
#[derive(Debug)]
pub(crate) struct QueuedRow {
    pub(crate) prepared: Box<Prepared>,
    /// Number of failed attempts.
    pub(crate) attempts: u32,
    /// Number of answers to other rows at the first failure.
    pub(crate) answers_before: Option<u64>,
    /// The response of a cache would be the one that failed, or that of another row.
    pub(crate) skips_cache: bool,
}

impl QueuedRow {
    /// Returns a row that was not sent yet.
    pub(crate) fn new(prepared: Prepared) -> Self {
        Self { prepared: Box::new(prepared), attempts: 0, answers_before: None, skips_cache: false }
    }
}

/// Rows that wait for another attempt, the earliest first.
#[derive(Debug, Default)]
pub(super) struct RetryQueue {
    rows: BinaryHeap<Reverse<Waiting>>,
    /// Number of rows so far, which keeps rows with one time in order.
    count: u64,
}

#[derive(Debug)]
struct Waiting {
    due: Instant,
    number: u64,
    row: QueuedRow,
}

impl RetryQueue {
    pub(super) fn push(&mut self, row: QueuedRow, due: Instant) {
        self.count += 1;
        self.rows.push(Reverse(Waiting { due, number: self.count, row }));
    }

    /// Returns the next row if its time has come.
    pub(super) fn pop_due(&mut self, now: Instant) -> Option<QueuedRow> {
        if self.next_due()? > now {
            return None;
        }
        self.pop()
    }

    /// Returns the next row, also before its time.
    pub(super) fn pop(&mut self) -> Option<QueuedRow> {
        self.rows.pop().map(|Reverse(waiting)| waiting.row)
    }

    /// Returns the time of the next row.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.rows.peek().map(|Reverse(waiting)| waiting.due)
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl Waiting {
    fn order(&self) -> (Instant, u64) {
        (self.due, self.number)
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.order() == other.order()
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order().cmp(&other.order())
    }
}
