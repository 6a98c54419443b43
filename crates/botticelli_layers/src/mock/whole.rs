//! Whole responses, their changes and their chunks.

use botticelli_core::{
    Choice, ChunkCollector, Delta, FinishReason, GenerateResponse, Output, StreamChunk, ToolCall, Usage,
};
use botticelli_interface::response_stream;
use futures::{FutureExt, StreamExt};

/// The parts of a response that a script can change.
pub(super) struct Parts {
    pub(super) outputs: Vec<Output>,
    pub(super) finish_reason: FinishReason,
    pub(super) alternatives: Vec<Choice>,
    pub(super) usage: Option<Usage>,
}

/// Returns the response with changed parts.
pub(super) fn changed(response: GenerateResponse, change: impl FnOnce(&mut Parts)) -> GenerateResponse {
    let mut parts = Parts {
        outputs: response.outputs().to_vec(),
        finish_reason: response.finish_reason().clone(),
        alternatives: response.alternatives().to_vec(),
        usage: response.usage().copied(),
    };
    change(&mut parts);
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let mut builder = GenerateResponse::builder()
        .outputs(parts.outputs)
        .finish_reason(parts.finish_reason)
        .alternatives(parts.alternatives)
        .cost(response.cost())
        .skipped_routes(response.skipped_routes().to_vec())
        .is_cached(response.is_cached())
        .timings(response.timings())
        .retries(response.retries().to_vec())
        .warnings(response.warnings().to_vec());
    macro_rules! set {
        ($($field:ident: $value:expr),*) => {$(
            if let Some(value) = $value {
                builder = builder.$field(value);
            }
        )*};
    }
    set!(
        usage: parts.usage,
        logprobs: response.logprobs().cloned(),
        requested_model: owned(response.requested_model()),
        model: owned(response.model()),
        provider: owned(response.provider()),
        routing: response.routing().cloned(),
        rate_limit: response.rate_limit().copied().map(Box::new),
        id: owned(response.id()),
        request_id: owned(response.request_id())
    );
    // All fields are set, so nothing can be missing.
    builder.build().unwrap_or(response)
}

impl Parts {
    pub(super) fn push_tool_call(&mut self, name: String, arguments: String) {
        let index = self.outputs.iter().filter(|output| matches!(output, Output::ToolCall(_))).count();
        self.outputs.push(Output::ToolCall(ToolCall::new(call_id(index), name, arguments)));
        if self.finish_reason == FinishReason::Stop {
            self.finish_reason = FinishReason::ToolCalls;
        }
    }

    pub(super) fn push_choice(&mut self, choice: u32, delta: Delta) {
        let known = self.alternatives.iter_mut().find(|known| known.index == choice);
        let (mut chunks, reason) = match &known {
            Some(known) => (chunks_of(&known.outputs), known.finish_reason.clone()),
            None => (Vec::new(), FinishReason::Unspecified),
        };
        chunks.push(StreamChunk::of(delta));
        let response = collected(&chunks).finish(reason, None);
        let (outputs, reason) = (response.outputs().to_vec(), response.finish_reason().clone());
        match known {
            Some(known) => (known.outputs, known.finish_reason) = (outputs, reason),
            None => self.alternatives.push(Choice::new(choice, outputs, reason)),
        }
    }
}

/// Collects chunks, for the response or for the partial response.
pub(super) fn collected(chunks: &[StreamChunk]) -> ChunkCollector {
    let mut collector = ChunkCollector::default();
    for chunk in chunks {
        collector.push_chunk(chunk);
    }
    collector
}

/// Returns the id of a scripted tool call.
pub(super) fn call_id(index: usize) -> String {
    format!("call{index:05}")
}

fn chunks_of(outputs: &[Output]) -> Vec<StreamChunk> {
    let response = GenerateResponse::builder().outputs(outputs.to_vec()).build();
    response.map(chunks).unwrap_or_default()
}

/// Returns the chunks of a response before the final one.
pub(super) fn chunks(response: GenerateResponse) -> Vec<StreamChunk> {
    // All chunks of the stream are available immediately.
    let chunks = response_stream(response).filter_map(async |chunk| chunk.ok()).boxed();
    let chunks = chunks.collect::<Vec<_>>().now_or_never().unwrap_or_default();
    chunks.into_iter().filter(|chunk| !chunk.is_final()).collect()
}
