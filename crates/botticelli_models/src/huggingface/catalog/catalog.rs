//! What models cost and can do, and who serves them: the router's catalogue, kept for a while.

use crate::huggingface::catalog::cached::Cached;
use crate::huggingface::catalog::catalog_file::CatalogFile;
use crate::huggingface::client::api_client::ApiClient;
use crate::huggingface::conversions::Asked;
use crate::huggingface::dto::{HuggingFaceModel, HuggingFaceModelList};
use crate::huggingface::response::{BodyKind, Found, accepted, json, object};
use crate::transport::{AttemptTimeouts, HttpResponse, Retrier, TimeSpent};
use botticelli_core::{ModelFilter, ModelInfo, ModelMatch, Timeouts};
use botticelli_error::{BotticelliError, ConfigError, ErrorCategory};
use reqwest::{Method, Url};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// For how long a catalogue holds that is kept in memory.
pub(in crate::huggingface) const MAX_AGE: Duration = Duration::from_secs(300);

/// For how long one holds that is kept in a file.
pub(in crate::huggingface) const MAX_FILE_AGE: Duration = Duration::from_secs(86_400);

/// For how long one holds that is too old, where no new one could be fetched: not every call has to find that out.
const MAX_STALE: Duration = Duration::from_secs(60);

/// How long to wait for it, over all attempts.
const PATIENCE: Duration = Duration::from_secs(10);

/// The models that a router serves, by whom and at what price.
///
/// It is fetched when it is first needed, by one call for all that wait for it, and kept: for five minutes, or in a
/// [file](crate::huggingface::HuggingFaceDriverBuilder::catalog_file) for a day. Clones, and those of the driver, share it.
///
/// ```no_run
/// use botticelli_core::Need;
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
pub struct Catalog(Arc<Shared>);

impl fmt::Debug for Catalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

struct Shared {
    caller: ApiClient,
    retrier: Retrier,
    url: Option<Url>,
    max_age: Duration,
    file: Option<CatalogFile>,
    kept: Cached<Held>,
    /// Why the last look for a choice was in vain, and when.
    failed: Mutex<Option<(BotticelliError, Instant)>>,
}

/// No address: a path or a query may hold a secret.
impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { max_age, file, kept, .. } = self;
        f.debug_struct("Catalog")
            .field("max_age", max_age)
            .field("has_file", &file.is_some())
            .field("kept", kept)
            .finish_non_exhaustive()
    }
}

/// A catalogue, and how it was come by.
#[derive(Clone, Debug)]
struct Held {
    models: Arc<[ModelInfo]>,
    /// How old it was when it was taken in.
    aged: Duration,
    /// Why it is older than it should be.
    warning: Option<String>,
    /// Whether it came from the service just then, and not from a file or from memory.
    is_fetched: bool,
}

impl Catalog {
    /// The catalogue at `url`; `None` where there is none.
    pub(in crate::huggingface) fn new(
        caller: ApiClient,
        retrier: Retrier,
        url: Option<Url>,
        file: Option<CatalogFile>,
        max_age: Option<Duration>,
    ) -> Self {
        let max_age = max_age.unwrap_or(if file.is_some() { MAX_FILE_AGE } else { MAX_AGE });
        // What is "loading" here is no model that is worth waiting for.
        let retrier = Retrier { loading: Some(PATIENCE), ..retrier };
        let kept = Cached::new(caller.http.clock().clone());
        Self(Arc::new(Shared { caller, retrier, url, max_age, file, kept, failed: Mutex::default() }))
    }

    /// All models.
    ///
    /// # Errors
    ///
    /// It could not be fetched, and none was kept. Where an older one was, it is taken; see [`warning`](Self::warning).
    pub async fn models(&self) -> Result<Arc<[ModelInfo]>, BotticelliError> {
        Ok(self.get().await?.models.clone())
    }

    /// The entry of the model `id`; a route after its name is not looked at. `None` where there is none.
    ///
    /// # Errors
    ///
    /// As [`models`](Self::models).
    pub async fn model(&self, id: &str) -> Result<Option<ModelInfo>, BotticelliError> {
        let models = self.models().await?;
        let named = |id: &str| models.iter().find(|model| model.id == id).cloned();
        // Elsewhere than at the router, a colon may be a part of the name.
        Ok(named(id).or_else(|| named(id.split_once(':')?.0)))
    }

    /// Who offers what is needed; the cheapest first, unless `need` says otherwise.
    ///
    /// # Errors
    ///
    /// As [`models`](Self::models).
    pub async fn search(&self, need: &ModelFilter) -> Result<Vec<ModelMatch>, BotticelliError> {
        Ok(need.search(&self.models().await?))
    }

    /// Fetches the catalog from the service, however young the kept one is, and returns it.
    ///
    /// A fetch that is under way is shared. One that another call began, and that ended with a file or an older catalog, is
    /// no fetch: the service is asked again.
    ///
    /// # Errors
    ///
    /// Nothing could be fetched. What was kept stays.
    pub async fn refresh(&self) -> Result<Arc<[ModelInfo]>, BotticelliError> {
        loop {
            let shared = self.0.clone();
            let held = self.0.kept.fetching(|| async move { shared.fetch().await }).await?;
            if held.is_fetched {
                return Ok(held.models.clone());
            }
        }
    }

    /// How old it is; `None` where none is kept in memory.
    pub fn age(&self) -> Option<Duration> {
        self.0.kept.value().map(|(kept, since)| kept.aged.saturating_add(since))
    }

    /// Why it is older than it should be, or could not be written to its file; `None` where all is well.
    pub fn warning(&self) -> Option<String> {
        self.0.kept.value().and_then(|(kept, _)| kept.warning.clone())
    }

    /// Why it is older than it should be.
    pub(in crate::huggingface) fn staleness(&self) -> Option<String> {
        let (kept, _) = self.0.kept.value()?;
        kept.warning.clone().filter(|_| kept.aged >= self.0.max_age)
    }

    /// The entry of a model in a catalogue that is kept and fresh. Asks nobody.
    pub(in crate::huggingface) fn kept(&self, id: &str) -> Option<ModelInfo> {
        let (kept, since) = self.0.kept.value()?;
        let is_fresh = kept.aged.saturating_add(since) < self.0.max_age;
        is_fresh.then(|| kept.models.iter().find(|model| model.id == id).cloned())?
    }

    /// All models, for a choice. Where they could not be had a moment ago, they are not asked for again: a call should not
    /// wait for what it can do without.
    pub(in crate::huggingface) async fn for_choice(&self) -> Result<Arc<[ModelInfo]>, BotticelliError> {
        let now = || self.0.caller.http.clock().now();
        let failed = || self.0.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let last = failed().clone();
        if let Some((error, since)) = last
            && now().saturating_duration_since(since) < MAX_STALE
        {
            return Err(error);
        }
        let models = self.models().await;
        *failed() = models.as_ref().err().map(|error| (error.clone(), now()));
        models
    }

    async fn get(&self) -> Result<Arc<Held>, BotticelliError> {
        let max_age = self.0.max_age;
        let is_fresh = |kept: &Held, since: Duration| {
            // One that was just fetched is not an old one, be it that none may have any age.
            let was_old = kept.aged >= max_age && !kept.aged.is_zero();
            kept.aged.saturating_add(since) < max_age || (was_old && since < MAX_STALE)
        };
        let shared = self.0.clone();
        self.0.kept.get(is_fresh, || async move { shared.find().await }).await
    }
}

impl Shared {
    /// That of the file, a new one, or an old one.
    async fn find(&self) -> Result<Held, BotticelliError> {
        let stored = self.stored();
        if self.kept.value().is_none()
            && let Some(stored) = stored.as_ref().filter(|stored| stored.aged < self.max_age)
        {
            return Ok(stored.clone());
        }
        let error = match self.fetch().await {
            Ok(fetched) => return Ok(fetched),
            Err(error) => error,
        };
        let held = self.kept.value().map(|(kept, since)| Held {
            models: kept.models.clone(),
            aged: kept.aged.saturating_add(since),
            warning: None,
            is_fetched: false,
        });
        let Some(old) = held.into_iter().chain(stored).min_by_key(|old| old.aged) else { return Err(error) };
        let hours = old.aged.as_secs() / 3_600;
        let warning = format!("the catalogue is {hours} h old, because no new one could be fetched: {error}");
        tracing::warn!(age = ?old.aged, "no new catalogue could be fetched");
        Ok(Held { warning: Some(warning), ..old })
    }

    /// That of the file, if there is one. One from the future has no age.
    fn stored(&self) -> Option<Held> {
        let (models, fetched) = self.file.as_ref()?.read()?;
        let aged = self.caller.http.clock().wall_time().duration_since(fetched).ok()?;
        Some(Held { models: models.into(), aged, warning: None, is_fetched: false })
    }

    async fn fetch(&self) -> Result<Held, BotticelliError> {
        let Some(url) = &self.url else {
            let reason = "a provider that is called with its own key has no catalogue of Hugging Face's";
            let remedy = "ask a driver that has a token of Hugging Face's";
            return Err(ConfigError::new(reason, remedy).with_key("provider").into());
        };
        let attempt = |spent| self.ask(url, spent);
        let (models, _) =
            self.retrier.run("the catalogue", self.retrier.limits(Some(PATIENCE)), attempt).await?;
        let warning = self.store(&models);
        Ok(Held { models: models.into(), aged: Duration::ZERO, warning, is_fetched: true })
    }

    async fn ask(&self, url: &Url, spent: TimeSpent) -> Result<Vec<ModelInfo>, BotticelliError> {
        let timeouts = Timeouts::default().with_total(PATIENCE);
        let patience = AttemptTimeouts::for_an_answer(&timeouts, Duration::ZERO).after(spent);
        let answer = self.caller.send(Method::GET, url.clone(), None, patience).await?;
        let asked = self.caller.asked(None, &answer);
        let found = |list: &HuggingFaceModelList| match list.data().as_deref() {
            Some([]) => Found::Nothing,
            Some(_) => Found::Something,
            None => Found::Another,
        };
        let list = object(accepted(answer, &asked).await?, &asked, found).await?;
        let models = list.data().iter().flatten().cloned().map(ModelInfo::from);
        Ok(models.filter(|model| !model.id.is_empty()).collect())
    }

    /// Keeps it in the file, if there is one; gives back why that did not work.
    fn store(&self, models: &[ModelInfo]) -> Option<String> {
        let Some(file) = &self.file else {
            return models.is_empty().then(|| "the catalogue that came is empty".to_owned());
        };
        if models.is_empty() {
            // What is of no use to anybody does not take the place of what is.
            let path = file.path().display();
            return Some(format!("the catalogue that came is empty, and was not kept in {path}"));
        }
        let now: SystemTime = self.caller.http.clock().wall_time();
        let error = file.write(models, now).err()?;
        tracing::warn!(%error, "the catalogue could not be kept in its file");
        Some(format!("the catalogue could not be kept in {} ({error})", file.path().display()))
    }
}

/// The entry for a model; `None` where the server has no catalogue, or no such entry.
pub(in crate::huggingface) async fn entry(
    answer: HttpResponse,
    asked: &Asked,
) -> Result<Option<ModelInfo>, BotticelliError> {
    let answer = match accepted(answer, asked).await {
        Ok(answer) => answer,
        // A server without a catalogue says "not found", "not allowed", or serves its own front page.
        Err(error) if error.category() == ErrorCategory::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if BodyKind::of(&answer) == BodyKind::Html {
        return Ok(None);
    }
    let dto: HuggingFaceModel = json(answer, asked).await?;
    Ok(Some(ModelInfo::from(dto)).filter(|info| !info.id.is_empty()))
}
