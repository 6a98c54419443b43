//! The form of an answer, as it is asked for.

use botticelli_error::BotticelliError;
use derive_builder::Builder;
use derive_getters::Getters;
use serde::Serialize;
use serde_json::Value;

/// The form of an answer. Servers put the schema into different fields.
///
/// | server | `type` | the schema stands in |
/// | --- | --- | --- |
/// | the router, and most | `json_schema` | `json_schema.schema` |
/// | TGI, hf-inference | `json_object` | `value` |
/// | cohere, fireworks-ai | `json_object` | `schema` |
/// | together | `json_schema` | `schema` |
#[derive(Clone, Debug, PartialEq, Builder, Getters, Serialize)]
#[builder(pattern = "owned", setter(into, strip_option), build_fn(error = "BotticelliError"))]
pub struct HuggingFaceResponseFormat {
    /// `json_object` or `json_schema`.
    #[serde(rename = "type")]
    kind: String,
    /// The schema, its name and what it is for.
    #[builder(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    json_schema: Option<HuggingFaceJsonSchema>,
    /// The schema alone, as cohere, fireworks-ai and together want it.
    #[builder(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    schema: Option<Value>,
    /// The schema alone, as TGI wants it.
    #[builder(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Value>,
}

/// A schema, its name and what it is for.
#[derive(Clone, Debug, PartialEq, Builder, Getters, Serialize)]
#[builder(pattern = "owned", setter(into, strip_option), build_fn(error = "BotticelliError"))]
pub struct HuggingFaceJsonSchema {
    /// Its name.
    name: String,
    /// What it is for.
    #[builder(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// The schema.
    schema: Value,
    /// Whether it has to be kept to exactly.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    strict: Option<bool>,
}

impl HuggingFaceResponseFormat {
    /// Sets one field after the other.
    pub fn builder() -> HuggingFaceResponseFormatBuilder {
        HuggingFaceResponseFormatBuilder::default()
    }
}

impl HuggingFaceJsonSchema {
    /// Sets one field after the other.
    pub fn builder() -> HuggingFaceJsonSchemaBuilder {
        HuggingFaceJsonSchemaBuilder::default()
    }
}
