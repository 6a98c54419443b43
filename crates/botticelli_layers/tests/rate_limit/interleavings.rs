//! Properties that hold under any interleaving of calls, drops and time.

use crate::watched::{MINUTE, SECOND, Watched, numbered};
use crate::windows::assert_limit;
use botticelli_core::CostEstimate;
use botticelli_interface::BotticelliDriver;
use botticelli_layers::LayerExt;
use botticelli_layers::mock::{MockDriver, MockReply};
use botticelli_layers::rate_limit::RateLimit;
use futures::StreamExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// A reproducible sequence of numbers.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

#[tokio::test]
async fn the_limits_hold_in_order_while_calls_come_and_go() {
    for seed in 0..20 {
        let mut chance = Chance(seed);
        let (limit, most) = (1 + chance.below(20), 1 + chance.below(10));
        let rate = RateLimit::requests_per_minute(limit).with_max_in_flight(most);
        let watched = Watched::replying(rate, CostEstimate::unknown(), |number| {
            let reply = MockReply::text(number.to_string());
            // Zero delays, and others.
            reply.with_delay(Duration::from_millis(number * 7_919 % 9 * 1_000))
        });
        let mut calls = Vec::new();
        let mut aborted = Vec::new();
        let mut most_open = 0;
        for number in 0..200 {
            calls.push((number, watched.spawn(number)));
            if chance.below(4) == 0 {
                watched.advance(Duration::from_millis(chance.below(3_000))).await;
            }
            if chance.below(5) == 0 {
                let place = usize::try_from(chance.below(u64::try_from(calls.len()).unwrap())).unwrap();
                let (number, call) = calls.swap_remove(place);
                call.abort();
                aborted.push(number);
            }
            most_open = most_open.max(watched.mock.open_calls());
        }
        // Enough time for all of them.
        for _ in 0..(200 / limit + 200) {
            watched.advance(SECOND * 13).await;
            most_open = most_open.max(watched.mock.open_calls());
        }
        for _ in 0..(200 / limit + 2) {
            watched.advance(MINUTE).await;
        }
        for (number, call) in calls {
            assert!(call.is_finished(), "seed {seed}: call {number} was forgotten");
            assert!(call.await.unwrap().is_ok());
        }
        let sent = watched.sent();
        let times: Vec<_> = sent.iter().map(|(time, _)| *time).collect();
        assert_limit(&times, usize::try_from(limit).unwrap(), MINUTE);
        // Calls that go at the same time may do so in any order.
        let mut in_order = sent.clone();
        in_order.sort_by_key(|(_, number)| *number);
        assert!(in_order.is_sorted_by_key(|(time, _)| *time), "seed {seed}: the order changed");
        assert!(most_open <= usize::try_from(most).unwrap(), "seed {seed}: {most_open} in flight");
        assert!(sent.len() >= 200 - aborted.len(), "seed {seed}: {} sent", sent.len());
        assert_eq!(watched.mock.open_calls(), 0);
    }
}

/// A counted call, also if its task is aborted.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(open: Arc<AtomicUsize>) -> Self {
        open.fetch_add(1, Ordering::AcqRel);
        Self(open)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calls_on_many_threads_neither_exceed_the_limit_nor_hang() {
    let open = Arc::new(AtomicUsize::new(0));
    let mock = MockDriver::answering([MockReply::chunks(["a", "b"])]).repeating();
    let driver = Arc::new(mock.clone().with_rate_limit(RateLimit::max_in_flight(3)));
    let tasks: Vec<_> = (0..300)
        .map(|number| {
            let (driver, open) = (driver.clone(), open.clone());
            tokio::spawn(async move {
                let mut stream = driver.generate_stream(numbered(number)).await.unwrap();
                let counted = Counted::new(open);
                assert!(counted.0.load(Ordering::Acquire) <= 3);
                tokio::task::yield_now().await;
                drop(counted);
                // Every third stream is dropped in the middle.
                let is_dropped = number % 3 == 0;
                while !is_dropped && stream.next().await.is_some() {}
            })
        })
        .collect();
    for (number, task) in tasks.into_iter().enumerate() {
        let is_aborted = number % 7 == 0;
        if is_aborted {
            task.abort();
        }
        assert!(task.await.is_ok() || is_aborted);
    }
    assert_eq!(mock.open_calls(), 0);
    assert!(driver.generate(numbered(0)).await.is_ok());
}
