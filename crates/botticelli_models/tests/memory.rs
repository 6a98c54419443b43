//! Memory is bounded whatever a server sends, and a paused reader stops the server.
//!
//! Every allocation of this process is counted, those of the little server among them; so the cases run one after the other.
#![cfg(feature = "tasks")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a failed unwrap is a failed test, whose figures are printed"
)]

use botticelli_core::{CompletionRequest, RetryConfig, Timeouts};
use botticelli_error::ErrorCategory;
use botticelli_interface::tasks::{EmbeddingDriver, MediaGenerationDriver};
use botticelli_interface::{BotticelliDriver, CompletionDriver, ManualClock};
use botticelli_models::Environment;
use botticelli_models::huggingface::{Dialect, HuggingFaceDriver, TaskApi};
use botticelli_models::transport::Limits;
use futures::StreamExt;
use peak_alloc::PeakAlloc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// One test at a time: they count the memory of the whole process.
static ALONE: Mutex<()> = Mutex::new(());

const EVENT: usize = 1 << 20;
const ANSWER: usize = 4 << 20;
const REFUSAL: usize = 64 << 10;

/// A body: a beginning, something again and again, and an end.
#[derive(Clone, Default)]
struct Body {
    first: String,
    again: String,
    /// Number of repetitions; 0 is endless.
    times: usize,
    last: String,
}

impl Body {
    fn endless(first: &str, again: impl Into<String>) -> Self {
        Self { first: first.into(), again: again.into(), ..Self::default() }
    }

    /// As much of `again` as fits into `size` bytes.
    fn filled(first: &str, again: &str, last: &str, size: usize) -> Self {
        let times = size.saturating_sub(first.len() + last.len()) / again.len();
        Self { first: first.into(), again: again.into(), times, last: last.into() }
    }

    /// A server that sends it; counts the bytes that it could write.
    async fn serve(self, status: u16, content_type: &str) -> (String, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: {content_type}\r\nconnection: close\r\n\r\n{}",
            self.first
        );
        // Written some kilobytes at a time.
        let block = self.again.repeat((8 << 10) / self.again.len().max(1) + 1);
        let (blocks, rest) = match self.times {
            0 => (usize::MAX, String::new()),
            times => {
                let a_block = block.len() / self.again.len();
                (times / a_block, self.again.repeat(times % a_block))
            }
        };
        let written = Arc::new(AtomicUsize::new(0));
        let count = written.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = Vec::with_capacity(4096);
                let _ = stream.read_buf(&mut request).await;
                if stream.write_all(head.as_bytes()).await.is_err() {
                    continue;
                }
                let mut left = blocks;
                while left > 0 && stream.write_all(block.as_bytes()).await.is_ok() {
                    count.fetch_add(block.len(), Ordering::Relaxed);
                    left -= 1;
                }
                let _ = stream.write_all(rest.as_bytes()).await;
                let _ = stream.write_all(self.last.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        });
        (base_url, written)
    }
}

fn driver(base_url: &str, clock: &ManualClock, dialect: Dialect) -> HuggingFaceDriver {
    let limits = Limits::default().with_event(EVENT).with_response(ANSWER).with_error_body(REFUSAL);
    // Short timeouts, because the driver reads endless keep-alive events until a timeout expires.
    let timeouts = Timeouts::default()
        .with_first_token(Duration::from_secs(20))
        .with_keep_alive(Duration::from_secs(20));
    HuggingFaceDriver::builder("org/model")
        .base_url(base_url)
        .dialect(dialect)
        .environment(Environment::empty())
        .retry(RetryConfig::never())
        .limits(limits)
        .timeouts(timeouts)
        .clock(Arc::new(clock.clone()))
        .build()
        .unwrap()
}

/// Returns the error category of a call, or `None` for a response. The test keeps no chunk of a stream.
async fn outcome(driver: HuggingFaceDriver, how: How) -> Option<ErrorCategory> {
    let text = || CompletionRequest::builder().prompt("Hi").logprobs(5).build().unwrap();
    let stream = match how {
        How::Plain | How::Refused => return driver.generate("Hi".into()).await.err().map(|e| e.category()),
        How::PlainText | How::PlainTgi => return driver.complete(text()).await.err().map(|e| e.category()),
        How::Streamed => driver.generate_stream("Hi".into()).await,
        How::StreamedText => driver.complete_stream(text()).await,
    };
    let mut stream = match stream {
        Ok(stream) => stream,
        Err(error) => return Some(error.category()),
    };
    while let Some(chunk) = stream.next().await {
        if let Err(error) = chunk {
            return Some(error.category());
        }
    }
    None
}

struct Case {
    name: &'static str,
    how: How,
    body: Body,
    /// Maximum of additional memory, in bytes.
    most: usize,
    /// The expected outcome, if only one is possible.
    outcome: Option<ErrorCategory>,
}

#[derive(Clone, Copy, PartialEq)]
enum How {
    Plain,
    Streamed,
    Refused,
    PlainText,
    StreamedText,
    PlainTgi,
}

/// Memory of connections, buffers and a driver, in bytes, independent of the response.
const MACHINERY: usize = 2 << 20;
/// Lists of objects: 16,384 of them, in vectors that grow by doubling.
const LISTS: usize = 4 << 20;
/// A plain response is in memory as bytes (in a buffer that grows by doubling), as JSON, and as a response.
const A_PLAIN_ANSWER: usize = 4 * ANSWER + LISTS + MACHINERY;
/// An event is there as a line, as data, and as JSON.
const AN_EVENT: usize = 6 * EVENT + LISTS + MACHINERY;
/// The text of a streamed response is in memory once, and once more in its error.
const A_STREAMED_ANSWER: usize = 3 * ANSWER + AN_EVENT;
/// An error response is small, and read as JSON of any shape.
const A_REFUSAL: usize = 16 * REFUSAL + MACHINERY;

fn cases() -> Vec<Case> {
    use ErrorCategory::{InvalidResponse, Server, Timeout, TooLarge};
    let mut cases = Vec::new();
    let mut add = |name, how, body, most, outcome: Option<ErrorCategory>| {
        cases.push(Case { name, how, body, most, outcome });
    };
    let x = "x".repeat(1000);
    let event = |chunk: &str| format!("data: {chunk}\n\n");
    let text = |text: &str| format!(r#"{{"choices":[{{"delta":{{"content":"{text}"}}}}]}}"#);
    // What has no end.
    let open = r#"{"choices":[{"message":{"content":""#;
    add("endless text", How::Plain, Body::endless(open, &*x), A_PLAIN_ANSWER, Some(TooLarge));
    add("endless blanks", How::Plain, Body::endless("", " "), A_PLAIN_ANSWER, Some(TooLarge));
    add("endless line", How::Streamed, Body::endless("data: ", &*x), AN_EVENT, Some(TooLarge));
    add("endless event", How::Streamed, Body::endless("", "data: x\n"), AN_EVENT, Some(TooLarge));
    add("endless empty data", How::Streamed, Body::endless("", "data\n"), AN_EVENT, Some(TooLarge));
    add("endless comment", How::Streamed, Body::endless(": ", &*x), AN_EVENT, Some(TooLarge));
    add("endless comments", How::Streamed, Body::endless("", ": still here\n\n"), MACHINERY, Some(Timeout));
    add("endless empty events", How::Streamed, Body::endless("", "data:\n\n"), MACHINERY, Some(Timeout));
    add("endless names", How::Streamed, Body::endless("", format!("event: {x}\n")), MACHINERY, Some(Timeout));
    let usage = event(r#"{"choices":[],"usage":{"prompt_tokens":7}}"#);
    add("endless usage", How::Streamed, Body::endless("", usage), MACHINERY, Some(Timeout));
    let texts = event(&text(&x));
    add("endless events", How::Streamed, Body::endless("", texts), A_STREAMED_ANSWER, Some(TooLarge));
    let words = event(&text(&"x".repeat(64)));
    add("endless words", How::Streamed, Body::endless("", words), A_STREAMED_ANSWER, Some(TooLarge));
    let [a, b] =
        [r#"{"id":"a","function":{"name":"a","arguments":"[1]"}}"#, r#"{"id":"b","function":{"name":"b"}}"#];
    let call = event(&format!(r#"{{"choices":[{{"delta":{{"tool_calls":[{a},{b},{a},{b}]}}}}]}}"#));
    add("endless calls", How::Streamed, Body::endless("", call), A_STREAMED_ANSWER, Some(TooLarge));
    let new = r#"{"index":0,"id":"a","name":"a"},{"index":0,"id":"b","name":"b"}"#;
    let call = event(&format!(r#"{{"choices":[{{"delta":{{"tool_calls":[{new},{new},{new},{new}]}}}}]}}"#));
    add("endless new calls", How::Streamed, Body::endless("", call), A_STREAMED_ANSWER, Some(TooLarge));
    add("endless refusal", How::Refused, Body::endless("", &*x), A_REFUSAL, Some(Server));
    add(
        "endless refusal in JSON",
        How::Refused,
        Body::endless(r#"{"error":["#, "[0],"),
        A_REFUSAL,
        Some(Server),
    );
    let refusal = Body::filled(r#"{"error":["#, "[0],", "0]}", REFUSAL);
    add("a refusal of many lists", How::Refused, refusal, A_REFUSAL, Some(Server));
    // What takes more memory than bytes on the wire: as large as it may be.
    let filling = "[0],";
    for (name, first, last) in [
        ("an error of many lists", r#"{"error":["#, "0]}"),
        ("a message of many lists", r#"{"message":["#, "0]}"),
        ("a detail of many lists", r#"{"detail":["#, "0]}"),
        ("a choice's error of many lists", r#"{"choices":[{"error":["#, "0]}]}"),
        (
            "arguments of many lists",
            r#"{"choices":[{"message":{"tool_calls":[{"id":"a","function":{"name":"a","arguments":{"a":["#,
            "0]}}}]}}]}",
        ),
        ("an unknown field of many lists", r#"{"unknown":["#, "0]}"),
    ] {
        add(name, How::Plain, Body::filled(first, filling, last, ANSWER), A_PLAIN_ANSWER, None);
        let (first, last) = (format!("data: {first}"), format!("{last}\n\n"));
        add(name, How::Streamed, Body::filled(&first, filling, &last, EVENT - 100), AN_EVENT, None);
    }
    let named = Body::filled("event: error\ndata: [", filling, "0]\n\n", EVENT - 100);
    add("an event named error of many lists", How::Streamed, named, AN_EVENT, Some(Server));
    for (name, first, again, last) in [
        ("many choices", r#"{"choices":["#, "{},".to_owned(), "{}]}"),
        ("many calls", r#"{"choices":[{"message":{"tool_calls":["#, "{},".to_owned(), "{}]}}]}"),
        (
            "many choices of many calls",
            r#"{"choices":["#,
            format!(r#"{{"message":{{"tool_calls":[{}{{}}]}}}},"#, "{},".repeat(16_000)),
            "{}]}",
        ),
        (
            "many choices of a few calls",
            r#"{"choices":["#,
            format!(r#"{{"message":{{"tool_calls":[{}{{}}]}}}},"#, "{},".repeat(300)),
            "{}]}",
        ),
        ("many parts", r#"{"choices":[{"message":{"content":["#, r#""x","#.to_owned(), r#""x"]}}]}"#),
    ] {
        add(name, How::Plain, Body::filled(first, &again, last, ANSWER), A_PLAIN_ANSWER, None);
        let (first, last) = (format!("data: {first}"), format!("{last}\n\n"));
        add(name, How::Streamed, Body::filled(&first, &again, &last, EVENT - 100), AN_EVENT, None);
    }
    let chunks = Body::filled("data: ", &text("x"), "\n\n", EVENT - 100);
    add("many chunks in an event", How::Streamed, chunks, AN_EVENT, None);
    let index = r#"{"choices":[{"delta":{"tool_calls":[{"index":18446744073709551615,"id":"a"}]}}]}"#;
    let index = Body { last: event(index), ..Body::filled("", "\n", "", 1) };
    add("a huge index", How::Streamed, index, MACHINERY, None);
    let number = Body::filled("data: ", "9", "\n\n", EVENT - 100);
    add("a number of many digits", How::Streamed, number, AN_EVENT, Some(InvalidResponse));
    let deep = Body::filled("data: ", "[", "\n\n", EVENT - 100);
    add("a deep list", How::Streamed, deep, AN_EVENT, Some(InvalidResponse));
    logprobs(&mut cases);
    cases
}

/// Log probabilities: a few bytes on the wire are many in memory.
fn logprobs(cases: &mut Vec<Case>) {
    let mut add = |name, how, first: &str, again: &str, last: &str| {
        let is_streamed = matches!(how, How::Streamed | How::StreamedText);
        let (size, most) = if is_streamed { (EVENT - 100, AN_EVENT) } else { (ANSWER, A_PLAIN_ANSWER) };
        let (first, last) = if is_streamed {
            (format!("data: {first}"), format!("{last}\n\n"))
        } else {
            (first.into(), last.into())
        };
        let body = Body::filled(&first, again, &last, size);
        cases.push(Case { name, how, body, most, outcome: Some(ErrorCategory::TooLarge) });
    };
    let token = r#"{"token":"","logprob":0},"#;
    for how in [How::Plain, How::Streamed] {
        let first = r#"{"choices":[{"message":{"content":"x"},"logprobs":{"content":["#;
        add("many tokens", how, first, token, r#"{"token":"","logprob":0}]}}]}"#);
        let tops = r#"{"choices":[{"message":{"content":"x"},"logprobs":{"content":[{"token":"","logprob":0,"top_logprobs":["#;
        add("many tokens in one place", how, tops, token, r#"{"token":"","logprob":0}]}]}}]}"#);
    }
    for how in [How::PlainText, How::StreamedText] {
        let first = r#"{"choices":[{"text":"x","logprobs":{"token_logprobs":[],"tokens":["#;
        add("many tokens of a text", how, first, r#""","#, r#"""]}}]}"#);
        let first =
            r#"{"choices":[{"text":"x","logprobs":{"tokens":[""],"token_logprobs":[0],"top_logprobs":[{"#;
        add("many tokens of a text in one place", how, first, r#""":0,"#, r#""":0}]}}]}"#);
    }
    let first = r#"[{"generated_text":"x","details":{"tokens":["#;
    add(
        "many tokens of TGI",
        How::PlainTgi,
        first,
        r#"{"text":"","logprob":0},"#,
        r#"{"text":"","logprob":0}]}}]"#,
    );
    let first = r#"[{"generated_text":"x","details":{"tokens":[{"text":"","logprob":0}],"top_tokens":[["#;
    add(
        "many tokens of TGI in one place",
        How::PlainTgi,
        first,
        r#"{"text":"","logprob":0},"#,
        r#"{"text":"","logprob":0}]]}}]"#,
    );
    let event = format!(
        "data: {}\n\n",
        r#"{"choices":[{"delta":{"content":"x"},"logprobs":{"content":[{"token":"x","logprob":0}]}}]}"#
    );
    let body = Body::endless("", event);
    let outcome = Some(ErrorCategory::TooLarge);
    cases.push(Case { name: "endless tokens", how: How::Streamed, body, most: A_STREAMED_ANSWER, outcome });
    let event = format!("data: {}\n\n", r#"{"choices":[{"delta":{"content":"x"},"logprobs":{"odd":1}}]}"#);
    let body = Body::endless("", event);
    cases.push(Case {
        name: "endless odd tokens",
        how: How::Streamed,
        body,
        most: A_STREAMED_ANSWER,
        outcome,
    });
}

/// Runs a call to its end while time passes.
async fn run(base_url: &str, how: How) -> Option<ErrorCategory> {
    let clock = ManualClock::default();
    let dialect = if how == How::PlainTgi { Dialect::Tgi } else { Dialect::OpenAi };
    let call = tokio::spawn(outcome(driver(base_url, &clock, dialect), how));
    while !call.is_finished() {
        clock.advance(Duration::from_secs(1));
        for _ in 0..4 {
            tokio::task::yield_now().await;
        }
    }
    call.await.unwrap()
}

#[tokio::test]
#[allow(clippy::await_holding_lock, reason = "nobody else runs on this thread")]
async fn memory_stays_within_a_few_times_the_limits() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut wrong = Vec::new();
    for Case { name, how, body, most, outcome } in cases() {
        let (status, content_type, streamed) = match how {
            How::Plain | How::PlainText | How::PlainTgi => (200, "application/json", false),
            How::Streamed | How::StreamedText => (200, "text/event-stream", true),
            How::Refused => (500, "application/json", false),
        };
        let (base_url, _) = body.serve(status, content_type).await;
        let started = Instant::now();
        let before = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        let got = run(&base_url, how).await;
        let used = MEMORY.peak_usage().saturating_sub(before);
        let how = if streamed { "streamed" } else { "plain" };
        let line = format!(
            "{name:<36} {how:<9} {:>8} KiB of {:>6} KiB, {got:?}, {:?}",
            used >> 10,
            most >> 10,
            started.elapsed()
        );
        println!("{line}");
        if used > most || (outcome.is_some() && got != outcome) {
            wrong.push(line);
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[tokio::test]
#[allow(clippy::await_holding_lock, reason = "nobody else runs on this thread")]
async fn a_paused_reader_stops_the_server() {
    const EVENTS: usize = 400_000;
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let chunk = "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n";
    let stop = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
    let body = Body { again: chunk.into(), times: EVENTS, last: stop.into(), ..Body::default() };
    let (base_url, written) = body.serve(200, "text/event-stream").await;
    let clock = ManualClock::default();
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let mut stream = driver(&base_url, &clock, Dialect::OpenAi).generate_stream("Hi".into()).await.unwrap();
    let first = stream.next().await.unwrap().unwrap();
    assert_eq!(first.text(), "x");
    // The reader pauses until the server cannot write any more; hours pass.
    let (mut sent, mut still) = (0, Instant::now());
    while still.elapsed() < Duration::from_millis(300) {
        clock.advance(Duration::from_secs(60));
        tokio::task::yield_now().await;
        let now = written.load(Ordering::Relaxed);
        if now != sent {
            (sent, still) = (now, Instant::now());
        }
    }
    clock.advance(Duration::from_secs(10 * 3600));
    let used = MEMORY.peak_usage().saturating_sub(before);
    let all = EVENTS * chunk.len();
    println!("{} KiB of {} KiB written, {} KiB of memory", sent >> 10, all >> 10, used >> 10);
    assert!(sent < 8 << 20, "{sent} bytes were written for a reader who reads nothing");
    assert!(sent < all / 2, "no limit stopped the server");
    assert!(used < 2 << 20, "{used} bytes for an answer that nobody reads");
    // The stream continues: no chunk is lost, and no timeout expired.
    let mut letters = 1;
    let mut response = None;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.unwrap();
        letters += chunk.text().len();
        response = chunk.into_response();
    }
    assert_eq!(letters, EVENTS);
    assert_eq!(response.unwrap().text().len(), EVENTS);
    assert!(written.load(Ordering::Relaxed) > sent);
}

#[tokio::test]
#[allow(clippy::await_holding_lock, reason = "nobody else runs on this thread")]
async fn an_image_of_50_mb_and_many_embeddings_are_not_copied() {
    const IMAGE: usize = 50 << 20;
    // The server reads only 4 KiB of a request.
    const TEXTS: usize = 500;
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let tasks = |url: &str| {
        let builder = HuggingFaceDriver::builder("org/model").base_url(url).environment(Environment::empty());
        builder
            .retry(RetryConfig::never())
            .build_tasks()
            .unwrap()
            .with_api(TaskApi::Endpoint)
            .with_batch_size(1_000)
    };
    let (url, _) = Body::filled("GIF89a", "pixels..", "", IMAGE).serve(200, "image/gif").await;
    let driver = tasks(&url);
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let image = driver.generate_image("Venus".into()).await.unwrap();
    let used = MEMORY.peak_usage().saturating_sub(before);
    println!("an image of {} KiB: {} KiB of memory", IMAGE >> 10, used >> 10);
    assert!(image.media().data().len() > IMAGE - 16);
    // The buffer doubles while the image arrives.
    assert!(used < 2 * IMAGE, "{used} bytes");
    drop(image);

    let vector = format!("[{}0.5],", "0.123456,".repeat(1_023));
    let last = format!("{}]", vector.trim_end_matches(','));
    let size = vector.len() * (TEXTS - 1) + last.len() + 1;
    let body = Body { first: "[".into(), again: vector, times: TEXTS - 1, last };
    let (url, _) = body.serve(200, "application/json").await;
    let driver = tasks(&url);
    let texts = vec!["a"; TEXTS];
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let response = driver.embed(texts.into()).await.unwrap();
    let used = MEMORY.peak_usage().saturating_sub(before);
    let vectors = TEXTS * 1_024 * 4;
    println!("embeddings of {} KiB: {} KiB of memory", size >> 10, used >> 10);
    assert_eq!(response.embeddings().len(), TEXTS);
    // The buffer of the JSON, which doubles, and the vectors.
    assert!(used < 2 * size + vectors + (4 << 20), "{used} bytes");
}
