//! What a run remembers.

use super::result::ToolResult;
use super::run::{ToolRun, ToolStep};
use super::set::Tools;
use botticelli_core::{GenerateRequest, GenerateResponse, Message, ToolCall, ToolChoice, ToolDefinition};
use botticelli_error::{BotticelliError, BuilderError};
use serde_json::Value;
use std::collections::HashSet;

/// The request as it grows from turn to turn, and the steps so far.
pub(super) struct Conversation {
    request: GenerateRequest,
    steps: Vec<ToolStep>,
    /// The assistant's turn whose calls have no results yet.
    pending: Option<Message>,
    /// The ids of all calls in the conversation.
    ids: HashSet<String>,
    /// Whether the reasoning goes back to the model.
    returns_reasoning: bool,
}

impl Conversation {
    pub(super) fn new(request: GenerateRequest) -> Self {
        let calls = request.messages().iter().flat_map(Message::tool_calls);
        let ids = calls.map(|call| call.id().to_owned()).collect();
        Self { request, steps: Vec::new(), pending: None, ids, returns_reasoning: false }
    }

    /// Adds the tools, and refuses what cannot be run.
    pub(super) fn add_tools(&mut self, tools: &Tools) -> Result<(), BotticelliError> {
        tools.check()?;
        self.returns_reasoning = tools.returns_reasoning();
        if let Some(own) = self.request.tools().first() {
            let reason = "a run has no code for the tools of a request";
            let remedy = "give all tools to `Tools`, and none to the request";
            let value = format!("{:?}", own.name());
            return Err(BuilderError::refused(OWNER, "tools", value, reason, remedy).into());
        }
        if let Some(n) = self.request.n().filter(|n| *n > 1) {
            let (reason, remedy) = ("a run goes on from one answer", "leave it out");
            return Err(BuilderError::refused(OWNER, "n", n.to_string(), reason, remedy).into());
        }
        let definitions: Vec<ToolDefinition> = tools.definitions().cloned().collect();
        self.request = std::mem::take(&mut self.request).with_tools(definitions);
        self.request.validate()
    }

    /// What is asked next.
    pub(super) fn request(&self) -> &GenerateRequest {
        &self.request
    }

    /// How many answers have come.
    pub(super) fn turns(&self) -> usize {
        self.steps.len()
    }

    /// Takes an answer in, and gives back its calls: none, and the run is at its end.
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
        // What demands a call would demand it for ever.
        if let Some(ToolChoice::Required | ToolChoice::Function(_)) = request.tool_choice() {
            request = request.with_tool_choice(None);
        }
        self.request = request;
        if !calls.is_empty() {
            self.pending = Some(turn);
        } else if !is_blank {
            // Services refuse a conversation with an empty turn in it.
            self.push(turn);
        }
        calls
    }

    /// Takes the results of the last answer's calls in, in their order.
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

/// The same call, with an id that no earlier turn has: some servers count from 0 in every answer. An id of our own is nine letters
/// and digits, as Mistral's tokenizer requires.
fn with_unique_id(call: &ToolCall, ids: &mut HashSet<String>) -> ToolCall {
    let mut id = call.id().to_owned();
    let mut number = ids.len();
    while !ids.insert(id.clone()) {
        id = format!("call{number:05}");
        number = number.saturating_add(1);
    }
    ToolCall::new(id, call.name(), call.arguments_text())
}

/// The same call, as every server takes it back: some read the arguments of past calls as JSON, and refuse the whole
/// conversation for one that is broken. Its result says what the model had written.
fn to_sendable(call: &ToolCall) -> ToolCall {
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let name: String = call.name().chars().map(|c| if is_plain(&c) { c } else { '_' }).take(64).collect();
    let name = if name.is_empty() { "unknown".to_owned() } else { name };
    let is_object = serde_json::from_str::<Value>(call.arguments_text()).is_ok_and(|value| value.is_object());
    ToolCall::new(call.id(), name, if is_object { call.arguments_text() } else { "" })
}
