//! Converts the response format for each dialect.

use crate::huggingface::Dialect;
use crate::huggingface::PROVIDER;
use crate::huggingface::dto::{HuggingFaceJsonSchema, HuggingFaceResponseFormat};
use botticelli_core::{OutputSchema, ResponseFormat};
use botticelli_error::{BotticelliError, ModelsError};
use serde_json::json;

pub(super) fn response_format(
    format: &ResponseFormat,
    dialect: Dialect,
) -> Result<HuggingFaceResponseFormat, BotticelliError> {
    let dto = HuggingFaceResponseFormat::builder();
    let schema = |format: &OutputSchema| format.schema().clone();
    match (format, dialect) {
        // TGI requires a schema for `json_object`, so the request contains a schema that allows any object.
        (ResponseFormat::JsonObject, Dialect::Tgi) => {
            dto.kind("json_object").value(json!({"type": "object"})).build()
        }
        (ResponseFormat::JsonObject, _) => dto.kind("json_object").build(),
        (ResponseFormat::JsonSchema(format), Dialect::OpenAi) => {
            dto.kind("json_schema").json_schema(json_schema(format)?).build()
        }
        (ResponseFormat::JsonSchema(format), Dialect::Tgi) => {
            dto.kind("json_object").value(schema(format)).build()
        }
        (ResponseFormat::JsonSchema(format), Dialect::SchemaInObject) => {
            dto.kind("json_object").schema(schema(format)).build()
        }
        (ResponseFormat::JsonSchema(format), Dialect::Together) => {
            dto.kind("json_schema").schema(schema(format)).build()
        }
        _ => {
            let remedy = "request text, a JSON object, or JSON with a schema";
            Err(ModelsError::unsupported(PROVIDER, "this response format", remedy).into())
        }
    }
}

fn json_schema(format: &OutputSchema) -> Result<HuggingFaceJsonSchema, BotticelliError> {
    let mut dto = HuggingFaceJsonSchema::builder().name(format.name()).schema(format.schema().clone());
    if let Some(description) = format.description() {
        dto = dto.description(description);
    }
    if let Some(strict) = format.strict() {
        dto = dto.strict(strict);
    }
    dto.build()
}
