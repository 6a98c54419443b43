//! Validation of values.

use super::Violation;
use super::integers::{EXACT, ExactInteger, add_exactness};
use super::schema_depth::SchemaDepth;
use botticelli_error::{BotticelliError, BuilderError};
use jsonschema::Validator;
use serde_json::Value;

/// The maximum number of reported violations.
const MAX_VIOLATIONS: usize = 8;

/// A validator for one schema.
#[derive(Debug)]
pub(super) struct SchemaValidator {
    pub(super) inner: Validator,
    depth: SchemaDepth,
}

impl SchemaValidator {
    /// Returns a validator for `schema`, without network access for references.
    pub(super) fn new(schema: &Value) -> Result<Self, BotticelliError> {
        let depth = SchemaDepth::of(schema)?;
        let mut exact = schema.clone();
        add_exactness(&mut exact);
        let options = jsonschema::options().should_validate_formats(true).offline();
        let built = options.with_keyword(EXACT, ExactInteger::keyword).build(&exact);
        let inner = built.map_err(|error| {
            let field = format!("schema{}", error.instance_path());
            let shown: String = error.instance().to_string().chars().take(80).collect();
            let reason = format!("it is not a valid JSON Schema ({})", Violation::new("", error.masked()));
            BotticelliError::from(BuilderError::refused_json(
                "OutputSchema",
                field,
                shown,
                reason,
                "write it as described at json-schema.org",
            ))
        })?;
        Ok(Self { inner, depth })
    }

    /// Returns whether a value is nested too deeply to be validated. Such a value is invalid.
    pub(super) fn is_too_deep(&self, value: &Value) -> bool {
        self.depth.is_too_deep(value)
    }

    /// Returns the first violations of a value at the path `around`.
    pub(super) fn violations(&self, value: &Value, around: &str) -> Vec<Violation> {
        if self.is_too_deep(value) {
            return vec![Violation::new(around, "the value is nested too deeply to be validated")];
        }
        let errors = self.inner.iter_errors(value).take(MAX_VIOLATIONS);
        errors.flat_map(|error| Violation::of(&error, around)).take(MAX_VIOLATIONS).collect()
    }
}
