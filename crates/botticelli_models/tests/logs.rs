//! Log records: none contains the token, and none above `DEBUG` contains prompt or response.
//!
//! The tests read every record of every crate, including reqwest, hyper and h2.
#![cfg(feature = "tasks")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

mod common;
#[path = "secrets/search/mod.rs"]
mod search;

use botticelli_core::{GenerateRequest, RetryConfig, Timeouts};
use botticelli_interface::BotticelliDriver;
use botticelli_models::huggingface::{HuggingFaceDriver, HuggingFaceDriverBuilder};
use botticelli_sandbox::{Sandbox, SandboxBuilder, Script, Turn};
use common::{MODEL, collect, settings};
use futures::future::{join, join_all};
use search::calls::echoing;
use search::{PLAIN, SECRET, assert_no_token};
use std::fmt::{self, Write as _};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

const PROMPT: &str = "Primavera was asked for";
const ANSWER: &str = "Venus was answered";

/// Something that was logged, by `tracing` or by `log`.
#[derive(Clone, Debug)]
struct Logged {
    level: Level,
    target: String,
    text: String,
}

/// Keeps everything, at every level.
#[derive(Clone, Debug, Default)]
struct Recorder(Arc<Mutex<Vec<Logged>>>);

impl Recorder {
    fn keep(&self, level: Level, target: &str, text: String) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(Logged { level, target: target.to_owned(), text });
    }

    fn all(&self) -> Vec<Logged> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The fields of a record as text.
#[derive(Default)]
struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, "{}={value:?} {value:#?} ", field.name()).unwrap();
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut fields = Fields::default();
        span.record(&mut fields);
        let metadata = span.metadata();
        self.keep(*metadata.level(), metadata.target(), format!("{} {}", metadata.name(), fields.0));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut fields = Fields::default();
        values.record(&mut fields);
        // Which span it was is not kept: it counts as the loudest.
        self.keep(Level::ERROR, "span", fields.0);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        self.keep(*event.metadata().level(), event.metadata().target(), fields.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

impl log::Log for Recorder {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let level = match record.level() {
            log::Level::Error => Level::ERROR,
            log::Level::Warn => Level::WARN,
            log::Level::Info => Level::INFO,
            log::Level::Debug => Level::DEBUG,
            log::Level::Trace => Level::TRACE,
        };
        self.keep(level, record.target(), record.args().to_string());
    }

    fn flush(&self) {}
}

/// The response of a server that repeats everything that it received.
fn everything(token: &str) -> String {
    format!("{PROMPT}: {ANSWER}: Authorization: Bearer {token}")
}

fn refusal(status: u16, token: &str) -> Script {
    let body = serde_json::json!({ "error": { "message": everything(token), "type": everything(token) } });
    echoing(Script::json(status, body), &everything(token))
}

fn loading(token: &str) -> Script {
    let body =
        serde_json::json!({ "error": format!("loading {}", everything(token)), "estimated_time": 0.01 });
    echoing(Script::json(503, body), &everything(token))
}

fn good() -> Script {
    let choice = serde_json::json!({ "message": { "content": ANSWER }, "finish_reason": "stop" });
    Script::json(200, serde_json::json!({ "choices": [choice] }))
}

fn piece() -> String {
    format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{ANSWER}\"}}}}]}}\n\n")
}

/// Short waits before a retry, so that all of it is over soon.
fn quick(sandbox: &Sandbox, token: &str) -> HuggingFaceDriverBuilder {
    let retry = RetryConfig::default()
        .with_base_delay(Duration::from_millis(1))
        .with_max_delay(Duration::from_millis(2));
    let base_url = format!("{}?token={token}", sandbox.base_url());
    settings(sandbox).token(token).base_url(base_url).retry(retry)
}

/// Short timeouts, for requests without a response.
fn hasty(sandbox: &Sandbox, token: &str) -> HuggingFaceDriverBuilder {
    let timeouts = Timeouts::default()
        .with_first_token(Duration::from_millis(200))
        .with_idle(Duration::from_millis(100))
        .with_total(Duration::from_millis(200))
        .with_loading(Duration::from_millis(200));
    quick(sandbox, token).timeouts(timeouts)
}

async fn after(scripts: impl IntoIterator<Item = Script>) -> Sandbox {
    scripts.into_iter().fold(Sandbox::builder(), SandboxBuilder::with_turn).start().await.unwrap()
}

/// Sends a plain and a streamed request, and returns the number of successful responses.
async fn ask(driver: &HuggingFaceDriver) -> usize {
    let plain = driver.generate(PROMPT.into()).await.is_ok();
    let (_, error) = collect(driver, PROMPT.into()).await;
    usize::from(plain) + usize::from(error.is_none())
}

async fn everything_that_may_happen(token: &str) {
    let healthy = Sandbox::builder().with_token(token).start().await.unwrap();
    assert_eq!(ask(&quick(&healthy, token).build().unwrap()).await, 2);
    join_all([408, 424, 429, 500, 502, 503, 504, 529].map(|status| async move {
        let sandbox = after([refusal(status, token), good(), refusal(status, token), good()]).await;
        assert_eq!(ask(&quick(&sandbox, token).build().unwrap()).await, 2, "{status}");
    }))
    .await;
    // At the same time, because most calls wait for a timeout.
    let failures = [
        refusal(401, token),
        refusal(400, token),
        refusal(500, token),
        echoing(Script::text(302, "text/plain", ""), token).header("location", format!("http://x/{token}")),
        Script::text(200, "application/json", everything(token)),
        Script::text(200, "text/html", format!("<html>{}", everything(token))),
        Script::hang(),
        Script::close(),
        Script::stream(200, "text/event-stream").silence(),
        Script::stream(200, "text/event-stream").piece(piece()).cut(),
        Script::stream(200, "text/event-stream").piece(piece()).reset(),
        Script::stream(200, "text/event-stream").piece(piece()).silence(),
        Script::sse(format!("{}data: {}\n\n", piece(), everything(token))),
        Script::sse(format!("{}event: error\ndata: {}\n\n", piece(), everything(token))),
        loading(token),
    ];
    join_all(failures.map(|script| async move {
        assert_eq!(ask(&hasty(&after([script]).await, token).build().unwrap()).await, 0);
    }))
    .await;
    let stale = Sandbox::builder()
        .with_token(token)
        .with_turn(good().reset_on_next_request())
        .with_turn(Turn::Default);
    assert_eq!(ask(&quick(&stale.start().await.unwrap(), token).build().unwrap()).await, 2);
    // Two calls, one of which waits for the other to find the model ready.
    let sandbox = after([loading(token), loading(token), loading(token), good()]).await;
    let driver = quick(&sandbox, token).build().unwrap();
    let (one, other) = join(driver.generate(PROMPT.into()), driver.generate(PROMPT.into())).await;
    assert!(one.is_ok() && other.is_ok());
    let _ = driver.model_info(MODEL).await;
    over_http2(token).await;
}

/// Calls a service over HTTP/2, so that the records of the crate h2 are checked too.
async fn over_http2(token: &str) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let body = serde_json::json!({ "error": everything(token) }).to_string();
    let server =
        tokio::task::spawn_blocking(move || refuse_over_http2(listener.accept().unwrap().0, body.as_bytes()));
    let client = reqwest::Client::builder().http2_prior_knowledge().no_proxy().tls_certs_only([]);
    let driver = HuggingFaceDriver::builder(MODEL)
        .base_url(format!("http://{address}/v1?token={token}"))
        .token(token)
        .http_client(client.build().unwrap())
        .build()
        .unwrap();
    let error = driver.generate(GenerateRequest::from(PROMPT)).await.unwrap_err();
    assert_eq!(error.status(), Some(400), "{error}");
    drop(driver);
    server.await.unwrap();
}

/// Responds to the only call on a connection with 400 and this body.
fn refuse_over_http2(mut connection: TcpStream, body: &[u8]) {
    const DATA: u8 = 0;
    const HEADERS: u8 = 1;
    const SETTINGS: u8 = 4;
    const ACK: u8 = 1;
    const END_OF_STREAM: u8 = 1;
    const END_OF_HEADERS: u8 = 4;
    /// Number 12 of HPACK's static table.
    const STATUS_400: u8 = 0x8c;
    let frame = |kind: u8, flags: u8, stream: [u8; 4], payload: &[u8]| {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        [&length[1..], &[kind, flags], &stream, payload].concat()
    };
    let mut preface = [0; 24];
    connection.read_exact(&mut preface).unwrap();
    connection.write_all(&frame(SETTINGS, 0, [0; 4], &[])).unwrap();
    let mut head = [0; 9];
    while connection.read_exact(&mut head).is_ok() {
        let [a, b, c, kind, flags, stream @ ..] = head;
        let mut payload = vec![0; usize::try_from(u32::from_be_bytes([0, a, b, c])).unwrap()];
        connection.read_exact(&mut payload).unwrap();
        if kind == SETTINGS && flags & ACK == 0 {
            connection.write_all(&frame(SETTINGS, ACK, [0; 4], &[])).unwrap();
        }
        if matches!(kind, DATA | HEADERS) && flags & END_OF_STREAM != 0 {
            connection.write_all(&frame(HEADERS, END_OF_HEADERS, stream, &[STATUS_400])).unwrap();
            connection.write_all(&frame(DATA, END_OF_STREAM, stream, body)).unwrap();
        }
    }
}

#[tokio::test]
async fn no_log_record_has_the_token_and_none_above_debug_has_the_conversation() {
    let recorder = Recorder::default();
    tracing::subscriber::set_global_default(recorder.clone()).unwrap();
    log::set_boxed_logger(Box::new(recorder.clone())).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    for token in [SECRET, PLAIN] {
        everything_that_may_happen(token).await;
    }
    let all = recorder.all();

    for logged in &all {
        let whose = format!("{} at {}", logged.target, logged.level);
        assert_no_token(&whose, &logged.text);
        if logged.level < Level::DEBUG {
            for secret_text in [PROMPT, ANSWER] {
                assert!(!logged.text.contains(secret_text), "{whose} shows what was said: {}", logged.text);
            }
        }
    }

    // The check proves nothing if the recorder receives no records.
    for crate_name in ["reqwest", "hyper_util", "h2"] {
        assert!(all.iter().any(|logged| logged.target.starts_with(crate_name)), "no record of {crate_name}");
    }
    let ours = |level: Level, parts: &[&str]| {
        let ours =
            all.iter().filter(|logged| logged.target.starts_with("botticelli") && logged.level == level);
        let texts = ours.map(|logged| &logged.text);
        assert!(
            texts.clone().any(|text| parts.iter().all(|part| text.contains(part))),
            "{parts:?} at {level}"
        );
    };
    // What is tried again, why, and after how long.
    for status in [408, 424, 429, 500, 502, 504, 529] {
        let status = format!("HTTP {status}");
        ours(Level::DEBUG, &["the call is made again", "error=", &status, "wait=", "attempt=1"]);
    }
    ours(Level::DEBUG, &["the call is made again at once", "closed the connection"]);
    ours(Level::DEBUG, &["another call waits for the model", MODEL]);
    ours(Level::INFO, &["the model is being loaded", MODEL, "wait=", "loading_for="]);
    let louder =
        all.iter().filter(|logged| logged.target.starts_with("botticelli") && logged.level < Level::INFO);
    assert_eq!(louder.count(), 0, "what is on the error needs no record");
}
