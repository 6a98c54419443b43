//! The real router. Each test spends credits for a few tokens, with the token from the environment.
#![cfg(feature = "huggingface")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

use botticelli_core::{GenerateRequest, Message};
use botticelli_error::ErrorCategory;
use botticelli_interface::BotticelliDriver;
use botticelli_models::huggingface::HuggingFaceDriver;
use futures::StreamExt;

const MODEL: &str = "openai/gpt-oss-20b:cheapest";

fn driver() -> HuggingFaceDriver {
    HuggingFaceDriver::from_env(MODEL).expect("a live test needs a token")
}

fn short() -> GenerateRequest {
    let hello = vec![Message::user("Say hello.")];
    GenerateRequest::builder().messages(hello).max_tokens(32).build().unwrap()
}

#[tokio::test]
#[cfg_attr(not(feature = "api"), ignore = "asks the real router: --features api")]
async fn returns_a_response_with_its_provider() {
    let answer = driver().generate(short()).await.unwrap();
    assert!(!answer.outputs().is_empty());
    assert!(answer.usage().is_some());
    assert!(answer.provider().is_some());
}

#[tokio::test]
#[cfg_attr(not(feature = "api"), ignore = "asks the real router: --features api")]
async fn streams_to_a_final_chunk() {
    let mut stream = driver().generate_stream(short()).await.unwrap();
    let mut last = None;
    while let Some(chunk) = stream.next().await {
        last = Some(chunk.unwrap());
    }
    assert!(last.unwrap().is_final());
}

#[tokio::test]
#[cfg_attr(not(feature = "api"), ignore = "asks the real router: --features api")]
async fn rejects_a_base_model_by_name() {
    let error = driver().generate(short().with_model("openai-community/gpt2")).await.unwrap_err();
    let expected = [ErrorCategory::NotChatModel, ErrorCategory::NotServed, ErrorCategory::NotFound];
    assert!(expected.contains(&error.category()), "{error}");
}

#[tokio::test]
#[cfg_attr(not(feature = "api"), ignore = "asks the real router: --features api")]
async fn the_catalog_has_prices() {
    let info = driver().model_info(MODEL).await.unwrap().unwrap();
    assert!(info.providers.iter().any(|provider| provider.price.is_some()));
}
