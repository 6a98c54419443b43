//! Tables of JSON lines.

use super::WriteRows;
use crate::answer::AnswerValues;
use crate::row::RowSource;
use crate::{AnswerColumn, Row};
use botticelli_error::{BotticelliError, DataError};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

pub(super) struct Writer {
    path: PathBuf,
    temporary: PathBuf,
    out: BufWriter<File>,
    /// The names of the answer's columns, as JSON texts with a colon.
    names: Vec<String>,
    is_finished: bool,
}

impl Writer {
    pub(super) fn create(path: &Path, columns: &[AnswerColumn]) -> Result<Self, BotticelliError> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".tmp");
        let temporary = path.with_file_name(name);
        let file = File::create(&temporary)
            .map_err(|error| DataError::io("output", path.display().to_string(), error))?;
        let names = columns.iter().map(|column| format!("{}:", serde_json::json!(column.name))).collect();
        let out = BufWriter::with_capacity(64 << 10, file);
        Ok(Self { path: path.to_owned(), temporary, out, names, is_finished: false })
    }

    fn failed(&self, error: std::io::Error) -> BotticelliError {
        DataError::io("output", self.path.display().to_string(), error).into()
    }

    fn write_row(&mut self, row: Option<&Row>, answer: &AnswerValues) -> std::io::Result<()> {
        let text = match row.map(|row| (row.source(), row.columns())) {
            Some((RowSource::Json(text), _)) => text.trim_end().to_owned(),
            Some((RowSource::Columns, columns)) => serde_json::to_string(columns)?,
            None => "{}".to_owned(),
        };
        // The answer goes before the closing brace, so that the rest of the row keeps its bytes.
        let open = text.strip_suffix('}').unwrap_or(&text).trim_end();
        self.out.write_all(open.as_bytes())?;
        let mut needs_comma = !open.ends_with('{');
        for (name, value) in self.names.iter().zip(answer) {
            if needs_comma {
                self.out.write_all(b",")?;
            }
            needs_comma = true;
            self.out.write_all(name.as_bytes())?;
            serde_json::to_writer(&mut self.out, value)?;
        }
        self.out.write_all(b"}\n")
    }
}

impl WriteRows for Writer {
    fn write(&mut self, row: Option<&Row>, answer: &AnswerValues) -> Result<(), BotticelliError> {
        self.write_row(row, answer).map_err(|error| self.failed(error))
    }

    fn finish(&mut self) -> Result<(), BotticelliError> {
        self.out.flush().map_err(|error| self.failed(error))?;
        self.out.get_ref().sync_all().map_err(|error| self.failed(error))?;
        std::fs::rename(&self.temporary, &self.path).map_err(|error| self.failed(error))?;
        self.is_finished = true;
        Ok(())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if !self.is_finished {
            // A leftover file is overwritten by the next run.
            let _ = std::fs::remove_file(&self.temporary);
        }
    }
}
