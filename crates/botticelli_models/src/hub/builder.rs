//! The builder of a [`Hub`].

use crate::Environment;
use crate::hub::client::HubClient;
use crate::hub::hub::Hub;
use crate::hub::settings::{HubSettings, redact_path};
use crate::huggingface::credentials::{find_token, is_true, tools_home};
use crate::huggingface::routing::address::{Address, redact_address};
use crate::transport::{HttpClient, LoadingModels, Observer, Retrier};
use botticelli_core::{RetryConfig, redact};
use botticelli_error::{BotticelliError, ConfigError};
use botticelli_interface::{Clock, RandomSource, SystemRandom};
use secrecy::SecretString;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

const ENDPOINT: &str = "https://huggingface.co";
const ENDPOINT_VARIABLE: &str = "HF_ENDPOINT";
/// The variables of the cache folder, the current one first.
const CACHE_VARIABLES: [&str; 2] = ["HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"];
const OFFLINE_VARIABLES: [&str; 2] = ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"];
const NO_LINKS_VARIABLE: &str = "HF_HUB_DISABLE_SYMLINKS";

/// Builder of a [`Hub`]. `Debug` hides the token.
#[derive(Clone, Default)]
pub struct HubBuilder {
    endpoint: Option<String>,
    cache: Option<PathBuf>,
    token: Option<SecretString>,
    revision: Option<String>,
    offline: Option<bool>,
    memory_limit: Option<u64>,
    retry: RetryConfig,
    wait_observer: Option<Observer>,
    limits: TransferLimits,
    http_client: Option<reqwest::Client>,
    environment: Environment,
    clock: Option<Arc<dyn Clock>>,
    random_source: Option<Arc<dyn RandomSource>>,
}

/// The numbers of a transfer.
#[derive(Clone, Copy, Debug)]
struct TransferLimits {
    concurrency: usize,
    range_size: u64,
    connect: Duration,
    lookup: Duration,
    idle: Duration,
}

impl Default for TransferLimits {
    fn default() -> Self {
        Self {
            concurrency: 4,
            range_size: 8 << 20,
            connect: Duration::from_secs(10),
            lookup: Duration::from_secs(60),
            idle: Duration::from_secs(30),
        }
    }
}

impl HubBuilder {
    /// Sets the address of the Hub or of a mirror. Default: `HF_ENDPOINT`, else `https://huggingface.co`. Only a Hub on this machine
    /// may have an address without encryption.
    pub fn with_endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = Some(endpoint.into());
        self
    }

    /// Sets the folder of the cache. Default: `HF_HUB_CACHE`, else `hub` in `HF_HOME`, else `~/.cache/huggingface/hub`.
    pub fn with_cache(mut self, folder: impl Into<PathBuf>) -> Self {
        self.cache = Some(folder.into());
        self
    }

    /// Sets the token. Default: the token that the driver finds, which is sent only to Hugging Face and to this machine. The token is
    /// never sent to the servers to which the Hub redirects.
    pub fn with_token(mut self, token: impl Into<SecretString>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Sets the revision of repositories whose name has none. Default: `main`.
    pub fn with_revision(mut self, revision: impl Into<String>) -> Self {
        self.revision = Some(revision.into());
        self
    }

    /// Forbids or allows requests. Default: `HF_HUB_OFFLINE`, else allowed.
    pub fn with_offline(mut self, offline: bool) -> Self {
        self.offline = Some(offline);
        self
    }

    /// Sets the memory for the weights of a model, in bytes. See [`Hub::with_memory_limit`].
    pub fn with_memory_limit(mut self, bytes: u64) -> Self {
        self.memory_limit = Some(bytes);
        self
    }

    /// Sets the number of retries and their waits. A transfer that makes progress is continued without a limit.
    pub fn with_retry(mut self, retry: RetryConfig) -> Self {
        self.retry = retry;
        self
    }

    /// Sets an observer for the waits before retries of lookups.
    pub fn with_wait_observer(mut self, observer: impl Into<Observer>) -> Self {
        self.wait_observer = Some(observer.into());
        self
    }

    /// Sets the number of ranges of one large file, and of files of one snapshot, that are downloaded at the same time. Default: 4.
    /// 1 downloads everything in one piece after the other.
    pub fn with_concurrency(mut self, concurrency: usize) -> Self {
        self.limits.concurrency = concurrency.max(1);
        self
    }

    /// Sets the size of a range in bytes. Default: 8 MiB. Each range that is downloaded is in memory until it is written. A file of at
    /// most two ranges is downloaded in one piece.
    pub fn with_range_size(mut self, bytes: u64) -> Self {
        self.limits.range_size = bytes.max(1);
        self
    }

    /// Sets the limit for opening a connection. Default: 10 s.
    pub fn with_connect_timeout(mut self, limit: Duration) -> Self {
        self.limits.connect = limit;
        self
    }

    /// Sets the limit of a request for names, sizes or checksums, over all attempts. Default: 60 s.
    pub fn with_lookup_timeout(mut self, limit: Duration) -> Self {
        self.limits.lookup = limit;
        self
    }

    /// Sets the longest silence of the server during a transfer. Default: 30 s. A transfer as a whole has no limit.
    pub fn with_idle_timeout(mut self, limit: Duration) -> Self {
        self.limits.idle = limit;
        self
    }

    /// Sets an HTTP client, for example with a proxy or with certificates. It must not follow redirects, and must not
    /// decompress responses.
    pub fn with_http_client(mut self, client: reqwest::Client) -> Self {
        self.http_client = Some(client);
        self
    }

    /// Sets the environment for tokens, addresses and folders. Default: the environment of the process.
    pub fn with_environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self
    }

    /// Sets the clock. Default: the system clock.
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Sets the random numbers that spread retries. Default: those of the system.
    pub fn with_random_source(mut self, random_source: Arc<dyn RandomSource>) -> Self {
        self.random_source = Some(random_source);
        self
    }

    /// Builds the Hub. Nothing is sent yet, and the cache is not created.
    ///
    /// # Errors
    ///
    /// An invalid token, an invalid endpoint, or one that is not encrypted. No cache folder, because the home folder is unknown.
    #[track_caller]
    pub fn build(self) -> Result<Hub, BotticelliError> {
        let environment = &self.environment;
        let variable = environment.variable(ENDPOINT_VARIABLE);
        let (endpoint, setting) = match (&self.endpoint, &variable) {
            (Some(endpoint), _) => (endpoint.as_str(), "endpoint"),
            (None, Some(endpoint)) => (endpoint.as_str(), ENDPOINT_VARIABLE),
            (None, None) => (ENDPOINT, "endpoint"),
        };
        let endpoint = parse_endpoint(endpoint, setting)?;
        let credentials =
            find_token(self.token.as_ref(), None, environment)?.credentials_for_hub(&endpoint)?;
        let cache = self.cache_folder()?;
        let http = HttpClient::builder()
            .client(self.http_client)
            .connect(Some(self.limits.connect))
            .keep_encoding()
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
        let is_on = |name: &&str| environment.variable(name).is_some_and(|value| is_true(&value));
        let offline = match self.offline {
            Some(true) => Some("`with_offline(true)`".to_owned()),
            Some(false) => None,
            None => OFFLINE_VARIABLES.iter().find(|name| is_on(name)).map(|name| format!("{name}=1")),
        };
        let client = HubClient {
            endpoint,
            credentials,
            http,
            retrier,
            lookup_limit: self.limits.lookup,
            idle: Some(self.limits.idle),
        };
        Ok(Hub::new(HubSettings {
            client,
            cache,
            revision: self.revision,
            offline,
            observer: None,
            concurrency: self.limits.concurrency,
            range_size: self.limits.range_size,
            has_links: !is_on(&NO_LINKS_VARIABLE),
            memory_limit: self.memory_limit,
        }))
    }

    fn cache_folder(&self) -> Result<PathBuf, BotticelliError> {
        let environment = &self.environment;
        let given = self.cache.as_ref().map(|folder| environment.expanded(folder));
        let variable = || CACHE_VARIABLES.iter().find_map(|name| environment.path(name));
        let found = given.or_else(variable).or_else(|| Some(tools_home(environment)?.join("hub")));
        found.ok_or_else(|| {
            let reason = "the folder of the cache is unknown, because the home folder is";
            ConfigError::new(reason, "set HF_HUB_CACHE, or pass a folder with `with_cache`").into()
        })
    }
}

impl Hub {
    /// Returns the Hub with the settings of the environment: `HF_ENDPOINT`, `HF_HUB_CACHE`, `HF_HOME`, `HF_HUB_OFFLINE`, and the
    /// token that the driver finds too. No token is required for public repositories.
    ///
    /// # Errors
    ///
    /// As [`HubBuilder::build`].
    #[track_caller]
    pub fn from_env() -> Result<Self, BotticelliError> {
        Self::builder().build()
    }

    /// Returns a builder with the settings of the environment.
    pub fn builder() -> HubBuilder {
        HubBuilder::default()
    }
}

fn parse_endpoint(endpoint: &str, setting: &str) -> Result<Address, BotticelliError> {
    let address = Address::parse(endpoint, setting)?;
    if address.is_secure() {
        return Ok(address);
    }
    let reason = format!("{:?} is not encrypted", redact_address(endpoint));
    Err(ConfigError::new(reason, "use https").with_key(setting).into())
}

impl fmt::Debug for HubBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HubBuilder")
            .field("endpoint", &self.endpoint.as_deref().map(redact_address))
            .field("cache", &self.cache.as_deref().map(redact_path))
            .field("has_token", &self.token.is_some())
            .field("revision", &self.revision.as_deref().map(redact::tokens))
            .field("offline", &self.offline)
            .field("memory_limit", &self.memory_limit)
            .field("retry", &self.retry)
            .field("limits", &self.limits)
            .field("has_http_client", &self.http_client.is_some())
            .field("environment", &self.environment)
            .finish_non_exhaustive()
    }
}
