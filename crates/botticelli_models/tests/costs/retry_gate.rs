//! The driver asks a retry gate only before an attempt that follows one that may be billed.

use crate::common::subject::Subject;
use crate::common::{collect, gathered, settings};
use botticelli_core::{
    CompletionRequest, GenerateRequest, GenerateResponse, RetryConfig, RetryGate, StreamChunk, Timeouts,
};
use botticelli_error::{BotticelliError, BudgetError, BudgetErrorKind, BudgetUnit};
use botticelli_interface::{BotticelliDriver, CompletionDriver};
use botticelli_models::huggingface::Dialect;
use botticelli_sandbox::{Sandbox, Script};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const GOOD: &str = r#"{"choices":[{"message":{"content":"Well"},"finish_reason":"stop"}]}"#;

/// The errors that a gate received.
#[derive(Clone, Default)]
struct GateRecord(Arc<Mutex<Vec<BotticelliError>>>);

impl GateRecord {
    /// A gate that permits this many attempts.
    fn gate(&self, permitted: usize) -> RetryGate {
        let (record, left) = (self.clone(), AtomicUsize::new(permitted));
        RetryGate::new(move |error| {
            record.0.lock().unwrap().push(error.clone());
            let used = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
            Box::pin(async move { used.map(drop).map_err(|_| refused()) })
        })
    }

    fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

fn refused() -> BotticelliError {
    BudgetError::new(BudgetErrorKind::UnknownPrice { model: "m".into(), unit: BudgetUnit::NanoDollars })
        .into()
}

/// Responses that may be billed and are retried.
fn billed() -> Script {
    Script::close()
}

async fn ask(subject: &Subject, gate: RetryGate, streamed: bool) -> Result<String, BotticelliError> {
    let driver = subject.driver.clone();
    let request = GenerateRequest::from("Hi").with_retry_gate(gate);
    subject
        .run(async move {
            if streamed {
                let (chunks, failure) = collect(&driver, request).await;
                failure.map_or_else(|| Ok(chunks.iter().map(StreamChunk::text).collect()), Err)
            } else {
                driver.generate(request).await.map(GenerateResponse::into_text)
            }
        })
        .await
}

#[tokio::test]
async fn a_gate_is_asked_before_every_attempt_after_one_that_may_be_billed() {
    for streamed in [false, true] {
        let subject = Subject::before([billed(), billed(), Script::json(200, GOOD)]).await;
        let record = GateRecord::default();
        assert_eq!(ask(&subject, record.gate(2), streamed).await.unwrap(), "Well");
        assert_eq!((record.count(), subject.calls()), (2, 3));
    }
}

#[tokio::test]
async fn a_refusal_ends_the_call_with_the_error_of_the_last_attempt() {
    for streamed in [false, true] {
        for permitted in [0, 1] {
            let subject = Subject::before([billed(), billed(), Script::json(200, GOOD)]).await;
            let record = GateRecord::default();
            let error = ask(&subject, record.gate(permitted), streamed).await.unwrap_err();
            assert_eq!(subject.calls(), permitted + 1);
            // The attempt that was not made does not count.
            assert_eq!(usize::try_from(error.attempts()).unwrap(), permitted + 1);
            assert!(error.may_be_billed());
            let last = record.0.lock().unwrap()[permitted].to_string();
            let note = format!("No other attempt is allowed: {}", refused());
            assert_eq!(error.note(), Some(&*note));
            assert_eq!(error.to_string(), format!("{last} {note}"));
        }
    }
}

#[tokio::test]
async fn an_attempt_that_costs_nothing_needs_no_permission() {
    let busy = || Script::json(503, r#"{"error":"busy"}"#);
    let loading = || Script::json(503, r#"{"error":"Model is loading","estimated_time":1.0}"#);
    for (first, second) in [(busy(), busy()), (loading(), loading())] {
        for streamed in [false, true] {
            let subject = Subject::before([first.clone(), second.clone(), Script::json(200, GOOD)]).await;
            let record = GateRecord::default();
            assert_eq!(ask(&subject, record.gate(0), streamed).await.unwrap(), "Well");
            assert_eq!((record.count(), subject.calls()), (0, 3));
        }
    }
}

#[tokio::test]
async fn only_the_error_before_the_attempt_counts_not_an_earlier_one() {
    let busy = Script::json(503, r#"{"error":"busy"}"#);
    let subject = Subject::before([billed(), busy, Script::json(200, GOOD)]).await;
    let record = GateRecord::default();
    assert_eq!(ask(&subject, record.gate(1), false).await.unwrap(), "Well");
    assert_eq!(record.count(), 1);
}

#[tokio::test]
async fn a_gate_that_never_answers_ends_with_the_total_timeout() {
    let retry = RetryConfig::default();
    let timeouts = Timeouts::default().with_total(Duration::from_secs(5));
    let subject = Subject::set_up([billed(), Script::json(200, GOOD)], retry, timeouts).await;
    let gate = RetryGate::new(|_| Box::pin(std::future::pending()));
    let error = ask(&subject, gate, false).await.unwrap_err();
    assert_eq!((subject.calls(), error.attempts()), (1, 1));
    assert!(error.note().is_some_and(|note| note.contains("in time")), "{error}");
}

#[tokio::test]
async fn a_stream_without_stream_options_needs_permission_if_the_first_may_be_billed() {
    let event = "data: {\"error\":{\"message\":\"stream_options is not supported\",\"code\":400}}\n\n";
    for (refusal, asks) in
        [(Script::sse(event), 1), (Script::json(400, r#"{"error":"stream_options is not supported"}"#), 0)]
    {
        for permitted in [0, 1] {
            let builder = Sandbox::builder().with_turn(refusal.clone()).with_turn(Script::json(200, GOOD));
            let sandbox = builder.start().await.unwrap();
            let driver = settings(&sandbox).build().unwrap();
            let record = GateRecord::default();
            let request = GenerateRequest::from("Hi").with_retry_gate(record.gate(permitted));
            let (_, failure) = collect(&driver, request).await;
            assert_eq!(record.count(), asks);
            assert_eq!(failure.is_some(), asks > permitted, "{failure:?}");
            assert!(failure.is_none_or(|error| error.note().is_some()));
            assert_eq!(sandbox.requests().len(), if asks > permitted { 1 } else { 2 });
        }
    }
}

#[tokio::test]
async fn a_text_completion_without_details_needs_permission_if_the_first_may_be_billed() {
    let unknown = "The following `model_kwargs` are not used by the model: ['details']";
    let good = Script::json(200, r#"[{"generated_text":"Well"}]"#);
    for (status, asks) in [(200, 1), (400, 0)] {
        for streamed in [false, true] {
            let refusal = Script::json(status, serde_json::json!({ "error": unknown }).to_string());
            let builder = Sandbox::builder()
                .with_dialect(botticelli_sandbox::Dialect::Tgi3)
                .with_turn(refusal)
                .with_turn(good.clone());
            let sandbox = builder.start().await.unwrap();
            let driver = settings(&sandbox).dialect(Dialect::Tgi).build().unwrap();
            let record = GateRecord::default();
            let request = CompletionRequest::from("Hi").with_retry_gate(record.gate(0));
            let failure = if streamed {
                gathered(driver.complete_stream(request).await).await.1
            } else {
                driver.complete(request).await.err()
            };
            assert_eq!(record.count(), asks, "{status} {streamed} {failure:?}");
            assert_eq!(failure.is_some(), asks == 1, "{failure:?}");
            assert!(failure.is_none_or(|error| error.note().is_some()));
            assert_eq!(sandbox.requests().len(), 2 - asks);
        }
    }
}
