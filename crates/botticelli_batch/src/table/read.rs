//! Readers of rows.

use crate::Row;
use botticelli_error::{BotticelliError, DataError, DataErrorKind};
use std::path::Path;

/// The columns that a reader parses.
#[derive(Clone, Debug)]
pub(crate) enum Projection {
    /// All columns, and the row as its file has it.
    All,
    /// Only these.
    Only(Vec<String>),
    /// The row as its file has it, and these columns as the [selected](Row::selected) ones.
    Selected(Vec<String>),
}

/// A reader of rows. It stops after `Err(ReadError::Fatal)`.
pub(crate) trait ReadRows: Send {
    /// Returns the next row, or `None` at the end.
    fn next_row(&mut self) -> Option<Result<Row, ReadError>>;
}

/// A failed read.
#[derive(Debug)]
pub(crate) enum ReadError {
    /// One row is invalid. It counts as a row, and the next call returns the next one.
    Row {
        /// Number of the row in the table, counted from 0.
        #[allow(dead_code, reason = "formats without lines name it")]
        number: u64,
        /// File, line and reason.
        error: DataError,
    },
    /// The table cannot be read further.
    Fatal(BotticelliError),
}

impl From<ReadError> for BotticelliError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Row { error, .. } => error.into(),
            ReadError::Fatal(error) => error,
        }
    }
}

/// Returns the error of a file operation on an input.
pub(crate) fn io_error(path: &Path, error: std::io::Error) -> DataError {
    DataError::io("input", path.display().to_string(), error)
}

/// Returns the error of an input that cannot be used as it is.
pub(crate) fn unsupported(path: &Path, reason: impl Into<String>, remedy: &'static str) -> DataError {
    let kind = DataErrorKind::Unsupported { reason: reason.into(), remedy };
    DataError::new("input", path.display().to_string(), kind)
}

/// Returns the error of a damaged input.
#[cfg(any(feature = "csv", feature = "parquet"))]
pub(crate) fn damaged(path: &Path, reason: impl Into<String>) -> DataError {
    DataError::new("input", path.display().to_string(), DataErrorKind::Damaged { reason: reason.into() })
}
