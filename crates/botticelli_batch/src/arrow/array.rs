//! JSON values as arrays.

use crate::{AnswerColumn, ColumnType};
use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, ListArray, StringArray, StructArray};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{DataType, Field, FieldRef, Fields};
use serde_json::Value;
use std::sync::Arc;

/// Returns the field of a column. Every value may be null.
pub(crate) fn field(column: &AnswerColumn) -> Field {
    Field::new(&column.name, data_type(&column.kind), true)
}

fn data_type(kind: &ColumnType) -> DataType {
    match kind {
        ColumnType::Text | ColumnType::Json => DataType::Utf8,
        ColumnType::Integer => DataType::Int64,
        ColumnType::Number => DataType::Float64,
        ColumnType::Boolean => DataType::Boolean,
        ColumnType::List(item) => DataType::List(item_field(item)),
        // Parquet has no object without fields.
        ColumnType::Object(columns) if columns.is_empty() => DataType::Utf8,
        ColumnType::Object(columns) => DataType::Struct(fields(columns)),
    }
}

fn item_field(item: &ColumnType) -> FieldRef {
    Arc::new(Field::new_list_field(data_type(item), true))
}

fn fields(columns: &[AnswerColumn]) -> Fields {
    columns.iter().map(field).collect()
}

/// Returns the values as an array of the type.
///
/// # Errors
///
/// The reason if a value has another type.
pub(crate) fn array(kind: &ColumnType, values: &[Option<&Value>]) -> Result<ArrayRef, String> {
    let values: Vec<Option<&Value>> =
        values.iter().map(|value| value.filter(|value| !value.is_null())).collect();
    Ok(match kind {
        ColumnType::Text => Arc::new(typed(&values, "text", Value::as_str).map(StringArray::from)?),
        ColumnType::Integer => Arc::new(typed(&values, "an integer", integer).map(Int64Array::from)?),
        ColumnType::Number => Arc::new(typed(&values, "a number", Value::as_f64).map(Float64Array::from)?),
        ColumnType::Boolean => Arc::new(typed(&values, "a boolean", Value::as_bool).map(BooleanArray::from)?),
        ColumnType::Json => json_texts(&values),
        ColumnType::Object(columns) if columns.is_empty() => json_texts(&values),
        ColumnType::List(item) => {
            let lists = typed(&values, "a list", Value::as_array)?;
            let items: Vec<_> = lists.iter().flatten().copied().flatten().map(Some).collect();
            let lengths = lists.iter().map(|list| list.map_or(0, Vec::len));
            let offsets = OffsetBuffer::from_lengths(lengths);
            let items = array(item, &items)?;
            let array = ListArray::try_new(item_field(item), offsets, items, nulls(&lists));
            Arc::new(array.map_err(|error| error.to_string())?)
        }
        ColumnType::Object(columns) => {
            let objects = typed(&values, "an object", Value::as_object)?;
            let mut arrays = Vec::with_capacity(columns.len());
            for column in columns {
                let inner: Vec<_> =
                    objects.iter().map(|object| object.and_then(|object| object.get(&column.name))).collect();
                arrays.push(
                    array(&column.kind, &inner).map_err(|reason| format!("{}: {reason}", column.name))?,
                );
            }
            let array = StructArray::try_new(fields(columns), arrays, nulls(&objects));
            Arc::new(array.map_err(|error| error.to_string())?)
        }
    })
}

/// Converts each value that is not null.
fn typed<'a, T>(
    values: &[Option<&'a Value>],
    expected: &str,
    convert: impl Fn(&'a Value) -> Option<T>,
) -> Result<Vec<Option<T>>, String> {
    let one = |value: &'a Value| {
        convert(value).ok_or_else(|| {
            let shown: String = value.to_string().chars().take(80).collect();
            format!("{shown} is not {expected}")
        })
    };
    values.iter().map(|value| value.map(one).transpose()).collect()
}

/// Returns an integer of 64 bits, which may be written with a decimal point.
fn integer(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| {
        let number = value.as_f64()?;
        // An `f64` of this size is written with all digits and no exponent.
        (number.fract() == 0.0 && number.abs() < 1e15).then(|| format!("{number:.0}").parse().ok())?
    })
}

fn json_texts(values: &[Option<&Value>]) -> ArrayRef {
    Arc::new(values.iter().map(|value| value.map(Value::to_string)).collect::<StringArray>())
}

fn nulls<T>(values: &[Option<T>]) -> Option<NullBuffer> {
    values
        .iter()
        .any(Option::is_none)
        .then(|| NullBuffer::from(values.iter().map(Option::is_some).collect::<Vec<_>>()))
}
