//! The same request gets the same bytes.

use crate::common::{chat, exchange, get, hello, hello_with, with_dialect};
use botticelli_sandbox::{Dialect, Sandbox};
use serde_json::json;

#[tokio::test]
async fn two_sandboxes_send_the_same_bytes() {
    for dialect in Dialect::ALL {
        for request in [hello(), hello_with(json!({ "stream": true }))] {
            let one = chat(&with_dialect(*dialect).await, &request).await;
            let other = chat(&with_dialect(*dialect).await, &request).await;
            assert_eq!(one.raw, other.raw, "{dialect}");
        }
    }
}

#[tokio::test]
async fn one_sandbox_repeats_the_same_bytes() {
    let sandbox = Sandbox::start().await.unwrap();
    let first = chat(&sandbox, &hello()).await;
    exchange(&sandbox, get("/v1/models")).await;
    assert_eq!(first.raw, chat(&sandbox, &hello()).await.raw);
}

#[tokio::test]
async fn a_different_request_has_a_different_id() {
    let sandbox = Sandbox::start().await.unwrap();
    let one = chat(&sandbox, &hello()).await;
    let other = chat(&sandbox, &hello_with(json!({ "max_tokens": 500 }))).await;
    assert_eq!(one.content(), other.content());
    assert_ne!(one.json()["id"], other.json()["id"]);
    assert_ne!(one.header("x-request-id"), other.header("x-request-id"));
}
