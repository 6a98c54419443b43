//! Tables as output.

mod json_lines;

use crate::answer::AnswerValues;
use crate::{AnswerColumn, Format, Row, Table};
use botticelli_error::BotticelliError;
use std::path::{Path, PathBuf};

/// A table to write: the columns of the input, then those of the answer.
#[derive(Clone, Debug)]
pub struct Sink {
    path: PathBuf,
    format: Format,
}

/// A writer of rows.
///
/// Rows go to a temporary file in the same folder. `finish` moves it to its place, so that a file under the final name is always
/// complete. A writer that is dropped before leaves no file.
pub(crate) trait WriteRows: Send {
    /// Writes a row and its answer. A row that could not be read has no columns.
    fn write(&mut self, row: Option<&Row>, answer: &AnswerValues) -> Result<(), BotticelliError>;

    /// Writes what is left, and moves the file to its place.
    fn finish(&mut self) -> Result<(), BotticelliError>;
}

impl Sink {
    /// Returns a table that is written to `path`. The extension selects the format.
    ///
    /// # Errors
    ///
    /// A [`DataError`](botticelli_error::DataError) if the format is unknown.
    pub fn create(path: impl AsRef<Path>) -> Result<Self, BotticelliError> {
        let path = path.as_ref();
        let format = Format::of_path("output", path)?;
        Ok(Self { path: path.to_owned(), format })
    }

    /// Returns the path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns a table of the same format at another path.
    pub(crate) fn at(&self, path: &Path) -> Self {
        Self { path: path.to_owned(), format: self.format }
    }

    /// Returns a writer for the rows of `table` with these columns added.
    pub(crate) fn writer(
        &self,
        table: &Table,
        columns: &[AnswerColumn],
    ) -> Result<Box<dyn WriteRows>, BotticelliError> {
        let _ = table;
        match self.format {
            Format::JsonLines => Ok(Box::new(json_lines::Writer::create(&self.path, columns)?)),
        }
    }
}
