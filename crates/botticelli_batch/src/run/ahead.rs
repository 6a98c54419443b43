//! The output in the order of the rows, written while the first pass runs.

use super::assembly::{Assembled, Assembly, Extent};
use super::blocking::{lost, yield_at};
use super::plan::SharedPlan;
use super::source::SourceColumns;
use super::waiting::{Ready, WaitingRows};
use crate::journal::{Journal, JournalReader};
use crate::prompt::RowKey;
use botticelli_error::BotticelliError;
use futures::FutureExt;
use std::task::{Context, Poll};
use tokio::task::JoinHandle;

/// Rows that another thread writes at once, at least and at most. Few at a time keep the processor free for the calls.
const CHUNK: usize = 256;
const MAX_CHUNK: usize = 4_096;
/// Memory of rows that another thread writes at once.
const CHUNK_BYTES: usize = 1 << 20;

/// The rows up to the first one without an answer, written while later rows are answered.
///
/// The last answer then leaves little to write. A failure has no consequence: the whole output is written after the first pass.
pub(super) struct AheadOutput {
    state: State,
    waiting: WaitingRows,
    /// Rows with an answer, before those that wait.
    ready: Vec<Ready>,
    /// Memory of these rows, about.
    ready_bytes: usize,
}

enum State {
    /// Nothing is written so far.
    New(SharedPlan),
    Idle(Box<Writer>),
    Writing(WriteTask),
    /// A write failed, too many rows waited, or the output is not a file. A write may still run: its result does not matter.
    Failed(Option<WriteTask>),
}

type WriteTask = JoinHandle<Result<Box<Writer>, BotticelliError>>;

struct Writer {
    assembly: Assembly,
    reader: JournalReader,
}

impl AheadOutput {
    pub(super) fn new(plan: &SharedPlan, max_waiting: usize) -> Self {
        // A device or a pipe has no temporary file, so it must not receive a part of an output.
        let state = if plan.sink.is_file() { State::New(plan.clone()) } else { State::Failed(None) };
        let waiting = WaitingRows::new(max_waiting, plan.carries_rows());
        Self { state, waiting, ready: Vec::new(), ready_bytes: 0 }
    }

    /// Adds the next row of the table, with its key, or with the reason why it has no request.
    pub(super) fn push(&mut self, request: Result<RowKey, String>, row: SourceColumns) {
        if !matches!(self.state, State::Failed(_)) && !self.waiting.push(request, row) {
            tracing::debug!("too many rows wait for an earlier one, so the output is written at the end");
            self.give_up();
        }
    }

    /// Ends the output, whose rows so far lose their place on the disk.
    pub(super) fn give_up(&mut self) {
        let task = match std::mem::replace(&mut self.state, State::Failed(None)) {
            State::Writing(task) | State::Failed(Some(task)) => Some(task),
            _ => None,
        };
        let state = State::Failed(task);
        *self = Self { state, waiting: WaitingRows::default(), ready: Vec::new(), ready_bytes: 0 };
    }

    /// Starts to write the rows whose answers have arrived, if they are many and no others are being written. While rows are being read,
    /// there must be twice as many, because two threads at once would leave no processor to a server on a small machine.
    pub(super) fn start(
        &mut self,
        journal: &Journal,
        is_reading: bool,
        is_pending: impl Fn(&RowKey) -> bool,
    ) {
        if matches!(self.state, State::Failed(_) | State::Writing(_)) {
            return;
        }
        self.collect(journal, is_pending, MAX_CHUNK);
        let enough = if is_reading { 2 * CHUNK } else { CHUNK };
        if self.ready.len() >= enough || self.ready_bytes >= CHUNK_BYTES {
            self.write(journal);
        }
    }

    /// Moves up to `most` rows to those that are ready.
    fn collect(&mut self, journal: &Journal, is_pending: impl Fn(&RowKey) -> bool, most: usize) {
        let find = |key: &RowKey| if is_pending(key) { None } else { journal.index().get(key) };
        while self.ready.len() < most
            && self.ready_bytes < CHUNK_BYTES
            && let Some(row) = self.waiting.pop_ready(find)
        {
            self.ready_bytes = self.ready_bytes.saturating_add(row.size());
            self.ready.push(row);
        }
    }

    fn write(&mut self, journal: &Journal) {
        let rows = std::mem::take(&mut self.ready);
        self.ready_bytes = 0;
        let end = journal.length();
        self.state = match std::mem::replace(&mut self.state, State::Failed(None)) {
            State::New(plan) => match JournalReader::new(journal.path(), journal.file(), end) {
                Ok(reader) => State::Writing(tokio::task::spawn_blocking(move || {
                    let mut writer = Box::new(Writer { assembly: Assembly::open(&plan)?, reader });
                    writer.write(rows, end)?;
                    Ok(writer)
                })),
                Err(_) => State::Failed(None),
            },
            State::Idle(mut writer) => State::Writing(tokio::task::spawn_blocking(move || {
                writer.write(rows, end)?;
                Ok(writer)
            })),
            state => state,
        };
    }

    /// Waits for the end of a write.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let State::Writing(task) = &mut self.state else { return Poll::Pending };
        let Poll::Ready(written) = task.poll_unpin(context) else { return Poll::Pending };
        match written.map_err(|error| lost(&error)).and_then(|written| written) {
            Ok(writer) => self.state = State::Idle(writer),
            Err(error) => {
                tracing::debug!(%error, "the output could not be written during the run");
                self.state = State::Failed(None);
                self.give_up();
            }
        }
        Poll::Ready(())
    }

    /// Writes the rest of a complete output of `rows` rows. `None` if it has to be written from its start.
    pub(super) async fn finish(mut self, journal: &Journal, rows: u64) -> Option<Assembled> {
        loop {
            std::future::poll_fn(|context| match self.state {
                State::Writing(_) => self.poll(context),
                _ => Poll::Ready(()),
            })
            .await;
            self.collect(journal, |_| false, MAX_CHUNK);
            if self.ready.is_empty() || !matches!(self.state, State::Idle(_)) {
                break;
            }
            self.write(journal);
        }
        if !self.waiting.is_empty() || !matches!(self.state, State::Idle(_)) {
            self.close().await;
            return None;
        }
        let State::Idle(writer) = self.state else { return None };
        let finished = tokio::task::spawn_blocking(move || writer.assembly.finish(Extent::Complete(rows)));
        finished.await.ok()?.ok()
    }

    /// Waits until no thread writes, and removes the temporary file. Another output may then have its name.
    pub(super) async fn close(mut self) {
        self.give_up();
        if let State::Failed(Some(task)) = self.state {
            let _ = task.await;
        }
    }
}

impl Writer {
    /// Writes rows. `end` is the length of the journal, which has all their records.
    fn write(&mut self, rows: Vec<Ready>, end: u64) -> Result<(), BotticelliError> {
        let Self { assembly, reader } = self;
        reader.set_end(end);
        for (at, row) in rows.into_iter().enumerate() {
            yield_at(at);
            let place = match row {
                Ready::Dropped(place) => place,
                Ready::Kept { row, answer: Ok(place), .. } => {
                    // The record is read again, because memory that another thread frees slows the calls down.
                    assembly.write(row.as_deref(), Ok(reader.read_at(place)?))?;
                    continue;
                }
                Ready::Kept { row, answer: Err(reason), .. } => {
                    assembly.write(row.as_deref(), Err(&reason))?;
                    continue;
                }
            };
            assembly.write_next(Extent::Whole, |key| {
                let record = place.map(|place| reader.read_at(place)).transpose()?;
                // A record of another row means that the table has changed.
                Ok(record.filter(|record| record.key == *key))
            })?;
        }
        Ok(())
    }
}
