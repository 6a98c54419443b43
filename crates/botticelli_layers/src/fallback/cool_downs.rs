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
    all: Mutex<HashMap<RouteKey, RouteCoolDowns>>,
    /// `true` if there are any, so that most calls need no lock.
    is_used: AtomicBool,
}

/// The cool-downs of one route.
#[derive(Clone, Copy, Debug, Default)]
struct RouteCoolDowns {
    of_all: Option<CoolDown>,
    /// The cool-down for calls with at most this time, in which the route did not answer.
    of_hurried: Option<(Duration, CoolDown)>,
}

impl RouteCoolDowns {
    /// Returns the cool-downs that are not over.
    fn at(self, now: Instant) -> Self {
        Self {
            of_all: self.of_all.filter(|cool_down| cool_down.until > now),
            of_hurried: self.of_hurried.filter(|(_, cool_down)| cool_down.until > now),
        }
    }

    fn is_empty(self) -> bool {
        self.of_all.is_none() && self.of_hurried.is_none()
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct CoolDown {
    pub(super) until: Instant,
    pub(super) category: ErrorCategory,
}

impl CoolDowns {
    fn all(&self) -> MutexGuard<'_, HashMap<RouteKey, RouteCoolDowns>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether no route cools down, which is usual.
    pub(super) fn is_empty(&self) -> bool {
        !self.is_used.load(Ordering::Acquire)
    }

    /// Begins or extends a cool-down, for all calls or for those with at most the time `within`.
    pub(super) fn begin(
        &self,
        key: RouteKey,
        now: Instant,
        wait: Duration,
        category: ErrorCategory,
        within: Option<Duration>,
    ) {
        const LONGEST: Duration = Duration::from_secs(365 * 86_400);
        let Some(until) = now.checked_add(wait.min(LONGEST)) else { return };
        if until <= now {
            return;
        }
        let mut all = self.all();
        all.retain(|_, route| !route.at(now).is_empty());
        let route = all.entry(key).or_default();
        *route = route.at(now);
        let new = CoolDown { until, category };
        let later = |known: CoolDown| if known.until < until { new } else { known };
        match within {
            None => route.of_all = Some(route.of_all.map_or(new, later)),
            Some(within) => {
                let known = route.of_hurried;
                route.of_hurried =
                    Some(known.map_or((within, new), |(known, cool)| (known.max(within), later(cool))));
            }
        }
        self.is_used.store(true, Ordering::Release);
    }

    /// Ends the cool-downs of a route, because it answered a call with the time `within`.
    pub(super) fn end(&self, key: &RouteKey, within: Option<Duration>) {
        let mut all = self.all();
        if let Some(route) = all.get_mut(key) {
            route.of_all = None;
            route.of_hurried = route.of_hurried.filter(|(limit, _)| !is_within(within, *limit));
            if route.is_empty() {
                all.remove(key);
            }
        }
        self.is_used.store(!all.is_empty(), Ordering::Release);
    }

    /// Returns the cool-down of a route for a call with the time `within`. `None` if it is over.
    pub(super) fn get(&self, key: &RouteKey, now: Instant, within: Option<Duration>) -> Option<CoolDown> {
        let route = self.all().get(key)?.at(now);
        let of_hurried = route.of_hurried.filter(|(limit, _)| is_within(within, *limit));
        route.of_all.or(of_hurried.map(|(_, cool_down)| cool_down))
    }
}

/// Returns whether a call has at most the time `limit`. A call without its own limit has more.
fn is_within(within: Option<Duration>, limit: Duration) -> bool {
    within.is_some_and(|within| within <= limit)
}
