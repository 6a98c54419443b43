//! A scripted reply.

use super::whole::{Parts, call_id, changed, chunks};
use botticelli_core::{Cost, Delta, FinishReason, GenerateResponse, StreamChunk, ToolCallDelta, Usage};
use botticelli_error::{BotticelliError, ErrorCategory, ErrorDetails, ModelsError, ModelsErrorKind};
use std::mem;
use std::time::Duration;

/// A scripted reply of a [`MockDriver`](super::MockDriver). Each reply works for plain and for streamed calls.
///
/// Texts, whole responses and errors convert into a reply.
#[derive(Clone, Debug)]
pub struct MockReply {
    pub(super) content: Content,
    pub(super) usage: Option<Usage>,
    pub(super) cost: Option<Cost>,
    pub(super) finish_reason: FinishReason,
    pub(super) delay: Duration,
    pub(super) chunk_delay: Duration,
}

#[derive(Clone, Debug)]
pub(super) enum Content {
    /// A response with its own usage, cost and finish reason.
    Whole(GenerateResponse),
    /// Chunks, and the error that follows them.
    Chunks(Vec<StreamChunk>, Option<BotticelliError>),
}

impl MockReply {
    fn of(content: Content) -> Self {
        Self {
            content,
            usage: None,
            cost: None,
            finish_reason: FinishReason::Stop,
            delay: Duration::ZERO,
            chunk_delay: Duration::ZERO,
        }
    }

    /// Returns a reply with this text, in one chunk.
    pub fn text(text: impl Into<String>) -> Self {
        Self::chunks([text])
    }

    /// Returns a reply whose text is streamed in these chunks.
    pub fn chunks<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::deltas(texts.into_iter().map(|text| Delta::Text(text.into())))
    }

    /// Returns a reply with any content, such as reasoning, in these chunks.
    pub fn deltas(deltas: impl IntoIterator<Item = Delta>) -> Self {
        Self::of(Content::Chunks(deltas.into_iter().map(StreamChunk::of).collect(), None))
    }

    /// Returns a reply that calls a tool. `arguments` is JSON.
    pub fn tool_call(name: impl Into<String>, arguments: impl Into<String>) -> Self {
        Self::deltas([]).with_tool_call(name, arguments)
    }

    /// Returns a reply with a whole response, which keeps its usage, cost and finish reason.
    pub fn response(response: GenerateResponse) -> Self {
        Self::of(Content::Whole(response))
    }

    /// Returns a reply that fails before any content.
    pub fn error(error: impl Into<BotticelliError>) -> Self {
        Self::of(Content::Chunks(Vec::new(), Some(error.into())))
    }

    /// Returns a reply that fails with a rejection of this category.
    pub fn failure(category: ErrorCategory) -> Self {
        Self::error(rejection(category, None))
    }

    /// Returns a reply that fails because of too many requests, and requests a wait before the next attempt.
    pub fn rate_limited(retry_after: Duration) -> Self {
        Self::error(rejection(ErrorCategory::RateLimited, Some(retry_after)))
    }

    /// Appends a tool call. `arguments` is JSON.
    pub fn with_tool_call(mut self, name: impl Into<String>, arguments: impl Into<String>) -> Self {
        let (name, arguments) = (name.into(), arguments.into());
        match &mut self.content {
            Content::Chunks(chunks, _) => {
                let is_call = |chunk: &&StreamChunk| matches!(chunk.delta(), Delta::ToolCall(_));
                let index = chunks.iter().filter(is_call).count();
                let delta = ToolCallDelta::new(index, Some(call_id(index)), Some(name), arguments);
                chunks.push(StreamChunk::of(Delta::ToolCall(delta)));
            }
            Content::Whole(response) => change(response, |parts| parts.push_tool_call(name, arguments)),
        }
        self
    }

    /// Appends a chunk of another choice, for a request for several. `choice` begins at 1.
    pub fn with_choice(mut self, choice: u32, delta: Delta) -> Self {
        match &mut self.content {
            Content::Chunks(chunks, _) => chunks.push(StreamChunk::of(delta).of_choice(choice)),
            Content::Whole(response) => change(response, |parts| parts.push_choice(choice, delta)),
        }
        self
    }

    /// Ends the reply with an error after its chunks, which become the partial response of the error.
    pub fn then_error(mut self, error: impl Into<BotticelliError>) -> Self {
        let chunks = match self.content {
            Content::Chunks(chunks, _) => chunks,
            Content::Whole(response) => chunks(response),
        };
        self.content = Content::Chunks(chunks, Some(error.into()));
        self
    }

    /// Sets the usage.
    pub fn with_usage(mut self, usage: Usage) -> Self {
        match &mut self.content {
            Content::Chunks(..) => self.usage = Some(usage),
            Content::Whole(response) => change(response, |parts| parts.usage = Some(usage)),
        }
        self
    }

    /// Sets the cost. Default: the cost of the driver. A whole response has its own.
    pub fn with_cost(mut self, cost: Cost) -> Self {
        match &mut self.content {
            Content::Chunks(..) => self.cost = Some(cost),
            Content::Whole(response) => *response = mem::take(response).with_cost(cost),
        }
        self
    }

    /// Sets the finish reason. Default: `Stop`, or `ToolCalls` after a tool call. A whole response has its own.
    pub fn with_finish_reason(mut self, reason: FinishReason) -> Self {
        match &mut self.content {
            Content::Chunks(..) => self.finish_reason = reason,
            Content::Whole(response) => change(response, |parts| parts.finish_reason = reason),
        }
        self
    }

    /// Waits before the reply, on the clock of the driver.
    pub fn with_delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Waits before each chunk of a stream, and before its end, on the clock of the driver.
    pub fn with_chunk_delay(mut self, delay: Duration) -> Self {
        self.chunk_delay = delay;
        self
    }
}

fn change(response: &mut GenerateResponse, change: impl FnOnce(&mut Parts)) {
    *response = changed(mem::take(response), change);
}

fn rejection(category: ErrorCategory, retry_after: Option<Duration>) -> BotticelliError {
    let kind = ModelsErrorKind::Rejected {
        category,
        what: format!("the scripted reply is a failure of the category `{category}`"),
        remedy: "Change the script, or handle the error".to_owned(),
    };
    let mut details = ErrorDetails::new("mock");
    details.retry_after = retry_after;
    ModelsError::new(kind, details).into()
}

impl From<&str> for MockReply {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for MockReply {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<GenerateResponse> for MockReply {
    fn from(response: GenerateResponse) -> Self {
        Self::response(response)
    }
}

impl From<BotticelliError> for MockReply {
    fn from(error: BotticelliError) -> Self {
        Self::error(error)
    }
}
