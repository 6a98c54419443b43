//! Settings that become a driver.

use super::Dialect;
use super::credentials::credentials;
use super::driver::{HuggingFaceDriver, Shared};
use super::route::{BaseUrl, Endpoint, ROUTER};
use crate::Environment;
use crate::transport::{HttpClient, Limits, Observer, Retrier, SystemChance, Wakeups};
use botticelli_core::{AuthConfig, GenerationConfig, LlmConfig, RetryConfig, Timeouts};
use botticelli_error::{BotticelliError, ConfigError};
use botticelli_interface::{Chance, Clock};
use derive_builder::Builder;
use reqwest::header::HeaderValue;
use secrecy::SecretString;
use std::sync::Arc;

/// The variable that names another router, for tests and proxies.
const BASE_URL_VARIABLE: &str = "HUGGINGFACE_BASE_URL";

/// What a driver is set up with.
#[derive(Clone, Debug, Builder)]
#[builder(name = "HuggingFaceDriverBuilder", pattern = "owned", public, derive(Debug), setter(strip_option))]
#[builder_struct_attr(doc = "")]
#[builder_struct_attr(
    doc = "Sets up a [`HuggingFaceDriver`]; whatever is not set has its default. A driver needs a"
)]
#[builder_struct_attr(
    doc = "tokio runtime with I/O and time when it is asked, not when it is built. One runtime: the"
)]
#[builder_struct_attr(doc = "connections of a driver belong to the runtime that made them.")]
#[builder(build_fn(private, name = "settings", error = "BotticelliError"))]
pub(super) struct Settings {
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
    /// Where the service is. Default: the variable `HUGGINGFACE_BASE_URL`, else
    /// `https://router.huggingface.co/v1`.
    #[builder(default, setter(into))]
    base_url: Option<BaseUrl>,
    /// Whose spelling of the protocol the server wants. Default: OpenAI's, which the router wants, too.
    #[builder(default)]
    dialect: Dialect,
    /// The organisation (or resource group) that pays. Default: the owner of the token.
    #[builder(default, setter(into))]
    bill_to: Option<String>,
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
    /// The chance that spreads retries. Default: the real one.
    #[builder(default)]
    chance: Option<Arc<dyn Chance>>,
    /// A client of your own, of reqwest 0.13, with its own proxy, roots and connect timeout. It should follow no redirect: one would
    /// carry the prompt, and on the same host the token, to wherever it points.
    #[builder(default)]
    http_client: Option<reqwest::Client>,
}

impl HuggingFaceDriverBuilder {
    /// Builds the driver. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// A model's name that cannot be one; no token where one is needed, or one that cannot be one; a base URL that is
    /// none, or one to which a token would travel in plain text.
    #[track_caller]
    pub fn build(self) -> Result<HuggingFaceDriver, BotticelliError> {
        let settings = self.settings()?;
        settings.generation.validate()?;
        let variable = || settings.environment.variable(BASE_URL_VARIABLE);
        let endpoint = match (&settings.base_url, variable()) {
            (Some(base_url), _) => Endpoint::parse(&base_url.0, "base_url")?,
            (None, Some(base_url)) => Endpoint::parse(&base_url, BASE_URL_VARIABLE)?,
            (None, None) => Endpoint::parse(ROUTER, "base_url")?,
        };
        endpoint.check(&settings.model)?;
        let credentials = credentials(
            settings.token.as_ref(),
            settings.api_key_env.as_deref(),
            &endpoint,
            &settings.environment,
        )?;
        let http = HttpClient::builder()
            .client(settings.http_client)
            .connect(settings.timeouts.connect)
            .limits(settings.limits)
            .clock(settings.clock)
            .build();
        let retrier = Retrier {
            config: settings.retry,
            loading: settings.timeouts.loading,
            clock: http.clock().clone(),
            chance: settings.chance.unwrap_or_else(|| Arc::new(SystemChance)),
            budget: Arc::default(),
            wakeups: Wakeups::default(),
            observer: settings.observer,
        };
        Ok(HuggingFaceDriver::from(Shared {
            model: settings.model,
            endpoint,
            dialect: settings.dialect,
            credentials,
            bill_to: settings.bill_to.as_deref().map(header).transpose()?,
            generation: settings.generation,
            timeouts: settings.timeouts,
            retrier,
            http,
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

    /// A driver as a configuration describes it, with variables and files from `environment`.
    ///
    /// # Errors
    ///
    /// As [`HuggingFaceDriverBuilder::build`]; and a variable named in `api_key_env` that is unset or empty.
    #[track_caller]
    pub fn from_config(config: &LlmConfig, environment: Environment) -> Result<Self, BotticelliError> {
        let mut builder =
            Self::builder(config.model()).generation(config.generation().clone()).environment(environment);
        if let Some(name) = &config.auth().api_key_env {
            builder = builder.api_key_env(name);
        }
        if let Some(base_url) = &config.huggingface().base_url {
            builder = builder.base_url(base_url.as_str());
        }
        if let Some(bill_to) = &config.huggingface().bill_to {
            builder = builder.bill_to(bill_to);
        }
        builder.build()
    }
}

fn header(bill_to: &str) -> Result<HeaderValue, BotticelliError> {
    let name = bill_to.trim();
    if AuthConfig::looks_like_a_token(name) {
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
