//! The budget of tasks: the same promises as for chat.

use crate::common::{Attempt, Service, interrupted, noon};
use crate::interleaving::{CALLS, ESTIMATE, Random, script};
use async_trait::async_trait;
use botticelli_core::tasks::{
    AudioClassificationRequest, AudioToAudioRequest, AudioToAudioResponse, ClassificationResponse, Embedding,
    EmbeddingRequest, EmbeddingResponse, ImageToImageRequest, Media, MediaResponse, TaskMetadata,
    TaskOptions, TextToAudioRequest, TextToImageRequest, TextToSpeechRequest, TranscriptionRequest,
    TranscriptionResponse, VideoRequest,
};
use botticelli_core::{Cost, CostEstimate, Usd};
use botticelli_error::{BotticelliError, ErrorCategory};
use botticelli_interface::tasks::{AudioTaskDriver, EmbeddingDriver, MediaGenerationDriver, TaskDriver};
use botticelli_layers::LayerExt;
use botticelli_layers::budget::{Budget, Budgeted, Ledger, OnUnknownPrice};
use futures::FutureExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

impl TaskDriver for Service {
    fn provider_name(&self) -> &'static str {
        "acme"
    }

    fn model_name(&self) -> &'static str {
        "acme/tasks"
    }

    fn estimate_task(&self, tokens: Option<u64>) -> CostEstimate {
        // A service without a fixed price bills a nano-dollar for each token.
        match self.estimate().nano_dollars() {
            Some(_) => self.estimate().with_tokens(tokens),
            None => tokens.map_or(CostEstimate::unknown(), CostEstimate::at_most).with_tokens(tokens),
        }
    }

    fn reports_task_sends(&self) -> bool {
        self.reports
    }
}

/// Sends a task, and returns the facts of its response.
async fn task(service: &Service, options: &TaskOptions) -> Result<TaskMetadata, BotticelliError> {
    let response = service.call(options.retry_gate(), options.sent_flag()).await?;
    let response = response.map_err(|_| interrupted())?;
    let metadata = TaskMetadata::builder().provider("acme").build()?;
    Ok(metadata.with_usage(response.usage().copied(), response.cost()))
}

#[async_trait]
impl EmbeddingDriver for Service {
    async fn embed(&self, request: EmbeddingRequest) -> Result<EmbeddingResponse, BotticelliError> {
        let metadata = task(self, request.options()).await?;
        Ok(EmbeddingResponse::new(vec![Embedding::Text(vec![1.0])]).with_metadata(metadata))
    }
}

#[async_trait]
impl AudioTaskDriver for Service {
    async fn transcribe(
        &self,
        request: TranscriptionRequest,
    ) -> Result<TranscriptionResponse, BotticelliError> {
        let metadata = task(self, request.options()).await?;
        Ok(TranscriptionResponse::new("Hi", Vec::new()).with_metadata(metadata))
    }

    async fn classify_audio(
        &self,
        _: AudioClassificationRequest,
    ) -> Result<ClassificationResponse, BotticelliError> {
        Err(interrupted())
    }

    async fn convert_audio(&self, _: AudioToAudioRequest) -> Result<AudioToAudioResponse, BotticelliError> {
        Err(interrupted())
    }
}

#[async_trait]
impl MediaGenerationDriver for Service {
    async fn generate_image(&self, request: TextToImageRequest) -> Result<MediaResponse, BotticelliError> {
        let metadata = task(self, request.options()).await?;
        Ok(MediaResponse::new(image()).with_metadata(metadata))
    }

    async fn edit_image(&self, _: ImageToImageRequest) -> Result<MediaResponse, BotticelliError> {
        Err(interrupted())
    }

    async fn generate_speech(&self, _: TextToSpeechRequest) -> Result<MediaResponse, BotticelliError> {
        Err(interrupted())
    }

    async fn generate_audio(&self, _: TextToAudioRequest) -> Result<MediaResponse, BotticelliError> {
        Err(interrupted())
    }

    async fn generate_video(&self, _: VideoRequest) -> Result<MediaResponse, BotticelliError> {
        Err(interrupted())
    }
}

fn image() -> Media {
    Media::new(&b"\x89PNG\r\n\x1a\n"[..])
}

/// Sends one of three tasks: JSON, media in, or media out.
async fn send(driver: &Budgeted<Service>, kind: u64) -> Result<Cost, BotticelliError> {
    Ok(match kind {
        0 => driver.embed("Hi".into()).await?.cost(),
        1 => driver.transcribe(Media::new(&b"fLaC"[..]).into()).await?.cost(),
        _ => driver.generate_image("Venus".into()).await?.cost(),
    })
}

fn budget(ledger: &Ledger, limit: u64) -> Budget {
    Budget::per_month(Usd::from_nano_dollars(limit)).with_clock(noon(0)).with_ledger(ledger.clone())
}

/// Returns the spent and the held nano-dollars.
async fn books(ledger: &Ledger) -> (u64, u64) {
    let total = ledger.report().await.unwrap().total();
    (total.spent.nano_dollars(), total.held.nano_dollars())
}

/// Makes the calls at the same time, with faults, and drops those that hang and some others. A watcher never sees more than the limit.
async fn holds(seed: u64, limit: u64, reports: bool) {
    let ledger = Ledger::memory();
    let mut random = Random(seed);
    let mut service = Service::new(CostEstimate::at_most(ESTIMATE), script(&mut random));
    service.reports = reports;
    let driver = service.with_budget(budget(&ledger, limit));
    let is_over = Arc::new(AtomicBool::new(false));
    let watcher = tokio::spawn({
        let (ledger, is_over) = (ledger.clone(), is_over.clone());
        async move {
            while !is_over.load(Ordering::SeqCst) {
                let (spent, held) = books(&ledger).await;
                assert!(spent + held <= limit, "{spent} + {held} of {limit} is used (seed {seed})");
                tokio::task::yield_now().await;
            }
        }
    });
    let shown = Arc::new(AtomicU64::new(0));
    let calls = (0..CALLS).map(|_| {
        let (driver, shown) = (driver.clone(), shown.clone());
        let (kind, patience) = (random.below(3), random.below(3_000));
        tokio::spawn(async move {
            let call = send(&driver, kind);
            // Otherwise: a refusal by the budget, an error of the service, or a dropped call.
            if let Ok(Ok(cost)) = tokio::time::timeout(Duration::from_micros(500 + patience), call).await {
                shown.fetch_add(cost.nano_dollars().unwrap_or_default(), Ordering::SeqCst);
            }
        })
    });
    futures::future::join_all(calls.collect::<Vec<_>>()).await;
    // The rest of the budget is used up one by one.
    let mut is_used_up = false;
    for kind in [0, 1, 2].into_iter().cycle().take(CALLS * 2) {
        match tokio::time::timeout(Duration::from_millis(50), send(&driver, kind)).await {
            Ok(Ok(cost)) => {
                shown.fetch_add(cost.nano_dollars().unwrap_or_default(), Ordering::SeqCst);
            }
            Ok(Err(error)) if error.category() == ErrorCategory::BudgetExceeded => {
                is_used_up = true;
                break;
            }
            Ok(Err(_)) | Err(_) => {}
        }
    }
    is_over.store(true, Ordering::SeqCst);
    watcher.await.unwrap();
    let ((spent, held), billed) = (books(&ledger).await, driver.inner().billed());
    assert!(shown.load(Ordering::SeqCst) <= spent, "seed {seed}");
    assert!(billed <= spent + held, "{billed} was billed, {spent} spent and {held} held (seed {seed})");
    assert!(spent <= billed && spent + held <= limit, "seed {seed}");
    assert!(is_used_up && spent + held > limit - ESTIMATE, "{spent} + {held} of {limit} (seed {seed})");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_tasks_at_once_stay_within_the_limit() {
    for seed in 1..=4 {
        holds(0x2545_F491 * seed, 100 * ESTIMATE, seed % 2 == 0).await;
    }
}

#[tokio::test]
async fn the_cost_of_a_task_is_settled_and_recorded_with_its_model_and_provider() {
    let ledger = Ledger::memory();
    let script =
        [Attempt::Answer(7), Attempt::Silent(9), Attempt::Refuse, Attempt::Cut(3), Attempt::Answer(4)];
    let driver = Service::new(CostEstimate::at_most(100), script).with_budget(budget(&ledger, 1_000));
    assert_eq!(send(&driver, 0).await.unwrap(), Cost::reported(7));
    assert_eq!(books(&ledger).await, (7, 0));
    assert_eq!(send(&driver, 1).await.unwrap(), Cost::unknown());
    assert_eq!(books(&ledger).await, (7, 100), "an unknown cost keeps its reservation");
    send(&driver, 2).await.unwrap_err();
    assert_eq!(books(&ledger).await, (7, 100), "a refused request is not billed");
    send(&driver, 2).await.unwrap();
    assert_eq!(books(&ledger).await, (11, 200), "a repeated attempt keeps its reservation");
    let report = ledger.report().await.unwrap();
    let line = report.lines().iter().find(|line| line.provider == "acme").unwrap();
    assert_eq!(line.model, "acme/tasks");
}

#[tokio::test]
async fn a_task_that_is_dropped_before_it_is_sent_costs_nothing() {
    for (reports, held) in [(true, 0), (false, 100)] {
        let ledger = Ledger::memory();
        let mut service = Service::new(CostEstimate::at_most(100), [Attempt::Lookup]);
        service.reports = reports;
        let driver = service.with_budget(budget(&ledger, 1_000));
        {
            let mut call = Box::pin(driver.embed("Hi".into()));
            assert!((&mut call).now_or_never().is_none());
            assert!((&mut call).now_or_never().is_none());
        }
        assert_eq!(books(&ledger).await, (0, held), "{reports}");
    }
}

#[tokio::test]
async fn texts_have_a_bound_and_media_do_not() {
    let service = || Service::new(CostEstimate::unknown(), [Attempt::Answer(1), Attempt::Answer(1)]);
    // The text has 5 bytes, and a model adds at most 16 tokens.
    let limited = |limit| service().with_budget(budget(&Ledger::memory(), limit));
    limited(21).embed("Venus".into()).await.unwrap();
    let error = limited(20).embed("Venus".into()).await.unwrap_err();
    assert_eq!(error.category(), ErrorCategory::BudgetExceeded);
    let error = limited(1_000).generate_image("Venus".into()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "budget: the cost of a call to acme/tasks is unknown, so the budget cannot be enforced. Choose a model and a \
         provider with a price in the catalog, set a price for the driver, or allow calls with an unknown price and limit \
         their number with a rate limit."
    );
    let ledger = Ledger::memory();
    let allowed = budget(&ledger, 1_000).with_on_unknown_price(OnUnknownPrice::Allow);
    service().with_budget(allowed).generate_image("Venus".into()).await.unwrap();
    assert_eq!(books(&ledger).await, (1, 0), "the cost counts when the response states it");
}
