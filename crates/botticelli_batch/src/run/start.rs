//! A run from its start to its report.

use super::answering::{Answering, Room, Syncing};
use super::assembly::{Assembled, Counts, Extent, assemble};
use super::check::check_columns;
use super::health::Health;
use super::plan::{RunPlan, SharedPlan};
use super::queue::RetryQueue;
use super::queue_watch::QueueWatch;
use super::rows::PlannedRows;
use super::source::{RowSource, lost};
use super::tally::{Observed, Tally};
use crate::concurrency::Window;
use crate::journal::{self, JournalMode, Records};
use crate::report::StopReason;
use crate::{Batch, BatchReport, Sink, Table};
use botticelli_error::{BotticelliError, BuilderError};
use futures::stream::FuturesUnordered;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

impl Batch {
    /// Runs until every row has an answer or a failure, and writes the output.
    ///
    /// A run that stops early returns a report with the [reason](BatchReport::stop). Its answers are in the journal, and in a partial output.
    ///
    /// # Errors
    ///
    /// - A [`BuilderError`] if the settings have no prompt.
    /// - A [`DataError`](botticelli_error::DataError) if the table, the output or the journal cannot be used: an unknown column, a column
    ///   that exists, an empty table, another process, another run, a full disk.
    pub async fn run(&self, table: Table, sink: Sink) -> Result<BatchReport, BotticelliError> {
        let start = self.clock.now();
        let plan = self.plan(table, sink)?;
        let journal = {
            let (plan, is_restart) = (plan.clone(), self.is_restart);
            let mode = if is_restart { JournalMode::Restart } else { JournalMode::Continue };
            blocking(move || {
                check_columns(&plan)?;
                journal::open(plan.sink.path(), &plan.fingerprint, mode)
            })
            .await?
        };
        let total = Arc::new(AtomicU64::new(0));
        if self.observer.is_some() {
            count_rows(plan.clone(), total.clone());
        }
        let mut answering = Answering {
            driver: self.driver.clone(),
            clock: self.clock.clone(),
            random: self.random.clone(),
            tally: Tally::new(journal.earlier(), self.retries_failed),
            journal,
            source: RowSource::open(plan.clone()),
            window: Window::new(self.concurrency),
            health: Health::new(self.max_pause),
            stop: self.stop.clone(),
            observed: Observed {
                observer: self.observer.clone(),
                interval: self.interval,
                start,
                next: start + self.interval,
                total,
            },
            retries_failed: self.retries_failed,
            calls: FuturesUnordered::new(),
            pending: HashMap::new(),
            retries: RetryQueue::default(),
            room: Room::default(),
            end: None,
            fatal: None,
            sync: Syncing::default(),
            queue: QueueWatch::new(self.gauge.clone(), start),
            plan: plan.clone(),
        };
        answering.run().await?;
        answering.observed.report_now(self.clock.now(), &answering.tally, &answering.window, false);
        let Answering { tally, journal, end, .. } = answering;
        let journal_path = journal.path().to_owned();
        let extent = match &end {
            None => Some(Extent::Complete(tally.rows)),
            Some(StopReason::Aborted) => None,
            Some(_) => Some(Extent::Partial),
        };
        let (output, counts) = match extent {
            None => (None, counts_of(&tally)),
            Some(extent) => {
                let Assembled { path, counts } = blocking(move || {
                    let mut records = Records::open(&[(journal.index(), journal.path(), journal.file())])?;
                    assemble(&plan, &mut records, extent)
                })
                .await?;
                (Some(path), counts)
            }
        };
        let known = tally.now.plus(tally.earlier);
        let remaining =
            (counts.unanswered > 0 && known.records > known.unknown_costs && known.nano_dollars > 0)
                .then(|| known.nano_dollars / (known.records - known.unknown_costs).max(1))
                .map(|each| each.saturating_mul(counts.unanswered));
        let report = BatchReport {
            rows: counts.rows,
            answered: counts.answered,
            failed: counts.failed,
            unanswered: counts.unanswered,
            cached: tally.cached,
            requests: tally.now.records,
            prompt_tokens: tally.now.prompt_tokens,
            completion_tokens: tally.now.completion_tokens,
            nano_dollars: tally.now.nano_dollars,
            unknown_costs: tally.now.unknown_costs,
            total_nano_dollars: known.nano_dollars,
            remaining_nano_dollars: remaining,
            stop: end,
            output,
            journal: journal_path,
            elapsed: self.clock.now().saturating_duration_since(start),
        };
        tracing::info!(%report, "batch run ended");
        Ok(report)
    }

    /// Returns the plan of a run.
    pub(crate) fn plan(&self, table: Table, sink: Sink) -> Result<SharedPlan, BotticelliError> {
        let (prompt, output_plan) = self.plans_for(&table)?;
        let output = sink.path().canonicalize().ok();
        if let Some(same) =
            table.files().iter().find(|file| output.is_some() && file.canonicalize().ok() == output)
        {
            let reason = "the output is an input of the run";
            let value = same.display().to_string();
            return Err(BuilderError::refused("Batch", "output", value, reason, "use another output").into());
        }
        let sink = match self.shard {
            Some(shard) => sink.at(&shard.path_of(sink.path())),
            None => sink,
        };
        let mut plan = RunPlan::new(table, sink, prompt, output_plan, &*self.driver);
        plan.shard = self.shard;
        plan.limit = self.limit;
        Ok(Arc::new(plan))
    }
}

/// Returns the counts of a run without a second pass.
fn counts_of(tally: &Tally) -> Counts {
    let done = tally.answered + tally.failed;
    Counts {
        rows: tally.rows,
        answered: tally.answered,
        failed: tally.failed,
        unanswered: tally.rows.saturating_sub(done),
    }
}

/// Counts the rows on another thread.
fn count_rows(plan: SharedPlan, total: Arc<AtomicU64>) {
    tokio::task::spawn_blocking(move || {
        if plan.shard.is_none()
            && let Ok(Some(count)) = plan.table.row_count()
        {
            let count = plan.limit.map_or(count, |limit| limit.min(count));
            total.store(count.saturating_add(1), Ordering::Relaxed);
            return;
        }
        let Ok(mut rows) = PlannedRows::projected(plan) else { return };
        let mut count = 1_u64;
        while let Some(Ok(_)) = rows.next() {
            count += 1;
            if Arc::strong_count(&total) == 1 {
                // The run is over.
                return;
            }
        }
        total.store(count, Ordering::Relaxed);
    });
}

/// Runs a function that blocks on files.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BotticelliError> + Send + 'static,
) -> Result<T, BotticelliError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| lost(&error))?
}
