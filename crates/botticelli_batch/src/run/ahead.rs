//! The output in the order of the rows, written while the first pass runs.

use super::assembly::{Assembled, Assembly, Extent};
use super::blocking::lost;
use super::plan::SharedPlan;
use crate::journal::{Journal, JournalReader, Place};
use crate::prompt::RowKey;
use botticelli_error::BotticelliError;
use futures::FutureExt;
use std::collections::VecDeque;
use std::task::{Context, Poll};
use tokio::task::JoinHandle;

/// Rows that another thread writes at once, at least and at most.
const CHUNK: usize = 256;
const MAX_CHUNK: usize = 4_096;

/// Rows that may wait for the answer to an earlier row, or for the disk.
const MAX_WAITING: usize = 1 << 18;

/// The rows up to the first one without an answer, written while later rows are answered.
///
/// The last answer then leaves little to write. A failure has no consequence: the whole output is written after the first pass.
pub(super) struct AheadOutput {
    state: State,
    /// Rows in order, by their key. `None` is a row without a request.
    waiting: VecDeque<Option<RowKey>>,
    /// Rows with an answer, before those that wait.
    ready: Vec<Option<Place>>,
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
    pub(super) fn new(plan: &SharedPlan) -> Self {
        // A device or a pipe has no temporary file, so it must not receive a part of an output.
        let state = if plan.sink.is_file() { State::New(plan.clone()) } else { State::Failed(None) };
        Self { state, waiting: VecDeque::new(), ready: Vec::new() }
    }

    /// Adds the next row of the table. `None` is a row without a request.
    pub(super) fn push(&mut self, key: Option<RowKey>) {
        if matches!(self.state, State::Failed(_)) {
            return;
        }
        if self.waiting.len() < MAX_WAITING {
            self.waiting.push_back(key);
        } else {
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
        *self = Self { state: State::Failed(task), waiting: VecDeque::new(), ready: Vec::new() };
    }

    /// Starts to write the rows whose answers have arrived, if they are many and no others are being written.
    pub(super) fn start(&mut self, journal: &Journal, is_pending: impl Fn(&RowKey) -> bool) {
        if matches!(self.state, State::Failed(_) | State::Writing(_)) {
            return;
        }
        self.collect(journal, is_pending, MAX_CHUNK);
        if self.ready.len() >= CHUNK {
            self.write(journal);
        }
    }

    /// Moves up to `most` rows to those that are ready.
    fn collect(&mut self, journal: &Journal, is_pending: impl Fn(&RowKey) -> bool, most: usize) {
        while self.ready.len() < most
            && let Some(first) = self.waiting.front()
        {
            let place = match first {
                Some(key) if is_pending(key) => return,
                Some(key) => match journal.index().get(key) {
                    Some(place) => Some(place),
                    None => return,
                },
                None => None,
            };
            self.ready.push(place);
            self.waiting.pop_front();
        }
    }

    fn write(&mut self, journal: &Journal) {
        let places = std::mem::take(&mut self.ready);
        self.state = match std::mem::replace(&mut self.state, State::Failed(None)) {
            State::New(plan) => match JournalReader::new(journal.path(), journal.file()) {
                Ok(reader) => State::Writing(tokio::task::spawn_blocking(move || {
                    let mut writer = Box::new(Writer { assembly: Assembly::open(&plan)?, reader });
                    writer.write(places)?;
                    Ok(writer)
                })),
                Err(_) => State::Failed(None),
            },
            State::Idle(mut writer) => State::Writing(tokio::task::spawn_blocking(move || {
                writer.write(places)?;
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
        std::future::poll_fn(|context| match self.state {
            State::Writing(_) => self.poll(context),
            _ => Poll::Ready(()),
        })
        .await;
        self.collect(journal, |_| false, usize::MAX);
        if !self.waiting.is_empty() || !matches!(self.state, State::Idle(_)) {
            self.close().await;
            return None;
        }
        let State::Idle(mut writer) = self.state else { return None };
        let places = self.ready;
        let finished = tokio::task::spawn_blocking(move || {
            writer.write(places)?;
            writer.assembly.finish(Extent::Complete(rows))
        });
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
    fn write(&mut self, places: Vec<Option<Place>>) -> Result<(), BotticelliError> {
        let Self { assembly, reader } = self;
        for place in places {
            assembly.write_next(Extent::Whole, |key| {
                let record = place.map(|place| reader.read_at(place)).transpose()?;
                // A record of another row means that the table has changed.
                Ok(record.filter(|record| RowKey::parse(&record.key).as_ref() == Some(key)))
            })?;
        }
        Ok(())
    }
}
