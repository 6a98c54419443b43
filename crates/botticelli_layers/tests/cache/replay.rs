//! Replays equal the original.

use crate::common::{Service, ask, fold, read};
use botticelli_core::{
    Choice, ChunkCollector, Cost, FinishReason, GenerateResponse, Logprobs, Output, Retry, RoutingDecision,
    TokenLogprob, ToolCall, Usage,
};
use botticelli_interface::BotticelliDriver;
use botticelli_layers::LayerExt;
use botticelli_layers::cache::Cache;
use serde_json::json;
use std::any::Any;
use std::time::Duration;

/// Returns a cache of each kind, with the folder or the server that it needs.
pub(crate) fn caches() -> Vec<(Cache, Box<dyn Any>)> {
    #[allow(unused_mut, reason = "depends on the features")]
    let mut caches: Vec<(Cache, Box<dyn Any>)> = vec![(Cache::memory(), Box::new(()))];
    #[cfg(feature = "sqlite")]
    {
        let folder = tempfile::tempdir().unwrap();
        caches.push((Cache::file(folder.path().join("cache")).unwrap(), Box::new(folder)));
    }
    #[cfg(feature = "redis")]
    if let Some(server) = crate::redis_server::RedisServer::start() {
        caches.push((Cache::redis(&server.address()).unwrap(), Box::new(server)));
    }
    caches
}

fn rich() -> GenerateResponse {
    let text = "Zeilen\r\n\t\u{0}\u{1f600} \u{202e}\"\\ </think> e\u{301} \u{feff}";
    let calls = [
        ToolCall::new("call 1", "weather", "{ \"city\" :  \"Florence\",\n \"n\": 1.0e3 }"),
        ToolCall::new("2", "weather", "{\"broken\": ").with_extra_content(json!({"signature": "ab=="})),
    ];
    let mut logprobs = Logprobs::default();
    logprobs.tokens = vec![TokenLogprob::new("Zei", -0.123_456_789_012_345_68), TokenLogprob::new("", 0.0)];
    logprobs.raw = vec!["{ \"a\": 1 }".to_owned()];
    let mut outputs = vec![Output::Reasoning("First…\n".into()), Output::Text(text.into())];
    outputs.extend(calls.map(Output::ToolCall));
    GenerateResponse::builder()
        .outputs(outputs)
        .finish_reason(FinishReason::ToolCalls)
        .logprobs(logprobs)
        .alternatives(vec![Choice::new(1, vec![Output::Text("other".into())], FinishReason::Stop)])
        .usage(Usage::new(Some(3), Some(4), Some(7)))
        .cost(Cost::reported(12))
        .requested_model("org/model:cheapest")
        .model("model-1")
        .provider("acme")
        .routing(RoutingDecision::new("org/model:acme", "supports tools"))
        .id("id 1")
        .request_id("request 1")
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_replay_is_the_original_apart_from_its_cost() {
    for (cache, _folder) in caches() {
        let driver = Service::new(|_| Ok(rich())).with_cache(cache);
        assert_eq!(driver.generate(ask("Hi")).await.unwrap(), rich());
        let hit = driver.generate(ask("Hi")).await.unwrap();
        let expected = rich().with_cached(true).with_cost(Cost::reported(0)).with_timings(hit.timings());
        assert_eq!(hit, expected);
        assert_eq!(hit.text().as_bytes(), rich().text().as_bytes());
    }
}

#[tokio::test]
async fn a_replayed_stream_folds_into_the_original() {
    for (cache, _folder) in caches() {
        let driver = Service::new(|_| Ok(rich())).with_cache(cache);
        driver.generate(ask("Hi")).await.unwrap();
        let chunks = read(driver.generate_stream(ask("Hi")).await.unwrap()).await;
        let (last, others) = chunks.split_last().unwrap();
        let mut collector = ChunkCollector::default();
        for chunk in others {
            collector.push_chunk(chunk);
        }
        assert!(others.iter().all(|chunk| !chunk.is_final()));
        let folded = collector.finish(FinishReason::ToolCalls, None);
        assert_eq!(folded.outputs(), rich().outputs());
        assert_eq!(folded.alternatives()[0].outputs, rich().alternatives()[0].outputs);
        let response = last.response().unwrap();
        assert_eq!(response.outputs(), rich().outputs());
        assert_eq!(response.logprobs(), rich().logprobs());
        assert_eq!((last.usage(), last.finish_reason()), (rich().usage(), Some(&FinishReason::ToolCalls)));
    }
}

#[tokio::test]
async fn the_data_of_the_original_call_is_left_out() {
    for (cache, _folder) in caches() {
        let service = Service::new(|_| {
            Ok(rich()
                .with_retries(vec![Retry::new("server error", Duration::from_secs(1))])
                .with_rate_limit(botticelli_core::RateLimitStatus::new(Some(1), None, None))
                .with_warning("odd"))
        });
        let driver = service.with_cache(cache);
        let original = driver.generate(ask("Hi")).await.unwrap();
        assert_eq!((original.retries().len(), original.warnings().len()), (1, 1));
        let (hit, _) = fold(driver.generate_stream(ask("Hi")).await.unwrap()).await;
        assert!(hit.retries().is_empty() && hit.warnings().is_empty());
        assert!(hit.rate_limit().is_none());
    }
}

#[tokio::test]
async fn a_replay_of_a_text_has_the_names_that_the_original_has() {
    let mut texts = vec![serde_json::to_value(rich()).unwrap()];
    for field in ["outputs", "logprobs", "alternatives", "routing"] {
        texts[0].as_object_mut().unwrap().remove(field);
    }
    texts[0]["outputs"] = serde_json::to_value(rich().outputs().get(1..2)).unwrap();
    for field in ["requested_model", "model", "provider", "id", "request_id", "usage"] {
        let (mut without, mut all) = (texts[0].clone(), texts[0].clone());
        without.as_object_mut().unwrap().remove(field);
        texts.push(without);
        if all[field].is_string() {
            all[field] = json!("");
            texts.push(all);
        }
    }
    for text in texts {
        let original: GenerateResponse = serde_json::from_value(text).unwrap();
        let (cache, answer) = (Cache::memory(), original.clone());
        let driver = Service::new(move |_| Ok(answer.clone())).with_cache(cache.clone());
        driver.generate(ask("Hi")).await.unwrap();
        let hit = driver.generate(ask("Hi")).await.unwrap();
        assert_eq!(cache.entries(1).unwrap()[0].response(), &original);
        let expected = original.with_cached(true).with_cost(Cost::reported(0)).with_timings(hit.timings());
        assert_eq!(hit, expected);
    }
}
