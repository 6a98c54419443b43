//! One wake-up for many waiting calls.

use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::Shared;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The models that are being loaded. Of all calls that wait for one, a single call asks whether it is ready.
#[derive(Clone, Debug, Default)]
pub struct Wakeups(Arc<Mutex<HashMap<String, Waiting>>>);

/// Resolves when the call that asks has its answer, whatever it is.
pub type Waiting = Shared<oneshot::Receiver<()>>;

/// Who asks whether a model is ready.
#[derive(Debug)]
pub enum Watch {
    /// This call does. When it drops the guard, all others go on.
    Ours(WakeupGuard),
    /// Another call does.
    Theirs(Waiting),
}

/// Held by the call that asks.
#[derive(Debug)]
pub struct WakeupGuard {
    wakeups: Wakeups,
    key: String,
    /// Dropped with the guard, which is what the others wait for.
    _ring: oneshot::Sender<()>,
}

impl Wakeups {
    /// Joins those who wait for `key`; the first one asks.
    pub fn watch(&self, key: &str) -> Watch {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(theirs) = waiting.get(key) {
            return Watch::Theirs(theirs.clone());
        }
        let (ring, ours) = oneshot::channel();
        waiting.insert(key.to_owned(), ours.shared());
        Watch::Ours(WakeupGuard { wakeups: self.clone(), key: key.to_owned(), _ring: ring })
    }

    /// What to wait for before `key` is asked at all; `None` where nobody waits for it.
    pub fn waiting(&self, key: &str) -> Option<Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }
}

impl Drop for WakeupGuard {
    fn drop(&mut self) {
        let mut waiting = self.wakeups.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.remove(&self.key);
    }
}
