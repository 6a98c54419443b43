//! Settings that become a driver.

use crate::Environment;
use crate::huggingface::Dialect;
use crate::huggingface::catalog::catalog::Catalog;
use crate::huggingface::catalog::catalog_file::CatalogFile;
use crate::huggingface::catalog::provider_mapping::{HUB, ProviderMappings};
use crate::huggingface::client::api_client::ApiClient;
use crate::huggingface::client::stream_options::BareStreams;
use crate::huggingface::config::HuggingFaceConfig;
use crate::huggingface::credentials::seek;
use crate::huggingface::driver::{DriverSettings, HuggingFaceDriver};
use crate::huggingface::routing::address::Address;
use crate::huggingface::routing::endpoint::{BaseUrl, Endpoint, ROUTER, check_served_model, shown_model};
use crate::huggingface::routing::provider_route::{self, Naming, ProviderRoute};
use crate::huggingface::routing::provider_selection::SelectionMode;
use crate::huggingface::routing::route_plan::FixedProvider;
use crate::transport::{HttpClient, Limits, LoadingModels, Observer, Retrier, SystemRandom};
use botticelli_core::{AuthConfig, GenerationConfig, LlmConfig, RetryConfig, Timeouts};
use botticelli_error::{BotticelliError, ConfigError};
use botticelli_interface::{Clock, RandomSource};
use derive_builder::Builder;
use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderValue};
use secrecy::SecretString;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The variable that names another router, for tests and proxies.
const BASE_URL_VARIABLE: &str = "HUGGINGFACE_BASE_URL";

/// The variable that names a mirror of the Hub, for all tools of Hugging Face.
const HUB_VARIABLE: &str = "HF_ENDPOINT";

const UNBILLED: &str =
    "`bill_to` was not sent: with a key of its own the provider bills, and not Hugging Face";

/// What a driver is set up with.
#[derive(Clone, Builder)]
#[builder(name = "HuggingFaceDriverBuilder", pattern = "owned", public, setter(strip_option))]
#[builder_struct_attr(doc = "")]
#[builder_struct_attr(
    doc = "Sets up a [`HuggingFaceDriver`]; whatever is not set has its default. A driver needs a"
)]
#[builder_struct_attr(
    doc = "tokio runtime with I/O and time when it is asked, not when it is built. It may be used on several"
)]
#[builder_struct_attr(doc = "runtimes: each has connections of its own.")]
#[builder(build_fn(private, name = "settings", error = "BotticelliError"))]
pub(in crate::huggingface) struct Settings {
    /// The model that is asked where a request names none: `org/model`, with `:fastest`, `:cheapest`, `:preferred` or
    /// `:provider` after it if you like.
    #[builder(setter(into))]
    model: String,
    /// The token. Not set: it is looked for in the environment and in the token file of the `hf` tools.
    #[builder(default, setter(into))]
    token: Option<SecretString>,
    /// The name of the variable that holds the token; no other place is looked at then.
    #[builder(default, setter(into))]
    api_key_env: Option<String>,
    /// A provider to be called on its own route, past the choice of the router: `groq`. With a token of Hugging Face's
    /// (`hf_…`) through its router, billed by Hugging Face; with a key of the provider's own at the provider itself, and
    /// nowhere else. The model's name has no route then.
    #[builder(default, setter(into))]
    provider: Option<String>,
    /// Where the service is. Default: the variable `HUGGINGFACE_BASE_URL`, else
    /// `https://router.huggingface.co/v1`. Beside a `provider`, the root: that of the router, or the provider's.
    #[builder(default, setter(into))]
    base_url: Option<BaseUrl>,
    /// Whether a token that was passed, or whose variable was named, may cross the network in plain text: to a server on a
    /// network of your own, as `http://vllm:8000`. Default: `false`. Never to Hugging Face or to a known provider, and never a
    /// token that was only found.
    #[builder(default)]
    allow_plain_http: bool,
    /// Whose spelling of the protocol the server wants. Default: that of the `provider`; where none is set, OpenAI's, which
    /// the router wants, too.
    #[builder(default)]
    dialect: Option<Dialect>,
    /// The organisation (or resource group) that pays. Default: the owner of the token.
    #[builder(default, setter(into))]
    bill_to: Option<String>,
    /// Whether a provider is chosen from the catalogue where a request needs tools, a schema, images or a long context, and
    /// names no provider. Default: only at Hugging Face's own router, and there a provider that is named is left alone;
    /// `true` has it checked, too.
    #[builder(default)]
    choose_provider: Option<bool>,
    /// A file that the catalogue is kept in, between one run and the next, for its owner's eyes only. Default: none.
    #[builder(default, setter(into))]
    catalog_file: Option<PathBuf>,
    /// For how long a catalogue holds. Default: five minutes, and a day where it is kept in a file.
    #[builder(default)]
    catalog_max_age: Option<Duration>,
    /// What every request asks for, unless it says otherwise itself. Default: nothing.
    #[builder(default)]
    generation: GenerationConfig,
    /// How long to wait for the service, unless a request says otherwise itself. Defaults: see [`Timeouts`].
    #[builder(default)]
    timeouts: Timeouts,
    /// How often a call is tried again, and after how long. Default: three times; see [`RetryConfig`].
    #[builder(default)]
    retry: RetryConfig,
    /// Told of every wait before a call is made again, and while a model is being loaded. It should return at once.
    #[builder(default, setter(into))]
    observer: Option<Observer>,
    /// How much to take from the service. Defaults: see [`Limits`].
    #[builder(default)]
    limits: Limits,
    /// Where variables and files are read. Default: this process's environment.
    #[builder(default)]
    environment: Environment,
    /// The clock. Default: the real one.
    #[builder(default)]
    clock: Option<Arc<dyn Clock>>,
    /// The random_source that spreads retries. Default: the real one.
    #[builder(default)]
    random_source: Option<Arc<dyn RandomSource>>,
    /// A client of your own, of reqwest 0.13, with its own proxy, roots and connect timeout. It should follow no redirect: where it
    /// does, the prompt stays behind, the token with its host, and the call fails. Unless it is built with `no_proxy()`, it
    /// takes the proxies of the environment also for plain http on this machine, and such a proxy sees the token. Nor should
    /// its `connection_verbose` be on, which logs every byte that is sent, the token included. Its connections belong to the
    /// runtime on which it is used first: on another one a call is an error while the first stands still.
    #[builder(default)]
    http_client: Option<reqwest::Client>,
}

// The token is hidden, and so is whatever may hold one by mistake; a client prints its headers and its proxies.
impl fmt::Debug for HuggingFaceDriverBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            model,
            token,
            api_key_env,
            provider,
            base_url,
            allow_plain_http,
            dialect,
            bill_to,
            choose_provider,
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
        let file = file.map(|path| AuthConfig::hide_tokens(&path.to_string_lossy()));
        let hidden = |text: &Option<Option<String>>| {
            text.as_ref().and_then(Option::as_deref).map(AuthConfig::hide_tokens)
        };
        f.debug_struct("HuggingFaceDriverBuilder")
            .field("model", &model.as_deref().map(shown_model))
            .field("has_token", &token.is_some())
            .field("api_key_env", &hidden(api_key_env))
            .field("provider", &hidden(provider))
            .field("base_url", base_url)
            .field("allow_plain_http", allow_plain_http)
            .field("dialect", dialect)
            .field("choose_provider", choose_provider)
            .field("catalog_file", &file)
            .field("catalog_max_age", catalog_max_age)
            .field("bill_to", &hidden(bill_to))
            .field("generation", generation)
            .field("timeouts", timeouts)
            .field("retry", retry)
            .field("observer", observer)
            .field("limits", limits)
            .field("environment", environment)
            .field("clock", clock)
            .field("random_source", random_source)
            .field("has_own_client", &http_client.is_some())
            .finish()
    }
}

impl HuggingFaceDriverBuilder {
    /// Builds the driver. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// A model's name that cannot be one; no token where one is needed, or one that cannot be one; a base URL that is
    /// none, or one to which a token would travel in plain text; a provider that does not chat, or cannot be called so; a
    /// key of another service on the way to Hugging Face, or the other way round.
    #[track_caller]
    pub fn build(self) -> Result<HuggingFaceDriver, BotticelliError> {
        let settings = self.settings()?;
        check_served_model(&settings.model)?;
        settings.generation.validate()?;
        let environment = &settings.environment;
        let token = seek(settings.token.as_ref(), settings.api_key_env.as_deref(), environment)?;
        let provider = settings.provider.as_deref();
        let provider = provider.map(|name| ProviderRoute::new(name, token.is_huggingface())).transpose()?;
        let is_direct = provider.as_ref().is_some_and(ProviderRoute::is_direct);
        // The variable names another router, which a provider's key must not go to.
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
        let credentials = token.at(endpoint.address(), settings.allow_plain_http)?;
        let bill_to = settings.bill_to.as_deref().map(header).transpose()?;
        let mut warnings = Vec::new();
        if is_direct && bill_to.is_some() {
            warnings.push(UNBILLED.to_owned());
        }
        let http = HttpClient::builder()
            .client(settings.http_client)
            .connect(settings.timeouts.connect())
            .limits(settings.limits)
            .clock(settings.clock)
            .build();
        let retrier = Retrier {
            config: settings.retry,
            loading: settings.timeouts.loading(),
            clock: http.clock().clone(),
            random_source: settings.random_source.unwrap_or_else(|| Arc::new(SystemRandom)),
            budget: Arc::default(),
            wakeups: LoadingModels::default(),
            observer: settings.observer,
        };
        let dialect = provider.as_ref().map(|provider| Dialect::of_provider(provider.name()));
        let headers = provider.as_ref().map(ProviderRoute::headers).unwrap_or_default();
        let caller = ApiClient::new(http.clone(), credentials, bill_to.filter(|_| !is_direct), headers);
        let choosing = match settings.choose_provider {
            // On the route of one provider nobody can be chosen.
            _ if endpoint.address().is_router() && !endpoint.reads_routes() => SelectionMode::Off,
            Some(true) => SelectionMode::Checked,
            None if endpoint.reads_routes() => SelectionMode::Unpinned,
            Some(false) | None => SelectionMode::Off,
        };
        let models = endpoint.models();
        let file = settings.catalog_file.map(|path| {
            CatalogFile::new(
                environment.expanded(&path),
                models.as_ref().map_or_else(Default::default, Url::as_str),
            )
        });
        let catalog = Catalog::new(caller.clone(), retrier.clone(), models, file, settings.catalog_max_age);
        let own_route = provider.map(|provider| {
            // Only who asks the Hub has to know where it is.
            let hub = environment.variable(HUB_VARIABLE).filter(|_| provider.naming() == Naming::Own);
            let hub = Address::parse(hub.as_deref().unwrap_or(HUB), HUB_VARIABLE)?;
            let credentials = caller.credentials.for_the_hub(&hub);
            let hub_caller = ApiClient::new(http, credentials, None, HeaderMap::new());
            Ok::<_, BotticelliError>(FixedProvider {
                provider,
                mappings: ProviderMappings::new(hub, hub_caller, retrier.clone()),
            })
        });
        Ok(HuggingFaceDriver::from(DriverSettings {
            model: settings.model,
            endpoint,
            own_route: own_route.transpose()?,
            catalog,
            choosing,
            dialect: settings.dialect.or(dialect).unwrap_or_default(),
            generation: settings.generation,
            timeouts: settings.timeouts,
            retrier,
            caller,
            bare_streams: BareStreams::default(),
            warnings,
        }))
    }
}

impl HuggingFaceDriver {
    /// Sets one thing after the other.
    pub fn builder(model: impl Into<String>) -> HuggingFaceDriverBuilder {
        HuggingFaceDriverBuilder::default().model(model)
    }

    /// A driver that asks `model` with the token `api_key`: on the router, or where the variable `HUGGINGFACE_BASE_URL`
    /// says.
    ///
    /// # Errors
    ///
    /// A model's name or a token that cannot be one; a `HUGGINGFACE_BASE_URL` that is no address, or to which the token
    /// would travel in plain text.
    #[track_caller]
    pub fn new(api_key: impl Into<String>, model: impl Into<String>) -> Result<Self, BotticelliError> {
        Self::builder(model).token(api_key.into()).build()
    }

    /// A driver that asks `model` with the token that is found in the environment or in the token file of the `hf` tools:
    /// on the router, or where the variable `HUGGINGFACE_BASE_URL` says.
    ///
    /// Looked at in this order: the variables `HUGGINGFACE_API_TOKEN`, `HF_TOKEN`, `HUGGING_FACE_HUB_TOKEN`, then the
    /// file (`HF_TOKEN_PATH`, else `token` in `HF_HOME`). An empty variable counts as absent.
    ///
    /// # Errors
    ///
    /// No token anywhere (the error lists the places), or one that cannot be one; a model's name that cannot be one.
    #[track_caller]
    pub fn from_env(model: impl Into<String>) -> Result<Self, BotticelliError> {
        Self::builder(model).build()
    }

    /// Returns the driver that a configuration describes, with variables and files from `environment`.
    ///
    /// # Errors
    ///
    /// As [`HuggingFaceDriverBuilder::build`], an unknown key or a wrong type in the provider's table, and a variable named in
    /// `api_key_env` that is unset or empty.
    #[track_caller]
    pub fn from_config(config: &LlmConfig, environment: Environment) -> Result<Self, BotticelliError> {
        let mut builder = Self::builder(config.model())
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
        builder.build()
    }
}

fn header(bill_to: &str) -> Result<HeaderValue, BotticelliError> {
    let name = bill_to.trim();
    if AuthConfig::is_token(name) {
        let remedy = "write the organisation's name, as on its page: huggingface.co/NAME";
        return Err(ConfigError::new("a token stands here", remedy).with_key("bill_to").into());
    }
    HeaderValue::from_str(name).ok().filter(|value| !value.is_empty() && value.to_str().is_ok()).ok_or_else(
        || {
            let reason = format!("{:?} cannot be the name of an organisation", AuthConfig::hide_tokens(name));
            ConfigError::new(reason, "write it as on its page: huggingface.co/NAME")
                .with_key("bill_to")
                .into()
        },
    )
}
