//! The state of a run.

use super::result::ToolResult;
use super::run::{ToolRun, ToolStep};
use super::set::Tools;
use botticelli_core::{GenerateRequest, GenerateResponse, Message, ToolCall, ToolChoice, ToolDefinition};
use botticelli_error::{BotticelliError, BuilderError};
use serde_json::Value;
use std::collections::HashSet;

/// The request, which grows from turn to turn, and the steps so far.
pub(super) struct Conversation {
    request: GenerateRequest,
    steps: Vec<ToolStep>,
    /// The assistant message whose calls have no results yet.
    pending: Option<Message>,
    /// The ids of all calls in the conversation.
    ids: HashSet<String>,
    /// `true` if the reasoning is sent back to the model.
    returns_reasoning: bool,
}

impl Conversation {
    pub(super) fn new(request: GenerateRequest) -> Self {
        let calls = request.messages().iter().flat_map(Message::tool_calls);
        let ids = calls.map(|call| call.id().to_owned()).collect();
        Self { request, steps: Vec::new(), pending: None, ids, returns_reasoning: false }
    }

    /// Adds the tools to the request, and rejects requests that a run does not support.
    pub(super) fn add_tools(&mut self, tools: &Tools) -> Result<(), BotticelliError> {
        tools.check()?;
        self.returns_reasoning = tools.returns_reasoning();
        if let Some(own) = self.request.tools().first() {
            let reason = "a run cannot execute the tools of a request";
            let remedy = "add all tools to `Tools`, and none to the request";
            let value = format!("{:?}", own.name());
            return Err(BuilderError::refused(OWNER, "tools", value, reason, remedy).into());
        }
        if let Some(n) = self.request.n().filter(|n| *n > 1) {
            let (reason, remedy) = ("a run continues from one choice", "remove it");
            return Err(BuilderError::refused(OWNER, "n", n.to_string(), reason, remedy).into());
        }
        let definitions: Vec<ToolDefinition> = tools.definitions().cloned().collect();
        self.request = std::mem::take(&mut self.request).with_tools(definitions);
        self.request.validate()
    }

    /// Returns the next request.
    pub(super) fn request(&self) -> &GenerateRequest {
        &self.request
    }

    /// Returns the number of responses so far.
    pub(super) fn turns(&self) -> usize {
        self.steps.len()
    }

    /// Adds a response, and returns its calls. Without calls, the run is finished.
    pub(super) fn add_response(&mut self, response: GenerateResponse) -> Vec<ToolCall> {
        let calls: Vec<ToolCall> =
            response.tool_calls().map(|call| with_unique_id(call, &mut self.ids)).collect();
        let mut turn = response.to_message().with_tool_calls(calls.iter().map(to_sendable).collect());
        let reasoning = response.reasoning();
        if self.returns_reasoning && !calls.is_empty() && !reasoning.is_empty() {
            turn = turn.with_reasoning(reasoning);
        }
        let is_blank = response.text().trim().is_empty() && response.refusal().is_none();
        self.steps.push(ToolStep::new(response));
        let mut request = std::mem::take(&mut self.request);
        // A choice that requires a call would require one in every turn.
        if let Some(ToolChoice::Required | ToolChoice::Function(_)) = request.tool_choice() {
            request = request.with_tool_choice(None);
        }
        self.request = request;
        if !calls.is_empty() {
            self.pending = Some(turn);
        } else if !is_blank {
            // Services reject a conversation with an empty message.
            self.push(turn);
        }
        calls
    }

    /// Adds the results of the last response's calls, in the order of the calls.
    pub(super) fn add_results(&mut self, results: Vec<ToolResult>) {
        if let Some(turn) = self.pending.take() {
            self.push(turn);
        }
        for result in &results {
            self.push(result.to_message());
        }
        if let Some(step) = self.steps.last_mut() {
            step.set_results(results);
        }
    }

    pub(super) fn into_run(self) -> ToolRun {
        ToolRun::new(self.steps, self.request.messages().to_vec())
    }

    fn push(&mut self, message: Message) {
        self.request = std::mem::take(&mut self.request).with_message(message);
    }
}

const OWNER: &str = "GenerateRequest";

/// Returns the call with an id that no earlier turn uses. Some servers count from 0 in every response.
///
/// New ids have nine letters and digits, as Mistral's tokenizer requires.
fn with_unique_id(call: &ToolCall, ids: &mut HashSet<String>) -> ToolCall {
    let mut id = call.id().to_owned();
    let mut number = ids.len();
    while !ids.insert(id.clone()) {
        id = format!("call{number:05}");
        number += 1;
    }
    ToolCall::new(id, call.name(), call.arguments_text()).with_extra_content(call.extra_content().cloned())
}

/// Returns the call in a form that every server accepts.
///
/// Some servers parse the arguments of past calls, and reject the whole conversation if one is invalid JSON. The result of the
/// call quotes the model's original text.
fn to_sendable(call: &ToolCall) -> ToolCall {
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let name: String = call.name().chars().map(|c| if is_plain(&c) { c } else { '_' }).take(64).collect();
    let name = if name.is_empty() { "unknown".to_owned() } else { name };
    let is_object = serde_json::from_str::<Value>(call.arguments_text()).is_ok_and(|value| value.is_object());
    let arguments = if is_object { call.arguments_text() } else { "" };
    ToolCall::new(call.id(), name, arguments).with_extra_content(call.extra_content().cloned())
}
