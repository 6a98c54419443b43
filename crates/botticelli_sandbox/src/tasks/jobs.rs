//! Jobs of providers, whose state changes with every poll.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::fault::{Effect, Target, TaskFault};
use crate::fingerprint::Fingerprint;

/// The jobs of one sandbox, and the faults of providers.
#[derive(Debug, Default)]
pub(crate) struct Jobs {
    jobs: Mutex<HashMap<String, Job>>,
    faults: Mutex<VecDeque<TaskFault>>,
}

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
    pub(crate) fn new(faults: Vec<TaskFault>) -> Self {
        Self { faults: Mutex::new(faults.into()), ..Self::default() }
    }

    /// Adds a fault for the next request, job or result that it affects.
    pub(crate) fn inject(&self, fault: TaskFault) {
        self.faults().push_back(fault);
    }

    /// Returns the next fault if it affects this, and removes it.
    pub(super) fn take_fault(&self, target: Target) -> Option<TaskFault> {
        let mut faults = self.faults();
        faults.front().filter(|fault| fault.target() == target)?;
        faults.pop_front()
    }

    fn faults(&self) -> MutexGuard<'_, VecDeque<TaskFault>> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a job and returns its id. A prompt with `fail` fails, and one with `forever` never ends.
    pub(super) fn start(&self, prompt: &str, body: &[u8]) -> String {
        let id = format!("job-{}", Fingerprint::of(body).hex());
        let prompt = match self.take_fault(Target::Job).map(|fault| fault.effect()) {
            Some(Effect::JobFails) => "fail",
            Some(Effect::JobNeverEnds) => "forever",
            _ => prompt,
        };
        let job = Job { prompt: prompt.to_owned(), polls: 0, is_cancelled: false };
        self.lock().insert(id.clone(), job);
        id
    }

    /// Returns the prompt of a job, which decides its end. A fault replaces it.
    pub(super) fn prompt(&self, id: &str) -> String {
        self.lock().get(id).map(|job| job.prompt.clone()).unwrap_or_default()
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
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
