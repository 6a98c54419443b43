//! OpenAI batch output.

use super::temporary::TemporaryFile;
use super::write::{WriteRows, io_error};
use crate::Row;
use crate::answer::AnswerValues;
use botticelli_error::BotticelliError;
use serde_json::Value;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Writes one line per request: `id`, `custom_id`, `response`, `error`. The input is not repeated.
pub(super) struct Writer {
    out: BufWriter<TemporaryFile>,
}

impl Writer {
    pub(super) fn create(path: &Path) -> Result<Self, BotticelliError> {
        Ok(Self { out: BufWriter::with_capacity(64 << 10, TemporaryFile::create(path)?) })
    }

    fn failed(&self, error: std::io::Error) -> BotticelliError {
        io_error(self.out.get_ref().path(), error).into()
    }

    fn write_line(&mut self, row: Option<&Row>, answer: &AnswerValues) -> std::io::Result<()> {
        let custom_id = row.and_then(|row| row.columns().get("custom_id"));
        let mut values = answer.iter();
        let entries = [
            ("{\"id\":", values.next()),
            (",\"custom_id\":", custom_id),
            (",\"response\":", values.next()),
            (",\"error\":", values.next()),
        ];
        for (key, value) in entries {
            self.out.write_all(key.as_bytes())?;
            serde_json::to_writer(&mut self.out, value.unwrap_or(&Value::Null))?;
        }
        self.out.write_all(b"}\n")
    }
}

impl WriteRows for Writer {
    fn write(&mut self, row: Option<&Row>, answer: &AnswerValues) -> Result<(), BotticelliError> {
        self.write_line(row, answer).map_err(|error| self.failed(error))
    }

    fn finish(&mut self) -> Result<(), BotticelliError> {
        self.out.flush().map_err(|error| self.failed(error))?;
        self.out.get_mut().finish()?;
        Ok(())
    }
}
