//! A call of a tool, sent and read, whole or in pieces.

use super::lenient;
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use derive_getters::Getters;
use serde::Serialize;

/// A call of a tool, whole or a piece of one.
#[derive(Clone, Debug, Default, PartialEq, Builder, Getters, Serialize)]
#[builder(pattern = "owned", default, setter(into, strip_option), build_fn(error = "BotticelliError"))]
pub struct HuggingFaceToolCall {
    /// The number of the call in its answer; in a stream, what pieces are put together by. Some leave it out.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<u64>,
    /// The id. TGI gives every call the id `0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// `function`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    /// What is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    function: Option<HuggingFaceFunction>,
    /// The name, where a server forgets the `function` around it.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The arguments, where a server forgets the `function` around them.
    #[serde(skip_serializing_if = "Option::is_none")]
    arguments: Option<String>,
}

lenient::read_object! {
    HuggingFaceToolCall {
        index: Option<u64> = lenient::count, "index";
        id: Option<String> = lenient::word, "id";
        kind: Option<String> = lenient::word, "type";
        function: Option<HuggingFaceFunction> = lenient::object, "function";
        name: Option<String> = lenient::word, "name";
        arguments: Option<String> = lenient::arguments, "arguments";
    }
}

impl lenient::Weigh for HuggingFaceToolCall {}

impl HuggingFaceToolCall {
    /// A call in OpenAI's older form, which has no id and no number.
    pub(in crate::huggingface) fn of(function: HuggingFaceFunction) -> Self {
        Self { function: Some(function), ..Self::default() }
    }

    /// The name and the arguments, wherever they stand.
    pub(in crate::huggingface) fn called(&self) -> (Option<&str>, Option<&str>) {
        let function = self.function.as_ref();
        let name = function.and_then(|function| function.name.as_deref()).or(self.name.as_deref());
        let arguments = function
            .and_then(|function| function.arguments.as_deref().or(function.parameters.as_deref()))
            .or(self.arguments.as_deref());
        (name, arguments)
    }

    /// Sets one field after the other.
    pub fn builder() -> HuggingFaceToolCallBuilder {
        HuggingFaceToolCallBuilder::default()
    }
}

/// What is called, and with what.
#[derive(Clone, Debug, Default, PartialEq, Builder, Getters, Serialize)]
#[builder(pattern = "owned", default, setter(into, strip_option), build_fn(error = "BotticelliError"))]
pub struct HuggingFaceFunction {
    /// The name of the function.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The arguments, or a piece of them, as text. Older TGI writes an object.
    #[serde(skip_serializing_if = "Option::is_none")]
    arguments: Option<String>,
    /// The arguments under another name, as some models write them.
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<String>,
}

lenient::read_object! {
    HuggingFaceFunction {
        name: Option<String> = lenient::word, "name";
        arguments: Option<String> = lenient::arguments, "arguments";
        parameters: Option<String> = lenient::arguments, "parameters";
    }
}

impl HuggingFaceFunction {
    /// Sets one field after the other.
    pub fn builder() -> HuggingFaceFunctionBuilder {
        HuggingFaceFunctionBuilder::default()
    }
}
