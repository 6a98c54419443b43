//! Sentence similarity.

use crate::support::{answering, at, hosted, last_body, last_path};
use botticelli_core::tasks::SimilarityRequest;
use botticelli_interface::tasks::SimilarityDriver;
use botticelli_models::huggingface::TaskApi;
use botticelli_sandbox::Sandbox;
use serde_json::json;

const MODEL: &str = "sentence-transformers/all-MiniLM-L6-v2";

fn request() -> SimilarityRequest {
    SimilarityRequest::builder()
        .source("The painter of Venus")
        .sentences(["Venus and the painter", "Bread"])
        .build()
        .unwrap()
}

#[tokio::test]
async fn the_scores_have_the_order_of_the_sentences() {
    let sandbox = Sandbox::start().await.unwrap();
    let response = hosted(&sandbox, MODEL).similarity(request()).await.unwrap();
    assert_eq!(last_path(&sandbox), format!("/hf-inference/models/{MODEL}/pipeline/sentence-similarity"));
    let inputs = json!({
        "source_sentence": "The painter of Venus",
        "sentences": ["Venus and the painter", "Bread"],
    });
    assert_eq!(last_body(&sandbox), json!({ "inputs": inputs }));
    let [painter, bread] = response.scores() else { panic!("{response:?}") };
    assert!(painter > bread);
    at(&sandbox, TaskApi::Tei, MODEL).similarity(request()).await.unwrap();
    assert_eq!(last_path(&sandbox), "/similarity");
}

#[tokio::test]
async fn a_missing_score_is_an_error() {
    let sandbox = answering("[0.6623499989509583]").await;
    let error = at(&sandbox, TaskApi::Tei, MODEL).similarity(request()).await.unwrap_err();
    assert!(error.to_string().contains("1 scores for 2 sentences"), "{error}");
}

#[tokio::test]
async fn a_server_without_the_task_is_an_error_with_another_way() {
    let sandbox = Sandbox::start().await.unwrap();
    let error = at(&sandbox, TaskApi::OpenAi, MODEL).similarity(request()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "huggingface: the task sentence-similarity for a server with the API of OpenAI cannot be sent. Call \
         `EmbeddingDriver::embed` and `Embedding::cosine_similarity` instead."
    );
    assert!(sandbox.requests().is_empty());
}
