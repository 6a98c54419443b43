//! The driver sets the flag of a request before it sends an attempt, and clears it after one that is not billed.

use crate::common::subject::Subject;
use botticelli_core::{CompletionRequest, GenerateRequest, RetryGate, SentFlag};
use botticelli_error::BotticelliError;
use botticelli_interface::{BotticelliDriver, CompletionDriver};
use botticelli_sandbox::Script;
use futures::FutureExt;
use std::time::Duration;

const GOOD: &str = r#"{"choices":[{"message":{"content":"Well"},"finish_reason":"stop"}]}"#;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Chat,
    Stream,
    Text,
}

const KINDS: [Kind; 3] = [Kind::Chat, Kind::Stream, Kind::Text];

/// Calls the driver until the call ends or the service has received `calls` requests and `waits` are begun. Then the call is dropped.
async fn call(
    subject: &Subject,
    kind: Kind,
    flag: &SentFlag,
    calls: usize,
    waits: usize,
) -> Result<(), BotticelliError> {
    let driver = subject.driver.clone();
    let gate = RetryGate::new(|_| Box::pin(async { Ok(()) }));
    let chat = GenerateRequest::from("Hi").with_sent_flag(flag.clone()).with_retry_gate(gate.clone());
    let text = CompletionRequest::from("Hi").with_sent_flag(flag.clone()).with_retry_gate(gate);
    let mut call = match kind {
        Kind::Chat => async move { driver.generate(chat).await.map(drop) }.boxed(),
        Kind::Stream => async move { driver.generate_stream(chat).await.map(drop) }.boxed(),
        Kind::Text => async move { driver.complete(text).await.map(drop) }.boxed(),
    };
    loop {
        if let Some(outcome) = (&mut call).now_or_never() {
            return outcome;
        }
        if subject.calls() >= calls && subject.waits().len() >= waits {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn a_request_that_was_sent_is_recorded() {
    for kind in KINDS {
        let (subject, flag) = (Subject::before([Script::hang()]).await, SentFlag::default());
        assert!(subject.driver.reports_sends() && subject.driver.reports_completion_sends());
        call(&subject, kind, &flag, 1, 0).await.unwrap();
        assert!(flag.is_set(), "{kind:?}");
    }
}

#[tokio::test]
async fn a_request_that_is_refused_before_it_is_sent_is_not_recorded() {
    for kind in [Kind::Chat, Kind::Stream] {
        let (subject, flag) = (Subject::before([Script::json(200, GOOD)]).await, SentFlag::default());
        let request = GenerateRequest::from("Hi").with_temperature(-1.0).with_sent_flag(flag.clone());
        let outcome = match kind {
            Kind::Stream => subject.driver.generate_stream(request).await.map(drop),
            _ => subject.driver.generate(request).await.map(drop),
        };
        assert!(outcome.is_err());
        assert_eq!((flag.is_set(), subject.calls()), (false, 0), "{kind:?}");
    }
}

#[tokio::test]
async fn a_call_that_waits_after_an_attempt_without_a_bill_counts_as_not_sent() {
    let busy = Script::json(503, r#"{"error":"busy"}"#);
    let loading = Script::json(503, r#"{"error":"Model is loading","estimated_time":1.0}"#);
    for refusal in [busy, loading] {
        for kind in KINDS {
            let (subject, flag) = (Subject::before([refusal.clone()]).await, SentFlag::default());
            // Time stands still, so that the call waits to send again.
            call(&subject, kind, &flag, 1, 1).await.unwrap();
            assert!(!flag.is_set(), "{kind:?}");
        }
    }
}

#[tokio::test]
async fn an_attempt_that_may_be_billed_stays_recorded_until_the_gate_has_counted_it() {
    for kind in KINDS {
        let (subject, flag) = (Subject::before([Script::json(504, "{}")]).await, SentFlag::default());
        call(&subject, kind, &flag, 1, 1).await.unwrap();
        assert!(flag.is_set(), "{kind:?}");
    }
}
