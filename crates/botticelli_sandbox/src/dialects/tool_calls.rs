//! A tool call as it is written out. Which of the fields are there, and which are null, is what
//! the dialects differ in.

use serde::Serialize;
use serde_json::Value;

use crate::chat::{Call, Completion};

#[derive(Serialize)]
pub(super) struct ToolCall {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) index: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<Maybe<String>>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<&'static str>,
    pub(super) function: Function,
}

#[derive(Default, Serialize)]
pub(super) struct Function {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<Maybe<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<Maybe<String>>,
    pub(super) arguments: Arguments,
}

/// Something, or a null where others leave the field out.
#[derive(Clone, Copy, Serialize)]
#[serde(untagged)]
pub(super) enum Maybe<T> {
    Some(T),
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
    pub(super) fn whole(id: String, call: &Call) -> Self {
        Self {
            index: None,
            id: Some(Maybe::Some(id)),
            kind: Some("function"),
            function: Function {
                description: None,
                name: Some(Maybe::Some(call.name.clone())),
                arguments: Arguments::Text(call.text()),
            },
        }
    }

    /// The beginning of a streamed call, before any of its arguments.
    pub(super) fn opening(index: u32, id: String, call: &Call) -> Self {
        let mut opening = Self::whole(id, call).at(index);
        opening.function.arguments = Arguments::default();
        opening
    }

    /// One more piece of the arguments.
    pub(super) fn piece(index: u32, piece: String) -> Self {
        Self {
            index: Some(index),
            id: None,
            kind: None,
            function: Function { arguments: Arguments::Text(piece), ..Function::default() },
        }
    }

    /// With its place among the calls.
    pub(super) fn at(mut self, index: u32) -> Self {
        self.index = Some(index);
        self
    }

    /// As text-generation-inference describes it: not at all.
    pub(super) fn undescribed(mut self) -> Self {
        self.function.description = Some(Maybe::Null);
        self
    }
}

/// An id that no other call of the answer has.
pub(super) fn unique_id(completion: &Completion, choice: u32, place: u32) -> String {
    format!("call_{}{choice}{place}", completion.fingerprint.hex())
}
