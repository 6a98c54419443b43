//! The rows that wait for their place in the output.

use super::source::SourceColumns;
use crate::Row;
use crate::journal::Place;
use crate::prompt::RowKey;
use std::collections::VecDeque;

/// Rows that may wait for the answer to an earlier row, or for the disk.
pub(crate) const MAX_WAITING: usize = 1 << 18;

/// Memory of the rows that wait, in bytes. Rows beyond it are dropped, and read again from the table.
const MAX_BYTES: usize = 4 << 20;

/// Memory of a row without its text.
const OVERHEAD: usize = 256;

/// The rows that wait for their place in the output, in the order of the table.
#[derive(Debug, Default)]
pub(super) struct WaitingRows {
    rows: VecDeque<Waiting>,
    /// Maximum number of rows.
    max_rows: usize,
    /// Maximum memory of the rows.
    max_bytes: usize,
    /// Memory of the rows, about.
    bytes: usize,
}

#[derive(Debug)]
struct Waiting {
    /// `None` is a row without a request.
    key: Option<RowKey>,
    /// `None` if the row was dropped.
    kept: Option<Kept>,
}

/// A row in memory.
#[derive(Debug)]
struct Kept {
    /// `None` is a row that cannot be read.
    row: Option<Box<Row>>,
    /// The reason why the row has no request.
    failure: Option<String>,
    /// Memory of the row, about.
    bytes: usize,
}

/// A row that can be written.
#[derive(Debug)]
pub(super) enum Ready {
    /// A row in memory, with its record or the reason why it has no request.
    Kept {
        /// `None` is a row that cannot be read.
        row: Option<Box<Row>>,
        answer: Result<Place, String>,
        /// Memory of the row, about.
        bytes: usize,
    },
    /// A row that was dropped. `None` is a row without a request.
    Dropped(Option<Place>),
}

impl WaitingRows {
    /// Returns an empty list. It drops all rows unless they have all columns.
    pub(super) fn new(max_rows: usize, has_columns: bool) -> Self {
        Self { max_rows, max_bytes: if has_columns { MAX_BYTES } else { 0 }, ..Self::default() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Adds the next row, with its key, or with the reason why it has no request. Returns `false` if too many rows wait.
    pub(super) fn push(&mut self, request: Result<RowKey, String>, row: SourceColumns) -> bool {
        if self.rows.len() >= self.max_rows {
            return false;
        }
        let (key, failure) = match request {
            Ok(key) => (Some(key), None),
            Err(reason) => (None, Some(reason)),
        };
        let bytes = OVERHEAD + row.size + failure.as_ref().map_or(0, String::len);
        let kept = Kept { row: row.row, failure, bytes };
        let total = self.bytes.saturating_add(bytes);
        let kept = (total <= self.max_bytes).then(|| {
            self.bytes = total;
            kept
        });
        self.rows.push_back(Waiting { key, kept });
        true
    }

    /// Removes the first row and returns it, if it has an answer. `find` returns the record of a key, if it is not awaited.
    pub(super) fn pop_ready(&mut self, find: impl FnOnce(&RowKey) -> Option<Place>) -> Option<Ready> {
        let place = match &self.rows.front()?.key {
            Some(key) => Some(find(key)?),
            None => None,
        };
        let Some(kept) = self.rows.pop_front()?.kept else { return Some(Ready::Dropped(place)) };
        let Kept { row, failure, bytes } = kept;
        self.bytes = self.bytes.saturating_sub(bytes);
        Some(Ready::Kept { row, answer: place.ok_or_else(|| failure.unwrap_or_default()), bytes })
    }
}

impl Ready {
    /// Returns the memory of the row, about.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Kept { bytes, .. } => *bytes,
            Self::Dropped(_) => 0,
        }
    }
}
