//! The tools that a model may call, as they are sent.

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
    /// What is called.
    function: HuggingFaceToolFunction,
}

/// What a model may call.
#[derive(Clone, Debug, PartialEq, Builder, Getters, Serialize)]
#[builder(pattern = "owned", setter(into, strip_option), build_fn(error = "BotticelliError"))]
pub struct HuggingFaceToolFunction {
    /// Its name.
    name: String,
    /// What it is for.
    #[builder(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// The JSON Schema of its arguments. TGI wants it even where there are none.
    parameters: Value,
    /// Whether the schema has to be kept to exactly.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    strict: Option<bool>,
}

/// Whether the model may, must or must not call tools.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum HuggingFaceToolChoice {
    /// `auto`, `none`, `required`.
    Word(&'static str),
    /// It must call this one.
    Function {
        /// `function`.
        #[serde(rename = "type")]
        kind: &'static str,
        /// Which one.
        function: HuggingFaceChosenFunction,
    },
}

/// The function that must be called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct HuggingFaceChosenFunction {
    /// Its name.
    pub name: String,
}

impl HuggingFaceTool {
    /// Sets one field after the other.
    pub fn builder() -> HuggingFaceToolBuilder {
        HuggingFaceToolBuilder::default()
    }
}

impl HuggingFaceToolFunction {
    /// Sets one field after the other.
    pub fn builder() -> HuggingFaceToolFunctionBuilder {
        HuggingFaceToolFunctionBuilder::default()
    }
}

impl HuggingFaceToolChoice {
    /// It must call the function `name`.
    pub fn function(name: impl Into<String>) -> Self {
        Self::Function { kind: "function", function: HuggingFaceChosenFunction { name: name.into() } }
    }
}
