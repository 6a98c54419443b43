//! The modes of a cache: only its responses, or always new ones.

use crate::common::{Service, answer, ask, ended, fold, read};
use botticelli_core::{FinishReason, GenerateRequest, GenerateResponse};
use botticelli_error::{BotticelliError, BotticelliErrorKind, ErrorCategory, StoreErrorKind};
use botticelli_interface::{BotticelliDriver, ManualClock};
use botticelli_layers::LayerExt;
use botticelli_layers::cache::{Cache, CacheMode};
use std::sync::Arc;
use std::time::Duration;

/// Returns whether an error says that the cache has no response.
fn is_missing(error: &BotticelliError) -> bool {
    let BotticelliErrorKind::Store(store) = error.kind() else { return false };
    *store.kind() == StoreErrorKind::NoResponse && error.category() == ErrorCategory::Store
}

#[test]
fn the_default_reads_and_sends() {
    assert_eq!(Cache::memory().mode(), CacheMode::On);
    assert_eq!(Cache::memory().with_mode(CacheMode::Only).mode(), CacheMode::Only);
}

#[tokio::test]
async fn only_sends_nothing() {
    let (service, cache) = (Service::counting(), Cache::memory());
    service.clone().with_cache(cache.clone()).generate(ask("known")).await.unwrap();
    let only = service.clone().with_cache(cache.with_mode(CacheMode::Only));
    let known = only.generate(ask("known")).await.unwrap();
    assert_eq!((&*known.text(), known.is_cached()), ("answer 0", true));
    let (streamed, chunks) = fold(only.generate_stream(ask("known")).await.unwrap()).await;
    assert!(streamed.is_cached() && chunks == ["answer 0"], "{chunks:?}");
    assert!(is_missing(&only.generate(ask("unknown")).await.unwrap_err()));
    assert!(is_missing(&only.generate_stream(ask("unknown")).await.err().unwrap()));
    assert_eq!(service.calls(), 1);
}

#[tokio::test]
async fn only_refuses_a_request_that_is_never_stored() {
    let service = Service::counting();
    let only = service.clone().with_cache(Cache::memory().with_mode(CacheMode::Only));
    let sampled = GenerateRequest::from("Hi").with_temperature(0.7);
    let error = only.generate(sampled.clone()).await.unwrap_err();
    assert!(is_missing(&error) && error.to_string().contains("`sampled = true`"), "{error}");
    assert!(is_missing(&only.generate_stream(sampled).await.err().unwrap()));
    assert_eq!(service.calls(), 0);
}

#[tokio::test]
async fn only_refuses_an_expired_entry() {
    let clock = Arc::new(ManualClock::default());
    let hour = Duration::from_secs(3600);
    let cache = Cache::memory().with_time_to_live(hour).with_clock(clock.clone());
    let service = Service::counting();
    service.clone().with_cache(cache.clone()).generate(ask("Hi")).await.unwrap();
    let only = service.clone().with_cache(cache.with_mode(CacheMode::Only));
    only.generate(ask("Hi")).await.unwrap();
    clock.advance(hour);
    assert!(is_missing(&only.generate(ask("Hi")).await.unwrap_err()));
    assert_eq!(service.calls(), 1);
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn only_reports_a_cache_that_fails() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache.sqlite");
    drop(Cache::file(&path).unwrap());
    rusqlite::Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 9").unwrap();
    let service = Service::counting();
    let only = service.clone().with_cache(Cache::file(&path).unwrap().with_mode(CacheMode::Only));
    let error = only.generate(ask("Hi")).await.unwrap_err();
    assert!(error.to_string().contains("newer version"), "{error}");
    assert_eq!(service.calls(), 0);
}

#[tokio::test]
async fn refresh_sends_every_request_and_replaces_its_entry() {
    let (service, cache) = (Service::counting(), Cache::memory());
    let on = service.clone().with_cache(cache.clone());
    let refresh = service.clone().with_cache(cache.with_mode(CacheMode::Refresh));
    assert_eq!(on.generate(ask("Hi")).await.unwrap().text(), "answer 0");
    let fresh = refresh.generate(ask("Hi")).await.unwrap();
    assert_eq!((&*fresh.text(), fresh.is_cached()), ("answer 1", false));
    assert_eq!(on.generate(ask("Hi")).await.unwrap().text(), "answer 1");
    read(refresh.generate_stream(ask("Hi")).await.unwrap()).await;
    assert_eq!(on.generate(ask("Hi")).await.unwrap().text(), "answer 2");
    assert_eq!(service.calls(), 3);
}

#[tokio::test]
async fn a_refresh_that_cannot_be_stored_keeps_the_entry() {
    let replies = |number| match number {
        0 => Ok(answer("good")),
        _ => Ok(ended("cut", FinishReason::ContentFilter)),
    };
    let (service, cache) = (Service::new(replies), Cache::memory());
    let on = service.clone().with_cache(cache.clone());
    on.generate(ask("Hi")).await.unwrap();
    let refresh = service.clone().with_cache(cache.with_mode(CacheMode::Refresh));
    assert_eq!(refresh.generate(ask("Hi")).await.unwrap().text(), "cut");
    assert_eq!(on.generate(ask("Hi")).await.unwrap().text(), "good");
}

#[tokio::test]
async fn a_request_can_skip_the_cache_and_leaves_nothing_in_it() {
    let (service, cache) = (Service::counting(), Cache::memory());
    let cached = service.clone().with_cache(cache.clone());
    let text = |response: GenerateResponse| (response.text().into_owned(), response.is_cached());
    let fresh = || ask("known").with_skips_cache(true);
    assert!(fresh().skips_cache() && !ask("known").skips_cache());
    assert_eq!(text(cached.generate(fresh()).await.unwrap()), ("answer 0".to_owned(), false));
    // It left nothing, and does not read what others leave.
    assert_eq!(text(cached.generate(ask("known")).await.unwrap()), ("answer 1".to_owned(), false));
    assert_eq!(text(cached.generate(fresh()).await.unwrap()), ("answer 2".to_owned(), false));
    let (streamed, _) = fold(cached.generate_stream(fresh()).await.unwrap()).await;
    assert_eq!(text(streamed), ("answer 3".to_owned(), false));
    assert_eq!(text(cached.generate(ask("known")).await.unwrap()), ("answer 1".to_owned(), true));
    // The mode `only` never sends.
    let only = service.clone().with_cache(cache.with_mode(CacheMode::Only));
    assert_eq!(text(only.generate(fresh()).await.unwrap()), ("answer 1".to_owned(), true));
    assert_eq!(service.calls(), 4);
}
