//! Error bodies of any shape.

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::cell::Cell;
use std::fmt;

/// Maximum number of values kept of an error: more than real errors have, and little memory.
const MAX_VALUES: usize = 4_096;

/// JSON of any shape, for the error formats of servers. Only the beginning of a very large body is kept.
#[derive(Debug)]
pub(in crate::huggingface) struct ErrorBody(pub(in crate::huggingface) Value);

impl<'de> Deserialize<'de> for ErrorBody {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BoundedValue { left: &Cell::new(MAX_VALUES), depth: 0 }.deserialize(deserializer).map(Self)
    }
}

/// Reads JSON of any shape, without the values beyond a limit; `None` for null.
pub(in crate::huggingface::dto) fn boxed_value<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Box<Value>>, D::Error> {
    Ok(error(deserializer)?.map(Box::new))
}

/// Reads an error of any shape; `None` for null.
pub(in crate::huggingface::dto) fn error<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Value>, D::Error> {
    Ok(Some(ErrorBody::deserialize(deserializer)?.0).filter(|value| !value.is_null()))
}

/// Fields kept of an error and of the error in it, even after long lists. The message may come last.
const MAX_FIELDS: usize = 64;

/// A reader that keeps a limited number of values.
#[derive(Clone, Copy)]
struct BoundedValue<'a> {
    left: &'a Cell<usize>,
    /// Number of lists and objects around the value.
    depth: usize,
}

impl BoundedValue<'_> {
    /// Uses up one value of the limit. Returns whether it was available.
    fn one_more(self) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left > 0
    }

    fn inside(self) -> Self {
        Self { depth: self.depth.saturating_add(1), ..self }
    }
}

impl<'de> DeserializeSeed<'de> for BoundedValue<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for BoundedValue<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Value, E> {
        Ok(flag.into())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut limited = Vec::new();
        while self.one_more() {
            match list.next_element_seed(self.inside())? {
                Some(value) => limited.push(value),
                None => return Ok(limited.into()),
            }
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(limited.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut limited = serde_json::Map::new();
        let mut fields = if self.depth < 2 { MAX_FIELDS } else { 0 };
        while fields > 0 || self.one_more() {
            fields = fields.saturating_sub(1);
            match object.next_key()? {
                Some(key) => {
                    let value = object.next_value_seed(self.inside())?;
                    limited.insert(key, value)
                }
                None => return Ok(limited.into()),
            };
        }
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(limited.into())
    }
}
