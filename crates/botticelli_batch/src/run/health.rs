//! Pauses after sustained failures.

use botticelli_error::BotticelliError;
use std::time::{Duration, Instant};

/// Minimum number of failures in a row that count as sustained.
const MIN_FAILURES: u64 = 8;
/// Failures in a row of the first requests that end a run, if they may concern every request.
const FIRST_FAILURES: u64 = 16;
/// Failures since the last answer that end a run, if they usually concern every request.
const LONE_FAILURES: u64 = 8;
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// Maximum length of the message of a failure, in characters.
const CAUSE: usize = 300;

/// The state of the service, as the last calls show it.
#[derive(Debug)]
pub(super) struct Health {
    max_pause: Duration,
    /// Failures since the last success, which a retry may cure.
    failures: u64,
    /// Failures of the kind that concerns every request, before the first success.
    first_failures: u64,
    has_succeeded: bool,
    /// Number of answers in this run.
    answers: u64,
    /// This run or an earlier one has an answer.
    has_answers: bool,
    pause: Option<Pause>,
}

#[derive(Debug)]
struct Pause {
    since: Instant,
    wait: Duration,
    next_probe: Instant,
    /// The latest failure.
    cause: String,
}

/// The effect of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The run continues.
    Continue,
    /// The run pauses, or remains paused.
    Pause,
    /// The run stops: the longest pause is over.
    Stop,
}

impl Health {
    pub(super) fn new(max_pause: Duration, has_answers: bool) -> Self {
        Self {
            max_pause,
            failures: 0,
            first_failures: 0,
            has_succeeded: false,
            answers: 0,
            has_answers,
            pause: None,
        }
    }

    /// Returns the number of answers in this run.
    pub(super) fn answers(&self) -> u64 {
        self.answers
    }

    /// Returns whether this run or an earlier one has an answer.
    pub(super) fn has_answers(&self) -> bool {
        self.has_answers
    }

    /// Returns whether the last rows of a run, which all failed, concern only themselves: others were answered in this run, or in an
    /// earlier one, and these are few.
    pub(super) fn are_lone(&self, failures: usize) -> bool {
        let is_few = u64::try_from(failures).unwrap_or(u64::MAX) < LONE_FAILURES;
        self.answers > 0 || (self.has_answers && is_few)
    }

    /// Returns whether this many failures since the last answer concern every request, and not only their rows.
    pub(super) fn are_general(&self, failures: usize, limit: usize) -> bool {
        let enough = if self.has_answers { LONE_FAILURES.max(two_windows(limit)) } else { LONE_FAILURES };
        u64::try_from(failures).unwrap_or(u64::MAX) >= enough
    }

    /// Returns the longest pause.
    pub(super) fn max_pause(&self) -> Duration {
        self.max_pause
    }

    /// Counts an answer.
    pub(super) fn succeed(&mut self) {
        self.failures = 0;
        self.has_succeeded = true;
        self.answers += 1;
        self.has_answers = true;
        self.pause = None;
    }

    /// Counts a response that concerns one row only: the service works.
    pub(super) fn respond(&mut self) {
        self.failures = 0;
        self.pause = None;
    }

    /// Counts a failure that may concern every request. Returns `true` if no request has succeeded yet, and too many have failed.
    pub(super) fn fail_first(&mut self, limit: usize) -> bool {
        self.first_failures += 1;
        !self.has_succeeded && self.first_failures >= FIRST_FAILURES.max(two_windows(limit))
    }

    /// Counts a failure that a retry may cure.
    pub(super) fn fail(&mut self, now: Instant, limit: usize, error: &BotticelliError) -> Verdict {
        self.failures += 1;
        let cause = || error.to_string().chars().take(CAUSE).collect();
        if let Some(pause) = &mut self.pause {
            pause.cause = cause();
            if now.saturating_duration_since(pause.since) >= self.max_pause {
                return Verdict::Stop;
            }
            // Calls from before the pause end after its start. Only probes lengthen the wait.
            if now >= pause.next_probe {
                pause.wait = (pause.wait * 2).min(LONGEST_WAIT);
                pause.next_probe = now + pause.wait;
            }
            return Verdict::Pause;
        }
        if self.failures < MIN_FAILURES.max(two_windows(limit)) {
            return Verdict::Continue;
        }
        self.pause =
            Some(Pause { since: now, wait: FIRST_WAIT, next_probe: now + FIRST_WAIT, cause: cause() });
        Verdict::Pause
    }

    /// Returns the failure that pauses the run. `None` without a pause.
    pub(super) fn pause_cause(&self) -> Option<&str> {
        self.pause.as_ref().map(|pause| pause.cause.as_str())
    }

    /// Returns the time of the next probe. `None` without a pause.
    pub(super) fn next_probe(&self) -> Option<Instant> {
        self.pause.as_ref().map(|pause| pause.next_probe)
    }
}

fn two_windows(limit: usize) -> u64 {
    u64::try_from(limit).unwrap_or(u64::MAX).saturating_mul(2)
}
