//! `3.0`, where an integer is wanted.

use serde_json::{Number, Value};

/// The greatest integer up to which a float tells every one from its neighbours: 2⁵³.
const GREATEST: f64 = 9_007_199_254_740_992.0;

/// The integer that a float stands for; `None` where it has a fraction, or is too large for that to be certain.
pub(crate) fn integer_value(number: &Number) -> Option<Number> {
    let float = number.as_f64().filter(|_| number.is_f64())?;
    if float.fract() != 0.0 || float.abs() >= GREATEST {
        return None;
    }
    // Written without a fraction and an exponent, so that no cast is needed.
    let digits = format!("{float:.0}");
    digits.parse::<i64>().ok().map(Number::from)
}

/// `value`, in which every float without a fraction is an integer; `None` where there is none.
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
