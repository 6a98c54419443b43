//! Tables of JSON lines.

use super::temporary::TemporaryFile;
use super::write::{WriteRows, column_exists, io_error};
use crate::answer::AnswerValues;
use crate::row::RowSource;
use crate::{AnswerColumn, Row};
use botticelli_error::{BotticelliError, DataError};
use std::borrow::Cow;
use std::io::{BufWriter, Write};
use std::path::Path;

pub(super) struct Writer {
    out: BufWriter<TemporaryFile>,
    columns: Vec<Name>,
}

/// The name of an answer column.
struct Name {
    name: String,
    /// The name as a JSON text.
    quoted: String,
}

impl Writer {
    pub(super) fn create(path: &Path, columns: &[AnswerColumn]) -> Result<Self, BotticelliError> {
        let out = BufWriter::with_capacity(64 << 10, TemporaryFile::create(path)?);
        let name = |column: &AnswerColumn| Name {
            name: column.name.clone(),
            quoted: serde_json::Value::from(column.name.as_str()).to_string(),
        };
        Ok(Self { out, columns: columns.iter().map(name).collect() })
    }

    fn failed(&self, error: std::io::Error) -> BotticelliError {
        io_error(self.out.get_ref().path(), error).into()
    }

    /// Fails if the row has a key of the answer. The first rows of a table do not show all keys.
    fn check_clash(&self, row: &Row) -> Result<(), DataError> {
        let may_clash = |name: &Name| {
            let RowSource::Json(text) = row.source() else { return true };
            text.contains(&name.quoted) || text.contains("\\u")
        };
        let clash =
            self.columns.iter().find(|name| may_clash(name) && row.columns().contains_key(&name.name));
        match clash {
            Some(name) => Err(column_exists(row.file(), &name.name).with_line(row.line())),
            None => Ok(()),
        }
    }

    fn write_row(&mut self, row: Option<&Row>, answer: &AnswerValues) -> std::io::Result<()> {
        let text = match row.map(|row| (row.source(), row)) {
            Some((RowSource::Json(text), _)) => Cow::Borrowed(text.trim_end()),
            Some((_, row)) => Cow::Owned(serde_json::to_string(row.columns())?),
            None => Cow::Borrowed("{}"),
        };
        // The answer goes before the closing brace, so that the rest of the row keeps its bytes.
        let open = text.strip_suffix('}').unwrap_or(&text).trim_end();
        self.out.write_all(open.as_bytes())?;
        let mut needs_comma = !open.ends_with('{');
        for (name, value) in self.columns.iter().zip(answer) {
            if needs_comma {
                self.out.write_all(b",")?;
            }
            needs_comma = true;
            self.out.write_all(name.quoted.as_bytes())?;
            self.out.write_all(b":")?;
            serde_json::to_writer(&mut self.out, value)?;
        }
        self.out.write_all(b"}\n")
    }
}

impl WriteRows for Writer {
    fn write(&mut self, row: Option<&Row>, answer: &AnswerValues) -> Result<(), BotticelliError> {
        if let Some(row) = row {
            self.check_clash(row)?;
        }
        self.write_row(row, answer).map_err(|error| self.failed(error))
    }

    fn publish(&mut self) -> Result<(), BotticelliError> {
        self.out.flush().map_err(|error| self.failed(error))?;
        Ok(self.out.get_mut().publish()?)
    }

    fn finish(&mut self) -> Result<(), BotticelliError> {
        self.out.flush().map_err(|error| self.failed(error))?;
        self.out.get_mut().finish()?;
        Ok(())
    }
}
