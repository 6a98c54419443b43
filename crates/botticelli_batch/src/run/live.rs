//! The output in the order of completion.

use super::assembly::changed;
use super::blocking::{blocking, lost};
use super::plan::SharedPlan;
use super::rows::PlannedRows;
use crate::Row;
use crate::journal::{Journal, JournalReader, Place, Record};
use crate::sink::WriteRows;
use botticelli_error::BotticelliError;
use futures::FutureExt;
use std::path::PathBuf;
use std::task::{Context, Poll};
use tokio::task::JoinHandle;

/// Rows that may wait for the disk before no more calls start.
const MAX_WAITING: usize = 4_096;

/// Rows with their answer.
pub(super) struct LiveRows {
    /// Equal rows. `None` is a row that cannot be read.
    pub(super) rows: Vec<Option<Box<Row>>>,
    pub(super) answer: LiveAnswer,
}

pub(super) enum LiveAnswer {
    /// A record that the journal has.
    Found(Place),
    /// The record that the journal just got.
    New(Box<Record>),
    /// The reason why the rows have no request.
    Failed(String),
}

/// The output of a run that writes rows as their answers arrive. Another thread writes them, all that have arrived at once.
pub(super) struct LiveOutput {
    /// `None` while the thread has it.
    writer: Option<Box<Writer>>,
    task: Option<JoinHandle<Result<Box<Writer>, BotticelliError>>>,
    waiting: Vec<LiveRows>,
    waiting_rows: usize,
    /// Length of the journal at the start. The output got these records first.
    start: u64,
    retries_failed: bool,
}

struct Writer {
    plan: SharedPlan,
    /// Its file keeps the lock of the journal until the last row is written.
    reader: JournalReader,
    out: Box<dyn WriteRows>,
    path: PathBuf,
    rows: u64,
}

impl LiveOutput {
    /// Creates the output, with the rows that the journal answers. It replaces the output of an earlier run at once, so that a reader
    /// never finds fewer rows than before. Blocks on files.
    pub(super) fn open(
        plan: &SharedPlan,
        journal: &Journal,
        retries_failed: bool,
    ) -> Result<Self, BotticelliError> {
        let path = plan.sink.partial_path();
        let mut writer = Box::new(Writer {
            plan: plan.clone(),
            reader: JournalReader::new(journal.path(), journal.file(), journal.length())?,
            out: plan.sink.at(&path).writer(&plan.table, &plan.output.columns())?,
            path,
            rows: 0,
        });
        let (start, waiting) = (journal.length(), Vec::new());
        let mut live = Self { writer: None, task: None, waiting, waiting_rows: 0, start, retries_failed };
        if !journal.index().is_empty() {
            let mut rows = PlannedRows::whole(plan.clone())?;
            while let Some(planned) = rows.next().transpose()? {
                let Ok(prepared) = &planned.rendered else { continue };
                let Some(place) = journal.index().get(&prepared.key) else { continue };
                if live.has(place) {
                    writer.write(LiveRows {
                        rows: vec![planned.row.map(Box::new)],
                        answer: LiveAnswer::Found(place),
                    })?;
                }
            }
        }
        writer.out.publish()?;
        live.writer = Some(writer);
        Ok(live)
    }

    /// Returns whether the output got the record at the start.
    pub(super) fn has(&self, place: Place) -> bool {
        place.offset < self.start && !(place.is_failed && self.retries_failed)
    }

    /// Adds rows with their answer.
    pub(super) fn push(&mut self, rows: Vec<Option<Box<Row>>>, answer: LiveAnswer) {
        self.waiting_rows += rows.len();
        self.waiting.push(LiveRows { rows, answer });
    }

    /// Returns whether too many rows wait for the disk.
    pub(super) fn is_behind(&self) -> bool {
        self.waiting_rows > MAX_WAITING
    }

    /// Starts to write the rows that wait, unless others are being written.
    pub(super) fn start(&mut self) {
        if !self.waiting.is_empty()
            && let Some(mut writer) = self.writer.take()
        {
            let waiting = std::mem::take(&mut self.waiting);
            self.waiting_rows = 0;
            self.task = Some(tokio::task::spawn_blocking(move || {
                waiting.into_iter().try_for_each(|rows| writer.write(rows))?;
                writer.out.publish()?;
                Ok(writer)
            }));
        }
    }

    /// Waits for the end of a write, and starts the next one.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BotticelliError>> {
        let Some(task) = &mut self.task else { return Poll::Pending };
        let Poll::Ready(written) = task.poll_unpin(context) else { return Poll::Pending };
        self.task = None;
        self.writer = Some(written.map_err(|error| lost(&error))??);
        self.start();
        Poll::Ready(Ok(()))
    }

    /// Waits until all rows so far are written.
    pub(super) async fn settle(&mut self) -> Result<(), BotticelliError> {
        self.start();
        while self.task.is_some() {
            std::future::poll_fn(|context| self.poll(context)).await?;
        }
        Ok(())
    }

    /// Ends the output, and returns its path. A complete output gets its final name.
    ///
    /// # Errors
    ///
    /// The error of a write, or an input that has changed, if the output has not this number of rows.
    pub(super) async fn finish(mut self, rows: u64, is_complete: bool) -> Result<PathBuf, BotticelliError> {
        self.settle().await?;
        let Some(mut writer) = self.writer.take() else { return Ok(PathBuf::new()) };
        blocking(move || {
            if writer.rows != rows {
                return Err(changed(&writer.plan));
            }
            writer.out.finish()?;
            if !is_complete {
                return Ok(writer.path);
            }
            writer.plan.sink.replace_with(&writer.path)?;
            Ok(writer.plan.sink.path().to_owned())
        })
        .await
    }
}

impl Writer {
    fn write(&mut self, LiveRows { rows, answer }: LiveRows) -> Result<(), BotticelliError> {
        let values = match answer {
            LiveAnswer::Found(place) => self.plan.output.values(self.reader.read_at(place)?),
            LiveAnswer::New(record) => self.plan.output.values(*record),
            LiveAnswer::Failed(reason) => self.plan.output.failed(&reason),
        };
        for row in rows {
            self.out.write(row.as_deref(), &values)?;
            self.rows += 1;
        }
        Ok(())
    }
}
