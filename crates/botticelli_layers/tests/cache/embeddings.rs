//! Embeddings in a cache: each text has its own entry.

use async_trait::async_trait;
use botticelli_core::tasks::{Embedding, EmbeddingRequest, EmbeddingResponse, TaskMetadata};
use botticelli_core::{Cost, Timeouts, Usage};
use botticelli_error::{BotticelliError, ErrorCategory, InterruptedError};
use botticelli_interface::ManualClock;
use botticelli_interface::tasks::{EmbeddingDriver, TaskDriver};
use botticelli_layers::LayerExt;
use botticelli_layers::cache::{Cache, CacheMode, Cached};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A service whose vectors depend on the length of a text. Clones share the record of the texts.
#[derive(Clone, Debug)]
struct Service {
    sent: Arc<Mutex<Vec<Vec<String>>>>,
    server: Option<&'static str>,
    model: &'static str,
    /// The embeddings that each response lacks, or has too many of.
    is_broken: bool,
}

impl Service {
    fn new() -> Self {
        Self { sent: Arc::default(), server: Some("http://a"), model: "bge", is_broken: false }
    }

    /// The texts of each call.
    fn sent(&self) -> Vec<Vec<String>> {
        self.sent.lock().unwrap().clone()
    }
}

impl TaskDriver for Service {
    fn provider_name(&self) -> &'static str {
        "service"
    }

    fn model_name(&self) -> &str {
        self.model
    }

    fn canonical_server(&self) -> Option<Vec<u8>> {
        self.server.map(|server| server.as_bytes().to_vec())
    }
}

#[async_trait]
impl EmbeddingDriver for Service {
    async fn embed(&self, request: EmbeddingRequest) -> Result<EmbeddingResponse, BotticelliError> {
        self.sent.lock().unwrap().push(request.inputs().to_vec());
        if request.inputs().iter().any(|text| text == "fail") {
            return Err(InterruptedError::new("the service").into());
        }
        let mut embeddings: Vec<_> = request.inputs().iter().map(|text| vector(text)).collect();
        if self.is_broken {
            embeddings.pop();
        }
        let count = u64::try_from(request.inputs().len()).unwrap();
        let usage = Usage::new(Some(count), None, Some(count));
        let metadata = TaskMetadata::default().with_model(Some("bge-served".to_owned()));
        Ok(EmbeddingResponse::new(embeddings)
            .with_metadata(metadata.with_usage(Some(usage), Cost::reported(7))))
    }
}

fn vector(text: &str) -> Embedding {
    match text {
        "tokens" => Embedding::Tokens(vec![vec![0.1, 0.2], vec![-3.5e-7, 1.0]]),
        "infinite" => Embedding::Text(vec![f32::INFINITY]),
        text => Embedding::Text(vec![f32::from(u16::try_from(text.len()).unwrap()), 0.1, -1.0e-30]),
    }
}

async fn embed(driver: &Cached<Service>, texts: &[&str]) -> EmbeddingResponse {
    let response = driver.embed(EmbeddingRequest::new(texts.iter().copied())).await.unwrap();
    let expected: Vec<_> = texts.iter().map(|text| vector(text)).collect();
    assert_eq!(response.embeddings(), expected, "{texts:?}");
    response
}

#[tokio::test]
async fn only_texts_without_an_entry_are_sent_and_the_order_is_kept() {
    let service = Service::new();
    let driver = service.clone().with_cache(Cache::memory());
    let first = embed(&driver, &["a", "bb"]).await;
    assert_eq!((first.metadata().cached_inputs(), first.cost()), (0, Cost::reported(7)));
    let second = embed(&driver, &["ccc", "bb", "a", "dddd", "ccc"]).await;
    assert_eq!(service.sent(), [vec!["a", "bb"], vec!["ccc", "dddd"]]);
    assert_eq!(second.metadata().cached_inputs(), 2);
    // What is billed is what was sent.
    assert_eq!(second.usage().unwrap().prompt_tokens(), Some(2));
    let third = embed(&driver, &["dddd", "tokens"]).await;
    let fourth = embed(&driver, &["dddd", "tokens", "dddd"]).await;
    assert_eq!(third.metadata().cached_inputs(), 1);
    assert_eq!(service.sent().len(), 3);
    assert_eq!(
        (fourth.metadata().cached_inputs(), fourth.cost(), fourth.usage()),
        (3, Cost::reported(0), None)
    );
    assert_eq!((fourth.model(), fourth.metadata().requested_model()), (Some("bge-served"), Some("bge")));
}

#[tokio::test]
async fn another_server_model_or_setting_has_other_entries() {
    let cache = Cache::memory();
    let first = Service::new();
    embed(&first.clone().with_cache(cache.clone()), &["a"]).await;
    for other in [
        Service { server: Some("http://b"), ..Service::new() },
        Service { model: "other", ..Service::new() },
        Service { server: None, ..Service::new() },
    ] {
        embed(&other.clone().with_cache(cache.clone()), &["a"]).await;
        assert_eq!(other.sent().len(), 1, "{other:?}");
        embed(&other.clone().with_cache(cache.clone()), &["a"]).await;
        assert_eq!(other.sent().len(), 1, "{other:?}");
    }
    assert!(cache.entries(10).unwrap().iter().all(|entry| entry.kind() == Some("embedding")));
    let driver = first.clone().with_cache(cache);
    let base = EmbeddingRequest::from("a");
    for (request, calls) in [
        (base.clone(), 1),
        (base.clone().with_model("bge"), 1),
        (base.clone().with_timeouts(Timeouts::default()), 1),
        (base.clone().with_model("large"), 2),
        (base.clone().with_normalize(true), 3),
        (base.clone().with_dimensions(2), 4),
        (base.clone().with_prompt_name("query"), 5),
        (base.with_prompt_name("query"), 5),
    ] {
        driver.embed(request.clone()).await.unwrap();
        assert_eq!(first.sent().len(), calls, "{request:?}");
    }
}

#[tokio::test]
async fn a_failed_call_keeps_nothing_and_an_invalid_one_is_not_sent() {
    let service = Service::new();
    let driver = service.clone().with_cache(Cache::memory());
    for _ in 0..2 {
        let error = driver.embed(["a", "fail"].into()).await.unwrap_err();
        assert_eq!(error.category(), ErrorCategory::Interrupted);
    }
    assert_eq!(service.sent(), [vec!["a", "fail"], vec!["a", "fail"]]);
    driver.embed(EmbeddingRequest::new(Vec::<String>::new())).await.unwrap_err();
    assert_eq!(service.sent().len(), 2);
    let broken = Service { is_broken: true, ..Service::new() };
    let error = broken.with_cache(Cache::memory()).embed(["a", "b"].into()).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::InvalidResponse);
    assert!(error.to_string().contains("1 embeddings for 2 texts"), "{error}");
}

#[tokio::test]
async fn a_vector_that_json_changes_is_not_kept() {
    let service = Service::new();
    let driver = service.clone().with_cache(Cache::memory());
    embed(&driver, &["infinite"]).await;
    embed(&driver, &["infinite"]).await;
    assert_eq!(service.sent().len(), 2);
}

#[tokio::test]
async fn the_settings_of_the_cache_apply() {
    let clock = ManualClock::default();
    let cache = Cache::memory().with_clock(Arc::new(clock.clone()));
    let cache = cache.with_time_to_live(Duration::from_secs(60));
    let service = Service::new();
    let driver = service.clone().with_cache(cache.clone());
    embed(&driver, &["a"]).await;
    clock.advance(Duration::from_secs(59));
    embed(&driver, &["a"]).await;
    assert_eq!(service.sent().len(), 1);
    clock.advance(Duration::from_secs(1));
    embed(&driver, &["a"]).await;
    assert_eq!(service.sent().len(), 2);
    cache.clear().await.unwrap();
    embed(&driver, &["a"]).await;
    assert_eq!(service.sent().len(), 3);
    let useless = service.clone().with_cache(Cache::memory().with_max_bytes(0));
    useless.embed("a".into()).await.unwrap_err();
    assert_eq!(service.sent().len(), 3);
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn embeddings_in_a_file_survive_the_process_bit_by_bit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache.sqlite");
    let service = Service::new();
    embed(&service.clone().with_cache(Cache::file(&path).unwrap()), &["a", "tokens"]).await;
    embed(&service.clone().with_cache(Cache::file(&path).unwrap()), &["tokens", "a"]).await;
    assert_eq!(service.sent().len(), 1);
}

#[tokio::test]
async fn a_mode_applies_to_texts() {
    let (service, cache) = (Service::new(), Cache::memory());
    embed(&service.clone().with_cache(cache.clone()), &["a", "bb"]).await;
    let only = service.clone().with_cache(cache.clone().with_mode(CacheMode::Only));
    assert_eq!(embed(&only, &["bb", "a"]).await.metadata().cached_inputs(), 2);
    let error = only.embed(EmbeddingRequest::new(["a", "ccc"])).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Store);
    assert_eq!(service.sent().len(), 1);
    embed(&service.clone().with_cache(cache.with_mode(CacheMode::Refresh)), &["a", "ccc"]).await;
    assert_eq!(service.sent(), [vec!["a", "bb"], vec!["a", "ccc"]]);
}
