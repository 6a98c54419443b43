//! Columns of an answer.

use serde_json::Value;

/// A column that a run adds to the columns of the input.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AnswerColumn {
    /// Name of the column.
    pub name: String,
    /// Type of its values. Every column may also be null.
    pub kind: ColumnType,
}

/// Type of a column.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ColumnType {
    /// Text.
    Text,
    /// Integers of 64 bits.
    Integer,
    /// Floating-point numbers of 64 bits.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A list of one type.
    List(Box<ColumnType>),
    /// An object with these fields.
    Object(Vec<AnswerColumn>),
    /// Any other JSON value. Formats without such a type store its text.
    Json,
}

impl AnswerColumn {
    /// Returns a column.
    pub fn new(name: impl Into<String>, kind: ColumnType) -> Self {
        Self { name: name.into(), kind }
    }
}

/// The values of an answer, one for each [`AnswerColumn`], in the same order.
pub(crate) type AnswerValues = Vec<Value>;
