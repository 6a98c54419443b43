//! Requests and responses that are cached, and those that are not.

use crate::common::{Service, answer, ask, ended, fold, interrupted};
use botticelli_core::{
    Choice, FinishReason, GenerateRequest, GenerateResponse, Output, RetryGate, Timeouts, ToolCall,
};
use botticelli_interface::{BotticelliDriver, ChunkStream};
use botticelli_layers::LayerExt;
use botticelli_layers::cache::Cache;
use futures::StreamExt;
use serde_json::json;
use std::time::Duration;

/// Returns the number of calls that two equal requests take.
async fn calls(service: Service, cache: Cache, request: GenerateRequest) -> usize {
    let driver = service.clone().with_cache(cache);
    let _ = driver.generate(request.clone()).await;
    let _ = driver.generate(request).await;
    service.calls()
}

#[tokio::test]
async fn requests_that_sample_are_cached_on_request_only() {
    let plain = GenerateRequest::from("Hi");
    for (request, expected) in [
        (plain.clone().with_temperature(0.0), 1),
        (plain.clone().with_temperature(-0.0), 1),
        (plain.clone().with_temperature(0.7), 2),
        (plain.clone(), 2),
    ] {
        let shown = format!("{:?}", request.temperature());
        assert_eq!(calls(Service::counting(), Cache::memory(), request.clone()).await, expected, "{shown}");
        let sampled = Cache::memory().with_sampled(true);
        assert_eq!(calls(Service::counting(), sampled, request).await, 1, "{shown}");
    }
}

#[tokio::test]
async fn the_defaults_of_the_driver_count() {
    // A driver adds its defaults to the canonical form.
    for (canonical, expected) in [
        ("http://acme.example\n{\"temperature\": 0}", 1),
        ("http://acme.example\n{\"parameters\": {\"temperature\": 0.0}}", 1),
        ("{\"temperature\": 0}", 1),
        ("http://acme.example\n{\"temperature\": 0}\nbill_to: acme", 1),
        ("http://acme.example\n{\"temperature\": 0.5}", 2),
        ("http://acme.example\n{\"temperature\": \"0\"}", 2),
        ("http://acme.example\n{\"temperature\": null}", 2),
        ("http://acme.example", 2),
        ("", 2),
    ] {
        let driver = Canonical(Service::counting(), canonical);
        let cached = driver.0.clone();
        let layered = driver.with_cache(Cache::memory());
        layered.generate(GenerateRequest::from("Hi")).await.unwrap();
        layered.generate(GenerateRequest::from("Hi")).await.unwrap();
        assert_eq!(cached.calls(), expected, "{canonical}");
    }
}

/// A driver with one canonical form for all requests.
#[derive(Debug)]
struct Canonical(Service, &'static str);

#[async_trait::async_trait]
impl BotticelliDriver for Canonical {
    async fn generate(
        &self,
        request: GenerateRequest,
    ) -> Result<GenerateResponse, botticelli_error::BotticelliError> {
        self.0.generate(request).await
    }

    async fn generate_stream(
        &self,
        request: GenerateRequest,
    ) -> Result<ChunkStream, botticelli_error::BotticelliError> {
        self.0.generate_stream(request).await
    }

    fn provider_name(&self) -> &'static str {
        "acme"
    }

    fn model_name(&self) -> &'static str {
        "model"
    }

    fn canonical_request(
        &self,
        _: &GenerateRequest,
    ) -> Result<Option<Vec<u8>>, botticelli_error::BotticelliError> {
        Ok(Some(self.1.as_bytes().to_vec()))
    }
}

#[tokio::test]
async fn each_setting_that_changes_the_response_is_part_of_the_key() {
    let service = Service::counting();
    let driver = service.clone().with_cache(Cache::memory());
    let extra = |value: i64| json!({"num_ctx": value}).as_object().unwrap().clone();
    let requests = [
        ask("Hi"),
        ask("hi"),
        ask("Hi").with_max_tokens(16),
        ask("Hi").with_max_tokens(4000),
        ask("Hi").with_seed(1),
        ask("Hi").with_stop(["."]),
        ask("Hi").with_top_p(0.5),
        ask("Hi").with_model("other"),
        ask("Hi").with_n(2),
        ask("Hi").with_extra(extra(2048)),
        ask("Hi").with_extra(extra(8192)),
    ];
    for request in &requests {
        driver.generate(request.clone()).await.unwrap();
    }
    assert_eq!(service.calls(), requests.len());
    // These do not go over the wire.
    let same = ask("Hi")
        .with_timeouts(Timeouts::default().with_total(Duration::from_secs(1)))
        .with_retry_gate(RetryGate::new(|_| Box::pin(async { Ok(()) })));
    assert!(driver.generate(same).await.unwrap().is_cached());
}

#[tokio::test]
async fn only_complete_responses_are_kept() {
    let text = |reason| ended("text", reason);
    let of = |outputs: Vec<Output>| {
        GenerateResponse::builder().outputs(outputs).finish_reason(FinishReason::Stop).build().unwrap()
    };
    let alternatives = |reason| {
        let other = Choice::new(1, vec![Output::Text("other".into())], reason);
        GenerateResponse::builder()
            .outputs(vec![Output::Text("text".into())])
            .finish_reason(FinishReason::Stop)
            .alternatives(vec![other])
            .build()
            .unwrap()
    };
    let call = || Output::ToolCall(ToolCall::new("1", "weather", "{}"));
    for (response, expected) in [
        (text(FinishReason::Stop), 1),
        (text(FinishReason::ToolCalls), 1),
        (text(FinishReason::Length), 2),
        (text(FinishReason::ContentFilter), 2),
        (text(FinishReason::Unspecified), 2),
        (text(FinishReason::Other("eos".into())), 2),
        (of(vec![]), 2),
        (of(vec![Output::Text(String::new())]), 2),
        (of(vec![Output::Reasoning("only a thought".into())]), 2),
        (of(vec![Output::Refusal("I cannot".into())]), 2),
        (of(vec![call()]), 1),
        (alternatives(FinishReason::Stop), 1),
        (alternatives(FinishReason::ContentFilter), 2),
    ] {
        let reply = response.clone();
        let service = Service::new(move |_| Ok(reply.clone()));
        assert_eq!(calls(service.clone(), Cache::memory(), ask("Hi")).await, expected, "{response:?}");
        let driver = service.clone().with_cache(Cache::memory());
        fold(driver.generate_stream(ask("Hi")).await.unwrap()).await;
        fold(driver.generate_stream(ask("Hi")).await.unwrap()).await;
        assert_eq!(service.calls(), 2 * expected, "streamed: {response:?}");
    }
}

#[tokio::test]
async fn a_response_that_fills_its_token_limit_is_complete() {
    let service = || Service::new(|_| Ok(ended("text", FinishReason::Length)));
    assert_eq!(calls(service(), Cache::memory(), ask("Hi").with_max_tokens(1)).await, 1);
    // The limit of the server may change.
    assert_eq!(calls(service(), Cache::memory(), ask("Hi")).await, 2);
}

#[tokio::test]
async fn errors_are_not_kept() {
    let service = Service::new(|number| match number {
        0 | 1 => Err(interrupted("half")),
        _ => Ok(answer("whole")),
    });
    let driver = service.clone().with_cache(Cache::memory());
    let error = driver.generate(ask("Hi")).await.unwrap_err();
    assert_eq!(error.partial().unwrap().text(), "half");
    let items: Vec<_> = driver.generate_stream(ask("Hi")).await.unwrap().collect().await;
    assert_eq!(items.len(), 5);
    assert_eq!(items[4].as_ref().unwrap_err().partial().unwrap().text(), "half");
    assert_eq!(driver.generate(ask("Hi")).await.unwrap().text(), "whole");
    assert_eq!(service.calls(), 3);
}

#[tokio::test]
async fn a_stream_that_is_dropped_keeps_nothing() {
    let service = Service::counting();
    let driver = service.clone().with_cache(Cache::memory());
    let mut stream = driver.generate_stream(ask("Hi")).await.unwrap();
    stream.next().await.unwrap().unwrap();
    drop(stream);
    assert_eq!(service.open(), 0);
    assert_eq!(driver.generate(ask("Hi")).await.unwrap().text(), "answer 1");
}
