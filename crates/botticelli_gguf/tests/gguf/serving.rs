//! Several responses at once.

use crate::support::{TinyModel, open, open_with};
use botticelli_core::{GenerateRequest, Timeouts, Usage};
use botticelli_error::ErrorCategory;
use botticelli_gguf::{GgufConfig, GgufDriver};
use botticelli_interface::{BotticelliDriver, ManualClock};
use futures::StreamExt;
use futures::future::{BoxFuture, join_all};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

fn request(text: &str) -> GenerateRequest {
    let end = (260..263).map(|token| (token, -100.0)).collect();
    GenerateRequest::from(text).with_temperature(0.0).with_max_tokens(40).with_logit_bias(end)
}

/// Waits until nothing is generated. Fails after a generous time.
async fn is_idle(driver: &GgufDriver) -> bool {
    for _ in 0..2_000 {
        if driver.open_responses() == 0 {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    false
}

/// Polls a call once.
async fn is_pending<T>(call: &mut BoxFuture<'_, T>) -> bool {
    std::future::poll_fn(|context| Poll::Ready(call.as_mut().poll(context).is_pending())).await
}

async fn sequential(driver: &GgufDriver, texts: &[String]) -> Vec<String> {
    let mut responses = Vec::new();
    for text in texts {
        responses.push(driver.generate(request(text)).await.unwrap().into_text());
    }
    responses
}

#[tokio::test]
async fn concurrent_conversations_equal_those_in_sequence() {
    for (name, is_quantized) in [("llama", false), ("qwen3", true), ("gemma3", true)] {
        let model = TinyModel::noise(name).rounded(is_quantized);
        let texts: Vec<String> =
            (0..8).map(|number| format!("{}{number}", "question ".repeat(number))).collect();
        let expected = sequential(&open(&model), &texts).await;
        let driver = open(&model);
        let together = join_all(texts.iter().map(|text| driver.generate(request(text)))).await;
        let together: Vec<String> =
            together.into_iter().map(|response| response.unwrap().into_text()).collect();
        assert_eq!(together, expected, "{name}");
        let distinct: std::collections::HashSet<_> = expected.iter().collect();
        assert!(distinct.len() > 1, "the test needs different responses: {expected:?}");
    }
}

#[tokio::test]
async fn the_next_turn_reuses_the_cache() {
    let driver = open(&TinyModel::noise("qwen3"));
    let first = driver.generate(request("first question")).await.unwrap();
    assert_eq!(first.usage().and_then(Usage::cached_tokens), Some(0));
    let again = driver.generate(request("first question")).await.unwrap();
    let usage = again.usage().unwrap();
    assert_eq!(usage.cached_tokens(), usage.prompt_tokens().map(|tokens| tokens - 1));
    assert_eq!(again.text(), first.text());
    let other = driver.generate(request("first question?")).await.unwrap();
    let fresh = open(&TinyModel::noise("qwen3")).generate(request("first question?")).await.unwrap();
    assert!(other.usage().and_then(Usage::cached_tokens) > Some(0));
    assert_eq!(other.text(), fresh.text());
}

#[tokio::test]
async fn a_full_queue_is_an_error() {
    let config = GgufConfig::default().with_max_concurrent(1).with_queue_length(1);
    let driver = open_with(&TinyModel::noise("llama"), config);
    // Streams that nobody reads keep their places.
    let running = driver.generate_stream(request("one")).await.unwrap();
    let waiting = driver.generate_stream(request("two")).await.unwrap();
    let error = driver.generate(request("three")).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::RateLimited, "{error}");
    assert!(error.is_retryable());
    assert!(error.to_string().contains("the queue has 1 places"), "{error}");
    drop((running, waiting));
    assert!(is_idle(&driver).await);
    assert!(driver.generate(request("three")).await.is_ok());
}

#[tokio::test]
async fn a_stream_that_is_not_read_pauses_and_others_continue() {
    let driver = open(&TinyModel::noise("llama"));
    let mut unread = driver.generate_stream(request("slow")).await.unwrap();
    for _ in 0..3 {
        assert!(driver.generate(request("quick")).await.is_ok());
    }
    assert_eq!(driver.open_responses(), 1, "the response is longer than its channel, so it is not complete");
    let mut text = String::new();
    while let Some(chunk) = unread.next().await {
        text.push_str(chunk.unwrap().text());
    }
    assert_eq!(text, driver.generate(request("slow")).await.unwrap().text());
}

#[tokio::test]
async fn a_dropped_call_ends() {
    let driver = open_with(&TinyModel::noise("llama").with_context(4_096), GgufConfig::default());
    let long = || request(&"word ".repeat(400)).with_max_tokens(None);
    let mut stream = driver.generate_stream(long()).await.unwrap();
    assert!(stream.next().await.unwrap().is_ok());
    drop(stream);
    assert!(is_idle(&driver).await, "the stream continues");
    let mut call = driver.generate(long());
    assert!(is_pending(&mut call).await);
    drop(call);
    assert!(is_idle(&driver).await, "the call continues");
}

#[tokio::test]
async fn a_stream_outlives_its_driver() {
    let driver = open(&TinyModel::noise("llama"));
    let expected = driver.generate(request("Hi")).await.unwrap();
    let stream = driver.generate_stream(request("Hi")).await.unwrap();
    drop(driver);
    let chunks: Vec<_> = stream.collect().await;
    let last = chunks.into_iter().next_back().unwrap().unwrap();
    assert_eq!(last.into_response().unwrap().text(), expected.text());
}

#[tokio::test]
async fn timeouts_count_the_wait_for_a_turn() {
    let clock = ManualClock::default();
    let timeouts =
        Timeouts::default().with_total(Duration::from_secs(5)).with_first_token(Duration::from_secs(3));
    let config = GgufConfig::default()
        .with_max_concurrent(1)
        .with_timeouts(timeouts)
        .with_clock(Arc::new(clock.clone()));
    let driver = open_with(&TinyModel::noise("llama"), config);
    let mut running = driver.generate_stream(request("one")).await.unwrap();
    assert!(running.next().await.unwrap().is_ok());
    let mut plain = driver.generate(request("two"));
    assert!(is_pending(&mut plain).await);
    let mut streamed = driver.generate_stream(request("three")).await.unwrap();
    clock.advance(Duration::from_secs(6));
    let error = plain.await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Timeout);
    assert!(error.to_string().contains("within 5s (the `total` timeout)"), "{error}");
    let error = streamed.next().await.unwrap().unwrap_err();
    assert!(error.to_string().contains("`first_token` timeout"), "{error}");
    assert!(streamed.next().await.is_none());
    // The running stream has its first token, and no other limit.
    let chunks: Vec<_> = running.collect().await;
    assert!(chunks.into_iter().all(|chunk| chunk.is_ok()));
}

#[tokio::test]
async fn an_expired_response_keeps_its_text() {
    let clock = ManualClock::default();
    let timeouts = Timeouts::default().with_stream_total(Duration::from_secs(5));
    let config = GgufConfig::default().with_timeouts(timeouts).with_clock(Arc::new(clock.clone()));
    let driver = open_with(&TinyModel::noise("llama"), config);
    let mut stream = driver.generate_stream(request("one")).await.unwrap();
    let mut text = stream.next().await.unwrap().unwrap().text().to_owned();
    clock.advance(Duration::from_secs(6));
    let error = loop {
        match stream.next().await.unwrap() {
            Ok(chunk) => text.push_str(chunk.text()),
            Err(error) => break error,
        }
    };
    assert_eq!(error.partial().map(|partial| partial.text().to_owned()), Some(text));
    assert!(stream.next().await.is_none());
}
