//! The mock: scripts, records, streams, delays.
#![cfg(feature = "mock")]
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod common;

use botticelli_core::{
    Choice, CompletionRequest, Cost, CostEstimate, Delta, FinishReason, GenerateRequest, GenerateResponse,
    Logprobs, Message, ModelInfo, Output, PricedRoute, RateLimitStatus, Retry, RoutingDecision, SkippedRoute,
    Timings, ToolCall, Usage,
};
use botticelli_error::ErrorCategory;
use botticelli_interface::conformance::{self, Subject};
use botticelli_interface::{BotticelliDriver, CompletionDriver, ManualClock};
use botticelli_layers::mock::{MockCall, MockDriver, MockReply};
use common::{broken_model, disconnected, model, read, texts};
use futures::{FutureExt, StreamExt};
use std::sync::Arc;
use std::time::Duration;

#[tokio::test]
async fn replies_come_in_order_and_requests_are_recorded() {
    let driver = MockDriver::answering(["Hello", "Bye"]);
    assert_eq!(driver.generate("Hi".into()).await.unwrap().text(), "Hello");
    let items = read(driver.clone().generate_stream("Ciao".into()).await.unwrap()).await;
    assert_eq!(texts(&items), ["Bye"]);
    let expected: Vec<GenerateRequest> = vec!["Hi".into(), "Ciao".into()];
    assert_eq!(driver.requests(), expected);
    assert_eq!(driver.calls().iter().map(MockCall::is_streamed).collect::<Vec<_>>(), [false, true]);
}

#[tokio::test]
async fn a_used_up_script_names_the_number_of_the_call() {
    let driver = MockDriver::answering(["Hello", "Bye"]);
    for _ in 0..2 {
        driver.generate("Hi".into()).await.unwrap();
    }
    let plain = driver.generate("Hi".into()).await.unwrap_err();
    assert_eq!(plain.category(), ErrorCategory::InvalidRequest);
    assert!(plain.to_string().contains("this is call 3"), "{plain}");
    let streamed = driver.generate_stream("Hi".into()).await.err().unwrap();
    assert!(streamed.to_string().contains("this is call 4"), "{streamed}");
    driver.push("More");
    assert_eq!(driver.generate("Hi".into()).await.unwrap().text(), "More");
}

#[tokio::test]
async fn the_last_reply_repeats() {
    let driver = MockDriver::answering(["Hello", "Bye"]).repeating();
    let mut responses = Vec::new();
    for _ in 0..4 {
        responses.push(driver.generate("Hi".into()).await.unwrap().into_text());
    }
    assert_eq!(responses, ["Hello", "Bye", "Bye", "Bye"]);
    let empty = MockDriver::answering(Vec::<MockReply>::new()).repeating();
    assert!(empty.generate("Hi".into()).await.is_err());
}

#[tokio::test]
async fn a_stream_keeps_its_chunks_and_equals_the_plain_response() {
    let reply = MockReply::chunks(["Hel", "", "lo"]).with_usage(Usage::new(Some(1), Some(2), Some(3)));
    let driver = MockDriver::answering([reply.clone(), reply]);
    let plain = driver.generate("Hi".into()).await.unwrap();
    let items = read(driver.generate_stream("Hi".into()).await.unwrap()).await;
    assert_eq!(texts(&items), ["Hel", "", "lo"]);
    let last = items.last().unwrap().as_ref().unwrap();
    assert_eq!(last.response(), Some(&plain));
    assert_eq!(last.usage(), plain.usage());
    assert_eq!(plain.text(), "Hello");
    assert_eq!(plain.finish_reason(), &FinishReason::Stop);
}

#[tokio::test]
async fn a_stream_that_breaks_carries_what_arrived() {
    let reply = MockReply::chunks(["Hel", "lo"]).then_error(disconnected());
    let driver = MockDriver::answering([reply.clone(), reply]);
    let items = read(driver.generate_stream("Hi".into()).await.unwrap()).await;
    assert_eq!(texts(&items), ["Hel", "lo"]);
    let streamed = items.last().unwrap().as_ref().unwrap_err();
    let plain = driver.generate("Hi".into()).await.unwrap_err();
    for error in [streamed, &plain] {
        assert_eq!(error.category(), ErrorCategory::Connection);
        assert_eq!(error.partial().unwrap().text(), "Hello");
    }
    let whole = MockReply::response(response("Hello")).then_error(disconnected());
    let error = MockDriver::answering([whole]).generate("Hi".into()).await.unwrap_err();
    assert_eq!(error.partial().unwrap().text(), "Hello");
}

#[tokio::test]
async fn an_error_comes_before_the_stream() {
    let driver = MockDriver::answering([
        MockReply::failure(ErrorCategory::CreditsExhausted),
        MockReply::rate_limited(Duration::from_secs(30)),
    ]);
    let error = driver.generate_stream("Hi".into()).await.err().unwrap();
    assert_eq!((error.category(), error.is_retryable()), (ErrorCategory::CreditsExhausted, false));
    assert!(error.to_string().contains("credits_exhausted"), "{error}");
    let error = driver.generate("Hi".into()).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::RateLimited);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(30)));
    assert!(error.is_retryable() && !error.may_be_billed());
}

#[tokio::test]
async fn every_category_can_be_scripted() {
    for category in ErrorCategory::ALL {
        let driver = MockDriver::answering([MockReply::failure(*category)]);
        assert_eq!(driver.generate("Hi".into()).await.unwrap_err().category(), *category);
    }
}

fn response(text: &str) -> GenerateResponse {
    GenerateResponse::builder().outputs(vec![Output::Text(text.into())]).id("r1").build().unwrap()
}

#[tokio::test]
async fn a_whole_response_is_returned_unchanged() {
    let driver = MockDriver::answering([response("Hi"), response("Hi")]);
    assert_eq!(driver.generate("Hi".into()).await.unwrap(), response("Hi"));
    let items = read(driver.generate_stream("Hi".into()).await.unwrap()).await;
    assert_eq!(items.last().unwrap().as_ref().unwrap().response(), Some(&response("Hi")));
}

#[tokio::test]
async fn tool_calls_have_ids_that_agree() {
    let reply =
        MockReply::tool_call("weather", r#"{"city":"Florence"}"#).with_tool_call("time", r#"{"zone":"CET"}"#);
    let driver = MockDriver::answering([reply.clone(), reply]);
    let plain = driver.generate("Hi".into()).await.unwrap();
    let names: Vec<_> = plain.tool_calls().map(|call| (call.id(), call.name())).collect();
    assert_eq!(names, [("call00000", "weather"), ("call00001", "time")]);
    assert_eq!(plain.finish_reason(), &FinishReason::ToolCalls);
    let items = read(driver.generate_stream("Hi".into()).await.unwrap()).await;
    assert_eq!(items.last().unwrap().as_ref().unwrap().response(), Some(&plain));
    assert_eq!(items.len(), 3);
}

#[tokio::test]
async fn text_completion_uses_the_same_script() {
    let driver = MockDriver::answering(["in a land", "far away"]);
    assert_eq!(driver.complete("Once".into()).await.unwrap().text(), "in a land");
    let items = read(driver.complete_stream("Once".into()).await.unwrap()).await;
    assert_eq!(texts(&items), ["far away"]);
    let expected: Vec<CompletionRequest> = vec!["Once".into(), "Once".into()];
    assert_eq!(driver.completion_requests(), expected);
    assert!(driver.requests().is_empty());
}

#[tokio::test]
async fn an_invalid_request_uses_up_no_reply() {
    let driver = MockDriver::answering(["Hello"]);
    let empty: GenerateRequest = Vec::<Message>::new().into();
    assert!(driver.generate(empty.clone()).await.is_err());
    assert!(driver.generate_stream(empty).await.is_err());
    assert!(driver.complete("".into()).await.is_err());
    assert!(driver.calls().is_empty());
    assert_eq!(driver.generate("Hi".into()).await.unwrap().text(), "Hello");
}

#[tokio::test]
async fn delays_follow_the_clock() {
    let clock = ManualClock::default();
    let second = Duration::from_secs(1);
    let reply = MockReply::chunks(["a", "b"]).with_delay(second * 10).with_chunk_delay(second);
    let driver = MockDriver::answering([reply.clone(), reply]).with_clock(Arc::new(clock.clone()));
    let mut plain = driver.generate("Hi".into());
    assert!((&mut plain).now_or_never().is_none());
    clock.advance(second * 10);
    assert_eq!(plain.now_or_never().unwrap().unwrap().text(), "ab");

    let mut opening = driver.generate_stream("Hi".into());
    assert!((&mut opening).now_or_never().is_none());
    clock.advance(second * 10);
    let mut stream = opening.now_or_never().unwrap().unwrap();
    for text in ["a", "b", ""] {
        assert!(stream.next().now_or_never().is_none(), "a chunk came without its delay");
        clock.advance(second);
        assert_eq!(stream.next().now_or_never().unwrap().unwrap().unwrap().text(), text);
    }
    assert!(stream.next().now_or_never().unwrap().is_none());
}

#[tokio::test]
async fn open_calls_end_with_the_last_item_or_a_drop() {
    let clock = ManualClock::default();
    let reply = MockReply::text("Hello").with_delay(Duration::from_secs(1));
    let driver = MockDriver::answering([reply]).repeating().with_clock(Arc::new(clock.clone()));
    let mut dropped = driver.generate("Hi".into());
    assert!((&mut dropped).now_or_never().is_none());
    assert_eq!(driver.open_calls(), 1);
    drop(dropped);
    assert_eq!(driver.open_calls(), 0);

    let mut opening = driver.generate_stream("Hi".into());
    assert!((&mut opening).now_or_never().is_none());
    clock.advance(Duration::from_secs(1));
    let mut stream = opening.await.unwrap();
    stream.next().await.unwrap().unwrap();
    assert_eq!(driver.open_calls(), 1);
    assert!(stream.next().await.unwrap().unwrap().is_final());
    assert_eq!(driver.open_calls(), 0);
}

#[tokio::test]
async fn names_costs_and_catalog_can_be_set() {
    let driver = MockDriver::answering(["a", "b"])
        .with_provider("acme")
        .with_model("acme/large")
        .with_estimate(CostEstimate::at_most(7).with_tokens(Some(9)))
        .with_cost(Cost::reported(5))
        .with_model_info(ModelInfo::new("acme/large"))
        .with_cheaper_routes(vec![PricedRoute::new("acme/small", 3), PricedRoute::new("acme/medium", 5)]);
    assert_eq!((driver.provider_name(), driver.model_name()), ("acme", "acme/large"));
    let request = GenerateRequest::from("Hi");
    assert_eq!(driver.estimate(&request).await.unwrap().tokens(), Some(9));
    assert_eq!(driver.model_info("acme/large").await.unwrap().unwrap().id, "acme/large");
    assert!(driver.model_info("other").await.unwrap().is_none());
    assert_eq!(driver.cheaper_routes(&request, 4).await.unwrap(), [PricedRoute::new("acme/small", 3)]);
    let response = driver.generate(request.clone()).await.unwrap();
    assert_eq!(response.cost(), Cost::reported(5));
    assert_eq!((response.model(), response.provider()), (Some("acme/large"), Some("acme")));
    let response = driver.generate(request.with_model("acme/small")).await.unwrap();
    assert_eq!(response.requested_model(), Some("acme/small"));
}

#[tokio::test]
async fn the_mock_satisfies_the_conformance_list() {
    let driver = model();
    let idle = driver.clone();
    let subject = Subject::new(Arc::new(driver))
        .with_unknown_model("unknown")
        .with_broken_stream(Arc::new(broken_model()))
        .with_wrong_key(Arc::new(
            MockDriver::answering([MockReply::failure(ErrorCategory::Authentication)]).repeating(),
        ))
        .with_idle_check(move || {
            let is_idle = idle.open_calls() == 0;
            async move { is_idle }.boxed()
        });
    let report = conformance::run(&subject).await;
    assert!(report.failures().next().is_none(), "{report}");
    assert!(!report.to_string().contains("skipped"), "{report}");
}

/// Returns a response in which every field has a value.
fn whole() -> GenerateResponse {
    GenerateResponse::builder()
        .outputs(vec![Output::Reasoning("First".into()), Output::Text("Hello".into())])
        .finish_reason(FinishReason::Stop)
        .logprobs(Logprobs::default())
        .alternatives(vec![Choice::new(1, vec![Output::Text("Hi".into())], FinishReason::Stop)])
        .usage(Usage::new(Some(1), Some(2), Some(3)))
        .cost(Cost::reported(5))
        .requested_model("asked")
        .model("answered")
        .provider("acme")
        .routing(RoutingDecision::new("acme", "it is the only one"))
        .skipped_routes(vec![SkippedRoute::new("first", "it failed")])
        .is_cached(true)
        .rate_limit(Box::new(RateLimitStatus::default()))
        .id("id 1")
        .request_id("request 1")
        .timings(Timings::new(None, Some(Duration::from_secs(1))))
        .retries(vec![Retry::new("busy", Duration::from_secs(2))])
        .warnings(vec!["odd".to_owned()])
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_whole_response_can_be_changed() {
    let reply = async |reply: MockReply| MockDriver::answering([reply]).generate("Hi".into()).await.unwrap();
    assert_eq!(reply(MockReply::response(whole())).await, whole());

    let usage = Usage::new(Some(7), Some(8), Some(15));
    let changed = reply(MockReply::response(whole()).with_usage(usage)).await;
    assert_eq!(changed.usage(), Some(&usage));
    // Everything else is as it was.
    assert_eq!(
        reply(MockReply::response(changed).with_usage(Usage::new(Some(1), Some(2), Some(3)))).await,
        whole()
    );

    let changed = reply(MockReply::response(whole()).with_cost(Cost::free())).await;
    assert_eq!(changed, whole().with_cost(Cost::free()));
    let changed = reply(MockReply::response(whole()).with_finish_reason(FinishReason::Length)).await;
    assert_eq!((changed.finish_reason(), changed.id()), (&FinishReason::Length, Some("id 1")));

    let changed = reply(MockReply::response(whole()).with_tool_call("weather", "{}")).await;
    assert_eq!(changed.tool_calls().map(ToolCall::name).collect::<Vec<_>>(), ["weather"]);
    assert_eq!((changed.text().as_ref(), changed.finish_reason()), ("Hello", &FinishReason::ToolCalls));

    let choices = MockReply::response(whole())
        .with_choice(1, Delta::Text(" there".into()))
        .with_choice(2, Delta::Text("Hey".into()));
    let changed = reply(choices).await;
    let texts: Vec<_> =
        changed.alternatives().iter().map(|choice| (choice.index, choice.text().into_owned())).collect();
    assert_eq!(texts, [(1, "Hi there".to_owned()), (2, "Hey".to_owned())]);
}

#[tokio::test]
async fn a_whole_response_that_breaks_keeps_its_content_and_its_delay() {
    let clock = ManualClock::default();
    let reply = MockReply::response(whole()).with_delay(Duration::from_secs(5)).then_error(disconnected());
    let driver = MockDriver::answering([reply.clone(), reply]).with_clock(Arc::new(clock.clone()));
    let mut call = driver.generate("Hi".into());
    assert!((&mut call).now_or_never().is_none(), "the delay is lost");
    clock.advance(Duration::from_secs(5));
    let error = call.await.unwrap_err();
    let partial = error.partial().unwrap();
    assert_eq!((partial.text(), partial.reasoning()), ("Hello", "First"));

    let mut call = driver.generate_stream("Hi".into());
    assert!((&mut call).now_or_never().is_none());
    clock.advance(Duration::from_secs(5));
    let items = read(call.await.unwrap()).await;
    assert!(items.last().unwrap().is_err() && texts(&items).contains(&"Hello"));
}

#[tokio::test]
async fn pushed_replies_come_before_those_of_a_function() {
    let driver = MockDriver::replying(|_| MockReply::text("computed"));
    driver.push("pushed");
    let next = async || driver.generate("Hi".into()).await.unwrap().into_text();
    assert_eq!([next().await, next().await, next().await], ["pushed", "computed", "computed"]);

    let driver = MockDriver::replying(|_| MockReply::text("computed")).repeating();
    let next = async || driver.generate("Hi".into()).await.unwrap().into_text();
    assert_eq!([next().await, next().await], ["computed", "computed"]);
    driver.push("pushed");
    assert_eq!([next().await, next().await], ["pushed", "pushed"]);
}
