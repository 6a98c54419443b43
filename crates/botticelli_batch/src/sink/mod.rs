//! Tables as output.

#[cfg(feature = "csv")]
mod csv;
mod json_lines;
mod openai;
#[cfg(feature = "parquet")]
mod parquet;
mod temporary;
mod write;

pub(crate) use write::WriteRows;

use crate::format::{check_delimiter, delimiter_of};
use crate::shard::with_infix;
use crate::table::{Projection, ReadError};
use crate::{AnswerColumn, Format, Row, Table};
use botticelli_error::{BotticelliError, DataError};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A table to write: the columns of the input, then those of the answer.
///
/// The file appears under its name when it is complete. Until then, rows go to a file with the extension `.tmp` in the same folder,
/// which is removed if the run fails. An existing output is replaced at the end. In the
/// [order of completion](crate::OutputOrder::Completion), rows go to `labels.partial.jsonl` instead, which remains.
///
/// | input | output | columns of the input |
/// | --- | --- | --- |
/// | JSON lines | JSON lines | copied byte by byte |
/// | CSV | CSV | copied, with line ends of LF |
/// | Parquet | Parquet | copied with their types |
/// | any | JSON lines | as [`Row::columns`] |
/// | any | CSV | text as it is, null as an empty field, lists and objects as JSON |
/// | JSON lines, CSV | Parquet | types that fit all rows, after one more pass over the input; the values of a CSV file are text |
///
/// A value that has several types in JSON lines becomes JSON text in Parquet.
#[derive(Clone, Debug)]
pub struct Sink {
    path: PathBuf,
    format: Format,
    delimiter: Option<u8>,
}

impl Sink {
    /// Returns a table that is written to `path`. The extension selects the format.
    ///
    /// # Errors
    ///
    /// A [`DataError`] if the format is unknown, if the path is a folder or a read-only file, or if its folder does not exist.
    pub fn create(path: impl AsRef<Path>) -> Result<Self, BotticelliError> {
        let path = path.as_ref();
        Self::create_as(path, Format::of_path("output", path)?)
    }

    /// Returns a table that is written to `path`, whatever its extension.
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create).
    pub fn create_as(path: impl AsRef<Path>, format: Format) -> Result<Self, BotticelliError> {
        let path = path.as_ref();
        format.check_feature("output", path)?;
        temporary::check(path)?;
        let delimiter = Some(delimiter_of(path)).filter(|delimiter| *delimiter != b',');
        Ok(Self { path: path.to_owned(), format, delimiter })
    }

    /// Returns a table that is never written, for a sample.
    pub(crate) fn nowhere() -> Self {
        Self { path: PathBuf::new(), format: Format::JsonLines, delimiter: None }
    }

    /// Sets the delimiter of a CSV file. Default: a tab for `.tsv`, otherwise the delimiter of a CSV input, or a comma.
    ///
    /// # Errors
    ///
    /// A [`DataError`] if the character is a quote, a letter, a digit or a line end.
    pub fn with_delimiter(mut self, delimiter: u8) -> Result<Self, BotticelliError> {
        check_delimiter("output", &self.path, delimiter)?;
        self.delimiter = Some(delimiter);
        Ok(self)
    }

    /// Returns a table of the same format at another path.
    pub(crate) fn at(&self, path: &Path) -> Self {
        Self { path: path.to_owned(), ..self.clone() }
    }

    /// Returns whether the output is a file, and not a device or a pipe.
    pub(crate) fn is_file(&self) -> bool {
        std::fs::metadata(&self.path).map_or(true, |found| found.is_file())
    }

    /// Returns whether runs with this output write to the file: the output, its parts, its shards, their journals.
    ///
    /// A pattern for the input may match them if a run is continued.
    pub(crate) fn writes(&self, file: &Path) -> bool {
        let folder_of = |path: &Path| {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            std::fs::canonicalize(folder.unwrap_or(Path::new("."))).ok()
        };
        let is_same = |output: &Path| {
            std::fs::canonicalize(output)
                .is_ok_and(|output| std::fs::canonicalize(file).is_ok_and(|file| file == output))
        };
        if is_same(&self.path) {
            return true;
        }
        let (Some(name), Some(stem), Some(found)) =
            (self.path.file_name(), self.path.file_stem(), file.file_name())
        else {
            return false;
        };
        let (name, stem, found) = (name.to_string_lossy(), stem.to_string_lossy(), found.to_string_lossy());
        let is_derived = found
            .strip_prefix(&*name)
            .is_some_and(|rest| matches!(rest, ".journal" | ".journal.old" | ".tmp"))
            || found.strip_prefix(&*stem).is_some_and(|rest| {
                rest.starts_with(".partial.")
                    || rest.strip_prefix(".shard-").is_some_and(|rest| rest.contains("-of-"))
            });
        is_derived && folder_of(file) == folder_of(&self.path)
    }

    /// Returns the path of the rows so far, before the output is complete. It is in the folder of the file to which a link points. A
    /// device or a pipe is written in place.
    pub(crate) fn partial_path(&self) -> PathBuf {
        if !self.is_file() {
            return self.path.clone();
        }
        with_infix(&self.place(), "partial")
    }

    /// Returns the other files that a run writes and replaces: the temporary file, and the rows so far.
    pub(crate) fn side_files(&self) -> Vec<PathBuf> {
        if !self.is_file() {
            return Vec::new();
        }
        vec![temporary::temporary(&self.place()), self.partial_path()]
    }

    /// Renames a file to the path of the output.
    pub(crate) fn replace_with(&self, from: &Path) -> Result<(), BotticelliError> {
        if from == self.path {
            return Ok(());
        }
        Ok(temporary::rename(from, &self.place()).map_err(|error| write::io_error(&self.path, error))?)
    }

    /// Returns the path, or the target of a link.
    fn place(&self) -> PathBuf {
        let is_link = std::fs::symlink_metadata(&self.path).is_ok_and(|found| found.is_symlink());
        if is_link { temporary::place_of(&self.path) } else { self.path.clone() }
    }

    /// Returns the path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the format.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Writes every row of `table` with the values of `answer`, one for each of `columns`. Returns the number of rows.
    ///
    /// An invalid row is passed as its error. Its columns are left out, or null.
    ///
    /// # Errors
    ///
    /// The error of `answer`, or a [`DataError`] if the table cannot be read, if a name of `columns` is a column of the table, or if
    /// the output cannot be written. The output is unchanged then.
    pub fn write_rows(
        &self,
        table: &Table,
        columns: &[AnswerColumn],
        mut answer: impl FnMut(Result<&Row, &DataError>) -> Result<Vec<Value>, BotticelliError>,
    ) -> Result<u64, BotticelliError> {
        let mut rows = table.read(&Projection::All)?;
        let mut writer = self.writer(table, columns)?;
        let mut count = 0_u64;
        while let Some(row) = rows.next_row() {
            match row {
                Ok(row) => writer.write(Some(&row), &answer(Ok(&row))?)?,
                Err(ReadError::Row { error, .. }) => writer.write(None, &answer(Err(&error))?)?,
                Err(ReadError::Fatal(error)) => return Err(error),
            }
            count = count.saturating_add(1);
        }
        writer.finish()?;
        Ok(count)
    }

    /// Fails if the output is a file of the input.
    pub(crate) fn check_input(&self, table: &Table) -> Result<(), BotticelliError> {
        let Ok(output) = std::fs::canonicalize(&self.path) else {
            return Ok(());
        };
        let is_same = |file: &PathBuf| std::fs::canonicalize(file).is_ok_and(|file| file == output);
        if table.files().iter().any(is_same) {
            let (reason, remedy) = ("is the input too", "Write to another file.");
            return Err(write::unsupported(&self.path, reason, remedy).into());
        }
        Ok(())
    }

    /// Returns a writer for the rows of `table` with these columns added.
    ///
    /// It reads the whole input first if the output states its columns and the input does not: JSON lines to CSV or Parquet.
    pub(crate) fn writer(
        &self,
        table: &Table,
        columns: &[AnswerColumn],
    ) -> Result<Box<dyn WriteRows>, BotticelliError> {
        self.check_input(table)?;
        match self.format {
            Format::JsonLines | Format::OpenAiBatch if table.has_requests() => {
                Ok(Box::new(openai::Writer::create(&self.path)?))
            }
            Format::JsonLines | Format::OpenAiBatch => {
                Ok(Box::new(json_lines::Writer::create(&self.path, columns)?))
            }
            #[cfg(feature = "csv")]
            Format::Csv => {
                let inherited = match table.format() {
                    Format::Csv => table.csv_header()?.delimiter,
                    _ => b',',
                };
                let delimiter = self.delimiter.unwrap_or(inherited);
                Ok(Box::new(csv::Writer::create(&self.path, table.all_columns()?, columns, delimiter)?))
            }
            #[cfg(feature = "parquet")]
            Format::Parquet => Ok(Box::new(parquet::Writer::create(&self.path, table, columns)?)),
            #[cfg(not(all(feature = "csv", feature = "parquet")))]
            other => {
                other.check_feature("output", &self.path)?;
                Err(write::unsupported(&self.path, "has a format that is not built", "Enable its feature.")
                    .into())
            }
        }
    }
}
