//! One poll for all calls that wait for a model.

use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::Shared;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// The models that are being loaded. Of all calls that wait for the same model, only one polls the service.
///
/// No call depends on another task being scheduled: the polling call announces its next poll, and a waiting call takes over if
/// that time passes.
#[derive(Clone, Debug, Default)]
pub(crate) struct LoadingModels(Arc<Mutex<State>>);

/// A wait for a model that another call polls.
#[derive(Clone, Debug)]
pub(crate) struct LoadingWait {
    /// Resolves when the model is ready or the polling call has ended.
    pub(crate) resolved: Shared<oneshot::Receiver<()>>,
    /// Time of the next poll; `None` if the polling call has not announced it yet.
    pub(crate) due: Option<Instant>,
    number: u64,
}

#[derive(Debug, Default)]
struct State {
    polled: HashMap<String, PolledModel>,
    /// Number of the latest poller, which tells pollers of the same model apart.
    count: u64,
}

#[derive(Debug)]
struct PolledModel {
    waiting: LoadingWait,
    // Kept for its drop, which resolves the wait of the other calls.
    _sender: oneshot::Sender<()>,
}

/// The call that polls a model.
#[derive(Debug)]
#[non_exhaustive]
pub(crate) enum Poller {
    /// This call, until it drops the guard.
    Ours(PollGuard),
    /// Another call.
    Theirs(LoadingWait),
}

/// The right of a call to poll a model. Dropping it wakes all calls that wait for the model.
#[derive(Debug)]
pub(crate) struct PollGuard {
    wakeups: LoadingModels,
    key: String,
    number: u64,
}

impl LoadingModels {
    /// Registers a call that waits for `key`. The first call becomes the poller.
    pub(crate) fn watch(&self, key: &str) -> Poller {
        let mut state = self.state();
        if let Some(model) = state.polled.get(key) {
            return Poller::Theirs(model.waiting.clone());
        }
        let (sender, receiver) = oneshot::channel();
        state.count = state.count.wrapping_add(1);
        let number = state.count;
        let waiting = LoadingWait { resolved: receiver.shared(), due: None, number };
        state.polled.insert(key.to_owned(), PolledModel { waiting, _sender: sender });
        Poller::Ours(PollGuard { wakeups: self.clone(), key: key.to_owned(), number })
    }

    /// Returns the wait for `key`, if another call is polling it.
    pub(crate) fn waiting(&self, key: &str) -> Option<LoadingWait> {
        self.state().polled.get(key).map(|model| model.waiting.clone())
    }

    /// Takes over from the poller that `waiting` names. If it has polled since then, or another call has taken over already,
    /// returns the current wait. `None` if no call polls the model any more.
    pub(crate) fn take_over(&self, key: &str, waiting: &LoadingWait) -> Option<Poller> {
        let mut state = self.state();
        state.count = state.count.wrapping_add(1);
        let number = state.count;
        let current = &mut state.polled.get_mut(key)?.waiting;
        if current.number != waiting.number || current.due != waiting.due {
            return Some(Poller::Theirs(current.clone()));
        }
        // The sender stays: the other calls now wait for this one.
        (current.number, current.due) = (number, None);
        drop(state);
        Some(Poller::Ours(PollGuard { wakeups: self.clone(), key: key.to_owned(), number }))
    }

    /// Marks `key` as ready and wakes the calls that wait for it, before the response to the polling call is complete.
    pub(crate) fn ready(&self, key: &str) {
        let mut state = self.state();
        if state.polled.is_empty() {
            return;
        }
        let removed = state.polled.remove(key);
        drop(state);
        // Dropped after the lock is released, as a woken task may call `watch` at once.
        drop(removed);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PollGuard {
    /// Announces the next poll. Returns `false` if this call has ceased to be the poller: the model was ready in between, or
    /// another call has taken over.
    pub(crate) fn set_next_poll(&self, due: Instant) -> bool {
        let mut state = self.wakeups.state();
        let ours = state.polled.get_mut(&self.key).filter(|model| model.waiting.number == self.number);
        ours.map(|model| model.waiting.due = Some(due)).is_some()
    }
}

impl Drop for PollGuard {
    fn drop(&mut self) {
        let mut state = self.wakeups.state();
        // Another call may be the poller by now.
        let is_ours = state.polled.get(&self.key).is_some_and(|model| model.waiting.number == self.number);
        let removed = if is_ours { state.polled.remove(&self.key) } else { None };
        drop(state);
        drop(removed);
    }
}
