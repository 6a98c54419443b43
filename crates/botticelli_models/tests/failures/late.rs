//! A task that is polled late finds what has arrived.

use crate::common::settings;
use crate::common::subject::Subject;
use botticelli_core::{RetryConfig, StreamChunk, Timeouts};
use botticelli_error::{BotticelliErrorKind, ErrorCategory, HttpErrorKind, TimeoutKind};
use botticelli_interface::{BotticelliDriver, CompletionDriver};
use botticelli_sandbox::{Sandbox, Script};
use futures::{FutureExt, StreamExt};
use std::time::Duration;

const GOOD: &str = r#"{"choices":[{"message":{"content":"Well"},"finish_reason":"stop"}]}"#;
const PIECE: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"Well\"}}]}\n\n";
const LAST: &str = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

/// Timeouts of ten seconds.
fn short() -> Timeouts {
    let limit = Duration::from_secs(10);
    Timeouts::default()
        .with_first_token(limit)
        .with_idle(limit)
        .with_keep_alive(limit)
        .with_total(limit)
        .with_stream_total(limit)
}

/// Delays of the poll, in seconds after the start of a call.
const LATE: [u64; 3] = [10, 11, 3600];

async fn subject(script: Script) -> Subject {
    Subject::set_up([script], RetryConfig::never(), short()).await
}

/// Lets the response arrive while the call is not polled, then advances the clock by `late` seconds.
async fn wait_unpolled(subject: &Subject, late: u64) {
    let mut settled = 0;
    while settled < 200 {
        tokio::task::yield_now().await;
        settled = if subject.sandbox.is_settled() && subject.calls() > 0 { settled + 1 } else { 0 };
    }
    subject.clock.advance(Duration::from_secs(late));
}

/// Polls a call from time to time until the server has received it.
macro_rules! begin {
    ($subject:expr, $call:expr) => {
        while $subject.calls() == 0 {
            assert!((&mut $call).now_or_never().is_none());
            tokio::task::yield_now().await;
        }
    };
}

#[tokio::test]
async fn a_plain_response_that_has_arrived_does_not_time_out() {
    for late in LATE {
        let subject = subject(Script::json(200, GOOD)).await;
        let driver = subject.driver.clone();
        let mut call = Box::pin(async move { driver.generate("Hi".into()).await });
        begin!(subject, call);
        wait_unpolled(&subject, late).await;
        let answer = subject.run(call).await;
        assert_eq!(answer.unwrap().text(), "Well", "{late} s");
    }
}

#[tokio::test]
async fn a_text_completion_that_has_arrived_does_not_time_out() {
    let subject = subject(Script::json(200, r#"{"choices":[{"text":"Well","finish_reason":"stop"}]}"#)).await;
    let driver = subject.driver.clone();
    let mut call = Box::pin(async move { driver.complete("Hi".into()).await });
    begin!(subject, call);
    wait_unpolled(&subject, 3600).await;
    assert_eq!(subject.run(call).await.unwrap().text(), "Well");
}

#[tokio::test]
async fn an_error_response_that_has_arrived_does_not_time_out() {
    let subject = subject(Script::json(400, r#"{"error":"no"}"#)).await;
    let driver = subject.driver.clone();
    let mut call = Box::pin(async move { driver.generate("Hi".into()).await });
    begin!(subject, call);
    wait_unpolled(&subject, 3600).await;
    assert_eq!(subject.run(call).await.unwrap_err().category(), ErrorCategory::InvalidRequest);
}

#[tokio::test]
async fn a_first_chunk_that_has_arrived_does_not_time_out() {
    for late in LATE {
        let subject = subject(Script::sse(format!("{PIECE}{LAST}"))).await;
        let driver = subject.driver.clone();
        let mut call = Box::pin(async move { driver.generate_stream("Hi".into()).await });
        begin!(subject, call);
        wait_unpolled(&subject, late).await;
        let stream = subject.run(call).await.unwrap();
        let chunks: Vec<_> = subject.run(stream.collect::<Vec<_>>()).await;
        let last = chunks.into_iter().last().unwrap();
        assert_eq!(last.unwrap().response().unwrap().text(), "Well", "{late} s");
    }
}

#[tokio::test]
async fn chunks_that_have_arrived_do_not_time_out_for_a_late_reader() {
    let pause = Duration::from_millis(20);
    let script = Script::stream(200, "text/event-stream").piece(PIECE).pause(pause).piece(PIECE).pause(pause);
    let subject = subject(script.piece(PIECE).pause(pause).piece(LAST)).await;
    let driver = subject.driver.clone();
    let mut stream = subject.run(async move { driver.generate_stream("Hi".into()).await }).await.unwrap();
    let mut chunks: Vec<StreamChunk> = Vec::new();
    while !chunks.last().is_some_and(StreamChunk::is_final) {
        // The wait starts, and the stream is not polled for an hour.
        if let Some(chunk) = stream.next().now_or_never() {
            chunks.push(chunk.unwrap().unwrap());
        } else {
            wait_unpolled(&subject, 3600).await;
            tokio::time::sleep(pause * 2).await;
        }
    }
    assert_eq!(chunks.last().unwrap().response().unwrap().text(), "WellWellWell");
}

#[tokio::test]
async fn data_in_the_socket_of_a_blocked_runtime_is_read() {
    let server = std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let answers = Sandbox::builder().with_turn(Script::json(200, GOOD));
        let sandbox =
            runtime.block_on(answers.with_turn(Script::sse(format!("{PIECE}{LAST}"))).start()).unwrap();
        (runtime, sandbox)
    });
    let (runtime, sandbox) = server.join().unwrap();
    let base_url = sandbox.base_url().to_owned();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = std::thread::spawn(move || runtime.block_on(stopped));
    let limit = Duration::from_millis(100);
    let timeouts = Timeouts::default().with_total(limit).with_first_token(limit).with_stream_total(limit);
    let driver = settings(&sandbox).base_url(base_url.as_str()).timeouts(timeouts).build().unwrap();
    for streamed in [false, true] {
        let mut call = Box::pin(async {
            if streamed {
                driver.generate_stream("Hi".into()).await.map(drop)
            } else {
                driver.generate("Hi".into()).await.map(drop)
            }
        });
        // The request is sent. Then the only thread of this runtime is blocked for longer than every timeout.
        let expected = sandbox.requests().len() + 1;
        while sandbox.requests().len() < expected {
            assert!((&mut call).now_or_never().is_none());
            tokio::task::yield_now().await;
        }
        std::thread::sleep(Duration::from_millis(400));
        call.await.unwrap();
    }
    drop(stop);
    serving.join().unwrap().unwrap_err();
}

#[tokio::test]
async fn a_missing_response_times_out_even_if_polled_late() {
    for late in LATE {
        for streamed in [false, true] {
            let subject = subject(Script::hang()).await;
            let driver = subject.driver.clone();
            let mut call = Box::pin(async move {
                if streamed {
                    driver.generate_stream("Hi".into()).await.map(drop)
                } else {
                    driver.generate("Hi".into()).await.map(drop)
                }
            });
            begin!(subject, call);
            wait_unpolled_for(&subject, late).await;
            let before = subject.clock.passed();
            let error = subject.run(call).await.unwrap_err();
            let BotticelliErrorKind::Http(http) = error.kind() else { panic!("{error:?}") };
            let clock = if streamed { TimeoutKind::FirstToken } else { TimeoutKind::Total };
            let limit = Duration::from_secs(10);
            assert_eq!(*http.kind(), HttpErrorKind::Timeout { kind: clock, limit });
            assert!(subject.clock.passed().saturating_sub(before) < Duration::from_secs(2));
        }
    }
}

async fn wait_unpolled_for(subject: &Subject, late: u64) {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    subject.clock.advance(Duration::from_secs(late));
}
