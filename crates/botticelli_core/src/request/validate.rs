//! The rules that the types do not enforce.

use super::GenerateRequest;
use crate::{Input, Message, ResponseFormat, ToolCall, ToolChoice};
use botticelli_error::{BotticelliError, BuilderError};
use std::collections::HashSet;

impl GenerateRequest {
    /// Checks the rules that the types do not enforce. The driver calls this before it sends anything.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`] that names the field, its value and the remedy.
    #[track_caller]
    pub fn validate(&self) -> Result<(), BotticelliError> {
        if self.content.messages.is_empty() {
            let remedy = "give at least one, for example Message::user(\"Hello\")";
            return Err(BuilderError::missing(OWNER, "messages", remedy).into());
        }
        if let Some(position) = self.content.messages.iter().position(Message::is_empty) {
            let field = format!("messages[{position}].content");
            return Err(refused(field, "empty", "a message needs content", "give it at least one input"));
        }
        self.content.generation.check(OWNER)?;
        self.check_options()?;
        self.check_tools()?;
        if !self.content.extra.is_empty()
            && let Some(name) = Self::typed_fields().find(|name| self.content.extra.contains_key(*name))
        {
            let remedy = format!("call `.{name}(…)` on the builder instead");
            return Err(refused(format!("extra.{name}"), "set", "it has its own setting", remedy));
        }
        Ok(())
    }

    #[track_caller]
    fn check_options(&self) -> Result<(), BotticelliError> {
        if self.content.n == Some(0) {
            return Err(refused(
                "n",
                "0",
                "a response has at least one choice",
                "give 1 or more, or leave it out",
            ));
        }
        if let Some(top) = self.content.top_logprobs {
            let value = top.to_string();
            if self.content.logprobs != Some(true) {
                let remedy = "add `.logprobs(true)`, or leave it out";
                return Err(refused(
                    "top_logprobs",
                    &value,
                    "services accept it only with `logprobs`",
                    remedy,
                ));
            }
            if top > 20 {
                return Err(refused("top_logprobs", &value, "it is out of range", "give up to 20"));
            }
        }
        let outside = |bias: &f64| !(-100.0..=100.0).contains(bias);
        if let Some((token, bias)) = self.content.logit_bias.iter().find(|(_, bias)| outside(bias)) {
            let remedy = "give from -100 to 100";
            return Err(refused(
                format!("logit_bias.{token}"),
                &bias.to_string(),
                "it is out of range",
                remedy,
            ));
        }
        if self.content.reasoning_effort.as_ref().is_some_and(|effort| effort.as_str().trim().is_empty()) {
            let remedy = "give low, medium or high, or leave it out";
            return Err(refused("reasoning_effort", "an empty word", "no service knows it", remedy));
        }
        match self.response_format() {
            Some(ResponseFormat::JsonSchema(form)) => form.validate(),
            _ => Ok(()),
        }
    }

    /// Checks that tools have distinct names, that the choice is among them, and that results belong to earlier calls.
    #[track_caller]
    fn check_tools(&self) -> Result<(), BotticelliError> {
        for (position, tool) in self.content.tools.iter().enumerate() {
            tool.validate()?;
            if self.content.tools.iter().take(position).any(|earlier| earlier.name() == tool.name()) {
                let value = format!("{:?} twice", tool.name());
                return Err(refused(
                    "tools",
                    &value,
                    "the model calls tools by name",
                    "name them differently",
                ));
            }
        }
        let wanted = match &self.content.tool_choice {
            Some(ToolChoice::Required) if self.content.tools.is_empty() => Some("required"),
            Some(ToolChoice::Function(name))
                if !self.content.tools.iter().any(|tool| tool.name() == name) =>
            {
                Some(name.as_str())
            }
            _ => None,
        };
        if let Some(value) = wanted {
            let value = format!("{value:?}");
            return Err(refused("tool_choice", &value, "there is no such tool", "add it to `tools`"));
        }
        let mut called = HashSet::new();
        for (position, message) in self.content.messages.iter().enumerate() {
            for input in message.content() {
                if let Input::ToolResult { id, .. } = input
                    && !called.contains(id.as_str())
                {
                    let field = format!("messages[{position}].content");
                    let reason = "no assistant message before it has that call";
                    let remedy =
                        "put the message with the call before it, for example `response.to_message()`";
                    return Err(refused(field, &format!("the result of {id:?}"), reason, remedy));
                }
            }
            called.extend(message.tool_calls().iter().map(ToolCall::id));
        }
        Ok(())
    }
}

const OWNER: &str = "GenerateRequest";

#[track_caller]
fn refused(
    field: impl Into<String>,
    value: &str,
    reason: &'static str,
    remedy: impl Into<String>,
) -> BotticelliError {
    BuilderError::refused(OWNER, field.into(), value, reason, remedy.into()).into()
}
