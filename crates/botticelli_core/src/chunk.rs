//! A piece of an answer.

use crate::{FinishReason, GenerateResponse, Usage};
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use derive_getters::Getters;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;

/// A piece of an answer, as it arrives.
///
/// A stream is any number of pieces, then exactly one that [is final](Self::is_final) or exactly one error, then
/// nothing. The final piece carries the whole [`response`](Self::response).
#[derive(Clone, Debug, Default, PartialEq, Builder, Getters, Serialize, Deserialize)]
#[builder(pattern = "owned", default, setter(strip_option), build_fn(error = "BotticelliError"))]
#[serde(default)]
pub struct StreamChunk {
    /// What is new.
    #[builder(setter(strip_option = false))]
    delta: Delta,
    /// The number of the choice that goes on; 0 unless several were asked for.
    #[getter(copy)]
    #[builder(setter(strip_option = false))]
    #[serde(skip_serializing_if = "is_first")]
    choice: u32,
    /// Why the model stopped; on the final piece.
    #[getter(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    finish_reason: Option<FinishReason>,
    /// How many tokens it took; on the final piece, if the service said so. In a box, as what else comes at the end: a piece is
    /// moved often.
    #[getter(skip)]
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Box<Usage>>,
    /// The whole answer; on the final piece.
    #[getter(skip)]
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<Box<GenerateResponse>>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_first(choice: &u32) -> bool {
    *choice == 0
}

/// What is new in a [`StreamChunk`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Delta {
    /// More text.
    Text(String),
    /// More reasoning.
    Reasoning(String),
    /// More of what the model says instead of an answer.
    Refusal(String),
    /// More of a tool call.
    ToolCall(ToolCallDelta),
    /// Nothing: the answer is complete.
    #[default]
    None,
}

impl Delta {
    /// How much it adds to an answer, in bytes; a tool call counts for its bookkeeping, too.
    #[inline]
    pub fn size(&self) -> usize {
        match self {
            Self::Text(text) | Self::Reasoning(text) | Self::Refusal(text) => text.len(),
            Self::ToolCall(call) => {
                let words = [call.id(), call.name(), Some(call.arguments())];
                words.into_iter().flatten().map(str::len).sum::<usize>().saturating_add(64)
            }
            Self::None => 0,
        }
    }
}

/// More of a tool call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolCallDelta {
    index: usize,
    /// Most pieces have no name: together with the id it stands in a box, so that those stay small.
    called: Option<Box<Called>>,
    arguments: String,
}

/// Which call it is, and of what.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Called {
    id: Option<String>,
    name: Option<String>,
}

/// The stored form of a [`ToolCallDelta`].
#[derive(Serialize, Deserialize)]
struct StoredDelta<'a> {
    index: usize,
    id: Option<Cow<'a, str>>,
    name: Option<Cow<'a, str>>,
    arguments: Cow<'a, str>,
}

// Written by hand: `#[serde(from, into)]` would put a private type on the public page.
impl Serialize for ToolCallDelta {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (id, name) = (self.id().map(Cow::from), self.name().map(Cow::from));
        StoredDelta { index: self.index, id, name, arguments: self.arguments().into() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ToolCallDelta {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let StoredDelta { index, id, name, arguments } = StoredDelta::deserialize(deserializer)?;
        Ok(Self::new(index, id.map(Cow::into_owned), name.map(Cow::into_owned), arguments))
    }
}

impl ToolCallDelta {
    /// More of the call with the number `index`: its id and name the first time, and a piece of its arguments.
    pub fn new(index: usize, id: Option<String>, name: Option<String>, arguments: impl Into<String>) -> Self {
        let is_named = id.is_some() || name.is_some();
        let called = is_named.then(|| Box::new(Called { id, name }));
        Self { index, called, arguments: arguments.into() }
    }

    /// The same piece, with these arguments.
    #[inline]
    pub fn with_arguments(&self, arguments: impl Into<String>) -> Self {
        Self { index: self.index, called: self.called.clone(), arguments: arguments.into() }
    }

    /// Adds the next piece of the same call. The id counts the first time. A name that begins with the name so far restates it;
    /// any other name is the rest of it.
    pub(crate) fn extend(&mut self, next: &Self) {
        match (&mut self.called, &next.called) {
            (Some(called), Some(next)) => {
                if called.id.is_none() {
                    called.id.clone_from(&next.id);
                }
                match (&mut called.name, &next.name) {
                    (Some(name), Some(next)) if !next.starts_with(&**name) => name.push_str(next),
                    (name, Some(next)) => *name = Some(next.clone()),
                    (_, None) => {}
                }
            }
            (called @ None, next @ Some(_)) => called.clone_from(next),
            (_, None) => {}
        }
        self.arguments.push_str(&next.arguments);
    }

    /// The number of the call in this answer, from 0, without gaps.
    pub fn index(&self) -> usize {
        self.index
    }

    /// The id of the call, where it is told.
    pub fn id(&self) -> Option<&str> {
        self.called.as_ref()?.id.as_deref()
    }

    /// The name of the function, where it is told.
    pub fn name(&self) -> Option<&str> {
        self.called.as_ref()?.name.as_deref()
    }

    /// A piece of the arguments' text.
    pub fn arguments(&self) -> &str {
        &self.arguments
    }
}

impl StreamChunk {
    /// Sets one field after the other.
    pub fn builder() -> StreamChunkBuilder {
        StreamChunkBuilder::default()
    }

    /// The piece `delta`.
    #[inline]
    pub fn of(delta: Delta) -> Self {
        Self { delta, ..Self::default() }
    }

    /// The same piece, of the choice with this number.
    #[inline]
    pub fn of_choice(mut self, choice: u32) -> Self {
        self.choice = choice;
        self
    }

    /// The final piece of a stream, with the whole answer.
    pub fn last(response: GenerateResponse) -> Self {
        Self {
            delta: Delta::None,
            choice: 0,
            finish_reason: Some(response.finish_reason().clone()),
            usage: response.usage().copied().map(Box::new),
            response: Some(Box::new(response)),
        }
    }

    /// The new text of the first choice; empty where this piece is something else. Other choices are read by
    /// [`choice`](Self::choice) and [`delta`](Self::delta).
    pub fn text(&self) -> &str {
        match &self.delta {
            Delta::Text(text) if self.choice == 0 => text,
            _ => "",
        }
    }

    /// The new reasoning of the first choice; empty where this piece is something else.
    pub fn reasoning(&self) -> &str {
        match &self.delta {
            Delta::Reasoning(text) if self.choice == 0 => text,
            _ => "",
        }
    }

    /// Why the model stopped; on the final piece.
    pub fn finish_reason(&self) -> Option<&FinishReason> {
        self.finish_reason.as_ref()
    }

    /// How many tokens it took; on the final piece, if the service said so.
    pub fn usage(&self) -> Option<&Usage> {
        self.usage.as_deref()
    }

    /// Whether this is the final piece: nothing follows it.
    pub fn is_final(&self) -> bool {
        self.response.is_some()
    }

    /// The whole answer; on the final piece.
    pub fn response(&self) -> Option<&GenerateResponse> {
        self.response.as_deref()
    }

    /// The whole answer, taken out of the final piece.
    pub fn into_response(self) -> Option<GenerateResponse> {
        self.response.map(|response| *response)
    }
}
