//! Trying again: when, how often, after how long.

use super::{RetryBudget, WakeupGuard, Wakeups, Watch};
use botticelli_core::{Retry, RetryConfig};
use botticelli_error::{
    BotticelliError, BotticelliErrorKind, ErrorCategory, HttpError, HttpErrorKind, TimeoutClock,
};
use botticelli_interface::{Chance, Clock};
use futures::future::{Either, select};
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Tries calls again. Clones share the budget and the models that are being loaded.
#[derive(Clone, Debug)]
pub struct Retrier {
    /// How often, and after how long.
    pub config: RetryConfig,
    /// How long a model may be loaded.
    pub loading: Option<Duration>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The chance that spreads the waits.
    pub chance: Arc<dyn Chance>,
    /// What all calls together may draw on.
    pub budget: Arc<RetryBudget>,
    /// The models that are being loaded.
    pub wakeups: Wakeups,
    /// Told of every wait.
    pub observer: Option<Observer>,
}

/// Why a call waits before it is made again.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Wait {
    /// What the last attempt met.
    pub error: BotticelliError,
    /// How long it waits now; `None` where it waits for another call to find the model ready.
    pub wait: Option<Duration>,
    /// How long the model has been loading; `None` where it is not.
    pub loading_for: Option<Duration>,
}

/// Somebody who is told of every wait. It is called while a call waits: it should return at once.
#[derive(Clone)]
pub struct Observer(Arc<dyn Fn(&Wait) + Send + Sync>);

impl<F: Fn(&Wait) + Send + Sync + 'static> From<F> for Observer {
    fn from(told: F) -> Self {
        Self(Arc::new(told))
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}

/// What one call has been through.
struct Course {
    started: Instant,
    /// The deadline of the call, over all attempts and waits.
    limit: Option<Duration>,
    /// Time that counts for no clock but the loading one.
    loading: Duration,
    loading_since: Option<Instant>,
    retries: Vec<Retry>,
    /// Retries that count: not the one for a stale connection, and not the wait for a model.
    counted: u32,
    /// How often it has asked whether the model is ready.
    polls: u32,
    /// Whether the retry that a stale connection is worth has been used.
    stale: bool,
    drawn: Option<u32>,
    guard: Option<WakeupGuard>,
}

impl Retrier {
    /// Makes `attempt` until it succeeds, or trying again is of no use. It is told how much of its time is spent.
    ///
    /// `key` names the model that may have to be loaded; `limit` is the deadline over all attempts and waits.
    ///
    /// # Errors
    ///
    /// That of the last attempt, with the number of attempts.
    pub async fn run<T, F, Fut>(
        &self,
        key: &str,
        limit: Option<Duration>,
        mut attempt: F,
    ) -> Result<(T, Vec<Retry>), BotticelliError>
    where
        F: FnMut(Duration) -> Fut,
        Fut: Future<Output = Result<T, BotticelliError>>,
    {
        let mut course = Course {
            started: self.clock.now(),
            limit,
            loading: Duration::ZERO,
            loading_since: None,
            retries: Vec::new(),
            counted: 0,
            polls: 0,
            stale: false,
            drawn: None,
            guard: None,
        };
        if let Some(others) = self.wakeups.waiting(key) {
            let now = self.clock.now();
            self.sleep_while(others, &mut course).await;
            course.loading = self.clock.now().saturating_duration_since(now);
        }
        loop {
            match attempt(course.spent(self.clock.now())).await {
                Ok(value) => {
                    self.budget.refund(course.drawn);
                    return Ok((value, course.retries));
                }
                Err(error) => self.wait_or_give_up(error, key, &mut course).await?,
            }
        }
    }

    /// Waits as long as `error` asks for, or gives it back.
    async fn wait_or_give_up(
        &self,
        error: BotticelliError,
        key: &str,
        course: &mut Course,
    ) -> Result<(), BotticelliError> {
        if error.category() == ErrorCategory::Loading && error.is_retryable() {
            return self.wait_until_loaded(error, key, course).await;
        }
        course.guard = None;
        let attempts = course.attempts();
        let give_up = |error: BotticelliError| Err(error.with_attempts(attempts));
        if !course.stale && self.config.max_retries > 0 && found_no_answer(&error) {
            // The server had closed a connection of the pool: that is no fault of the call's.
            course.stale = true;
            tracing::debug!(%error, attempt = attempts, "the call is made again at once, on another connection");
            course.retries.push(Retry::new(error.to_string(), Duration::ZERO));
            return Ok(());
        }
        let most = match error.category() {
            ErrorCategory::Generation => self.config.max_retries.min(1),
            _ => self.config.max_retries,
        };
        let hint = error.retry_after();
        if !may_be_retried(&error) || course.counted >= most || hint > Some(self.config.max_hint) {
            return give_up(error);
        }
        let wait = hint.unwrap_or_else(|| self.backoff(course.counted));
        let spent = course.spent(self.clock.now());
        if course.limit.is_some_and(|limit| spent.saturating_add(wait) >= limit) {
            return give_up(error);
        }
        let Some(drawn) = self.budget.draw(error.category() == ErrorCategory::Timeout) else {
            return give_up(error);
        };
        course.drawn = Some(drawn);
        course.counted = course.counted.saturating_add(1);
        course.retries.push(Retry::new(error.to_string(), wait));
        tracing::debug!(%error, ?wait, attempt = attempts, "the call is made again");
        self.tell(&Wait { error, wait: Some(wait), loading_for: None });
        self.clock.sleep(wait).await;
        Ok(())
    }

    /// A model that is being loaded is a state, not a failure: it has a clock of its own, and counts for no other.
    async fn wait_until_loaded(
        &self,
        error: BotticelliError,
        key: &str,
        course: &mut Course,
    ) -> Result<(), BotticelliError> {
        let now = self.clock.now();
        let since = *course.loading_since.get_or_insert(now);
        let loading_for = now.saturating_duration_since(since);
        if self.config.max_retries == 0 {
            return Err(error.with_attempts(course.attempts()));
        }
        if let Some(limit) = self.loading.filter(|limit| loading_for >= *limit) {
            let host = host_of(&error);
            let kind = HttpErrorKind::Timeout { clock: TimeoutClock::Loading, limit };
            let ran_out = BotticelliError::new(HttpError::new(kind, host).with_source(error));
            return Err(ran_out.with_attempts(course.attempts()));
        }
        let watch = match course.guard.take() {
            Some(guard) => Watch::Ours(guard),
            None => self.wakeups.watch(key),
        };
        match watch {
            Watch::Ours(guard) => {
                course.guard = Some(guard);
                let hint = error.retry_after().map(|hint| hint.min(self.config.max_hint));
                let wait = hint.unwrap_or_else(|| self.longest_wait(course.polls));
                course.polls = course.polls.saturating_add(1);
                let left = self.loading.map(|limit| limit.saturating_sub(loading_for));
                let wait = left.map_or(wait, |left| wait.min(left));
                course.retries.push(Retry::new(error.to_string(), wait));
                // What the service says may repeat the prompt, so it stays out of this level.
                tracing::info!(model = key, ?wait, ?loading_for, "the model is being loaded");
                self.tell(&Wait { error, wait: Some(wait), loading_for: Some(loading_for) });
                self.clock.sleep(wait).await;
            }
            Watch::Theirs(others) => {
                tracing::debug!(model = key, ?loading_for, "another call waits for the model to be loaded");
                course.retries.push(Retry::new(error.to_string(), Duration::ZERO));
                self.tell(&Wait { error, wait: None, loading_for: Some(loading_for) });
                self.sleep_while(others, course).await;
            }
        }
        course.loading = course.loading.saturating_add(self.clock.now().saturating_duration_since(now));
        Ok(())
    }

    /// Waits until another call has found the model ready, or the loading clock has run out.
    async fn sleep_while(&self, others: super::Waiting, course: &mut Course) {
        let now = self.clock.now();
        let since = *course.loading_since.get_or_insert(now);
        match self.loading {
            None => drop(others.await),
            Some(limit) => {
                let left = limit.saturating_sub(now.saturating_duration_since(since));
                if let Either::Right(_) = select(others, self.clock.sleep(left)).await {
                    tracing::debug!("the loading clock ran out while another call was waiting for the model");
                }
            }
        }
    }

    /// A random part of the longest wait.
    fn backoff(&self, retries: u32) -> Duration {
        let longest = self.longest_wait(retries);
        let seconds = longest.as_secs_f64() * self.chance.fraction().clamp(0.0, 1.0);
        Duration::try_from_secs_f64(seconds).unwrap_or(longest)
    }

    /// Half a second, doubled with every retry, up to a limit.
    fn longest_wait(&self, retries: u32) -> Duration {
        let doubled =
            2_u32.checked_pow(retries).and_then(|factor| self.config.base_delay.checked_mul(factor));
        doubled.unwrap_or(self.config.max_delay).min(self.config.max_delay)
    }

    fn tell(&self, wait: &Wait) {
        if let Some(Observer(told)) = &self.observer {
            told(wait);
        }
    }
}

impl Course {
    /// What of the call's time is used up; the time in which a model was being loaded is not.
    fn spent(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.started).saturating_sub(self.loading)
    }

    fn attempts(&self) -> u32 {
        u32::try_from(self.retries.len()).unwrap_or(u32::MAX).saturating_add(1)
    }
}

/// Whether the same call may succeed a little later. A clock of the whole call that ran out leaves no time for that.
fn may_be_retried(error: &BotticelliError) -> bool {
    let is_clock_of_the_call = matches!(error.kind(), BotticelliErrorKind::Http(http)
        if matches!(http.kind(), HttpErrorKind::Timeout { clock, .. } if *clock != TimeoutClock::Connect));
    // What the caller has seen cannot be taken back.
    error.is_retryable() && error.partial().is_none() && !is_clock_of_the_call
}

fn found_no_answer(error: &BotticelliError) -> bool {
    matches!(error.kind(), BotticelliErrorKind::Http(http) if *http.kind() == HttpErrorKind::NoAnswer)
}

fn host_of(error: &BotticelliError) -> String {
    let host = match error.kind() {
        BotticelliErrorKind::Models(models) => models.refusal().host.clone(),
        _ => None,
    };
    host.unwrap_or_else(|| "the service".to_owned())
}
