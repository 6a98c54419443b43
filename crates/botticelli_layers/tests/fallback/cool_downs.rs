//! Failed routes are skipped for a while.

use crate::{SECOND, failing, reasons, saying};
use botticelli_core::{GenerateRequest, Timeouts};
use botticelli_error::{
    BotticelliError, BudgetError, BudgetErrorKind, BudgetPeriod, BudgetUnit, ErrorCategory, HttpError,
    HttpErrorKind, LimitError, LimitErrorKind, TimeoutKind,
};
use botticelli_interface::{BotticelliDriver, ManualClock};
use botticelli_layers::fallback::{FallbackDriver, FallbackRoute};
use botticelli_layers::mock::{MockDriver, MockReply};
use futures::{FutureExt, StreamExt};
use std::sync::Arc;
use std::time::Duration;

#[tokio::test]
async fn a_failed_route_is_skipped_until_it_has_cooled_down() {
    let clock = ManualClock::default();
    let first =
        MockDriver::answering([MockReply::failure(ErrorCategory::Server), "First".into()]).repeating();
    let driver =
        FallbackDriver::new(first.clone()).or("second", saying("Second")).with_clock(Arc::new(clock.clone()));
    let ask = async || driver.generate("Hi".into()).await.unwrap();
    assert_eq!(ask().await.text(), "Second");
    clock.advance(SECOND * 59);
    let skipped = ask().await;
    assert_eq!(skipped.text(), "Second");
    assert_eq!(
        reasons(skipped.skipped_routes()),
        [("mock-model", "it cools down for another 1 s after `server`")]
    );
    assert_eq!(first.calls().len(), 1, "the route was called while it cooled down");
    clock.advance(SECOND);
    assert_eq!(ask().await.text(), "First");
    assert_eq!(ask().await.skipped_routes(), []);
}

#[tokio::test]
async fn the_service_decides_about_the_cool_down() {
    let clock = ManualClock::default();
    let first = MockDriver::answering([MockReply::rate_limited(SECOND * 7), "First".into()]).repeating();
    let driver =
        FallbackDriver::new(first).or("second", saying("Second")).with_clock(Arc::new(clock.clone()));
    let ask = async || driver.generate("Hi".into()).await.unwrap().into_text();
    assert_eq!(ask().await, "Second");
    clock.advance(SECOND * 6);
    assert_eq!(ask().await, "Second");
    clock.advance(SECOND);
    assert_eq!(ask().await, "First");
}

#[tokio::test]
async fn a_cool_down_that_the_service_requests_ends_after_a_day() {
    let clock = ManualClock::default();
    let ten_years = SECOND * 315_360_000;
    let first = MockDriver::answering([MockReply::rate_limited(ten_years), "First".into()]).repeating();
    let driver =
        FallbackDriver::new(first).or("second", saying("Second")).with_clock(Arc::new(clock.clone()));
    let ask = async || driver.generate("Hi".into()).await.unwrap().into_text();
    assert_eq!(ask().await, "Second");
    clock.advance(SECOND * 86_399);
    assert_eq!(ask().await, "Second");
    clock.advance(SECOND);
    assert_eq!(ask().await, "First");
}

#[tokio::test]
async fn a_fallback_that_fails_cools_down_too() {
    let clock = ManualClock::default();
    let (first, second) = (failing(ErrorCategory::Server), failing(ErrorCategory::Connection));
    let driver = FallbackDriver::new(first.clone())
        .or("second", second.clone())
        .or("third", saying("Third"))
        .with_clock(Arc::new(clock));
    for _ in 0..3 {
        assert_eq!(driver.generate("Hi".into()).await.unwrap().text(), "Third");
    }
    assert_eq!((first.calls().len(), second.calls().len()), (1, 1));
}

#[tokio::test]
async fn if_all_routes_cool_down_the_one_that_is_free_first_is_tried() {
    let clock = ManualClock::default();
    let first = MockDriver::answering([MockReply::rate_limited(SECOND * 100), "First".into()]);
    let second =
        MockDriver::answering([MockReply::rate_limited(SECOND * 50), "Second".into(), "Again".into()]);
    let driver = FallbackDriver::new(first.clone()).or("second", second.clone()).with_clock(Arc::new(clock));
    let error = driver.generate("Hi".into()).await.unwrap_err();
    assert_eq!((error.category(), error.retry_after()), (ErrorCategory::RateLimited, Some(SECOND * 100)));
    let response = driver.generate("Hi".into()).await.unwrap();
    assert_eq!(response.text(), "Second");
    assert_eq!(response.skipped_routes().len(), 1);
    assert_eq!(driver.generate("Hi".into()).await.unwrap().text(), "Again");
    assert_eq!((first.calls().len(), second.calls().len()), (1, 3));
}

#[tokio::test]
async fn a_cooling_route_is_the_last_resort_of_a_call() {
    let clock = ManualClock::default();
    let first =
        MockDriver::answering([MockReply::failure(ErrorCategory::Server), "First".into(), "Again".into()]);
    let second = MockDriver::answering(["Second".into(), MockReply::failure(ErrorCategory::Connection)]);
    let driver = FallbackDriver::new(first).or("second", second).with_clock(Arc::new(clock));
    assert_eq!(driver.generate("Hi".into()).await.unwrap().text(), "Second");
    let response = driver.generate("Hi".into()).await.unwrap();
    assert_eq!(response.text(), "First");
    assert_eq!(reasons(response.skipped_routes())[0].0, "second");
    // Its answer ended its cool-down.
    let again = driver.generate("Hi".into()).await.unwrap();
    assert_eq!((again.text().as_ref(), again.skipped_routes()), ("Again", &[][..]));
}

#[tokio::test]
async fn a_later_failure_does_not_shorten_a_cool_down() {
    let clock = ManualClock::default();
    let first = MockDriver::answering([
        MockReply::rate_limited(SECOND * 100).with_delay(SECOND),
        MockReply::failure(ErrorCategory::Server).with_delay(SECOND * 2),
    ]);
    let first = first.with_clock(Arc::new(clock.clone()));
    let driver =
        FallbackDriver::new(first.clone()).or("second", saying("Second")).with_clock(Arc::new(clock.clone()));
    let mut calls = [driver.generate("Hi".into()), driver.generate("Hi".into())];
    for call in &mut calls {
        assert!(call.now_or_never().is_none());
    }
    for call in &mut calls {
        clock.advance(SECOND);
        assert!(call.now_or_never().unwrap().is_ok());
    }
    clock.advance(SECOND * 98);
    driver.generate("Hi".into()).await.unwrap();
    assert_eq!(first.calls().len(), 2, "the service asked for 100 s");
}

#[tokio::test]
async fn one_model_of_a_route_cools_down_alone() {
    let first = MockDriver::replying(|call| match call.model() {
        Some("paused") => MockReply::failure(ErrorCategory::Paused),
        _ => MockReply::text("First"),
    });
    let driver = FallbackDriver::new(first).or("second", saying("Second"));
    let paused = GenerateRequest::from("Hi").with_model("paused");
    assert_eq!(driver.generate(paused.clone()).await.unwrap().text(), "Second");
    assert_eq!(driver.generate("Hi".into()).await.unwrap().text(), "First");
    assert_eq!(driver.generate(paused).await.unwrap().skipped_routes()[0].route(), "paused");
}

#[tokio::test]
async fn refusals_of_the_caller_cause_no_cool_down() {
    let exceeded = BudgetErrorKind::Exceeded {
        period: BudgetPeriod::Call,
        unit: BudgetUnit::Tokens,
        limit: 1,
        left: 1,
        needed: 2,
        until: None,
    };
    let rate = LimitErrorKind::Rate { unit: "requests per minute", limit: 1, wait: SECOND };
    let errors: [BotticelliError; 2] = [BudgetError::new(exceeded).into(), LimitError::new(rate).into()];
    for error in errors {
        let first = MockDriver::answering([MockReply::error(error), "First".into()]);
        let driver = FallbackDriver::new(first).or("second", saying("Second"));
        assert_eq!(driver.generate("Hi".into()).await.unwrap().text(), "Second");
        assert_eq!(driver.generate("Hi".into()).await.unwrap().text(), "First");
    }
}

#[tokio::test]
async fn a_route_decides_how_long_it_replaces_the_failed_one() {
    let clock = ManualClock::default();
    let first = MockDriver::answering([MockReply::failure(ErrorCategory::Server), "First".into()]);
    let route = FallbackRoute::new("second", saying("Second")).with_cool_down(SECOND * 5);
    let driver = FallbackDriver::new(first).or_route(route).with_clock(Arc::new(clock.clone()));
    assert_eq!(driver.generate("Hi".into()).await.unwrap().text(), "Second");
    clock.advance(SECOND * 5);
    assert_eq!(driver.generate("Hi".into()).await.unwrap().text(), "First");
}

#[tokio::test]
async fn no_cool_down_and_endless_cool_downs() {
    let first = failing(ErrorCategory::Server);
    let driver =
        FallbackDriver::new(first.clone()).or("second", saying("Hello")).with_cool_down(Duration::ZERO);
    for _ in 0..3 {
        driver.generate("Hi".into()).await.unwrap();
    }
    assert_eq!(first.calls().len(), 3);
    let first = failing(ErrorCategory::Server);
    let driver =
        FallbackDriver::new(first.clone()).or("second", saying("Hello")).with_cool_down(Duration::MAX);
    for _ in 0..3 {
        driver.generate("Hi".into()).await.unwrap();
    }
    assert_eq!(first.calls().len(), 1);
}

/// Returns the error of a call whose time was over.
fn timeout(kind: TimeoutKind, limit: Duration) -> MockReply {
    MockReply::error(HttpError::new(HttpErrorKind::Timeout { kind, limit }, "mock"))
}

/// A caller in a hurry must not turn a route off for the others.
#[tokio::test]
async fn the_time_of_one_request_is_no_reason_for_calls_with_more_time() {
    let clock = ManualClock::default();
    let first = MockDriver::answering([timeout(TimeoutKind::Total, SECOND), "First".into()]).repeating();
    let driver =
        FallbackDriver::new(first.clone()).or("second", saying("Second")).with_clock(Arc::new(clock.clone()));
    let within = |time: Option<Duration>| {
        let request = GenerateRequest::from("Hi");
        match time {
            Some(time) => request.with_timeouts(Timeouts::default().with_total(time)),
            None => request,
        }
    };
    let ask = async |time| driver.generate(within(time)).await.unwrap().into_text();
    assert_eq!(ask(Some(SECOND)).await, "Second");
    // Without a time of its own, and with more time.
    assert_eq!(ask(None).await, "First");
    assert_eq!(ask(Some(SECOND * 2)).await, "First");
    // With as much time or less, until the route has cooled down.
    assert_eq!(ask(Some(SECOND)).await, "Second");
    assert_eq!(ask(Some(SECOND / 2)).await, "Second");
    assert_eq!(first.calls().len(), 3);
    clock.advance(SECOND * 60);
    assert_eq!(ask(Some(SECOND)).await, "First");
}

/// The timeout of the driver is the same for all calls.
#[tokio::test]
async fn the_time_of_the_driver_is_a_reason_for_all_calls() {
    let clock = ManualClock::default();
    let replies = [timeout(TimeoutKind::Total, SECOND), "First".into()];
    let driver = FallbackDriver::new(MockDriver::answering(replies).repeating())
        .or("second", saying("Second"))
        .with_clock(Arc::new(clock));
    for _ in 0..2 {
        assert_eq!(driver.generate("Hi".into()).await.unwrap().text(), "Second");
    }
}

/// A cool-down for all calls and one for calls in a hurry do not replace each other.
#[tokio::test]
async fn a_route_that_is_too_slow_for_some_can_also_fail_for_all() {
    let clock = ManualClock::default();
    let replies =
        [timeout(TimeoutKind::StreamTotal, SECOND), MockReply::rate_limited(SECOND * 7), "First".into()];
    let driver = FallbackDriver::new(MockDriver::answering(replies).repeating())
        .or("second", saying("Second"))
        .with_clock(Arc::new(clock.clone()));
    let hurried = || GenerateRequest::from("Hi").with_timeouts(Timeouts::default().with_stream_total(SECOND));
    let ask = async |request| {
        let mut stream = driver.generate_stream(request).await.unwrap();
        let first = stream.next().await.unwrap().unwrap();
        match first.delta() {
            botticelli_core::Delta::Text(text) => text.clone(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(ask(hurried()).await, "Second");
    assert_eq!(ask("Hi".into()).await, "Second");
    clock.advance(SECOND * 7);
    assert_eq!(ask("Hi".into()).await, "First");
    assert_eq!(ask(hurried()).await, "Second");
    clock.advance(SECOND * 53);
    assert_eq!(ask(hurried()).await, "First");
}
