//! A value held against its schema.

use super::Violation;
use botticelli_error::{BotticelliError, BuilderError};
use jsonschema::Validator;
use serde_json::Value;

/// How many violations are told.
const MOST: usize = 8;

/// What checks by `schema`; nothing is fetched for it.
pub(super) fn validator(schema: &Value) -> Result<Validator, BotticelliError> {
    jsonschema::options().should_validate_formats(true).offline().build(schema).map_err(|error| {
        let field = format!("schema{}", error.instance_path());
        let shown: String = error.instance().to_string().chars().take(80).collect();
        let reason = format!("it is no JSON Schema ({})", Violation::new("", &error));
        BuilderError::refused("JsonSchema", field, shown, reason, "write it as json-schema.org says").into()
    })
}

/// What does not fit: the first few violations.
pub(super) fn violations(validator: &Validator, value: &Value, around: &str) -> Vec<Violation> {
    let errors = validator.iter_errors(value).take(MOST);
    errors.map(|error| Violation::new(format!("{around}{}", error.instance_path()), &error)).collect()
}
