//! The builder of a client of endpoints.

use super::client::ManagementClient;
use super::driver_settings::DriverSettings;
use super::endpoints::Endpoints;
use super::progress::EndpointObserver;
use super::settings::EndpointsSettings;
use super::values::check_part;
use crate::Environment;
use crate::huggingface::builder::HUB_VARIABLE;
use crate::huggingface::catalog::provider_mapping::HUB;
use crate::huggingface::credentials::find_token;
use crate::huggingface::routing::address::{Address, redact_address};
use crate::transport::{HttpClient, Limits, LoadingModels, Observer, Retrier};
use botticelli_core::{RetryConfig, Usd, redact};
use botticelli_error::BotticelliError;
use botticelli_interface::{Clock, RandomSource, SystemRandom};
use secrecy::SecretString;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// The management API.
const MANAGEMENT: &str = "https://api.endpoints.huggingface.cloud/v2";

/// Builder of [`Endpoints`]. `Debug` hides the token.
#[derive(Clone)]
pub struct EndpointsBuilder {
    base_url: Option<String>,
    namespace: Option<String>,
    token: Option<SecretString>,
    max_price: Option<Usd>,
    retry: RetryConfig,
    wait_observer: Option<Observer>,
    observer: Option<EndpointObserver>,
    durations: Durations,
    limits: Limits,
    http_client: Option<reqwest::Client>,
    environment: Environment,
    clock: Option<Arc<dyn Clock>>,
    random_source: Option<Arc<dyn RandomSource>>,
}

#[derive(Clone, Copy, Debug)]
struct Durations {
    connect: Duration,
    request: Duration,
    poll: Duration,
    wait: Option<Duration>,
}

impl Default for EndpointsBuilder {
    fn default() -> Self {
        Self {
            base_url: None,
            namespace: None,
            token: None,
            max_price: None,
            retry: RetryConfig::default(),
            wait_observer: None,
            observer: None,
            durations: Durations {
                connect: Duration::from_secs(10),
                request: Duration::from_secs(60),
                poll: Duration::from_secs(5),
                wait: Some(Duration::from_secs(30 * 60)),
            },
            limits: Limits::default(),
            http_client: None,
            environment: Environment::default(),
            clock: None,
            random_source: None,
        }
    }
}

impl EndpointsBuilder {
    /// Sets the base URL of the management API, for tests and proxies. Default: `https://api.endpoints.huggingface.cloud/v2`.
    pub fn with_base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(base_url.into());
        self
    }

    /// Sets the user or the organization that owns the endpoints. Default: the owner of the token, which the Hub names
    /// (`HF_ENDPOINT` sets another Hub).
    pub fn with_namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = Some(namespace.into());
        self
    }

    /// Sets the token. Default: the token that the driver finds. A fine-grained token needs the permission
    /// `inference.endpoints.write`, and `inference.endpoints.infer.write` for calls of an endpoint.
    pub fn with_token(mut self, token: impl Into<SecretString>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Sets the maximum price per hour of one endpoint, with all its replicas. [`Endpoints::create`] and [`Endpoints::update`] refuse a
    /// higher price, and an unknown one, before anything is changed. Default: no limit.
    pub const fn with_max_price_per_hour(mut self, limit: Usd) -> Self {
        self.max_price = Some(limit);
        self
    }

    /// Sets the number of retries and their waits. Default: three retries; see [`RetryConfig`].
    pub fn with_retry(mut self, retry: RetryConfig) -> Self {
        self.retry = retry;
        self
    }

    /// Sets a callback for the waits before retries.
    pub fn with_wait_observer(mut self, observer: impl Into<Observer>) -> Self {
        self.wait_observer = Some(observer.into());
        self
    }

    /// Sets a callback for every poll of [`Endpoints::wait_until_running`].
    pub fn with_observer(mut self, observer: impl Into<EndpointObserver>) -> Self {
        self.observer = Some(observer.into());
        self
    }

    /// Sets the limit for opening a connection. Default: 10 s.
    pub const fn with_connect_timeout(mut self, limit: Duration) -> Self {
        self.durations.connect = limit;
        self
    }

    /// Sets the limit of a request over all attempts. Default: 60 s.
    pub const fn with_request_timeout(mut self, limit: Duration) -> Self {
        self.durations.request = limit;
        self
    }

    /// Sets the time between two polls of [`Endpoints::wait_until_running`]. Default: 5 s.
    pub const fn with_poll_interval(mut self, interval: Duration) -> Self {
        self.durations.poll = interval;
        self
    }

    /// Sets the limit of [`Endpoints::wait_until_running`]. Default: 30 minutes. `None` waits without a limit.
    pub const fn with_wait_timeout(mut self, limit: Option<Duration>) -> Self {
        self.durations.wait = limit;
        self
    }

    /// Sets the size limits of responses. Defaults: see [`Limits`].
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets an HTTP client, for example with a proxy or with certificates. It must not follow redirects. Drivers of endpoints use it too.
    pub fn with_http_client(mut self, client: reqwest::Client) -> Self {
        self.http_client = Some(client);
        self
    }

    /// Sets the environment for the token. Default: the environment of the process. Drivers of endpoints use it too.
    pub fn with_environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self
    }

    /// Sets the clock. Default: the system clock. Drivers of endpoints use it too.
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Sets the random numbers that spread retries. Default: those of the system.
    pub fn with_random_source(mut self, random_source: Arc<dyn RandomSource>) -> Self {
        self.random_source = Some(random_source);
        self
    }

    /// Builds the client. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// A missing or an invalid token, an invalid base URL or namespace, or a base URL to which the token would be sent in plain text.
    #[track_caller]
    pub fn build(self) -> Result<Endpoints, BotticelliError> {
        let environment = &self.environment;
        let address = Address::parse(self.base_url.as_deref().unwrap_or(MANAGEMENT), "base_url")?;
        let hub = environment.variable(HUB_VARIABLE);
        let hub = Address::parse(hub.as_deref().unwrap_or(HUB), HUB_VARIABLE)?;
        let credentials =
            find_token(self.token.as_ref(), None, environment)?.credentials_for(&address, false)?;
        let namespace = OnceLock::new();
        if let Some(name) = self.namespace {
            check_part("namespace", &name)?;
            let _ = namespace.set(name);
        }
        let http = HttpClient::builder()
            .client(self.http_client.clone())
            .connect(Some(self.durations.connect))
            .limits(self.limits)
            .clock(self.clock)
            .build();
        let retrier = Retrier {
            config: self.retry,
            clock: http.clock().clone(),
            random_source: self.random_source.unwrap_or_else(|| Arc::new(SystemRandom::new())),
            budget: Arc::default(),
            loading_models: LoadingModels::default(),
            observer: self.wait_observer,
        };
        let limit = self.durations.request;
        let hub_credentials = credentials.for_hub(&hub);
        let client = ManagementClient { address, credentials, http, retrier, limit };
        let hub = ManagementClient { address: hub, credentials: hub_credentials, ..client.clone() };
        let driver = DriverSettings {
            client: client.clone(),
            environment: self.environment,
            http_client: self.http_client,
            limits: self.limits,
        };
        Ok(Endpoints::new(EndpointsSettings {
            client,
            hub,
            namespace,
            max_price: self.max_price,
            poll_interval: self.durations.poll,
            wait_limit: self.durations.wait,
            observer: self.observer,
            driver: Arc::new(driver),
        }))
    }
}

impl Endpoints {
    /// Returns a builder.
    pub fn builder() -> EndpointsBuilder {
        EndpointsBuilder::default()
    }

    /// Returns a client with the token from the environment or from the token file of the `hf` tools.
    ///
    /// # Errors
    ///
    /// As [`EndpointsBuilder::build`].
    #[track_caller]
    pub fn from_env() -> Result<Self, BotticelliError> {
        Self::builder().build()
    }
}

impl fmt::Debug for EndpointsBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndpointsBuilder")
            .field("base_url", &self.base_url.as_deref().map(redact_address))
            .field("namespace", &self.namespace.as_deref().map(redact::tokens))
            .field("has_token", &self.token.is_some())
            .field("max_price", &self.max_price)
            .field("retry", &self.retry)
            .field("durations", &self.durations)
            .field("limits", &self.limits)
            .field("has_http_client", &self.http_client.is_some())
            .field("environment", &self.environment)
            .finish_non_exhaustive()
    }
}
