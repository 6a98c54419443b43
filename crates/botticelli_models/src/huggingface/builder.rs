//! The builder of a driver.

use crate::Environment;
use crate::huggingface::Dialect;
use crate::huggingface::catalog::catalog::Catalog;
use crate::huggingface::catalog::catalog_file::CatalogFile;
use crate::huggingface::catalog::provider_mapping::{HUB, ProviderMappings};
use crate::huggingface::client::api_client::ApiClient;
use crate::huggingface::client::stream_options::BareStreams;
use crate::huggingface::config::HuggingFaceConfig;
use crate::huggingface::costs::price_fetch::UnfinishedFetch;
use crate::huggingface::costs::price_source::PriceSource;
use crate::huggingface::credentials::{Credentials, TokenLookup, find_token};
use crate::huggingface::driver::HuggingFaceDriver;
use crate::huggingface::routing::address::Address;
use crate::huggingface::routing::endpoint::{BaseUrl, Endpoint, ROUTER};
use crate::huggingface::routing::fixed_provider::FixedProvider;
use crate::huggingface::routing::model_name::{check_served_model, redact_model};
use crate::huggingface::routing::provider_route::{self, ModelNaming, ProviderRoute};
use crate::huggingface::routing::provider_selection::SelectionMode;
use crate::huggingface::settings::{DriverId, DriverSettings};
use crate::transport::{HttpClient, Limits, LoadingModels, Observer, Retrier};
use botticelli_core::redact;
use botticelli_core::{GenerationConfig, LlmConfig, Price, RetryConfig, Timeouts};
use botticelli_error::{BotticelliError, ConfigError};
use botticelli_interface::{Clock, RandomSource, SystemRandom};
use derive_builder::Builder;
use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderValue};
use secrecy::SecretString;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Variable that sets the base URL of another router, for tests and proxies.
pub(in crate::huggingface) const BASE_URL_VARIABLE: &str = "HUGGINGFACE_BASE_URL";

/// Variable that sets a mirror of the Hub, which all tools of Hugging Face read.
pub(in crate::huggingface) const HUB_VARIABLE: &str = "HF_ENDPOINT";

/// Warning for a driver that calls a provider with the provider's own key.
pub(in crate::huggingface) const UNBILLED: &str = "`bill_to` was not sent, because calls with a provider's own key are billed by the provider and not by Hugging Face";

/// The settings of the builder.
#[derive(Clone, Builder)]
#[builder(name = "HuggingFaceDriverBuilder", pattern = "owned", public, setter(strip_option))]
#[builder_struct_attr(doc = "")]
#[builder_struct_attr(
    doc = "A builder of a [`HuggingFaceDriver`]. Settings that are not set have their defaults."
)]
#[builder_struct_attr(doc = "")]
#[builder_struct_attr(
    doc = "The driver's calls require a tokio runtime with I/O and time; building the driver does not. A driver can"
)]
#[builder_struct_attr(doc = "be used on several runtimes, each of which gets its own connections.")]
#[builder(build_fn(private, name = "settings", error = "BotticelliError"))]
pub(in crate::huggingface) struct Settings {
    /// The model of requests that name none: `org/model`, optionally with `:fastest`, `:cheapest`, `:preferred` or `:provider`.
    #[builder(setter(into))]
    pub(in crate::huggingface) model: String,
    /// The token. Default: found in the environment or in the token file of the `hf` tools.
    #[builder(default, setter(into))]
    pub(in crate::huggingface) token: Option<SecretString>,
    /// The name of the variable that holds the token. The driver then searches no other place. A passed `token` takes precedence.
    #[builder(default, setter(into))]
    pub(in crate::huggingface) api_key_env: Option<String>,
    /// A provider, such as `groq`, to call on its own route; the router then selects no provider. With a Hugging Face token
    /// (`hf_…`), calls go through the router of Hugging Face, which bills them. With the provider's own key, calls go only to the
    /// provider. The model's name must not have a route.
    #[builder(default, setter(into))]
    pub(in crate::huggingface) provider: Option<String>,
    /// The base URL of the service. Default: the variable `HUGGINGFACE_BASE_URL`, else `https://router.huggingface.co/v1`. With a
    /// `provider`, this URL replaces the root of the router or of the provider.
    #[builder(default, setter(into))]
    pub(in crate::huggingface) base_url: Option<BaseUrl>,
    /// Allows a missing token at a server that requires one, for the catalog and for estimates.
    #[builder(default, private)]
    is_token_optional: bool,
    /// Allows sending a token in plain text to a server on your own network, such as `http://vllm:8000`. Default: `false`. The
    /// setting covers only a token that was passed, or whose variable was named. The setting never applies to Hugging Face or a
    /// known provider.
    #[builder(default)]
    pub(in crate::huggingface) allow_plain_http: bool,
    /// The dialect of the server. Default: the dialect of the `provider`, or OpenAI's dialect, which the router uses.
    #[builder(default)]
    dialect: Option<Dialect>,
    /// The organization (or resource group) that pays. Default: the owner of the token.
    #[builder(default, setter(into))]
    pub(in crate::huggingface) bill_to: Option<String>,
    /// Enables the selection of a provider from the catalog for requests with tools, a schema, images or a long context. `true` also
    /// checks a provider that the model name contains. Default: selection on Hugging Face's own router, without this check.
    #[builder(default)]
    choose_provider: Option<bool>,
    /// Enables prices from the catalog of the server, which is fetched concurrently with a call. Default: at Hugging Face's router.
    /// Without a price, the cost of a response is unknown.
    #[builder(default)]
    catalog_prices: Option<bool>,
    /// The price of every response of this driver, in place of the one in the catalog. A cost that the service reports takes precedence,
    /// unless it is 0.
    /// Default: the catalog's price; free on this machine, on a private network, and for a dedicated endpoint, which Hugging Face bills
    /// by the hour; unknown for other servers.
    #[builder(default)]
    pub(in crate::huggingface) price: Option<Price>,
    /// The file that keeps the catalog between runs. Only its owner can read it. Default: none.
    #[builder(default, setter(into))]
    catalog_file: Option<PathBuf>,
    /// Maximum age of the catalog. Default: five minutes, or a day if the catalog is kept in a file.
    #[builder(default)]
    catalog_max_age: Option<Duration>,
    /// Default parameters, which a request can override. Default: none.
    #[builder(default)]
    generation: GenerationConfig,
    /// Timeouts of calls, which a request can override. Defaults: see [`Timeouts`].
    #[builder(default)]
    pub(in crate::huggingface) timeouts: Timeouts,
    /// The number of retries and the delays before them. Default: three retries; see [`RetryConfig`].
    #[builder(default)]
    pub(in crate::huggingface) retry: RetryConfig,
    /// A callback for every wait before a retry, and while a model is being loaded. The observer should return immediately.
    #[builder(default, setter(into))]
    pub(in crate::huggingface) observer: Option<Observer>,
    /// Size limits of responses. Defaults: see [`Limits`].
    #[builder(default)]
    pub(in crate::huggingface) limits: Limits,
    /// The source of variables and files. Default: the environment of this process.
    #[builder(default)]
    pub(in crate::huggingface) environment: Environment,
    /// The clock. Default: the system's clock.
    #[builder(default)]
    pub(in crate::huggingface) clock: Option<Arc<dyn Clock>>,
    /// The source of randomness that spreads retries. Default: the system's.
    #[builder(default)]
    pub(in crate::huggingface) random_source: Option<Arc<dyn RandomSource>>,
    /// A custom reqwest 0.13 client, with its own proxy, root certificates and connect timeout.
    ///
    /// Disable redirects in the client. A followed redirect drops the prompt, and drops the token for another host. The call then
    /// fails. Build the client with `no_proxy()` for plain HTTP on this machine. Otherwise the proxies of the environment receive those
    /// calls and can read the token. Keep its `connection_verbose` off, because that logs every byte that is sent, including
    /// the token. The connections belong to the runtime that uses the client first. While that runtime is not running, a call on
    /// another runtime fails.
    #[builder(default)]
    pub(in crate::huggingface) http_client: Option<reqwest::Client>,
}

// Hides the token, and redacts settings that can contain one by mistake. The HTTP client is left out, because its `Debug` shows headers
// and proxies.
impl fmt::Debug for HuggingFaceDriverBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            model,
            token,
            api_key_env,
            provider,
            base_url,
            is_token_optional,
            allow_plain_http,
            dialect,
            bill_to,
            choose_provider,
            catalog_prices,
            price,
            catalog_file,
            catalog_max_age,
            generation,
            timeouts,
            retry,
            observer,
            limits,
            environment,
            clock,
            random_source,
            http_client,
        } = self;
        let file = catalog_file.as_ref().and_then(Option::as_ref);
        let file = file.map(|path| redact::tokens(&path.to_string_lossy()));
        let redact =
            |text: &Option<Option<String>>| text.as_ref().and_then(Option::as_deref).map(redact::tokens);
        f.debug_struct("HuggingFaceDriverBuilder")
            .field("model", &model.as_deref().map(redact_model))
            .field("has_token", &token.is_some())
            .field("api_key_env", &redact(api_key_env))
            .field("provider", &redact(provider))
            .field("base_url", base_url)
            .field("is_token_optional", is_token_optional)
            .field("allow_plain_http", allow_plain_http)
            .field("dialect", dialect)
            .field("choose_provider", choose_provider)
            .field("catalog_prices", catalog_prices)
            .field("price", price)
            .field("catalog_file", &file)
            .field("catalog_max_age", catalog_max_age)
            .field("bill_to", &redact(bill_to))
            .field("generation", generation)
            .field("timeouts", timeouts)
            .field("retry", retry)
            .field("observer", observer)
            .field("limits", limits)
            .field("environment", environment)
            .field("clock", clock)
            .field("random_source", random_source)
            .field("has_http_client", &http_client.is_some())
            .finish()
    }
}

impl Settings {
    /// Returns the HTTP client and the retries that all calls share.
    pub(in crate::huggingface) fn transport(&self) -> (HttpClient, Retrier) {
        let http = HttpClient::builder()
            .client(self.http_client.clone())
            .connect(self.timeouts.connect())
            .limits(self.limits)
            .clock(self.clock.clone())
            .build();
        let retrier = Retrier {
            config: self.retry,
            clock: http.clock().clone(),
            random_source: self.random_source.clone().unwrap_or_else(|| Arc::new(SystemRandom::new())),
            budget: Arc::default(),
            loading_models: LoadingModels::default(),
            observer: self.observer.clone(),
        };
        (http, retrier)
    }
}

impl HuggingFaceDriverBuilder {
    /// Returns the settings, with the defaults of those that are not set.
    #[cfg(feature = "tasks")]
    pub(in crate::huggingface) fn into_settings(self) -> Result<Settings, BotticelliError> {
        self.settings()
    }

    /// Builds the driver. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// - An invalid model name, or invalid default parameters.
    /// - An invalid token, or a missing one if the server requires a token.
    /// - An invalid base URL, or one to which a token would be sent in plain text.
    /// - A provider without chat completions, or one that cannot be called with this token.
    /// - A token of another service for Hugging Face, or a Hugging Face token for another provider.
    #[track_caller]
    pub fn build(self) -> Result<HuggingFaceDriver, BotticelliError> {
        let settings = self.settings()?;
        check_served_model(&settings.model)?;
        settings.generation.validate()?;
        let environment = &settings.environment;
        let token = find_token(settings.token.as_ref(), settings.api_key_env.as_deref(), environment)?;
        let provider = settings.provider.as_deref();
        let provider = provider.map(|name| ProviderRoute::new(name, token.is_huggingface())).transpose()?;
        let is_direct = provider.as_ref().is_some_and(ProviderRoute::is_direct);
        // The variable sets another router, which must not get a provider's key.
        let variable = environment.variable(BASE_URL_VARIABLE).filter(|_| !is_direct);
        let base_url = match (&settings.base_url, &variable) {
            (Some(base_url), _) => Some((&*base_url.0, "base_url")),
            (None, Some(base_url)) => Some((&**base_url, BASE_URL_VARIABLE)),
            (None, None) => None,
        };
        let endpoint = if let Some(provider) = &provider {
            provider_route::check(&settings.model)?;
            provider.endpoint(base_url)?
        } else {
            let (base_url, setting) = base_url.unwrap_or((ROUTER, "base_url"));
            let endpoint = Endpoint::parse(base_url, setting)?;
            endpoint.check(&settings.model)?;
            endpoint
        };
        let credentials = match token {
            TokenLookup::Missing(_) if settings.is_token_optional => Credentials::default(),
            token => token.credentials_for(endpoint.address(), settings.allow_plain_http)?,
        };
        let bill_to = settings.bill_to.as_deref().map(bill_to_header).transpose()?;
        let mut warnings = Vec::new();
        if is_direct && bill_to.is_some() {
            warnings.push(UNBILLED.to_owned());
        }
        let (http, retrier) = settings.transport();
        let dialect = provider.as_ref().map(|provider| Dialect::of_provider(provider.name()));
        let headers = provider.as_ref().map(ProviderRoute::headers).unwrap_or_default();
        let client = ApiClient::new(http.clone(), credentials, bill_to.filter(|_| !is_direct), headers);
        let selection_mode = match settings.choose_provider {
            // A single provider's route leaves no provider to select.
            _ if endpoint.address().is_router() && !endpoint.supports_routes() => SelectionMode::Off,
            Some(true) => SelectionMode::Checked,
            None if endpoint.supports_routes() => SelectionMode::Unpinned,
            Some(false) | None => SelectionMode::Off,
        };
        let price_source = PriceSource::new(&endpoint, settings.price, settings.catalog_prices);
        let models = endpoint.models();
        let file = settings.catalog_file.map(|path| {
            CatalogFile::new(
                environment.expanded(&path),
                models.as_ref().map_or_else(Default::default, Url::as_str),
            )
        });
        let catalog = Catalog::new(client.clone(), retrier.clone(), models, file, settings.catalog_max_age);
        let fixed_provider = provider.map(|provider| {
            // The Hub's address is used only for providers whose model names the Hub lists.
            let hub =
                environment.variable(HUB_VARIABLE).filter(|_| provider.model_naming() == ModelNaming::Mapped);
            let hub = Address::parse(hub.as_deref().unwrap_or(HUB), HUB_VARIABLE)?;
            let credentials = client.credentials.for_hub(&hub);
            let hub_client = ApiClient::new(http, credentials, None, HeaderMap::new());
            Ok::<_, BotticelliError>(FixedProvider {
                provider,
                mappings: ProviderMappings::new(hub, hub_client, retrier.clone()),
            })
        });
        Ok(HuggingFaceDriver::with_settings(DriverSettings {
            id: DriverId::new(),
            model: settings.model.into(),
            endpoint,
            fixed_provider: fixed_provider.transpose()?,
            catalog,
            price_source,
            unfinished_fetch: UnfinishedFetch::default(),
            selection_mode,
            dialect: settings.dialect.or(dialect).unwrap_or_default(),
            generation: settings.generation,
            timeouts: settings.timeouts,
            retrier,
            client,
            bare_streams: BareStreams::default(),
            warnings,
        }))
    }
}

impl HuggingFaceDriver {
    /// Returns a builder for a driver of `model`.
    pub fn builder(model: impl Into<String>) -> HuggingFaceDriverBuilder {
        HuggingFaceDriverBuilder::default().model(model)
    }

    /// Returns a driver for `model` with the token `api_key`. It calls the router, or the address in the variable
    /// `HUGGINGFACE_BASE_URL`.
    ///
    /// # Errors
    ///
    /// An invalid model name or token; an invalid `HUGGINGFACE_BASE_URL`, or one to which the token would be sent in plain text.
    #[track_caller]
    pub fn new(api_key: impl Into<String>, model: impl Into<String>) -> Result<Self, BotticelliError> {
        Self::builder(model).token(api_key.into()).build()
    }

    /// Returns a driver for `model` with the token from the environment or from the token file of the `hf` tools. It calls the router,
    /// or the address in the variable `HUGGINGFACE_BASE_URL`.
    ///
    /// The driver looks for the token in the variables `HUGGINGFACE_API_TOKEN`, `HF_TOKEN`, `HUGGING_FACE_HUB_TOKEN`, then in the
    /// file: `HF_TOKEN_PATH`, else `$HF_HOME/token`, else `$XDG_CACHE_HOME/huggingface/token`, else `~/.cache/huggingface/token`. An
    /// empty variable counts as missing.
    ///
    /// # Errors
    ///
    /// No token for Hugging Face (the error lists the searched places); an invalid token, model name or `HUGGINGFACE_BASE_URL`.
    #[track_caller]
    pub fn from_env(model: impl Into<String>) -> Result<Self, BotticelliError> {
        Self::builder(model).build()
    }

    /// Returns the driver that a configuration describes, with variables and files from `environment`.
    ///
    /// # Errors
    ///
    /// The errors of [`HuggingFaceDriverBuilder::build`], an unknown key, a wrong type, an unknown `dialect` or a setting of tasks in
    /// the provider's table, and an unset or empty variable in `api_key_env`.
    #[track_caller]
    pub fn from_config(config: &LlmConfig, environment: Environment) -> Result<Self, BotticelliError> {
        HuggingFaceConfig::from_config(config)?.check_chat()?;
        HuggingFaceDriverBuilder::of_config(config, environment)?.build()
    }

    /// Returns the driver that a configuration describes, for its catalog and its estimates. They need no token at the router of Hugging
    /// Face, so a missing one is not an error. The service then rejects other calls.
    ///
    /// # Errors
    ///
    /// As [`from_config`](Self::from_config), except for a token that is not found. An invalid token, and an unset variable in
    /// `api_key_env`, are errors.
    #[track_caller]
    pub fn for_lookups(config: &LlmConfig, environment: Environment) -> Result<Self, BotticelliError> {
        HuggingFaceConfig::from_config(config)?.check_chat()?;
        HuggingFaceDriverBuilder::of_config(config, environment)?.is_token_optional(true).build()
    }
}

impl HuggingFaceDriverBuilder {
    /// Returns a builder with the settings of a configuration.
    pub(in crate::huggingface) fn of_config(
        config: &LlmConfig,
        environment: Environment,
    ) -> Result<Self, BotticelliError> {
        let mut builder = HuggingFaceDriver::builder(config.model())
            .generation(config.generation().clone())
            .timeouts(*config.timeout())
            .retry(*config.retry())
            .environment(environment);
        if let Some(name) = config.auth().api_key_env() {
            builder = builder.api_key_env(name);
        }
        let settings = HuggingFaceConfig::from_config(config)?;
        if let Some(provider) = settings.provider() {
            builder = builder.provider(provider);
        }
        if let Some(choose) = settings.choose_provider() {
            builder = builder.choose_provider(choose);
        }
        if let Some(prices) = settings.catalog_prices() {
            builder = builder.catalog_prices(prices);
        }
        if let Some(price) = settings.price() {
            builder = builder.price(price);
        }
        if let Some(path) = settings.catalog_file() {
            builder = builder.catalog_file(PathBuf::from(path));
        }
        if let Some(seconds) = settings.catalog_max_age() {
            builder = builder.catalog_max_age(Duration::from_secs(seconds));
        }
        if let Some(dialect) = settings.dialect() {
            builder = builder.dialect(dialect.parse()?);
        }
        if let Some(base_url) = settings.base_url() {
            builder = builder.base_url(base_url);
        }
        if let Some(allow) = settings.allow_plain_http() {
            builder = builder.allow_plain_http(allow);
        }
        if let Some(bill_to) = settings.bill_to() {
            builder = builder.bill_to(bill_to);
        }
        Ok(builder)
    }
}

/// Returns the header with the organization that pays.
pub(in crate::huggingface) fn bill_to_header(bill_to: &str) -> Result<HeaderValue, BotticelliError> {
    let name = bill_to.trim();
    if redact::is_token(name) {
        let remedy = "write the organization's name as on its page, huggingface.co/NAME";
        return Err(ConfigError::new("the setting contains a token", remedy).with_key("bill_to").into());
    }
    HeaderValue::from_str(name).ok().filter(|value| !value.is_empty() && value.to_str().is_ok()).ok_or_else(
        || {
            let reason = format!("{:?} is not a valid organization name", redact::tokens(name));
            ConfigError::new(reason, "write the name as on the organization's page, huggingface.co/NAME")
                .with_key("bill_to")
                .into()
        },
    )
}
