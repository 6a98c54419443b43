//! Writers of rows.

use crate::Row;
use crate::answer::AnswerValues;
use botticelli_error::{BotticelliError, DataError, DataErrorKind};
use std::path::Path;

/// A writer of rows.
///
/// Rows go to a temporary file in the same folder. `finish` moves it to its place, so that a file under the final name is always
/// complete, unless `publish` was called. A writer that is dropped before leaves no file.
pub(crate) trait WriteRows: Send {
    /// Writes a row and its answer. A row that could not be read has no columns.
    fn write(&mut self, row: Option<&Row>, answer: &AnswerValues) -> Result<(), BotticelliError>;

    /// Makes the rows so far visible under the final name, if the format can be read before it is complete.
    fn publish(&mut self) -> Result<(), BotticelliError>;

    /// Writes what is left, and moves the file to its place.
    fn finish(&mut self) -> Result<(), BotticelliError>;
}

/// Returns the error of a file operation on an output.
pub(crate) fn io_error(path: &Path, error: std::io::Error) -> DataError {
    DataError::io("output", path.display().to_string(), error)
}

/// Returns the error of an output that cannot be written as it is.
pub(crate) fn unsupported(path: &Path, reason: impl Into<String>, remedy: &'static str) -> DataError {
    let kind = DataErrorKind::Unsupported { reason: reason.into(), remedy };
    DataError::new("output", path.display().to_string(), kind)
}

/// Returns the error for an answer column whose name the input has.
pub(crate) fn column_exists(path: &Path, column: &str) -> DataError {
    let kind = DataErrorKind::ColumnExists { column: column.to_owned() };
    DataError::new("input", path.display().to_string(), kind)
}
