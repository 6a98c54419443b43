//! The limits per minute and per day.

use crate::watched::{MINUTE, SECOND, Watched, numbered, settle};
use botticelli_core::{GenerateResponse, Output, RateLimitStatus, Retry};
use botticelli_error::{BotticelliErrorKind, ErrorCategory, LimitErrorKind};
use botticelli_interface::BotticelliDriver;
use botticelli_layers::LayerExt;
use botticelli_layers::mock::{MockDriver, MockReply};
use botticelli_layers::rate_limit::RateLimit;
use futures::FutureExt;
use std::time::Duration;

/// Checks that no time span has more than `limit` of the times.
pub(crate) fn assert_limit(times: &[Duration], limit: usize, span: Duration) {
    for (first, after) in times.iter().zip(times.iter().skip(limit)) {
        assert!(after.saturating_sub(*first) >= span, "{limit} and one more between {first:?} and {after:?}");
    }
}

#[tokio::test]
async fn calls_beyond_the_limit_wait_for_the_minute_to_pass() {
    let watched = Watched::new(RateLimit::requests_per_minute(3));
    let calls: Vec<_> = (0..7).map(|number| watched.spawn(number)).collect();
    settle().await;
    assert_eq!(watched.times(), [0, 0, 0]);
    watched.advance(SECOND * 59).await;
    assert_eq!(watched.times().len(), 3);
    watched.advance(SECOND).await;
    watched.advance(MINUTE).await;
    assert_eq!(watched.times(), [0, 0, 0, 60, 60, 60, 120]);
    assert_eq!(watched.numbers(), [0, 1, 2, 3, 4, 5, 6]);
    for call in calls {
        assert!(call.now_or_never().unwrap().unwrap().is_ok());
    }
}

#[tokio::test]
async fn the_window_moves_along() {
    let watched = Watched::new(RateLimit::requests_per_minute(2));
    for number in 0..6 {
        watched.spawn(number);
        watched.advance(SECOND * 20).await;
    }
    watched.advance(SECOND * 20).await;
    assert_eq!(watched.times(), [0, 20, 60, 80, 120, 140]);
}

#[tokio::test]
async fn a_quota_of_a_day_is_spread_and_used_up() {
    let watched = Watched::new(RateLimit::requests_per_day(80));
    let calls: Vec<_> = (0..100).map(|number| watched.spawn(number)).collect();
    settle().await;
    assert_eq!(watched.times().len(), 10, "an eighth of the day's quota is the most for an hour");
    for _ in 0..23 {
        watched.advance(MINUTE * 60).await;
    }
    assert_eq!(watched.times().len(), 80);
    for _ in 0..3 {
        watched.advance(MINUTE * 60).await;
    }
    assert_eq!(watched.times().len(), 100);
    let times: Vec<_> = watched.sent().into_iter().map(|(time, _)| time).collect();
    assert_limit(&times, 80, MINUTE * 1_440);
    assert_limit(&times, 10, MINUTE * 60);
    drop(calls);
}

#[tokio::test]
async fn a_limit_with_many_requests_is_exact_enough() {
    let limit = 4_000;
    let watched = Watched::new(RateLimit::requests_per_minute(limit).with_max_wait(Duration::ZERO));
    let mut chance = 7_u64;
    for number in 0..20_000 {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        watched.clock.advance(Duration::from_micros((chance >> 33) % 20_000));
        if let Some(Err(error)) = watched.call(number).now_or_never() {
            assert_eq!(error.category(), ErrorCategory::RateLimited);
        }
    }
    let times: Vec<_> = watched.sent().into_iter().map(|(time, _)| time).collect();
    assert_limit(&times, usize::try_from(limit).unwrap(), MINUTE);
    // 200 s of calls at a higher rate: at least 3 full minutes, less a part that the merged entries may take.
    assert!(times.len() > 12_500, "only {} calls", times.len());
}

#[tokio::test]
async fn the_service_decides_about_a_pause() {
    let watched = Watched::replying(
        RateLimit::requests_per_minute(100).with_max_wait(SECOND * 10),
        botticelli_core::CostEstimate::unknown(),
        |number| match number {
            0 => MockReply::rate_limited(SECOND * 7),
            1 => {
                let status = RateLimitStatus::new(Some(0), None, Some(SECOND * 11));
                let output = vec![Output::Text("last".to_owned())];
                let response = GenerateResponse::builder().outputs(output).build().unwrap();
                MockReply::response(response.with_rate_limit(status))
            }
            _ => MockReply::text("ok"),
        },
    );
    let error = watched.call(0).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(SECOND * 7));
    let second = watched.spawn(1);
    watched.advance(SECOND * 6).await;
    assert_eq!(watched.times(), [0]);
    watched.advance(SECOND).await;
    assert!(second.await.unwrap().is_ok());
    assert_eq!(watched.times(), [0, 7]);
    let error = watched.call(2).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(SECOND * 11));
    assert!(error.to_string().contains("which the service reported, delays the call by 11 s"), "{error}");
    watched.clock.advance(SECOND * 11);
    assert!(watched.call(3).await.is_ok());
}

#[tokio::test]
async fn a_pause_ends_after_a_day_whatever_the_service_asks_for() {
    let watched = Watched::replying(
        RateLimit::requests_per_minute(100).with_max_wait(Duration::ZERO),
        botticelli_core::CostEstimate::unknown(),
        |number| match number {
            0 => MockReply::rate_limited(MINUTE * 60 * 24 * 3_650),
            1 => {
                // A time in microseconds since 1970, which was read as one in milliseconds.
                let status = RateLimitStatus::new(Some(0), None, Some(Duration::from_secs(1 << 40)));
                let output = vec![Output::Text("last".to_owned())];
                let response = GenerateResponse::builder().outputs(output).build().unwrap();
                MockReply::response(response.with_rate_limit(status))
            }
            _ => MockReply::text("ok"),
        },
    );
    assert!(watched.call(0).await.is_err());
    for number in 1..3 {
        watched.clock.advance(MINUTE * 1_439);
        assert_eq!(watched.call(9).await.unwrap_err().retry_after(), Some(MINUTE));
        watched.clock.advance(MINUTE);
        watched.call(number).await.unwrap();
    }
}

#[tokio::test]
async fn a_pause_is_not_learned_from_the_limits_of_the_caller() {
    let inner = RateLimit::requests_per_minute(1).with_max_wait(Duration::ZERO);
    let driver = MockDriver::answering(["a"])
        .repeating()
        .with_rate_limit(inner)
        .with_rate_limit(RateLimit::requests_per_minute(100).with_max_wait(Duration::ZERO));
    driver.generate("Hi".into()).await.unwrap();
    for _ in 0..3 {
        let error = driver.generate("Hi".into()).await.unwrap_err();
        let BotticelliErrorKind::Limit(limit) = error.kind() else { panic!("{error}") };
        assert!(matches!(limit.kind(), LimitErrorKind::Rate { limit: 1, .. }), "{error}");
    }
}

#[tokio::test]
async fn retries_of_the_driver_count() {
    let watched = Watched::replying(
        RateLimit::requests_per_minute(4),
        botticelli_core::CostEstimate::unknown(),
        |number| {
            let retries = if number == 0 { vec![Retry::new("busy", SECOND); 2] } else { Vec::new() };
            MockReply::response(GenerateResponse::default().with_retries(retries))
        },
    );
    for number in 0..3 {
        watched.spawn(number);
    }
    settle().await;
    assert_eq!(watched.times(), [0, 0], "two calls and two retries are the limit");
    watched.advance(MINUTE).await;
    assert_eq!(watched.times(), [0, 0, 60]);
}

#[tokio::test]
async fn clones_share_a_limit_and_changed_copies_do_not() {
    let limit = RateLimit::requests_per_minute(1).with_max_wait(Duration::ZERO);
    let driver = |limit: &RateLimit| MockDriver::answering(["a"]).repeating().with_rate_limit(limit.clone());
    let (first, second) = (driver(&limit), driver(&limit));
    assert!(first.generate(numbered(0)).await.is_ok());
    assert!(second.generate(numbered(0)).await.is_err());
    assert!(first.clone().generate(numbered(0)).await.is_err());
    let other = driver(&limit.with_max_in_flight(5));
    assert!(other.generate(numbered(0)).await.is_ok());
}
