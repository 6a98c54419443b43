//! A driver whose service answers what a test says, when a test says so.

use async_trait::async_trait;
use botticelli_core::{
    CompletionRequest, Cost, CostEstimate, Delta, FinishReason, GenerateRequest, GenerateResponse, ModelInfo,
    Output, PricedRoute, StreamChunk, Usage,
};
use botticelli_error::{BotticelliError, InterruptedError, PartialResponse};
use botticelli_interface::{BotticelliDriver, ChunkStream, CompletionDriver, response_stream};
use futures::{StreamExt, stream};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Semaphore;

type Reply = dyn Fn(usize) -> Result<GenerateResponse, BotticelliError> + Send + Sync;

/// A driver with a service that counts its calls. Clones share the service.
#[derive(Clone)]
pub(crate) struct Service {
    reply: Arc<Reply>,
    calls: Arc<AtomicUsize>,
    open: Arc<AtomicUsize>,
    /// Permissions to send a chunk of a stream or a plain response.
    permits: Arc<Semaphore>,
    /// The form of the requests, if the driver has one.
    canonical: Option<&'static str>,
    name: &'static str,
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Service")
    }
}

impl Service {
    /// Returns a service that answers each call with the result of a function of its number, from 0.
    pub(crate) fn new(
        reply: impl Fn(usize) -> Result<GenerateResponse, BotticelliError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            reply: Arc::new(reply),
            calls: Arc::default(),
            open: Arc::default(),
            permits: Arc::new(Semaphore::new(1_000_000)),
            canonical: None,
            name: "model",
        }
    }

    /// Returns a service that answers `answer 0`, `answer 1` …
    pub(crate) fn counting() -> Self {
        Self::new(|number| Ok(answer(&format!("answer {number}"))))
    }

    /// Returns the service with a gate: chunks and plain responses wait for [`allow`](Self::allow).
    pub(crate) fn gated(mut self) -> Self {
        self.permits = Arc::new(Semaphore::new(0));
        self
    }

    pub(crate) fn with_canonical(mut self, prefix: &'static str) -> Self {
        self.canonical = Some(prefix);
        self
    }

    pub(crate) fn named(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }

    pub(crate) fn allow(&self, chunks: usize) {
        self.permits.add_permits(chunks);
    }

    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    /// Returns the number of calls that are open at the service.
    pub(crate) fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    fn begin(&self) -> (Open, Result<GenerateResponse, BotticelliError>) {
        self.open.fetch_add(1, Ordering::SeqCst);
        let number = self.calls.fetch_add(1, Ordering::SeqCst);
        (Open(self.open.clone()), (self.reply)(number))
    }

    async fn plain(&self) -> Result<GenerateResponse, BotticelliError> {
        let (_open, reply) = self.begin();
        self.permits.acquire().await.unwrap().forget();
        reply
    }

    /// Sends one character per chunk. An error comes after its partial text, or before the stream.
    async fn streamed(&self) -> Result<ChunkStream, BotticelliError> {
        let (open, reply) = self.begin();
        let text = |text: &str| -> Vec<_> {
            text.chars().map(|letter| Ok(StreamChunk::of(Delta::Text(letter.to_string())))).collect()
        };
        let items: Vec<Result<StreamChunk, BotticelliError>> = match reply {
            Err(error) if error.partial().is_none() => {
                self.permits.acquire().await.unwrap().forget();
                return Err(error);
            }
            Err(error) => {
                let mut items = text(error.partial().unwrap().text());
                items.push(Err(error));
                items
            }
            Ok(response) if response.outputs().iter().all(|output| matches!(output, Output::Text(_))) => {
                let mut items = text(&response.text());
                items.push(Ok(StreamChunk::last(response)));
                items
            }
            Ok(response) => response_stream(response).collect().await,
        };
        let permits = self.permits.clone();
        let gated = stream::iter(items).then(move |item| {
            let (permits, _open) = (permits.clone(), &open);
            async move {
                permits.acquire().await.unwrap().forget();
                item
            }
        });
        Ok(gated.boxed())
    }

    fn canonical(&self, request: &impl serde::Serialize) -> Option<Vec<u8>> {
        let body = serde_json::to_string(request).unwrap();
        Some(format!("{}\n{body}", self.canonical?).into_bytes())
    }
}

/// A call that is open at the service.
struct Open(Arc<AtomicUsize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl BotticelliDriver for Service {
    async fn generate(&self, _: GenerateRequest) -> Result<GenerateResponse, BotticelliError> {
        self.plain().await
    }

    async fn generate_stream(&self, _: GenerateRequest) -> Result<ChunkStream, BotticelliError> {
        self.streamed().await
    }

    fn provider_name(&self) -> &'static str {
        "acme"
    }

    fn model_name(&self) -> &str {
        self.name
    }

    async fn model_info(&self, model: &str) -> Result<Option<ModelInfo>, BotticelliError> {
        Ok(Some(ModelInfo::new(model)))
    }

    async fn estimate(&self, _: &GenerateRequest) -> Result<CostEstimate, BotticelliError> {
        Ok(CostEstimate::at_most(5))
    }

    async fn cheaper_routes(
        &self,
        _: &GenerateRequest,
        limit: u64,
    ) -> Result<Vec<PricedRoute>, BotticelliError> {
        Ok(vec![PricedRoute::new("small", limit)])
    }

    fn canonical_request(&self, request: &GenerateRequest) -> Result<Option<Vec<u8>>, BotticelliError> {
        Ok(self.canonical(request))
    }
}

#[async_trait]
impl CompletionDriver for Service {
    async fn complete(&self, _: CompletionRequest) -> Result<GenerateResponse, BotticelliError> {
        self.plain().await
    }

    async fn complete_stream(&self, _: CompletionRequest) -> Result<ChunkStream, BotticelliError> {
        self.streamed().await
    }

    async fn estimate_completion(&self, _: &CompletionRequest) -> Result<CostEstimate, BotticelliError> {
        Ok(CostEstimate::at_most(6))
    }

    fn canonical_completion(&self, request: &CompletionRequest) -> Result<Option<Vec<u8>>, BotticelliError> {
        Ok(self.canonical(request))
    }
}

/// Returns a complete response that cost 7 nano-dollars.
pub(crate) fn answer(text: &str) -> GenerateResponse {
    ended(text, FinishReason::Stop)
}

pub(crate) fn ended(text: &str, reason: FinishReason) -> GenerateResponse {
    GenerateResponse::builder()
        .outputs(vec![Output::Text(text.into())])
        .finish_reason(reason)
        .usage(Usage::new(Some(3), Some(4), Some(7)))
        .cost(Cost::priced(7))
        .id("original")
        .provider("acme")
        .build()
        .unwrap()
}

pub(crate) fn interrupted(text: &str) -> BotticelliError {
    let error = BotticelliError::from(InterruptedError::new("acme.example"));
    error.with_partial(PartialResponse::new(text, "", Vec::new()))
}

/// Returns a request that does not sample.
pub(crate) fn ask(prompt: &str) -> GenerateRequest {
    GenerateRequest::from(prompt).with_temperature(0.0)
}

/// Returns the items of a stream.
pub(crate) async fn read(stream: ChunkStream) -> Vec<StreamChunk> {
    stream.map(Result::unwrap).collect().await
}

/// Returns the response of the final chunk, and the texts of the others.
pub(crate) async fn fold(stream: ChunkStream) -> (GenerateResponse, Vec<String>) {
    let mut chunks = read(stream).await;
    let last = chunks.pop().and_then(StreamChunk::into_response).expect("the last chunk is final");
    assert!(chunks.iter().all(|chunk| !chunk.is_final()));
    (last, chunks.iter().map(|chunk| chunk.text().to_owned()).collect())
}
