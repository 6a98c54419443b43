//! Invalid requests, which are rejected before anything is sent.

use crate::support::hosted;
use botticelli_core::tasks::{EmbeddingRequest, RerankRequest, SimilarityRequest};
use botticelli_error::BotticelliError;
use botticelli_interface::tasks::{EmbeddingDriver, RerankDriver, SimilarityDriver};
use botticelli_sandbox::Sandbox;

fn shows(error: &BotticelliError, expected: &str) {
    assert_eq!(error.to_string(), expected);
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn invalid_requests_are_not_sent() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = hosted(&sandbox, "BAAI/bge-small-en-v1.5");
    let none = EmbeddingRequest::new(Vec::<String>::new());
    let expected = "EmbeddingRequest: `inputs` is missing. Give at least one text.";
    shows(&driver.embed(none).await.unwrap_err(), expected);
    let error = driver.embed(["a", "", "c"].into()).await.unwrap_err();
    shows(
        &error,
        "EmbeddingRequest: `inputs[1]` cannot be \"\" because it is empty. Give a text, or leave it out.",
    );
    let error = driver.embed(EmbeddingRequest::from("a").with_dimensions(0)).await.unwrap_err();
    let expected = "EmbeddingRequest: `dimensions` cannot be 0 because it is zero. Give 1 or more, or leave it out for the model's own number.";
    shows(&error, expected);
    let error = driver.similarity(SimilarityRequest::new("", ["a"])).await.unwrap_err();
    shows(&error, "SimilarityRequest: `source` is missing. Give a text.");
    let error = driver.similarity(SimilarityRequest::new("a", [""])).await.unwrap_err();
    shows(
        &error,
        "SimilarityRequest: `sentences[0]` cannot be \"\" because it is empty. Give a text, or leave it out.",
    );
    let error = driver.rerank(RerankRequest::new("a", ["b"]).with_top_n(0)).await.unwrap_err();
    shows(&error, "RerankRequest: `top_n` cannot be 0 because it is zero. Give 1 or more, or leave it out.");
    let error =
        driver.embed(EmbeddingRequest::from("a").with_model("hf_AbCdEfGhIjKlMnOpQrStUvWxYz01234567")).await;
    let message = error.unwrap_err().to_string();
    assert!(message.contains("is a token"), "{message}");
    assert!(sandbox.requests().is_empty());
}

#[test]
fn builders_reject_the_same() {
    assert!(EmbeddingRequest::builder().build().is_err());
    assert!(SimilarityRequest::builder().source("a").build().is_err());
    assert!(RerankRequest::builder().query("a").documents(["b"]).top_n(0).build().is_err());
}
