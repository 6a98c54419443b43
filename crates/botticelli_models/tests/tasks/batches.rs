//! Long lists of texts.

use crate::support::{at, hosted};
use botticelli_core::tasks::{EmbeddingRequest, RerankRequest, SimilarityRequest};
use botticelli_interface::tasks::{EmbeddingDriver, RerankDriver, SimilarityDriver};
use botticelli_models::huggingface::TaskApi;
use botticelli_sandbox::{Sandbox, Script};

const MODEL: &str = "BAAI/bge-small-en-v1.5";

fn texts(count: usize) -> Vec<String> {
    (0..count).map(|index| format!("word{index}")).collect()
}

#[tokio::test]
async fn a_long_list_is_split_and_keeps_its_order() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = hosted(&sandbox, MODEL);
    assert_eq!((driver.batch_size(), driver.concurrency()), (32, 4));
    let response = driver.embed(texts(70).into()).await.unwrap();
    let mut sizes: Vec<usize> =
        sandbox.requests().iter().map(|request| request.body()["inputs"].as_array().unwrap().len()).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [6, 32, 32]);
    let one_by_one = hosted(&sandbox, MODEL).with_batch_size(1).with_concurrency(8);
    let expected = one_by_one.embed(texts(70).into()).await.unwrap();
    assert_eq!(response.embeddings(), expected.embeddings());
    assert_eq!(sandbox.requests().len(), 3 + 70);
}

#[tokio::test]
async fn token_counts_add_up() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = at(&sandbox, TaskApi::OpenAi, "any").with_batch_size(4);
    let response = driver.embed(texts(10).into()).await.unwrap();
    assert_eq!(response.usage().unwrap().prompt_tokens(), Some(30));
}

#[tokio::test]
async fn the_error_names_the_text_that_is_too_long() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = hosted(&sandbox, MODEL);
    let mut inputs = texts(70);
    inputs[45] = "long ".repeat(600);
    let error = driver.embed(inputs.clone().into()).await.unwrap_err();
    let message = error.to_string();
    assert!(message.contains("must have less than 512 tokens. Given: 600"), "{message}");
    assert!(message.contains("The error is about input 45 (counted from 0)."), "{message}");
    // The three batches, five halves, and the text itself.
    assert!(sandbox.requests().len() <= 9, "{}", sandbox.requests().len());
    let truncated = EmbeddingRequest::new(inputs).with_truncate(true);
    assert_eq!(driver.embed(truncated).await.unwrap().embeddings().len(), 70);
}

#[tokio::test]
async fn a_batch_above_the_limit_of_the_server_is_not_blamed_on_a_text() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = hosted(&sandbox, MODEL).with_batch_size(50);
    let message = driver.embed(texts(50).into()).await.unwrap_err().to_string();
    assert!(message.contains("batch size 50 > maximum allowed batch size 32"), "{message}");
    assert!(message.contains("The request had the inputs 0 to 49 (counted from 0)."), "{message}");
    assert!(message.contains("lower the batch size"), "{message}");
}

#[tokio::test]
async fn other_errors_name_the_range_and_send_nothing_more() {
    let sandbox = crate::common::scripted(Script::json(401, r#"{"error":"Invalid username"}"#)).await;
    let driver = hosted(&sandbox, MODEL).with_concurrency(1);
    let message = driver.embed(texts(40).into()).await.unwrap_err().to_string();
    assert!(message.contains("The request had the inputs 0 to 31 (counted from 0)."), "{message}");
    assert_eq!(sandbox.requests().len(), 1);
}

#[tokio::test]
async fn similarities_and_documents_are_split_as_well() {
    let sandbox = Sandbox::start().await.unwrap();
    let sentences = texts(40);
    let driver = hosted(&sandbox, "sentence-transformers/all-MiniLM-L6-v2");
    let response = driver.similarity(SimilarityRequest::new("word35", sentences.clone())).await.unwrap();
    assert_eq!(response.scores().len(), 40);
    assert!(response.scores()[35] > 0.999);
    let driver = at(&sandbox, TaskApi::Tei, "any");
    let response = driver.rerank(RerankRequest::new("word35", sentences).with_top_n(2)).await.unwrap();
    assert_eq!(response.documents().len(), 2);
    assert!(response.documents()[0].score() > 0.999);
    assert!(response.documents().iter().any(|document| document.index() == 35), "{response:?}");
}
