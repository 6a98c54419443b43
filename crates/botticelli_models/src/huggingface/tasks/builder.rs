//! The methods of the driver's builder that build a driver of tasks.

use super::api::TaskApi;
use super::driver::HuggingFaceTasks;
use super::route::api_at;
use super::settings::TaskSettings;
use crate::Environment;
use crate::huggingface::builder::{BASE_URL_VARIABLE, HUB_VARIABLE, UNBILLED, bill_to_header};
use crate::huggingface::catalog::provider_mapping::{HUB, ProviderMappings};
use crate::huggingface::client::api_client::ApiClient;
use crate::huggingface::credentials::find_token;
use crate::huggingface::routing::address::Address;
use crate::huggingface::routing::endpoint::ROUTER;
use crate::huggingface::routing::model_name::check_served_model;
use crate::huggingface::routing::provider_route::ProviderRoute;
use crate::huggingface::{HuggingFaceConfig, HuggingFaceDriverBuilder};
use botticelli_core::{GenerationConfig, LlmConfig};
use botticelli_error::{BotticelliError, ConfigError};
use reqwest::header::HeaderMap;
use std::time::Duration;

impl HuggingFaceDriverBuilder {
    /// Builds a driver of tasks: embeddings, reranking, and others. Nothing is sent yet.
    ///
    /// The settings of chat (`dialect`, `generation`, the catalog) have no effect.
    ///
    /// # Errors
    ///
    /// - An invalid model name.
    /// - An invalid token, or a missing one if the server requires a token.
    /// - An invalid base URL, or one to which a token would be sent in plain text.
    /// - A provider that cannot be called with this token.
    #[track_caller]
    pub fn build_tasks(self) -> Result<HuggingFaceTasks, BotticelliError> {
        let settings = self.into_settings()?;
        check_served_model(&settings.model)?;
        let environment = &settings.environment;
        let token = find_token(settings.token.as_ref(), settings.api_key_env.as_deref(), environment)?;
        let provider = settings.provider.as_deref();
        let provider = provider.map(|name| ProviderRoute::for_tasks(name, token.is_huggingface()));
        let provider = provider.transpose()?;
        let is_direct = provider.as_ref().is_some_and(ProviderRoute::is_direct);
        // The variable sets another router, which must not get a provider's key.
        let variable = environment.variable(BASE_URL_VARIABLE).filter(|_| !is_direct);
        let address = match (&settings.base_url, &variable, &provider) {
            (Some(base_url), ..) => Address::parse(&base_url.0, "base_url")?,
            (None, Some(base_url), _) => Address::parse(base_url, BASE_URL_VARIABLE)?,
            (None, None, Some(provider)) if is_direct => Address::parse(provider.base()?, "provider")?,
            (None, None, _) => Address::parse(ROUTER, "base_url")?,
        };
        let credentials = token.credentials_for(&address, settings.allow_plain_http)?;
        let bill_to = settings.bill_to.as_deref().map(bill_to_header).transpose()?;
        let warnings = (is_direct && bill_to.is_some()).then(|| UNBILLED.to_owned());
        let (http, retrier) = settings.transport();
        let headers = provider.as_ref().map(ProviderRoute::headers).unwrap_or_default();
        let client = ApiClient::new(http.clone(), credentials, bill_to.filter(|_| !is_direct), headers);
        let hub = environment.variable(HUB_VARIABLE);
        let hub = Address::parse(hub.as_deref().unwrap_or(HUB), HUB_VARIABLE)?;
        let hub_client = ApiClient::new(http, client.credentials.for_hub(&hub), None, HeaderMap::new());
        let api = if provider.is_some() { TaskApi::Router } else { api_at(&address) };
        let settings = TaskSettings {
            model: settings.model,
            address,
            provider,
            mappings: ProviderMappings::new(hub, hub_client, retrier.clone()),
            client,
            retrier,
            timeouts: settings.timeouts,
            price: settings.price,
            warnings: warnings.into_iter().collect(),
        };
        Ok(HuggingFaceTasks::new(settings, api))
    }
}

impl HuggingFaceTasks {
    /// Returns the driver of tasks that a configuration describes, with variables and files from `environment`.
    ///
    /// # Errors
    ///
    /// The errors of [`HuggingFaceDriverBuilder::build_tasks`], an unknown key, a wrong type or an unknown `api` in the provider's table,
    /// and an unset or empty variable in `api_key_env`. A setting of chat: `generation`, `dialect`, `choose_provider` or one of the
    /// catalog.
    #[track_caller]
    pub fn from_config(config: &LlmConfig, environment: Environment) -> Result<Self, BotticelliError> {
        let settings = HuggingFaceConfig::from_config(config)?;
        settings.check_tasks()?;
        if *config.generation() != GenerationConfig::default() {
            let remedy = "remove the table, or move it to `[llm.generation]`";
            let error = ConfigError::new("generation parameters have no effect on tasks", remedy);
            return Err(error.with_key("generation").into());
        }
        let mut driver = HuggingFaceDriverBuilder::of_config(config, environment)?.build_tasks()?;
        if let Some(api) = settings.api() {
            driver = driver.with_api(api.parse()?);
        }
        if let Some(batch_size) = settings.batch_size() {
            driver = driver.with_batch_size(batch_size);
        }
        if let Some(concurrency) = settings.concurrency() {
            driver = driver.with_concurrency(concurrency);
        }
        if let Some(seconds) = settings.job_timeout() {
            driver = driver.with_job_timeout(Duration::from_secs(seconds));
        }
        Ok(driver)
    }
}
