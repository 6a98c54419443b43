//! State that callers and the worker share.

use super::event::Item;
use super::job::Job;
use botticelli_error::{BotticelliError, ErrorCategory, ErrorDetails, ModelsError, ModelsErrorKind};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;

/// Maximum sleep of the worker. Callers wake it earlier.
const SLEEP: Duration = Duration::from_millis(50);

/// State that callers and the worker share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    state: Mutex<State>,
    wake: Condvar,
    is_sleeping: AtomicBool,
}

/// Jobs and their counts.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) waiting: VecDeque<(Job, mpsc::Sender<Item>)>,
    /// Number of choices that are generated now.
    pub(super) active: usize,
    /// `true` if the driver was dropped. The worker finishes the jobs and ends.
    pub(super) is_closed: bool,
    /// `true` if the worker failed.
    pub(super) has_failed: bool,
}

impl Shared {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes the worker, if it sleeps.
    pub(super) fn wake(&self) {
        if self.is_sleeping.load(Ordering::SeqCst) {
            // The lock ensures that the worker is not between its check and its sleep.
            drop(self.state());
            self.wake.notify_all();
        }
    }

    /// Sleeps until a caller wakes the worker, unless `is_ready` returns `true` for the state.
    pub(super) fn sleep_unless(&self, is_ready: impl Fn(&State) -> bool) {
        let state = self.state();
        self.is_sleeping.store(true, Ordering::SeqCst);
        if !is_ready(&state) {
            drop(self.wake.wait_timeout(state, SLEEP).unwrap_or_else(PoisonError::into_inner));
        }
        self.is_sleeping.store(false, Ordering::SeqCst);
    }
}

/// Returns the error of a worker that failed.
pub(super) fn failure(provider: &'static str) -> BotticelliError {
    rejected(
        provider,
        ErrorCategory::Generation,
        "the computation of the model failed",
        "open the model again, and report this error",
    )
}

pub(super) fn rejected(
    provider: &'static str,
    category: ErrorCategory,
    what: impl Into<String>,
    remedy: impl Into<String>,
) -> BotticelliError {
    let kind = ModelsErrorKind::Rejected { category, what: what.into(), remedy: remedy.into() };
    ModelsError::new(kind, ErrorDetails::new(provider)).into()
}
