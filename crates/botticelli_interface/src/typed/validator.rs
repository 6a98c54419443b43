//! A value held against its schema.

use super::Violation;
use super::integers::{EXACT, ExactInteger, add_exactness};
use super::schema_depth::SchemaDepth;
use botticelli_error::{BotticelliError, BuilderError};
use jsonschema::Validator;
use serde_json::Value;

/// How many violations are told.
const MOST: usize = 8;

/// A schema that values are held against.
#[derive(Debug)]
pub(super) struct SchemaValidator {
    pub(super) validator: Validator,
    depth: SchemaDepth,
}

impl SchemaValidator {
    /// What checks by `schema`; nothing is fetched for it.
    pub(super) fn new(schema: &Value) -> Result<Self, BotticelliError> {
        let depth = SchemaDepth::of(schema)?;
        let mut exact = schema.clone();
        add_exactness(&mut exact);
        let options = jsonschema::options().should_validate_formats(true).offline();
        let built = options.with_keyword(EXACT, ExactInteger::keyword).build(&exact);
        let validator = built.map_err(|error| {
            let field = format!("schema{}", error.instance_path());
            let shown: String = error.instance().to_string().chars().take(80).collect();
            let reason = format!("it is no JSON Schema ({})", Violation::new("", error.masked()));
            BotticelliError::from(BuilderError::refused_json(
                "OutputSchema",
                field,
                shown,
                reason,
                "write it as json-schema.org says",
            ))
        })?;
        Ok(Self { validator, depth })
    }

    /// Whether a value is nested so deeply that it is not checked, and never fits.
    pub(super) fn is_too_deep(&self, value: &Value) -> bool {
        self.depth.is_too_deep(value)
    }

    /// What does not fit: the first few violations.
    pub(super) fn violations(&self, value: &Value, around: &str) -> Vec<Violation> {
        if self.is_too_deep(value) {
            return vec![Violation::new(around, "the value is nested too deeply to be checked")];
        }
        let errors = self.validator.iter_errors(value).take(MOST);
        errors.flat_map(|error| Violation::of(&error, around)).take(MOST).collect()
    }
}
