//! What is fetched once for many waiting calls, and kept.

use crate::transport::runtime;
use botticelli_error::BotticelliError;
use botticelli_interface::Clock;
use futures::FutureExt;
use futures::future::{BoxFuture, Shared, WeakShared};
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A value that is fetched when it is needed, by one call for all that wait for it. Clones are the same.
///
/// Nothing runs behind it: the calls that wait carry the fetching among them, and when the last of them is dropped, so
/// is the fetching. A call that is not polled holds up none of them: whichever is polled fetches on, and one that comes
/// [later](JOINABLE) begins anew.
pub(in crate::huggingface) struct Cached<T> {
    state: Arc<Mutex<State<T>>>,
    clock: Arc<dyn Clock>,
}

type Fetched<T> = Result<Arc<T>, BotticelliError>;
type Fetching<T> = Shared<BoxFuture<'static, Fetched<T>>>;

struct State<T> {
    value: Option<(Arc<T>, Instant)>,
    fetching: Option<Begun<T>>,
}

/// A fetching that a call has begun.
struct Begun<T> {
    fetching: WeakShared<BoxFuture<'static, Fetched<T>>>,
    since: Instant,
    /// The runtime whose sockets and timers it uses.
    runtime: Option<runtime::Id>,
}

/// How long a fetching may be joined: its own clocks run from its beginning, and whoever began it may not be polled any more.
const JOINABLE: Duration = Duration::from_secs(5);

impl<T> Clone for Cached<T> {
    fn clone(&self) -> Self {
        Self { state: self.state.clone(), clock: self.clock.clone() }
    }
}

impl<T> fmt::Debug for Cached<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let age = self.state().value.as_ref().map(|(_, since)| self.since(*since));
        f.debug_struct("Cached").field("age", &age).finish_non_exhaustive()
    }
}

impl<T> Cached<T> {
    pub(in crate::huggingface) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { state: Arc::new(Mutex::new(State { value: None, fetching: None })), clock }
    }

    /// What is kept, and for how long it has been.
    pub(in crate::huggingface) fn value(&self) -> Option<(Arc<T>, Duration)> {
        self.state().value.as_ref().map(|(value, since)| (value.clone(), self.since(*since)))
    }

    fn since(&self, since: Instant) -> Duration {
        self.clock.now().saturating_duration_since(since)
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Send + Sync + 'static> Cached<T> {
    /// What is kept where `is_fresh` says so of it and its age; else what `fetch` brings, which is kept from then on.
    /// A failure is told to all that waited, and not kept.
    pub(in crate::huggingface) async fn get<F, Fut>(
        &self,
        is_fresh: impl Fn(&T, Duration) -> bool,
        fetch: F,
    ) -> Fetched<T>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, BotticelliError>> + Send + 'static,
    {
        let fetching = {
            // One look: between two, another call may have fetched it.
            let state = self.state();
            if let Some((value, since)) = &state.value
                && is_fresh(value, self.since(*since))
            {
                return Ok(value.clone());
            }
            self.join(state, fetch)
        };
        fetching.await
    }

    /// What another call is fetching already, or else what `fetch` brings.
    pub(in crate::huggingface) fn fetching<F, Fut>(&self, fetch: F) -> Fetching<T>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, BotticelliError>> + Send + 'static,
    {
        self.join(self.state(), fetch)
    }

    fn join<F, Fut>(&self, mut state: MutexGuard<'_, State<T>>, fetch: F) -> Fetching<T>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, BotticelliError>> + Send + 'static,
    {
        let runtime = runtime::current().ok().map(|runtime| runtime.id());
        let joinable = |begun: &&Begun<T>| begun.runtime == runtime && self.since(begun.since) < JOINABLE;
        let running = state.fetching.as_ref().filter(joinable).and_then(|begun| begun.fetching.upgrade());
        // One that is over says nothing new.
        if let Some(running) = running.filter(|fetching| fetching.peek().is_none()) {
            return running;
        }
        let (kept, fetch) = (self.clone(), fetch());
        let fetching = async move {
            let value = Arc::new(fetch.await?);
            kept.state().value = Some((value.clone(), kept.clock.now()));
            Ok(value)
        }
        .boxed()
        .shared();
        let since = self.clock.now();
        state.fetching = fetching.downgrade().map(|fetching| Begun { fetching, since, runtime });
        fetching
    }
}
