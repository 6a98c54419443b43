//! Tools that a model may call.

use botticelli_error::BotticelliError;
use derive_builder::Builder;
use derive_getters::Getters;
use serde::Serialize;
use serde_json::Value;

/// A tool that the model may call.
#[derive(Clone, Debug, PartialEq, Builder, Getters, Serialize)]
#[builder(pattern = "owned", setter(into), build_fn(error = "BotticelliError"))]
pub struct HuggingFaceTool {
    /// `function`.
    #[serde(rename = "type")]
    #[builder(default = "\"function\".to_owned()")]
    kind: String,
    /// The function.
    function: HuggingFaceToolFunction,
}

/// A function that a model may call.
#[derive(Clone, Debug, PartialEq, Builder, Getters, Serialize)]
#[builder(pattern = "owned", setter(into, strip_option), build_fn(error = "BotticelliError"))]
pub struct HuggingFaceToolFunction {
    /// Name of the function.
    name: String,
    /// Purpose of the function.
    #[builder(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// JSON Schema of the arguments. TGI requires it even without arguments.
    parameters: Value,
    /// `true` to enforce the schema exactly.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    strict: Option<bool>,
}

/// Rule for calling tools.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum HuggingFaceToolChoice {
    /// `auto`, `none`, `required`.
    Word(&'static str),
    /// A function that the model must call.
    Function {
        /// `function`.
        #[serde(rename = "type")]
        kind: &'static str,
        /// The function.
        function: HuggingFaceChosenFunction,
    },
}

/// The function that the model must call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct HuggingFaceChosenFunction {
    /// Name of the function.
    pub name: String,
}

impl HuggingFaceTool {
    /// Returns a builder with all fields unset.
    pub fn builder() -> HuggingFaceToolBuilder {
        HuggingFaceToolBuilder::default()
    }
}

impl HuggingFaceToolFunction {
    /// Returns a builder with all fields unset.
    pub fn builder() -> HuggingFaceToolFunctionBuilder {
        HuggingFaceToolFunctionBuilder::default()
    }
}

impl HuggingFaceToolChoice {
    /// Requires a call of the function `name`.
    pub fn function(name: impl Into<String>) -> Self {
        Self::Function { kind: "function", function: HuggingFaceChosenFunction { name: name.into() } }
    }
}
