//! The table `[llm.huggingface]` of a configuration file.

use crate::huggingface::routing::address::redact_address;
use botticelli_core::redact;
use botticelli_core::{DriverKind, LlmConfig, Price, Usd};
use botticelli_error::{BotticelliError, ConfigError};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;

/// Settings that only Hugging Face has: the table `[llm.huggingface]` of a configuration file.
///
/// `Debug` hides everything that may be a token.
///
/// ```
/// use botticelli_core::{DriverKind, LlmConfig};
/// use botticelli_models::huggingface::HuggingFaceConfig;
///
/// # fn main() -> botticelli_error::ModelsResult<()> {
/// let settings = HuggingFaceConfig::default().with_bill_to("my-org");
/// let config = LlmConfig::builder()
///     .provider(DriverKind::HuggingFace)
///     .model("openai/gpt-oss-20b")
///     .provider_table(DriverKind::HuggingFace, settings.to_table())
///     .build()?;
/// assert_eq!(HuggingFaceConfig::from_config(&config)?.bill_to(), Some("my-org"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HuggingFaceConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    base_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bill_to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dialect: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    choose_provider: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    catalog_file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    catalog_max_age: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    catalog_prices: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<ConfiguredPrice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allow_plain_http: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    api: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    batch_size: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    concurrency: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    job_timeout: Option<u64>,
}

/// The table `price`, in US dollars per million tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table such as { prompt = \"0.25\", completion = \"0.69\" }")]
struct ConfiguredPrice {
    prompt: Usd,
    completion: Usd,
}

impl HuggingFaceConfig {
    /// Reads the settings from the table `huggingface` of a configuration. Without the table, all settings are unset.
    ///
    /// # Errors
    ///
    /// A [`ConfigError`] if the table has an unknown key or a value of the wrong type.
    #[track_caller]
    pub fn from_config(config: &LlmConfig) -> Result<Self, BotticelliError> {
        let Some(table) = config.provider_table(DriverKind::HuggingFace) else {
            return Ok(Self::default());
        };
        Self::deserialize(table).map_err(|error| {
            let reason = redact::tokens(&error.to_string());
            ConfigError::new(reason, "correct the table").with_key("llm.huggingface").into()
        })
    }

    /// Returns the settings as a table for [`LlmConfigBuilder::provider_table`](botticelli_core::LlmConfigBuilder::provider_table).
    pub fn to_table(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(table)) => table,
            // Texts, numbers and truth values always have a JSON form.
            _ => Map::new(),
        }
    }

    /// Returns the base URL of the service. Default: `https://router.huggingface.co/v1`.
    pub fn base_url(&self) -> Option<&str> {
        self.base_url.as_deref()
    }

    /// Sets the base URL of the service.
    pub fn with_base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(base_url.into());
        self
    }

    /// Returns the organization or resource group that pays. Default: the owner of the token.
    pub fn bill_to(&self) -> Option<&str> {
        self.bill_to.as_deref()
    }

    /// Sets the organization or resource group that pays.
    pub fn with_bill_to(mut self, bill_to: impl Into<String>) -> Self {
        self.bill_to = Some(bill_to.into());
        self
    }

    /// Returns the inference provider to call on its own route, for example `groq`. Default: the router chooses.
    pub fn provider(&self) -> Option<&str> {
        self.provider.as_deref()
    }

    /// Sets the inference provider to call on its own route, for example `groq`.
    pub fn with_provider(mut self, provider: impl Into<String>) -> Self {
        self.provider = Some(provider.into());
        self
    }

    /// Returns the dialect of the server: `openai`, `tgi`, `schema_in_object` or `together`. Default: the provider's, else `openai`.
    pub fn dialect(&self) -> Option<&str> {
        self.dialect.as_deref()
    }

    /// Sets the dialect of the server: `openai`, `tgi`, `schema_in_object` or `together`.
    pub fn with_dialect(mut self, dialect: impl Into<String>) -> Self {
        self.dialect = Some(dialect.into());
        self
    }

    /// Returns the selection of a provider that supports what a request needs. Default: only at Hugging Face's router.
    pub const fn choose_provider(&self) -> Option<bool> {
        self.choose_provider
    }

    /// Switches the selection of a provider that supports what a request needs on or off. `None` is the default.
    pub fn with_choose_provider(mut self, choose_provider: impl Into<Option<bool>>) -> Self {
        self.choose_provider = choose_provider.into();
        self
    }

    /// Returns the setting for prices from the catalog of the server. Default: only at Hugging Face's router.
    pub const fn catalog_prices(&self) -> Option<bool> {
        self.catalog_prices
    }

    /// Switches prices from the catalog of the server on or off. `None` is the default.
    pub fn with_catalog_prices(mut self, catalog_prices: impl Into<Option<bool>>) -> Self {
        self.catalog_prices = catalog_prices.into();
        self
    }

    /// Returns the price of every response: `price = { prompt = "0.25", completion = "0.69" }`, in US dollars per million tokens. Default:
    /// the price in the catalog.
    pub fn price(&self) -> Option<Price> {
        self.price.map(|price| Price::new(price.prompt, price.completion))
    }

    /// Sets the price of every response. `None` is the price in the catalog.
    pub fn with_price(mut self, price: impl Into<Option<Price>>) -> Self {
        let dollars = Usd::from_nano_dollars;
        let price = price.into();
        self.price = price.map(|price| ConfiguredPrice {
            prompt: dollars(price.prompt),
            completion: dollars(price.completion),
        });
        self
    }

    /// Returns the file for the model catalog. Default: the catalog is kept in memory.
    pub fn catalog_file(&self) -> Option<&str> {
        self.catalog_file.as_deref()
    }

    /// Sets the file for the model catalog.
    pub fn with_catalog_file(mut self, catalog_file: impl Into<String>) -> Self {
        self.catalog_file = Some(catalog_file.into());
        self
    }

    /// Returns the maximum age of the catalog in seconds. Default: five minutes in memory, a day in a file.
    pub const fn catalog_max_age(&self) -> Option<u64> {
        self.catalog_max_age
    }

    /// Sets the maximum age of the catalog in seconds. `None` is the default.
    pub fn with_catalog_max_age(mut self, catalog_max_age: impl Into<Option<u64>>) -> Self {
        self.catalog_max_age = catalog_max_age.into();
        self
    }

    /// Returns the permission to send a token over unencrypted HTTP to a server on your own network, for example
    /// `http://vllm:8000`. Default: `false`.
    pub const fn allow_plain_http(&self) -> Option<bool> {
        self.allow_plain_http
    }

    /// Sets whether a token may be sent over unencrypted HTTP to a server on your own network. `None` is the default.
    pub fn with_allow_plain_http(mut self, allow_plain_http: impl Into<Option<bool>>) -> Self {
        self.allow_plain_http = allow_plain_http.into();
        self
    }

    /// Returns the API of a server of tasks: `router`, `endpoint`, `openai` or `tei`. Default: the API that the base URL suggests.
    pub fn api(&self) -> Option<&str> {
        self.api.as_deref()
    }

    /// Sets the API of a server of tasks: `router`, `endpoint`, `openai` or `tei`. Only tables of tasks may have this setting.
    pub fn with_api(mut self, api: impl Into<String>) -> Self {
        self.api = Some(api.into());
        self
    }

    /// Returns the maximum number of texts of one request of a task. Default: 32.
    pub const fn batch_size(&self) -> Option<usize> {
        self.batch_size
    }

    /// Sets the maximum number of texts of one request of a task. Only tables of tasks may have this setting.
    pub fn with_batch_size(mut self, batch_size: impl Into<Option<usize>>) -> Self {
        self.batch_size = batch_size.into();
        self
    }

    /// Returns the maximum number of requests of one call of a task that are in flight. Default: 4.
    pub const fn concurrency(&self) -> Option<usize> {
        self.concurrency
    }

    /// Sets the maximum number of requests of one call of a task that are in flight. Only tables of tasks may have this setting.
    pub fn with_concurrency(mut self, concurrency: impl Into<Option<usize>>) -> Self {
        self.concurrency = concurrency.into();
        self
    }

    /// Returns the limit of a job at a provider, in seconds. Default: ten minutes.
    pub const fn job_timeout(&self) -> Option<u64> {
        self.job_timeout
    }

    /// Sets the limit of a job at a provider, in seconds. Only tables of tasks may have this setting.
    pub fn with_job_timeout(mut self, job_timeout: impl Into<Option<u64>>) -> Self {
        self.job_timeout = job_timeout.into();
        self
    }

    /// Returns an error if a setting of tasks is set, which has no effect on chat.
    pub(in crate::huggingface) fn check_chat(&self) -> Result<(), BotticelliError> {
        let set = [
            ("api", self.api.is_some()),
            ("batch_size", self.batch_size.is_some()),
            ("concurrency", self.concurrency.is_some()),
            ("job_timeout", self.job_timeout.is_some()),
        ];
        refuse(
            &set,
            "the setting has no effect on chat",
            "move it to a table of tasks, such as `[embedding.huggingface]`",
        )
    }

    /// Returns an error if a setting of chat is set, which has no effect on tasks.
    #[cfg(feature = "tasks")]
    pub(in crate::huggingface) fn check_tasks(&self) -> Result<(), BotticelliError> {
        let set = [
            ("dialect", self.dialect.is_some()),
            ("choose_provider", self.choose_provider.is_some()),
            ("catalog_file", self.catalog_file.is_some()),
            ("catalog_max_age", self.catalog_max_age.is_some()),
            ("catalog_prices", self.catalog_prices.is_some()),
        ];
        refuse(&set, "the setting has no effect on tasks", "remove it, or move it to `[llm.huggingface]`")
    }
}

/// Returns an error about the first setting that is set.
fn refuse(settings: &[(&str, bool)], reason: &str, remedy: &str) -> Result<(), BotticelliError> {
    match settings.iter().find(|(_, is_set)| *is_set) {
        Some((key, _)) => Err(ConfigError::new(reason, remedy).with_key(*key).into()),
        None => Ok(()),
    }
}

impl fmt::Debug for HuggingFaceConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            base_url,
            bill_to,
            provider,
            dialect,
            choose_provider,
            catalog_prices,
            price,
            catalog_file,
            catalog_max_age,
            allow_plain_http,
            api,
            batch_size,
            concurrency,
            job_timeout,
        } = self;
        let hidden = |text: &Option<String>| text.as_deref().map(redact::tokens);
        f.debug_struct("HuggingFaceConfig")
            .field("base_url", &base_url.as_deref().map(redact_address))
            .field("bill_to", &hidden(bill_to))
            .field("provider", &hidden(provider))
            .field("dialect", &hidden(dialect))
            .field("choose_provider", choose_provider)
            .field("catalog_prices", catalog_prices)
            .field("price", price)
            .field("catalog_file", &hidden(catalog_file))
            .field("catalog_max_age", catalog_max_age)
            .field("allow_plain_http", allow_plain_http)
            .field("api", &hidden(api))
            .field("batch_size", batch_size)
            .field("concurrency", concurrency)
            .field("job_timeout", job_timeout)
            .finish()
    }
}
