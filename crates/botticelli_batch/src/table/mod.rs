//! Tables as input.

mod json_lines;

use crate::{Format, Row};
use botticelli_error::{BotticelliError, DataError};
use std::path::{Path, PathBuf};

/// A table to read: one file or several of one format.
#[derive(Clone, Debug)]
pub struct Table {
    files: Vec<PathBuf>,
    format: Format,
}

/// The columns that a reader parses.
#[derive(Clone, Debug)]
pub(crate) enum Projection {
    /// All columns, and the row as its file has it.
    All,
    /// Only these.
    Only(Vec<String>),
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

impl Table {
    /// Opens one file. Its extension selects the format.
    ///
    /// # Errors
    ///
    /// A [`DataError`] if the file does not exist or its format is unknown.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, BotticelliError> {
        let path = path.as_ref();
        let format = Format::of_path("input", path)?;
        std::fs::metadata(path).map_err(|error| DataError::io("input", path.display().to_string(), error))?;
        Ok(Self { files: vec![path.to_owned()], format })
    }

    /// Returns the files, in order.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Returns a reader from the first row.
    #[allow(clippy::unnecessary_wraps, reason = "other formats read a header")]
    pub(crate) fn read(&self, projection: &Projection) -> Result<Box<dyn ReadRows>, BotticelliError> {
        match self.format {
            Format::JsonLines => {
                Ok(Box::new(json_lines::Reader::new(self.files.clone(), projection.clone())))
            }
        }
    }
}
