//! Hits, times to live, and sizes.

use crate::common::{Service, answer, ask, fold};
use botticelli_core::{CompletionRequest, Cost, GenerateRequest};
#[cfg(target_os = "linux")]
use botticelli_core::{FinishReason, GenerateResponse, Output, ToolCall};
use botticelli_interface::{BotticelliDriver, CompletionDriver, ManualClock};
use botticelli_layers::LayerExt;
use botticelli_layers::cache::{Cache, CacheMode};
use std::sync::Arc;
use std::time::Duration;

#[tokio::test]
async fn the_second_of_two_equal_requests_is_not_sent() {
    let service = Service::counting();
    let driver = service.clone().with_cache(Cache::memory());
    let first = driver.generate(ask("Hi")).await.unwrap();
    assert!(!first.is_cached());
    assert_eq!(first.cost(), Cost::priced(7));

    let second = driver.generate(ask("Hi")).await.unwrap();
    assert_eq!(service.calls(), 1);
    assert!(second.is_cached());
    assert_eq!(second.cost(), Cost::reported(0));
    assert_eq!((second.text(), second.usage(), second.id()), (first.text(), first.usage(), first.id()));

    let (streamed, chunks) = fold(driver.generate_stream(ask("Hi")).await.unwrap()).await;
    assert_eq!(service.calls(), 1);
    assert_eq!(chunks.concat(), first.text());
    assert!(streamed.is_cached());
    assert!(streamed.timings().first_token().is_some());
}

#[tokio::test]
async fn a_stream_fills_the_cache_for_plain_calls() {
    let service = Service::counting();
    let driver = service.clone().with_cache(Cache::memory());
    let (first, chunks) = fold(driver.generate_stream(ask("Hi")).await.unwrap()).await;
    assert_eq!(chunks.len(), "answer 0".len());
    assert!(!first.is_cached());
    let second = driver.generate(ask("Hi")).await.unwrap();
    assert_eq!((second.text(), service.calls()), (first.text(), 1));
}

#[tokio::test]
async fn a_sum_over_hits_keeps_its_source() {
    let driver = Service::counting().with_cache(Cache::memory());
    let mut total = Cost::reported(0);
    for _ in 0..3 {
        total += driver.generate(ask("Hi")).await.unwrap().cost();
    }
    assert_eq!(total, Cost::priced(7));
}

#[tokio::test]
async fn an_entry_expires() {
    let clock = ManualClock::default();
    let service = Service::counting();
    let cache =
        Cache::memory().with_time_to_live(Duration::from_secs(60)).with_clock(Arc::new(clock.clone()));
    let driver = service.clone().with_cache(cache);
    driver.generate(ask("Hi")).await.unwrap();
    clock.advance(Duration::from_secs(59));
    assert_eq!(driver.generate(ask("Hi")).await.unwrap().text(), "answer 0");
    // The age counts from the call, not from the last use.
    clock.advance(Duration::from_secs(1));
    assert_eq!(driver.generate(ask("Hi")).await.unwrap().text(), "answer 1");
    clock.advance(Duration::from_secs(59));
    assert_eq!(driver.generate(ask("Hi")).await.unwrap().text(), "answer 1");
}

#[tokio::test]
async fn times_are_those_of_the_lookup() {
    let clock = ManualClock::default();
    let driver = Service::counting().with_cache(Cache::memory().with_clock(Arc::new(clock)));
    driver.generate(ask("Hi")).await.unwrap();
    let hit = driver.generate(ask("Hi")).await.unwrap();
    assert_eq!((hit.timings().first_token(), hit.timings().total()), (None, Some(Duration::ZERO)));
}

#[tokio::test]
async fn the_size_is_bounded_and_the_oldest_use_leaves_first() {
    let service = Service::new(|_| Ok(answer(&"x".repeat(10_000))));
    let driver = service.clone().with_cache(Cache::memory().with_max_bytes(35_000));
    for prompt in ["a", "b", "c"] {
        driver.generate(ask(prompt)).await.unwrap();
    }
    assert!(driver.generate(ask("a")).await.unwrap().is_cached());
    driver.generate(ask("d")).await.unwrap();
    for (prompt, is_cached) in [("a", true), ("c", true), ("d", true), ("b", false)] {
        assert_eq!(driver.generate(ask(prompt)).await.unwrap().is_cached(), is_cached, "{prompt}");
    }
}

/// Compares a cache with a list in the order of use, over random lookups and removals.
#[tokio::test]
async fn the_order_of_use_is_kept_through_many_changes() {
    // Texts of both forms in memory: with an allocation and without.
    let text = |number: usize| {
        format!("{number:04} {}", "x".repeat(if number.is_multiple_of(2) { 20 } else { 600 }))
    };
    let service = Service::new(move |number| Ok(answer(&text(number))));
    let most = 14_000;
    let driver = service.clone().with_cache(Cache::memory().with_max_bytes(most));
    // The prompts in the cache with their texts, the oldest use first.
    let mut expected: Vec<(String, String)> = Vec::new();
    let mut random = 7_u32;
    for step in 0..4_000 {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let random = usize::try_from(random >> 16).unwrap();
        if step % 17 == 16 {
            let (_, removed) = expected.remove(random % expected.len());
            let count = driver.cache().retain(|entry| entry.response().text() != removed).await.unwrap();
            assert_eq!(count, 1, "step {step}");
        } else {
            let prompt = format!("prompt {}", random % 30);
            let response = driver.generate(ask(&prompt)).await.unwrap();
            let place = expected.iter().position(|(known, _)| *known == prompt);
            assert_eq!(response.is_cached(), place.is_some(), "step {step}");
            let entry = place.map(|place| expected.remove(place));
            let entry = entry.unwrap_or_else(|| (prompt, response.text().into_owned()));
            assert_eq!(response.text(), entry.1, "step {step}");
            expected.push(entry);
        }
        let listed = driver.cache().entries(usize::MAX).unwrap();
        let overhead = listed[0].bytes() - u64::try_from(listed[0].response().text().len()).unwrap();
        let size = |(_, text): &(String, String)| overhead + u64::try_from(text.len()).unwrap();
        while expected.iter().map(size).sum::<u64>() > most {
            expected.remove(0);
        }
        let sorted = |mut texts: Vec<String>| {
            texts.sort();
            texts
        };
        let listed = listed.iter().map(|entry| entry.response().text().into_owned()).collect();
        let known = expected.iter().map(|(_, text)| text.clone()).collect();
        assert_eq!(sorted(listed), sorted(known), "step {step}");
    }
    assert!(service.calls() > 500, "{}", service.calls());
}

/// An entry that is written again replaces the one before, in the order of use, too.
#[tokio::test]
async fn a_refreshed_entry_counts_once_and_is_the_newest() {
    let service = Service::new(|_| Ok(answer(&"x".repeat(9_000))));
    let cache = Cache::memory().with_max_bytes(35_000);
    let driver = service.clone().with_cache(cache.clone());
    let refresh = service.clone().with_cache(cache.clone().with_mode(CacheMode::Refresh));
    for prompt in ["a", "b", "c"] {
        driver.generate(ask(prompt)).await.unwrap();
    }
    for _ in 0..10 {
        refresh.generate(ask("a")).await.unwrap();
    }
    assert_eq!(cache.entries(usize::MAX).unwrap().len(), 3);
    driver.generate(ask("d")).await.unwrap();
    let calls = service.calls();
    for prompt in ["a", "c", "d"] {
        assert!(driver.generate(ask(prompt)).await.unwrap().is_cached(), "{prompt}");
    }
    driver.generate(ask("b")).await.unwrap();
    assert_eq!(service.calls(), calls + 1);
    assert_eq!(cache.entries(usize::MAX).unwrap().len(), 3);
}

/// Memory of this process, in bytes.
#[cfg(target_os = "linux")]
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse::<u64>().unwrap() * 1_024
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn small_tool_calls_take_about_the_memory_that_counts() {
    let service = Service::new(|_| {
        let call = Output::ToolCall(ToolCall::new("id", "f", "{}"));
        GenerateResponse::builder().outputs(vec![call]).finish_reason(FinishReason::ToolCalls).build()
    });
    let most = 16 << 20;
    let driver = service.with_cache(Cache::memory().with_max_bytes(most));
    let before = memory();
    for number in 0..30_000 {
        driver.generate(ask(&number.to_string())).await.unwrap();
    }
    let taken = memory().saturating_sub(before);
    assert!(taken < most + most / 4, "{taken} bytes");
    // The listing takes memory, too.
    let entries = driver.cache().entries(usize::MAX).unwrap();
    assert!(entries.len() > 5_000, "{}", entries.len());
}

#[tokio::test]
async fn a_response_larger_than_the_cache_leaves_the_others_in_place() {
    let service = Service::new(|number| Ok(answer(&"x".repeat(if number == 1 { 50_000 } else { 10 }))));
    let driver = service.with_cache(Cache::memory().with_max_bytes(20_000));
    driver.generate(ask("small")).await.unwrap();
    driver.generate(ask("large")).await.unwrap();
    assert!(driver.generate(ask("small")).await.unwrap().is_cached());
    assert!(!driver.generate(ask("large")).await.unwrap().is_cached());
}

#[tokio::test]
async fn clones_and_drivers_share_a_cache_but_not_the_entries_of_other_models() {
    let cache = Cache::memory();
    let (small, large) = (Service::counting().named("small"), Service::counting().named("large"));
    let (one, two) = (small.clone().with_cache(cache.clone()), small.clone().with_cache(cache.clone()));
    one.generate(ask("Hi")).await.unwrap();
    assert!(two.clone().generate(ask("Hi")).await.unwrap().is_cached());
    assert!(!large.with_cache(cache).generate(ask("Hi")).await.unwrap().is_cached());
}

#[tokio::test]
async fn a_cleared_cache_is_empty() {
    let service = Service::counting();
    let driver = service.clone().with_cache(Cache::memory());
    driver.generate(ask("Hi")).await.unwrap();
    driver.cache().clear().await.unwrap();
    driver.generate(ask("Hi")).await.unwrap();
    assert_eq!(service.calls(), 2);
}

#[tokio::test]
async fn text_completions_are_cached_apart_from_chats() {
    let service = Service::counting().with_canonical("http://acme.example/");
    let driver = service.clone().with_cache(Cache::memory());
    let request = || CompletionRequest::from("Once").with_temperature(0.0);
    let first = driver.complete(request()).await.unwrap();
    let (second, _) = fold(driver.complete_stream(request()).await.unwrap()).await;
    assert_eq!((service.calls(), second.text()), (1, first.text()));
    driver.generate(ask("Once")).await.unwrap();
    assert_eq!(service.calls(), 2);
}

#[tokio::test]
async fn a_text_completion_without_any_name_is_not_cached() {
    let service = Service::counting();
    let driver = service.clone().with_cache(Cache::memory());
    for _ in 0..2 {
        driver.complete(CompletionRequest::from("Once").with_temperature(0.0)).await.unwrap();
    }
    assert_eq!(service.calls(), 2);
}

#[tokio::test]
async fn the_other_methods_are_forwarded() {
    let driver = Service::counting().with_canonical("http://acme.example/").with_cache(Cache::memory());
    let request = ask("Hi");
    assert_eq!((driver.provider_name(), driver.model_name()), ("acme", "model"));
    assert!(driver.model_info("m").await.unwrap().is_some());
    assert_eq!(driver.estimate(&request).await.unwrap().nano_dollars(), Some(5));
    assert_eq!(driver.cheaper_routes(&request, 3).await.unwrap().len(), 1);
    assert!(driver.canonical_request(&request).unwrap().is_some());
    let text = CompletionRequest::from("Once");
    assert_eq!(driver.estimate_completion(&text).await.unwrap().nano_dollars(), Some(6));
    assert!(driver.canonical_completion(&text).unwrap().is_some());
    let shared: std::sync::Arc<dyn BotticelliDriver> = std::sync::Arc::new(driver);
    assert!(shared.with_cache(Cache::memory()).generate(GenerateRequest::from("Hi")).await.is_ok());
}

/// The second cache does not know how old the response of the first one is.
#[tokio::test]
async fn a_cache_around_a_cache_does_not_make_a_response_younger() {
    let minute = Duration::from_secs(60);
    for time_to_live in [Some(minute), None] {
        let clock = Arc::new(ManualClock::default());
        let cache = || Cache::memory().with_time_to_live(time_to_live).with_clock(clock.clone());
        let outer = cache();
        let service = Service::counting();
        let driver = service.clone().with_cache(cache()).with_cache(outer.clone());
        driver.generate(ask("Hi")).await.unwrap();
        outer.clear().await.unwrap();
        clock.advance(Duration::from_secs(59));
        // The inner cache answers.
        assert!(driver.generate(ask("Hi")).await.unwrap().is_cached());
        assert_eq!(outer.entries(10).unwrap().len(), usize::from(time_to_live.is_none()));
        clock.advance(Duration::from_secs(59));
        assert_eq!(driver.generate(ask("Hi")).await.unwrap().is_cached(), time_to_live.is_none());
    }
}
