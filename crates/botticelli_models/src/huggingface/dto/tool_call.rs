//! A call of a tool, sent and read, whole or in pieces.

use super::lenient;
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use derive_getters::Getters;
use serde::{Deserialize, Serialize};

/// A call of a tool, whole or a piece of one.
#[derive(Clone, Debug, Default, PartialEq, Builder, Getters, Serialize, Deserialize)]
#[builder(pattern = "owned", default, setter(into, strip_option), build_fn(error = "BotticelliError"))]
#[serde(default)]
pub struct HuggingFaceToolCall {
    /// The number of the call in its answer; in a stream, what pieces are put together by. Some leave it out.
    #[getter(copy)]
    #[serde(deserialize_with = "lenient::count", skip_serializing_if = "Option::is_none")]
    index: Option<u64>,
    /// The id. TGI gives every call the id `0`.
    #[serde(deserialize_with = "lenient::word", skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// `function`.
    #[serde(rename = "type", deserialize_with = "lenient::word", skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    /// What is called.
    #[serde(deserialize_with = "lenient::object", skip_serializing_if = "Option::is_none")]
    function: Option<HuggingFaceFunction>,
}

impl lenient::Weigh for HuggingFaceToolCall {}

impl HuggingFaceToolCall {
    /// Sets one field after the other.
    pub fn builder() -> HuggingFaceToolCallBuilder {
        HuggingFaceToolCallBuilder::default()
    }
}

/// What is called, and with what.
#[derive(Clone, Debug, Default, PartialEq, Builder, Getters, Serialize, Deserialize)]
#[builder(pattern = "owned", default, setter(into, strip_option), build_fn(error = "BotticelliError"))]
#[serde(default)]
pub struct HuggingFaceFunction {
    /// The name of the function.
    #[serde(deserialize_with = "lenient::word", skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The arguments, or a piece of them, as text. Older TGI writes an object.
    #[serde(deserialize_with = "lenient::arguments", skip_serializing_if = "Option::is_none")]
    arguments: Option<String>,
}

impl HuggingFaceFunction {
    /// Sets one field after the other.
    pub fn builder() -> HuggingFaceFunctionBuilder {
        HuggingFaceFunctionBuilder::default()
    }
}
