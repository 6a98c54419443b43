//! Tool calls in responses. The dialects differ in which fields are present and which are null.

use serde::Serialize;
use serde_json::Value;

use crate::chat::{FunctionCall, Generation};

#[derive(Serialize)]
pub(super) struct ToolCall {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) index: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<Nullable<String>>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<&'static str>,
    pub(super) function: Function,
}

#[derive(Default, Serialize)]
pub(super) struct Function {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<Nullable<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<Nullable<String>>,
    pub(super) arguments: Arguments,
}

/// A value, or a null that other dialects omit.
#[derive(Clone, Copy, Serialize)]
#[serde(untagged)]
pub(super) enum Nullable<T> {
    Value(T),
    Null,
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Arguments {
    Text(String),
    Object(Value),
}

impl Default for Arguments {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl ToolCall {
    /// Returns a complete call with its arguments as text.
    pub(super) fn complete(id: String, call: &FunctionCall) -> Self {
        Self {
            index: None,
            id: Some(Nullable::Value(id)),
            kind: Some("function"),
            function: Function {
                description: None,
                name: Some(Nullable::Value(call.name.clone())),
                arguments: Arguments::Text(call.text()),
            },
        }
    }

    /// Returns the first fragment of a streamed call, with empty arguments.
    pub(super) fn first_fragment(index: u32, id: String, call: &FunctionCall) -> Self {
        let mut fragment = Self::complete(id, call).with_index(index);
        fragment.function.arguments = Arguments::default();
        fragment
    }

    /// Returns a fragment with a piece of the arguments.
    pub(super) fn arguments_fragment(index: u32, piece: String) -> Self {
        Self {
            index: Some(index),
            id: None,
            kind: None,
            function: Function { arguments: Arguments::Text(piece), ..Function::default() },
        }
    }

    /// Sets the index among the calls.
    pub(super) fn with_index(mut self, index: u32) -> Self {
        self.index = Some(index);
        self
    }

    /// Sets a null description, as text-generation-inference sends.
    pub(super) fn with_null_description(mut self) -> Self {
        self.function.description = Some(Nullable::Null);
        self
    }
}

/// Returns an id that is unique in the response.
pub(super) fn unique_id(generation: &Generation, choice: u32, place: u32) -> String {
    format!("call_{}{choice}{place}", generation.fingerprint.hex())
}
