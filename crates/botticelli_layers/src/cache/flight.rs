//! Calls in flight that several callers share.

use super::key::Key;
use super::key_hash::KeyHashes;
use super::log::{Item, Log};
use super::source::Source;
use botticelli_core::{GenerateResponse, Timeouts};
use botticelli_error::InterruptedError;
use futures::Stream;
use std::collections::HashMap;
use std::mem;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering, fence};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Wake, Waker};
use tokio::runtime;

/// The calls in flight of a cache.
#[derive(Default)]
pub(super) struct Flights {
    flights: Mutex<HashMap<FlightKey, Weak<Flight>, KeyHashes>>,
    /// Number of calls that have ended.
    ended: AtomicU64,
    /// Number of drivers with this cache.
    drivers: AtomicU64,
}

/// Calls with equal keys can share one flight.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct FlightKey {
    key: Key,
    is_stream: bool,
    /// The driver whose token and settings the call uses. An error is about them.
    driver: u64,
    /// The runtime whose sockets and timers the call uses. It may stop while another runtime waits.
    runtime: Option<runtime::Id>,
}

impl FlightKey {
    /// Returns the key of a call on the current runtime.
    pub(super) fn new(key: Key, is_stream: bool, driver: u64) -> Self {
        let runtime = runtime::Handle::try_current().ok().map(|runtime| runtime.id());
        Self { key, is_stream, driver, runtime }
    }
}

impl Flights {
    /// Joins the call in flight with this key and these timeouts, or starts one.
    pub(super) fn join(
        self: &Arc<Self>,
        key: FlightKey,
        timeouts: Option<Timeouts>,
        start: impl FnOnce(&Self) -> Source,
    ) -> Subscription {
        // Declared before the lock, and so dropped after it: the end of a flight takes the lock.
        let found;
        let mut flights = self.flights();
        found = flights.get(&key).and_then(Weak::upgrade);
        // As in `finish`: either this caller sees that the call is done, or the call sees this caller.
        fence(Ordering::SeqCst);
        let running = found.as_ref().filter(|flight| !flight.is_done());
        let flight = match running {
            Some(flight) if flight.timeouts == timeouts => flight.clone(),
            _ => {
                let flight = Arc::new(Flight {
                    flights: self.clone(),
                    key: running.is_none().then_some(key),
                    timeouts,
                    wakers: Arc::default(),
                    progress: Mutex::new(Progress { source: Some(start(self)), log: Log::default() }),
                    is_done: AtomicBool::new(false),
                    is_claimed: AtomicBool::new(false),
                });
                if running.is_none() {
                    flights.insert(key, Arc::downgrade(&flight));
                }
                flight
            }
        };
        Subscription::new(flight)
    }

    fn flights(&self) -> MutexGuard<'_, HashMap<FlightKey, Weak<Flight>, KeyHashes>> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the number of a driver that has not been used for another one.
    pub(super) fn new_driver(&self) -> u64 {
        self.drivers.fetch_add(1, Ordering::Relaxed)
    }

    /// Returns the number of calls that have ended.
    pub(super) fn ended(&self) -> u64 {
        self.ended.load(Ordering::Acquire)
    }
}

/// A call in flight. It is driven by whichever of its callers is polled, and ends with the last of them.
struct Flight {
    flights: Arc<Flights>,
    /// The key under which other callers find it.
    key: Option<FlightKey>,
    timeouts: Option<Timeouts>,
    /// The callers that wait.
    wakers: Arc<Wakers>,
    progress: Mutex<Progress>,
    is_done: AtomicBool,
    is_claimed: AtomicBool,
}

/// The items of a call so far, and the source of the others.
struct Progress {
    source: Option<Source>,
    log: Log,
}

impl Flight {
    fn is_done(&self) -> bool {
        self.is_done.load(Ordering::Acquire)
    }

    /// Ends the call. Its response is kept by now.
    fn finish(&self) {
        self.flights.ended.fetch_add(1, Ordering::AcqRel);
        self.is_done.store(true, Ordering::Release);
        fence(Ordering::SeqCst);
    }

    /// Returns the item at a position. Polls the source if the item has not arrived.
    ///
    /// With several callers, the source wakes all of them through the list of wakers. The only caller of a call passes its own waker to
    /// the source, and joins the list only if it must wait. A caller that comes later polls the source with the list, which wakes both.
    fn poll_item(self: &Arc<Self>, position: usize, caller: usize, cx: &Context<'_>) -> Poll<Option<Item>> {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(item) = progress.log.get(position) {
            return Poll::Ready(Some(item));
        }
        if self.is_done() {
            return Poll::Ready(None);
        }
        // Counted under the lock: a caller that has asked the source before is visible here.
        let is_alone = Arc::strong_count(self) == 1;
        let polled = if is_alone {
            self.poll_source(&mut progress, cx.waker())
        } else {
            // Before the look, so that the caller cannot miss an item.
            self.wakers.register(caller, cx.waker());
            self.poll_source(&mut progress, &Waker::from(self.wakers.clone()))
        };
        if polled.is_pending() {
            if is_alone {
                self.wakers.register(caller, cx.waker());
            }
            return Poll::Pending;
        }
        drop(progress);
        if !is_alone {
            self.wakers.remove(caller);
            self.wakers.wake_all();
        }
        polled
    }

    fn poll_source(self: &Arc<Self>, progress: &mut Progress, waker: &Waker) -> Poll<Option<Item>> {
        // Taken out, so that a source that panics is not polled again.
        let item = match progress.source.take() {
            Some(mut source) => match source.poll_next(&mut Context::from_waker(waker)) {
                Poll::Pending => {
                    progress.source = Some(source);
                    return Poll::Pending;
                }
                Poll::Ready(item) => {
                    if matches!(&item, Some(Ok(part)) if !part.is_final()) {
                        progress.source = Some(source);
                    }
                    item
                }
            },
            None => Some(Err(InterruptedError::new("a shared call").into())),
        };
        if progress.source.is_none() {
            self.finish();
            if Arc::strong_count(self) == 1 {
                // Another caller sees that the call is done, and does not join it.
                return Poll::Ready(item);
            }
        }
        if let Some(item) = &item {
            progress.log.push(item);
        }
        Poll::Ready(item)
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        let Some(key) = &self.key else { return };
        let mut flights = self.flights.flights();
        if flights.get(key).is_some_and(|flight| std::ptr::eq(flight.as_ptr(), self)) {
            flights.remove(key);
        }
    }
}

/// One caller of a call in flight: the items from the first one on.
pub(super) struct Subscription {
    flight: Arc<Flight>,
    caller: usize,
    position: usize,
}

impl Subscription {
    fn new(flight: Arc<Flight>) -> Self {
        let caller = flight.wakers.new_caller();
        Self { flight, caller, position: 0 }
    }

    /// Returns whether this caller gets the response as the original one, which is true for one caller only.
    pub(super) fn is_original(&self, response: &GenerateResponse) -> bool {
        !response.is_cached() && !self.flight.is_claimed.swap(true, Ordering::AcqRel)
    }
}

impl Stream for Subscription {
    type Item = Item;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Item>> {
        let item = self.flight.poll_item(self.position, self.caller, cx);
        if let Poll::Ready(Some(_)) = &item {
            self.position = self.position.saturating_add(1);
        }
        item
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.flight.wakers.remove(self.caller);
    }
}

/// The wakers of the callers that wait. All of them are woken, because any of them may have stopped polling.
#[derive(Default)]
struct Wakers {
    callers: AtomicUsize,
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    /// The only caller of a call has no list.
    first: Option<(usize, Waker)>,
    others: Vec<(usize, Waker)>,
}

impl Wakers {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn new_caller(&self) -> usize {
        self.callers.fetch_add(1, Ordering::Relaxed)
    }

    fn register(&self, caller: usize, waker: &Waker) {
        let mut waiting = self.waiting();
        let Waiting { first, others } = &mut *waiting;
        let known = first.iter_mut().chain(&mut *others).find(|(number, _)| *number == caller);
        if let Some((_, registered)) = known {
            registered.clone_from(waker);
        } else if first.is_none() {
            *first = Some((caller, waker.clone()));
        } else {
            others.push((caller, waker.clone()));
        }
    }

    fn remove(&self, caller: usize) {
        let mut waiting = self.waiting();
        let removed = waiting.first.take_if(|(number, _)| *number == caller).or_else(|| {
            let place = waiting.others.iter().position(|(number, _)| *number == caller)?;
            Some(waiting.others.swap_remove(place))
        });
        // A waker may take a lock when it is dropped.
        drop(waiting);
        drop(removed);
    }

    fn wake_all(&self) {
        let mut waiting = self.waiting();
        let (first, others) = (waiting.first.take(), mem::take(&mut waiting.others));
        drop(waiting);
        for (_, waker) in first.into_iter().chain(others) {
            waker.wake();
        }
    }
}

impl Wake for Wakers {
    fn wake(self: Arc<Self>) {
        self.wake_all();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.wake_all();
    }
}
