//! The management of dedicated endpoints.

use crate::common::{Response, exchange, post};
use botticelli_sandbox::{EndpointFault, Sandbox};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

fn settings() -> Value {
    json!({
        "name": "mine", "type": "protected",
        "provider": { "vendor": "aws", "region": "us-east-1" },
        "compute": {
            "accelerator": "cpu", "instanceType": "intel-icl", "instanceSize": "x1",
            "scaling": { "minReplica": 0, "maxReplica": 1, "scaleToZeroTimeout": 15 },
        },
        "model": {
            "repository": "org/name", "framework": "pytorch", "image": { "huggingface": {} },
            "secrets": { "A": "hidden" },
        },
    })
}

async fn request(sandbox: &Sandbox, method: &str, path: &str, body: &str) -> Response {
    exchange(sandbox, post(path, body).replacen("POST", method, 1)).await
}

/// A sandbox whose time is a number of seconds.
async fn timed() -> (Sandbox, Arc<AtomicU64>) {
    let seconds = Arc::new(AtomicU64::new(0));
    let shared = seconds.clone();
    let clock = move || Duration::from_secs(shared.load(Ordering::Relaxed));
    (Sandbox::builder().with_clock(clock).start().await.unwrap(), seconds)
}

#[tokio::test]
async fn the_state_of_an_endpoint_follows_from_the_time() {
    let (sandbox, seconds) = timed().await;
    let created = request(&sandbox, "POST", "/v2/endpoint/sandbox", &settings().to_string()).await;
    assert_eq!(created.status, 200, "{}", created.text());
    assert!(!created.text().contains("hidden"));
    for (second, state, has_url) in [
        (0, "pending", false),
        (4, "pending", false),
        (5, "initializing", true),
        (24, "initializing", true),
        (25, "running", true),
        (899, "running", true),
        (900, "scaledToZero", true),
    ] {
        seconds.store(second, Ordering::Relaxed);
        let body = request(&sandbox, "GET", "/v2/endpoint/sandbox/mine", "").await.json();
        assert_eq!(body["status"]["state"], state, "after {second} s");
        assert_eq!(body["status"]["url"].is_string(), has_url, "after {second} s");
    }
    // A request wakes it.
    assert_eq!(request(&sandbox, "GET", "/endpoints/sandbox/mine/health", "").await.status, 503);
    seconds.store(920, Ordering::Relaxed);
    assert_eq!(request(&sandbox, "GET", "/endpoints/sandbox/mine/health", "").await.status, 200);
}

#[tokio::test]
async fn invalid_settings_are_rejected() {
    let (sandbox, _) = timed().await;
    for (field, value, status) in [
        ("/name", json!(""), 422),
        ("/model/image", json!(null), 422),
        ("/compute/instanceType", json!("nvidia-none"), 400),
        ("/compute/scaling/minReplica", json!(2), 400),
    ] {
        let mut settings = settings();
        *settings.pointer_mut(field).unwrap() = value;
        let response = request(&sandbox, "POST", "/v2/endpoint/sandbox", &settings.to_string()).await;
        assert_eq!(response.status, status, "{field}: {}", response.text());
    }
    request(&sandbox, "POST", "/v2/endpoint/sandbox", &settings().to_string()).await;
    let again = request(&sandbox, "POST", "/v2/endpoint/sandbox", &settings().to_string()).await;
    assert_eq!(again.status, 409);
    assert_eq!(request(&sandbox, "GET", "/v2/endpoint/other", "").await.status, 403);
    assert_eq!(request(&sandbox, "GET", "/v2/endpoint/sandbox/none", "").await.status, 404);
    assert_eq!(request(&sandbox, "POST", "/v2/endpoint/sandbox/mine/explode", "").await.status, 404);
}

#[test]
fn endpoint_faults_md_lists_every_fault_once_in_order() {
    let page = include_str!("../../ENDPOINT_FAULTS.md");
    let listed: Vec<_> = page.lines().filter(|line| line.starts_with("| `")).map(str::to_owned).collect();
    let expected: Vec<_> =
        EndpointFault::all().map(|fault| format!("| `{fault}` | {} |", fault.description())).collect();
    assert_eq!(listed, expected);
    let names: HashSet<_> = EndpointFault::all().map(|fault| fault.name()).collect();
    assert_eq!(names.len(), expected.len());
    for fault in EndpointFault::all() {
        assert_eq!(fault.to_string().parse(), Ok(fault));
    }
    for wrong in ["", "quot", "status=", "status=x", "quota=1"] {
        assert!(wrong.parse::<EndpointFault>().unwrap_err().to_string().contains("no-prices"), "{wrong}");
    }
}
