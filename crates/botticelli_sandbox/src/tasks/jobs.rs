//! Jobs of providers, whose state changes with every poll.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::fingerprint::Fingerprint;

/// The jobs of one sandbox.
#[derive(Debug, Default)]
pub(crate) struct Jobs(Mutex<HashMap<String, Job>>);

#[derive(Debug)]
struct Job {
    prompt: String,
    polls: usize,
    is_cancelled: bool,
}

/// The state of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Queued,
    Running,
    Done,
    Failed,
    Cancelled,
}

/// Number of polls until a job ends.
const POLLS: usize = 3;

impl Jobs {
    /// Starts a job and returns its id. A prompt with `fail` fails, and one with `forever` never ends.
    pub(super) fn start(&self, prompt: &str, body: &[u8]) -> String {
        let id = format!("job-{}", Fingerprint::of(body).hex());
        let job = Job { prompt: prompt.to_owned(), polls: 0, is_cancelled: false };
        self.lock().insert(id.clone(), job);
        id
    }

    /// Counts a poll and returns the state; `None` for an unknown id.
    pub(super) fn poll(&self, id: &str) -> Option<State> {
        let mut jobs = self.lock();
        let job = jobs.get_mut(id)?;
        job.polls = job.polls.saturating_add(1);
        Some(match job.polls {
            _ if job.is_cancelled => State::Cancelled,
            1 => State::Queued,
            polls if polls < POLLS || job.prompt.contains("forever") => State::Running,
            _ if job.prompt.contains("fail") => State::Failed,
            _ => State::Done,
        })
    }

    /// Cancels a job. Returns whether the id is known.
    pub(super) fn cancel(&self, id: &str) -> bool {
        self.lock().get_mut(id).map(|job| job.is_cancelled = true).is_some()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Job>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
