//! The list of entries, and the removal of some of them.

use crate::common::{Service, ask};
use botticelli_core::Cost;
use botticelli_interface::{BotticelliDriver, ManualClock};
use botticelli_layers::LayerExt;
use botticelli_layers::cache::{Cache, CacheEntry};
use std::sync::Arc;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);

fn texts(cache: &Cache, limit: usize) -> Vec<String> {
    cache.entries(limit).unwrap().iter().map(|entry| entry.response().text().into_owned()).collect()
}

/// Fills a cache with three responses, an hour apart, and checks its list.
async fn check(cache: Cache) {
    let clock = Arc::new(ManualClock::default());
    let cache = cache.with_clock(clock.clone()).with_time_to_live(HOUR * 3);
    assert!(cache.entries(10).unwrap().is_empty());
    let driver = Service::counting().with_cache(cache.clone());
    for prompt in ["a", "b", "c"] {
        driver.generate(ask(prompt)).await.unwrap();
        clock.advance(HOUR);
    }
    // The first one has expired.
    assert_eq!(texts(&cache, 10), ["answer 2", "answer 1"]);
    assert_eq!(texts(&cache, 1), ["answer 2"]);
    let entry: CacheEntry = cache.entries(1).unwrap().remove(0);
    assert_eq!(entry.response().cost(), Cost::priced(7), "what each use saves");
    assert_eq!(entry.kind(), Some("chat"));
    assert!(entry.bytes() > 100);
    let age = botticelli_interface::Clock::wall_time(&*clock).duration_since(entry.stored_at()).unwrap();
    assert_eq!(age, HOUR);
    // A hit costs nothing all the same.
    let hit = driver.generate(ask("c")).await.unwrap();
    assert_eq!((hit.cost(), hit.is_cached()), (Cost::reported(0), true));
    let removed = cache.retain(|entry| entry.response().text() != "answer 2").await.unwrap();
    assert_eq!((removed, texts(&cache, 10)), (1, vec!["answer 1".to_owned()]));
}

#[tokio::test]
async fn a_cache_in_memory_lists_its_entries() {
    check(Cache::memory()).await;
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn a_cache_in_a_file_lists_its_entries() {
    let folder = tempfile::tempdir().unwrap();
    check(Cache::file(folder.path().join("cache.sqlite")).unwrap()).await;
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn a_damaged_entry_is_not_listed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache.sqlite");
    let cache = Cache::file(&path).unwrap();
    let driver = Service::counting().with_cache(cache.clone());
    driver.generate(ask("a")).await.unwrap();
    driver.generate(ask("b")).await.unwrap();
    let change = "UPDATE entries SET response = '{}' WHERE rowid = 1";
    rusqlite::Connection::open(&path).unwrap().execute_batch(change).unwrap();
    assert_eq!(texts(&cache, 10), ["answer 1"]);
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn entries_of_an_older_version_have_no_kind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache.sqlite");
    let driver = Service::counting().with_cache(Cache::file(&path).unwrap());
    driver.generate(ask("a")).await.unwrap();
    drop(driver);
    let older = "DROP TRIGGER kind_removed; DROP TABLE kinds";
    rusqlite::Connection::open(&path).unwrap().execute_batch(older).unwrap();
    let cache = Cache::file(&path).unwrap();
    let driver = Service::counting().with_cache(cache.clone());
    assert!(driver.generate(ask("a")).await.unwrap().is_cached());
    driver.generate(ask("b")).await.unwrap();
    let kinds = || {
        let entries = cache.entries(10).unwrap();
        entries.iter().map(|entry| entry.kind().map(str::to_owned)).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(kinds(), [None, Some("chat".to_owned())].into());
    assert_eq!(cache.retain(|entry| entry.kind().is_none()).await.unwrap(), 1);
    assert_eq!(kinds(), [None].into());
}

#[cfg(feature = "redis")]
#[test]
fn a_server_does_not_list_its_entries() {
    let error = Cache::redis("redis://127.0.0.1:1").unwrap().entries(1).unwrap_err();
    assert!(error.to_string().contains("tools of the server"), "{error}");
}
