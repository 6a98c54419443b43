//! The rows of the first pass.

use super::blocking::{lost, yield_at};
use super::plan::SharedPlan;
use super::rows::PlannedRows;
use crate::Row;
use crate::prompt::{Prepared, RowContent};
use botticelli_error::BotticelliError;
use futures::FutureExt;
use std::collections::VecDeque;
use std::task::{Context, Poll};
use tokio::task::JoinHandle;

/// Maximum number of rows of a chunk. Small ones keep the processor free for the calls, and for a server on this machine.
const ROWS: usize = 256;
/// A chunk ends after this many bytes of prompts and rows.
const BYTES: usize = 1 << 20;

/// The rows of the first pass, read and rendered on a blocking thread, one chunk ahead.
pub(crate) struct RowSource {
    chunk: VecDeque<SourceRow>,
    state: State,
    /// `true` if the rows have all columns, for the output.
    is_written: bool,
}

enum State {
    Loading(JoinHandle<Result<(PlannedRows, Chunk), BotticelliError>>),
    /// All rows are read.
    Ended,
}

/// A row of the first pass.
#[derive(Debug)]
pub(crate) enum SourceRow {
    Ready {
        prepared: Prepared,
        row: SourceColumns,
    },
    /// A row without a request, and the reason. It counts as failed.
    Failed {
        row: SourceColumns,
        reason: String,
    },
}

/// The columns of a row, for an output that is written during the first pass.
#[derive(Debug, Default)]
pub(crate) struct SourceColumns {
    /// `None` if the output is not written meanwhile, or if the row cannot be read.
    pub(crate) row: Option<Box<Row>>,
    /// Size of the row in bytes. Looking at the row itself is slow, because another thread made it.
    pub(crate) size: usize,
}

#[derive(Default)]
struct Chunk {
    rows: VecDeque<SourceRow>,
    is_last: bool,
}

impl RowSource {
    /// Starts to read.
    pub(crate) fn open(plan: SharedPlan) -> Self {
        let is_written = plan.carries_rows();
        let handle = tokio::task::spawn_blocking(move || {
            let rows = if is_written { PlannedRows::whole(plan)? } else { PlannedRows::projected(plan)? };
            load(rows, is_written)
        });
        Self { chunk: VecDeque::new(), state: State::Loading(handle), is_written }
    }

    /// Returns the next row that is read.
    pub(crate) fn pop(&mut self) -> Option<SourceRow> {
        self.chunk.pop_front()
    }

    /// Returns whether all rows are read and taken.
    pub(crate) fn is_ended(&self) -> bool {
        self.chunk.is_empty() && matches!(self.state, State::Ended)
    }

    /// Returns whether the thread reads rows.
    pub(crate) fn is_loading(&self) -> bool {
        matches!(&self.state, State::Loading(handle) if !handle.is_finished())
    }

    /// Waits for the next chunk. Ready at once if the present one has rows, or if all are taken.
    pub(crate) fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BotticelliError>> {
        if !self.chunk.is_empty() {
            return Poll::Ready(Ok(()));
        }
        let State::Loading(handle) = &mut self.state else { return Poll::Ready(Ok(())) };
        let Poll::Ready(loaded) = handle.poll_unpin(context) else { return Poll::Pending };
        let (rows, mut chunk) = match loaded {
            Ok(Ok(loaded)) => loaded,
            Ok(Err(error)) => {
                self.state = State::Ended;
                return Poll::Ready(Err(error));
            }
            Err(error) => {
                self.state = State::Ended;
                return Poll::Ready(Err(lost(&error)));
            }
        };
        // Copied at once, because single rows of another processor's memory are slow to read.
        self.chunk.append(&mut chunk.rows);
        self.state = if chunk.is_last {
            State::Ended
        } else {
            let is_written = self.is_written;
            State::Loading(tokio::task::spawn_blocking(move || load(rows, is_written)))
        };
        Poll::Ready(Ok(()))
    }
}

fn load(mut rows: PlannedRows, is_written: bool) -> Result<(PlannedRows, Chunk), BotticelliError> {
    let (mut chunk, mut bytes) = (Chunk::default(), 0_usize);
    while chunk.rows.len() < ROWS && bytes < BYTES {
        yield_at(chunk.rows.len());
        let Some(planned) = rows.next().transpose()? else {
            chunk.is_last = true;
            break;
        };
        let row = planned.row.filter(|_| is_written).map(|mut row| {
            row.forget_columns();
            Box::new(row)
        });
        let size = row.as_ref().map_or(0, |row| row.size());
        let row = SourceColumns { row, size };
        bytes = bytes.saturating_add(size);
        chunk.rows.push_back(match planned.rendered {
            Ok(prepared) => {
                bytes = bytes.saturating_add(prepared.content.size());
                SourceRow::Ready { prepared, row }
            }
            Err(failure) => SourceRow::Failed { row, reason: failure.reason },
        });
    }
    RowContent::share(chunk.rows.iter_mut().filter_map(|row| match row {
        SourceRow::Ready { prepared, .. } => Some(&mut prepared.content),
        SourceRow::Failed { .. } => None,
    }));
    Ok((rows, chunk))
}
