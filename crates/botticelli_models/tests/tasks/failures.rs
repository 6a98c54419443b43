//! Faults, retries and waits. The transport is the same as for chat.

use crate::common::settings;
use crate::support::{hosted, last_path};
use botticelli_core::RetryConfig;
use botticelli_core::tasks::EmbeddingRequest;
use botticelli_error::ErrorCategory;
use botticelli_interface::ManualClock;
use botticelli_interface::tasks::EmbeddingDriver;
use botticelli_sandbox::{Fault, Sandbox, Turn};
use std::sync::Arc;
use std::time::Duration;

const MODEL: &str = "BAAI/bge-small-en-v1.5";

#[tokio::test]
async fn a_failed_attempt_is_repeated_and_recorded() {
    let sandbox = Sandbox::builder()
        .with_turn(Fault::named("overloaded-429").unwrap())
        .with_turn(Turn::Default)
        .start()
        .await
        .unwrap();
    let clock = ManualClock::default();
    let driver = settings(&sandbox)
        .model(MODEL)
        .provider("hf-inference")
        .retry(RetryConfig::default())
        .clock(Arc::new(clock.clone()))
        .build_tasks()
        .unwrap();
    let call = tokio::spawn(async move { driver.embed("text".into()).await });
    let response = crate::common::while_time_passes(&sandbox, &clock, call, "the call").await.unwrap();
    assert_eq!(response.retries().len(), 1);
    assert_eq!(sandbox.requests().len(), 2);
    assert!(response.metadata().timings().total().unwrap() > Duration::ZERO);
}

#[tokio::test]
async fn statuses_have_the_same_meaning_as_for_chat() {
    for (fault, category) in [
        ("unauthorized-401", ErrorCategory::Authentication),
        ("credits-402", ErrorCategory::CreditsExhausted),
        ("overloaded-429", ErrorCategory::RateLimited),
        ("internal-500", ErrorCategory::Server),
    ] {
        let fault = Fault::named(fault).unwrap();
        let sandbox = Sandbox::builder().with_turn(fault).start().await.unwrap();
        let error = hosted(&sandbox, MODEL).embed("text".into()).await.unwrap_err();
        assert_eq!(error.category(), category, "{fault}: {error}");
    }
}

#[tokio::test]
async fn an_unknown_model_is_named() {
    let sandbox = Sandbox::start().await.unwrap();
    let error = hosted(&sandbox, "this/does-not-exist").embed("text".into()).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::NotFound);
    assert!(error.to_string().contains("'this/does-not-exist'"), "{error}");
    assert!(error.request_id().is_some());
}

#[tokio::test]
async fn a_missing_result_and_an_error_with_the_status_200_are_errors() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = hosted(&sandbox, MODEL);
    let request = EmbeddingRequest::from(["one", "two"]).with_model("sandbox/incomplete-vectors");
    let error = driver.embed(request).await.unwrap_err();
    assert!(error.to_string().contains("1 embeddings for 2 texts"), "{error}");
    let request = EmbeddingRequest::from("one").with_model("sandbox/error-in-success");
    let error = driver.embed(request).await.unwrap_err();
    assert!(error.to_string().contains("CUDA out of memory"), "{error}");
    assert!(last_path(&sandbox).contains("sandbox/error-in-success"));
}

#[tokio::test]
async fn the_token_is_not_shown() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = hosted(&sandbox, MODEL);
    let error = driver.embed(EmbeddingRequest::from("x").with_model("no/model")).await.unwrap_err();
    for text in [format!("{driver:?}"), format!("{driver:#?}"), error.to_string(), format!("{error:?}")] {
        assert!(!text.contains(Sandbox::TOKEN), "{text}");
    }
}
