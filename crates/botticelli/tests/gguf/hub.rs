//! Local models from the Hub.

use super::{ModelFile, TinyModel};
use botticelli::{
    BotticelliDriver, BotticelliErrorKind, Environment, FromHub, GgufConfig, GgufDriver, Hub,
    config_from_toml, driver_from,
};
use botticelli_sandbox::{Repository, Sandbox};
use tempfile::TempDir;

const MODEL: &str = "org/tiny-GGUF:Q8_0";

async fn hub_with_model() -> Sandbox {
    let bytes = std::fs::read(&ModelFile::new(&TinyModel::script(&["From", " the", " Hub"])).path).unwrap();
    let repository = Repository::model("org/tiny-GGUF").with_large_file("tiny-Q8_0.gguf", bytes);
    Sandbox::builder().with_repository(repository).start().await.unwrap()
}

#[tokio::test]
async fn a_model_is_downloaded_and_loaded() {
    let (sandbox, cache) = (hub_with_model().await, TempDir::new().unwrap());
    let hub = Hub::builder()
        .with_environment(Environment::empty())
        .with_endpoint(sandbox.hub_url())
        .with_cache(cache.path())
        .build()
        .unwrap();
    let load = async move { GgufDriver::from_hub_with(&hub, MODEL, GgufConfig::default()).await };
    let driver = tokio::spawn(load).await.unwrap().unwrap();
    assert_eq!(driver.model_name(), MODEL);
    assert_eq!(driver.generate("Hi".into()).await.unwrap().text(), "From the Hub");
}

#[tokio::test]
async fn a_configuration_names_a_model_that_the_first_call_loads() {
    let (sandbox, cache) = (hub_with_model().await, TempDir::new().unwrap());
    let environment = Environment::empty()
        .with("HF_ENDPOINT", sandbox.hub_url())
        .with("HF_HUB_CACHE", cache.path().to_str().unwrap());
    let toml = format!("[llm]\nprovider = \"gguf\"\nmodel = \"{MODEL}\"\n[llm.gguf]\ncontext_length = 64\n");
    let config = config_from_toml(&toml).unwrap();
    let driver = driver_from(&config, environment.clone()).unwrap();
    assert_eq!((driver.provider_name(), driver.model_name()), ("gguf", MODEL));
    assert!(sandbox.requests().is_empty(), "the model was loaded before a call");
    let (first, second) = tokio::join!(driver.generate("Hi".into()), driver.generate("Hi".into()));
    assert_eq!(first.unwrap().text(), "From the Hub");
    assert_eq!(second.unwrap().model(), Some(MODEL));
    let info = driver.model_info(MODEL).await.unwrap().unwrap();
    assert_eq!(info.providers[0].context_length, Some(64));
    let requests = sandbox.requests().len();

    // Without the Hub, the model comes from the cache.
    let offline = driver_from(&config, environment.with("HF_HUB_OFFLINE", "1")).unwrap();
    assert_eq!(offline.generate("Hi".into()).await.unwrap().text(), "From the Hub");
    assert_eq!(sandbox.requests().len(), requests);
}

#[tokio::test]
async fn a_failed_load_is_tried_again_by_the_next_call() {
    let (sandbox, cache) = (hub_with_model().await, TempDir::new().unwrap());
    let environment = Environment::empty()
        .with("HF_ENDPOINT", sandbox.hub_url())
        .with("HF_HUB_CACHE", cache.path().to_str().unwrap());
    let toml = format!("[llm]\nprovider = \"gguf\"\nmodel = \"{MODEL}\"\n");
    let driver = driver_from(&config_from_toml(&toml).unwrap(), environment).unwrap();
    sandbox.inject_hub_fault("corrupt-byte".parse().unwrap());
    let error = driver.generate("Hi".into()).await.unwrap_err();
    assert!(matches!(error.kind(), BotticelliErrorKind::Hub(_)), "{error:?}");
    assert_eq!(driver.generate("Hi".into()).await.unwrap().text(), "From the Hub");
}
