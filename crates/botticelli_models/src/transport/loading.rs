//! One wake-up for many waiting calls.

use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::Shared;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// The models that are being loaded. Of all calls that wait for one, a single call asks whether it is ready.
///
/// No call depends on another being polled: the call that asks says when it asks next, and a call that waits takes its place
/// if it does not.
#[derive(Clone, Debug, Default)]
pub struct LoadingModels(Arc<Mutex<State>>);

/// What a call that does not ask waits for.
#[derive(Clone, Debug)]
pub struct LoadingWait {
    /// Resolves when the call that asks knows more: the model is ready, or the call has ended.
    pub rung: Shared<oneshot::Receiver<()>>,
    /// When the call that asks asks next; `None` where it has not said so yet.
    pub due: Option<Instant>,
    number: u64,
}

#[derive(Debug, Default)]
struct State {
    asked: HashMap<String, Asked>,
    /// Tells one time of asking for a model from the next.
    count: u64,
}

#[derive(Debug)]
struct Asked {
    waiting: LoadingWait,
    /// Dropped with the entry, which is what the others wait for.
    _ring: oneshot::Sender<()>,
}

/// Who asks whether a model is ready.
#[derive(Debug)]
#[non_exhaustive]
pub enum Poller {
    /// This call does, as long as it holds the guard.
    Ours(PollGuard),
    /// Another call does.
    Theirs(LoadingWait),
}

/// Held by the call that asks. When it is dropped, all others go on.
#[derive(Debug)]
pub struct PollGuard {
    wakeups: LoadingModels,
    key: String,
    number: u64,
}

impl LoadingModels {
    /// Joins those who wait for `key`; the first one asks.
    pub fn watch(&self, key: &str) -> Poller {
        let mut state = self.state();
        if let Some(asked) = state.asked.get(key) {
            return Poller::Theirs(asked.waiting.clone());
        }
        let (ring, rings) = oneshot::channel();
        state.count = state.count.wrapping_add(1);
        let number = state.count;
        let waiting = LoadingWait { rung: rings.shared(), due: None, number };
        state.asked.insert(key.to_owned(), Asked { waiting, _ring: ring });
        Poller::Ours(PollGuard { wakeups: self.clone(), key: key.to_owned(), number })
    }

    /// What to wait for before `key` is asked at all; `None` where nobody waits for it.
    pub fn waiting(&self, key: &str) -> Option<LoadingWait> {
        self.state().asked.get(key).map(|asked| asked.waiting.clone())
    }

    /// Takes the place of the call that `waiting` waits for. Where that one has asked again since, or another has its place,
    /// this is what to wait for now; `None` where nobody asks any more.
    pub fn take_over(&self, key: &str, waiting: &LoadingWait) -> Option<Poller> {
        let mut state = self.state();
        state.count = state.count.wrapping_add(1);
        let number = state.count;
        let current = &mut state.asked.get_mut(key)?.waiting;
        if current.number != waiting.number || current.due != waiting.due {
            return Some(Poller::Theirs(current.clone()));
        }
        // The ring stays: the others wait on, for this call now.
        (current.number, current.due) = (number, None);
        drop(state);
        Some(Poller::Ours(PollGuard { wakeups: self.clone(), key: key.to_owned(), number }))
    }

    /// `key` is ready: whoever waits for it goes on, though the call that asked is still being answered.
    pub fn ready(&self, key: &str) {
        let mut state = self.state();
        if state.asked.is_empty() {
            return;
        }
        let rung = state.asked.remove(key);
        drop(state);
        // Outside of the lock: whoever is woken may look again at once.
        drop(rung);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PollGuard {
    /// Says when it asks next. `false` where it is not the one that asks any more: the model was ready in between, or
    /// another call has taken its place.
    pub fn asks_at(&self, due: Instant) -> bool {
        let mut state = self.wakeups.state();
        let ours = state.asked.get_mut(&self.key).filter(|asked| asked.waiting.number == self.number);
        ours.map(|asked| asked.waiting.due = Some(due)).is_some()
    }
}

impl Drop for PollGuard {
    fn drop(&mut self) {
        let mut state = self.wakeups.state();
        // Another call may be asking by now.
        let is_ours = state.asked.get(&self.key).is_some_and(|asked| asked.waiting.number == self.number);
        let rung = if is_ours { state.asked.remove(&self.key) } else { None };
        drop(state);
        drop(rung);
    }
}
