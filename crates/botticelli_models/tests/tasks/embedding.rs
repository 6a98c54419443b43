//! Embeddings: outgoing bodies, and the responses of the sandbox.

use crate::support::{at, hosted, last_body, last_path};
use botticelli_core::tasks::{
    Embedding, EmbeddingEncoding, EmbeddingRequest, EmbeddingRequestBuilder, TruncationDirection,
};
use botticelli_core::{Cost, Price, Usage};
use botticelli_interface::tasks::{EmbeddingDriver, TaskDriver};
use botticelli_models::huggingface::TaskApi;
use botticelli_sandbox::Sandbox;
use serde_json::json;
use std::sync::Arc;

const MODEL: &str = "BAAI/bge-small-en-v1.5";

fn full() -> EmbeddingRequestBuilder {
    EmbeddingRequest::builder()
        .inputs(["one", "two"])
        .normalize(true)
        .prompt_name("query")
        .truncate(true)
        .truncation_direction(TruncationDirection::Left)
        .dimensions(16)
        .encoding(EmbeddingEncoding::Base64)
}

#[tokio::test]
async fn the_parameters_of_hosted_models_are_next_to_the_texts() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = hosted(&sandbox, MODEL);
    let response = driver.embed(full().build().unwrap()).await.unwrap();
    assert_eq!(response.embeddings().len(), 2);
    assert_eq!(response.embeddings()[0].dimensions(), 16);
    assert_eq!(last_path(&sandbox), format!("/hf-inference/models/{MODEL}/pipeline/feature-extraction"));
    let expected = json!({
        "inputs": ["one", "two"],
        "normalize": true,
        "prompt_name": "query",
        "truncate": true,
        "truncation_direction": "left",
        "dimensions": 16,
        "encoding_format": "base64",
    });
    assert_eq!(last_body(&sandbox), expected);
    driver.embed("only".into()).await.unwrap();
    assert_eq!(last_body(&sandbox), json!({ "inputs": ["only"] }));
}

#[tokio::test]
async fn servers_with_the_api_of_openai_get_its_body() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = at(&sandbox, TaskApi::OpenAi, "any");
    let floats = driver.embed(full().encoding(EmbeddingEncoding::Float).build().unwrap()).await.unwrap();
    let response = driver.embed(full().build().unwrap()).await.unwrap();
    assert_eq!(last_path(&sandbox), "/v1/embeddings");
    let expected = json!({
        "model": "any",
        "input": ["one", "two"],
        "encoding_format": "base64",
        "dimensions": 16,
        "normalize": true,
        "prompt_name": "query",
        "truncate": true,
        "truncation_direction": "left",
    });
    assert_eq!(last_body(&sandbox), expected);
    assert_eq!(response.embeddings(), floats.embeddings(), "base64 and decimal numbers differ");
    assert_eq!(response.model(), Some("any"));
    assert_eq!(response.usage(), Some(&Usage::new(Some(6), None, Some(6))));
    assert_eq!(response.cost(), Cost::free(), "the server is on this machine");
}

#[tokio::test]
async fn text_embeddings_inference_gets_no_encoding() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = at(&sandbox, TaskApi::Tei, MODEL);
    driver.embed(full().build().unwrap()).await.unwrap();
    assert_eq!(last_path(&sandbox), "/embed");
    assert_eq!(last_body(&sandbox).get("encoding_format"), None);
    assert_eq!(last_body(&sandbox)["truncation_direction"], "left");
}

#[tokio::test]
async fn texts_with_common_words_are_similar() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver: Arc<dyn EmbeddingDriver> = Arc::new(hosted(&sandbox, MODEL));
    let texts = ["The painter of Venus", "A painter and Venus", "How to bake bread"];
    let response = driver.embed(texts.into()).await.unwrap();
    let [venus, painter, bread] = response.embeddings() else { panic!("{response:?}") };
    assert!(venus.cosine_similarity(painter) > venus.cosine_similarity(bread));
    assert!(venus.cosine_similarity(venus).unwrap() > 0.999);
    assert_eq!(driver.model_name(), MODEL);
    assert_eq!(driver.provider_name(), "huggingface");
    assert_eq!(response.provider(), Some("hf-inference"));
    assert!(response.request_id().unwrap().starts_with("sandbox-"));
    assert!(response.retries().is_empty());
}

#[tokio::test]
async fn a_model_without_pooling_gives_a_vector_for_each_token() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = hosted(&sandbox, "facebook/bart-base");
    let response = driver.embed(["one two", "three"].into()).await.unwrap();
    assert!(response.has_token_vectors());
    // Two special tokens are added.
    let counts: Vec<_> = response.embeddings().iter().map(|each| each.token_vectors().len()).collect();
    assert_eq!(counts, [4, 3]);
    assert_eq!(response.embeddings()[0].vector(), None);
    assert!((response.embeddings()[0].pooled().iter().sum::<f32>() - 1.0).abs() < 1e-6);
    assert_eq!(response.into_vectors()[1].len(), 64);
}

#[tokio::test]
async fn extra_fields_are_sent_and_fields_with_a_setting_are_rejected() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = at(&sandbox, TaskApi::OpenAi, "any");
    let extra = |fields: serde_json::Value| serde_json::from_value(fields).unwrap();
    let request = EmbeddingRequest::from("text").with_extra(extra(json!({ "user": "me", "none": null })));
    driver.embed(request).await.unwrap();
    assert_eq!(last_body(&sandbox), json!({ "model": "any", "input": ["text"], "user": "me" }));
    let request = EmbeddingRequest::from("text").with_extra(extra(json!({ "input": "other" })));
    let error = driver.embed(request).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "EmbeddingRequest: `extra.input` cannot be set because it has its own setting. Use that setting instead."
    );
}

#[tokio::test]
async fn the_caller_sets_model_and_price() {
    let sandbox = Sandbox::start().await.unwrap();
    let price = Price::from_usd_per_million(2.0, 0.0).unwrap();
    let driver = crate::common::settings(&sandbox).model("any").price(price).build_tasks().unwrap();
    assert_eq!(driver.api(), TaskApi::OpenAi);
    let response = driver.embed(EmbeddingRequest::from("one two").with_model("other")).await.unwrap();
    assert_eq!(last_body(&sandbox)["model"], "other");
    assert_eq!(response.metadata().requested_model(), Some("other"));
    // Four tokens at 2,000 nano-dollars.
    assert_eq!(response.cost().nano_dollars(), Some(8_000));
}

#[test]
fn requests_and_responses_survive_storage() {
    let request = full().model("a/b").build().unwrap();
    let stored = serde_json::to_string(&request).unwrap();
    assert_eq!(serde_json::from_str::<EmbeddingRequest>(&stored).unwrap(), request);
    let embedding = Embedding::Tokens(vec![vec![0.1, 0.2], vec![0.3, 0.4]]);
    let stored = serde_json::to_string(&embedding).unwrap();
    assert_eq!(serde_json::from_str::<Embedding>(&stored).unwrap(), embedding);
}

#[tokio::test]
async fn references_boxes_and_arcs_are_drivers() {
    async fn count(driver: impl EmbeddingDriver) -> usize {
        assert_eq!(driver.model_name(), MODEL);
        driver.embed(["one", "two"].into()).await.unwrap().embeddings().len()
    }
    let sandbox = Sandbox::start().await.unwrap();
    let driver = hosted(&sandbox, MODEL);
    let boxed: Box<dyn EmbeddingDriver> = Box::new(driver.clone());
    let borrowed: &dyn EmbeddingDriver = &driver;
    let shared: Arc<dyn EmbeddingDriver> = Arc::new(driver.clone());
    assert_eq!(count(&driver).await, 2);
    assert_eq!(count(borrowed).await, 2);
    assert_eq!(count(boxed).await, 2);
    assert_eq!(count(shared).await, 2);
}
