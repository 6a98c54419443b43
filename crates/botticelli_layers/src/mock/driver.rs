//! The mock as a driver.

use super::call::MockCall;
use super::reply::{Content, MockReply};
use super::script::{OpenCall, Script};
use super::settings::Settings;
use super::whole::collected;
use async_trait::async_trait;
use botticelli_core::{
    CompletionRequest, Cost, CostEstimate, GenerateRequest, GenerateResponse, GenerationConfig, ModelInfo,
    PricedRoute, StreamChunk,
};
use botticelli_error::BotticelliError;
use botticelli_interface::{BotticelliDriver, ChunkStream, Clock, CompletionDriver, response_stream};
use futures::{StreamExt, stream};
use std::sync::Arc;
use std::time::Duration;

/// A driver with scripted replies, which records the requests that it receives. The mock sends no requests.
///
/// Clones share the script and the record. Requests are validated as by any driver. An invalid request fails without a record, and
/// uses up no reply. By default, calls are free.
#[derive(Clone, Debug)]
pub struct MockDriver {
    script: Arc<Script>,
    settings: Arc<Settings>,
}

impl MockDriver {
    /// Returns a driver that answers with these replies, in order. The call after the last reply fails.
    pub fn answering<R: Into<MockReply>>(replies: impl IntoIterator<Item = R>) -> Self {
        Self::of(Script::of_replies(replies.into_iter().map(Into::into).collect()))
    }

    /// Returns a driver that computes each reply from its call.
    ///
    /// ```
    /// use botticelli_layers::mock::{MockDriver, MockReply};
    ///
    /// let driver = MockDriver::replying(|call| match call.model() {
    ///     Some(model) => MockReply::text(format!("I am {model}")),
    ///     None => MockReply::text("I am a mock"),
    /// });
    /// # drop(driver);
    /// ```
    pub fn replying(decide: impl Fn(&MockCall) -> MockReply + Send + Sync + 'static) -> Self {
        Self::of(Script::of_function(Box::new(decide)))
    }

    fn of(script: Script) -> Self {
        Self { script: Arc::new(script), settings: Arc::default() }
    }

    /// Repeats the last reply of the script forever.
    pub fn repeating(self) -> Self {
        self.script.repeat_the_last();
        self
    }

    /// Appends a reply to the script, also while the driver is in use. The replies of the script come before those of a
    /// [function](Self::replying).
    pub fn push(&self, reply: impl Into<MockReply>) {
        self.script.push(reply.into());
    }

    /// Sets the provider's name. Default: `mock`.
    pub fn with_provider(mut self, name: &'static str) -> Self {
        self.settings_mut().provider = name;
        self
    }

    /// Sets the model for requests without a model. Default: `mock-model`.
    pub fn with_model(mut self, name: impl Into<String>) -> Self {
        self.settings_mut().model = name.into();
        self
    }

    /// Adds an entry to the catalog.
    pub fn with_model_info(mut self, info: ModelInfo) -> Self {
        self.settings_mut().models.push(info);
        self
    }

    /// Sets the estimate of every request. Default: free, and an unknown number of tokens.
    pub fn with_estimate(mut self, estimate: CostEstimate) -> Self {
        self.settings_mut().estimate = estimate;
        self
    }

    /// Sets the cost of every reply without a cost. Default: free.
    pub fn with_cost(mut self, cost: Cost) -> Self {
        self.settings_mut().cost = cost;
        self
    }

    /// Sets the cheaper routes. A request gets those within its limit.
    pub fn with_cheaper_routes(mut self, routes: Vec<PricedRoute>) -> Self {
        self.settings_mut().cheaper = routes;
        self
    }

    /// Sets the clock for delays. Default: the system's.
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.settings_mut().clock = clock;
        self
    }

    fn settings_mut(&mut self) -> &mut Settings {
        Arc::make_mut(&mut self.settings)
    }

    /// Returns the chat requests so far, in order.
    pub fn requests(&self) -> Vec<GenerateRequest> {
        self.script.calls().iter().filter_map(MockCall::chat).cloned().collect()
    }

    /// Returns the text completion requests so far, in order.
    pub fn completion_requests(&self) -> Vec<CompletionRequest> {
        self.script.calls().iter().filter_map(MockCall::completion).cloned().collect()
    }

    /// Returns all calls so far, in order.
    pub fn calls(&self) -> Vec<MockCall> {
        self.script.calls()
    }

    /// Returns the number of calls that are neither complete nor dropped. A stream is open until its last item.
    pub fn open_calls(&self) -> usize {
        self.script.open_calls()
    }

    async fn plain(&self, call: MockCall) -> Result<GenerateResponse, BotticelliError> {
        let _open = self.script.open();
        let model = self.model_of(&call);
        let MockReply { content, usage, cost, finish_reason, delay, .. } = self.script.next(call)?;
        self.wait(delay).await;
        match content {
            Content::Whole(response) => Ok(response),
            Content::Chunks(chunks, Some(error)) => Err(broken(error, &chunks)),
            Content::Chunks(chunks, None) => {
                let response = collected(&chunks).finish(finish_reason, usage);
                Ok(self.labelled(response, cost, model))
            }
        }
    }

    async fn streamed(&self, call: MockCall) -> Result<ChunkStream, BotticelliError> {
        let open = self.script.open();
        let model = self.model_of(&call);
        let MockReply { content, usage, cost, finish_reason, delay, chunk_delay } = self.script.next(call)?;
        self.wait(delay).await;
        let items = match content {
            Content::Whole(response) => response_stream(response),
            Content::Chunks(chunks, Some(error)) if chunks.is_empty() => return Err(error),
            Content::Chunks(chunks, Some(error)) => {
                let last = Err(broken(error, &chunks));
                stream::iter(chunks.into_iter().map(Ok).chain([last])).boxed()
            }
            Content::Chunks(chunks, None) => {
                let response = collected(&chunks).finish(finish_reason, usage);
                let last = StreamChunk::last(self.labelled(response, cost, model));
                stream::iter(chunks.into_iter().chain([last]).map(Ok)).boxed()
            }
        };
        Ok(paced(items, chunk_delay, self.settings.clock.clone(), open))
    }

    async fn wait(&self, delay: Duration) {
        if !delay.is_zero() {
            self.settings.clock.sleep(delay).await;
        }
    }

    fn model_of(&self, call: &MockCall) -> String {
        call.model().unwrap_or(&self.settings.model).to_owned()
    }

    fn labelled(&self, response: GenerateResponse, cost: Option<Cost>, model: String) -> GenerateResponse {
        response
            .with_cost(cost.unwrap_or(self.settings.cost))
            .with_identity(None, Some(model.clone()))
            .with_origin(Some(model), Some(self.settings.provider.to_owned()), None)
    }
}

/// Returns the error with the chunks as its partial response.
fn broken(error: BotticelliError, chunks: &[StreamChunk]) -> BotticelliError {
    match error.partial() {
        Some(_) => error,
        None => error.with_partial(collected(chunks).partial()),
    }
}

/// Returns the stream with a wait before each item. The call is open until the last item.
fn paced(items: ChunkStream, delay: Duration, clock: Arc<dyn Clock>, open: OpenCall) -> ChunkStream {
    let paced = stream::unfold((items, Some(open)), move |(mut items, mut open)| {
        let clock = clock.clone();
        async move {
            if !delay.is_zero() && open.is_some() {
                clock.sleep(delay).await;
            }
            let item = items.next().await?;
            if item.as_ref().map_or(true, StreamChunk::is_final) {
                open = None;
            }
            Some((item, (items, open)))
        }
    });
    // A caller may poll a stream after its end.
    paced.fuse().boxed()
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl BotticelliDriver for MockDriver {
    async fn generate(&self, request: GenerateRequest) -> Result<GenerateResponse, BotticelliError> {
        request.validate()?;
        self.plain(MockCall::of_chat(request, false)).await
    }

    async fn generate_stream(&self, request: GenerateRequest) -> Result<ChunkStream, BotticelliError> {
        request.validate()?;
        self.streamed(MockCall::of_chat(request, true)).await
    }

    fn provider_name(&self) -> &'static str {
        self.settings.provider
    }

    fn model_name(&self) -> &str {
        &self.settings.model
    }

    async fn model_info(&self, model: &str) -> Result<Option<ModelInfo>, BotticelliError> {
        Ok(self.settings.models.iter().find(|info| info.id == model).cloned())
    }

    async fn estimate(&self, _: &GenerateRequest) -> Result<CostEstimate, BotticelliError> {
        Ok(self.settings.estimate)
    }

    async fn cheaper_routes(
        &self,
        _: &GenerateRequest,
        limit: u64,
    ) -> Result<Vec<PricedRoute>, BotticelliError> {
        let fits = |route: &&PricedRoute| route.nano_dollars <= limit;
        Ok(self.settings.cheaper.iter().filter(fits).cloned().collect())
    }

    fn generation_defaults(&self) -> GenerationConfig {
        GenerationConfig::default()
    }

    fn canonical_request(&self, _: &GenerateRequest) -> Result<Option<Vec<u8>>, BotticelliError> {
        Ok(None)
    }

    /// Returns `false`: a mock stands for any driver.
    fn reports_sends(&self) -> bool {
        false
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl CompletionDriver for MockDriver {
    async fn complete(&self, request: CompletionRequest) -> Result<GenerateResponse, BotticelliError> {
        request.validate()?;
        self.plain(MockCall::of_text(request, false)).await
    }

    async fn complete_stream(&self, request: CompletionRequest) -> Result<ChunkStream, BotticelliError> {
        request.validate()?;
        self.streamed(MockCall::of_text(request, true)).await
    }

    async fn estimate_completion(&self, _: &CompletionRequest) -> Result<CostEstimate, BotticelliError> {
        Ok(self.settings.estimate)
    }

    fn canonical_completion(&self, _: &CompletionRequest) -> Result<Option<Vec<u8>>, BotticelliError> {
        Ok(None)
    }

    fn reports_completion_sends(&self) -> bool {
        false
    }
}
