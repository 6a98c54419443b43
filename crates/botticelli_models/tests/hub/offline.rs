//! Offline mode, and an unreachable Hub.

use crate::common::{ID, Place, assert_file, bytes, kind};
use botticelli_core::RetryConfig;
use botticelli_error::{ErrorCategory, HubErrorKind};
use botticelli_models::Environment;
use botticelli_models::hub::FileFilter;
use botticelli_sandbox::Repository;

fn repository() -> Repository {
    Repository::model(ID)
        .with_file("config.json", "{}")
        .with_large_file("model.gguf", bytes(70_000))
        .with_large_file("model-Q8_0.gguf", bytes(90_000))
}

#[tokio::test]
async fn offline_mode_sends_nothing_and_finds_what_is_complete() {
    let place = Place::with(repository()).await;
    let online = place.hub().download(ID, "model.gguf").await.unwrap();
    let sent = place.sandbox.requests().len();
    let hub = place.offline();
    assert!(hub.is_offline());
    assert_eq!(hub.download(ID, "model.gguf").await.unwrap(), online);
    let error = hub.download(ID, "config.json").await.unwrap_err();
    assert!(matches!(kind(&error), HubErrorKind::Offline { .. }), "{error}");
    assert_eq!(error.category(), ErrorCategory::NotFound);
    assert!(hub.dataset("org/data", "train").await.is_err());
    assert_eq!(place.sandbox.requests().len(), sent);
}

#[tokio::test]
async fn the_variables_of_the_hf_tools_switch_offline_mode_on() {
    let place = Place::with(repository()).await;
    for (name, value) in
        [("HF_HUB_OFFLINE", "1"), ("HF_HUB_OFFLINE", "yes"), ("TRANSFORMERS_OFFLINE", "TRUE")]
    {
        let hub = place.builder().with_environment(Environment::empty().with(name, value)).build().unwrap();
        let error = hub.download(ID, "config.json").await.unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
    }
    let environment = Environment::empty().with("HF_HUB_OFFLINE", "0");
    let hub = place.builder().with_environment(environment).build().unwrap();
    assert!(hub.download(ID, "config.json").await.is_ok());
}

#[tokio::test]
async fn a_snapshot_is_found_offline_only_if_no_file_is_missing() {
    let place = Place::with(repository()).await;
    let json = || FileFilter::matching(["*.json"]);
    let online = place.hub().snapshot(ID, json()).await.unwrap();
    let hub = place.offline();
    assert_eq!(hub.snapshot(ID, json()).await.unwrap(), online);
    let error = hub.snapshot(ID, FileFilter::all()).await.unwrap_err();
    let HubErrorKind::Offline { missing, .. } = kind(&error) else { panic!("{error}") };
    assert_eq!(missing, &["model-Q8_0.gguf", "model.gguf"]);
}

#[tokio::test]
async fn a_model_is_found_offline_and_the_downloaded_one_is_preferred() {
    let place = Place::with(repository()).await;
    let online = place.hub().download_gguf("org/name:Q8_0").await.unwrap();
    let hub = place.offline();
    assert_eq!(hub.download_gguf("org/name:q8_0").await.unwrap(), online);
    assert_eq!(hub.download_gguf(ID).await.unwrap(), online);
    std::fs::remove_dir_all(place.repository().join("trees")).unwrap();
    assert_eq!(hub.download_gguf(ID).await.unwrap().path(), online.path());
}

#[tokio::test]
async fn an_interrupted_download_is_not_found_offline() {
    let place = Place::with(repository()).await;
    place.inject("cut-after=1000");
    let hub = place.builder().with_retry(RetryConfig::never()).build().unwrap();
    assert!(hub.download(ID, "model.gguf").await.is_err());
    assert!(place.offline().download(ID, "model.gguf").await.is_err());
    assert!(place.offline().download_gguf("org/name:model.gguf").await.is_err());
    assert_file(&hub.download(ID, "model.gguf").await.unwrap(), &bytes(70_000));
}

#[tokio::test]
async fn an_unreachable_hub_is_replaced_by_the_cache() {
    let place = Place::with(repository()).await;
    let path = place.hub().download(ID, "model.gguf").await.unwrap();
    let folder = place.hub().snapshot(ID, FileFilter::matching(["config.json"])).await.unwrap();
    let model = place.hub().download_gguf("org/name:Q8_0").await.unwrap();
    let unreachable =
        place.builder().with_endpoint("http://127.0.0.1:1").with_retry(RetryConfig::never()).build().unwrap();
    assert_eq!(unreachable.download(ID, "model.gguf").await.unwrap(), path);
    assert_eq!(unreachable.snapshot(ID, FileFilter::matching(["config.json"])).await.unwrap(), folder);
    assert_eq!(unreachable.download_gguf("org/name:Q8_0").await.unwrap(), model);
    let error = unreachable.download(ID, "config.json.missing").await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::Connection);
}

#[tokio::test]
async fn a_refusal_is_not_replaced_by_the_cache() {
    let place = Place::with(repository()).await;
    place.hub().download(ID, "config.json").await.unwrap();
    place.sandbox.publish(repository().gated());
    let error = place.hub().download(ID, "config.json").await.unwrap_err();
    assert!(matches!(kind(&error), HubErrorKind::Gated { .. }), "{error}");
}

#[tokio::test]
async fn a_failing_hub_is_asked_once_if_the_cache_has_the_file() {
    let place = Place::with(repository()).await;
    let path = place.hub().download(ID, "model.gguf").await.unwrap();
    let before = place.sandbox.requests().len();
    place.inject("status=503");
    assert_eq!(place.hub().download(ID, "model.gguf").await.unwrap(), path);
    assert_eq!(place.sandbox.requests().len(), before + 1);
}
