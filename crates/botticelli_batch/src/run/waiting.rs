//! The rows that wait for their place in the output.

use crate::Row;
use crate::journal::{Place, Record};
use crate::prompt::RowKey;
use std::collections::VecDeque;

/// Rows that may wait for the answer to an earlier row, or for the disk.
pub(crate) const MAX_WAITING: usize = 1 << 18;

/// Memory of the rows that wait, in bytes. Rows beyond it are dropped, and read again from the table.
const MAX_BYTES: usize = 4 << 20;

/// Memory of a row and its answer without their texts.
const OVERHEAD: usize = 512;

/// The rows that wait for their place in the output, in the order of the table.
#[derive(Debug, Default)]
pub(super) struct WaitingRows {
    rows: VecDeque<Waiting>,
    /// Maximum number of rows.
    max_rows: usize,
    /// Place of the first row.
    first: u64,
    /// Memory of the rows, about.
    bytes: usize,
}

#[derive(Debug)]
struct Waiting {
    /// `None` is a row without a request.
    key: Option<RowKey>,
    /// `None` if the row was dropped.
    held: Option<Box<Held>>,
}

/// A row in memory.
#[derive(Debug)]
pub(super) struct Held {
    /// `None` is a row that cannot be read.
    pub(super) row: Option<Row>,
    /// `None` while the row waits for it.
    pub(super) answer: Option<Answer>,
    /// Memory of the row and its answer.
    bytes: usize,
}

/// The answer of a row in memory.
#[derive(Debug)]
pub(super) enum Answer {
    Record(Box<Record>),
    /// A record of the journal: that of an equal row, or of an earlier run.
    Found(Place),
    /// The reason why the row has no request.
    Failed(String),
}

/// A row that can be written.
#[derive(Debug)]
pub(super) enum Ready {
    /// A row with its answer.
    Held(Box<Held>),
    /// A row that was dropped. `None` is a row without a request.
    Dropped(Option<Place>),
}

impl WaitingRows {
    pub(super) fn new(max_rows: usize) -> Self {
        Self { max_rows, ..Self::default() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Adds the next row, with its key, or with the reason why it has no request. Returns its place; `None` if too many rows wait.
    pub(super) fn push(&mut self, request: Result<RowKey, String>, row: Option<Row>) -> Option<u64> {
        if self.rows.len() >= self.max_rows {
            return None;
        }
        let place = self.first.checked_add(u64::try_from(self.rows.len()).ok()?)?;
        let (key, failure) = match request {
            Ok(key) => (Some(key), None),
            Err(reason) => (None, Some(reason)),
        };
        let bytes = OVERHEAD + row.as_ref().map_or(0, Row::size) + failure.as_ref().map_or(0, String::len);
        let total = self.bytes.saturating_add(bytes);
        let held = (total <= MAX_BYTES).then(|| {
            self.bytes = total;
            Box::new(Held { row, answer: failure.map(Answer::Failed), bytes })
        });
        self.rows.push_back(Waiting { key, held });
        Some(place)
    }

    /// Takes the answer of the row at a place, if the row is in memory. `bytes` is the size of the record.
    pub(super) fn answer(&mut self, place: u64, record: Record, bytes: usize) {
        let index = place.checked_sub(self.first).and_then(|index| usize::try_from(index).ok());
        let waiting = index.and_then(|index| self.rows.get_mut(index));
        if let Some(held) = waiting.and_then(|waiting| waiting.held.as_mut()) {
            held.bytes += bytes;
            self.bytes += bytes;
            held.answer = Some(Answer::Record(Box::new(record)));
        }
    }

    /// Removes the first row and returns it, if it has an answer. `find` returns the record of a key, if it is not awaited.
    pub(super) fn pop_ready(&mut self, find: impl FnOnce(&RowKey) -> Option<Place>) -> Option<Ready> {
        let first = self.rows.front()?;
        let has_answer = first.held.as_ref().is_some_and(|held| held.answer.is_some());
        let found = match &first.key {
            Some(key) if !has_answer => Some(find(key)?),
            _ => None,
        };
        let Waiting { held, .. } = self.rows.pop_front()?;
        self.first += 1;
        let Some(mut held) = held else { return Some(Ready::Dropped(found)) };
        self.bytes = self.bytes.saturating_sub(held.bytes);
        if let Some(place) = found {
            held.answer = Some(Answer::Found(place));
        }
        Some(Ready::Held(held))
    }
}
