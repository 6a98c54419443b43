//! Equal requests in flight.

use crate::common::{Service, ask, fold, interrupted, read};
use botticelli_core::{
    Choice, Cost, FinishReason, GenerateRequest, GenerateResponse, Output, Timeouts, ToolCall,
};
use botticelli_interface::BotticelliDriver;
use botticelli_layers::LayerExt;
use botticelli_layers::cache::{Cache, Cached};
use futures::future::join_all;
use futures::{FutureExt, StreamExt};
use std::time::Duration;

/// Returns a driver whose service waits for permission.
fn gated() -> (Service, Cached<Service>) {
    let service = Service::counting().gated();
    let driver = service.clone().with_cache(Cache::memory());
    (service, driver)
}

#[tokio::test]
async fn equal_plain_calls_share_one_and_one_of_them_pays() {
    let (service, driver) = gated();
    let calls = (0..10).map(|_| driver.generate(ask("Hi")));
    let mut calls = join_all(calls);
    assert!((&mut calls).now_or_never().is_none());
    service.allow(1);
    let responses: Vec<_> = calls.await.into_iter().map(Result::unwrap).collect();
    assert_eq!(service.calls(), 1);
    assert!(responses.iter().all(|response| response.text() == "answer 0"));
    assert_eq!(responses.iter().filter(|response| !response.is_cached()).count(), 1);
    assert_eq!(responses.iter().map(GenerateResponse::cost).sum::<Cost>(), Cost::priced(7));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn equal_calls_on_many_threads_share_one() {
    for _ in 0..50 {
        let (service, driver) = gated();
        let tasks: Vec<_> = (0..16)
            .map(|number| {
                let driver = driver.clone();
                tokio::spawn(async move {
                    if number % 2 == 0 {
                        driver.generate(ask("Hi")).await.unwrap().into_text()
                    } else {
                        fold(driver.generate_stream(ask("Hi")).await.unwrap()).await.1.concat()
                    }
                })
            })
            .collect();
        for _ in 0..20 {
            service.allow(1);
            tokio::task::yield_now().await;
        }
        for task in tasks {
            let text = tokio::time::timeout(Duration::from_secs(20), task).await.expect("no lost wake-up");
            assert!(text.unwrap().starts_with("answer "));
        }
        // One plain call and one stream, unless one of them ended before the other began.
        assert!((1..=2).contains(&service.calls()), "{}", service.calls());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calls_that_end_at_once_are_sent_once() {
    // A call may end between the lookup of another call and the moment at which it would join.
    for round in 0..1_000 {
        let service = Service::counting();
        let driver = service.clone().with_cache(Cache::memory());
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let driver = driver.clone();
                tokio::spawn(async move {
                    if round % 2 == 0 {
                        driver.generate(ask("Hi")).await.unwrap().into_text()
                    } else {
                        fold(driver.generate_stream(ask("Hi")).await.unwrap()).await.0.into_text()
                    }
                })
            })
            .collect();
        for task in tasks {
            assert_eq!(task.await.unwrap(), "answer 0");
        }
        assert_eq!(service.calls(), 1);
    }
}

/// Two drivers with one cache may have two tokens. The refusal of one token is not an answer to the caller with the other.
#[tokio::test]
async fn drivers_with_one_cache_share_entries_but_not_errors() {
    for is_stream in [false, true] {
        let cache = Cache::memory();
        let refused = Service::new(|_| Err(interrupted("half"))).gated();
        let accepted = Service::counting().gated();
        let one = refused.clone().with_cache(cache.clone());
        let other = accepted.clone().with_cache(cache);
        let call = |driver: Cached<Service>| async move {
            if is_stream {
                let items: Vec<_> = driver.generate_stream(ask("Hi")).await?.collect().await;
                items.into_iter().next_back().unwrap().map(|last| last.into_response().unwrap())
            } else {
                driver.generate(ask("Hi")).await
            }
        };
        let mut calls = Box::pin(futures::future::join(call(one.clone()), call(other.clone())));
        assert!((&mut calls).now_or_never().is_none());
        refused.allow(100);
        accepted.allow(100);
        let (first, second) = calls.await;
        assert_eq!(first.unwrap_err().partial().unwrap().text(), "half");
        assert!(!second.unwrap().is_cached());
        assert!(call(one).await.unwrap().is_cached());
        assert_eq!((refused.calls(), accepted.calls()), (1, 1));
    }
}

#[tokio::test]
async fn requests_that_sample_are_not_shared() {
    let (service, driver) = gated();
    service.allow(2);
    let request = || GenerateRequest::from("Hi");
    let (one, two) = tokio::join!(driver.generate(request()), driver.generate(request()));
    assert_ne!(one.unwrap().text(), two.unwrap().text());
    assert_eq!(service.calls(), 2);
}

#[tokio::test]
async fn a_caller_that_leaves_does_not_end_the_call() {
    let (service, driver) = gated();
    let mut first = driver.generate(ask("Hi"));
    assert!((&mut first).now_or_never().is_none());
    let mut second = driver.generate(ask("Hi"));
    assert!((&mut second).now_or_never().is_none());
    drop(first);
    assert_eq!(service.open(), 1);
    service.allow(1);
    let response = second.await.unwrap();
    // The first caller took its cost to nowhere, so that the second one has to report it.
    assert_eq!((response.text().as_ref(), response.cost()), ("answer 0", Cost::priced(7)));
    assert_eq!(service.calls(), 1);
}

#[tokio::test]
async fn a_caller_that_is_not_polled_does_not_block_the_call() {
    let (service, driver) = gated();
    let mut first = driver.generate(ask("Hi"));
    assert!((&mut first).now_or_never().is_none());
    let second = tokio::spawn({
        let driver = driver.clone();
        async move { driver.generate(ask("Hi")).await }
    });
    tokio::task::yield_now().await;
    // The first caller exists, and is polled no more.
    service.allow(1);
    let second = tokio::time::timeout(Duration::from_secs(20), second).await.expect("it goes on");
    assert_eq!(second.unwrap().unwrap().text(), "answer 0");
    assert!(first.await.unwrap().is_cached());
}

#[tokio::test]
async fn a_caller_is_woken_if_the_one_that_asked_last_is_not_polled() {
    for is_dropped in [false, true] {
        let (service, driver) = gated();
        let first = tokio::spawn({
            let driver = driver.clone();
            async move { driver.generate(ask("Hi")).await }
        });
        tokio::task::yield_now().await;
        let mut second = driver.generate(ask("Hi"));
        assert!((&mut second).now_or_never().is_none());
        let second = if is_dropped {
            drop(second);
            None
        } else {
            Some(second)
        };
        service.allow(1);
        let first = tokio::time::timeout(Duration::from_secs(20), first).await.expect("it is woken");
        assert_eq!(first.unwrap().unwrap().text(), "answer 0");
        drop(second);
    }
}

#[tokio::test]
async fn the_last_caller_that_leaves_ends_the_call() {
    let (service, driver) = gated();
    let mut calls: Vec<_> = (0..3).map(|_| driver.generate(ask("Hi"))).collect();
    for call in &mut calls {
        assert!(call.now_or_never().is_none());
    }
    assert_eq!((service.calls(), service.open()), (1, 1));
    drop(calls);
    assert_eq!(service.open(), 0);
    service.allow(1);
    assert_eq!(driver.generate(ask("Hi")).await.unwrap().text(), "answer 1");
}

#[tokio::test]
async fn an_error_goes_to_all_callers_and_the_next_call_is_sent() {
    let service = Service::new(|number| match number {
        0 => Err(interrupted("half")),
        _ => Ok(crate::common::answer("whole")),
    })
    .gated();
    let driver = service.clone().with_cache(Cache::memory());
    let mut calls = join_all((0..3).map(|_| driver.generate(ask("Hi"))));
    assert!((&mut calls).now_or_never().is_none());
    service.allow(2);
    for result in calls.await {
        assert_eq!(result.unwrap_err().partial().unwrap().text(), "half");
    }
    assert_eq!(driver.generate(ask("Hi")).await.unwrap().text(), "whole");
    assert_eq!(service.calls(), 2);
}

#[tokio::test]
async fn a_late_joiner_of_a_stream_gets_all_chunks() {
    let (service, driver) = gated();
    service.allow(3);
    let mut first = driver.generate_stream(ask("Hi")).await.unwrap();
    let mut seen = String::new();
    for _ in 0..3 {
        seen.push_str(first.next().await.unwrap().unwrap().text());
    }
    assert_eq!(seen, "ans");
    assert!(first.next().now_or_never().is_none());

    let mut second = driver.generate_stream(ask("Hi")).await.unwrap();
    for letter in ["a", "n", "s"] {
        assert_eq!(second.next().now_or_never().unwrap().unwrap().unwrap().text(), letter);
    }
    service.allow(100);
    let (one, two) = tokio::join!(read(first), read(second));
    assert_eq!(service.calls(), 1);
    let texts = |chunks: &[botticelli_core::StreamChunk]| -> Vec<String> {
        chunks.iter().map(|chunk| chunk.text().to_owned()).collect()
    };
    assert_eq!(texts(&one), texts(&two));
    let cached = [&one, &two].map(|chunks| chunks.last().unwrap().response().unwrap().is_cached());
    assert_eq!(cached.iter().filter(|is_cached| **is_cached).count(), 1, "one of them pays");
}

#[tokio::test]
async fn a_late_joiner_gets_chunks_of_all_kinds() {
    let call = ToolCall::new("1", "weather", "{}");
    let response = GenerateResponse::builder()
        .outputs(vec![
            Output::Reasoning("hm\u{1f600}".into()),
            Output::Text("so \u{e9}".into()),
            Output::ToolCall(call),
        ])
        .alternatives(vec![Choice::new(1, vec![Output::Text("other".into())], FinishReason::Stop)])
        .finish_reason(FinishReason::ToolCalls)
        .build()
        .unwrap();
    let service = Service::new(move |_| Ok(response.clone())).gated();
    let driver = service.clone().with_cache(Cache::memory());
    service.allow(4);
    let mut first = driver.generate_stream(ask("Hi")).await.unwrap();
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(first.next().await.unwrap().unwrap());
    }
    let second = driver.generate_stream(ask("Hi")).await.unwrap();
    service.allow(1);
    let (rest, joined) = tokio::join!(read(first), read(second));
    assert_eq!(joined[..4], seen[..]);
    assert_eq!((rest.len(), joined.len()), (1, 5));
    assert_eq!(joined[3].choice(), 1);
}

#[tokio::test]
async fn a_stream_goes_on_without_the_caller_that_began_it() {
    let (service, driver) = gated();
    service.allow(2);
    let mut first = driver.generate_stream(ask("Hi")).await.unwrap();
    first.next().await.unwrap().unwrap();
    let second = driver.generate_stream(ask("Hi")).await.unwrap();
    // One joiner is polled no more, and one is dropped.
    let idle = driver.generate_stream(ask("Hi")).await.unwrap();
    drop(first);
    assert_eq!(service.open(), 1);
    service.allow(100);
    let (response, chunks) = fold(second).await;
    assert_eq!((chunks.concat().as_str(), response.cost()), ("answer 0", Cost::priced(7)));
    assert_eq!(fold(idle).await.1, chunks);
    assert_eq!((service.calls(), service.open()), (1, 0));
}

#[tokio::test]
async fn an_error_of_a_stream_goes_to_all_callers() {
    let service = Service::new(|_| Err(interrupted("half"))).gated();
    let driver = service.clone().with_cache(Cache::memory());
    service.allow(1);
    let first = driver.generate_stream(ask("Hi")).await.unwrap();
    let second = driver.generate_stream(ask("Hi")).await.unwrap();
    service.allow(100);
    for stream in [first, second] {
        let items: Vec<_> = stream.collect().await;
        assert_eq!(items.len(), 5);
        assert_eq!(items[4].as_ref().unwrap_err().partial().unwrap().text(), "half");
    }
    assert_eq!(service.calls(), 1);
}

#[tokio::test]
async fn an_error_before_a_stream_is_an_error_of_each_call() {
    let refusal = || botticelli_error::BuilderError::missing("Test", "nothing", "do nothing").into();
    let service = Service::new(move |_| Err(refusal())).gated();
    let driver = service.clone().with_cache(Cache::memory());
    let mut calls = join_all((0..2).map(|_| driver.generate_stream(ask("Hi"))));
    assert!((&mut calls).now_or_never().is_none());
    service.allow(2);
    for result in calls.await {
        assert!(result.is_err());
    }
    assert_eq!(service.calls(), 1);
}

#[tokio::test]
async fn calls_with_other_timeouts_are_sent_on_their_own() {
    let (service, driver) = gated();
    let hurried = || ask("Hi").with_timeouts(Timeouts::default().with_total(Duration::from_secs(1)));
    let mut calls = join_all([ask("Hi"), hurried(), ask("Hi")].map(|request| driver.generate(request)));
    assert!((&mut calls).now_or_never().is_none());
    assert_eq!(service.calls(), 2);
    service.allow(2);
    calls.await.into_iter().for_each(|result| drop(result.unwrap()));
}

#[test]
fn calls_on_two_runtimes_do_not_share() {
    let (service, driver) = gated();
    let runtime = || tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (one, two) = (runtime(), runtime());
    let mut first = driver.generate(ask("Hi"));
    one.block_on(async { assert!((&mut first).now_or_never().is_none()) });
    service.allow(2);
    // The runtime of the first call does not run.
    let second = two.block_on(driver.generate(ask("Hi"))).unwrap();
    assert_eq!((second.text().as_ref(), service.calls()), ("answer 1", 2));
}
