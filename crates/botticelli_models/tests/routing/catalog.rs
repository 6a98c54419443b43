//! The catalog: read, searched, cached in memory and in a file.

use crate::common::catalog::{MODELS, list, service, settings, stored_catalog};
use crate::common::service::always;
use crate::common::settings as at_sandbox;
use botticelli_core::{ModelFilter, ModelMatch, Price, RetryConfig, SearchOrder};
use botticelli_error::ErrorCategory;
use botticelli_interface::{BotticelliDriver, ManualClock};
use botticelli_models::Environment;
use botticelli_models::huggingface::{Catalog, HuggingFaceDriver};
use futures::FutureExt;
use futures::future::join_all;
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

fn routes(offers: &[ModelMatch]) -> Vec<String> {
    offers.iter().map(ModelMatch::route).collect()
}

#[tokio::test]
async fn every_catalog_field_is_read_and_missing_fields_are_unknown() {
    let service = service().await;
    let models = settings(&service).build().unwrap().catalog().models().await.unwrap();
    assert_eq!(
        models.iter().map(|model| &*model.id).collect::<Vec<_>>(),
        ["deepseek-ai/DeepSeek-V4-Pro", "Qwen/Qwen-VL", "llama3:8b"]
    );
    let [novita, fireworks, featherless, deepinfra] = models[0].providers.as_slice() else {
        panic!("{models:?}")
    };
    assert_eq!(novita.context_length, Some(1_048_576));
    assert_eq!(novita.price, Price::from_usd_per_million(1.69, 3.38));
    assert_eq!(novita.first_token_latency_ms, Some(1490));
    assert_eq!(novita.throughput.unwrap().to_string(), "24.691 tokens/s");
    assert_eq!(novita.is_model_author, Some(false));
    assert_eq!((novita.supports_tools, novita.supports_structured_output), (Some(true), Some(false)));
    assert_eq!(fireworks.first_token_latency_ms, Some(588));
    assert_eq!(fireworks.price, None);
    assert_eq!(featherless.is_model_author, Some(true));
    assert_eq!(
        (featherless.supports_tools, featherless.throughput, featherless.context_length),
        (None, None, None)
    );
    assert_eq!(deepinfra.status.as_deref(), Some("error"));
    assert_eq!(models[1].providers[1].price, Some(Price::default()));
    assert_eq!(models[1].input_modalities, ["text", "image"]);
}

#[tokio::test]
async fn the_time_of_the_server_is_known_after_a_fetch() {
    let sunday = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
    for (date, expected) in [("Sun, 06 Nov 1994 08:49:37 GMT", Some(sunday)), ("yesterday", None)] {
        let body = list().to_string();
        let length = body.len();
        let head = format!("HTTP/1.1 200 OK\r\ndate: {date}\r\ncontent-type: application/json");
        let origin = always(format!("{head}\r\ncontent-length: {length}\r\n\r\n{body}")).await;
        let builder = HuggingFaceDriver::builder("org/model").base_url(origin);
        let catalog = builder.environment(Environment::empty()).build().unwrap().catalog();
        assert_eq!(catalog.server_date(), None);
        catalog.models().await.unwrap();
        assert_eq!(catalog.server_date(), expected, "{date}");
    }
}

#[tokio::test]
async fn a_search_filters_by_requirements() {
    let service = service().await;
    let catalog = settings(&service).build().unwrap().catalog();
    let (ds, vl) = ("deepseek-ai/DeepSeek-V4-Pro", "Qwen/Qwen-VL");
    let mut limit = Price::default();
    (limit.prompt, limit.completion) = (300_000_000, u64::MAX);
    let cases = [
        // The lowest price first, providers without a price last, and only live providers.
        (
            ModelFilter::new(),
            vec![
                (vl, "nscale"),
                (vl, "together"),
                (ds, "novita"),
                (ds, "fireworks-ai"),
                (ds, "featherless-ai"),
            ],
        ),
        (ModelFilter::new().with_tools(), vec![(vl, "nscale"), (ds, "novita"), (ds, "fireworks-ai")]),
        (ModelFilter::new().with_schema(), vec![(ds, "fireworks-ai")]),
        (ModelFilter::new().with_images(), vec![(vl, "nscale"), (vl, "together")]),
        (ModelFilter::new().with_images().with_tools(), vec![(vl, "nscale")]),
        (
            ModelFilter::new().with_context_length(32_768),
            vec![(vl, "together"), (ds, "novita"), (ds, "fireworks-ai")],
        ),
        (ModelFilter::new().with_max_price(limit), vec![(vl, "nscale"), (vl, "together")]),
        (ModelFilter::new().with_provider("novita"), vec![(ds, "novita")]),
        (ModelFilter::new().with_status("error"), vec![(ds, "deepinfra")]),
        (
            ModelFilter::new().with_any_status().with_max_price(limit),
            vec![(vl, "nscale"), (ds, "deepinfra"), (vl, "together")],
        ),
        (ModelFilter::new().with_text("deepSEEK").with_schema(), vec![(ds, "fireworks-ai")]),
        // Providers with unknown abilities come last, and only on request.
        (
            ModelFilter::new().with_schema().with_unknown(),
            vec![(ds, "fireworks-ai"), (vl, "nscale"), (vl, "together"), (ds, "featherless-ai")],
        ),
        (
            ModelFilter::new().with_order(SearchOrder::Throughput).with_tools(),
            vec![(ds, "fireworks-ai"), (ds, "novita"), (vl, "nscale")],
        ),
        (
            ModelFilter::new().with_order(SearchOrder::FirstToken).with_tools(),
            vec![(ds, "fireworks-ai"), (ds, "novita"), (vl, "nscale")],
        ),
        (
            ModelFilter::new().with_order(SearchOrder::ContextLength).with_images(),
            vec![(vl, "together"), (vl, "nscale")],
        ),
        (
            ModelFilter::new().with_order(SearchOrder::Listed).with_images(),
            vec![(vl, "together"), (vl, "nscale")],
        ),
    ];
    for (need, expected) in cases {
        let expected: Vec<_> =
            expected.iter().map(|(model, provider)| format!("{model}:{provider}")).collect();
        assert_eq!(routes(&catalog.search(&need).await.unwrap()), expected, "{need:?}");
    }
    assert_eq!(service.lines(), ["GET /v1/models"]);
}

#[tokio::test]
async fn the_catalog_is_fetched_once_for_waiting_calls_and_again_when_old() {
    let service = service().await;
    let clock = ManualClock::default();
    let driver = settings(&service).clock(Arc::new(clock.clone())).build().unwrap();
    assert_eq!(driver.catalog().age(), None);
    assert_eq!(service.lines(), Vec::<String>::new(), "a cached value needs no request");
    // Clones of the driver share it.
    let catalogs: Vec<_> = (0..8).map(|_| driver.clone().catalog()).collect();
    for models in join_all(catalogs.iter().map(Catalog::models)).await {
        assert_eq!(models.unwrap().len(), MODELS);
    }
    assert_eq!(service.lines().len(), 1);
    clock.advance(Duration::from_secs(299));
    assert_eq!(driver.catalog().age(), Some(Duration::from_secs(299)));
    driver.catalog().models().await.unwrap();
    assert_eq!(service.lines().len(), 1);
    clock.advance(Duration::from_secs(1));
    driver.catalog().models().await.unwrap();
    assert_eq!(service.lines().len(), 2);
    assert_eq!(driver.catalog().age(), Some(Duration::ZERO));
    driver.catalog().refresh().await.unwrap();
    assert_eq!(service.lines().len(), 3);
    assert_eq!(driver.catalog().warning(), None);
}

#[tokio::test]
async fn a_dropped_waiting_call_does_not_stop_the_others() {
    let service = service().await;
    let driver = settings(&service).build().unwrap();
    let catalog = driver.catalog();
    // The call that started the fetch is dropped before the response arrives.
    let (mut first, mut second) = (Box::pin(catalog.models()), Box::pin(catalog.models()));
    assert!((&mut first).now_or_never().is_none() && (&mut second).now_or_never().is_none());
    drop(first);
    assert_eq!(second.await.unwrap().len(), MODELS);
    assert_eq!(service.lines().len(), 1);
    // If all waiting calls are dropped, the next call starts another fetch.
    let mut gone = Box::pin(catalog.refresh());
    assert!((&mut gone).now_or_never().is_none());
    drop(gone);
    assert_eq!(catalog.refresh().await.unwrap().len(), MODELS);
}

#[tokio::test]
async fn one_model_is_read_from_the_cache_or_requested_alone() {
    let service = service().await;
    let clock = ManualClock::default();
    let driver = settings(&service).clock(Arc::new(clock.clone())).build().unwrap();
    let single = json!({"id": "Qwen/Qwen-VL", "providers": [{"provider": "alone"}]});
    service.on("GET /v1/models/Qwen/Qwen-VL", 200, single);
    let info = driver.model_info("Qwen/Qwen-VL:cheapest").await.unwrap().unwrap();
    assert_eq!(info.providers[0].name, "alone");
    let cached_model = driver.catalog().model("Qwen/Qwen-VL:groq").await.unwrap().unwrap();
    assert_eq!(cached_model.providers.len(), 2);
    assert_eq!(driver.catalog().model("example/nothing").await.unwrap(), None);
    assert_eq!(driver.catalog().model("llama3:8b").await.unwrap().unwrap().id, "llama3:8b");
    let info = driver.model_info("Qwen/Qwen-VL:cheapest").await.unwrap().unwrap();
    assert_eq!(info.providers.len(), 2);
    assert_eq!(service.lines(), ["GET /v1/models/Qwen/Qwen-VL", "GET /v1/models"]);
    // An outdated catalog is not used, and an unlisted model may have been added.
    clock.advance(Duration::from_secs(301));
    assert_eq!(driver.model_info("Qwen/Qwen-VL").await.unwrap().unwrap().providers[0].name, "alone");
    driver.catalog().models().await.unwrap();
    service.on("GET /v1/models/org/new", 200, json!({"id": "org/new"}));
    assert_eq!(driver.model_info("org/new").await.unwrap().unwrap().id, "org/new");
}

#[tokio::test]
async fn a_failed_fetch_uses_the_old_catalog_or_is_an_error() {
    let service = service().await;
    let clock = ManualClock::default();
    let driver = settings(&service).clock(Arc::new(clock.clone())).build().unwrap();
    let catalog = driver.catalog();
    service.on("GET /v1/models", 500, json!({"error": "x"}));
    for models in join_all([catalog.models(), catalog.models()]).await {
        assert_eq!(models.unwrap_err().category(), ErrorCategory::Server);
    }
    assert_eq!(service.lines().len(), 1, "all waiting calls receive the failure");
    service.on("GET /v1/models", 200, list());
    catalog.models().await.unwrap();
    clock.advance(Duration::from_secs(7_200));
    service.on("GET /v1/models", 500, json!({"error": "x"}));
    assert_eq!(catalog.models().await.unwrap().len(), MODELS);
    assert!(catalog.warning().unwrap().contains("is 2 h old"), "{:?}", catalog.warning());
    assert_eq!(catalog.age(), Some(Duration::from_secs(7_200)));
    // Not every call finds out for itself.
    let before = service.lines().len();
    catalog.models().await.unwrap();
    assert_eq!(service.lines().len(), before);
    // `refresh` reports that the fetch failed.
    assert_eq!(catalog.refresh().await.unwrap_err().category(), ErrorCategory::Server);
    clock.advance(Duration::from_secs(61));
    service.on("GET /v1/models", 200, list());
    catalog.models().await.unwrap();
    assert_eq!((catalog.age(), catalog.warning()), (Some(Duration::ZERO), None));
}

#[tokio::test]
async fn an_unavailable_router_is_not_treated_as_a_loading_model() {
    let service = service().await;
    let clock = ManualClock::default();
    let driver =
        settings(&service).clock(Arc::new(clock.clone())).retry(RetryConfig::default()).build().unwrap();
    service.on("GET /v1/models", 503, json!({"error": "Service Unavailable", "estimated_time": 20.0}));
    let catalog = driver.catalog();
    let wind = async {
        loop {
            tokio::time::sleep(Duration::from_millis(1)).await;
            clock.advance(Duration::from_millis(500));
        }
    };
    let ended = futures::future::select(Box::pin(catalog.models()), Box::pin(wind)).await;
    let futures::future::Either::Left((models, _)) = ended;
    assert!(models.is_err());
    assert!(clock.passed() < Duration::from_secs(15), "{:?}", clock.passed());
}

#[tokio::test]
async fn a_secret_in_an_address_is_never_shown() {
    let service = service().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.json");
    service.on("GET /hf_secret/v1/models", 200, list());
    let address = format!("{}/hf_secret/v1?key=hf_secret", service.origin());
    let driver = settings(&service).base_url(address).catalog_file(&path).build().unwrap();
    driver.catalog().models().await.unwrap();
    assert!(!std::fs::read_to_string(&path).unwrap().contains("hf_secret"));
    assert!(!format!("{driver:?} {:?} {:#?}", driver.catalog(), driver.catalog()).contains("hf_secret"));
}

#[tokio::test]
async fn an_invalid_catalog_is_an_error_and_keeps_the_old_one() {
    let service = service().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.json");
    let (catalog, good) = stored_catalog(settings(&service), &path).await;
    let cases = [
        (json!({"error": {"message": "down"}}), "down"),
        (json!({"error": "down"}), "down"),
        (json!({"message": "maintenance"}), "maintenance"),
        (json!({"data": [], "error": "down"}), "down"),
        (json!({}), "cannot be parsed"),
        (json!([]), "cannot be parsed"),
        (json!([[{"id": "org/model"}]]), "cannot be parsed"),
        (json!({"data": "x"}), "cannot be parsed"),
        (json!({"data": null}), "cannot be parsed"),
    ];
    for (body, words) in cases {
        service.on("GET /v1/models", 200, body.clone());
        let error = catalog.refresh().await.unwrap_err();
        assert!(error.to_string().contains(words), "{body}: {error}");
        assert_eq!(catalog.models().await.unwrap().len(), MODELS, "{body}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), good, "{body}");
        let fresh = settings(&service).build().unwrap().catalog();
        assert!(fresh.models().await.unwrap_err().to_string().contains(words), "{body}");
    }
}

#[tokio::test]
async fn a_driver_with_a_provider_key_has_no_catalog() {
    let service = service().await;
    let driver = settings(&service).provider("groq").token("gsk_own").build().unwrap();
    let error = driver.catalog().models().await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Configuration);
    assert_eq!(service.lines(), Vec::<String>::new());
}

#[tokio::test]
async fn the_catalog_of_the_sandbox_is_read() {
    let sandbox = botticelli_sandbox::Sandbox::start().await.unwrap();
    let driver = at_sandbox(&sandbox).build().unwrap();
    let offers =
        driver.catalog().search(&ModelFilter::new().with_tools().with_text("gpt-oss-20b")).await.unwrap();
    assert_eq!(routes(&offers)[0], "openai/gpt-oss-20b:fireworks-ai");
    assert!(driver.generate("Hi".into()).await.is_ok());
}
