//! What had arrived before it broke.

/// The stream ended before the model had finished: neither a finish reason nor `[DONE]` came. Retried.
///
/// What had arrived is in [`BotticelliError::partial`](crate::BotticelliError::partial).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the stream of {host} ended before the answer was complete: {}", self.advice())]
pub struct InterruptedError {
    host: String,
}

impl InterruptedError {
    /// The stream of `host` ended too early.
    pub fn new(host: impl Into<String>) -> Self {
        Self { host: host.into() }
    }

    /// The host whose stream it was.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        "ask again (which may be billed again), or go on from what had arrived"
    }
}

/// What had arrived of an answer when it was interrupted.
///
/// Real, but unfinished: never to be taken for the whole answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartialResponse {
    text: String,
    reasoning: String,
    tool_calls: Vec<PartialToolCall>,
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
    alternatives: Vec<PartialResponse>,
}

impl PartialResponse {
    /// An answer of which `text`, `reasoning` and `tool_calls` had arrived.
    pub fn new(
        text: impl Into<String>,
        reasoning: impl Into<String>,
        tool_calls: Vec<PartialToolCall>,
    ) -> Self {
        Self {
            text: text.into(),
            reasoning: reasoning.into(),
            tool_calls,
            prompt_tokens: None,
            completion_tokens: None,
            alternatives: Vec::new(),
        }
    }

    /// Adds what had arrived of the other choices, where several were asked for.
    pub fn with_alternatives(mut self, alternatives: Vec<PartialResponse>) -> Self {
        self.alternatives = alternatives;
        self
    }

    /// Adds what the service had said of the tokens so far.
    pub fn with_tokens(mut self, prompt: Option<u64>, completion: Option<u64>) -> Self {
        self.prompt_tokens = prompt;
        self.completion_tokens = completion;
        self
    }

    /// The text so far; of a model that refuses to answer, what it says instead.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The reasoning so far.
    pub fn reasoning(&self) -> &str {
        &self.reasoning
    }

    /// The tool calls so far; the arguments of the last one may be cut.
    pub fn tool_calls(&self) -> &[PartialToolCall] {
        &self.tool_calls
    }

    /// Tokens of the prompt, if the service had said so already.
    pub fn prompt_tokens(&self) -> Option<u64> {
        self.prompt_tokens
    }

    /// Tokens of the answer so far, if the service had said so already.
    pub fn completion_tokens(&self) -> Option<u64> {
        self.completion_tokens
    }

    /// What had arrived of the other choices, where several were asked for.
    pub fn alternatives(&self) -> &[PartialResponse] {
        &self.alternatives
    }

    /// Whether nothing of the answer had arrived.
    pub fn is_empty(&self) -> bool {
        let said_nothing = self.text.is_empty() && self.reasoning.is_empty() && self.tool_calls.is_empty();
        said_nothing && self.alternatives.iter().all(Self::is_empty)
    }
}

/// A tool call of which not all had arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartialToolCall {
    id: Option<String>,
    name: String,
    arguments: String,
}

impl PartialToolCall {
    /// A call of the function `name`, of whose arguments `arguments` had arrived.
    pub fn new(id: Option<String>, name: impl Into<String>, arguments: impl Into<String>) -> Self {
        Self { id, name: name.into(), arguments: arguments.into() }
    }

    /// Its id, where the server gave one.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The name of the function.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The arguments as text, as far as they came: probably no valid JSON.
    pub fn arguments(&self) -> &str {
        &self.arguments
    }
}
