//! A local model of the Hub in a configuration.

use crate::from_hub::FromHub;
use async_trait::async_trait;
use botticelli_core::{
    CostEstimate, GenerateRequest, GenerateResponse, GenerationConfig, LlmConfig, ModelInfo, PricedRoute,
};
use botticelli_error::BotticelliError;
use botticelli_gguf::{GgufConfig, GgufDriver};
use botticelli_interface::{BotticelliDriver, ChunkStream};
use botticelli_models::Environment;
use botticelli_models::hub::Hub;
use futures::lock::Mutex;

/// A local model from the Hub, which the first call downloads and loads. Other calls wait until it is loaded.
#[derive(Debug)]
pub(crate) struct HubDriver {
    hub: Hub,
    model: String,
    config: GgufConfig,
    /// The driver, after the first call. A call that fails or is dropped leaves it empty, and the next one continues the download.
    loaded: Mutex<Option<GgufDriver>>,
}

impl HubDriver {
    #[track_caller]
    pub(crate) fn from_config(config: &LlmConfig, environment: Environment) -> Result<Self, BotticelliError> {
        let settings = GgufConfig::from_config(config)?;
        let hub = Hub::builder().with_environment(environment);
        let hub = match settings.memory_limit() {
            Some(bytes) => hub.with_memory_limit(bytes),
            None => hub,
        };
        Ok(Self {
            hub: hub.build()?,
            model: config.model().to_owned(),
            config: settings,
            loaded: Mutex::new(None),
        })
    }

    async fn driver(&self) -> Result<GgufDriver, BotticelliError> {
        let mut loaded = self.loaded.lock().await;
        if let Some(driver) = &*loaded {
            return Ok(driver.clone());
        }
        let driver = GgufDriver::from_hub_with(&self.hub, &self.model, self.config.clone()).await?;
        Ok(loaded.insert(driver).clone())
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl BotticelliDriver for HubDriver {
    async fn generate(&self, request: GenerateRequest) -> Result<GenerateResponse, BotticelliError> {
        self.driver().await?.generate(request).await
    }

    async fn generate_stream(&self, request: GenerateRequest) -> Result<ChunkStream, BotticelliError> {
        self.driver().await?.generate_stream(request).await
    }

    fn provider_name(&self) -> &'static str {
        "gguf"
    }

    fn model_name(&self) -> &str {
        &self.model
    }

    async fn model_info(&self, model: &str) -> Result<Option<ModelInfo>, BotticelliError> {
        self.driver().await?.model_info(model).await
    }

    // The estimate needs the context length of the model. The call that follows loads it anyway.
    async fn estimate(&self, request: &GenerateRequest) -> Result<CostEstimate, BotticelliError> {
        self.driver().await?.estimate(request).await
    }

    async fn cheaper_routes(
        &self,
        request: &GenerateRequest,
        limit: u64,
    ) -> Result<Vec<PricedRoute>, BotticelliError> {
        self.driver().await?.cheaper_routes(request, limit).await
    }

    fn generation_defaults(&self) -> GenerationConfig {
        self.config.defaults().clone()
    }

    // The same before and after the model is loaded.
    fn canonical_request(&self, _: &GenerateRequest) -> Result<Option<Vec<u8>>, BotticelliError> {
        Ok(None)
    }

    fn reports_sends(&self) -> bool {
        false
    }
}
