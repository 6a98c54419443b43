//! Sparse embeddings of text-embeddings-inference.

use crate::common::scripted;
use crate::support::{at, hosted, last_body, last_path};
use botticelli_core::tasks::{SparseEmbedding, SparseEmbeddingRequest, TruncationDirection};
use botticelli_error::ErrorCategory;
use botticelli_interface::tasks::SparseEmbeddingDriver;
use botticelli_models::huggingface::TaskApi;
use botticelli_sandbox::{Sandbox, Script};
use serde_json::json;

const MODEL: &str = "naver/splade-v3";

#[tokio::test]
async fn the_settings_are_next_to_the_texts() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = at(&sandbox, TaskApi::Tei, MODEL);
    let request = SparseEmbeddingRequest::builder()
        .inputs(["a painter", "a painter", "bread"])
        .prompt_name("query")
        .truncate(true)
        .truncation_direction(TruncationDirection::Left)
        .build()
        .unwrap();
    let response = driver.embed_sparse(request).await.unwrap();
    assert_eq!(last_path(&sandbox), "/embed_sparse");
    let body = json!({
        "inputs": ["a painter", "a painter", "bread"],
        "prompt_name": "query", "truncate": true, "truncation_direction": "left",
    });
    assert_eq!(last_body(&sandbox), body);
    let [first, second, other] = response.embeddings() else { panic!("{response:?}") };
    assert!(first.indices().is_sorted() && !first.indices().is_empty(), "{first:?}");
    assert_eq!(first, second);
    assert!(first.dot(second) > first.dot(other), "{response:?}");
    let same = SparseEmbeddingRequest::new(["a painter"]);
    assert_eq!(driver.embed_sparse(same).await.unwrap().embeddings().first(), Some(first));
}

#[tokio::test]
async fn a_long_list_is_split() {
    let sandbox = Sandbox::start().await.unwrap();
    let texts: Vec<String> = (0..70).map(|number| format!("text {number}")).collect();
    let response = at(&sandbox, TaskApi::Tei, MODEL).embed_sparse(texts.into()).await.unwrap();
    assert_eq!((response.embeddings().len(), response.metadata().requests()), (70, 3));
}

#[tokio::test]
async fn other_servers_do_not_have_it() {
    let sandbox = Sandbox::start().await.unwrap();
    for driver in [hosted(&sandbox, "BAAI/bge-small-en-v1.5"), at(&sandbox, TaskApi::OpenAi, MODEL)] {
        let error = driver.embed_sparse("a".into()).await.unwrap_err();
        assert_eq!(error.category(), ErrorCategory::Unsupported, "{error}");
        assert!(error.to_string().contains("text-embeddings-inference"), "{error}");
    }
    assert!(sandbox.requests().iter().all(|request| request.method() == "GET"));
}

#[tokio::test]
async fn the_values_are_read_in_any_order_and_wrong_ones_are_errors() {
    for (body, expected) in [
        (r#"[[{"index":9,"value":0.5},{"index":3,"value":2}]]"#, Some(vec![(3, 2.0), (9, 0.5)])),
        ("[[]]", Some(vec![])),
        ("[]", None),
        (r#"[{"index":9,"value":0.5}]"#, None),
        (r#"[[{"index":-1,"value":0.5}]]"#, None),
        (r#"[[{"index":1,"value":0.5},{"index":1,"value":0.7}]]"#, None),
        (r#"[[{"index":1}]]"#, None),
        (r#"[[{"index":1,"value":"0.5"}]]"#, None),
        ("[[0.5,0.7]]", None),
        (r#"{"error":"CUDA out of memory"}"#, None),
    ] {
        let sandbox = scripted(Script::json(200, body)).await;
        let result = at(&sandbox, TaskApi::Tei, MODEL).embed_sparse("a".into()).await;
        match expected {
            Some(entries) => {
                assert_eq!(result.unwrap().embeddings(), [SparseEmbedding::new(entries)], "{body}");
            }
            None => assert!(result.is_err(), "{body}"),
        }
    }
}
