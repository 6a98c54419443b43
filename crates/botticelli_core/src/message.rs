//! One turn of a conversation.

use crate::{Input, Role, ToolCall};
use botticelli_error::{BotticelliError, BuilderError};
use derive_builder::Builder;
use derive_getters::Getters;
use serde::Serialize;

/// One turn of a conversation.
///
/// ```
/// use botticelli_core::{Input, MediaSource, Message, Role};
///
/// # fn main() -> Result<(), botticelli_error::BotticelliError> {
/// let long = Message::builder().role(Role::User).content(vec![Input::Text("Hello".to_string())]).build()?;
/// assert_eq!(long, Message::user("Hello"));
///
/// let duck = MediaSource::Url("https://example.org/duck.jpg".into());
/// assert_eq!(Message::user("What is on it?").with(Input::Image(duck)).content().len(), 2);
/// # Ok(())
/// # }
/// ```
///
/// It is stored in a form of its own, and read from that of OpenAI as well, so that stored conversations load. What has no place
/// in a message is an error, rather than lost.
///
/// ```
/// use botticelli_core::Message;
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
    /// Who speaks.
    #[getter(copy)]
    role: Role,
    /// What is said, in order.
    #[getter(skip)]
    #[builder(default)]
    content: Vec<Input>,
    /// The tool calls of an assistant's turn.
    #[getter(skip)]
    #[builder(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<ToolCall>,
    /// Tells speakers of one role apart; not every server reads it.
    #[getter(skip)]
    #[builder(default, setter(into, strip_option))]
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// What the model thought in an assistant's turn. Sent only where it is set: not every server takes it back.
    #[getter(skip)]
    #[builder(default, setter(into, strip_option))]
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<String>,
}

impl Message {
    /// Sets one field after the other.
    pub fn builder() -> MessageBuilder {
        MessageBuilder::default()
    }

    /// The rules of the conversation.
    pub fn system(text: impl Into<String>) -> Self {
        Self::text_of(Role::System, text)
    }

    /// What the user says.
    pub fn user(text: impl Into<String>) -> Self {
        Self::text_of(Role::User, text)
    }

    /// What the model had said.
    pub fn assistant(text: impl Into<String>) -> Self {
        Self::text_of(Role::Assistant, text)
    }

    /// What the tool call `id` gave back.
    pub fn tool(id: impl Into<String>, content: impl Into<String>) -> Self {
        let result = Input::ToolResult { id: id.into(), content: content.into() };
        Self { content: vec![result], ..Self::text_of(Role::Tool, "") }
    }

    /// Adds another part to what is said.
    pub fn with(mut self, input: impl Into<Input>) -> Self {
        self.content.push(input.into());
        self
    }

    /// What is said, in order.
    pub fn content(&self) -> &[Input] {
        &self.content
    }

    /// The tool calls of an assistant's turn.
    pub fn tool_calls(&self) -> &[ToolCall] {
        &self.tool_calls
    }

    /// The same turn, with what the model thought in it. Not every server takes that back.
    pub fn with_reasoning(mut self, reasoning: impl Into<String>) -> Self {
        self.reasoning = Some(reasoning.into());
        self
    }

    /// The same turn, with the tools that the model wanted to be called in it.
    pub fn with_tool_calls(mut self, calls: Vec<ToolCall>) -> Self {
        self.tool_calls = calls;
        self
    }

    /// What the model thought in an assistant's turn, where it is to be sent back.
    pub fn reasoning(&self) -> Option<&str> {
        self.reasoning.as_deref()
    }

    /// Tells speakers of one role apart; not every server reads it.
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

    /// An answer as a turn: without text, where the model only called tools.
    pub(crate) fn of_answer(text: &str, refusal: Option<&str>, tool_calls: Vec<ToolCall>) -> Self {
        let said = [text, refusal.unwrap_or_default()].concat();
        let mut turn = Self::text_of(Role::Assistant, said).with_tool_calls(tool_calls);
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
    /// A [`BuilderError`] where the role is missing, or where nothing is said.
    #[track_caller]
    pub fn build(self) -> Result<Message, BotticelliError> {
        if self.role.is_none() {
            return Err(BuilderError::missing("Message", "role", "say who speaks, as Role::User").into());
        }
        let message = self.build_unchecked()?;
        if message.is_empty() {
            let remedy = "give at least one input, as Input::Text(\"Hello\".to_string())";
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
