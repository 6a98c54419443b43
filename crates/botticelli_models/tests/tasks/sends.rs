//! What a budget needs to know about a task: whether it was sent, whether it may be billed, and the permission for retries.

use crate::common::settings;
use botticelli_core::tasks::{EmbeddingRequest, TaskOptions};
use botticelli_core::{RetryConfig, RetryGate, SentFlag};
use botticelli_interface::tasks::{EmbeddingDriver, MediaGenerationDriver, TaskDriver};
use botticelli_models::huggingface::HuggingFaceTasks;
use botticelli_sandbox::{Sandbox, SandboxBuilder, Script};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const VECTORS: &str = "[[0.5,1.5]]";

async fn scripted(turns: impl IntoIterator<Item = Script>) -> (Sandbox, HuggingFaceTasks) {
    let builder = turns.into_iter().fold(Sandbox::builder(), SandboxBuilder::with_turn);
    let sandbox = builder.start().await.unwrap();
    let retry = RetryConfig::default().with_max_retries(1);
    let driver = settings(&sandbox).model("any/model").provider("hf-inference").retry(retry);
    let driver = driver.build_tasks().unwrap().with_batch_size(1).with_concurrency(1);
    (sandbox, driver)
}

fn vectors() -> Script {
    Script::json(200, VECTORS)
}

fn refusal() -> Script {
    Script::json(422, r#"{"error":"inputs are invalid"}"#)
}

fn request(texts: &[&str], flag: &SentFlag) -> EmbeddingRequest {
    let options = TaskOptions::default().with_sent_flag(flag.clone());
    EmbeddingRequest::new(texts.iter().copied()).with_options(options)
}

#[tokio::test]
async fn the_flag_says_whether_the_call_was_sent() {
    for (texts, turns, is_set, is_billed) in [
        (&["a"][..], vec![vectors()], true, false),
        (&["a"], vec![refusal()], false, false),
        // The first request is billed, so that the failure of the second one does not clear the flag.
        (&["a", "b"], vec![vectors(), refusal()], true, true),
        (&["a", "b"], vec![refusal()], true, true),
    ] {
        let flag = SentFlag::default();
        let (_sandbox, driver) = scripted(turns).await;
        assert!(driver.reports_task_sends());
        let result = driver.embed(request(texts, &flag)).await;
        assert_eq!(flag.is_set(), is_set, "{texts:?} {result:?}");
        assert_eq!(result.is_err_and(|error| error.may_be_billed()), is_billed, "{texts:?}");
    }
    // An invalid request is not sent.
    let flag = SentFlag::default();
    let (_sandbox, driver) = scripted([vectors()]).await;
    driver.embed(request(&[""], &flag)).await.unwrap_err();
    assert!(!flag.is_set());
}

#[tokio::test]
async fn a_search_for_the_input_at_fault_is_billed_if_a_part_succeeds() {
    let (_sandbox, driver) = scripted([refusal(), vectors(), refusal()]).await;
    let driver = driver.with_batch_size(2);
    let error = driver.embed(["a", "b"].into()).await.unwrap_err();
    assert!(error.to_string().contains("input 1") && error.may_be_billed(), "{error}");
    let (_sandbox, driver) = scripted([refusal(), refusal(), refusal()]).await;
    let error = driver.with_batch_size(2).embed(["a", "b"].into()).await.unwrap_err();
    assert!(error.to_string().contains("input 0") && !error.may_be_billed(), "{error}");
}

#[tokio::test]
async fn the_gate_is_asked_before_a_retry_that_may_be_billed_again() {
    for (is_allowed, sent) in [(true, 2), (false, 1)] {
        // The connection ends before a response. The next attempt is made at once.
        let (sandbox, driver) = scripted([Script::close(), vectors()]).await;
        let asked = Arc::new(AtomicUsize::new(0));
        let count = asked.clone();
        let gate = RetryGate::new(move |error| {
            count.fetch_add(1, Ordering::SeqCst);
            let error = error.clone();
            Box::pin(async move { if is_allowed { Ok(()) } else { Err(error) } })
        });
        let options = TaskOptions::default().with_retry_gate(gate);
        let result = driver.embed(EmbeddingRequest::from("a").with_options(options)).await;
        assert_eq!((result.is_ok(), sandbox.requests().len()), (is_allowed, sent), "{result:?}");
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn a_result_that_cannot_be_fetched_may_be_billed() {
    let (_sandbox, driver) =
        scripted([Script::json(200, r#"{"data":[{"url":"http://example.com/a.png"}]}"#)]).await;
    let error = driver.generate_image("Venus".into()).await.unwrap_err();
    assert!(error.may_be_billed(), "{error}");
}
