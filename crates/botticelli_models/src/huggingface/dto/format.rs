//! The response format of a request.

use botticelli_error::BotticelliError;
use derive_builder::Builder;
use derive_getters::Getters;
use serde::Serialize;
use serde_json::Value;

/// A response format. Servers expect the schema in different fields.
///
/// | server | `type` | field of the schema |
/// | --- | --- | --- |
/// | the router and most servers | `json_schema` | `json_schema.schema` |
/// | TGI, hf-inference | `json_object` | `value` |
/// | cohere, fireworks-ai | `json_object` | `schema` |
/// | together | `json_schema` | `schema` |
#[derive(Clone, Debug, PartialEq, Builder, Getters, Serialize)]
#[builder(pattern = "owned", setter(into, strip_option), build_fn(error = "BotticelliError"))]
pub struct HuggingFaceResponseFormat {
    /// `json_object` or `json_schema`.
    #[serde(rename = "type")]
    kind: String,
    /// The schema with its name and description.
    #[builder(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    json_schema: Option<HuggingFaceJsonSchema>,
    /// The bare schema, for cohere, fireworks-ai and together.
    #[builder(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    schema: Option<Value>,
    /// The bare schema, for TGI.
    #[builder(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Value>,
}

/// A schema with its name and description.
#[derive(Clone, Debug, PartialEq, Builder, Getters, Serialize)]
#[builder(pattern = "owned", setter(into, strip_option), build_fn(error = "BotticelliError"))]
pub struct HuggingFaceJsonSchema {
    /// Name of the schema.
    name: String,
    /// Purpose of the schema.
    #[builder(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// The schema.
    schema: Value,
    /// `true` to enforce the schema exactly.
    #[builder(default)]
    #[getter(copy)]
    #[serde(skip_serializing_if = "Option::is_none")]
    strict: Option<bool>,
}

impl HuggingFaceResponseFormat {
    /// Returns a builder with all fields unset.
    pub fn builder() -> HuggingFaceResponseFormatBuilder {
        HuggingFaceResponseFormatBuilder::default()
    }
}

impl HuggingFaceJsonSchema {
    /// Returns a builder with all fields unset.
    pub fn builder() -> HuggingFaceJsonSchemaBuilder {
        HuggingFaceJsonSchemaBuilder::default()
    }
}
