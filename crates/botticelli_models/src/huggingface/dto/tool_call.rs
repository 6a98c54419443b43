//! A tool call, sent or received, whole or in part.

use super::lenient;
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use derive_getters::Getters;
use serde::Serialize;
use serde_json::Value;

/// A tool call, or a fragment of one.
#[derive(Clone, Debug, Default, PartialEq, Builder, Getters, Serialize)]
#[builder(pattern = "owned", default, setter(into, strip_option), build_fn(error = "BotticelliError"))]
pub struct HuggingFaceToolCall {
    /// Index of the call in its response, which links the fragments of a stream. Some servers leave it out.
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<u64>,
    /// Id of the call. TGI gives every call the id `0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// `function`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    /// The function.
    #[serde(skip_serializing_if = "Option::is_none")]
    function: Option<HuggingFaceFunction>,
    /// The name, if the server omits the `function` object.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The arguments, if the server omits the `function` object.
    #[serde(skip_serializing_if = "Option::is_none")]
    arguments: Option<String>,
    /// Data that has to go back with the call, such as the signature of Gemini's reasoning.
    #[serde(skip_serializing_if = "Option::is_none")]
    extra_content: Option<Box<Value>>,
}

lenient::read_object! {
    HuggingFaceToolCall {
        index: Option<u64> = lenient::count, "index";
        id: Option<String> = lenient::word, "id";
        kind: Option<String> = lenient::word, "type";
        function: Option<HuggingFaceFunction> = lenient::object, "function";
        name: Option<String> = lenient::word, "name";
        arguments: Option<String> = lenient::arguments, "arguments";
        extra_content: Option<Box<Value>> = lenient::boxed_value, "extra_content";
    }
}

impl lenient::Weigh for HuggingFaceToolCall {}

impl HuggingFaceToolCall {
    /// Returns a call in OpenAI's older format, without id and index.
    pub(in crate::huggingface) fn of(function: HuggingFaceFunction) -> Self {
        Self { function: Some(function), ..Self::default() }
    }

    /// Returns name and arguments, from any of their fields.
    pub(in crate::huggingface) fn name_and_arguments(&self) -> (Option<&str>, Option<&str>) {
        let function = self.function.as_ref();
        let name = function.and_then(|function| function.name.as_deref()).or(self.name.as_deref());
        let arguments = function
            .and_then(|function| function.arguments.as_deref().or(function.parameters.as_deref()))
            .or(self.arguments.as_deref());
        (name, arguments)
    }

    /// Returns a builder with all fields unset.
    pub fn builder() -> HuggingFaceToolCallBuilder {
        HuggingFaceToolCallBuilder::default()
    }
}

/// Name and arguments of a call.
#[derive(Clone, Debug, Default, PartialEq, Builder, Getters, Serialize)]
#[builder(pattern = "owned", default, setter(into, strip_option), build_fn(error = "BotticelliError"))]
pub struct HuggingFaceFunction {
    /// The name of the function.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The arguments or a fragment of them, as text. Older versions of TGI write an object.
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
    /// Returns a builder with all fields unset.
    pub fn builder() -> HuggingFaceFunctionBuilder {
        HuggingFaceFunctionBuilder::default()
    }
}
