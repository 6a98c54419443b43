//! What the integers of Rust hold, and integers that a JSON number does not hold exactly.

use super::walk::{has_type, visit_schemas};
use jsonschema::{Keyword, ValidationError};
use serde_json::{Map, Number, Value, json};

/// Adds the bounds of Rust's integers of up to 32 bits, which their schema may leave out: a model reads them.
pub(crate) fn add_bounds(schema: &mut Value) {
    add(schema, |width| width <= 32);
}

/// Adds the bounds of all of Rust's integers: a check names the field of a value that is out of range.
pub(super) fn add_all_bounds(schema: &mut Value) {
    add(schema, |_| true);
}

fn add(schema: &mut Value, is_added: fn(u32) -> bool) {
    visit_schemas(schema, &mut |words| {
        let format = words.get("format").and_then(Value::as_str);
        if !has_type(words, "integer") {
            return;
        }
        let bounds = format.and_then(bounds).filter(|(width, ..)| is_added(*width));
        if let Some((_, least, greatest)) = bounds {
            words.entry("minimum").or_insert(least);
            words.entry("maximum").or_insert(greatest);
        }
    });
}

/// The width of the integer that schemars calls `format`, with its least and greatest value.
fn bounds(format: &str) -> Option<(u32, Value, Value)> {
    Some(match format {
        "int8" => (8, json!(i8::MIN), json!(i8::MAX)),
        "int16" => (16, json!(i16::MIN), json!(i16::MAX)),
        "int32" => (32, json!(i32::MIN), json!(i32::MAX)),
        "int64" => (64, json!(i64::MIN), json!(i64::MAX)),
        "int" => (64, json!(isize::MIN), json!(isize::MAX)),
        "uint8" => (8, json!(u8::MIN), json!(u8::MAX)),
        "uint16" => (16, json!(u16::MIN), json!(u16::MAX)),
        "uint32" => (32, json!(u32::MIN), json!(u32::MAX)),
        "uint64" => (64, json!(u64::MIN), json!(u64::MAX)),
        "uint" => (64, json!(usize::MIN), json!(usize::MAX)),
        _ => return None,
    })
}

/// The keyword that [`add_exactness`] adds. It never leaves this crate.
pub(super) const EXACT: &str = "botticelli:exactInteger";

/// Lets integers be integers only: JSON Schema takes `3.0` for one, and a number that is too large for 64 bits is read as the
/// nearest float, which is another number.
pub(super) fn add_exactness(schema: &mut Value) {
    visit_schemas(schema, &mut |words| {
        if has_type(words, "integer") && !has_type(words, "number") {
            words.insert(EXACT.to_owned(), Value::Bool(true));
        }
    });
}

/// The check behind [`EXACT`].
pub(super) struct ExactInteger;

impl ExactInteger {
    #[expect(clippy::unnecessary_wraps, reason = "the signature is jsonschema's")]
    pub(super) fn keyword<'a>(
        _: &'a Map<String, Value>,
        _: &'a Value,
        _: jsonschema::paths::Location,
    ) -> Result<Box<dyn for<'i> Keyword<'i>>, ValidationError<'a>> {
        Ok(Box::new(Self))
    }
}

impl<'i> Keyword<'i> for ExactInteger {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        match instance {
            // What has a fraction is told of by `type`.
            Value::Number(number) if !is_exact(number) && !has_fraction(number) => {
                Err(ValidationError::custom(format!("{number} is not an integer of 64 bits")))
            }
            _ => Ok(()),
        }
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        self.validate(instance).is_ok()
    }
}

fn is_exact(number: &Number) -> bool {
    number.is_i64() || number.is_u64()
}

fn has_fraction(number: &Number) -> bool {
    number.as_f64().is_some_and(|number| number.fract() != 0.0)
}
