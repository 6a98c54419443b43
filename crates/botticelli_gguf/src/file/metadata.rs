//! Metadata of a model file, by key.

use super::reader::Reader;
use super::value::Value;
use botticelli_error::{BotticelliError, ModelFileError};
use std::collections::HashMap;

/// Maximum number of keys. Real files have fewer than a hundred.
const MAX_KEYS: u64 = 1 << 16;

/// The metadata of a model file. Each getter checks the type.
#[derive(Clone, Debug, Default)]
pub(crate) struct Metadata {
    path: String,
    values: HashMap<String, Value>,
}

impl Metadata {
    pub(super) fn read(reader: &mut Reader, keys: u64) -> Result<Self, BotticelliError> {
        if keys > MAX_KEYS {
            return Err(reader.damaged(format!("{keys} keys of metadata are too many")));
        }
        let mut values = HashMap::new();
        for _ in 0..keys {
            let key = reader.string()?;
            let value = Value::read(reader)?;
            if values.insert(key.clone(), value).is_some() {
                return Err(reader.damaged(format!("the key `{key}` is repeated")));
            }
        }
        Ok(Self { path: reader.path().to_owned(), values })
    }

    /// Returns the path of the file, for messages.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn damaged(&self, reason: impl Into<String>) -> BotticelliError {
        ModelFileError::damaged(&self.path, reason).into()
    }

    pub(crate) fn unsupported(&self, what: impl Into<String>, remedy: impl Into<String>) -> BotticelliError {
        ModelFileError::unsupported(&self.path, what, remedy).into()
    }

    fn wrong_type(&self, key: &str, value: &Value, expected: &str) -> BotticelliError {
        self.damaged(format!("`{key}` is {} instead of {expected}", value.type_name()))
    }

    fn missing(&self, key: &str) -> BotticelliError {
        self.damaged(format!("`{key}` is missing"))
    }

    pub(crate) fn text(&self, key: &str) -> Result<Option<&str>, BotticelliError> {
        match self.values.get(key) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(other) => Err(self.wrong_type(key, other, "a string")),
        }
    }

    pub(crate) fn required_text(&self, key: &str) -> Result<&str, BotticelliError> {
        self.text(key)?.ok_or_else(|| self.missing(key))
    }

    pub(crate) fn size(&self, key: &str) -> Result<Option<usize>, BotticelliError> {
        match self.values.get(key) {
            None => Ok(None),
            Some(Value::Integer(number)) => {
                let size = usize::try_from(*number).ok().filter(|size| *size <= 1 << 32);
                size.map(Some).ok_or_else(|| self.damaged(format!("`{key}` is {number}")))
            }
            Some(other) => Err(self.wrong_type(key, other, "an integer")),
        }
    }

    /// Returns a size of at least 1.
    pub(crate) fn required_size(&self, key: &str) -> Result<usize, BotticelliError> {
        match self.size(key)? {
            None => Err(self.missing(key)),
            Some(0) => Err(self.damaged(format!("`{key}` is 0"))),
            Some(size) => Ok(size),
        }
    }

    pub(crate) fn token(&self, key: &str) -> Result<Option<u32>, BotticelliError> {
        let Some(size) = self.size(key)? else { return Ok(None) };
        let token = u32::try_from(size).map_err(|_| self.damaged(format!("`{key}` is {size}")))?;
        // Some writers use the largest number for a missing token.
        Ok(Some(token).filter(|token| *token != u32::MAX))
    }

    pub(crate) fn float(&self, key: &str) -> Result<Option<f64>, BotticelliError> {
        match self.values.get(key) {
            None => Ok(None),
            Some(Value::Float(number)) if number.is_finite() => Ok(Some(*number)),
            Some(Value::Float(number)) => Err(self.damaged(format!("`{key}` is {number}"))),
            Some(other) => Err(self.wrong_type(key, other, "a float")),
        }
    }

    pub(crate) fn bool(&self, key: &str) -> Result<Option<bool>, BotticelliError> {
        match self.values.get(key) {
            None => Ok(None),
            Some(Value::Bool(is_set)) => Ok(Some(*is_set)),
            Some(other) => Err(self.wrong_type(key, other, "a boolean")),
        }
    }

    pub(crate) fn texts(&self, key: &str) -> Result<Option<&[String]>, BotticelliError> {
        match self.values.get(key) {
            None => Ok(None),
            Some(Value::Texts(texts)) => Ok(Some(texts)),
            Some(other) => Err(self.wrong_type(key, other, "an array of strings")),
        }
    }

    pub(crate) fn required_texts(&self, key: &str) -> Result<&[String], BotticelliError> {
        self.texts(key)?.ok_or_else(|| self.missing(key))
    }

    pub(crate) fn integers(&self, key: &str) -> Result<Option<&[i64]>, BotticelliError> {
        match self.values.get(key) {
            None => Ok(None),
            Some(Value::Integers(numbers)) => Ok(Some(numbers)),
            Some(other) => Err(self.wrong_type(key, other, "an array of integers")),
        }
    }

    pub(crate) fn floats(&self, key: &str) -> Result<Option<&[f32]>, BotticelliError> {
        match self.values.get(key) {
            None => Ok(None),
            Some(Value::Floats(numbers)) => Ok(Some(numbers)),
            Some(other) => Err(self.wrong_type(key, other, "an array of floats")),
        }
    }

    /// Returns whether the value of the key is an array.
    pub(crate) fn is_array(&self, key: &str) -> bool {
        matches!(
            self.values.get(key),
            Some(Value::Integers(_) | Value::Floats(_) | Value::Bools(_) | Value::Texts(_))
        )
    }
}
