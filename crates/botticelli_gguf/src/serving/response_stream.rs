//! The stream of a response.

use super::engine::Engine;
use super::event::{Event, Item};
use super::job::Job;
use super::shared::{Shared, failure};
use botticelli_core::{
    ChunkCollector, Cost, Delta, FinishReason, GenerateResponse, Logprobs, StreamChunk, Timings, Usage,
};
use botticelli_error::BotticelliError;
use botticelli_interface::Clock;
use futures::Stream;
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Facts of a call that its response repeats.
#[derive(Clone, Debug)]
pub(crate) struct ResponseMetadata {
    pub(crate) model: String,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) started: Instant,
    pub(crate) warnings: Vec<String>,
}

/// The stream of a response. Dropping it ends the work for it.
#[derive(Debug)]
pub(crate) struct ResponseStream {
    receiver: mpsc::Receiver<Item>,
    shared: Arc<Shared>,
    provider: &'static str,
    metadata: ResponseMetadata,
    collector: ChunkCollector,
    ready: VecDeque<StreamChunk>,
    /// Choices that are not complete.
    open: usize,
    first_reason: FinishReason,
    tokens: Tokens,
    first_token: Option<Duration>,
    is_ended: bool,
}

/// Token counts of all choices.
#[derive(Clone, Copy, Debug, Default)]
struct Tokens {
    prompt: u64,
    cached: u64,
    completion: u64,
    reasoning: u64,
}

impl ResponseStream {
    /// Submits the choices of a request.
    pub(crate) fn start(
        engine: &Engine,
        jobs: Vec<Job>,
        metadata: ResponseMetadata,
    ) -> Result<Self, BotticelliError> {
        let open = jobs.len();
        Ok(Self {
            receiver: engine.submit(jobs)?,
            shared: engine.shared(),
            provider: engine.provider(),
            metadata,
            collector: ChunkCollector::default(),
            ready: VecDeque::new(),
            open,
            first_reason: FinishReason::Unspecified,
            tokens: Tokens::default(),
            first_token: None,
            is_ended: false,
        })
    }

    fn elapsed(&self) -> Duration {
        self.metadata.clock.now().saturating_duration_since(self.metadata.started)
    }

    fn handle(&mut self, event: Event) {
        let Event { choice, deltas, logprob, end } = event;
        if let Some(token) = logprob {
            let mut logprobs = Logprobs::default();
            logprobs.tokens.push(token);
            self.collector.push_logprobs(choice, logprobs);
        }
        for delta in deltas {
            if self.first_token.is_none() {
                self.first_token = Some(self.elapsed());
            }
            self.collector.push_to(choice, &delta);
            self.ready.push_back(StreamChunk::of(delta).of_choice(choice));
        }
        let Some(end) = end else { return };
        // The choices share one prompt.
        self.tokens.prompt = end.prompt_tokens;
        self.tokens.cached = self.tokens.cached.max(end.cached_tokens);
        self.tokens.completion += end.completion_tokens;
        self.tokens.reasoning += end.reasoning_tokens;
        // A choice without text exists, too.
        self.collector.push_to(choice, &Delta::None);
        match choice {
            0 => self.first_reason = end.finish_reason,
            choice => self.collector.end(choice, end.finish_reason),
        }
        self.open = self.open.saturating_sub(1);
        if self.open == 0 {
            let response = self.response();
            self.ready.push_back(StreamChunk::last(response));
        }
    }

    fn response(&mut self) -> GenerateResponse {
        let Tokens { prompt, cached, completion, reasoning } = self.tokens;
        let usage = Usage::new(Some(prompt), Some(completion), Some(prompt.saturating_add(completion)))
            .with_details(Some(cached), Some(reasoning));
        let model = &self.metadata.model;
        let mut response = std::mem::take(&mut self.collector)
            .finish(self.first_reason.clone(), Some(usage))
            .with_cost(Cost::free())
            .with_timings(Timings::new(self.first_token, Some(self.elapsed())))
            .with_identity(None, Some(model.clone()))
            .with_origin(Some(model.clone()), Some(self.provider.to_owned()), None);
        for warning in &self.metadata.warnings {
            response = response.with_warning(warning.clone());
        }
        response
    }
}

impl Stream for ResponseStream {
    type Item = Result<StreamChunk, BotticelliError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(chunk) = this.ready.pop_front() {
                this.is_ended |= chunk.is_final();
                return Poll::Ready(Some(Ok(chunk)));
            }
            if this.is_ended {
                return Poll::Ready(None);
            }
            let item = match this.receiver.poll_recv(context) {
                Poll::Ready(item) => item,
                Poll::Pending => return Poll::Pending,
            };
            this.shared.wake();
            match item {
                Some(Ok(event)) => this.handle(event),
                Some(Err(error)) => {
                    this.is_ended = true;
                    return Poll::Ready(Some(Err(error.with_partial(this.collector.partial()))));
                }
                None => {
                    this.is_ended = true;
                    let error = failure(this.provider).with_partial(this.collector.partial());
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }
}

impl Drop for ResponseStream {
    fn drop(&mut self) {
        self.receiver.close();
        self.shared.wake();
    }
}
