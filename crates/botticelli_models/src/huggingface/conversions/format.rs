//! The form of an answer, in the words of each dialect.

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
    let schema = |form: &OutputSchema| form.schema().clone();
    match (format, dialect) {
        // Without a schema TGI takes no `json_object`: the schema of any object is one.
        (ResponseFormat::JsonObject, Dialect::Tgi) => {
            dto.kind("json_object").value(json!({"type": "object"})).build()
        }
        (ResponseFormat::JsonObject, _) => dto.kind("json_object").build(),
        (ResponseFormat::JsonSchema(form), Dialect::OpenAi) => {
            dto.kind("json_schema").json_schema(json_schema(form)?).build()
        }
        (ResponseFormat::JsonSchema(form), Dialect::Tgi) => {
            dto.kind("json_object").value(schema(form)).build()
        }
        (ResponseFormat::JsonSchema(form), Dialect::SchemaInObject) => {
            dto.kind("json_object").schema(schema(form)).build()
        }
        (ResponseFormat::JsonSchema(form), Dialect::Together) => {
            dto.kind("json_schema").schema(schema(form)).build()
        }
        _ => {
            let remedy = "ask for text, a JSON object, or JSON by a schema";
            Err(ModelsError::unsupported(PROVIDER, "this form of an answer", remedy).into())
        }
    }
}

fn json_schema(form: &OutputSchema) -> Result<HuggingFaceJsonSchema, BotticelliError> {
    let mut dto = HuggingFaceJsonSchema::builder().name(form.name()).schema(form.schema().clone());
    if let Some(description) = form.description() {
        dto = dto.description(description);
    }
    if let Some(strict) = form.strict() {
        dto = dto.strict(strict);
    }
    dto.build()
}
