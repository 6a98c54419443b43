//! Time that moves when it is told to.

use crate::Clock;
use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::BoxFuture;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// A [`Clock`] for tests: it stands still until it is [advanced](Self::advance).
///
/// Clones are the same clock. Advance it when the server is known to be silent; time that jumps while a socket is
/// busy proves nothing.
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
    /// Lets `duration` pass, and wakes whoever slept no longer than that.
    pub fn advance(&self, duration: Duration) {
        let mut state = self.state();
        state.passed = state.passed.saturating_add(duration);
        let passed = state.passed;
        let due = state.sleepers.extract_if(.., |(until, _)| *until <= passed).collect::<Vec<_>>();
        // Woken outside of the lock: a sleeper may look at the clock at once.
        drop(state);
        for (_, sleeper) in due {
            // Whoever is not waiting any more does not mind.
            let _ = sleeper.send(());
        }
    }

    /// How much time has passed.
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
            // A clock that is gone never rings.
            if sleep.await.is_err() {
                futures::future::pending::<()>().await;
            }
        }
        .boxed()
    }
}
