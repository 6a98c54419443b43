//! Integers that a model writes as floats, such as `3.0`.

use serde_json::{Number, Value};

/// The limit below which a float represents every integer exactly: 2⁵³.
const GREATEST: f64 = 9_007_199_254_740_992.0;

/// Returns the integer value of a float; `None` if the float has a fraction or is too large to be exact.
pub(crate) fn integer_value(number: &Number) -> Option<Number> {
    let float = number.as_f64().filter(|_| number.is_f64())?;
    if float.fract() != 0.0 || float.abs() >= GREATEST {
        return None;
    }
    // Formatting and parsing avoid a cast.
    let digits = format!("{float:.0}");
    digits.parse::<i64>().ok().map(Number::from)
}

/// Returns `value` with integers in place of all floats without a fraction; `None` if nothing changes.
pub(crate) fn with_integers_for_floats(value: &Value) -> Option<Value> {
    let mut changed = value.clone();
    change(&mut changed).then_some(changed)
}

fn change(value: &mut Value) -> bool {
    match value {
        Value::Number(number) => match integer_value(number) {
            Some(integer) => {
                *number = integer;
                true
            }
            None => false,
        },
        Value::Array(items) => items.iter_mut().fold(false, |is_changed, item| change(item) | is_changed),
        Value::Object(fields) => {
            fields.values_mut().fold(false, |is_changed, field| change(field) | is_changed)
        }
        _ => false,
    }
}
