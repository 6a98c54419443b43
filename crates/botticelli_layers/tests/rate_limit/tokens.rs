//! Limits of tokens: reservations, corrections, large and unknown calls.

use crate::common::disconnected;
use crate::watched::{MINUTE, SECOND, Watched, numbered, settle};
use botticelli_core::{CostEstimate, GenerateRequest, GenerateResponse, Timeouts, Usage};
use botticelli_error::{BotticelliError, ErrorCategory};
use botticelli_interface::{BotticelliDriver, ChunkStream, Clock, ManualClock};
use botticelli_layers::LayerExt;
use botticelli_layers::mock::{MockDriver, MockReply};
use botticelli_layers::rate_limit::RateLimit;
use futures::{FutureExt, StreamExt};
use std::sync::Arc;
use std::time::Duration;

fn tokens(tokens: u64) -> CostEstimate {
    CostEstimate::at_most(0).with_tokens(Some(tokens))
}

fn using(tokens: u64) -> MockReply {
    MockReply::text("ok").with_usage(Usage::new(None, None, Some(tokens)))
}

#[tokio::test]
async fn the_estimate_is_reserved_and_corrected_by_the_usage() {
    let limit = RateLimit::tokens_per_minute(1_000);
    let watched = Watched::replying(limit, tokens(400), |number| {
        using(100).with_delay(Duration::from_secs(1 + number))
    });
    for number in 0..4 {
        watched.spawn(number);
    }
    settle().await;
    assert_eq!(watched.numbers(), [0, 1], "two estimates fit");
    // The first call ends: 100 used, 400 reserved, so that one more fits. After the second: 200 used, 400 reserved.
    watched.advance(SECOND).await;
    assert_eq!(watched.numbers(), [0, 1, 2]);
    watched.advance(SECOND).await;
    assert_eq!(watched.numbers(), [0, 1, 2, 3]);
}

/// A driver whose catalog takes a minute.
#[derive(Debug)]
struct SlowCatalog(MockDriver, ManualClock);

#[async_trait::async_trait]
impl BotticelliDriver for SlowCatalog {
    async fn generate(&self, request: GenerateRequest) -> Result<GenerateResponse, BotticelliError> {
        self.0.generate(request).await
    }

    async fn generate_stream(&self, request: GenerateRequest) -> Result<ChunkStream, BotticelliError> {
        self.0.generate_stream(request).await
    }

    fn provider_name(&self) -> &'static str {
        "slow"
    }

    fn model_name(&self) -> &'static str {
        "slow"
    }

    async fn estimate(&self, _: &GenerateRequest) -> Result<CostEstimate, BotticelliError> {
        self.1.sleep(MINUTE).await;
        Ok(tokens(1_000))
    }
}

#[test]
fn an_estimate_that_takes_too_long_is_unknown() {
    let with_total = GenerateRequest::from("Hi").with_timeouts(Timeouts::default().with_total(SECOND * 7));
    for (max_wait, request, longest) in [
        (Some(SECOND * 5), GenerateRequest::from("Hi"), SECOND * 5),
        (Some(SECOND * 9), with_total.clone(), SECOND * 7),
        (None, with_total, SECOND * 7),
        // No wait in the queue still leaves a second for the catalog.
        (Some(Duration::ZERO), GenerateRequest::from("Hi"), SECOND),
        (None, GenerateRequest::from("Hi"), MINUTE),
    ] {
        let clock = ManualClock::default();
        let limit =
            RateLimit::tokens_per_minute(1_000).with_max_wait(max_wait).with_clock(Arc::new(clock.clone()));
        let driver = SlowCatalog(MockDriver::answering(["Hi"]), clock.clone()).with_rate_limit(limit);
        let mut call = driver.generate(request);
        assert!((&mut call).now_or_never().is_none());
        clock.advance(longest.saturating_sub(Duration::from_millis(1)));
        assert!((&mut call).now_or_never().is_none());
        clock.advance(Duration::from_millis(1));
        call.now_or_never().expect("the lookup is given up").unwrap();
    }
}

#[tokio::test]
async fn a_stream_corrects_its_estimate_at_its_end() {
    let limit = RateLimit::tokens_per_minute(1_000);
    let watched = Watched::replying(limit, tokens(900), |_| using(100));
    let mut stream = watched.driver.generate_stream(numbered(0)).await.unwrap();
    watched.spawn(1);
    assert!(!stream.next().await.unwrap().unwrap().is_final());
    settle().await;
    assert_eq!(watched.numbers(), [0]);
    assert!(stream.next().await.unwrap().unwrap().is_final());
    settle().await;
    assert_eq!(watched.numbers(), [0, 1]);

    // A stream that breaks may have used its tokens.
    let broken = MockReply::chunks(["a"]).then_error(disconnected());
    let limit = RateLimit::tokens_per_minute(1_000);
    let watched = Watched::replying(limit, tokens(900), move |_| broken.clone());
    let mut stream = watched.driver.generate_stream(numbered(0)).await.unwrap();
    assert!(stream.next().await.unwrap().is_ok());
    assert!(stream.next().await.unwrap().is_err());
    watched.spawn(1);
    watched.advance(SECOND * 59).await;
    assert_eq!(watched.numbers(), [0]);
    watched.advance(SECOND).await;
    assert_eq!(watched.numbers(), [0, 1]);
}

#[tokio::test]
async fn used_tokens_count_for_a_minute_from_the_end_of_the_call() {
    let limit = RateLimit::tokens_per_minute(1_000);
    let watched = Watched::replying(limit, tokens(600), |_| using(600).with_delay(SECOND * 30));
    watched.spawn(0);
    watched.spawn(1);
    watched.advance(SECOND * 30).await;
    watched.advance(SECOND * 59).await;
    assert_eq!(watched.times(), [0]);
    watched.advance(SECOND).await;
    assert_eq!(watched.times(), [0, 90]);
}

#[tokio::test]
async fn a_call_larger_than_the_limit_passes_and_is_paid_off() {
    let limit = RateLimit::tokens_per_minute(1_000);
    let watched =
        Watched::replying(limit, tokens(100_000), |number| using(if number == 0 { 2_500 } else { 1 }));
    watched.call(0).await.unwrap();
    watched.spawn(1);
    // 1,000 of it count in the first minute, 1,000 in the second, 500 in the third. The next one reserves as much as usual: 1,000.
    watched.advance(SECOND * 179).await;
    assert_eq!(watched.times(), [0]);
    watched.advance(SECOND).await;
    assert_eq!(watched.times(), [0, 180]);
}

#[tokio::test]
async fn calls_without_an_estimate_reserve_a_part_and_then_the_usual_amount() {
    let limit = RateLimit::tokens_per_minute(1_000);
    let watched = Watched::replying(limit, CostEstimate::unknown(), |_| using(200).with_delay(SECOND));
    let first: Vec<_> = (0..20).map(|number| watched.spawn(number)).collect();
    settle().await;
    assert_eq!(watched.numbers().len(), 10, "each reserves a tenth of the limit");
    watched.advance(SECOND).await;
    drop(first);
    // The ten calls used 2,000 tokens, twice the limit.
    assert_eq!(watched.numbers().len(), 10);
    watched.advance(MINUTE).await;
    assert_eq!(watched.numbers().len(), 20);
}

#[tokio::test]
async fn a_call_that_is_not_billed_frees_its_tokens() {
    let limit = RateLimit::tokens_per_minute(1_000);
    let watched = Watched::replying(limit, tokens(1_000), |number| match number {
        0 => MockReply::failure(ErrorCategory::Server),
        1 => MockReply::error(disconnected()),
        _ => using(1),
    });
    assert!(watched.call(0).await.is_err());
    assert!(watched.call(1).await.is_err());
    assert_eq!(watched.times(), [0, 0]);
    watched.spawn(2);
    watched.advance(SECOND * 59).await;
    assert_eq!(watched.times(), [0, 0], "the connection broke, and the call may have used its tokens");
    watched.advance(SECOND).await;
    assert_eq!(watched.times(), [0, 0, 60]);
}

#[tokio::test]
async fn a_dropped_call_and_one_without_usage_keep_their_estimates() {
    let limit = RateLimit::tokens_per_minute(1_000);
    let watched = Watched::replying(limit, tokens(500), |number| match number {
        0 => MockReply::text("dropped").with_delay(MINUTE),
        _ => MockReply::text("without usage"),
    });
    let dropped = watched.spawn(0);
    settle().await;
    dropped.abort();
    settle().await;
    watched.call(1).await.unwrap();
    watched.spawn(2);
    watched.advance(SECOND * 59).await;
    assert_eq!(watched.times(), [0, 0]);
    watched.advance(SECOND).await;
    assert_eq!(watched.times(), [0, 0, 60]);
}

#[tokio::test]
async fn a_waiting_call_that_is_dropped_frees_nothing_and_keeps_nothing() {
    let limit = RateLimit::tokens_per_minute(1_000);
    let watched = Watched::replying(limit, tokens(600), |_| using(600));
    watched.call(0).await.unwrap();
    let waiting = watched.spawn(1);
    settle().await;
    waiting.abort();
    watched.advance(MINUTE).await;
    watched.call(2).await.unwrap();
    assert_eq!(watched.times(), [0, 60]);
}

#[tokio::test]
async fn requests_and_tokens_hold_together() {
    let limit = RateLimit::requests_per_minute(3).with_tokens_per_minute(1_000);
    let watched = Watched::replying(limit, tokens(400), |number| using(if number == 0 { 400 } else { 100 }));
    for number in 0..5 {
        watched.spawn(number);
    }
    settle().await;
    assert_eq!(watched.times(), [0, 0, 0], "the requests are used up");
    watched.advance(MINUTE).await;
    assert_eq!(watched.times(), [0, 0, 0, 60, 60]);
}

#[tokio::test]
async fn tokens_that_nobody_knows_do_not_count() {
    let limit = RateLimit::tokens_per_minute(1_000).with_max_wait(Duration::ZERO);
    let watched = Watched::replying(limit, CostEstimate::unknown(), |_| MockReply::text("ok"));
    for number in 0..100 {
        watched.call(number).await.unwrap();
    }
}
