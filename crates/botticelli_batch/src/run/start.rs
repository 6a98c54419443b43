//! A run from its start to its report.

use super::ahead::AheadOutput;
use super::answering::{Answering, Room, Syncing};
use super::assembly::{Assembled, Counts, Extent, assemble};
use super::blocking::blocking;
use super::check::check_columns;
use super::health::Health;
use super::live::LiveOutput;
use super::plan::{RunPlan, SharedPlan};
use super::queue::RetryQueue;
use super::queue_watch::QueueWatch;
use super::rows::PlannedRows;
use super::source::RowSource;
use super::tally::{Observed, Tally};
use super::timer::after;
use crate::concurrency::Window;
use crate::journal::{self, Journal, JournalMode, Records, Totals};
use crate::report::StopReason;
use crate::{Batch, BatchReport, OutputOrder, Sink, Table};
use botticelli_error::{BotticelliError, BotticelliErrorKind, BuilderError, DataErrorKind};
use futures::stream::FuturesUnordered;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

impl Batch {
    /// Runs until every row has an answer or a failure, and writes the output.
    ///
    /// A run that stops early returns a report with the [reason](BatchReport::stop). Its answers are in the journal, and in a
    /// partial output.
    ///
    /// # Errors
    ///
    /// - A [`BuilderError`] if the settings have no prompt.
    /// - A [`DataError`](botticelli_error::DataError) if the table, the output or the journal cannot be used: an unknown column, a column
    ///   that exists, an empty table, another process, another run, a full disk.
    pub async fn run(&self, table: Table, sink: Sink) -> Result<BatchReport, BotticelliError> {
        let start = self.clock.now();
        let plan = self.plan(table, sink)?;
        let (journal, live) = {
            let (plan, retries_failed) = (plan.clone(), self.retries_failed);
            let mode = if self.is_restart { JournalMode::Restart } else { JournalMode::Continue };
            blocking(move || {
                check_columns(&plan)?;
                let journal = journal::open(&plan.sink, &plan.fingerprint, mode)?;
                let live = match plan.order {
                    OutputOrder::Input => None,
                    OutputOrder::Completion => Some(LiveOutput::open(&plan, &journal, retries_failed)?),
                };
                Ok((journal, live))
            })
            .await?
        };
        let has_answers = journal.index().answers() > 0;
        let total = Arc::new(AtomicU64::new(0));
        if self.observer.is_some() {
            count_rows(plan.clone(), total.clone());
        }
        let mut answering = Answering {
            driver: self.driver.clone(),
            clock: self.clock.clone(),
            random: self.random.clone(),
            tally: Tally::new(&journal, self.retries_failed),
            journal,
            source: RowSource::open(plan.clone()),
            window: Window::new(self.concurrency),
            attempts: self.attempts.get(),
            health: Health::new(self.max_pause, has_answers),
            stop: self.stop.clone(),
            observed: Observed {
                observer: self.observer.clone(),
                interval: self.interval,
                start,
                next: after(start, self.interval),
                total,
            },
            retries_failed: self.retries_failed,
            calls: FuturesUnordered::new(),
            ended: Vec::new(),
            suspects: Vec::new(),
            pending: HashMap::default(),
            live,
            ahead: (plan.order == OutputOrder::Input).then(|| AheadOutput::new(&plan, self.max_waiting)),
            kept: 0,
            retries: RetryQueue::default(),
            room: Room::default(),
            end: None,
            fatal: None,
            sync: Syncing::default(),
            queue: QueueWatch::new(self.gauge.clone(), start),
            plan: plan.clone(),
        };
        let journal_path = answering.journal.path().to_owned();
        let kept = |error| with_place_of_answers(error, &journal_path);
        let ran = answering.run().await;
        if ran.is_ok() {
            answering.observed.report_now(self.clock.now(), &answering.tally, &answering.window, None);
        }
        // Both wait for the disk.
        let written = answering.end_output(ran.is_ok()).await;
        let synced = answering.settle().await;
        ran.and(synced).map_err(kept)?;
        let is_aborted = matches!(answering.end, Some(StopReason::Aborted));
        if answering.live.is_some() && answering.end.is_some() && !is_aborted {
            answering.read_rest().await.map_err(kept)?;
        }
        let Answering { tally, journal, end, live, .. } = answering;
        let (output, counts) = match written {
            Some(Assembled { path, counts }) => (Some(path), counts),
            None => write_output(plan, journal, live, &tally, end.as_ref()).await.map_err(kept)?,
        };
        let known = tally.now.plus(tally.earlier);
        let report = BatchReport {
            rows: counts.rows,
            answered: counts.answered,
            failed: counts.failed,
            invalid: tally.invalid,
            cut: tally.cut,
            unanswered: counts.unanswered,
            cached: tally.cached,
            requests: tally.now.records,
            prompt_tokens: tally.now.prompt_tokens,
            completion_tokens: tally.now.completion_tokens,
            nano_dollars: tally.now.nano_dollars,
            unknown_costs: tally.now.unknown_costs,
            total_nano_dollars: known.nano_dollars,
            remaining_nano_dollars: remaining_cost(known, counts.unanswered),
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
        if let Some(same) = table.files().iter().find(|file| sink.writes(file)) {
            let reason = "a file of the output is an input of the run";
            let remedy = "use an output in another folder, or name the input files";
            let value = same.display().to_string();
            return Err(BuilderError::refused("Batch", "output", value, reason, remedy).into());
        }
        let sink = match self.shard {
            Some(shard) => sink.at(&shard.path_of(sink.path())),
            None => sink,
        };
        let mut plan = RunPlan::new(table, sink, prompt, output_plan, &*self.driver);
        plan.shard = self.shard;
        plan.limit = self.limit;
        plan.order = self.order;
        Ok(Arc::new(plan))
    }
}

/// Writes the output in the order of the input, or ends that in the order of completion. Returns its path and the counts.
async fn write_output(
    plan: SharedPlan,
    journal: Journal,
    live: Option<LiveOutput>,
    tally: &Tally,
    end: Option<&StopReason>,
) -> Result<(Option<PathBuf>, Counts), BotticelliError> {
    let extent = match end {
        None => Extent::Complete(tally.rows),
        Some(StopReason::Aborted) => return Ok((None, counts_of(tally))),
        Some(_) => Extent::Partial,
    };
    if let Some(live) = live {
        let counts = counts_of(tally);
        let path = live.finish(counts.answered + counts.failed, end.is_none()).await?;
        return Ok((Some(path), counts));
    }
    let Assembled { path, counts } = blocking(move || {
        let mut records = Records::open(&[(journal.index(), journal.path(), journal.file())])?;
        assemble(&plan, &mut records, extent)
    })
    .await?;
    Ok((Some(path), counts))
}

/// Returns the error of an output that cannot have the answers, which are paid for, with the way to another output.
fn with_place_of_answers(error: BotticelliError, journal: &Path) -> BotticelliError {
    let is_unsupported = match error.kind() {
        BotticelliErrorKind::Data(data) => {
            matches!(data.kind(), DataErrorKind::Unsupported { .. })
                && data.place() != journal.to_string_lossy()
        }
        _ => false,
    };
    if !is_unsupported {
        return error;
    }
    let journal = journal.display();
    error.with_note(format!(
        "The answers are in {journal}: a run with another output uses them if you rename this file to the name of that output and `.journal`."
    ))
}

/// Returns the cost of the unanswered rows at the average of the answers. `None` without such rows, or without a known cost.
fn remaining_cost(known: Totals, unanswered: u64) -> Option<u64> {
    let answers = known.records.checked_sub(known.unknown_costs).filter(|answers| *answers > 0)?;
    let has_rest = unanswered > 0 && known.nano_dollars > 0;
    has_rest.then(|| (known.nano_dollars / answers).saturating_mul(unanswered))
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
