//! Retries: when, how often and after which wait.

use super::{
    CallGuard, Deadline, LoadingModels, LoadingWait, PollGuard, Poller, RetryBudget, TimeSpent, runtime,
};
use botticelli_core::{Retry, RetryConfig};
use botticelli_error::{
    BotticelliError, BotticelliErrorKind, ErrorCategory, HttpError, HttpErrorKind, TimeoutKind,
};
use botticelli_interface::{Clock, RandomSource};
use futures::future::{Either, select};
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Minimum wait before a retry, even if the service requests a shorter one. Some services send 0 or a past date when they have no
/// estimate.
const SHORTEST: Duration = Duration::from_millis(100);

/// Minimum wait before a model that is being loaded is polled again.
const SHORTEST_LOADING: Duration = Duration::from_millis(500);

/// Time by which an announced poll may be overdue before another call takes over. The polling call may be waiting for the server,
/// or its task may be gone.
const OVERDUE: Duration = Duration::from_secs(5);

/// Retries failed calls. Clones share the budget and the models that are being loaded.
#[derive(Clone, Debug)]
pub(crate) struct Retrier {
    /// Number of retries and the waits between them.
    pub(crate) config: RetryConfig,
    /// The clock.
    pub(crate) clock: Arc<dyn Clock>,
    /// Random numbers, which spread the waits.
    pub(crate) random_source: Arc<dyn RandomSource>,
    /// Budget that all calls share.
    pub(crate) budget: Arc<RetryBudget>,
    /// The models that are being loaded.
    pub(crate) loading_models: LoadingModels,
    /// Callback for every wait.
    pub(crate) observer: Option<Observer>,
}

/// A wait before a call is made again.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Wait {
    /// Error of the last attempt.
    pub error: BotticelliError,
    /// Length of the wait; `None` if the call waits until another call finds the model ready.
    pub wait: Option<Duration>,
    /// Time for which the model has been loading; `None` if it is not loading.
    pub loading_for: Option<Duration>,
}

/// Callback for every wait. The observer runs inside the call, so it should return at once.
#[derive(Clone)]
pub struct Observer(Arc<dyn Fn(&Wait) + Send + Sync>);

impl<F: Fn(&Wait) + Send + Sync + 'static> From<F> for Observer {
    fn from(callback: F) -> Self {
        Self(Arc::new(callback))
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}

/// Progress of one call through its attempts.
struct RetryState<'a> {
    deadline: &'a Deadline,
    /// Loading time, which does not count for the first-token timeout.
    loading: Duration,
    loading_since: Option<Instant>,
    retries: Vec<Retry>,
    /// Retries that count against the maximum. The retry after a stale connection and the waits for a model do not count.
    counted: u32,
    /// Number of polls for a model that is being loaded.
    polls: u32,
    /// Set once the extra retry after a stale connection is used.
    has_retried_stale: bool,
    /// Cost of the last retry.
    drawn: Option<u32>,
    /// Cost of all polls.
    drawn_for_loading: u32,
    /// Set if an attempt may be billed.
    is_billed: bool,
    /// The latest error that reports a loading model.
    loading_error: Option<BotticelliError>,
    guard: Option<PollGuard>,
}

impl Retrier {
    /// Calls `attempt` until it succeeds or a retry is pointless. Each attempt receives the time that the call has spent.
    ///
    /// `key` names the model, in case it has to be loaded. `guard` must permit each attempt that follows one that may be billed.
    ///
    /// # Errors
    ///
    /// The error of the last attempt, with the number of attempts. The error counts as possibly billed if any attempt may be billed.
    pub(crate) async fn run<T, F, Fut>(
        &self,
        key: &str,
        guard: &CallGuard,
        deadline: &Deadline,
        mut attempt: F,
    ) -> Result<(T, Vec<Retry>), BotticelliError>
    where
        F: FnMut(TimeSpent) -> Fut,
        Fut: Future<Output = Result<T, BotticelliError>>,
    {
        let mut state = RetryState::new(deadline);
        if let Some(others) = self.loading_models.waiting(key) {
            // A timer outside of a runtime would panic.
            runtime::current()?;
            Box::pin(self.wait_for_another(others, key, &mut state)).await;
        }
        loop {
            // The result must not live across a wait: it would make the future of every call larger.
            let error = match attempt(state.time_spent(self.clock.now())).await {
                Ok(value) => {
                    self.budget.refund(state.cost());
                    return Ok((value, state.retries));
                }
                Err(error) => error,
            };
            state.is_billed |= error.may_be_billed();
            guard.failed(&error);
            // A call that ran out of time while its model was loading reports the loading, not the timeout.
            let error = match state.loading_error.take() {
                Some(loading_error) if ran_out_of_time(&error) => return state.give_up(loading_error),
                _ => error,
            };
            Box::pin(self.wait_or_give_up(error.clone(), key, &mut state)).await?;
            // The gate is asked after the wait, so that it counts only attempts that are made.
            if let Err(last) = guard.permit(error, deadline).await {
                tracing::debug!(error = %last, "the call is not made again, because its retry gate refuses");
                // The attempt that is not made.
                state.retries.pop();
                return state.give_up(last);
            }
        }
    }

    /// Waits for the requested time or for a backoff, or returns the error if the call must not be retried.
    async fn wait_or_give_up(
        &self,
        error: BotticelliError,
        key: &str,
        state: &mut RetryState<'_>,
    ) -> Result<(), BotticelliError> {
        // A partial response is billed, and its text has been received. Retrying would pay for it twice.
        if error.partial().is_some() {
            return state.give_up(error);
        }
        if error.category() == ErrorCategory::Loading && error.is_retryable() {
            return self.wait_until_loaded(error, key, state).await;
        }
        state.guard = None;
        if !state.has_retried_stale && self.config.max_retries() > 0 && found_no_response(&error) {
            // The server had closed an idle connection of the pool, which is not a failure of this call.
            state.has_retried_stale = true;
            tracing::debug!(%error, attempt = state.attempts(), "the call is made again at once, on another connection");
            state.retries.push(Retry::new(error.to_string(), Duration::ZERO));
            return Ok(());
        }
        let most = match error.category() {
            ErrorCategory::Generation => self.config.max_retries().min(1),
            _ => self.config.max_retries(),
        };
        let hint = error.retry_after();
        if !may_be_retried(&error) || state.counted >= most || hint > Some(self.config.max_hint()) {
            return state.give_up(error);
        }
        let hint = hint.filter(|hint| *hint >= SHORTEST);
        let wait = hint.unwrap_or_else(|| self.backoff(state.counted).max(SHORTEST));
        if !state.has_time_for(wait, self.clock.now()) {
            return state.give_up(error);
        }
        let Some(drawn) = self.budget.draw(error.category() == ErrorCategory::Timeout) else {
            return state.give_up(error);
        };
        state.drawn = Some(drawn);
        state.counted = state.counted.saturating_add(1);
        tracing::debug!(%error, ?wait, attempt = state.attempts(), "the call is made again");
        state.retries.push(Retry::new(error.to_string(), wait));
        self.notify(&Wait { error: error.clone(), wait: Some(wait), loading_for: None });
        self.clock.sleep(wait).await;
        // The runtime may resume the call late, when no time is left.
        if state.has_time_for(Duration::ZERO, self.clock.now()) { Ok(()) } else { state.give_up(error) }
    }

    /// Waits for a model that is being loaded. Loading is not a failure and has its own timeout. Of the other timeouts, only the
    /// timeout of the whole call includes it.
    async fn wait_until_loaded(
        &self,
        error: BotticelliError,
        key: &str,
        state: &mut RetryState<'_>,
    ) -> Result<(), BotticelliError> {
        let now = self.clock.now();
        state.loading_error = Some(error.clone());
        let since = *state.loading_since.get_or_insert(now);
        let loading_for = now.saturating_duration_since(since);
        if self.config.max_retries() == 0 {
            return state.give_up(error);
        }
        if let Some(limit) = state.deadline.loading().filter(|limit| loading_for >= *limit) {
            let host = host_of(&error);
            let kind = HttpErrorKind::Timeout { kind: TimeoutKind::Loading, limit };
            let ran_out = BotticelliError::new(HttpError::new(kind, host).with_source(error));
            return state.give_up(ran_out);
        }
        if state.is_nearly_over(now) {
            return state.give_up(error);
        }
        let watch = match state.guard.take() {
            Some(guard) if guard.set_next_poll(now) => Poller::Ours(guard),
            _ => self.loading_models.watch(key),
        };
        match watch {
            Poller::Ours(guard) => {
                let Some(drawn) = self.budget.draw(false) else { return state.give_up(error) };
                state.drawn_for_loading = state.drawn_for_loading.saturating_add(drawn);
                let hint = error.retry_after().filter(|hint| *hint >= SHORTEST_LOADING);
                let hint = hint.map(|hint| hint.min(self.config.max_hint()));
                let wait = hint.unwrap_or_else(|| self.longest_wait(state.polls)).max(SHORTEST_LOADING);
                state.polls = state.polls.saturating_add(1);
                let wait = state.longest_loading_wait(now).map_or(wait, |longest| wait.min(longest));
                guard.set_next_poll(now.checked_add(wait).unwrap_or(now));
                state.guard = Some(guard);
                state.retries.push(Retry::new(error.to_string(), wait));
                // The service's message may repeat the prompt, so it is not logged at this level.
                tracing::info!(model = key, ?wait, ?loading_for, "the model is being loaded");
                self.notify(&Wait { error, wait: Some(wait), loading_for: Some(loading_for) });
                self.clock.sleep(wait).await;
                state.loading = state.loading.saturating_add(self.clock.now().saturating_duration_since(now));
            }
            Poller::Theirs(others) => {
                tracing::debug!(model = key, ?loading_for, "another call waits for the model to be loaded");
                state.retries.push(Retry::new(error.to_string(), Duration::ZERO));
                self.notify(&Wait { error: error.clone(), wait: None, loading_for: Some(loading_for) });
                if !self.wait_for_another(others, key, state).await {
                    // The call's own deadline is near, so it polls without waiting for its turn.
                    let Some(drawn) = self.budget.draw(false) else { return state.give_up(error) };
                    state.drawn_for_loading = state.drawn_for_loading.saturating_add(drawn);
                }
            }
        }
        Ok(())
    }

    /// Waits until another call finds the model ready, and takes over if that call misses its announced poll. Returns `false`
    /// if this call reaches its wait limit first.
    async fn wait_for_another(&self, mut others: LoadingWait, key: &str, state: &mut RetryState<'_>) -> bool {
        let began = self.clock.now();
        state.loading_since.get_or_insert(began);
        let is_in_time = loop {
            let now = self.clock.now();
            let due = others.due.unwrap_or(now);
            let theirs = due.saturating_duration_since(now).saturating_add(OVERDUE);
            let ours = state.longest_loading_wait(now).unwrap_or(Duration::MAX);
            if let Either::Left(_) = select(others.resolved.clone(), self.clock.sleep(theirs.min(ours))).await
            {
                break true;
            }
            if ours < theirs {
                tracing::debug!(
                    model = key,
                    "the call no longer waits for another one's poll and polls itself"
                );
                break false;
            }
            match self.loading_models.take_over(key, &others) {
                Some(Poller::Theirs(current)) => others = current,
                Some(Poller::Ours(guard)) => {
                    state.guard = Some(guard);
                    break true;
                }
                None => break true,
            }
        };
        state.loading = state.loading.saturating_add(self.clock.now().saturating_duration_since(began));
        is_in_time
    }

    /// Returns a random part of the longest wait.
    fn backoff(&self, retries: u32) -> Duration {
        let longest = self.longest_wait(retries);
        let seconds = longest.as_secs_f64() * self.random_source.fraction().clamp(0.0, 1.0);
        Duration::try_from_secs_f64(seconds).unwrap_or(longest)
    }

    /// Returns the base delay, doubled with every retry, up to the maximum.
    fn longest_wait(&self, retries: u32) -> Duration {
        let doubled =
            2_u32.checked_pow(retries).and_then(|factor| self.config.base_delay().checked_mul(factor));
        doubled.unwrap_or(self.config.max_delay()).min(self.config.max_delay())
    }

    fn notify(&self, wait: &Wait) {
        if let Some(Observer(callback)) = &self.observer {
            callback(wait);
        }
    }
}

impl<'a> RetryState<'a> {
    fn new(deadline: &'a Deadline) -> Self {
        Self {
            deadline,
            loading: Duration::ZERO,
            loading_since: None,
            retries: Vec::new(),
            counted: 0,
            polls: 0,
            has_retried_stale: false,
            drawn: None,
            drawn_for_loading: 0,
            is_billed: false,
            loading_error: None,
            guard: None,
        }
    }

    /// Returns the time that the call has spent.
    fn time_spent(&self, now: Instant) -> TimeSpent {
        let elapsed = now.saturating_duration_since(self.deadline.started());
        TimeSpent { elapsed, waited: elapsed.saturating_sub(self.loading) }
    }

    /// Returns whether time remains after a wait.
    fn has_time_for(&self, wait: Duration, now: Instant) -> bool {
        let TimeSpent { elapsed, waited } = self.time_spent(now);
        let limits = [(self.deadline.total(), elapsed), (self.deadline.first_token(), waited)];
        limits.iter().all(|(limit, spent)| limit.is_none_or(|limit| spent.saturating_add(wait) < limit))
    }

    fn total_left(&self, now: Instant) -> Option<Duration> {
        Some(self.deadline.total()?.saturating_sub(self.time_spent(now).elapsed))
    }

    /// Returns whether too little time is left to wait for a model and for its response.
    fn is_nearly_over(&self, now: Instant) -> bool {
        let Some((left, total)) = self.total_left(now).zip(self.deadline.total()) else { return false };
        left <= (total / 50).max(SHORTEST_LOADING)
    }

    /// Returns the longest possible wait for a model. The loading timeout limits it, and so does half of the time left for
    /// the call, so that it can poll again.
    fn longest_loading_wait(&self, now: Instant) -> Option<Duration> {
        let since = self.loading_since.unwrap_or(now);
        let loading = self.deadline.loading();
        let loading = loading.map(|limit| limit.saturating_sub(now.saturating_duration_since(since)));
        let total = self.total_left(now).map(|left| (left / 2).max(SHORTEST_LOADING));
        loading.into_iter().chain(total).min()
    }

    /// Returns the cost to refund: the cost of the last retry (1 without a retry) and of all polls. `None` without retries and
    /// polls.
    fn cost(&self) -> Option<u32> {
        match (self.drawn, self.drawn_for_loading) {
            (drawn, 0) => drawn,
            (drawn, for_loading) => Some(drawn.unwrap_or(1).saturating_add(for_loading)),
        }
    }

    fn attempts(&self) -> u32 {
        u32::try_from(self.retries.len()).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// Returns the error of the last attempt, with the number of attempts and whether any may be billed.
    fn give_up<T>(&self, error: BotticelliError) -> Result<T, BotticelliError> {
        Err(error.with_attempts(self.attempts()).with_billing(self.is_billed))
    }
}

/// Returns whether the driver may retry the call. Of all timeouts, it retries only the connect timeout.
fn may_be_retried(error: &BotticelliError) -> bool {
    let is_other_timeout = matches!(error.kind(), BotticelliErrorKind::Http(http)
        if matches!(http.kind(), HttpErrorKind::Timeout { kind, .. } if *kind != TimeoutKind::Connect));
    error.is_retryable() && !is_other_timeout
}

fn found_no_response(error: &BotticelliError) -> bool {
    matches!(error.kind(), BotticelliErrorKind::Http(http) if *http.kind() == HttpErrorKind::NoResponse)
}

/// Returns whether the time of the whole call was up.
fn ran_out_of_time(error: &BotticelliError) -> bool {
    let BotticelliErrorKind::Http(http) = error.kind() else { return false };
    matches!(http.kind(), HttpErrorKind::Timeout { kind: TimeoutKind::Total | TimeoutKind::StreamTotal, .. })
}

fn host_of(error: &BotticelliError) -> String {
    let host = match error.kind() {
        BotticelliErrorKind::Models(models) => models.details().host.clone(),
        _ => None,
    };
    host.unwrap_or_else(|| "the service".to_owned())
}
