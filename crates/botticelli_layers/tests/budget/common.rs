//! A driver with prices, and a service that bills.

use async_trait::async_trait;
use botticelli_core::{
    CompletionRequest, Cost, CostEstimate, Delta, FinishReason, GenerateRequest, GenerateResponse, Output,
    PricedRoute, RetryGate, SentFlag, StreamChunk, Timeouts, Usage,
};
use botticelli_error::{
    BotticelliError, BuilderError, HttpError, HttpErrorKind, InterruptedError, PartialResponse, TimeoutKind,
};
use botticelli_interface::{BotticelliDriver, ChunkStream, Clock, CompletionDriver, ManualClock};
use futures::StreamExt;
use futures::stream;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// One attempt of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// Answers, and bills this many nano-dollars.
    Answer(u64),
    /// Answers without saying what it cost, and bills this much.
    Silent(u64),
    /// Breaks off after some text, and bills this much. A driver tries again.
    Cut(u64),
    /// Breaks off in the middle of a stream. Nobody tries again.
    CutStream(u64),
    /// Refuses the request, and bills nothing.
    Refuse,
    /// Says that the account has no credits.
    NoCredits,
    /// Never answers. The caller has to give up.
    Hang(u64),
    /// Looks something up before anything is sent, and never finds it.
    Lookup,
    /// Looks something up before anything is sent, until the time of the call is over.
    LookupTimeout,
}

/// A driver whose service follows a script and keeps a bill.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    script: Arc<Mutex<VecDeque<Attempt>>>,
    pub(crate) bill: Arc<AtomicU64>,
    pub(crate) attempts: Arc<AtomicU64>,
    estimate: CostEstimate,
    has_catalog: bool,
    tokens: u64,
    cheaper: Vec<PricedRoute>,
    pub(crate) reports: bool,
    /// Time that an estimate takes.
    pub(crate) estimating: Option<(Arc<ManualClock>, Duration)>,
    /// The timeouts of the requests.
    pub(crate) timeouts: Arc<Mutex<Vec<Option<Timeouts>>>>,
}

impl Service {
    pub(crate) fn new(estimate: CostEstimate, script: impl IntoIterator<Item = Attempt>) -> Self {
        Self {
            script: Arc::new(Mutex::new(script.into_iter().collect())),
            bill: Arc::default(),
            attempts: Arc::default(),
            estimate,
            has_catalog: true,
            tokens: 10,
            cheaper: Vec::new(),
            reports: false,
            estimating: None,
            timeouts: Arc::default(),
        }
    }

    pub(crate) fn with_cheaper(mut self, route: &str, nano_dollars: u64) -> Self {
        self.cheaper.push(PricedRoute::new(route, nano_dollars));
        self
    }

    /// Sets the flag of each request before it is sent.
    pub(crate) fn reporting(mut self) -> Self {
        self.reports = true;
        self
    }

    pub(crate) fn without_catalog(mut self) -> Self {
        self.has_catalog = false;
        self
    }

    pub(crate) fn billed(&self) -> u64 {
        self.bill.load(Ordering::SeqCst)
    }

    pub(crate) fn sent(&self) -> u64 {
        self.attempts.load(Ordering::SeqCst)
    }

    fn bill(&self, nano_dollars: u64) {
        self.bill.fetch_add(nano_dollars, Ordering::SeqCst);
    }

    fn response(&self, cost: Cost) -> GenerateResponse {
        let response = GenerateResponse::builder()
            .outputs(vec![Output::Text("Hi".into())])
            .finish_reason(FinishReason::Stop)
            .provider("acme")
            .cost(cost)
            .build()
            .unwrap();
        match cost.nano_dollars() {
            Some(_) => {
                let usage = Usage::new(Some(self.tokens), Some(0), Some(self.tokens));
                GenerateResponse::builder()
                    .outputs(response.outputs().to_vec())
                    .finish_reason(FinishReason::Stop)
                    .provider("acme")
                    .cost(cost)
                    .usage(usage)
                    .build()
                    .unwrap()
            }
            None => response,
        }
    }

    /// Returns the estimate of each call.
    pub(crate) fn estimate(&self) -> CostEstimate {
        self.estimate
    }

    /// Sends attempts until one ends the call, as a driver does.
    pub(crate) async fn call(
        &self,
        gate: Option<&RetryGate>,
        flag: Option<&SentFlag>,
    ) -> Result<Result<GenerateResponse, u64>, BotticelliError> {
        loop {
            let attempt = self.script.lock().unwrap().pop_front().unwrap_or(Attempt::Refuse);
            match attempt {
                Attempt::Lookup => std::future::pending().await,
                Attempt::LookupTimeout => return Err(timeout()),
                _ => {}
            }
            if let Some(flag) = flag.filter(|_| self.reports) {
                flag.set();
            }
            self.attempts.fetch_add(1, Ordering::SeqCst);
            // Another call may run in between.
            tokio::task::yield_now().await;
            match attempt {
                Attempt::Answer(cost) => {
                    self.bill(cost);
                    return Ok(Ok(self.response(Cost::reported(cost))));
                }
                Attempt::Silent(cost) => {
                    self.bill(cost);
                    return Ok(Ok(self.response(Cost::unknown())));
                }
                Attempt::Cut(cost) => {
                    self.bill(cost);
                    let error = interrupted();
                    let allowed = match gate {
                        Some(gate) => gate.admit(&error).await,
                        None => Ok(()),
                    };
                    if allowed.is_err() {
                        return Err(error);
                    }
                    if let Some(flag) = flag {
                        flag.clear();
                    }
                }
                Attempt::CutStream(cost) => {
                    self.bill(cost);
                    return Ok(Err(cost));
                }
                Attempt::Refuse => {
                    return Err(
                        BuilderError::refused("Service", "x", "1", "it is refused", "leave it").into()
                    );
                }
                Attempt::NoCredits => return Err(no_credits()),
                Attempt::Lookup | Attempt::LookupTimeout => return Err(timeout()),
                Attempt::Hang(cost) => {
                    self.bill(cost);
                    std::future::pending::<()>().await;
                }
            }
        }
    }
}

pub(crate) fn interrupted() -> BotticelliError {
    BotticelliError::from(InterruptedError::new("acme")).with_partial(PartialResponse::new(
        "H",
        "",
        Vec::new(),
    ))
}

fn timeout() -> BotticelliError {
    let kind = HttpErrorKind::Timeout { kind: TimeoutKind::Total, limit: Duration::from_secs(1) };
    HttpError::new(kind, "acme").into()
}

fn no_credits() -> BotticelliError {
    use botticelli_error::{BudgetError, BudgetErrorKind};
    // Any error of this category will do.
    let kind =
        BudgetErrorKind::CreditsExhausted { account: "acme".into(), until: "2026-12-01T00:00:00Z".into() };
    BudgetError::new(kind).into()
}

#[async_trait]
impl BotticelliDriver for Service {
    async fn generate(&self, request: GenerateRequest) -> Result<GenerateResponse, BotticelliError> {
        self.timeouts.lock().unwrap().push(request.timeouts());
        match self.call(request.retry_gate(), request.sent_flag()).await? {
            Ok(response) => Ok(response),
            Err(_) => Err(interrupted()),
        }
    }

    async fn generate_stream(&self, request: GenerateRequest) -> Result<ChunkStream, BotticelliError> {
        let last = match self.call(request.retry_gate(), request.sent_flag()).await? {
            Ok(response) => Ok(StreamChunk::last(response)),
            Err(_) => Err(interrupted()),
        };
        let text = StreamChunk::of(Delta::Text("Hi".into()));
        Ok(stream::iter([Ok(text), last]).boxed())
    }

    fn provider_name(&self) -> &'static str {
        "acme"
    }

    fn model_name(&self) -> &'static str {
        "acme/large"
    }

    async fn estimate(&self, _: &GenerateRequest) -> Result<CostEstimate, BotticelliError> {
        if let Some((clock, time)) = &self.estimating {
            clock.sleep(*time).await;
        }
        if !self.has_catalog {
            return Err(interrupted());
        }
        Ok(self.estimate)
    }

    async fn cheaper_routes(
        &self,
        _: &GenerateRequest,
        limit: u64,
    ) -> Result<Vec<PricedRoute>, BotticelliError> {
        Ok(self.cheaper.iter().filter(|route| route.nano_dollars <= limit).cloned().collect())
    }

    fn reports_sends(&self) -> bool {
        self.reports
    }
}

#[async_trait]
impl CompletionDriver for Service {
    async fn complete(&self, request: CompletionRequest) -> Result<GenerateResponse, BotticelliError> {
        self.call(request.retry_gate(), request.sent_flag()).await?.map_err(|_| interrupted())
    }

    async fn complete_stream(&self, request: CompletionRequest) -> Result<ChunkStream, BotticelliError> {
        let response = self.complete(request).await?;
        Ok(botticelli_interface::response_stream(response))
    }

    async fn estimate_completion(&self, _: &CompletionRequest) -> Result<CostEstimate, BotticelliError> {
        Ok(self.estimate)
    }

    fn reports_completion_sends(&self) -> bool {
        self.reports
    }
}

/// A clock at noon of a day: 2026-11-28 is day 0.
pub(crate) fn noon(day: u64) -> Arc<ManualClock> {
    let clock = ManualClock::default();
    clock.advance(Duration::from_secs(1_795_867_200 + day * 86_400));
    Arc::new(clock)
}

/// Reads a stream to its end.
pub(crate) async fn whole(mut stream: ChunkStream) -> Result<GenerateResponse, BotticelliError> {
    let mut last = None;
    while let Some(chunk) = stream.next().await {
        last = chunk?.into_response();
    }
    Ok(last.unwrap())
}
