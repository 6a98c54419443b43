//! The order of waiting calls, their deadlines, and calls in flight.

use crate::watched::{MINUTE, SECOND, Watched, numbered, settle};
use botticelli_core::{CostEstimate, GenerateRequest, Timeouts};
use botticelli_error::{BotticelliError, BotticelliErrorKind, ErrorCategory, LimitErrorKind};
use botticelli_interface::{BotticelliDriver, CompletionDriver};
use botticelli_layers::mock::MockReply;
use botticelli_layers::rate_limit::RateLimit;
use futures::{FutureExt, StreamExt};
use std::time::Duration;

fn rate(error: &BotticelliError) -> (&'static str, u64, Duration) {
    match error.kind() {
        BotticelliErrorKind::Limit(limit) => match limit.kind() {
            LimitErrorKind::Rate { unit, limit, wait } => (unit, limit, wait),
            other => panic!("{other:?}"),
        },
        _ => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_call_that_would_wait_too_long_fails_at_once() {
    let watched = Watched::new(RateLimit::requests_per_minute(1).with_max_wait(SECOND * 90));
    watched.call(0).await.unwrap();
    let second = watched.spawn(1);
    settle().await;
    // The second call waits for 60 s, and the third would wait for 120 s.
    let error = watched.call(2).now_or_never().unwrap().unwrap_err();
    assert_eq!(rate(&error), ("requests per minute", 1, SECOND * 120));
    assert_eq!((error.category(), error.retry_after()), (ErrorCategory::RateLimited, Some(SECOND * 120)));
    assert!(error.is_retryable() && !error.may_be_billed());
    watched.advance(SECOND * 31).await;
    let third = watched.spawn(3);
    watched.advance(SECOND * 29).await;
    assert!(second.now_or_never().unwrap().unwrap().is_ok());
    watched.advance(MINUTE).await;
    assert!(third.now_or_never().unwrap().unwrap().is_ok());
    assert_eq!(watched.times(), [0, 60, 120]);
}

#[tokio::test]
async fn many_rounds_ahead_are_predicted() {
    let watched = Watched::new(RateLimit::requests_per_minute(3));
    let waiting: Vec<_> = (0..10).map(|number| watched.spawn(number)).collect();
    watched.advance(SECOND).await;
    // The calls 0 to 2 went at once, 3 to 5 go at 60 s, 6 to 8 at 120 s, 9 and the next ones at 180 s.
    let request = |seconds| numbered(10).with_timeouts(Timeouts::default().with_total(SECOND * seconds));
    let error = watched.driver.generate(request(178)).now_or_never().unwrap().unwrap_err();
    assert_eq!(rate(&error).2, SECOND * 179);
    assert!(watched.driver.generate(request(179)).now_or_never().is_none());
    drop(waiting);
}

#[tokio::test]
async fn the_timeouts_of_the_request_limit_the_wait() {
    let watched = Watched::new(RateLimit::requests_per_minute(1));
    watched.call(0).await.unwrap();
    let plain = numbered(1).with_timeouts(Timeouts::default().with_total(SECOND * 59));
    let error = watched.driver.generate(plain).now_or_never().unwrap().unwrap_err();
    assert_eq!(rate(&error), ("requests per minute", 1, MINUTE));
    // `total` is about plain calls only.
    let timeouts = Timeouts::default().with_total(SECOND).with_stream_total(SECOND * 59);
    let streamed = watched.driver.generate_stream(numbered(1).with_timeouts(timeouts));
    assert!(streamed.now_or_never().unwrap().is_err());
    let timeouts = timeouts.with_stream_total(None);
    assert!(watched.driver.generate_stream(numbered(1).with_timeouts(timeouts)).now_or_never().is_none());
}

#[tokio::test]
async fn the_wait_is_part_of_the_total_time() {
    let watched = Watched::new(RateLimit::requests_per_minute(1));
    watched.call(0).await.unwrap();
    let driver = watched.driver.clone();
    let request = numbered(1).with_timeouts(Timeouts::default().with_total(SECOND * 100));
    tokio::spawn(async move { driver.generate(request).await });
    watched.advance(MINUTE).await;
    let rest: Vec<_> = watched.mock.requests().iter().map(GenerateRequest::timeouts).collect();
    assert_eq!(rest[1].unwrap().total(), Some(SECOND * 40));
    assert_eq!(rest[1].unwrap().idle(), Timeouts::default().idle());
}

#[tokio::test]
async fn a_dropped_call_gives_up_its_place() {
    let watched = Watched::new(RateLimit::requests_per_minute(1));
    watched.call(0).await.unwrap();
    let calls: Vec<_> = (1..=4).map(|number| watched.spawn(number)).collect();
    settle().await;
    calls[0].abort();
    calls[2].abort();
    watched.advance(MINUTE).await;
    assert_eq!(watched.sent(), [(Duration::ZERO, 0), (MINUTE, 2)]);
    watched.advance(MINUTE).await;
    assert_eq!(watched.numbers(), [0, 2, 4]);
}

#[tokio::test]
async fn a_call_that_is_not_polled_keeps_no_one_waiting() {
    let watched = Watched::new(RateLimit::requests_per_minute(2));
    watched.call(0).await.unwrap();
    watched.call(1).await.unwrap();
    let mut lazy = watched.call(2);
    assert!((&mut lazy).now_or_never().is_none());
    watched.spawn(3);
    watched.advance(MINUTE).await;
    assert_eq!(watched.sent().last(), Some(&(MINUTE, 3)), "the call behind the lazy one waits for it");
    // The lazy call had its turn at 60 s, and goes at 119 s. It counts from then on.
    watched.advance(SECOND * 59).await;
    assert!(lazy.now_or_never().unwrap().is_ok());
    let calls = [watched.spawn(4), watched.spawn(5)];
    watched.advance(SECOND).await;
    watched.advance(SECOND * 58).await;
    assert_eq!(watched.times(), [0, 0, 60, 119, 120]);
    watched.advance(SECOND).await;
    assert_eq!(watched.times(), [0, 0, 60, 119, 120, 179]);
    drop(calls);
}

#[tokio::test]
async fn a_turn_that_was_missed_is_no_extra_call() {
    let watched = Watched::new(RateLimit::requests_per_minute(1));
    watched.call(0).await.unwrap();
    let mut lazy = watched.call(1);
    assert!((&mut lazy).now_or_never().is_none());
    let other = watched.spawn(2);
    // The lazy call is not polled, so that its turn passes unused at 120 s, when the other call looks. The other call is next.
    for _ in 0..3 {
        watched.advance(MINUTE).await;
    }
    assert!(other.now_or_never().unwrap().unwrap().is_ok());
    assert!((&mut lazy).now_or_never().is_none(), "two calls within a minute");
    watched.advance(MINUTE).await;
    assert!(lazy.now_or_never().unwrap().is_ok());
    assert_eq!(watched.sent(), [(Duration::ZERO, 0), (MINUTE * 3, 2), (MINUTE * 4, 1)]);
}

#[tokio::test]
async fn calls_in_flight_are_limited_until_they_end() {
    let watched = Watched::replying(RateLimit::max_in_flight(2), CostEstimate::unknown(), |number| {
        let reply = MockReply::chunks(["a", "b"]);
        if number < 2 { reply } else { reply.with_delay(SECOND) }
    });
    let mut first = watched.driver.generate_stream(numbered(0)).await.unwrap();
    let second = watched.driver.generate_stream(numbered(1)).await.unwrap();
    let third = watched.spawn(2);
    let fourth = watched.spawn(3);
    settle().await;
    assert_eq!(watched.numbers(), [0, 1]);
    // A dropped stream ends its call, and so does the final chunk of another.
    drop(second);
    settle().await;
    assert_eq!(watched.numbers(), [0, 1, 2]);
    for _ in 0..2 {
        assert!(!first.next().await.unwrap().unwrap().is_final());
        settle().await;
        assert_eq!(watched.numbers(), [0, 1, 2]);
    }
    assert!(first.next().await.unwrap().unwrap().is_final());
    settle().await;
    assert_eq!(watched.numbers(), [0, 1, 2, 3]);
    watched.advance(SECOND).await;
    assert!(third.await.unwrap().is_ok() && fourth.await.unwrap().is_ok());
    assert!(first.next().await.is_none());
}

#[tokio::test]
async fn a_deadline_passes_while_another_call_is_in_flight() {
    let watched = Watched::replying(
        RateLimit::max_in_flight(1).with_max_wait(SECOND * 5),
        CostEstimate::unknown(),
        |_| MockReply::text("late").with_delay(SECOND * 100),
    );
    let first = watched.spawn(0);
    let second = watched.spawn(1);
    watched.advance(SECOND * 4).await;
    assert!(!second.is_finished());
    watched.advance(SECOND).await;
    let error = second.now_or_never().unwrap().unwrap().unwrap_err();
    assert_eq!(rate(&error), ("calls in flight", 1, SECOND));
    // It left the queue, so that the next call is the first one.
    let third = watched.spawn(2);
    settle().await;
    first.abort();
    settle().await;
    assert_eq!(watched.numbers(), [0, 2]);
    drop(third);
}

#[tokio::test]
async fn no_wait_at_all_can_be_asked_for() {
    let watched = Watched::replying(
        RateLimit::max_in_flight(1).with_max_wait(Duration::ZERO),
        CostEstimate::unknown(),
        |_| MockReply::text("late").with_delay(SECOND),
    );
    let mut first = watched.call(0);
    assert!((&mut first).now_or_never().is_none());
    assert!(watched.call(1).now_or_never().unwrap().is_err());
    watched.clock.advance(SECOND);
    assert!(first.now_or_never().unwrap().is_ok());
    assert!(watched.call(2).now_or_never().is_none(), "the call was refused without a reason");
}

#[tokio::test]
async fn text_completion_uses_the_same_limit() {
    let driver = botticelli_layers::mock::MockDriver::answering(["a", "b"]);
    let limit = RateLimit::requests_per_minute(2).with_max_wait(Duration::ZERO);
    let driver = botticelli_layers::rate_limit::RateLimited::new(driver, limit);
    assert!(driver.complete("Once".into()).await.is_ok());
    let mut stream = driver.complete_stream("Once".into()).await.unwrap();
    while stream.next().await.is_some() {}
    assert!(driver.generate(GenerateRequest::from("Hi")).await.is_err());
}
