//! Messages of a conversation.

use crate::{Input, Role, ToolCall};
use botticelli_error::{BotticelliError, BuilderError};
use derive_builder::Builder;
use derive_getters::Getters;
use serde::Serialize;

/// Message of a conversation.
///
/// ```
/// use botticelli::{Input, MediaSource, Message, Role};
///
/// # fn main() -> Result<(), botticelli::BotticelliError> {
/// let long = Message::builder().role(Role::User).content(vec![Input::Text("Hello".to_string())]).build()?;
/// assert_eq!(long, Message::user("Hello"));
///
/// let duck = MediaSource::Url("https://example.org/duck.jpg".into());
/// assert_eq!(Message::user("What is on it?").with(Input::Image(duck)).content().len(), 2);
/// # Ok(())
/// # }
/// ```
///
/// Messages are stored in Botticelli's format, and are read from OpenAI's format too, so that stored conversations load. Content
/// that a message cannot hold is an error: `function_call`, `audio`, `images`, an unknown type of part. Other unknown fields are
/// ignored.
///
/// ```
/// use botticelli::Message;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let stored = r#"{"role": "user", "content": [{"type": "text", "text": "Hello"}]}"#;
/// assert_eq!(serde_json::from_str::<Message>(stored)?, Message::user("Hello"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Builder, Getters, Serialize)]
#[builder(pattern = "owned", build_fn(private, name = "build_unchecked", error = "BotticelliError"))]
pub struct Message {
    /// Role of the speaker.
    #[getter(copy)]
    role: Role,
    /// Content, in order.
    #[getter(skip)]
    #[builder(default)]
    content: Vec<Input>,
    /// Tool calls of an assistant message.
    #[getter(skip)]
    #[builder(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<ToolCall>,
    /// Name that distinguishes speakers of one role. Some servers ignore it.
    #[getter(skip)]
    #[builder(default, setter(into, strip_option))]
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Reasoning of an assistant message. Some servers reject the reasoning, so it is sent only if it is set.
    #[getter(skip)]
    #[builder(default, setter(into, strip_option))]
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<String>,
}

impl Message {
    /// Returns a builder with all fields unset.
    pub fn builder() -> MessageBuilder {
        MessageBuilder::default()
    }

    /// Returns a system message: the rules of the conversation.
    pub fn system(text: impl Into<String>) -> Self {
        Self::text_of(Role::System, text)
    }

    /// Returns a user message.
    pub fn user(text: impl Into<String>) -> Self {
        Self::text_of(Role::User, text)
    }

    /// Returns an assistant message: an earlier response of the model.
    pub fn assistant(text: impl Into<String>) -> Self {
        Self::text_of(Role::Assistant, text)
    }

    /// Returns a tool message: the result of the tool call `id`.
    pub fn tool(id: impl Into<String>, content: impl Into<String>) -> Self {
        let result = Input::ToolResult { id: id.into(), content: content.into() };
        Self { content: vec![result], ..Self::text_of(Role::Tool, "") }
    }

    /// Appends a part to the content.
    pub fn with(mut self, input: impl Into<Input>) -> Self {
        self.content.push(input.into());
        self
    }

    /// Returns the content, in order.
    pub fn content(&self) -> &[Input] {
        &self.content
    }

    /// Returns the tool calls of an assistant message.
    pub fn tool_calls(&self) -> &[ToolCall] {
        &self.tool_calls
    }

    /// Sets the reasoning of an assistant message. Some servers reject it.
    pub fn with_reasoning(mut self, reasoning: impl Into<String>) -> Self {
        self.reasoning = Some(reasoning.into());
        self
    }

    /// Replaces the tool calls of an assistant message.
    pub fn with_tool_calls(mut self, calls: Vec<ToolCall>) -> Self {
        self.tool_calls = calls;
        self
    }

    /// Returns the reasoning of an assistant message.
    pub fn reasoning(&self) -> Option<&str> {
        self.reasoning.as_deref()
    }

    /// Returns the name that distinguishes speakers of one role.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Sets the name of the speaker. Some servers ignore it.
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    pub(crate) fn of_parts(role: Role, content: Vec<Input>) -> Self {
        Self { role, content, tool_calls: Vec::new(), name: None, reasoning: None }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.content.is_empty() && self.tool_calls.is_empty()
    }

    /// Returns a response as an assistant message. The content is empty if the model only called tools.
    pub(crate) fn of_answer(text: &str, refusal: Option<&str>, tool_calls: Vec<ToolCall>) -> Self {
        let whole_text = [text, refusal.unwrap_or_default()].concat();
        let mut turn = Self::text_of(Role::Assistant, whole_text).with_tool_calls(tool_calls);
        if !turn.tool_calls.is_empty() && text.trim().is_empty() && refusal.is_none() {
            turn.content.clear();
        }
        turn
    }

    fn text_of(role: Role, text: impl Into<String>) -> Self {
        Self::of_parts(role, vec![Input::Text(text.into())])
    }
}

impl MessageBuilder {
    /// Builds the message.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`] if the role is missing, or if there is neither content nor a tool call.
    #[track_caller]
    pub fn build(self) -> Result<Message, BotticelliError> {
        if self.role.is_none() {
            return Err(BuilderError::missing("Message", "role", "set one, for example Role::User").into());
        }
        let message = self.build_unchecked()?;
        if message.is_empty() {
            let remedy = "give at least one input, for example Input::Text(\"Hello\".to_string())";
            return Err(BuilderError::missing("Message", "content", remedy).into());
        }
        Ok(message)
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::user(text)
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self::user(text)
    }
}
