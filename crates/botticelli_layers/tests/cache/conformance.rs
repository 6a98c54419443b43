//! A driver with a cache keeps the contract of every driver.

use async_trait::async_trait;
use botticelli_core::{
    Choice, Delta, FinishReason, GenerateRequest, GenerateResponse, Output, StreamChunk, ToolCall,
    ToolChoice, Usage,
};
use botticelli_error::{BotticelliError, BuilderError, InterruptedError, PartialResponse};
use botticelli_interface::{BotticelliDriver, ChunkStream, conformance, response_stream};
use botticelli_layers::LayerExt;
use botticelli_layers::cache::Cache;
use futures::{FutureExt, StreamExt, stream};
use std::sync::Arc;

/// A model that does what the list of the conformance suite asks for.
#[derive(Clone, Debug, Default)]
struct Model {
    is_broken: bool,
}

impl Model {
    fn answer(&self, request: &GenerateRequest) -> Result<GenerateResponse, BotticelliError> {
        if request.messages().is_empty() {
            return Err(BuilderError::missing("GenerateRequest", "messages", "add one").into());
        }
        if let Some(model) = request.model() {
            let (reason, remedy) = ("it does not exist", "use another one");
            return Err(BuilderError::refused("GenerateRequest", "model", model, reason, remedy).into());
        }
        if self.is_broken {
            let error = BotticelliError::from(InterruptedError::new("here"));
            return Err(error.with_partial(PartialResponse::new("Well, ", "", Vec::new())));
        }
        let words = "Well, thank you, and how are you today?".split_inclusive(' ').collect::<Vec<_>>();
        let limit = request.max_tokens().map_or(words.len(), |limit| usize::try_from(limit).unwrap());
        let text: String = words.iter().take(limit).copied().collect();
        let reason = if limit < words.len() { FinishReason::Length } else { FinishReason::Stop };
        let usage = Usage::new(Some(5), u64::try_from(limit.min(words.len())).ok(), None);
        if let Some(ToolChoice::Function(name)) = request.tool_choice() {
            let call = ToolCall::new("call00001", name, "{\"city\": \"Florence\"}");
            return GenerateResponse::builder()
                .outputs(vec![Output::ToolCall(call)])
                .finish_reason(FinishReason::ToolCalls)
                .usage(usage)
                .build();
        }
        let others = (1..request.n().unwrap_or(1))
            .map(|index| Choice::new(index, vec![Output::Text(text.clone())], reason.clone()))
            .collect();
        GenerateResponse::builder()
            .outputs(vec![Output::Text(text.clone())])
            .finish_reason(reason)
            .alternatives(others)
            .usage(usage)
            .build()
    }
}

#[async_trait]
impl BotticelliDriver for Model {
    async fn generate(&self, request: GenerateRequest) -> Result<GenerateResponse, BotticelliError> {
        tokio::task::yield_now().await;
        self.answer(&request)
    }

    async fn generate_stream(&self, request: GenerateRequest) -> Result<ChunkStream, BotticelliError> {
        match self.answer(&request) {
            Ok(response) => Ok(response_stream(response)),
            Err(error) => match error.partial() {
                Some(partial) => {
                    let chunk = StreamChunk::of(Delta::Text(partial.text().to_owned()));
                    Ok(stream::iter([Ok(chunk), Err(error)]).boxed())
                }
                None => Err(error),
            },
        }
    }

    fn provider_name(&self) -> &'static str {
        "acme"
    }

    fn model_name(&self) -> &'static str {
        "model"
    }
}

#[tokio::test]
async fn a_driver_with_a_cache_conforms() {
    for (cache, _folder) in crate::replay::caches() {
        // Sampled requests are cached too, so that every case sees hits.
        let cache = cache.with_sampled(true);
        let driver: Arc<dyn BotticelliDriver> = Arc::new(Model::default().with_cache(cache.clone()));
        let broken = Arc::new(Model { is_broken: true }.with_cache(Cache::memory()));
        let subject = conformance::Subject::new(driver)
            .with_unknown_model("acme/none")
            .with_broken_stream(broken)
            .with_idle_check(|| async { true }.boxed());
        // The second run is answered from the cache.
        for _ in 0..2 {
            let report = conformance::run(&subject).await;
            assert!(report.failures().next().is_none(), "{report}");
        }
    }
}
