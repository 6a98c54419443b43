//! The spans of calls in OpenTelemetry, read from its exporter in memory.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

use botticelli::{
    BotticelliDriver, Cost, ErrorCategory, GenerateRequest, LayerExt, MockDriver, MockReply, StreamExt,
    Trace, Usage,
};
use opentelemetry::Value;
use opentelemetry::trace::{SpanKind, Status, TracerProvider};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use tracing::instrument::WithSubscriber;
use tracing_subscriber::layer::SubscriberExt;

/// Returns the spans that a call exports.
async fn exported<T>(call: impl Future<Output = T>) -> (T, Vec<SpanData>) {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let result = call.with_subscriber(tracing_subscriber::registry().with(layer)).await;
    provider.force_flush().unwrap();
    (result, exporter.get_finished_spans().unwrap())
}

fn value<'a>(span: &'a SpanData, key: &str) -> &'a Value {
    let found = span.attributes.iter().find(|attribute| attribute.key.as_str() == key);
    &found.unwrap_or_else(|| panic!("no {key} in {:?}", span.attributes)).value
}

#[tokio::test]
async fn a_stream_is_one_client_span_with_typed_attributes() {
    let reply = MockReply::chunks(["Hello", " there"])
        .with_usage(Usage::new(Some(12), Some(5), Some(17)))
        .with_cost(Cost::priced(1_700));
    let driver = MockDriver::answering([reply]).with_model("org/model").with_trace(Trace::default());
    let request = GenerateRequest::from("Hi").with_max_tokens(50).with_temperature(0.5);
    let ((), spans) = exported(async {
        let mut chunks = driver.generate_stream(request).await.unwrap();
        while let Some(chunk) = chunks.next().await {
            chunk.unwrap();
        }
    })
    .await;
    let [span] = &spans[..] else { panic!("{spans:?}") };
    assert_eq!(
        (&*span.name, &span.span_kind, &span.status),
        ("chat org/model", &SpanKind::Client, &Status::Unset)
    );
    for (key, expected) in [
        ("gen_ai.operation.name", Value::from("chat")),
        ("gen_ai.request.model", Value::from("org/model")),
        ("gen_ai.request.stream", Value::from(true)),
        ("gen_ai.request.max_tokens", Value::from(50_i64)),
        ("gen_ai.request.temperature", Value::from(0.5)),
        ("gen_ai.usage.input_tokens", Value::from(12_i64)),
        ("gen_ai.usage.output_tokens", Value::from(5_i64)),
        ("gen_ai.response.finish_reasons", Value::from("[\"stop\"]")),
        ("botticelli.cost.nano_dollars", Value::from(1_700_i64)),
        ("botticelli.cached", Value::from(false)),
    ] {
        assert_eq!(value(span, key), &expected, "{key}");
    }
    assert!(matches!(value(span, "gen_ai.response.time_to_first_chunk"), Value::F64(_)));
    assert!(span.attributes.iter().all(|attribute| !attribute.key.as_str().starts_with("otel.")));
}

#[tokio::test]
async fn an_error_sets_the_status() {
    let driver =
        MockDriver::answering([MockReply::failure(ErrorCategory::RateLimited)]).with_trace(Trace::default());
    let (result, spans) = exported(driver.generate("Hi".into())).await;
    assert!(result.is_err());
    assert!(matches!(spans[0].status, Status::Error { .. }), "{:?}", spans[0].status);
    assert_eq!(value(&spans[0], "error.type"), &Value::from("rate_limited"));
}

#[tokio::test]
async fn a_call_is_a_child_of_the_span_around_it() {
    let driver = MockDriver::answering(["Hello"]).with_trace(Trace::default());
    let (_, spans) = exported(async {
        use tracing::Instrument;
        driver.generate("Hi".into()).instrument(tracing::info_span!("request")).await
    })
    .await;
    let [call, request] = &spans[..] else { panic!("{spans:?}") };
    assert_eq!((&*request.name, call.parent_span_id), ("request", request.span_context.span_id()));
}
