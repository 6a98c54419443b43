//! Local models from the Hub.

use async_trait::async_trait;
use botticelli_error::{BotticelliError, InterruptedError};
use botticelli_gguf::{GgufConfig, GgufDriver};
use botticelli_models::hub::Hub;
use std::path::PathBuf;

/// Local drivers of models from the Hugging Face Hub.
#[async_trait]
pub trait FromHub: Sized {
    /// Downloads a model, or takes it from the cache, and loads it with the default settings.
    ///
    /// `model` is `org/name:quantization`, as for [`Hub::download_gguf`]. The Hub has the settings of the environment.
    ///
    /// ```no_run
    /// use botticelli::{BotticelliDriver, FromHub, GgufDriver};
    ///
    /// # async fn example() -> botticelli::Result<()> {
    /// let driver = GgufDriver::from_hub("bartowski/SmolLM2-1.7B-Instruct-GGUF:Q4_K_M").await?;
    /// println!("{}", driver.generate("Name three colors".into()).await?.text());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// A [`HubError`](botticelli_error::HubError) or a failed connection, and the errors of [`GgufDriver::open`].
    async fn from_hub(model: &str) -> Result<Self, BotticelliError> {
        Self::from_hub_with(&Hub::from_env()?, model, GgufConfig::default()).await
    }

    /// Downloads a model from `hub`, or takes it from the cache, and loads it with these settings.
    ///
    /// # Errors
    ///
    /// As [`from_hub`](Self::from_hub), and a [`BuilderError`](botticelli_error::BuilderError) for a setting that is out of range.
    async fn from_hub_with(hub: &Hub, model: &str, config: GgufConfig) -> Result<Self, BotticelliError>;
}

#[async_trait]
impl FromHub for GgufDriver {
    async fn from_hub_with(hub: &Hub, model: &str, config: GgufConfig) -> Result<Self, BotticelliError> {
        let file = hub.download_gguf(model).await?;
        let config = match config.model_name() {
            Some(_) => config,
            None => config.with_model_name(model),
        };
        load(file.path().to_owned(), config).await
    }
}

/// Loads a model on a new thread, so that other calls continue.
async fn load(path: PathBuf, config: GgufConfig) -> Result<GgufDriver, BotticelliError> {
    let (sender, loaded) = futures::channel::oneshot::channel();
    let load = move || {
        // The caller may have left.
        let _ = sender.send(GgufDriver::open_with(path, config));
    };
    let interrupted = || BotticelliError::from(InterruptedError::new("the load of a model"));
    std::thread::Builder::new().name("botticelli-load".to_owned()).spawn(load).map_err(|_| interrupted())?;
    loaded.await.map_err(|_| interrupted())?
}
