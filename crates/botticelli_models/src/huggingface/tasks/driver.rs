//! The driver of tasks.

use super::api::TaskApi;
use super::job_progress::JobObserver;
use super::settings::TaskSettings;
use crate::huggingface::PROVIDER;
use crate::huggingface::routing::provider_route::ProviderRoute;
use crate::huggingface::routing::public_address::public_address;
use botticelli_core::CostEstimate;
use botticelli_interface::tasks::TaskDriver;
use std::sync::Arc;
use std::time::Duration;

/// A driver of the tasks of Hugging Face Inference, of dedicated endpoints, and of servers with one of the [APIs](TaskApi).
///
/// [`HuggingFaceDriverBuilder::build_tasks`](crate::huggingface::HuggingFaceDriverBuilder::build_tasks) builds it from the settings of
/// a [`HuggingFaceDriver`](crate::huggingface::HuggingFaceDriver). The traits of [`botticelli_interface::tasks`] have its methods.
/// Clones are cheap and share connections. `Debug` shows no token.
///
/// ```no_run
/// use botticelli_interface::tasks::EmbeddingDriver;
/// use botticelli_models::huggingface::{HuggingFaceDriver, TaskApi};
///
/// # async fn example() -> botticelli_error::ModelsResult<()> {
/// // A model on the servers of Hugging Face.
/// let driver = HuggingFaceDriver::builder("BAAI/bge-small-en-v1.5").provider("hf-inference").build_tasks()?;
/// let response = driver.embed(["A painter in Florence", "A recipe for bread"].into()).await?;
/// println!("{} dimensions", response.embeddings().first().map_or(0, |embedding| embedding.dimensions()));
///
/// // A server of text-embeddings-inference on this machine.
/// let local = HuggingFaceDriver::builder("BAAI/bge-small-en-v1.5")
///     .base_url("http://127.0.0.1:8080")
///     .build_tasks()?
///     .with_api(TaskApi::Tei);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct HuggingFaceTasks {
    pub(super) settings: Arc<TaskSettings>,
    pub(super) api: TaskApi,
    pub(super) batch_size: usize,
    pub(super) concurrency: usize,
    pub(super) job_timeout: Duration,
    pub(super) job_observer: Option<JobObserver>,
}

/// The maximum number of texts of a request to text-embeddings-inference, unless the server has another setting.
const BATCH_SIZE: usize = 32;

/// The number of requests of one call that are in flight.
const CONCURRENCY: usize = 4;

/// Videos take minutes.
const JOB_TIMEOUT: Duration = Duration::from_secs(600);

impl HuggingFaceTasks {
    pub(super) fn new(settings: TaskSettings, api: TaskApi) -> Self {
        Self {
            settings: Arc::new(settings),
            api,
            batch_size: BATCH_SIZE,
            concurrency: CONCURRENCY,
            job_timeout: JOB_TIMEOUT,
            job_observer: None,
        }
    }

    /// Returns the API of the server.
    pub const fn api(&self) -> TaskApi {
        self.api
    }

    /// Sets the API of the server. Default: [`TaskApi::Router`] for a provider and for Hugging Face's router, [`TaskApi::Endpoint`]
    /// for a dedicated endpoint, [`TaskApi::Tei`] for a base URL that ends with a route of text-embeddings-inference, and
    /// [`TaskApi::OpenAi`] for any other base URL.
    pub const fn with_api(mut self, api: TaskApi) -> Self {
        self.api = api;
        self
    }

    /// Returns the maximum number of texts of one request.
    pub const fn batch_size(&self) -> usize {
        self.batch_size
    }

    /// Sets the maximum number of texts of one request. A longer list is split. Default: 32, the limit of
    /// text-embeddings-inference. Zero counts as 1.
    pub const fn with_batch_size(mut self, batch_size: usize) -> Self {
        self.batch_size = if batch_size == 0 { 1 } else { batch_size };
        self
    }

    /// Returns the maximum number of requests of one call that are in flight.
    pub const fn concurrency(&self) -> usize {
        self.concurrency
    }

    /// Sets the maximum number of requests of one call that are in flight. Default: 4. Zero counts as 1.
    pub const fn with_concurrency(mut self, concurrency: usize) -> Self {
        self.concurrency = if concurrency == 0 { 1 } else { concurrency };
        self
    }

    /// Returns the time limit of a job at a provider.
    pub const fn job_timeout(&self) -> Duration {
        self.job_timeout
    }

    /// Sets the time limit of a job at a provider, including the fetch of its result. This limit replaces the timeout of the whole call,
    /// unless the request has timeouts. Default: ten minutes.
    pub const fn with_job_timeout(mut self, job_timeout: Duration) -> Self {
        self.job_timeout = job_timeout;
        self
    }

    /// Sets a callback for the progress of jobs.
    ///
    /// ```
    /// use botticelli_models::huggingface::{HuggingFaceTasks, JobProgress};
    ///
    /// fn observed(driver: HuggingFaceTasks) -> HuggingFaceTasks {
    ///     driver.with_job_observer(|progress: &JobProgress| println!("{}", progress.status()))
    /// }
    /// ```
    pub fn with_job_observer(mut self, observer: impl Into<JobObserver>) -> Self {
        self.job_observer = Some(observer.into());
        self
    }
}

impl TaskDriver for HuggingFaceTasks {
    fn provider_name(&self) -> &'static str {
        PROVIDER
    }

    fn model_name(&self) -> &str {
        &self.settings.model
    }

    fn estimate_task(&self, tokens: Option<u64>) -> CostEstimate {
        self.settings.estimate(tokens)
    }

    fn reports_task_sends(&self) -> bool {
        true
    }

    fn canonical_server(&self) -> Option<Vec<u8>> {
        let address = &self.settings.address;
        let provider = self.settings.provider.as_ref().map(ProviderRoute::name).unwrap_or_default();
        let address = public_address(&address.at(address.path()));
        Some(format!("{:?} {provider} {address}", self.api).into_bytes())
    }
}
