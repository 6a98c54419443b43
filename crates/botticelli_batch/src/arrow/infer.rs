//! The types that fit JSON values.

use crate::{AnswerColumn, ColumnType};
use botticelli_error::{DataError, DataErrorKind};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::path::Path;

/// Fields of an object that are columns. An object with more is JSON text: its keys are data.
const MAX_FIELDS: usize = 1_000;
/// The largest integers that a floating-point number keeps exactly.
const EXACT: u64 = 1 << 53;

/// The columns of rows, as far as they were seen.
#[derive(Debug, Default)]
pub(crate) struct Inference {
    fields: Fields,
}

impl Inference {
    /// Adds a row.
    pub(crate) fn add(&mut self, columns: &Map<String, Value>) {
        self.fields.add(columns);
    }

    /// Returns the columns in the order in which they were seen.
    ///
    /// # Errors
    ///
    /// A [`DataError`] if there are too many.
    pub(crate) fn columns(self, path: &Path) -> Result<Vec<AnswerColumn>, DataError> {
        if self.fields.kinds.len() > MAX_FIELDS {
            let kind = DataErrorKind::Unsupported {
                reason: format!("has more than {MAX_FIELDS} different keys, too many for columns"),
                remedy: "Put them into one object, or write JSON lines.",
            };
            return Err(DataError::new("input", path.display().to_string(), kind));
        }
        Ok(self.fields.into_columns())
    }
}

#[derive(Debug, Default)]
struct Fields {
    kinds: Vec<(String, Kind)>,
    positions: HashMap<String, usize>,
}

/// The type of the values so far.
#[derive(Debug, Default)]
enum Kind {
    /// All values were null.
    #[default]
    Null,
    Boolean,
    /// Integers. The flag is set if one of them is not exact as a floating-point number.
    Integer(bool),
    Number,
    Text,
    List(Box<Kind>),
    Object(Fields),
    /// Values of several types.
    Json,
}

impl Fields {
    fn add(&mut self, object: &Map<String, Value>) {
        for (name, value) in object {
            let position = match self.positions.get(name) {
                Some(position) => *position,
                // One more than allowed is kept as the sign of too many.
                None if self.kinds.len() > MAX_FIELDS => return,
                None => {
                    self.positions.insert(name.clone(), self.kinds.len());
                    self.kinds.push((name.clone(), Kind::Null));
                    self.kinds.len().saturating_sub(1)
                }
            };
            if let Some((_, kind)) = self.kinds.get_mut(position) {
                kind.add(value);
            }
        }
    }

    fn into_columns(self) -> Vec<AnswerColumn> {
        self.kinds.into_iter().map(|(name, kind)| AnswerColumn::new(name, kind.into_type())).collect()
    }
}

impl Kind {
    fn add(&mut self, value: &Value) {
        *self = std::mem::take(self).with(value);
    }

    fn with(self, value: &Value) -> Self {
        match (self, value) {
            (kind, Value::Null) => kind,
            (Self::Null | Self::Boolean, Value::Bool(_)) => Self::Boolean,
            (Self::Null | Self::Text, Value::String(_)) => Self::Text,
            (kind @ (Self::Null | Self::Integer(_) | Self::Number), Value::Number(number)) => {
                kind.with_number(number)
            }
            (Self::Null, Value::Array(items)) => Self::list(Self::Null, items),
            (Self::List(item), Value::Array(items)) => Self::list(*item, items),
            (Self::Null, Value::Object(object)) => Self::object(Fields::default(), object),
            (Self::Object(fields), Value::Object(object)) => Self::object(fields, object),
            _ => Self::Json,
        }
    }

    fn with_number(self, number: &serde_json::Number) -> Self {
        let is_integer = number.is_i64() || number.is_u64();
        let is_wide =
            number.as_u64().or(number.as_i64().map(i64::unsigned_abs)).is_some_and(|size| size > EXACT);
        match self {
            // Larger than a signed integer of 64 bits.
            _ if is_integer && !number.is_i64() => Self::Json,
            Self::Null | Self::Integer(false) if is_integer => Self::Integer(is_wide),
            Self::Integer(true) if is_integer => Self::Integer(true),
            Self::Number if is_wide => Self::Json,
            Self::Integer(true) => Self::Json,
            _ => Self::Number,
        }
    }

    fn list(item: Self, items: &[Value]) -> Self {
        Self::List(Box::new(items.iter().fold(item, Self::with)))
    }

    fn object(mut fields: Fields, object: &Map<String, Value>) -> Self {
        fields.add(object);
        if fields.kinds.len() > MAX_FIELDS { Self::Json } else { Self::Object(fields) }
    }

    fn into_type(self) -> ColumnType {
        match self {
            Self::Null | Self::Text => ColumnType::Text,
            Self::Boolean => ColumnType::Boolean,
            Self::Integer(_) => ColumnType::Integer,
            Self::Number => ColumnType::Number,
            Self::List(item) => ColumnType::List(Box::new(item.into_type())),
            Self::Object(fields) if fields.kinds.is_empty() => ColumnType::Json,
            Self::Object(fields) => ColumnType::Object(fields.into_columns()),
            Self::Json => ColumnType::Json,
        }
    }
}
