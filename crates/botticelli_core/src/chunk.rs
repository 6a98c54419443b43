//! A chunk of a streamed response.

use crate::{FinishReason, GenerateResponse, Usage};
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use derive_getters::Getters;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use std::borrow::Cow;

/// A chunk of a streamed response.
///
/// A stream yields any number of chunks, then exactly one [final](Self::is_final) chunk or exactly one error, then ends. The final
/// chunk carries the whole [`response`](Self::response).
#[derive(Clone, Debug, Default, PartialEq, Builder, Getters, Serialize, Deserialize)]
#[builder(pattern = "owned", default, setter(strip_option), build_fn(error = "BotticelliError"))]
#[serde(default)]
pub struct StreamChunk {
    /// New content.
    #[builder(setter(strip_option = false))]
    delta: Delta,
    /// Index of the choice that the delta belongs to. 0 unless the request asked for several.
    #[getter(copy)]
    #[builder(setter(strip_option = false))]
    #[serde(skip_serializing_if = "is_first")]
    choice: u32,
    /// Reason for the end of the response, on the final chunk.
    #[getter(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    finish_reason: Option<FinishReason>,
    /// Token counts, on the final chunk, if the service sent them. Boxed to keep chunks small: they are moved often.
    #[getter(skip)]
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Box<Usage>>,
    /// Whole response, on the final chunk.
    #[getter(skip)]
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<GenerateResponse>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_first(choice: &u32) -> bool {
    *choice == 0
}

/// New content of a [`StreamChunk`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Delta {
    /// More text.
    Text(String),
    /// More reasoning.
    Reasoning(String),
    /// More of a refusal.
    Refusal(String),
    /// More of a tool call.
    ToolCall(ToolCallDelta),
    /// Nothing. The response is complete.
    #[default]
    None,
}

impl Delta {
    /// Returns the bytes that the delta adds to a response. A tool call counts 64 bytes extra for its bookkeeping.
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
    // Most deltas have no id and no name. The box keeps these deltas small.
    called: Option<Box<Called>>,
    arguments: String,
}

/// Id of a tool call, name of the function, and data of the service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Called {
    id: Option<String>,
    name: Option<String>,
    extra_content: Option<Box<Value>>,
}

/// The stored form of a [`ToolCallDelta`].
#[derive(Serialize, Deserialize)]
struct StoredDelta<'a> {
    index: usize,
    id: Option<Cow<'a, str>>,
    name: Option<Cow<'a, str>>,
    arguments: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    extra_content: Option<Cow<'a, Value>>,
}

// Written by hand: `#[serde(from, into)]` would put a private type on the public page.
impl Serialize for ToolCallDelta {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (id, name) = (self.id().map(Cow::from), self.name().map(Cow::from));
        let extra_content = self.extra_content().map(Cow::Borrowed);
        let arguments = self.arguments().into();
        StoredDelta { index: self.index, id, name, arguments, extra_content }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ToolCallDelta {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let StoredDelta { index, id, name, arguments, extra_content } =
            StoredDelta::deserialize(deserializer)?;
        let delta = Self::new(index, id.map(Cow::into_owned), name.map(Cow::into_owned), arguments);
        Ok(delta.with_extra_content(extra_content.map(Cow::into_owned)))
    }
}

impl ToolCallDelta {
    /// Returns the next part of the call `index`. The first part has id and name.
    pub fn new(index: usize, id: Option<String>, name: Option<String>, arguments: impl Into<String>) -> Self {
        let is_named = id.is_some() || name.is_some();
        let called = is_named.then(|| Box::new(Called { id, name, extra_content: None }));
        Self { index, called, arguments: arguments.into() }
    }

    /// Sets data of the service that has to go back with the call.
    pub fn with_extra_content(mut self, extra_content: impl Into<Option<Value>>) -> Self {
        if let Some(extra_content) = extra_content.into() {
            self.called.get_or_insert_default().extra_content = Some(Box::new(extra_content));
        }
        self
    }

    /// Returns a copy with these arguments.
    #[inline]
    pub fn with_arguments(&self, arguments: impl Into<String>) -> Self {
        Self { index: self.index, called: self.called.clone(), arguments: arguments.into() }
    }

    /// Appends the next part of the same call. The first id counts. A name that begins with the name so far repeats it. Any other
    /// name is the next part of the name.
    pub(crate) fn extend(&mut self, next: &Self) {
        match (&mut self.called, &next.called) {
            (Some(called), Some(next)) => {
                if called.id.is_none() {
                    called.id.clone_from(&next.id);
                }
                if called.extra_content.is_none() {
                    called.extra_content.clone_from(&next.extra_content);
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

    /// Returns the index of the call in this response, from 0, without gaps.
    pub fn index(&self) -> usize {
        self.index
    }

    /// Returns the id of the call, if this part has it.
    pub fn id(&self) -> Option<&str> {
        self.called.as_ref()?.id.as_deref()
    }

    /// Returns the name of the function, if this part has it.
    pub fn name(&self) -> Option<&str> {
        self.called.as_ref()?.name.as_deref()
    }

    /// Returns data of the service that has to go back with the call, if this part has it.
    pub fn extra_content(&self) -> Option<&Value> {
        self.called.as_ref()?.extra_content.as_deref()
    }

    /// Returns the next part of the arguments, as text.
    pub fn arguments(&self) -> &str {
        &self.arguments
    }
}

impl StreamChunk {
    /// Returns a builder with an empty delta.
    pub fn builder() -> StreamChunkBuilder {
        StreamChunkBuilder::default()
    }

    /// Returns a chunk with this delta, for the first choice.
    #[inline]
    pub fn of(delta: Delta) -> Self {
        Self { delta, ..Self::default() }
    }

    /// Sets the index of the choice.
    #[inline]
    pub fn of_choice(mut self, choice: u32) -> Self {
        self.choice = choice;
        self
    }

    /// Returns the final chunk of a stream, with the whole response.
    pub fn last(response: GenerateResponse) -> Self {
        Self {
            delta: Delta::None,
            choice: 0,
            finish_reason: Some(response.finish_reason().clone()),
            usage: response.usage().copied().map(Box::new),
            response: Some(response),
        }
    }

    /// Returns the new text of the first choice. Empty for any other chunk. Read other choices with [`choice`](Self::choice) and
    /// [`delta`](Self::delta).
    pub fn text(&self) -> &str {
        match &self.delta {
            Delta::Text(text) if self.choice == 0 => text,
            _ => "",
        }
    }

    /// Returns the new reasoning of the first choice. Empty for any other chunk.
    pub fn reasoning(&self) -> &str {
        match &self.delta {
            Delta::Reasoning(text) if self.choice == 0 => text,
            _ => "",
        }
    }

    /// Returns the reason for the end of the response, on the final chunk.
    pub fn finish_reason(&self) -> Option<&FinishReason> {
        self.finish_reason.as_ref()
    }

    /// Returns the token counts, on the final chunk, if the service sent them.
    pub fn usage(&self) -> Option<&Usage> {
        self.usage.as_deref()
    }

    /// Returns whether this is the final chunk. None follows.
    pub fn is_final(&self) -> bool {
        self.response.is_some()
    }

    /// Returns the whole response, on the final chunk.
    pub fn response(&self) -> Option<&GenerateResponse> {
        self.response.as_ref()
    }

    /// Returns the whole response of the final chunk.
    pub fn into_response(self) -> Option<GenerateResponse> {
        self.response
    }
}
