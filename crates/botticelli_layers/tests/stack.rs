//! Layers around layers.
#![cfg(all(feature = "cache", feature = "fallback", feature = "mock"))]
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use botticelli_core::GenerateRequest;
use botticelli_error::ErrorCategory;
use botticelli_interface::BotticelliDriver;
use botticelli_layers::LayerExt;
use botticelli_layers::cache::Cache;
use botticelli_layers::mock::{MockDriver, MockReply};

/// A cache around a fallback has the key of the first route.
#[tokio::test]
async fn the_response_of_a_fallback_is_not_kept_as_that_of_the_first_route() {
    let primary =
        MockDriver::answering([MockReply::failure(ErrorCategory::CreditsExhausted), "large".into()]);
    let other = MockDriver::answering(["small"]).repeating();
    let driver = primary.with_fallback(other).with_cache(Cache::memory());
    let request = || GenerateRequest::from("Hi").with_temperature(0.0);
    for _ in 0..2 {
        let response = driver.generate(request()).await.unwrap();
        assert_eq!((&*response.text(), response.is_cached()), ("small", false));
    }
}
