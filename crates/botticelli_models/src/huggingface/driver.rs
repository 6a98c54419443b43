//! The driver: the implementation of the driver traits.

use crate::huggingface::client::api_client::ApiRequest;
use crate::huggingface::client::canonical::canonical;
use crate::huggingface::client::chat_form::ChatForm;
use crate::huggingface::client::prepared_request::PreparedRequest;
use crate::huggingface::costs::estimate::Prospect;
use crate::huggingface::response::respond;
use crate::huggingface::routing::provider_selection::SelectionMode;
use crate::huggingface::settings::DriverSettings;
use crate::huggingface::stream::respond_stream;
use crate::huggingface::text_completion::{TextCall, canonical_completion, prospect};
use crate::huggingface::{Catalog, PROVIDER};
use crate::transport::TimeSpent;
use async_trait::async_trait;
use botticelli_core::{
    CompletionRequest, CostEstimate, GenerateRequest, GenerateResponse, GenerationConfig, ModelInfo,
    PricedRoute,
};
use botticelli_error::BotticelliError;
use botticelli_interface::{BotticelliDriver, ChunkStream, CompletionDriver};
use std::sync::Arc;

/// A driver for Hugging Face Inference, or of any server with the same API.
///
/// Clones are cheap and share connections. `Debug` shows no token.
///
/// ```no_run
/// use botticelli_interface::BotticelliDriver;
/// use botticelli_models::huggingface::HuggingFaceDriver;
///
/// # async fn example() -> botticelli_error::ModelsResult<()> {
/// let driver = HuggingFaceDriver::builder("openai/gpt-oss-20b:cheapest")
///     .base_url("http://127.0.0.1:8080/v1")
///     .build()?;
/// let response = driver.generate("Name three painters".into()).await?;
/// println!("{} ({} tokens)", response.text(), response.usage().and_then(|u| u.total_tokens()).unwrap_or(0));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct HuggingFaceDriver {
    settings: Arc<DriverSettings>,
}

impl HuggingFaceDriver {
    /// Returns a driver with these settings.
    pub(in crate::huggingface) fn with_settings(settings: DriverSettings) -> Self {
        Self { settings: Arc::new(settings) }
    }

    /// Returns the router's catalog of models, providers and prices. Nothing is fetched yet.
    pub fn catalog(&self) -> Catalog {
        self.settings.catalog.clone()
    }
}

#[async_trait]
impl BotticelliDriver for HuggingFaceDriver {
    async fn generate(&self, request: GenerateRequest) -> Result<GenerateResponse, BotticelliError> {
        let deadline = self.settings.deadline(request.timeouts());
        let prepared = PreparedRequest::chat(&self.settings, request, false, &deadline).await?;
        respond(&self.settings, &prepared, &deadline).await
    }

    async fn generate_stream(&self, request: GenerateRequest) -> Result<ChunkStream, BotticelliError> {
        let deadline = self.settings.stream_deadline(request.timeouts());
        let prepared = PreparedRequest::chat(&self.settings, request, true, &deadline).await?;
        respond_stream(&self.settings, &prepared, &deadline).await
    }

    fn provider_name(&self) -> &'static str {
        PROVIDER
    }

    fn model_name(&self) -> &str {
        &self.settings.model
    }

    async fn model_info(&self, model: &str) -> Result<Option<ModelInfo>, BotticelliError> {
        self.settings.check_model(model)?;
        if let Some(info) = self.settings.catalog.cached(self.settings.endpoint.catalog_name(model)) {
            return Ok(Some(info));
        }
        let Some(url) = self.settings.endpoint.model(model) else { return Ok(None) };
        let timeouts = self.settings.deadline(None).attempt(TimeSpent::default());
        let name = Arc::from(model);
        let request = ApiRequest { model: Some(&name), ..ApiRequest::default() };
        crate::huggingface::catalog::catalog::entry(
            self.settings.client.send(&url.into(), request, timeouts).await,
        )
        .await
    }

    /// Returns an upper bound for the cost of `request`: at the most expensive provider that may serve it, with `max_tokens` or
    /// the context length of the provider. Nothing is sent but a request for the catalog.
    ///
    /// A prompt has at most as many tokens as its text has bytes, and a constant for the chat template. A request has no bound if
    /// it contains an image, audio or a document, or if it may reach a provider without a price. Each attempt of a call may cost
    /// as much.
    async fn estimate(&self, request: &GenerateRequest) -> Result<CostEstimate, BotticelliError> {
        Prospect::chat(&self.settings, request, self.settings.selection_mode)?.estimate(&self.settings).await
    }

    /// Returns up to five routes of the catalog. Each names its provider. A model of the catalog is listed with its cheapest provider that
    /// supports the request.
    async fn cheaper_routes(
        &self,
        request: &GenerateRequest,
        limit: u64,
    ) -> Result<Vec<PricedRoute>, BotticelliError> {
        let prospect = Prospect::chat(&self.settings, request, SelectionMode::Checked)?;
        prospect.cheaper_routes(&self.settings, limit).await
    }

    fn generation_defaults(&self) -> GenerationConfig {
        self.settings.generation.clone()
    }

    fn canonical_request(&self, request: &GenerateRequest) -> Result<Option<Vec<u8>>, BotticelliError> {
        ChatForm::read(&self.settings, request, |form| {
            let address = self.settings.endpoint.public_chat(form.dto.model());
            Ok(Some(canonical(&self.settings, &address, form.json()?)))
        })
    }

    fn reports_sends(&self) -> bool {
        true
    }
}

#[async_trait]
impl CompletionDriver for HuggingFaceDriver {
    async fn complete(&self, request: CompletionRequest) -> Result<GenerateResponse, BotticelliError> {
        let deadline = self.settings.deadline(request.timeouts());
        let mut call = TextCall::new(&self.settings, request, false, &deadline).await?;
        loop {
            let prepared = call.prepare(&self.settings)?;
            match respond(&self.settings, &prepared, &deadline).await {
                Err(error) => call.change_after(error, &deadline).await?,
                Ok(response) => return Ok(response),
            }
        }
    }

    async fn complete_stream(&self, request: CompletionRequest) -> Result<ChunkStream, BotticelliError> {
        let deadline = self.settings.stream_deadline(request.timeouts());
        let mut call = TextCall::new(&self.settings, request, true, &deadline).await?;
        loop {
            let prepared = call.prepare(&self.settings)?;
            match respond_stream(&self.settings, &prepared, &deadline).await {
                Err(error) => call.change_after(error, &deadline).await?,
                result => return result,
            }
        }
    }

    async fn estimate_completion(
        &self,
        request: &CompletionRequest,
    ) -> Result<CostEstimate, BotticelliError> {
        prospect(&self.settings, request.clone())?.estimate(&self.settings).await
    }

    fn canonical_completion(&self, request: &CompletionRequest) -> Result<Option<Vec<u8>>, BotticelliError> {
        canonical_completion(&self.settings, request.clone()).map(Some)
    }

    fn reports_completion_sends(&self) -> bool {
        true
    }
}
