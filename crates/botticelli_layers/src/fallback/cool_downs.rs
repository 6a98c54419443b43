//! The routes that are skipped for a while.

use botticelli_error::ErrorCategory;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A route, and the model if the request named one.
pub(super) type RouteKey = (usize, Option<String>);

/// The routes that failed a short time ago.
#[derive(Debug, Default)]
pub(super) struct CoolDowns {
    all: Mutex<HashMap<RouteKey, CoolDown>>,
    /// `true` if there are any, so that most calls need no lock.
    is_used: AtomicBool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct CoolDown {
    pub(super) until: Instant,
    pub(super) category: ErrorCategory,
}

impl CoolDowns {
    fn all(&self) -> MutexGuard<'_, HashMap<RouteKey, CoolDown>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether no route cools down, which is usual.
    pub(super) fn is_empty(&self) -> bool {
        !self.is_used.load(Ordering::Acquire)
    }

    /// Begins or extends a cool-down.
    pub(super) fn begin(&self, key: RouteKey, now: Instant, wait: Duration, category: ErrorCategory) {
        const LONGEST: Duration = Duration::from_secs(365 * 86_400);
        let Some(until) = now.checked_add(wait.min(LONGEST)) else { return };
        let mut all = self.all();
        all.retain(|_, cool_down| cool_down.until > now);
        let is_later = all.get(&key).is_none_or(|cool_down| cool_down.until < until);
        if is_later && until > now {
            all.insert(key, CoolDown { until, category });
            self.is_used.store(true, Ordering::Release);
        }
    }

    /// Ends a cool-down, because the route answered.
    pub(super) fn end(&self, key: &RouteKey) {
        let mut all = self.all();
        all.remove(key);
        self.is_used.store(!all.is_empty(), Ordering::Release);
    }

    /// Returns the cool-down of a route. `None` if it is over.
    pub(super) fn get(&self, key: &RouteKey, now: Instant) -> Option<CoolDown> {
        self.all().get(key).copied().filter(|cool_down| cool_down.until > now)
    }
}
