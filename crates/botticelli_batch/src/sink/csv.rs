//! Tables in CSV files.

use super::temporary::TemporaryFile;
use super::write::{WriteRows, column_exists, io_error, unsupported};
use crate::answer::AnswerValues;
use crate::csv_record::push_field;
use crate::row::RowSource;
use crate::{AnswerColumn, Row};
use botticelli_error::{BotticelliError, DataError};
use serde_json::Value;
use std::borrow::Cow;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

pub(super) struct Writer {
    path: PathBuf,
    out: BufWriter<TemporaryFile>,
    /// The columns of the input.
    names: Vec<String>,
    delimiter: u8,
    line: String,
}

impl Writer {
    pub(super) fn create(
        path: &Path,
        names: Vec<String>,
        columns: &[AnswerColumn],
        delimiter: u8,
    ) -> Result<Self, BotticelliError> {
        if let Some(column) = columns.iter().find(|column| names.contains(&column.name)) {
            return Err(column_exists(path, &column.name).into());
        }
        let out = BufWriter::with_capacity(64 << 10, TemporaryFile::create(path)?);
        let mut writer = Self { path: path.to_owned(), out, names, delimiter, line: String::new() };
        let answers = columns.iter().map(|column| &column.name);
        for (position, name) in writer.names.iter().chain(answers).enumerate() {
            push(&mut writer.line, position, name, delimiter);
        }
        writer.end_line()?;
        Ok(writer)
    }

    fn end_line(&mut self) -> Result<(), DataError> {
        if self.line.is_empty() {
            // A blank line is not a record.
            self.line.push_str("\"\"");
        }
        self.line.push('\n');
        let written = self.out.write_all(self.line.as_bytes());
        self.line.clear();
        written.map_err(|error| io_error(&self.path, error))
    }

    fn push_row(&mut self, row: Option<&Row>) -> Result<(), DataError> {
        match row.map(|row| (row.source(), row)) {
            Some((RowSource::Csv(record), _)) if record.header().delimiter == self.delimiter => {
                self.line.push_str(record.text());
            }
            Some((_, row)) => {
                let columns = row.columns();
                for (position, name) in self.names.iter().enumerate() {
                    let field = columns.get(name).map(field).unwrap_or_default();
                    push(&mut self.line, position, &field, self.delimiter);
                }
                if let Some(name) = columns.keys().find(|name| !self.names.contains(name)) {
                    let reason =
                        format!("has no column `{name}`, which the input has since it was read first");
                    return Err(unsupported(&self.path, reason, "Do not change the input during a run."));
                }
            }
            None => {
                for position in 0..self.names.len() {
                    push(&mut self.line, position, "", self.delimiter);
                }
            }
        }
        Ok(())
    }
}

impl WriteRows for Writer {
    fn write(&mut self, row: Option<&Row>, answer: &AnswerValues) -> Result<(), BotticelliError> {
        self.push_row(row)?;
        for (position, value) in answer.iter().enumerate() {
            let position = self.names.len().saturating_add(position);
            push(&mut self.line, position, &field(value), self.delimiter);
        }
        Ok(self.end_line()?)
    }

    fn publish(&mut self) -> Result<(), BotticelliError> {
        self.out.flush().map_err(|error| io_error(&self.path, error))?;
        Ok(self.out.get_mut().publish()?)
    }

    fn finish(&mut self) -> Result<(), BotticelliError> {
        self.out.flush().map_err(|error| io_error(&self.path, error))?;
        self.out.get_mut().finish()?;
        Ok(())
    }
}

fn push(line: &mut String, position: usize, field: &str, delimiter: u8) {
    if position > 0 {
        line.push(char::from(delimiter));
    }
    push_field(line, field, delimiter);
}

/// Returns text as it is, null as nothing, and everything else as JSON.
fn field(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => Cow::Borrowed(""),
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}
