//! The limits of a rate limit.

use super::acquire::Acquire;
use super::config::RateLimitConfig;
use super::limiter::{Limiter, Reservation};
use super::permit::Permit;
use super::place::SharedPlace;
use super::shared::SharedLimit;
use super::state::State;
use super::window::Window;
use crate::clock::SystemClock;
use crate::total_limit::Deadline;
use botticelli_error::{BotticelliError, BuilderError};
use botticelli_interface::Clock;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Limits for requests and tokens per minute and per day, and for calls in flight. The [module](super) has the rules.
///
/// Clones share what is used. A `with_*` method returns a separate limit.
///
/// ```
/// use botticelli_layers::rate_limit::RateLimit;
///
/// # fn main() -> Result<(), botticelli_error::BotticelliError> {
/// let limit = RateLimit::requests_per_minute(30).with_requests_per_day(1_000).with_tokens_per_minute(6_000);
/// limit.validate()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RateLimit {
    limits: Limits,
    max_wait: Option<Duration>,
    limiter: Arc<Limiter>,
    place: Option<SharedPlace>,
    shared: Option<Arc<SharedLimit>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Limits {
    requests_per_minute: Option<u64>,
    requests_per_day: Option<u64>,
    tokens_per_minute: Option<u64>,
    tokens_per_day: Option<u64>,
    max_in_flight: Option<u64>,
}

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

/// Time for the estimate of a call that may not wait in the queue.
const SHORTEST_LOOKUP: Duration = Duration::from_secs(1);

/// Parts of a day's quota. One is the most that is used in any hour.
const PARTS_OF_A_DAY: u64 = 8;

/// The largest limit that makes sense. More is a mistake, such as a number of bytes.
const LARGEST: u64 = 1_000_000_000_000;

macro_rules! limits {
    ($($what:literal: $new:ident, $with:ident;)*) => {$(
        #[doc = concat!("Returns a limit for the number of ", $what, ".")]
        pub fn $new(limit: u64) -> Self {
            Self::empty().$with(limit)
        }

        #[doc = concat!("Limits the number of ", $what, ".")]
        pub fn $with(self, limit: u64) -> Self {
            let clock = self.limiter.clock.clone();
            Self::of(Limits { $new: Some(limit), ..self.limits }, self.max_wait, clock, self.place)
        }
    )*};
}

impl RateLimit {
    limits! {
        "requests in any minute": requests_per_minute, with_requests_per_minute;
        "requests in any 24 hours. At most an eighth of them is sent in any hour": requests_per_day, with_requests_per_day;
        "tokens in any minute, prompt and completion together": tokens_per_minute, with_tokens_per_minute;
        "tokens in any 24 hours, prompt and completion together. At most an eighth of them is used in any hour":
            tokens_per_day, with_tokens_per_day;
        "calls in flight": max_in_flight, with_max_in_flight;
    }

    fn empty() -> Self {
        Self::of(Limits::default(), None, Arc::new(SystemClock), None)
    }

    fn of(
        limits: Limits,
        max_wait: Option<Duration>,
        clock: Arc<dyn Clock>,
        place: Option<SharedPlace>,
    ) -> Self {
        let requests = windows(
            limits.requests_per_minute,
            limits.requests_per_day,
            ["requests per minute", "requests per hour (an eighth of the limit per day)", "requests per day"],
        );
        let tokens = windows(
            limits.tokens_per_minute,
            limits.tokens_per_day,
            ["tokens per minute", "tokens per hour (an eighth of the limit per day)", "tokens per day"],
        );
        let most = limits.max_in_flight;
        let shared = place
            .as_ref()
            .map(|place| Arc::new(SharedLimit::new(place, &requests, &tokens, most, clock.clone())));
        let state = State::new(requests, tokens, most);
        Self { limits, max_wait, limiter: Arc::new(Limiter::new(state, clock)), place, shared }
    }

    /// Returns the limit of a configuration.
    ///
    /// # Errors
    ///
    /// Those of [`validate`](Self::validate), and a [`StoreError`](botticelli_error::StoreError) if the store is unknown.
    #[track_caller]
    pub fn from_config(config: &RateLimitConfig) -> Result<Self, BotticelliError> {
        let limits = Limits {
            requests_per_minute: config.requests_per_minute,
            requests_per_day: config.requests_per_day,
            tokens_per_minute: config.tokens_per_minute,
            tokens_per_day: config.tokens_per_day,
            max_in_flight: config.max_in_flight,
        };
        let limit = Self::of(limits, config.max_wait, Arc::new(SystemClock), config.place()?);
        limit.validate()?;
        Ok(limit)
    }

    /// Limits the wait of a call. A call that would wait longer fails at once. Zero allows no wait. Default: none.
    pub fn with_max_wait(self, wait: impl Into<Option<Duration>>) -> Self {
        let clock = self.limiter.clock.clone();
        Self::of(self.limits, wait.into(), clock, self.place)
    }

    /// Sets the clock. Default: the system's.
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self::of(self.limits, self.max_wait, clock, self.place)
    }

    /// Shares the limit through a Redis server, such as `redis://127.0.0.1:6379`, with all machines that use this name there.
    /// The [module](super) has the rules. Nothing is sent yet. The server cannot be a node of a cluster.
    ///
    /// # Errors
    ///
    /// A [`StoreError`](botticelli_error::StoreError) if the address is not valid.
    #[cfg(feature = "redis")]
    #[track_caller]
    pub fn with_redis(self, address: &str, name: &str) -> Result<Self, BotticelliError> {
        let place = SharedPlace::new(address, name)?;
        let clock = self.limiter.clock.clone();
        Ok(Self::of(self.limits, self.max_wait, clock, Some(place)))
    }

    /// Checks that the limits can be used together. A call checks this too.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`] without any limit, for a limit of 0 or above a trillion, and for a limit per minute above that per day.
    #[track_caller]
    pub fn validate(&self) -> Result<(), BotticelliError> {
        let Limits {
            requests_per_minute,
            requests_per_day,
            tokens_per_minute,
            tokens_per_day,
            max_in_flight,
        } = self.limits;
        let all = [
            ("requests_per_minute", requests_per_minute),
            ("requests_per_day", requests_per_day),
            ("tokens_per_minute", tokens_per_minute),
            ("tokens_per_day", tokens_per_day),
            ("max_in_flight", max_in_flight),
        ];
        let refused = |name: &'static str, limit: u64, reason: String, remedy: String| {
            Err(BuilderError::refused("RateLimit", name, limit.to_string(), reason, remedy).into())
        };
        if all.iter().all(|(_, limit)| limit.is_none()) {
            return Err(
                BuilderError::missing("RateLimit", "requests_per_minute", "set at least one limit").into()
            );
        }
        for (name, limit) in all {
            match limit {
                Some(0) => {
                    let remedy = "give 1 or more, or remove the limit".to_owned();
                    return refused(name, 0, "it allows no call".to_owned(), remedy);
                }
                Some(limit) if limit > LARGEST => {
                    let reason = format!("it is more than {LARGEST}");
                    return refused(name, limit, reason, "remove the limit".to_owned());
                }
                _ => {}
            }
        }
        let pairs = [
            ("requests_per_minute", requests_per_minute, "requests_per_day", requests_per_day),
            ("tokens_per_minute", tokens_per_minute, "tokens_per_day", tokens_per_day),
        ];
        for (name, minute, longer, day) in pairs {
            if let (Some(minute), Some(day)) = (minute, day)
                && minute > day
            {
                let reason = format!("`{longer}` is only {day}");
                return refused(name, minute, reason, format!("give at most {day}"));
            }
        }
        Ok(())
    }

    pub(super) fn limiter(&self) -> &Arc<Limiter> {
        &self.limiter
    }

    /// Returns the longest time for the estimate of a call with this limit.
    pub(super) fn longest_lookup(&self, total: Option<Duration>) -> Option<Duration> {
        let max_wait = self.max_wait.map(|wait| wait.max(SHORTEST_LOOKUP));
        total.into_iter().chain(max_wait).min()
    }

    /// Returns the permission of a call that waits for nothing. `None` if it has to wait, or to ask a server.
    pub(super) fn enter(&self, tokens: Reservation, now: Instant) -> Option<Permit> {
        if self.shared.is_some() || !self.limiter.enter(tokens.reserved, now) {
            return None;
        }
        let mut permit = Permit::new(self.limiter.clone(), tokens, now);
        permit.begin();
        Some(permit)
    }

    /// Waits for the turn of a call: in this process, and among all machines if they share the limit.
    pub(super) async fn acquire(
        &self,
        tokens: Reservation,
        start: Instant,
        call: Deadline,
    ) -> Result<Permit, BotticelliError> {
        let clock = &*self.limiter.clock;
        let waited = || clock.now().saturating_duration_since(start);
        let total = call.left(clock).map(|left| left.saturating_add(waited()));
        let deadline = total.into_iter().chain(self.max_wait).min();
        let mut permit = Acquire::new(self.limiter.clone(), tokens, start, deadline).await?;
        if let Some(shared) = &self.shared {
            let rest = deadline.map(|deadline| deadline.saturating_sub(waited()));
            // A permit that is dropped here, or after an error, has not been used.
            permit.shared = shared.acquire(tokens.reserved, rest, call.left(clock)).await?;
        }
        permit.begin();
        Ok(permit)
    }
}

fn windows(per_minute: Option<u64>, per_day: Option<u64>, units: [&'static str; 3]) -> Vec<Window> {
    let [minute, hour, day] = units;
    let of_minute = per_minute.map(|limit| Window::new(minute, limit, MINUTE));
    let of_hour = per_day.map(|limit| Window::new(hour, limit.div_ceil(PARTS_OF_A_DAY), HOUR));
    let of_day = per_day.map(|limit| Window::new(day, limit, DAY));
    [of_minute, of_hour, of_day].into_iter().flatten().collect()
}
