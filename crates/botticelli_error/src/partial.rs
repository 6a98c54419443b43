//! The part of a response that arrived before an error.

/// The part of a response that arrived before an error.
///
/// The content is genuine, but incomplete: do not use it as a whole response.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartialResponse {
    text: String,
    reasoning: String,
    tool_calls: Vec<PartialToolCall>,
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
    nano_dollars: Option<u64>,
    alternatives: Vec<PartialResponse>,
}

impl PartialResponse {
    /// Returns a partial response with this content.
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
            nano_dollars: None,
            alternatives: Vec::new(),
        }
    }

    /// Returns the partial response with the other choices, if the request asked for several.
    pub fn with_alternatives(mut self, alternatives: Vec<PartialResponse>) -> Self {
        self.alternatives = alternatives;
        self
    }

    /// Returns the partial response with the token counts that the service reported so far.
    pub fn with_tokens(mut self, prompt: Option<u64>, completion: Option<u64>) -> Self {
        self.prompt_tokens = prompt;
        self.completion_tokens = completion;
        self
    }

    /// Returns the partial response with the known cost of the responses so far, in nano-dollars (10⁻⁹ USD).
    pub fn with_nano_dollars(mut self, nano_dollars: Option<u64>) -> Self {
        self.nano_dollars = nano_dollars;
        self
    }

    /// Returns the text so far. For a model that declines to answer, returns its refusal.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the reasoning so far.
    pub fn reasoning(&self) -> &str {
        &self.reasoning
    }

    /// Returns the tool calls so far; the arguments of the last one may be incomplete.
    pub fn tool_calls(&self) -> &[PartialToolCall] {
        &self.tool_calls
    }

    /// Returns the number of prompt tokens, if the service reported it.
    pub fn prompt_tokens(&self) -> Option<u64> {
        self.prompt_tokens
    }

    /// Returns the number of completion tokens so far, if the service reported it.
    pub fn completion_tokens(&self) -> Option<u64> {
        self.completion_tokens
    }

    /// Returns the cost of the responses so far in nano-dollars (10⁻⁹ USD). `None` if it is unknown.
    pub fn nano_dollars(&self) -> Option<u64> {
        self.nano_dollars
    }

    /// Returns the other choices, if the request asked for several.
    pub fn alternatives(&self) -> &[PartialResponse] {
        &self.alternatives
    }

    /// Returns whether no content arrived.
    pub fn is_empty(&self) -> bool {
        let has_no_output = self.text.is_empty() && self.reasoning.is_empty() && self.tool_calls.is_empty();
        has_no_output && self.alternatives.iter().all(Self::is_empty)
    }
}

/// A tool call that may be incomplete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartialToolCall {
    id: Option<String>,
    name: String,
    arguments: String,
}

impl PartialToolCall {
    /// Returns a call of the function `name`, with the part of its arguments that arrived.
    pub fn new(id: Option<String>, name: impl Into<String>, arguments: impl Into<String>) -> Self {
        Self { id, name: name.into(), arguments: arguments.into() }
    }

    /// Returns the id of the call, if the server gave one.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Returns the name of the function.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the part of the arguments that arrived, as text: probably invalid JSON.
    pub fn arguments(&self) -> &str {
        &self.arguments
    }
}
