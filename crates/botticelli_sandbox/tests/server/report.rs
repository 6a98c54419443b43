//! Attempts, gaps, disconnected clients and the report.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::common::{CHAT, Client, chat, exchange, get, hello, hello_with, post, post_as, with_timeout};
use botticelli_sandbox::{Fault, ReceivedRequest, Sandbox, Script, Turn};
use serde_json::json;

async fn start_call(sandbox: &Sandbox) -> Client {
    let mut client = Client::connect(sandbox).await;
    client.send(post(CHAT, &hello().to_string())).await;
    client
}

#[tokio::test]
async fn identical_requests_count_as_attempts() {
    let sandbox = Sandbox::start().await.unwrap();
    let other = hello_with(json!({ "max_tokens": 3 }));
    for body in [&hello(), &other, &hello(), &hello()] {
        chat(&sandbox, body).await;
    }
    exchange(&sandbox, get("/v1/models")).await;
    let attempts: Vec<_> = sandbox.requests().iter().map(ReceivedRequest::attempt).collect();
    assert_eq!(attempts, [1, 1, 2, 3, 1]);
}

#[tokio::test]
async fn gaps_are_measured_from_the_previous_attempt() {
    let sandbox = Sandbox::start().await.unwrap();
    chat(&sandbox, &hello()).await;
    tokio::time::sleep(Duration::from_millis(5)).await;
    chat(&sandbox, &hello_with(json!({ "max_tokens": 3 }))).await;
    chat(&sandbox, &hello()).await;
    let requests = sandbox.requests();
    let times: Vec<_> = requests.iter().map(ReceivedRequest::since_start).collect();
    assert!(times.is_sorted());
    let gaps: Vec<_> = requests.iter().map(ReceivedRequest::gap).collect();
    let gap = times[2].checked_sub(times[0]).unwrap();
    assert_eq!(gaps, [None, None, Some(gap)]);
    assert!(gap >= Duration::from_millis(5));
}

#[tokio::test]
async fn a_client_that_disconnects_early_has_hung_up() {
    for fault in ["never-answers", "silence-after-events", "endless-text", "comments-for-ever"] {
        let sandbox = Sandbox::builder().on_chat(Fault::named(fault).unwrap()).start().await.unwrap();
        let client = start_call(&sandbox).await;
        with_timeout(sandbox.received(1)).await;
        assert!(!sandbox.requests()[0].hung_up());
        drop(client);
        with_timeout(sandbox.quiet()).await;
        assert!(sandbox.requests()[0].hung_up(), "{fault}");
    }
}

#[tokio::test]
async fn a_client_that_reads_to_the_end_has_not_hung_up() {
    for fault in ["crlf", "cut-after-events", "reset-at-once", "close-at-once", "half-status-line"] {
        let sandbox = Sandbox::builder().on_chat(Fault::named(fault).unwrap()).start().await.unwrap();
        let mut client = start_call(&sandbox).await;
        if fault == "crlf" {
            client.response().await;
        } else {
            client.rest().await;
        }
        drop(client);
        with_timeout(sandbox.quiet()).await;
        assert!(!sandbox.requests()[0].hung_up(), "{fault}");
    }
}

#[tokio::test]
async fn requests_record_status_and_fault() {
    let sandbox = Sandbox::builder()
        .on_chat(Fault::status(503))
        .on_chat(Script::close())
        .on_chat(Turn::Answer)
        .start()
        .await
        .unwrap();
    chat(&sandbox, &hello()).await;
    start_call(&sandbox).await.rest().await;
    chat(&sandbox, &hello()).await;
    let outcomes: Vec<_> =
        sandbox.requests().iter().map(|request| (request.status(), request.fault())).collect();
    assert_eq!(outcomes, [(Some(503), Some(Fault::status(503))), (None, None), (Some(200), None)]);
}

/// Returns the report with its milliseconds replaced.
fn without_times(report: &str) -> String {
    let mut before = "";
    let words = report.split(' ').map(|word| {
        let shown = if before == "after" { "N" } else { word };
        before = word;
        shown
    });
    words.collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn the_report_has_a_line_for_each_request() {
    let sandbox = Sandbox::builder()
        .on_chat(Fault::named("overloaded-429").unwrap())
        .on_chat(Fault::named("reset-at-once").unwrap())
        .on_chat(Turn::Answer)
        .on_chat(Fault::named("never-answers").unwrap())
        .start()
        .await
        .unwrap();
    assert_eq!(sandbox.report().to_string(), "");
    chat(&sandbox, &hello()).await;
    start_call(&sandbox).await.rest().await;
    chat(&sandbox, &hello()).await;
    exchange(&sandbox, get("/v1/models?token=hf_secret")).await;
    let client = start_call(&sandbox).await;
    with_timeout(sandbox.silent()).await;
    drop(client);
    with_timeout(sandbox.quiet()).await;
    let report = sandbox.report().to_string();
    assert_eq!(
        without_times(&report),
        "POST /v1/chat/completions 429 fault overloaded-429, attempt 1\n\
         POST /v1/chat/completions fault reset-at-once, attempt 2 after N ms\n\
         POST /v1/chat/completions 200, attempt 3 after N ms\n\
         GET /v1/models?… 200, attempt 1\n\
         POST /v1/chat/completions fault never-answers, attempt 4 after N ms, hung up\n",
    );
}

#[tokio::test]
async fn the_report_contains_no_token() {
    let sandbox = Sandbox::start().await.unwrap();
    exchange(&sandbox, post_as("/v1/hf_secret/x?key=hf_secret", Some("hf_secret"), "{}")).await;
    assert_eq!(sandbox.report().to_string(), "POST /v1/****/x?… 404, attempt 1\n");
}

#[tokio::test]
async fn an_observer_works_without_remembered_requests() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let observed = Arc::clone(&lines);
    let sandbox = Sandbox::builder()
        .remember_requests(false)
        .on_answered(move |request| observed.lock().unwrap().push(request.to_string()))
        .start()
        .await
        .unwrap();
    chat(&sandbox, &hello()).await;
    with_timeout(sandbox.quiet()).await;
    assert_eq!(*lines.lock().unwrap(), ["POST /v1/chat/completions 200, attempt 1"]);
    assert!(sandbox.requests().is_empty());
}
