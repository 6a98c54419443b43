//! The router's catalog of models, with their features, prices and providers.

use crate::huggingface::catalog::cached::{Cached, SharedFetch};
use crate::huggingface::catalog::catalog_file::CatalogFile;
use crate::huggingface::client::api_client::ApiClient;
use crate::huggingface::client::body_kind::BodyKind;
use crate::huggingface::client::json_body::{Content, read_json};
use crate::huggingface::client::lookup::Lookup;
use crate::huggingface::conversions::ErrorContext;
use crate::huggingface::dto::{HuggingFaceModel, HuggingFaceModelList};
use crate::transport::{HttpResponse, Retrier};
use botticelli_core::{ModelFilter, ModelInfo, ModelMatch, Price};
use botticelli_error::{BotticelliError, ConfigError, ErrorCategory};
use botticelli_interface::Clock;
use reqwest::Url;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// Default maximum age of a catalog in memory.
pub(in crate::huggingface) const MAX_AGE: Duration = Duration::from_secs(300);

/// Default maximum age of a catalog in a file.
pub(in crate::huggingface) const MAX_FILE_AGE: Duration = Duration::from_secs(86_400);

/// Time for which an outdated catalog is used after a failed fetch, so that not every call waits for another failure.
const MAX_STALE: Duration = Duration::from_secs(60);

/// Limit of a fetch over all attempts.
const LIMIT: Duration = Duration::from_secs(10);

/// Limit of a fetch for prices, and the age at which it is given up. Calls poll the fetch only while they wait for something
/// else, so the fetch may take long.
pub(in crate::huggingface) const PRICE_LIMIT: Duration = Duration::from_secs(120);

/// The router's models, with their providers and prices.
///
/// The catalog is fetched when it is first needed, once for all concurrent calls. It is cached for five minutes, or for a day in a
/// [file](crate::huggingface::HuggingFaceDriverBuilder::catalog_file). Clones of the catalog and of the driver share one cache.
///
/// ```no_run
/// use botticelli_core::ModelFilter;
/// use botticelli_models::huggingface::HuggingFaceDriver;
///
/// # async fn example() -> botticelli_error::ModelsResult<()> {
/// let driver = HuggingFaceDriver::from_env("openai/gpt-oss-20b")?;
/// for offer in driver.catalog().search(&ModelFilter::new().with_tools().with_context_length(100_000)).await? {
///     println!("{} {:?}", offer.route(), offer.provider.price);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Catalog(Arc<CatalogState>);

impl fmt::Debug for Catalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

struct CatalogState {
    client: ApiClient,
    retrier: Retrier,
    url: Option<Url>,
    max_age: Duration,
    file: Option<CatalogFile>,
    cached: Cached<Snapshot>,
    /// Error and time of the last failed lookup for a provider selection.
    failed: Mutex<Option<(BotticelliError, Instant)>>,
}

// Leaves the URL out, because a path or a query can contain a secret.
impl fmt::Debug for CatalogState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { max_age, file, cached, .. } = self;
        f.debug_struct("Catalog")
            .field("max_age", max_age)
            .field("has_file", &file.is_some())
            .field("cached", cached)
            .finish_non_exhaustive()
    }
}

/// A catalog, and how it was obtained.
#[derive(Clone, Debug)]
pub(in crate::huggingface) struct Snapshot {
    models: Arc<[ModelInfo]>,
    /// Age of the catalog when it was added to the cache.
    age: Duration,
    /// Warning that the catalog is outdated, empty, or could not be written to its file.
    warning: Option<String>,
    /// True if the catalog was just fetched from the service, and not read from a file or from memory.
    is_fetched: bool,
    /// Time of the server when it sent the catalog.
    server_date: Option<SystemTime>,
}

impl Catalog {
    /// Returns the catalog at `url`. Without a URL, fetching the catalog is an error.
    pub(in crate::huggingface) fn new(
        client: ApiClient,
        retrier: Retrier,
        url: Option<Url>,
        file: Option<CatalogFile>,
        max_age: Option<Duration>,
    ) -> Self {
        let max_age = max_age.unwrap_or(if file.is_some() { MAX_FILE_AGE } else { MAX_AGE });
        let cached = Cached::new(client.http.clock().clone());
        Self(Arc::new(CatalogState { client, retrier, url, max_age, file, cached, failed: Mutex::default() }))
    }

    /// Returns all models.
    ///
    /// # Errors
    ///
    /// The catalog could not be fetched, and none is cached. An outdated catalog is used if there is one; see
    /// [`warning`](Self::warning).
    pub async fn models(&self) -> Result<Arc<[ModelInfo]>, BotticelliError> {
        Ok(self.get().await?.models.clone())
    }

    /// Returns the entry of the model `id`, whose route is ignored; `None` if the catalog does not list the model.
    ///
    /// # Errors
    ///
    /// As [`models`](Self::models).
    pub async fn model(&self, id: &str) -> Result<Option<ModelInfo>, BotticelliError> {
        let models = self.models().await?;
        let find = |id: &str| models.iter().find(|model| model.id == id).cloned();
        // On servers other than the router, a colon can be a part of the name.
        Ok(find(id).or_else(|| find(id.split_once(':')?.0)))
    }

    /// Returns the models and providers that match a filter. The cheapest comes first, unless the filter sets another order.
    ///
    /// # Errors
    ///
    /// As [`models`](Self::models).
    pub async fn search(&self, filter: &ModelFilter) -> Result<Vec<ModelMatch>, BotticelliError> {
        Ok(filter.search(&self.models().await?))
    }

    /// Fetches the catalog from the service, even if the cached one is fresh, and returns it.
    ///
    /// A running fetch is shared. If the running fetch of another call returns a file or an outdated catalog, the service is called
    /// again.
    ///
    /// # Errors
    ///
    /// The catalog could not be fetched. The cached one stays.
    pub async fn refresh(&self) -> Result<Arc<[ModelInfo]>, BotticelliError> {
        loop {
            let shared = self.0.clone();
            let snapshot =
                self.0.cached.refresh(|| async move { shared.fetch(LIMIT, &shared.retrier).await }).await?;
            if snapshot.is_fetched {
                return Ok(snapshot.models.clone());
            }
        }
    }

    /// Returns the age of the catalog; `None` if none is cached in memory.
    pub fn age(&self) -> Option<Duration> {
        self.0.cached.value().map(|(snapshot, since)| snapshot.age.saturating_add(since))
    }

    /// Returns the time of the server's clock when it sent the cached catalog, which tells whether the clock of this machine is right.
    /// `None` if the catalog was read from a file, or the server states no time.
    pub fn server_date(&self) -> Option<SystemTime> {
        self.0.cached.value()?.0.server_date
    }

    /// Returns a warning if the catalog is outdated, is empty, or could not be written to its file.
    pub fn warning(&self) -> Option<String> {
        self.0.cached.value().and_then(|(snapshot, _)| snapshot.warning.clone())
    }

    /// Returns a warning if the catalog is outdated.
    pub(in crate::huggingface) fn staleness(&self) -> Option<String> {
        let (snapshot, _) = self.0.cached.value()?;
        snapshot.warning.clone().filter(|_| snapshot.age >= self.0.max_age)
    }

    /// Returns the entry of a model from a fresh cached catalog. Sends no request.
    pub(in crate::huggingface) fn cached(&self, id: &str) -> Option<ModelInfo> {
        let (snapshot, since) = self.0.cached.value()?;
        let is_fresh = snapshot.age.saturating_add(since) < self.0.max_age;
        is_fresh.then(|| snapshot.models.iter().find(|model| model.id == id).cloned())?
    }

    /// Returns all models, for a provider selection. Within a minute after a failed lookup, returns the same error without a request,
    /// because a call works without the catalog and should not wait for it again.
    pub(in crate::huggingface) async fn for_selection(&self) -> Result<Arc<[ModelInfo]>, BotticelliError> {
        if let Some(error) = self.0.recent_failure() {
            return Err(error);
        }
        let models = self.models().await;
        self.0.record(models.as_ref().err());
        models
    }

    /// Returns the price of a model at a provider from the cached catalog, however old it is. Sends no request.
    pub(in crate::huggingface) fn price(&self, model: &str, provider: &str) -> Option<Price> {
        let (snapshot, _) = self.0.cached.value()?;
        let model = snapshot.models.iter().find(|listed| listed.id == model)?;
        model.providers.iter().find(|listed| listed.name == provider)?.price
    }

    /// Returns a fetch of the catalog that calls poll while they wait for their responses. `None` if the cached catalog is fresh, and
    /// within a minute after a failed fetch.
    pub(in crate::huggingface) fn fetch_for_prices(&self) -> Option<SharedFetch<Snapshot>> {
        let is_fresh =
            self.0.cached.value().is_some_and(|(snapshot, since)| self.0.is_fresh(&snapshot, since));
        if is_fresh || self.0.recent_failure().is_some() {
            return None;
        }
        let shared = self.0.clone();
        Some(self.0.cached.join_or_start(|| async move {
            // No call waits for this fetch, so it must not use up the retries of the calls.
            let config = shared.retrier.config.with_max_retries(shared.retrier.config.max_retries().min(1));
            let budget = Arc::default();
            let retrier = Retrier { config, budget, observer: None, ..shared.retrier.clone() };
            shared.find(PRICE_LIMIT, &retrier).await
        }))
    }

    /// Records the result of a fetch for prices.
    pub(in crate::huggingface) fn record_failure(&self, error: &BotticelliError) {
        self.0.record(Some(error));
    }

    /// Returns the clock.
    pub(in crate::huggingface) fn clock(&self) -> &Arc<dyn Clock> {
        self.0.client.http.clock()
    }

    async fn get(&self) -> Result<Arc<Snapshot>, BotticelliError> {
        let is_fresh = |snapshot: &Snapshot, since: Duration| self.0.is_fresh(snapshot, since);
        let shared = self.0.clone();
        self.0.cached.get(is_fresh, || async move { shared.find(LIMIT, &shared.retrier).await }).await
    }
}

impl CatalogState {
    fn is_fresh(&self, snapshot: &Snapshot, since: Duration) -> bool {
        // A catalog that was just fetched has age zero, and is not outdated even if `max_age` is zero.
        let was_stale = snapshot.age >= self.max_age && !snapshot.age.is_zero();
        snapshot.age.saturating_add(since) < self.max_age || (was_stale && since < MAX_STALE)
    }

    /// Returns the error of the last lookup, if it failed within the last minute.
    fn recent_failure(&self) -> Option<BotticelliError> {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let (error, since) = failed.as_ref()?;
        let age = self.client.http.clock().now().saturating_duration_since(*since);
        (age < MAX_STALE).then(|| error.clone())
    }

    fn record(&self, error: Option<&BotticelliError>) {
        let failure = error.map(|error| (error.clone(), self.client.http.clock().now()));
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = failure;
    }

    /// Returns a fresh catalog from the file or from the service, or an outdated one if the service fails.
    async fn find(&self, limit: Duration, retrier: &Retrier) -> Result<Snapshot, BotticelliError> {
        let stored = self.stored();
        if self.cached.value().is_none()
            && let Some(stored) = stored.as_ref().filter(|stored| stored.age < self.max_age)
        {
            return Ok(stored.clone());
        }
        let error = match self.fetch(limit, retrier).await {
            Ok(fetched) => return Ok(fetched),
            Err(error) => error,
        };
        let cached = self.cached.value().map(|(snapshot, since)| Snapshot {
            models: snapshot.models.clone(),
            age: snapshot.age.saturating_add(since),
            warning: None,
            is_fetched: false,
            server_date: None,
        });
        let Some(stale) = cached.into_iter().chain(stored).min_by_key(|stale| stale.age) else {
            return Err(error);
        };
        let hours = stale.age.as_secs() / 3_600;
        let warning =
            format!("the catalog is {hours} h old, because a new one could not be fetched: {error}");
        tracing::warn!(age = ?stale.age, "a new catalog could not be fetched");
        Ok(Snapshot { warning: Some(warning), ..stale })
    }

    /// Returns the catalog from the file, if there is one. A catalog with a time in the future is ignored.
    fn stored(&self) -> Option<Snapshot> {
        let (models, fetched) = self.file.as_ref()?.read()?;
        let age = self.client.http.clock().wall_time().duration_since(fetched).ok()?;
        Some(Snapshot { models: models.into(), age, warning: None, is_fetched: false, server_date: None })
    }

    async fn fetch(&self, limit: Duration, retrier: &Retrier) -> Result<Snapshot, BotticelliError> {
        let Some(url) = &self.url else {
            let reason =
                "Hugging Face's catalog is unavailable to a driver that calls a provider with its own key";
            let remedy = "use a driver with a Hugging Face token";
            return Err(ConfigError::new(reason, remedy).with_key("provider").into());
        };
        let lookup = Lookup { name: "the catalog", url, model: None, limit };
        let (list, server_date) = lookup.run_dated(&self.client, retrier, content).await?;
        let models = list.data().iter().flatten().cloned().map(ModelInfo::from);
        let models: Vec<_> = models.filter(|model| !model.id.is_empty()).collect();
        let warning = self.store(&models);
        Ok(Snapshot { models: models.into(), age: Duration::ZERO, warning, is_fetched: true, server_date })
    }

    /// Writes the catalog to the file, if there is one. Returns a warning if the catalog is empty or cannot be written.
    fn store(&self, models: &[ModelInfo]) -> Option<String> {
        let Some(file) = &self.file else {
            return models.is_empty().then(|| "the catalog from the service is empty".to_owned());
        };
        if models.is_empty() {
            // An empty catalog must not replace a useful one.
            let path = file.path().display();
            return Some(format!("the catalog from the service is empty, and was not written to {path}"));
        }
        let now: SystemTime = self.client.http.clock().wall_time();
        let error = file.write(models, now).err()?;
        tracing::warn!(%error, "the catalog could not be written to its file");
        Some(format!("the catalog could not be written to {} ({error})", file.path().display()))
    }
}

/// Classifies a list of models.
fn content(list: &HuggingFaceModelList) -> Content {
    match list.data().as_deref() {
        Some([]) => Content::Empty,
        Some(_) => Content::Expected,
        None => Content::Unexpected,
    }
}

/// Returns a model's entry from a response; `None` if the server has no catalog or no such entry.
pub(in crate::huggingface) async fn entry(
    response: Result<(HttpResponse, ErrorContext), BotticelliError>,
) -> Result<Option<ModelInfo>, BotticelliError> {
    let (response, context) = match response {
        Ok(response) => response,
        // Servers without a catalog respond with "not found" or "not allowed".
        Err(error) if error.category() == ErrorCategory::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    // Other servers without a catalog send their front page.
    if BodyKind::of(&response) == BodyKind::Html {
        return Ok(None);
    }
    let dto: HuggingFaceModel = read_json(response, &context).await?;
    Ok(Some(ModelInfo::from(dto)).filter(|info| !info.id.is_empty()))
}
