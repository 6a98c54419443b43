//! A clock for tests.

use crate::Clock;
use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::BoxFuture;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// A [`Clock`] for tests. Its time changes only when a test [advances](Self::advance) it.
///
/// Clones share one time. Advance the clock only when the server is known to be silent: a jump while data is arriving tests
/// nothing.
///
/// ```
/// use botticelli_interface::{Clock, ManualClock};
/// use futures::FutureExt;
/// use std::time::Duration;
///
/// let clock = ManualClock::default();
/// let mut sleep = clock.sleep(Duration::from_secs(60));
/// assert!((&mut sleep).now_or_never().is_none());
/// clock.advance(Duration::from_secs(60));
/// assert!(sleep.now_or_never().is_some());
/// ```
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    start: Instant,
    passed: Duration,
    sleepers: Vec<(Duration, oneshot::Sender<()>)>,
}

impl Default for ManualClock {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(State {
            start: Instant::now(),
            passed: Duration::ZERO,
            sleepers: Vec::new(),
        })))
    }
}

impl ManualClock {
    /// Advances the time by `duration`, and wakes every sleeper whose time has come.
    pub fn advance(&self, duration: Duration) {
        let mut state = self.state();
        state.passed = state.passed.saturating_add(duration);
        let passed = state.passed;
        let due = state.sleepers.extract_if(.., |(until, _)| *until <= passed).collect::<Vec<_>>();
        // A woken task may read the clock immediately, so the lock must be free.
        drop(state);
        for (_, sleeper) in due {
            // A dropped sleeper no longer listens, which is fine.
            let _ = sleeper.send(());
        }
    }

    /// Returns the sum of all advances.
    pub fn passed(&self) -> Duration {
        self.state().passed
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        let state = self.state();
        state.start.checked_add(state.passed).unwrap_or(state.start)
    }

    fn wall_time(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH.checked_add(self.passed()).unwrap_or(SystemTime::UNIX_EPOCH)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let mut state = self.state();
        let until = state.passed.saturating_add(duration);
        let (waker, sleep) = oneshot::channel();
        state.sleepers.push((until, waker));
        async move {
            // If the clock is dropped, the sleep never ends.
            if sleep.await.is_err() {
                futures::future::pending::<()>().await;
            }
        }
        .boxed()
    }
}
