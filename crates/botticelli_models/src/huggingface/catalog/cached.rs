//! A single-flight cache for one value.

use crate::transport::runtime;
use botticelli_error::BotticelliError;
use botticelli_interface::Clock;
use futures::FutureExt;
use futures::future::{BoxFuture, Shared, WeakShared};
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A single-flight cache for one value. Concurrent calls share one fetch. Clones share the value.
///
/// No background task is spawned. The waiting calls drive the fetch, and dropping the last of them cancels it. A call that is not
/// polled does not block the others, because any of them can drive the fetch. A call that arrives after [`JOINABLE`] starts
/// another fetch.
pub(in crate::huggingface) struct Cached<T> {
    state: Arc<Mutex<State<T>>>,
    clock: Arc<dyn Clock>,
}

type FetchResult<T> = Result<Arc<T>, BotticelliError>;
/// A fetch that several calls can poll.
pub(in crate::huggingface) type SharedFetch<T> = Shared<BoxFuture<'static, FetchResult<T>>>;

struct State<T> {
    value: Option<(Arc<T>, Instant)>,
    running: Option<RunningFetch<T>>,
}

/// A fetch that a call has started.
struct RunningFetch<T> {
    future: WeakShared<BoxFuture<'static, FetchResult<T>>>,
    started: Instant,
    /// The runtime whose sockets and timers the fetch uses.
    runtime: Option<runtime::Id>,
}

/// Maximum age of a fetch that a call joins. The timeouts of an older fetch may be nearly used up, because they run from its start, and
/// its callers may no longer poll it.
const JOINABLE: Duration = Duration::from_secs(5);

/// Returns the runtime of the current task.
pub(in crate::huggingface) fn current_runtime() -> Option<runtime::Id> {
    runtime::current().ok().map(|runtime| runtime.id())
}

impl<T> Clone for Cached<T> {
    fn clone(&self) -> Self {
        Self { state: self.state.clone(), clock: self.clock.clone() }
    }
}

impl<T> fmt::Debug for Cached<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let age = self.state().value.as_ref().map(|(_, since)| self.age(*since));
        f.debug_struct("Cached").field("age", &age).finish_non_exhaustive()
    }
}

impl<T> Cached<T> {
    pub(in crate::huggingface) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { state: Arc::new(Mutex::new(State { value: None, running: None })), clock }
    }

    /// Returns the cached value and its age.
    pub(in crate::huggingface) fn value(&self) -> Option<(Arc<T>, Duration)> {
        self.state().value.as_ref().map(|(value, since)| (value.clone(), self.age(*since)))
    }

    fn age(&self, since: Instant) -> Duration {
        self.clock.now().saturating_duration_since(since)
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Send + Sync + 'static> Cached<T> {
    /// Returns the cached value if `is_fresh` accepts the value and its age. Otherwise fetches a new value and caches it.
    ///
    /// If the fetch fails, all waiting calls get the error, which is not cached.
    pub(in crate::huggingface) async fn get<F, Fut>(
        &self,
        is_fresh: impl Fn(&T, Duration) -> bool,
        fetch: F,
    ) -> FetchResult<T>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, BotticelliError>> + Send + 'static,
    {
        let fetch = {
            // One lock covers both steps, because another call could finish its fetch between two locks.
            let state = self.state();
            if let Some((value, since)) = &state.value
                && is_fresh(value, self.age(*since))
            {
                return Ok(value.clone());
            }
            self.join(state, fetch)
        };
        fetch.await
    }

    /// Joins the running fetch of another call, or starts one that no other call joins.
    pub(in crate::huggingface) fn join_or_start<F, Fut>(&self, fetch: F) -> SharedFetch<T>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, BotticelliError>> + Send + 'static,
    {
        let running = self.running(&self.state(), current_runtime());
        running.unwrap_or_else(|| self.start(fetch))
    }

    /// Joins the running fetch of another call, or starts a new fetch.
    pub(in crate::huggingface) fn refresh<F, Fut>(&self, fetch: F) -> SharedFetch<T>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, BotticelliError>> + Send + 'static,
    {
        self.join(self.state(), fetch)
    }

    fn join<F, Fut>(&self, mut state: MutexGuard<'_, State<T>>, fetch: F) -> SharedFetch<T>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, BotticelliError>> + Send + 'static,
    {
        let runtime = current_runtime();
        if let Some(running) = self.running(&state, runtime) {
            return running;
        }
        let fetch = self.start(fetch);
        let started = self.clock.now();
        state.running = fetch.downgrade().map(|future| RunningFetch { future, started, runtime });
        fetch
    }

    /// Returns the running fetch of another call, if this call can join it.
    fn running(&self, state: &State<T>, runtime: Option<runtime::Id>) -> Option<SharedFetch<T>> {
        let is_joinable =
            |running: &&RunningFetch<T>| running.runtime == runtime && self.age(running.started) < JOINABLE;
        let running = state.running.as_ref().filter(is_joinable).and_then(|running| running.future.upgrade());
        // The result of a finished fetch may be outdated.
        running.filter(|fetch| fetch.peek().is_none())
    }

    /// Returns a fetch that caches its result. Nothing is sent before the fetch is polled.
    fn start<F, Fut>(&self, fetch: F) -> SharedFetch<T>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, BotticelliError>> + Send + 'static,
    {
        let (cache, fetch) = (self.clone(), fetch());
        async move {
            let value = Arc::new(fetch.await?);
            cache.state().value = Some((value.clone(), cache.clock.now()));
            Ok(value)
        }
        .boxed()
        .shared()
    }
}
