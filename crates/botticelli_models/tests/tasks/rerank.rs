//! Reranking.

use crate::support::{answering, at, hosted, last_body, last_path};
use botticelli_core::tasks::{RankedDocument, RerankRequest, RerankResponse};
use botticelli_interface::tasks::RerankDriver;
use botticelli_models::huggingface::TaskApi;
use botticelli_sandbox::Sandbox;
use serde_json::json;

const MODEL: &str = "BAAI/bge-reranker-v2-m3";
const DOCUMENTS: [&str; 3] = ["Bread is baked.", "Botticelli painted Venus.", "Venus is a planet."];

fn request() -> RerankRequest {
    RerankRequest::new("Who painted Venus?", DOCUMENTS)
}

fn order(response: &RerankResponse) -> Vec<usize> {
    response.documents().iter().map(RankedDocument::index).collect()
}

#[tokio::test]
async fn every_api_gives_the_same_order() {
    let sandbox = Sandbox::start().await.unwrap();
    let native = at(&sandbox, TaskApi::Tei, MODEL).rerank(request()).await.unwrap();
    assert_eq!(order(&native), [1, 2, 0]);
    assert_eq!(last_path(&sandbox), "/rerank");
    assert_eq!(last_body(&sandbox), json!({ "query": "Who painted Venus?", "texts": DOCUMENTS }));

    let cohere = at(&sandbox, TaskApi::OpenAi, MODEL).rerank(request().with_top_n(2)).await.unwrap();
    assert_eq!(order(&cohere), [1, 2]);
    assert_eq!(last_path(&sandbox), "/v1/rerank");
    let expected =
        json!({ "model": MODEL, "query": "Who painted Venus?", "documents": DOCUMENTS, "top_n": 2 });
    assert_eq!(last_body(&sandbox), expected);
    assert_eq!(cohere.usage().unwrap().prompt_tokens(), Some(12));

    let pairs = hosted(&sandbox, MODEL).rerank(request()).await.unwrap();
    assert_eq!(order(&pairs), [1, 2, 0]);
    assert_eq!(last_path(&sandbox), format!("/hf-inference/models/{MODEL}"));
    let first = json!({ "text": "Who painted Venus?", "text_pair": "Bread is baked." });
    assert_eq!(last_body(&sandbox)["inputs"][0], first);
    assert_eq!(native.documents(), pairs.documents());
}

#[tokio::test]
async fn the_settings_of_text_embeddings_inference_are_sent() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = at(&sandbox, TaskApi::Tei, MODEL);
    let raw = driver.rerank(request().with_raw_scores(true).with_truncate(true)).await.unwrap();
    assert_eq!(last_body(&sandbox)["raw_scores"], true);
    assert_eq!(last_body(&sandbox)["truncate"], true);
    assert!(raw.documents()[0].score() > 1.0);
}

#[tokio::test]
async fn labels_of_pairs_are_read_in_every_nesting() {
    for body in [
        r#"[{"label":"LABEL_0","score":0.1},{"label":"LABEL_0","score":0.9},{"label":"LABEL_0","score":0.5}]"#,
        r#"[[{"label":"LABEL_0","score":0.1}],[{"label":"LABEL_0","score":0.9}],[{"label":"LABEL_0","score":0.5}]]"#,
        r#"[[{"label":"LABEL_0","score":0.1},{"label":"LABEL_0","score":0.9},{"label":"LABEL_0","score":0.5}]]"#,
    ] {
        let sandbox = answering(body).await;
        let response = hosted(&sandbox, MODEL).rerank(request()).await.unwrap();
        assert_eq!(order(&response), [1, 2, 0], "{body}");
    }
}

#[tokio::test]
async fn a_wrong_index_and_a_missing_score_are_errors() {
    for body in [
        r#"[{"index":0,"score":0.5},{"index":1,"score":0.4}]"#,
        r#"[{"index":0,"score":0.5},{"index":1,"score":0.4},{"index":1,"score":0.3}]"#,
        r#"[{"index":0,"score":0.5},{"index":1,"score":0.4},{"index":3,"score":0.3}]"#,
    ] {
        let sandbox = answering(body).await;
        let error = at(&sandbox, TaskApi::Tei, MODEL).rerank(request()).await.unwrap_err();
        assert!(error.to_string().contains("scores for 3 documents"), "{body}: {error}");
    }
}
