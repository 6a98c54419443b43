//! Calls that ended.

use super::answering::{Answering, Room, SYNC, SYNC_BYTES};
use super::call::{Answer, Finished, failure_record};
use super::failure::{Consequence, consequence, is_systematic};
use super::health::Verdict;
use super::live::LiveAnswer;
use super::queue::QueuedRow;
use super::timer::after;
use crate::concurrency::Signal;
use crate::journal::Record;
use crate::report::StopReason;
use botticelli_error::BotticelliError;
use std::time::{Duration, Instant};

/// Shortest wait that counts as one. Some services ask for 0 seconds or for a date in the past when they have no estimate.
const SHORTEST_WAIT: Duration = Duration::from_millis(100);
/// Waits between the attempts of a row, if the service asks for none.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

impl Answering {
    /// Takes the calls that ended, and lets the disk get their records from time to time.
    pub(super) fn record(&mut self) {
        let now = self.clock.now();
        self.take_ended(now);
        let is_due = || {
            self.sync.since.is_some_and(|since| now >= since + SYNC || self.journal.unsynced() >= SYNC_BYTES)
        };
        if self.sync.task.is_none() && is_due() {
            self.sync.since = (!self.calls.is_empty()).then_some(now);
            if self.journal.unsynced() > 0 {
                self.sync.task = Some(tokio::task::spawn_blocking(self.journal.sync()));
            }
        }
    }

    /// Takes the calls that ended: records them, or queues their rows again.
    pub(super) fn take_ended(&mut self, now: Instant) {
        let mut records = Vec::with_capacity(self.ended.len());
        let mut has_answer = false;
        let mut ended = std::mem::take(&mut self.ended);
        for call in ended.drain(..) {
            let signal = call.signal(now);
            let Finished { row, ticket, result, .. } = call;
            self.window.finish(ticket, signal);
            match result {
                Ok(Answer { mut record, .. }) => {
                    self.room = Room::Unknown;
                    // An answer of a cache says nothing about the service.
                    if signal != Signal::Neutral {
                        self.health.succeed();
                        has_answer = true;
                    }
                    record.key = row.prepared.key;
                    records.push(record);
                }
                Err(error) => records.extend(self.fail(now, row, error)),
            }
        }
        // It keeps its memory for the next calls.
        self.ended = ended;
        if has_answer {
            records.extend(self.suspects.drain(..).map(|(row, error)| failure_record(&row, &error)));
        }
        self.keep(now, records);
    }

    /// Decides about the rows that failed since the last answer, if no other row can start: they fail, or the run stops if nothing was
    /// answered.
    pub(super) fn settle_suspects(&mut self) {
        if self.health.are_lone(self.suspects.len()) {
            let records = self.suspects.drain(..).map(|(row, error)| failure_record(&row, &error)).collect();
            self.keep(self.clock.now(), records);
        } else if let Some((_, error)) = self.suspects.first() {
            let error = error.clone();
            self.stop_for_all(error);
        }
    }

    /// Appends records to the journal, and hands them to the output.
    #[expect(clippy::vec_box, reason = "the box is that of the call")]
    fn keep(&mut self, now: Instant, records: Vec<Box<Record>>) {
        if records.is_empty() {
            return;
        }
        let mut kept = Vec::with_capacity(records.len());
        for record in &records {
            let pending = self.pending.remove(&record.key).unwrap_or_default();
            self.tally.add(record, pending.rows);
            kept.push(pending.kept);
        }
        self.sync.since.get_or_insert(now);
        let mut appended = self.journal.append(&records);
        if let (Err(_), Some(ahead)) = (&appended, &mut self.ahead) {
            // The answers need the room on the disk more than the output does, which can be written later.
            ahead.give_up();
            appended = self.journal.append(&records);
        }
        if let Err(error) = appended {
            self.fail_run(error);
            // The answers are paid for. Some may have room alone.
            for record in &records {
                let _ = self.journal.append(std::slice::from_ref(record));
            }
        } else if let Some(live) = &mut self.live {
            for (record, rows) in records.into_iter().zip(kept) {
                self.kept = self.kept.saturating_sub(rows.len().saturating_sub(1));
                live.push(rows, LiveAnswer::New(record));
            }
        }
    }

    /// Takes a failed call. Returns the record of a row that finally failed.
    fn fail(&mut self, now: Instant, mut row: QueuedRow, error: BotticelliError) -> Option<Box<Record>> {
        let consequence = consequence(&error, self.attempts);
        let is_last_try = std::mem::take(&mut self.room) == Room::LastTry;
        match consequence {
            Consequence::Stop => {
                self.stop_for(StopReason::Failed(error));
                self.retries.push(row, now);
                None
            }
            Consequence::Wait => {
                if is_last_try {
                    self.stop_for(StopReason::Failed(error));
                }
                self.room = Room::Full;
                self.retries.push(row, now);
                None
            }
            Consequence::Fail => {
                self.health.respond();
                if is_systematic(&error) && self.health.fail_first(self.window.limit()) {
                    self.stop_for(StopReason::SustainedFailures(error.clone()));
                }
                Some(failure_record(&row, &error))
            }
            Consequence::FailAlone => {
                self.health.respond();
                self.suspects.push((row, error.clone()));
                if self.health.are_general(self.suspects.len(), self.window.limit()) {
                    self.stop_for_all(error);
                }
                None
            }
            Consequence::Retry(attempts) => {
                let wait = self.wait_before(row.attempts, error.retry_after());
                let answers = self.health.answers();
                // The service answers other rows since this one failed, so the row is the problem.
                let before = *row.answers_before.get_or_insert(answers);
                let is_lone = self.health.next_probe().is_none()
                    && answers - before >= u64::try_from(self.window.limit()).unwrap_or(u64::MAX);
                let verdict = if is_lone {
                    Verdict::Continue
                } else {
                    self.health.fail(now, self.window.limit(), &error)
                };
                match verdict {
                    Verdict::Stop => {
                        self.stop_for(StopReason::SustainedFailures(error));
                        self.retries.push(row, now);
                        return None;
                    }
                    // The service fails, not the row.
                    Verdict::Pause => {}
                    Verdict::Continue => row.attempts += 1,
                }
                if row.attempts >= attempts {
                    return Some(failure_record(&row, &error));
                }
                self.retries.push(row, after(now, wait));
                None
            }
        }
    }

    /// Stops the run for an error that concerns every row. The rows that failed with it wait for a later run.
    fn stop_for_all(&mut self, error: BotticelliError) {
        self.stop_for(StopReason::Failed(error));
        let now = self.clock.now();
        for (row, _) in self.suspects.drain(..) {
            self.retries.push(row, now);
        }
    }

    fn stop_for(&mut self, reason: StopReason) {
        tracing::warn!(?reason, "the run stops early");
        self.end.get_or_insert(reason);
    }

    /// Returns the wait before the next attempt: as long as the service asks for, up to the longest pause of a run, or a random part of a
    /// doubling time.
    fn wait_before(&self, attempts: u32, asked: Option<Duration>) -> Duration {
        let longest = FIRST_WAIT.saturating_mul(1 << attempts.min(10)).min(LONGEST_WAIT);
        let asked =
            asked.filter(|asked| *asked >= SHORTEST_WAIT).map(|asked| asked.min(self.health.max_pause()));
        asked.unwrap_or_else(|| longest.mul_f64(0.5 + 0.5 * self.random.fraction()))
    }
}
