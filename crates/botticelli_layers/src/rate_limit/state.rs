//! The state of a limiter: the used amounts, and the waiting calls.

use super::window::Window;
use std::collections::{BTreeMap, VecDeque};
use std::task::Waker;
use std::time::{Duration, Instant};

/// The unit of a wait that the service asked for.
const PAUSE: &str = "requests, which the service reported,";
/// Time after which a call that may go and does not ask is not polled.
const PAUSED: Duration = Duration::from_secs(5);

pub(super) const IN_FLIGHT: &str = "calls in flight";

#[derive(Debug)]
pub(super) struct State {
    pub(super) requests: Vec<Window>,
    pub(super) tokens: Vec<Window>,
    max_in_flight: Option<u64>,
    in_flight: u64,
    paused_until: Option<Instant>,
    /// Waiting calls, in order.
    queue: VecDeque<Waiter>,
    /// Calls that may go, but do not know it yet, with the time since when.
    granted: BTreeMap<u64, Grant>,
    /// Calls that did not learn for a long time that they may go, with their tokens. They wait again when they ask.
    late: BTreeMap<u64, u64>,
    next_id: u64,
}

#[derive(Debug)]
struct Waiter {
    id: u64,
    tokens: u64,
    waker: Option<Waker>,
}

#[derive(Clone, Copy, Debug)]
struct Grant {
    at: Instant,
    tokens: u64,
}

/// The limit that a call waits for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    pub(super) unit: &'static str,
    pub(super) limit: u64,
    /// The shortest possible wait. Zero if the call waits for the end of another.
    pub(super) wait: Duration,
}

/// Wakers to call after the lock is released.
#[must_use]
#[derive(Debug, Default)]
pub(super) struct Wakers(Vec<Waker>);

impl Wakers {
    pub(super) fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    pub(super) fn wake(self) {
        self.0.into_iter().for_each(Waker::wake);
    }
}

impl State {
    pub(super) fn new(requests: Vec<Window>, tokens: Vec<Window>, max_in_flight: Option<u64>) -> Self {
        Self {
            requests,
            tokens,
            max_in_flight,
            in_flight: 0,
            paused_until: None,
            queue: VecDeque::new(),
            granted: BTreeMap::new(),
            late: BTreeMap::new(),
            next_id: 0,
        }
    }

    /// Appends a call to the queue.
    pub(super) fn enqueue(&mut self, tokens: u64) -> u64 {
        let id = self.next_id;
        self.next_id = self.next_id.saturating_add(1);
        self.queue.push_back(Waiter { id, tokens, waker: None });
        id
    }

    /// Lets a call go at once, if no other one waits and the limits have room. Returns whether it goes.
    pub(super) fn enter(&mut self, tokens: u64, now: Instant) -> bool {
        self.expire(now);
        let may_go = self.queue.is_empty() && self.is_free(tokens);
        if may_go {
            self.count(tokens, now);
        }
        may_go
    }

    fn expire(&mut self, now: Instant) {
        for window in self.requests.iter_mut().chain(&mut self.tokens) {
            window.expire(now);
        }
        self.paused_until = self.paused_until.filter(|until| *until > now);
    }

    /// Counts a call that goes.
    fn count(&mut self, tokens: u64, now: Instant) {
        for window in &mut self.requests {
            window.add(now, 1);
        }
        for window in &mut self.tokens {
            window.reserve(tokens);
        }
        self.in_flight = self.in_flight.saturating_add(1);
    }

    /// Takes back the places of calls that do not ask, because their program keeps them without polling them.
    fn reclaim(&mut self, now: Instant) {
        let is_late = |grant: &Grant| now.saturating_duration_since(grant.at) >= PAUSED;
        while let Some((id, grant)) =
            self.granted.iter().find(|(_, grant)| is_late(grant)).map(|(id, grant)| (*id, *grant))
        {
            self.granted.remove(&id);
            self.give_back(grant);
            self.late.insert(id, grant.tokens);
        }
    }

    /// Returns the time until a call that does not ask loses its place. `None` if no call has a place that it does not know of.
    pub(super) fn next_reclaim(&self, now: Instant) -> Option<Duration> {
        let rest = |grant: &Grant| PAUSED.saturating_sub(now.saturating_duration_since(grant.at));
        self.granted.values().map(rest).min()
    }

    /// Lets the calls go whose turn has come, in order.
    pub(super) fn advance(&mut self, now: Instant) -> Wakers {
        self.expire(now);
        self.reclaim(now);
        let mut wakers = Wakers::default();
        while let Some(first) = self.queue.front() {
            let tokens = first.tokens;
            if !self.is_free(tokens) {
                break;
            }
            let Some(first) = self.queue.pop_front() else { break };
            self.count(tokens, now);
            self.granted.insert(first.id, Grant { at: now, tokens });
            wakers.0.extend(first.waker);
        }
        wakers
    }

    fn is_free(&self, tokens: u64) -> bool {
        self.paused_until.is_none()
            && self.max_in_flight.is_none_or(|most| self.in_flight < most)
            && self.requests.iter().all(|window| window.fits(1))
            && self.tokens.iter().all(|window| window.fits(tokens))
    }

    /// Returns whether the turn of a call has come. A call that asks late counts from now, and may have to wait again.
    pub(super) fn take(&mut self, id: u64, now: Instant) -> (bool, Wakers) {
        let tokens = match (self.granted.remove(&id), self.late.remove(&id)) {
            (Some(grant), _) if grant.at == now => return (true, Wakers::default()),
            (Some(grant), _) => {
                self.give_back(grant);
                grant.tokens
            }
            (None, Some(tokens)) => tokens,
            (None, None) => return (false, Wakers::default()),
        };
        let place = self.queue.partition_point(|waiter| waiter.id < id);
        self.queue.insert(place, Waiter { id, tokens, waker: None });
        let wakers = self.advance(now);
        (self.granted.remove(&id).is_some(), wakers)
    }

    /// Removes a call that gave up.
    pub(super) fn leave(&mut self, id: u64, now: Instant) -> Wakers {
        if let Some(place) = self.place(id) {
            self.queue.remove(place);
        }
        if let Some(grant) = self.granted.remove(&id) {
            self.give_back(grant);
        }
        self.late.remove(&id);
        self.changed(now)
    }

    fn give_back(&mut self, grant: Grant) {
        for window in &mut self.requests {
            window.remove(grant.at, 1);
        }
        for window in &mut self.tokens {
            window.release(grant.tokens);
        }
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    /// Takes back a call that counts since `since` and was not sent.
    pub(super) fn cancel(&mut self, tokens: u64, since: Instant, now: Instant) -> Wakers {
        self.give_back(Grant { at: since, tokens });
        self.changed(now)
    }

    /// Ends a call in flight: its reserved tokens are replaced by the used ones, and its retries count.
    pub(super) fn finish(&mut self, reserved: u64, used: u64, retries: u64, now: Instant) -> Wakers {
        for window in &mut self.tokens {
            window.release(reserved);
            window.add(now, used);
        }
        for window in &mut self.requests {
            window.add(now, retries);
        }
        self.in_flight = self.in_flight.saturating_sub(1);
        self.changed(now)
    }

    /// Lets no call go until `until`.
    pub(super) fn pause(&mut self, until: Instant) {
        self.paused_until = self.paused_until.max(Some(until));
    }

    /// Lets calls go after a change, and wakes the next ones, which may have to wait for another time. Two, in case the first is not
    /// polled.
    fn changed(&mut self, now: Instant) -> Wakers {
        let mut wakers = self.advance(now);
        wakers.0.extend(self.queue.iter().take(2).filter_map(|waiter| waiter.waker.clone()));
        wakers
    }

    pub(super) fn set_waker(&mut self, id: u64, waker: &Waker) {
        let Some(waiter) = self.place(id).and_then(|place| self.queue.get_mut(place)) else { return };
        match &mut waiter.waker {
            Some(known) => known.clone_from(waker),
            none => *none = Some(waker.clone()),
        }
    }

    /// Returns the place of a call in the queue. Earlier calls have smaller ids.
    fn place(&self, id: u64) -> Option<usize> {
        self.queue.binary_search_by_key(&id, |waiter| waiter.id).ok()
    }

    /// Returns the limit that a waiting call waits longest for, as far as that is known.
    pub(super) fn block(&self, id: u64, now: Instant) -> Block {
        let place = self.place(id).unwrap_or_default();
        let tokens = self.queue.get(place).map_or(0, |waiter| waiter.tokens);
        let ahead = u64::try_from(place).unwrap_or(u64::MAX);
        let of_window = |window: &Window, ahead: u64, amount: u64| Block {
            unit: window.unit,
            limit: window.limit,
            wait: window.wait(now, ahead, amount),
        };
        let requests = self.requests.iter().map(|window| of_window(window, ahead, 1));
        let of_tokens = self.tokens.iter().map(|window| of_window(window, 0, tokens));
        let pause = self.paused_until.map(|until| Block {
            unit: PAUSE,
            limit: 0,
            wait: until.saturating_duration_since(now),
        });
        let timed = requests.chain(of_tokens).chain(pause).filter(|block| !block.wait.is_zero());
        timed.max_by_key(|block| block.wait).unwrap_or_else(|| self.open_block())
    }

    /// Returns the limit that keeps calls waiting until another call ends.
    fn open_block(&self) -> Block {
        let wait = Duration::ZERO;
        let block = |window: &Window| Block { unit: window.unit, limit: window.limit, wait };
        match self.max_in_flight {
            Some(limit) if self.in_flight >= limit => Block { unit: IN_FLIGHT, limit, wait },
            limit => self
                .tokens
                .first()
                .map_or(Block { unit: IN_FLIGHT, limit: limit.unwrap_or_default(), wait }, block),
        }
    }
}
