//! Embeddings and reranking with real servers, ignored by default.
//!
//! `BOTTICELLI_EMBEDDING_URL` is the base URL of a server with `/v1/embeddings`, such as `llama-server --embeddings --pooling mean`, and
//! `BOTTICELLI_RERANK_URL` of one with `/v1/rerank`, such as `llama-server --reranking`. `BOTTICELLI_MINILM_URL` is the base URL of a server
//! with the model all-MiniLM-L6-v2 (`scripts/fetch_sentence_encoder.py`).

use botticelli_core::tasks::{EmbeddingEncoding, EmbeddingRequest, RerankRequest};
use botticelli_interface::tasks::{EmbeddingDriver, RerankDriver};
use botticelli_models::Environment;
use botticelli_models::huggingface::{HuggingFaceDriver, HuggingFaceTasks};

fn engine(variable: &str) -> HuggingFaceTasks {
    let url = std::env::var(variable).unwrap_or_else(|_| panic!("set {variable}"));
    HuggingFaceDriver::builder("any").base_url(url).environment(Environment::empty()).build_tasks().unwrap()
}

#[tokio::test]
#[ignore = "needs a real server"]
async fn a_real_server_embeds() {
    let driver = engine("BOTTICELLI_EMBEDDING_URL");
    let texts = ["A man plays the guitar.", "Somebody plays a guitar.", "The stock market fell."];
    let response = driver.embed(texts.into()).await.unwrap();
    let [guitar, same, market] = response.embeddings() else { panic!("{response:?}") };
    assert!(guitar.cosine_similarity(same) > guitar.cosine_similarity(market));
    assert!(response.usage().unwrap().prompt_tokens() > Some(3));
    let request = EmbeddingRequest::from(texts).with_encoding(EmbeddingEncoding::Base64);
    let encoded = driver.embed(request).await.unwrap();
    for (decimal, encoded) in response.embeddings().iter().zip(encoded.embeddings()) {
        assert!(decimal.cosine_similarity(encoded) > Some(0.999_999));
    }
    let many: Vec<String> = (0..70).map(|index| format!("text number {index}")).collect();
    assert_eq!(driver.embed(many.clone().into()).await.unwrap().embeddings().len(), 70);
    let mut inputs = many;
    inputs[40] = "word ".repeat(5_000);
    let error = driver.embed(inputs.into()).await.unwrap_err();
    assert!(error.to_string().contains("about input 40 "), "{error}");
    assert_eq!(error.category(), botticelli_error::ErrorCategory::ContextExceeded);
}

/// The cosines that sentence-transformers computes for this model, with four decimal places.
#[tokio::test]
#[ignore = "needs a real server"]
async fn a_real_encoder_has_the_cosines_of_sentence_transformers() {
    let driver = engine("BOTTICELLI_MINILM_URL");
    let texts = ["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."];
    let response = driver.embed(texts.into()).await.unwrap();
    let [weather, sun, stadium] = response.embeddings() else { panic!("{response:?}") };
    assert_eq!(weather.dimensions(), 384);
    for (left, right, expected) in
        [(weather, sun, 0.6660), (weather, stadium, 0.1046), (sun, stadium, 0.1411)]
    {
        let cosine = left.cosine_similarity(right).unwrap();
        assert!((cosine - expected).abs() < 0.01, "{cosine} instead of {expected}");
    }
}

#[tokio::test]
#[ignore = "needs a real server"]
async fn a_real_server_reranks() {
    let driver = engine("BOTTICELLI_RERANK_URL");
    let documents = ["Bread is baked in an oven.", "Botticelli painted The Birth of Venus."];
    let response = driver.rerank(RerankRequest::new("Who painted Venus?", documents)).await.unwrap();
    assert_eq!(response.documents().len(), 2);
}
