//! A tool call as it is written out. Which of the fields are there, and which are null, is what
//! the dialects differ in.

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

/// Something, or a null where others leave the field out.
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
    /// The whole call, its arguments as text.
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

    /// The beginning of a streamed call, before any of its arguments.
    pub(super) fn first_fragment(index: u32, id: String, call: &FunctionCall) -> Self {
        let mut fragment = Self::complete(id, call).with_index(index);
        fragment.function.arguments = Arguments::default();
        fragment
    }

    /// One more piece of the arguments.
    pub(super) fn arguments_fragment(index: u32, piece: String) -> Self {
        Self {
            index: Some(index),
            id: None,
            kind: None,
            function: Function { arguments: Arguments::Text(piece), ..Function::default() },
        }
    }

    /// With its place among the calls.
    pub(super) fn with_index(mut self, index: u32) -> Self {
        self.index = Some(index);
        self
    }

    /// As text-generation-inference describes it: not at all.
    pub(super) fn with_null_description(mut self) -> Self {
        self.function.description = Some(Nullable::Null);
        self
    }
}

/// An id that no other call of the answer has.
pub(super) fn unique_id(generation: &Generation, choice: u32, place: u32) -> String {
    format!("call_{}{choice}{place}", generation.fingerprint.hex())
}
