//! Successful calls.

use crate::common::{MODEL, collect, driver, folded, scripted, settings};
use botticelli_core::{
    CostSource, FinishReason, GenerateRequest, GenerationConfig, Message, RetryConfig, Usage,
};
use botticelli_interface::BotticelliDriver;
use botticelli_interface::conformance::{self, Outcome, Subject};
use botticelli_sandbox::{Dialect, Fault, Sandbox, Script};
use futures::FutureExt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

#[tokio::test]
async fn returns_a_response_to_a_prompt() {
    let sandbox = Sandbox::start().await.unwrap();
    let answer = driver(&sandbox).generate("Hello, Sandro".into()).await.unwrap();
    assert!(answer.text().contains("Hello, Sandro"), "{}", answer.text());
    assert_eq!(*answer.finish_reason(), FinishReason::Stop);
    assert!(!answer.outputs().is_empty());
}

#[tokio::test]
async fn reports_the_provider_and_the_tokens() {
    let sandbox = Sandbox::start().await.unwrap();
    let model = "openai/gpt-oss-20b:together";
    let request = GenerateRequest::from("Hello").with_model(model);
    for answer in
        [driver(&sandbox).generate(request.clone()).await.unwrap(), folded(&driver(&sandbox), request).await]
    {
        assert_eq!(answer.requested_model(), Some(model));
        assert_eq!(answer.provider(), Some("together"));
        assert!(answer.model().is_some());
        assert!(answer.request_id().is_some());
        assert!(answer.timings().total().is_some());
        let usage = answer.usage().unwrap();
        assert_eq!(
            usage.total_tokens(),
            Some(usage.prompt_tokens().unwrap() + usage.completion_tokens().unwrap())
        );
        // It runs on this machine.
        assert_eq!(answer.cost().source(), CostSource::Free);
    }
}

#[tokio::test]
async fn streams_chunks_and_ends_with_the_whole_response() {
    let sandbox = Sandbox::start().await.unwrap();
    let (chunks, failure) = collect(&driver(&sandbox), "Hello".into()).await;
    assert!(failure.is_none());
    let (last, pieces) = chunks.split_last().unwrap();
    assert!(pieces.len() > 5, "{} pieces", pieces.len());
    let text: String = pieces.iter().map(botticelli_core::StreamChunk::text).collect();
    let answer = last.response().unwrap();
    assert_eq!(answer.text(), text);
    assert_eq!(last.finish_reason(), Some(answer.finish_reason()));
    assert_eq!(last.usage(), answer.usage());
    assert!(answer.timings().first_token() <= answer.timings().total());
    assert!(answer.timings().first_token().is_some());
}

#[tokio::test]
async fn a_stream_equals_the_plain_response_in_every_dialect() {
    for &dialect in Dialect::ALL {
        let sandbox = Sandbox::builder().with_dialect(dialect).start().await.unwrap();
        let driver = driver(&sandbox);
        for max_tokens in [3, 500] {
            let request = GenerateRequest::builder()
                .messages(vec![Message::user("Où est Vénus ? 🎨")])
                .max_tokens(max_tokens)
                .build()
                .unwrap();
            let plain = driver.generate(request.clone()).await.unwrap();
            let streamed = folded(&driver, request).await;
            assert_eq!(plain.outputs(), streamed.outputs(), "{dialect:?}");
            assert_eq!(plain.finish_reason(), streamed.finish_reason(), "{dialect:?}");
            assert_eq!(plain.model(), streamed.model(), "{dialect:?}");
            assert_eq!(plain.provider(), streamed.provider(), "{dialect:?}");
            // TGI 2 never reports the tokens of a stream.
            if !matches!(dialect, Dialect::Tgi2) {
                assert_eq!(plain.usage(), streamed.usage(), "{dialect:?}");
            }
        }
    }
}

#[tokio::test]
async fn the_driver_passes_the_conformance_list() {
    let sandbox = Arc::new(Sandbox::start().await.unwrap());
    let breaking =
        Sandbox::builder().with_turn(Fault::named("cut-after-events=3").unwrap()).start().await.unwrap();
    let wrong = settings(&sandbox).token("hf_wrong").build().unwrap();
    let broken = settings(&breaking).retry(RetryConfig::never()).build().unwrap();
    let watched = sandbox.clone();
    let subject = Subject::new(Arc::new(driver(&sandbox)))
        .with_unknown_model("example/nothing")
        .with_wrong_key(Arc::new(wrong))
        .with_broken_stream(Arc::new(broken))
        .with_idle_check(move || {
            let sandbox = watched.clone();
            async move { timeout(Duration::from_secs(10), sandbox.wait_until_settled()).await.is_ok() }
                .boxed()
        });
    let report = conformance::run(&subject).await;
    let all_passed = report.outcomes().iter().all(|(_, outcome)| *outcome == Outcome::Passed);
    assert!(all_passed, "{report}");
    assert!(report.outcomes().len() >= 18, "{report}");
}

#[tokio::test]
async fn the_conformance_list_fails_a_driver_that_loses_the_end() {
    // The list itself must be able to fail: this server reports neither a finish reason nor usage.
    let body = "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\ndata: [DONE]\n\n";
    let sandbox = scripted(Script::sse(body)).await;
    let report = conformance::run(&Subject::new(Arc::new(driver(&sandbox)))).await;
    let failed: Vec<_> = report.failures().map(|(name, _)| name).collect();
    assert!(failed.contains(&"reports usage, plain and streamed"), "{report}");
    assert!(failed.contains(&"stops at max_tokens and says so"), "{report}");
}

#[tokio::test]
async fn a_request_overrides_the_defaults_of_its_driver() {
    let sandbox = Sandbox::start().await.unwrap();
    let defaults = GenerationConfig::default().with_max_tokens(2).with_temperature(0.5);
    let driver = settings(&sandbox).generation(defaults).build().unwrap();

    let short = driver.generate("Hello".into()).await.unwrap();
    assert_eq!(*short.finish_reason(), FinishReason::Length);
    assert_eq!(short.usage().and_then(Usage::completion_tokens), Some(2));

    let request =
        GenerateRequest::builder().messages(vec![Message::user("Hello")]).max_tokens(3).build().unwrap();
    let longer = driver.generate(request).await.unwrap();
    assert_eq!(longer.usage().and_then(Usage::completion_tokens), Some(3));
    let sent = &sandbox.requests()[1];
    assert_eq!(sent.body()["temperature"], 0.5);
}

#[tokio::test]
async fn the_response_ends_before_a_stop_text() {
    let sandbox = Sandbox::start().await.unwrap();
    let request = GenerateRequest::builder()
        .messages(vec![Message::user("Hello")])
        .stop(vec!["not a model".into()])
        .build()
        .unwrap();
    let answer = driver(&sandbox).generate(request.clone()).await.unwrap();
    assert!(!answer.text().contains("not a model"));
    assert_eq!(*answer.finish_reason(), FinishReason::Stop);
    assert_eq!(folded(&driver(&sandbox), request).await.text(), answer.text());
}

#[tokio::test]
async fn the_catalog_prices_a_response() {
    let sandbox = Sandbox::start().await.unwrap();
    let driver = driver(&sandbox);
    let answer =
        driver.generate(GenerateRequest::from("Hello").with_model("openai/gpt-oss-20b:cheapest")).await;
    let answer = answer.unwrap();
    let info = driver.model_info("openai/gpt-oss-20b:cheapest").await.unwrap().unwrap();
    assert_eq!(info.id, MODEL);
    assert!(info.input_modalities.contains(&"text".to_owned()));

    let cost = info.cost(answer.usage().unwrap(), answer.provider());
    assert_eq!(cost.source(), CostSource::Priced);
    let price =
        info.providers.iter().find(|p| Some(p.name.as_str()) == answer.provider()).unwrap().price.unwrap();
    let usage = answer.usage().unwrap();
    let millionths =
        price.prompt * usage.prompt_tokens().unwrap() + price.completion * usage.completion_tokens().unwrap();
    assert_eq!(cost.nano_dollars(), Some(millionths.div_ceil(1_000_000)));
    assert_eq!(info.cost(usage, None).nano_dollars(), None, "the provider is unknown, so there is no price");
    assert_eq!(info.cost(usage, Some("hf-inference")).nano_dollars(), None, "it has no price: not zero");
}

#[tokio::test]
async fn an_unlisted_model_has_no_catalog_entry() {
    let sandbox = Sandbox::start().await.unwrap();
    assert_eq!(driver(&sandbox).model_info("example/nothing").await.unwrap(), None);
}

#[tokio::test]
async fn a_free_provider_costs_nothing() {
    let sandbox = Sandbox::start().await.unwrap();
    let info = driver(&sandbox).model_info("microsoft/DialoGPT-small").await.unwrap().unwrap();
    let usage = Usage::new(Some(10), Some(10), None);
    assert_eq!(info.cost(&usage, Some("hf-inference")).nano_dollars(), Some(0));
}

#[tokio::test]
async fn a_pointer_to_a_driver_forwards_everything() {
    let sandbox = Sandbox::start().await.unwrap();
    let boxed: Box<dyn BotticelliDriver> = Box::new(driver(&sandbox));
    let shared: Arc<dyn BotticelliDriver> = Arc::new(boxed);
    assert_eq!(shared.provider_name(), "huggingface");
    assert_eq!(shared.model_name(), MODEL);
    // The default method would return no model.
    assert!(shared.model_info(MODEL).await.unwrap().is_some());
    assert!(shared.generate("Hello".into()).await.is_ok());
}

#[tokio::test]
async fn an_unrequested_stream_is_read() {
    let body = "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}\n\n";
    let sandbox = scripted(Script::sse(body)).await;
    assert_eq!(driver(&sandbox).generate("Hello".into()).await.unwrap().text(), "Hi");
}

#[tokio::test]
async fn a_plain_response_to_a_stream_request_is_read() {
    let body = r#"{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}"#;
    let sandbox = scripted(Script::json(200, body)).await;
    let (chunks, failure) = collect(&driver(&sandbox), "Hello".into()).await;
    assert!(failure.is_none());
    assert_eq!(chunks[0].text(), "Hi");
    assert!(chunks[1].is_final());
}

#[tokio::test]
async fn unrequested_choices_stay_separate() {
    let body = r#"{"choices":[{"index":0,"message":{"content":"A"},"finish_reason":"stop"},
                              {"index":1,"message":{"content":"B"},"finish_reason":"stop"}]}"#;
    let sandbox = scripted(Script::json(200, body)).await;
    let answer = driver(&sandbox).generate("Hello".into()).await.unwrap();
    assert_eq!(answer.text(), "A");
    assert_eq!(answer.alternatives().len(), 1);
    assert_eq!(answer.alternatives()[0].text(), "B");
}

#[tokio::test]
async fn a_cost_that_the_provider_reports_is_kept() {
    let body = r#"{"choices":[{"message":{"content":"A"},"finish_reason":"stop"}],
                   "usage":{"prompt_tokens":1,"completion_tokens":1,"estimated_cost":0.0000123}}"#;
    let sandbox = scripted(Script::json(200, body)).await;
    let answer = driver(&sandbox).generate("Hello".into()).await.unwrap();
    assert_eq!(answer.cost().nano_dollars(), Some(12_300));
    assert_eq!(answer.cost().source(), CostSource::Reported);
}
