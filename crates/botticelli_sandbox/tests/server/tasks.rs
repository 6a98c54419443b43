//! Tasks other than text generation.

use crate::common::{Response, exchange, get, post};
use botticelli_sandbox::{Sandbox, TaskFault};
use serde_json::{Value, json};
use std::collections::HashSet;

async fn call(sandbox: &Sandbox, path: &str, body: Value) -> Response {
    exchange(sandbox, post(path, &body.to_string())).await
}

/// Adds the token of the sandbox to a request.
fn with_token(request: &str) -> String {
    request.replacen("host:", &format!("authorization: Bearer {}\r\nhost:", Sandbox::TOKEN), 1)
}

#[tokio::test]
async fn one_text_and_a_list_of_texts_have_different_nesting() {
    let sandbox = Sandbox::start().await.unwrap();
    let path = "/hf-inference/models/BAAI/bge-small-en-v1.5/pipeline/feature-extraction";
    let one = call(&sandbox, path, json!({ "inputs": "a painter" })).await.json();
    let list = call(&sandbox, path, json!({ "inputs": ["a painter"] })).await.json();
    assert_eq!(json!([one]), list);
    let path = "/hf-inference/models/facebook/bart-base/pipeline/feature-extraction";
    let one = call(&sandbox, path, json!({ "inputs": "a painter" })).await.json();
    assert!(one[0][0][0].is_number(), "depth 3");
    let list = call(&sandbox, path, json!({ "inputs": ["a painter"] })).await.json();
    assert!(list[0][0][0][0].is_number(), "depth 4");
}

#[tokio::test]
async fn limits_and_wrong_tasks_are_errors() {
    let sandbox = Sandbox::start().await.unwrap();
    let path = "/hf-inference/models/BAAI/bge-small-en-v1.5/pipeline/feature-extraction";
    let response = call(&sandbox, path, json!({ "inputs": vec!["a"; 33] })).await;
    assert_eq!(response.status, 422);
    let expected =
        json!({ "error": "batch size 33 > maximum allowed batch size 32", "error_type": "validation" });
    assert_eq!(response.json(), expected);
    let path = "/hf-inference/models/facebook/bart-large-cnn/pipeline/feature-extraction";
    let response = call(&sandbox, path, json!({ "inputs": "a" })).await;
    assert_eq!(response.status, 400);
    assert!(response.text().contains("Supported task: summarization."), "{}", response.text());
    let path = "/hf-inference/models/none/such/pipeline/feature-extraction";
    assert_eq!(call(&sandbox, path, json!({ "inputs": "a" })).await.status, 404);
}

#[tokio::test]
async fn a_job_ends_at_the_third_poll_and_names_a_foreign_host() {
    let sandbox = Sandbox::start().await.unwrap();
    let path = "/wavespeed/api/v3/wavespeed-ai/flux-dev";
    let started = call(&sandbox, path, json!({ "prompt": "Venus" })).await.json();
    let address = started["data"]["urls"]["get"].as_str().unwrap();
    let path = address.strip_prefix("https://api.wavespeed.ai").unwrap();
    let mut states = Vec::new();
    for _ in 0..3 {
        let polled = exchange(&sandbox, with_token(&get(&format!("/wavespeed{path}")))).await.json();
        states.push(polled["data"]["status"].as_str().unwrap().to_owned());
    }
    assert_eq!(states, ["created", "processing", "completed"]);
}

#[tokio::test]
async fn a_result_is_refused_with_a_token() {
    let sandbox = Sandbox::start().await.unwrap();
    let refused = exchange(&sandbox, with_token(&get("/results/image.png"))).await;
    assert_eq!(refused.status, 400);
    let without = exchange(&sandbox, get("/results/image.png")).await;
    assert_eq!((without.status, without.header("content-type")), (200, Some("image/png")));
    assert!(without.body.starts_with(b"\xff\xd8\xff"), "JPEG, whatever the name says");
}

#[test]
fn task_faults_md_lists_every_fault_once_in_order() {
    let page = include_str!("../../TASK_FAULTS.md");
    let listed: Vec<_> = page.lines().filter(|line| line.starts_with("| `")).map(str::to_owned).collect();
    let expected: Vec<_> =
        TaskFault::all().map(|fault| format!("| `{fault}` | {} |", fault.description())).collect();
    assert_eq!(listed, expected);
    let names: HashSet<_> = TaskFault::all().map(|fault| fault.name()).collect();
    assert_eq!(names.len(), expected.len());
    for fault in TaskFault::all() {
        assert_eq!(fault.to_string().parse(), Ok(fault));
    }
    for wrong in ["", "job", "status=", "status=x", "job-fails=1"] {
        assert!(wrong.parse::<TaskFault>().unwrap_err().to_string().contains("job-fails"), "{wrong}");
    }
}
