//! Spans and records of calls, read by a subscriber that keeps everything.
#![cfg(all(feature = "trace", feature = "mock"))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

mod common;

use botticelli_core::{
    CompletionRequest, Cost, FinishReason, GenerateRequest, GenerateResponse, Input, Message, Output, Retry,
    ToolCall, Usage,
};
use botticelli_error::ErrorCategory;
use botticelli_interface::conformance::{self, Subject};
use botticelli_interface::{BotticelliDriver, CompletionDriver, ManualClock};
use botticelli_layers::LayerExt;
use botticelli_layers::mock::{MockDriver, MockReply};
use botticelli_layers::trace::{CallOutcome, CallRecord, Trace};
use common::{broken_model, disconnected, model, read};
use futures::{FutureExt, StreamExt};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::RwLock;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::with_default;
use tracing::{Event, Metadata, Subscriber};

/// The fields of a span.
#[derive(Clone, Debug, Default)]
struct Fields(BTreeMap<&'static str, Value>);

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name(), value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.0.insert(field.name(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name(), value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}").into());
    }
}

/// Keeps the fields of every span, in the order in which the spans begin, and the spans that end.
#[derive(Clone, Debug, Default)]
struct Recorder {
    spans: Arc<Mutex<BTreeMap<u64, Fields>>>,
    /// The spans in which events occurred.
    events: Arc<Mutex<Vec<Option<u64>>>>,
    entered: Arc<Mutex<Vec<u64>>>,
    closed: Arc<Mutex<Vec<u64>>>,
    clones: Arc<Mutex<BTreeMap<u64, u64>>>,
    next: Arc<AtomicU64>,
}

impl Recorder {
    fn spans(&self) -> Vec<BTreeMap<&'static str, Value>> {
        self.spans.lock().unwrap().values().map(|fields| fields.0.clone()).collect()
    }

    fn span(&self) -> BTreeMap<&'static str, Value> {
        let spans = self.spans();
        assert_eq!(spans.len(), 1, "{spans:?}");
        spans.into_iter().next().unwrap()
    }

    fn closed(&self) -> usize {
        self.closed.lock().unwrap().len()
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("botticelli") || metadata.target() == "test"
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let id = self.next.fetch_add(1, Ordering::Relaxed) + 1;
        let mut fields = Fields::default();
        span.record(&mut fields);
        self.spans.lock().unwrap().insert(id, fields);
        Id::from_u64(id)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        values.record(self.spans.lock().unwrap().get_mut(&span.into_u64()).unwrap());
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        if event.metadata().target() == "test" {
            let span = self.entered.lock().unwrap().last().copied();
            self.events.lock().unwrap().push(span);
        }
    }

    fn enter(&self, span: &Id) {
        self.entered.lock().unwrap().push(span.into_u64());
    }

    fn exit(&self, _: &Id) {
        self.entered.lock().unwrap().pop();
    }

    fn clone_span(&self, span: &Id) -> Id {
        *self.clones.lock().unwrap().entry(span.into_u64()).or_default() += 1;
        span.clone()
    }

    fn try_close(&self, span: Id) -> bool {
        let mut clones = self.clones.lock().unwrap();
        let left = clones.entry(span.into_u64()).or_default();
        if *left == 0 {
            self.closed.lock().unwrap().push(span.into_u64());
            return true;
        }
        *left -= 1;
        false
    }
}

/// A test without a subscriber runs alone: `tracing` may otherwise learn from its thread that nobody wants a span.
static SUBSCRIBERS: RwLock<()> = RwLock::const_new(());

/// Runs a future with a subscriber that keeps everything.
fn recorded<T>(future: impl Future<Output = T>) -> (T, Recorder) {
    let _others = SUBSCRIBERS.blocking_read();
    let recorder = Recorder::default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let result = with_default(recorder.clone(), || runtime.block_on(future));
    (result, recorder)
}

fn settled() -> MockReply {
    MockReply::text("The answer")
        .with_usage(Usage::new(Some(12), Some(5), Some(17)).with_details(Some(4), Some(2)))
        .with_cost(Cost::priced(1_700))
}

#[test]
fn a_call_has_the_fields_of_the_conventions() {
    let driver = MockDriver::answering([settled()]).with_model("org/model").with_trace(Trace::default());
    let request = GenerateRequest::from("A secret question")
        .with_max_tokens(50)
        .with_temperature(0.5)
        .with_top_p(0.9)
        .with_seed(7)
        .with_frequency_penalty(0.25)
        .with_presence_penalty(0.75);
    let (response, recorder) = recorded(driver.generate(request));
    let span = recorder.span();
    let expected = json!({
        "otel.name": "chat org/model",
        "otel.kind": "client",
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": driver.provider_name(),
        "gen_ai.request.model": "org/model",
        "gen_ai.request.stream": false,
        "gen_ai.request.max_tokens": 50,
        "gen_ai.request.temperature": 0.5,
        "gen_ai.request.top_p": 0.9,
        "gen_ai.request.seed": 7,
        "gen_ai.request.frequency_penalty": 0.25,
        "gen_ai.request.presence_penalty": 0.75,
        "gen_ai.response.finish_reasons": "[\"stop\"]",
        "gen_ai.usage.input_tokens": 12,
        "gen_ai.usage.output_tokens": 5,
        "gen_ai.usage.cache_read.input_tokens": 4,
        "gen_ai.usage.reasoning.output_tokens": 2,
        "botticelli.cost.nano_dollars": 1_700,
        "botticelli.cost.source": "priced",
        "botticelli.retries": 0,
        "botticelli.cached": false,
    });
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(span.get(key.as_str()), Some(value), "{key}");
    }
    assert_eq!(span.get("gen_ai.response.model").and_then(Value::as_str), response.unwrap().model());
    assert_eq!(recorder.closed(), 1);
    // No text of the conversation, and no field without a value.
    let shown = format!("{span:?}");
    assert!(!shown.contains("secret") && !shown.contains("answer"), "{shown}");
    assert!(!span.contains_key("error.type") && !span.contains_key("gen_ai.response.time_to_first_chunk"));
}

#[test]
fn an_unset_parameter_has_no_field() {
    let driver = MockDriver::answering(["Hello"]).with_trace(Trace::default());
    let (_, recorder) =
        recorded(driver.generate(GenerateRequest::from("Hi").with_model("org/other").with_n(1)));
    let span = recorder.span();
    assert_eq!(span["gen_ai.request.model"], "org/other");
    let set: Vec<_> = span.keys().filter(|key| key.starts_with("gen_ai.request.")).collect();
    assert_eq!(set, [&"gen_ai.request.model", &"gen_ai.request.stream"]);
    let (_, recorder) = recorded(
        MockDriver::answering(["Hello"])
            .with_trace(Trace::default())
            .generate(GenerateRequest::from("Hi").with_n(3)),
    );
    assert_eq!(recorder.span()["gen_ai.request.choice.count"], 3);
}

#[test]
fn content_is_recorded_only_on_request() {
    let call = ToolCall::new("c1", "now", "{\"zone\":\"UTC\"}");
    let conversation = || {
        GenerateRequest::from(vec![
            Message::system("Be brief"),
            Message::user("What time is it?")
                .with(Input::image(b"GIF89a\x01\0\x01\0\0\0\0;".to_vec()).unwrap()),
            Message::assistant("I look").with_tool_calls(vec![call.clone()]),
            Message::tool("c1", "noon"),
        ])
    };
    let driver = MockDriver::answering(["It is noon"]).with_trace(Trace::default().with_content(true));
    let (_, recorder) = recorded(driver.generate(conversation()));
    let span = recorder.span();
    let json = |key: &str| serde_json::from_str::<Value>(span[key].as_str().unwrap()).unwrap();
    assert_eq!(
        json("gen_ai.input.messages"),
        json!([
            {"role": "system", "parts": [{"type": "text", "content": "Be brief"}]},
            {"role": "user", "parts": [{"type": "text", "content": "What time is it?"}, {"type": "blob", "modality": "image"}]},
            {"role": "assistant", "parts": [
                {"type": "text", "content": "I look"},
                {"type": "tool_call", "id": "c1", "name": "now", "arguments": {"zone": "UTC"}},
            ]},
            {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": "noon"}]},
        ])
    );
    assert_eq!(
        json("gen_ai.output.messages"),
        json!([{"role": "assistant", "parts": [{"type": "text", "content": "It is noon"}], "finish_reason": "stop"}])
    );
    let (_, recorder) =
        recorded(MockDriver::answering(["ok"]).with_trace(Trace::default()).generate(conversation()));
    assert!(recorder.span().keys().all(|key| !key.ends_with(".messages")));
}

#[test]
fn a_text_completion_has_its_own_operation() {
    let driver = MockDriver::answering(["a time"]).with_trace(Trace::default().with_content(true));
    let (_, recorder) = recorded(driver.complete(CompletionRequest::from("Once upon")));
    let span = recorder.span();
    assert_eq!(span["gen_ai.operation.name"], "text_completion");
    assert!(span["gen_ai.input.messages"].as_str().unwrap().contains("Once upon"), "{span:?}");
}

#[test]
fn an_error_has_its_category_and_no_message() {
    let failing = || MockDriver::answering([MockReply::error(disconnected())]);
    let (_, recorder) = recorded(failing().with_trace(Trace::default()).generate("Hi".into()));
    let span = recorder.span();
    assert_eq!((&span["error.type"], &span["otel.status_code"]), (&json!("connection"), &json!("ERROR")));
    assert!(!span.contains_key("otel.status_description"), "{span:?}");
    let with_content = Trace::default().with_content(true);
    let (_, recorder) = recorded(failing().with_trace(with_content).generate("Hi".into()));
    assert_eq!(recorder.span()["otel.status_description"], disconnected().to_string());
}

#[test]
fn the_span_of_a_stream_ends_with_its_last_chunk() {
    let clock = ManualClock::default();
    let driver =
        MockDriver::answering([settled()]).with_trace(Trace::default().with_clock(Arc::new(clock.clone())));
    let ((), recorder) = recorded(async {
        let mut chunks = driver.generate_stream("Hi".into()).await.unwrap();
        clock.advance(Duration::from_millis(250));
        let mut last = None;
        while let Some(chunk) = chunks.next().await {
            clock.advance(Duration::from_millis(100));
            last = chunk.unwrap().into_response();
        }
        assert_eq!(last.unwrap().text(), "The answer");
    });
    let span = recorder.span();
    assert_eq!(span["gen_ai.response.time_to_first_chunk"], 0.25);
    assert_eq!(
        (&span["gen_ai.request.stream"], &span["gen_ai.usage.output_tokens"]),
        (&json!(true), &json!(5))
    );
    assert_eq!(recorder.closed(), 1);
}

#[test]
fn events_of_the_inner_driver_are_in_the_span() {
    let driver = MockDriver::replying(|_| {
        tracing::info!(target: "test", "inside");
        MockReply::text("Hello")
    });
    let traced = driver.with_trace(Trace::default());
    let ((), recorder) = recorded(async {
        traced.generate("Hi".into()).await.unwrap();
        read(traced.generate_stream("Hi".into()).await.unwrap()).await;
        tracing::info!(target: "test", "outside");
    });
    assert_eq!(*recorder.events.lock().unwrap(), [Some(1), Some(2), None]);
}

/// The records of calls.
#[derive(Clone, Debug, Default)]
struct Records(Arc<Mutex<Vec<CallRecord>>>);

impl Records {
    fn trace(&self) -> Trace {
        let records = Arc::clone(&self.0);
        Trace::default()
            .with_observer(move |record: &CallRecord| records.lock().unwrap().push(record.clone()))
    }

    fn take(&self) -> Vec<CallRecord> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

#[tokio::test]
async fn an_observer_receives_each_call_once_without_a_subscriber() {
    let _alone = SUBSCRIBERS.write().await;
    let records = Records::default();
    let clock = ManualClock::default();
    let response = GenerateResponse::builder()
        .outputs(vec![Output::Text("The answer".to_owned())])
        .finish_reason(FinishReason::Stop)
        .usage(Usage::new(Some(12), Some(5), Some(17)))
        .build()
        .unwrap()
        .with_cost(Cost::priced(1_700))
        .with_retries(vec![Retry::new("429", Duration::from_secs(1))]);
    let reply = MockReply::response(response);
    let driver = MockDriver::answering([reply.clone(), reply, MockReply::failure(ErrorCategory::Server)])
        .with_model("org/model")
        .with_trace(records.trace().with_clock(Arc::new(clock.clone())));
    driver.generate("Hi".into()).await.unwrap();
    let mut chunks = driver.generate_stream("Hi".into()).await.unwrap();
    clock.advance(Duration::from_secs(2));
    while chunks.next().await.is_some() {
        clock.advance(Duration::from_secs(1));
    }
    drop(chunks);
    driver.generate("Hi".into()).await.unwrap_err();

    let calls = records.take();
    assert_eq!(calls.len(), 3);
    let [plain, streamed, failed] = &calls[..] else { panic!("{calls:?}") };
    assert_eq!(plain.outcome(), &CallOutcome::Completed(FinishReason::Stop));
    assert_eq!((plain.operation(), plain.requested_model(), plain.is_stream()), ("chat", "org/model", false));
    assert_eq!((plain.cost(), plain.retries(), plain.first_chunk()), (Cost::priced(1_700), 1, None));
    assert_eq!(plain.usage().unwrap().total_tokens(), Some(17));
    assert_eq!(plain.driver(), Some(driver.provider_name()));
    assert!(streamed.is_stream() && !streamed.is_cached());
    assert_eq!(streamed.first_chunk(), Some(Duration::from_secs(2)));
    assert!(streamed.duration() > Duration::from_secs(2), "{streamed:?}");
    assert_eq!(failed.outcome(), &CallOutcome::Failed(ErrorCategory::Server));
    assert_eq!(failed.cost(), Cost::unknown());
}

#[tokio::test]
async fn a_dropped_call_is_recorded_as_dropped() {
    let _alone = SUBSCRIBERS.write().await;
    let records = Records::default();
    let slow = MockReply::text("Hello").with_delay(Duration::from_secs(60));
    let driver = MockDriver::answering([slow, MockReply::text("one two three")]).with_trace(records.trace());
    let call = tokio::time::timeout(Duration::from_millis(5), driver.generate("Hi".into()));
    assert!(call.await.is_err());
    let mut chunks = driver.generate_stream("Hi".into()).await.unwrap();
    chunks.next().await.unwrap().unwrap();
    drop(chunks);
    let outcomes: Vec<_> = records.take().iter().map(|call| call.outcome().clone()).collect();
    assert_eq!(outcomes, [CallOutcome::Dropped, CallOutcome::Dropped]);
}

#[tokio::test]
async fn a_traced_driver_passes_the_conformance_list() {
    let _alone = SUBSCRIBERS.write().await;
    let driver = model();
    let idle = driver.clone();
    let traced = |driver: MockDriver| Arc::new(driver.with_trace(Records::default().trace()));
    let denied = MockDriver::answering([MockReply::failure(ErrorCategory::Authentication)]).repeating();
    let subject = Subject::new(traced(driver))
        .with_unknown_model("unknown")
        .with_broken_stream(traced(broken_model()))
        .with_wrong_key(traced(denied))
        .with_idle_check(move || {
            let is_idle = idle.open_calls() == 0;
            async move { is_idle }.boxed()
        });
    let report = conformance::run(&subject).await;
    assert!(report.failures().next().is_none(), "{report}");
    assert!(!report.to_string().contains("skipped"), "{report}");
}
