//! Limits that several machines share through a Redis server.

use super::place::SharedPlace;
use super::shared_scripts;
use super::state::IN_FLIGHT;
use super::window::Window;
use crate::store::UniqueIds;
use crate::store::redis::RedisServer;
use crate::total_limit::{Deadline, within};
use botticelli_error::{BotticelliError, LimitError, LimitErrorKind};
use botticelli_interface::Clock;
use redis::Script;
use std::fmt;
use std::mem;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Beginning of all keys, with the version of the format.
const PREFIX: &str = "botticelli:rate:1";

/// Time after which a call that did not end no longer counts as in flight, if its request has no shorter limit. The scripts keep their
/// calls in flight for this long.
const LEASE: Duration = Duration::from_secs(600);

/// Shortest lease, so that a short delay does not end it.
const SHORTEST_LEASE: Duration = Duration::from_secs(10);

/// Longest wait between two questions to the server.
const LONGEST_POLL: Duration = Duration::from_secs(1);

/// Wait between two questions if nothing but the end of another call can help.
const POLL: Duration = Duration::from_millis(100);

/// Time after which a call that has the turn and does not ask is not polled. Longer than the wait for a reply and between two questions.
const PAUSED: Duration = Duration::from_secs(5);

/// Time without another attempt after the server was not reachable.
const RECOVERY: Duration = Duration::from_secs(5);

/// A limit on a server. The windows are the same as in this process.
pub(super) struct SharedLimit {
    server: RedisServer,
    keys: Vec<String>,
    /// The arguments of all scripts from the sixth on.
    windows: Vec<String>,
    units: Vec<(&'static str, u64)>,
    max_in_flight: Option<u64>,
    clock: Arc<dyn Clock>,
    acquire: Script,
    end: Script,
    /// Calls of this process ask in order.
    turn: tokio::sync::Mutex<()>,
    /// The last time when a call asked.
    asked: Mutex<Option<Instant>>,
    ids: UniqueIds,
    /// Ends of calls that were dropped.
    deferred: Mutex<Vec<End>>,
    lost_until: Mutex<Option<Instant>>,
}

/// The end of a call.
#[derive(Clone, Debug)]
struct End {
    id: String,
    tokens: u64,
    retries: u64,
    pause: Duration,
}

impl fmt::Debug for SharedLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedLimit").field("server", &self.server).finish_non_exhaustive()
    }
}

impl SharedLimit {
    pub(super) fn new(
        place: &SharedPlace,
        requests: &[Window],
        tokens: &[Window],
        max_in_flight: Option<u64>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let key = |what: &str| format!("{PREFIX}:{}:{what}", place.name);
        let mut keys = vec![key("in_flight"), key("reserved"), key("pause"), key("expired")];
        let (mut windows, mut units) = (Vec::new(), Vec::new());
        let all =
            requests.iter().map(|window| (window, "r")).chain(tokens.iter().map(|window| (window, "t")));
        for (window, unit) in all {
            let span = window.span().as_millis().to_string();
            keys.push(key(&format!("{unit}:{span}")));
            windows.extend([span, window.limit.to_string(), unit.to_owned()]);
            units.push((window.unit, window.limit));
        }
        Self {
            server: place.server.clone(),
            keys,
            windows,
            units,
            max_in_flight,
            clock,
            acquire: shared_scripts::acquire(),
            end: shared_scripts::end(),
            turn: tokio::sync::Mutex::default(),
            asked: Mutex::default(),
            ids: UniqueIds::default(),
            deferred: Mutex::default(),
            lost_until: Mutex::default(),
        }
    }

    /// Waits for the turn of a call among all machines. `None` if the server cannot be reached: the limit of this process then
    /// holds alone. `left` is the rest of the time of the call. A call that crashes is in flight until it is over.
    ///
    /// # Errors
    ///
    /// A [`LimitError`] if the wait would exceed `rest`.
    pub(super) async fn acquire(
        self: &Arc<Self>,
        tokens: u64,
        rest: Option<Duration>,
        left: Option<Duration>,
    ) -> Result<Option<SharedPermit>, BotticelliError> {
        let lease = left.map_or(LEASE, |left| left.clamp(SHORTEST_LEASE, LEASE));
        let start = self.clock.now();
        let passed = || self.clock.now().saturating_duration_since(start);
        let waitable = || rest.map(|rest| rest.saturating_sub(passed()));
        let mut turn = pin!(self.turn.lock());
        let _turn = loop {
            let longest = || Some(PAUSED.min(waitable().unwrap_or(PAUSED)));
            match within(longest, &*self.clock, turn.as_mut()).await {
                Some(turn) => break Some(turn),
                None if waitable().is_some_and(|left| left.is_zero()) => {
                    return Err(self.refusal(0, POLL));
                }
                // A call that is not polled keeps its turn, but must not stop the others.
                None if self.is_quiet() => break None,
                None => {}
            }
        };
        // Dropped before the decision is known, it ends the call that the server may have let go.
        let permit = SharedPermit { limit: self.clone(), end: Some(self.first_end()) };
        let mut last = None;
        loop {
            // A server that has answered is there. Before that, half of the time is left for the call itself.
            let bound = || {
                let left = left?.saturating_sub(passed());
                Some(if last.is_some() { left } else { left / 2 })
            };
            let Some(reply) = within(bound, &*self.clock, pin!(self.ask(&permit, tokens, lease))).await
            else {
                let Some((window, wait)) = last else {
                    tracing::warn!("the shared rate limit does not answer in half of the time of a call");
                    self.lose();
                    return Ok(None);
                };
                return Err(self.refusal(window, wait));
            };
            let (wait, window) = match reply {
                None => return Ok(None),
                Some((true, ..)) => return Ok(Some(permit)),
                Some((false, wait, window)) => (wait, window),
            };
            if let (Some(wait), Some(left)) = (wait, waitable())
                && wait > left
            {
                permit.forget();
                return Err(self.refusal(window, wait));
            }
            if waitable().is_some_and(|left| left.is_zero()) {
                permit.forget();
                return Err(self.refusal(window, wait.unwrap_or(POLL)));
            }
            last = Some((window, wait.unwrap_or(POLL)));
            let longest = wait.unwrap_or(POLL).clamp(Duration::from_millis(5), LONGEST_POLL);
            let pause = self.spread(longest).min(waitable().unwrap_or(Duration::MAX));
            self.clock.sleep(pause).await;
        }
    }

    /// Returns whether no call has asked for a while.
    fn is_quiet(&self) -> bool {
        let now = self.clock.now();
        lock(&self.asked).is_none_or(|asked| now.saturating_duration_since(asked) >= PAUSED)
    }

    /// Asks the server. Returns the decision, with the wait and the number of the window. `None` if the server is lost.
    async fn ask(
        &self,
        permit: &SharedPermit,
        tokens: u64,
        lease: Duration,
    ) -> Option<(bool, Option<Duration>, usize)> {
        let id = permit.end.as_ref().map(|end| end.id.clone())?;
        *lock(&self.asked) = Some(self.clock.now());
        let most = self.max_in_flight.map_or("-1".to_owned(), |most| most.to_string());
        self.write_deferred().await?;
        let arguments = [id, lease.as_millis().to_string(), most, tokens.to_string(), String::new()];
        let (is_free, wait, window): (i64, i64, usize) = self.run(&self.acquire, arguments).await?;
        Some((is_free == 1, u64::try_from(wait).ok().map(Duration::from_millis), window))
    }

    /// Runs a script. `None` if the server is lost, or was lost a moment ago.
    async fn run<T: redis::FromRedisValue>(&self, script: &Script, arguments: [String; 5]) -> Option<T> {
        if lock(&self.lost_until).is_some_and(|until| self.clock.now() < until) {
            return None;
        }
        let mut all = arguments.to_vec();
        all.extend(self.windows.iter().cloned());
        match self.server.run(script, &self.keys, &all).await {
            Ok(reply) => Some(reply),
            Err(error) => {
                tracing::warn!(%error, "the shared rate limit is lost, and the limit of this process holds alone");
                self.lose();
                None
            }
        }
    }

    /// Records that the server cannot be reached. It is not asked again for a moment.
    fn lose(&self) {
        *lock(&self.lost_until) = self.clock.now().checked_add(RECOVERY);
    }

    async fn write(&self, end: &End) -> Option<i64> {
        let End { id, tokens, retries, pause } = end.clone();
        let pause = pause.as_millis().to_string();
        self.run(&self.end, [id, tokens.to_string(), retries.to_string(), pause, String::new()]).await
    }

    /// Writes the ends of dropped calls.
    async fn write_deferred(&self) -> Option<()> {
        // One at a time. A call that gives up meanwhile leaves the rest, and the one that it may have written.
        loop {
            let Some(end) = lock(&self.deferred).pop() else { return Some(()) };
            let mut unwritten = Unwritten { limit: self, end: Some(end.clone()) };
            // Without the server, the leases of the calls end them.
            self.write(&end).await?;
            unwritten.end = None;
        }
    }

    fn first_end(&self) -> End {
        End { id: format!("{:016x}", self.ids.next()), tokens: 0, retries: 0, pause: Duration::ZERO }
    }

    /// Returns three quarters to five quarters of a wait, so that machines do not ask at the same time.
    fn spread(&self, wait: Duration) -> Duration {
        let chance = u32::try_from(self.ids.next() % 512).unwrap_or_default();
        (wait * 3 / 4).saturating_add(wait / 1_024 * chance)
    }

    fn refusal(&self, window: usize, wait: Duration) -> BotticelliError {
        let of_window = window.checked_sub(1).and_then(|at| self.units.get(at)).copied();
        let in_flight = self.max_in_flight.map(|limit| (IN_FLIGHT, limit));
        let (unit, limit) =
            of_window.or(in_flight).or_else(|| self.units.first().copied()).unwrap_or((IN_FLIGHT, 0));
        let wait = wait.max(Duration::from_secs(1));
        LimitError::new(LimitErrorKind::Rate { unit, limit, wait }).into()
    }
}

/// An end that is being written. It is written again if that is not known to have worked, which has no effect the second time.
struct Unwritten<'a> {
    limit: &'a SharedLimit,
    end: Option<End>,
}

impl Drop for Unwritten<'_> {
    fn drop(&mut self) {
        if let Some(end) = self.end.take() {
            lock(&self.limit.deferred).push(end);
        }
    }
}

/// The permission of one call among all machines. A permit that is dropped ends its call before the next one.
#[derive(Debug)]
pub(super) struct SharedPermit {
    limit: Arc<SharedLimit>,
    end: Option<End>,
}

impl SharedPermit {
    /// Sets the amounts that the call used.
    pub(super) fn record(&mut self, tokens: u64, retries: u64, pause: Duration) {
        if let Some(end) = &mut self.end {
            *end = End { id: mem::take(&mut end.id), tokens, retries, pause };
        }
    }

    /// Ends the call, now or with the next call if its time is over before.
    pub(super) async fn write(mut self, deadline: Deadline) {
        if let Some(end) = &self.end {
            let limit = self.limit.clone();
            if deadline.bound(&*limit.clock, "the shared rate limit", pin!(limit.write(end))).await.is_ok() {
                self.end = None;
            }
        }
    }

    fn forget(mut self) {
        self.end = None;
    }
}

impl Drop for SharedPermit {
    fn drop(&mut self) {
        if let Some(end) = self.end.take() {
            lock(&self.limit.deferred).push(end);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
