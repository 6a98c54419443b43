//! The first pass.

use super::ahead::AheadOutput;
use super::assembly::Assembled;
use super::blocking::lost;
use super::call::{Finished, call};
use super::health::Health;
use super::live::{LiveAnswer, LiveOutput};
use super::plan::SharedPlan;
use super::queue::{QueuedRow, RetryQueue};
use super::queue_watch::QueueWatch;
use super::source::{RowSource, SourceRow};
use super::tally::{Observed, Tally};
use super::timer::Timer;
use crate::Row;
use crate::concurrency::Window;
use crate::journal::{Journal, KeyHashes};
use crate::prompt::RowKey;
use crate::report::StopReason;
use crate::stop::{StopHandle, StopLevel};
use botticelli_error::BotticelliError;
use botticelli_interface::{BotticelliDriver, Clock, RandomSource};
use futures::future::{BoxFuture, Fuse, FusedFuture};
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use std::collections::HashMap;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// Interval at which the disk gets the records.
pub(super) const SYNC: Duration = Duration::from_secs(1);
/// Size of the records that the disk gets earlier, so that the end of a fast run has little to wait for.
pub(super) const SYNC_BYTES: u64 = 8 << 20;
/// Calls that end one after the other and are recorded together, at most.
const GATHERED: usize = 12;
/// Rows that may wait for the answers to equal rows before no more rows start.
const MAX_KEPT: usize = 4_096;

/// The first pass: calls the driver for all rows without a record, and appends the records.
pub(super) struct Answering {
    pub(super) driver: Arc<dyn BotticelliDriver>,
    pub(super) plan: SharedPlan,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn RandomSource>,
    pub(super) journal: Journal,
    pub(super) source: RowSource,
    pub(super) window: Window,
    pub(super) health: Health,
    /// Number of attempts of a row after errors of the service.
    pub(super) attempts: u32,
    pub(super) stop: StopHandle,
    pub(super) observed: Observed,
    pub(super) retries_failed: bool,
    pub(super) tally: Tally,
    pub(super) calls: FuturesUnordered<BoxFuture<'static, Finished>>,
    /// Calls that ended, which have no record yet.
    pub(super) ended: Vec<Finished>,
    /// Rows that fail if another one succeeds, with their errors.
    pub(super) suspects: Vec<(QueuedRow, BotticelliError)>,
    /// Rows with a request that is queued or in flight, by its key.
    pub(super) pending: HashMap<RowKey, Pending, KeyHashes>,
    /// The output, if it has the order of completion.
    pub(super) live: Option<LiveOutput>,
    /// The output, if it has the order of the rows.
    pub(super) ahead: Option<AheadOutput>,
    /// Number of rows that wait for the answer to an equal row, and that the live output needs.
    pub(super) kept: usize,
    pub(super) retries: RetryQueue,
    pub(super) room: Room,
    pub(super) end: Option<StopReason>,
    /// The error that ends the run once the calls in flight are recorded: an unreadable table, a journal that cannot be written.
    pub(super) fatal: Option<BotticelliError>,
    pub(super) sync: Syncing,
    pub(super) queue: QueueWatch,
}

/// The rows of a request.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// Number of equal rows.
    pub(super) rows: u64,
    /// These rows, if the live output needs them.
    pub(super) kept: Vec<Option<Box<Row>>>,
}

impl Pending {
    fn add(&mut self, row: Option<Box<Row>>) {
        self.rows += 1;
        if row.is_some() {
            self.kept.push(row);
        }
    }
}

/// The room in the budget, which keeps the upper bounds of the calls in flight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Room {
    #[default]
    Unknown,
    /// The budget refused a call. It may have room when others end.
    Full,
    /// One call is in flight. If the budget refuses it, the budget is used up.
    LastTry,
}

/// The state of the journal on the disk.
#[derive(Default)]
pub(super) struct Syncing {
    pub(super) since: Option<Instant>,
    pub(super) task: Option<JoinHandle<Result<(), BotticelliError>>>,
}

/// Records the calls that ended, if the run is dropped. They are paid for.
struct Recording<'a>(&'a mut Answering);

impl Drop for Recording<'_> {
    fn drop(&mut self) {
        let now = self.0.clock.now();
        self.0.take_ended(now);
    }
}

impl Answering {
    /// Runs until all rows have a record, or until the run stops early. [`settle`](Self::settle) waits for the disk.
    ///
    /// # Errors
    ///
    /// An unreadable table, or a journal that cannot be written. The calls in flight end first, because they are paid for.
    pub(super) async fn run(&mut self) -> Result<(), BotticelliError> {
        Recording(self).0.answer().await
    }

    async fn answer(&mut self) -> Result<(), BotticelliError> {
        let mut timer = Timer::new(self.clock.clone());
        let mut stopped = self.stop.above(StopLevel::Run).fuse();
        loop {
            self.take_stop();
            if self.stop.level() == StopLevel::Abort {
                break;
            }
            self.start_calls();
            if let Some(live) = &mut self.live {
                live.start();
            }
            if let Some(ahead) = &mut self.ahead {
                ahead.start(&self.journal, self.source.is_loading(), |key| self.pending.contains_key(key));
            }
            let is_ended = self.source.is_ended() && self.retries.is_empty();
            // Rows that are equal to a failed one wait for its outcome, and take the place of others.
            let is_stuck = self.retries.is_empty() && (is_ended || self.kept > MAX_KEPT);
            if self.calls.is_empty() && is_stuck && self.end.is_none() && !self.suspects.is_empty() {
                self.settle_suspects();
                continue;
            }
            if self.calls.is_empty() && (is_ended || self.end.is_some()) {
                break;
            }
            self.queue.start_if_due(self.clock.now());
            timer.set(self.next_time());
            std::future::poll_fn(|context| self.poll(context, &mut timer, &mut stopped)).await;
            if stopped.is_terminated() {
                stopped = self.stop.above(self.stop.level()).fuse();
            }
            self.record();
            let now = self.clock.now();
            self.observed.report(now, &self.tally, &self.window, self.health.pause_cause());
        }
        if let Some(live) = &mut self.live
            && let Err(error) = live.settle().await
        {
            self.fail_run(error);
        }
        self.settle().await?;
        self.journal.end();
        self.sync.task = Some(tokio::task::spawn_blocking(self.journal.sync()));
        self.fatal.take().map_or(Ok(()), Err)
    }

    /// Waits until the disk has all records.
    pub(super) async fn settle(&mut self) -> Result<(), BotticelliError> {
        match self.sync.task.take() {
            Some(task) => task.await.map_err(|error| lost(&error))?,
            None => Ok(()),
        }
    }

    /// Completes the output that was written meanwhile, or removes it if the run has stopped early. `None` if it is not complete.
    pub(super) async fn end_output(&mut self, is_whole: bool) -> Option<Assembled> {
        let ahead = self.ahead.take()?;
        if is_whole && self.end.is_none() {
            return ahead.finish(&self.journal, self.tally.rows).await;
        }
        ahead.close().await;
        None
    }

    /// Starts no more calls, and returns the first error after the calls in flight.
    pub(super) fn fail_run(&mut self, error: BotticelliError) {
        self.end.get_or_insert(StopReason::Requested);
        self.fatal.get_or_insert(error);
    }

    fn take_stop(&mut self) {
        match self.stop.level() {
            StopLevel::Run => {}
            StopLevel::Drain => {
                self.end.get_or_insert(StopReason::Requested);
            }
            StopLevel::Abort => self.end = Some(StopReason::Aborted),
        }
    }

    /// Waits for the next event, and takes all calls that have ended.
    fn poll(
        &mut self,
        context: &mut Context<'_>,
        timer: &mut Timer,
        stopped: &mut Fuse<BoxFuture<'static, ()>>,
    ) -> Poll<()> {
        let before = self.ended.len();
        while let Poll::Ready(Some(call)) = self.calls.poll_next_unpin(context) {
            self.ended.push(call);
        }
        let ended = self.ended.len();
        // While calls end faster than they are recorded, the journal gets several at once. Meanwhile, no calls take their place.
        let may_wait = ended > before && ended < (self.window.limit().saturating_mul(3) / 4).min(GATHERED);
        if may_wait {
            let _ = std::pin::pin!(tokio::task::yield_now()).poll(context);
        }
        let mut is_ready = ended > 0 && !may_wait;
        if let Some(task) = &mut self.sync.task
            && let Poll::Ready(synced) = task.poll_unpin(context)
        {
            self.sync.task = None;
            if let Err(error) = synced.map_err(|error| lost(&error)).and_then(|synced| synced) {
                self.fail_run(error);
                is_ready = true;
            }
        }
        if let Some(live) = &mut self.live
            && let Poll::Ready(written) = live.poll(context)
        {
            if let Err(error) = written {
                self.fail_run(error);
            }
            is_ready = true;
        }
        if let Some(ahead) = &mut self.ahead {
            is_ready |= ahead.poll(context).is_ready();
        }
        if self.takes_rows()
            && self.window.has_room()
            && !self.source.is_ended()
            && let Poll::Ready(chunk) = self.source.poll_chunk(context)
        {
            if let Err(error) = chunk {
                self.fail_run(error);
            }
            is_ready = true;
        }
        if let Poll::Ready(waiting) = self.queue.poll(context) {
            self.window.observe_queue(waiting);
            is_ready = true;
        }
        is_ready |= timer.poll(context).is_ready();
        is_ready |= stopped.poll_unpin(context).is_ready();
        if is_ready { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Returns whether new rows may start: nothing ended the run, the service works, the queue is short, and few rows wait.
    fn takes_rows(&self) -> bool {
        self.end.is_none()
            && self.room == Room::Unknown
            && self.health.next_probe().is_none()
            && self.retries.len() <= self.window.limit().saturating_mul(4)
            && self.kept <= MAX_KEPT
            && self.live.as_ref().is_none_or(|live| !live.is_behind())
            // Before the first answer, a failure may concern every row: one row at a time finds out.
            && (self.suspects.is_empty() || self.health.has_answers() || self.calls.is_empty())
    }

    fn start_calls(&mut self) {
        let now = self.clock.now();
        if self.end.is_some() {
            return;
        }
        if self.room != Room::Unknown {
            if self.calls.is_empty() {
                self.room = Room::LastTry;
                if let Some(row) = self.retries.pop() {
                    self.start(row, now);
                }
            }
            return;
        }
        if let Some(probe) = self.health.next_probe() {
            // A paused run sends one probe at a time.
            if now >= probe
                && self.calls.is_empty()
                && let Some(row) = self.retries.pop().or_else(|| self.next_row())
            {
                self.start(row, now);
            }
            return;
        }
        while self.window.has_room() {
            let row = match self.retries.pop_due(now) {
                Some(row) => row,
                None if !self.takes_rows() => return,
                None => match self.next_row() {
                    Some(row) => row,
                    None => return,
                },
            };
            self.start(row, now);
        }
    }

    fn start(&mut self, row: QueuedRow, now: Instant) {
        let ticket = self.window.start();
        // A timer ends the wait for more calls if no runtime does: another executor may poll the run on a thread of tokio.
        self.sync.since.get_or_insert(now);
        self.calls.push(call(self.driver.clone(), self.plan.clone(), row, ticket, now).boxed());
    }

    /// Returns the next row that needs a request. After the end of a run, such rows are counted only.
    pub(super) fn next_row(&mut self) -> Option<QueuedRow> {
        loop {
            self.tally.rows += 1;
            match self.source.pop() {
                None => {
                    self.tally.rows -= 1;
                    return None;
                }
                Some(SourceRow::Failed { row, reason }) => {
                    self.tally.add_invalid();
                    if let Some(ahead) = &mut self.ahead {
                        ahead.push(Err(reason), row);
                    } else if let Some(live) = &mut self.live {
                        live.push(vec![row.row], LiveAnswer::Failed(reason));
                    }
                }
                Some(SourceRow::Ready { prepared, row }) => {
                    let row = match &mut self.ahead {
                        Some(ahead) => {
                            ahead.push(Ok(prepared.key), row);
                            None
                        }
                        None => row.row,
                    };
                    if let Some(pending) = self.pending.get_mut(&prepared.key) {
                        // Another row has the same request.
                        self.kept += usize::from(row.is_some());
                        pending.add(row);
                        continue;
                    }
                    let is_over = self.end.is_some();
                    let found = self.journal.index().get(&prepared.key);
                    match found {
                        Some(place)
                            if !(place.is_failed && self.retries_failed && !is_over)
                                || self.tally.is_new(&prepared.key) =>
                        {
                            self.tally.add_found(&prepared.key, place);
                            if let Some(live) = &mut self.live
                                && !live.has(place)
                            {
                                live.push(vec![row], LiveAnswer::Found(place));
                            }
                        }
                        _ if is_over => {}
                        _ => {
                            self.pending.entry(prepared.key).or_default().add(row);
                            let skips_cache = found.is_some() || self.plan.prompt.has_repeats;
                            return Some(QueuedRow { skips_cache, ..QueuedRow::new(prepared) });
                        }
                    }
                }
            }
        }
    }

    /// Returns the time of the next event that no call announces.
    fn next_time(&self) -> Option<Instant> {
        let is_open = self.end.is_none() && self.room == Room::Unknown;
        let retry = match self.health.next_probe() {
            Some(probe) => Some(probe).filter(|_| is_open && self.calls.is_empty()),
            None => self.retries.next_due().filter(|_| is_open && self.window.has_room()),
        };
        let sync = self.sync.since.filter(|_| self.sync.task.is_none()).map(|since| since + SYNC);
        [retry, sync, self.observed.next_time(), self.queue.next_time()].into_iter().flatten().min()
    }
}
