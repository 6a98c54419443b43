//! Trying again: when, how often, after how long.

use super::{LoadingModels, LoadingWait, PollGuard, Poller, RetryBudget, runtime};
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

/// The shortest wait before a call is made again, whatever the service asks for: 0 and a date that is past say no more than
/// that it has no figure.
const SHORTEST: Duration = Duration::from_millis(100);

/// The shortest wait before a model that is being loaded is asked for again.
const SHORTEST_LOADING: Duration = Duration::from_millis(500);

/// How long after its time the call that asks for a model may come, before another one takes its place: it may have to wait for
/// the server, or nobody polls it any more.
const OVERDUE: Duration = Duration::from_secs(5);

/// Tries calls again. Clones share the budget and the models that are being loaded.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "whoever writes a provider builds it by its fields")]
pub struct Retrier {
    /// How often, and after how long.
    pub config: RetryConfig,
    /// How long a model may be loaded, where a call says nothing else.
    pub loading: Option<Duration>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The random_source that spreads the waits.
    pub random_source: Arc<dyn RandomSource>,
    /// What all calls together may draw on.
    pub budget: Arc<RetryBudget>,
    /// The models that are being loaded.
    pub wakeups: LoadingModels,
    /// Told of every wait.
    pub observer: Option<Observer>,
}

/// How long a call may take, over all attempts and waits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallLimits {
    /// When it began.
    pub(crate) started: Instant,
    /// All of it, the time in which a model is being loaded included.
    pub(crate) total: Option<Duration>,
    /// Until the first piece of a stream; the time in which a model is being loaded is not counted.
    pub(crate) first_token: Option<Duration>,
    /// How long the model may be loaded.
    pub(crate) loading: Option<Duration>,
}

/// What of a call's time is used up before an attempt.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TimeSpent {
    /// All that has passed since the call began.
    pub(crate) elapsed: Duration,
    /// The same without the time in which a model was being loaded.
    pub(crate) waited: Duration,
}

impl TimeSpent {
    /// The same, when so much has passed since the call began: nothing was loaded in between.
    pub(crate) fn at(self, elapsed: Duration) -> Self {
        let since = elapsed.saturating_sub(self.elapsed);
        Self { elapsed, waited: self.waited.saturating_add(since) }
    }
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
struct RetryState {
    limits: CallLimits,
    /// Time that does not count for the first token.
    loading: Duration,
    loading_since: Option<Instant>,
    retries: Vec<Retry>,
    /// Retries that count: not the one for a stale connection, and not the wait for a model.
    counted: u32,
    /// How often it has asked whether the model is ready.
    polls: u32,
    /// Whether the retry that a stale connection is worth has been used.
    stale: bool,
    /// What the last retry has drawn from the budget, and what the waits for a model have.
    drawn: Option<u32>,
    drawn_for_loading: u32,
    /// Whether an attempt may be billed.
    is_billed: bool,
    /// What the service said last, where it said that the model is being loaded.
    is_loading: Option<BotticelliError>,
    guard: Option<PollGuard>,
}

impl Retrier {
    /// The limits of a call that begins now, and has nothing to say of models that are being loaded.
    pub(crate) fn limits(&self, total: Option<Duration>) -> CallLimits {
        CallLimits { started: self.clock.now(), total, first_token: None, loading: self.loading }
    }

    /// Makes `attempt` until it succeeds, or trying again is of no use. It is told how much of its time is spent.
    ///
    /// `key` names the model that may have to be loaded.
    ///
    /// # Errors
    ///
    /// That of the last attempt, with the number of attempts; it may be billed if one of them may.
    pub(crate) async fn run<T, F, Fut>(
        &self,
        key: &str,
        limits: CallLimits,
        mut attempt: F,
    ) -> Result<(T, Vec<Retry>), BotticelliError>
    where
        F: FnMut(TimeSpent) -> Fut,
        Fut: Future<Output = Result<T, BotticelliError>>,
    {
        let mut course = RetryState::new(limits);
        if let Some(others) = self.wakeups.waiting(key) {
            // A timer outside of a runtime would panic.
            runtime::current()?;
            self.wait_for_another(others, key, &mut course).await;
        }
        loop {
            match attempt(course.spent(self.clock.now())).await {
                Ok(value) => {
                    self.budget.refund(course.cost());
                    return Ok((value, course.retries));
                }
                Err(error) => {
                    course.is_billed |= error.may_be_billed();
                    // The time of a call that waited for its model ran out for that reason, in an attempt or between two.
                    let error = match course.is_loading.take() {
                        Some(is_loading) if ran_out_of_time(&error) => return course.give_up(is_loading),
                        _ => error,
                    };
                    self.wait_or_give_up(error, key, &mut course).await?;
                }
            }
        }
    }

    /// Waits as long as `error` asks for, or gives it back.
    async fn wait_or_give_up(
        &self,
        error: BotticelliError,
        key: &str,
        course: &mut RetryState,
    ) -> Result<(), BotticelliError> {
        // An answer that has brought something is not asked for again, whatever ended it: it is billed, and its text is here.
        if error.partial().is_some() {
            return course.give_up(error);
        }
        if error.category() == ErrorCategory::Loading && error.is_retryable() {
            return self.wait_until_loaded(error, key, course).await;
        }
        course.guard = None;
        if !course.stale && self.config.max_retries() > 0 && found_no_answer(&error) {
            // The server had closed a connection of the pool: that is no fault of the call's.
            course.stale = true;
            tracing::debug!(%error, attempt = course.attempts(), "the call is made again at once, on another connection");
            course.retries.push(Retry::new(error.to_string(), Duration::ZERO));
            return Ok(());
        }
        let most = match error.category() {
            ErrorCategory::Generation => self.config.max_retries().min(1),
            _ => self.config.max_retries(),
        };
        let hint = error.retry_after();
        if !may_be_retried(&error) || course.counted >= most || hint > Some(self.config.max_hint()) {
            return course.give_up(error);
        }
        let hint = hint.filter(|hint| *hint >= SHORTEST);
        let wait = hint.unwrap_or_else(|| self.backoff(course.counted).max(SHORTEST));
        if !course.has_time_for(wait, self.clock.now()) {
            return course.give_up(error);
        }
        let Some(drawn) = self.budget.draw(error.category() == ErrorCategory::Timeout) else {
            return course.give_up(error);
        };
        course.drawn = Some(drawn);
        course.counted = course.counted.saturating_add(1);
        tracing::debug!(%error, ?wait, attempt = course.attempts(), "the call is made again");
        course.retries.push(Retry::new(error.to_string(), wait));
        self.tell(&Wait { error: error.clone(), wait: Some(wait), loading_for: None });
        self.clock.sleep(wait).await;
        // Whoever polls late may find that there is no time left.
        if course.has_time_for(Duration::ZERO, self.clock.now()) { Ok(()) } else { course.give_up(error) }
    }

    /// A model that is being loaded is a state, not a failure: it has a clock of its own, and counts for the whole call's
    /// alone.
    async fn wait_until_loaded(
        &self,
        error: BotticelliError,
        key: &str,
        course: &mut RetryState,
    ) -> Result<(), BotticelliError> {
        let now = self.clock.now();
        course.is_loading = Some(error.clone());
        let since = *course.loading_since.get_or_insert(now);
        let loading_for = now.saturating_duration_since(since);
        if self.config.max_retries() == 0 {
            return course.give_up(error);
        }
        if let Some(limit) = course.limits.loading.filter(|limit| loading_for >= *limit) {
            let host = host_of(&error);
            let kind = HttpErrorKind::Timeout { kind: TimeoutKind::Loading, limit };
            let ran_out = BotticelliError::new(HttpError::new(kind, host).with_source(error));
            return course.give_up(ran_out);
        }
        if course.is_nearly_over(now) {
            return course.give_up(error);
        }
        let watch = match course.guard.take() {
            Some(guard) if guard.asks_at(now) => Poller::Ours(guard),
            _ => self.wakeups.watch(key),
        };
        match watch {
            Poller::Ours(guard) => {
                let Some(drawn) = self.budget.draw(false) else { return course.give_up(error) };
                course.drawn_for_loading = course.drawn_for_loading.saturating_add(drawn);
                let hint = error.retry_after().filter(|hint| *hint >= SHORTEST_LOADING);
                let hint = hint.map(|hint| hint.min(self.config.max_hint()));
                let wait = hint.unwrap_or_else(|| self.longest_wait(course.polls)).max(SHORTEST_LOADING);
                course.polls = course.polls.saturating_add(1);
                let wait = course.longest_loading_wait(now).map_or(wait, |longest| wait.min(longest));
                guard.asks_at(now.checked_add(wait).unwrap_or(now));
                course.guard = Some(guard);
                course.retries.push(Retry::new(error.to_string(), wait));
                // What the service says may repeat the prompt, so it stays out of this level.
                tracing::info!(model = key, ?wait, ?loading_for, "the model is being loaded");
                self.tell(&Wait { error, wait: Some(wait), loading_for: Some(loading_for) });
                self.clock.sleep(wait).await;
                course.loading =
                    course.loading.saturating_add(self.clock.now().saturating_duration_since(now));
            }
            Poller::Theirs(others) => {
                tracing::debug!(model = key, ?loading_for, "another call waits for the model to be loaded");
                course.retries.push(Retry::new(error.to_string(), Duration::ZERO));
                self.tell(&Wait { error: error.clone(), wait: None, loading_for: Some(loading_for) });
                if !self.wait_for_another(others, key, course).await {
                    // It asks for itself, as its own deadline is near.
                    let Some(drawn) = self.budget.draw(false) else { return course.give_up(error) };
                    course.drawn_for_loading = course.drawn_for_loading.saturating_add(drawn);
                }
            }
        }
        Ok(())
    }

    /// Waits until another call has found the model ready, or has not asked again when it said that it would: then this one
    /// asks in its place. `false` where this call's own time was up before that.
    async fn wait_for_another(&self, mut others: LoadingWait, key: &str, course: &mut RetryState) -> bool {
        let began = self.clock.now();
        course.loading_since.get_or_insert(began);
        let is_in_time = loop {
            let now = self.clock.now();
            let due = others.due.unwrap_or(now);
            let theirs = due.saturating_duration_since(now).saturating_add(OVERDUE);
            let ours = course.longest_loading_wait(now).unwrap_or(Duration::MAX);
            if let Either::Left(_) = select(others.rung.clone(), self.clock.sleep(theirs.min(ours))).await {
                break true;
            }
            if ours < theirs {
                tracing::debug!(
                    model = key,
                    "the call's own time was up while another was waiting for the model"
                );
                break false;
            }
            match self.wakeups.take_over(key, &others) {
                Some(Poller::Theirs(current)) => others = current,
                Some(Poller::Ours(guard)) => {
                    course.guard = Some(guard);
                    break true;
                }
                None => break true,
            }
        };
        course.loading = course.loading.saturating_add(self.clock.now().saturating_duration_since(began));
        is_in_time
    }

    /// A random part of the longest wait.
    fn backoff(&self, retries: u32) -> Duration {
        let longest = self.longest_wait(retries);
        let seconds = longest.as_secs_f64() * self.random_source.fraction().clamp(0.0, 1.0);
        Duration::try_from_secs_f64(seconds).unwrap_or(longest)
    }

    /// Half a second, doubled with every retry, up to a limit.
    fn longest_wait(&self, retries: u32) -> Duration {
        let doubled =
            2_u32.checked_pow(retries).and_then(|factor| self.config.base_delay().checked_mul(factor));
        doubled.unwrap_or(self.config.max_delay()).min(self.config.max_delay())
    }

    fn tell(&self, wait: &Wait) {
        if let Some(Observer(told)) = &self.observer {
            told(wait);
        }
    }
}

impl RetryState {
    fn new(limits: CallLimits) -> Self {
        Self {
            limits,
            loading: Duration::ZERO,
            loading_since: None,
            retries: Vec::new(),
            counted: 0,
            polls: 0,
            stale: false,
            drawn: None,
            drawn_for_loading: 0,
            is_billed: false,
            is_loading: None,
            guard: None,
        }
    }

    /// What of the call's time is used up.
    fn spent(&self, now: Instant) -> TimeSpent {
        let elapsed = now.saturating_duration_since(self.limits.started);
        TimeSpent { elapsed, waited: elapsed.saturating_sub(self.loading) }
    }

    /// Whether the call has time for a wait, and for something after it.
    fn has_time_for(&self, wait: Duration, now: Instant) -> bool {
        let TimeSpent { elapsed, waited } = self.spent(now);
        let limits = [(self.limits.total, elapsed), (self.limits.first_token, waited)];
        limits.iter().all(|(limit, spent)| limit.is_none_or(|limit| spent.saturating_add(wait) < limit))
    }

    fn total_left(&self, now: Instant) -> Option<Duration> {
        Some(self.limits.total?.saturating_sub(self.spent(now).elapsed))
    }

    /// Whether too little is left of the whole call to wait for a model and to be answered by it.
    fn is_nearly_over(&self, now: Instant) -> bool {
        let Some((left, total)) = self.total_left(now).zip(self.limits.total) else { return false };
        left <= (total / 50).max(SHORTEST_LOADING)
    }

    /// How long it may wait for a model: as long as the loading clock lets it, and no longer than half of what is left of the
    /// whole call, so that there is time to ask again.
    fn longest_loading_wait(&self, now: Instant) -> Option<Duration> {
        let since = self.loading_since.unwrap_or(now);
        let loading = self.limits.loading;
        let loading = loading.map(|limit| limit.saturating_sub(now.saturating_duration_since(since)));
        let total = self.total_left(now).map(|left| (left / 2).max(SHORTEST_LOADING));
        loading.into_iter().chain(total).min()
    }

    /// What its last retry and its waits for a model have drawn; `None` where nothing was.
    fn cost(&self) -> Option<u32> {
        match (self.drawn, self.drawn_for_loading) {
            (drawn, 0) => drawn,
            (drawn, for_loading) => Some(drawn.unwrap_or(1).saturating_add(for_loading)),
        }
    }

    fn attempts(&self) -> u32 {
        u32::try_from(self.retries.len()).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// The error of the last attempt, with what is known of all.
    fn give_up<T>(&self, error: BotticelliError) -> Result<T, BotticelliError> {
        Err(error.with_attempts(self.attempts()).with_billing(self.is_billed))
    }
}

/// Whether the same call may succeed a little later. A clock of the whole call that ran out leaves no time for that.
fn may_be_retried(error: &BotticelliError) -> bool {
    let is_clock_of_the_call = matches!(error.kind(), BotticelliErrorKind::Http(http)
        if matches!(http.kind(), HttpErrorKind::Timeout { kind, .. } if *kind != TimeoutKind::Connect));
    error.is_retryable() && !is_clock_of_the_call
}

fn found_no_answer(error: &BotticelliError) -> bool {
    matches!(error.kind(), BotticelliErrorKind::Http(http) if *http.kind() == HttpErrorKind::NoResponse)
}

/// Whether the time of the whole call was up.
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
