//! OpenAI batch output.

use super::temporary::TemporaryFile;
use super::write::{WriteRows, io_error};
use crate::Row;
use crate::answer::AnswerValues;
use botticelli_error::BotticelliError;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
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
        let custom_id = row.and_then(|row| row.columns().get("custom_id")).unwrap_or(&Value::Null);
        let mut values = answer.iter();
        let (response, error) = (values.next(), values.next());
        let id = Value::from(match row {
            Some(row) => id_of(&format!("{} {custom_id}", row.number())),
            // Its error has the file and the line.
            None => id_of(&format!("invalid {}", error.unwrap_or(&Value::Null))),
        });
        let entries = [
            ("{\"id\":", Some(&id)),
            (",\"custom_id\":", Some(custom_id)),
            (",\"response\":", response),
            (",\"error\":", error),
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

/// Returns an id that is the same in every run, and different for each line.
fn id_of(line: &str) -> String {
    let hash = Sha256::digest(line);
    hash.iter().take(16).fold("batch_req_".to_owned(), |mut id, byte| {
        // Writing to a text does not fail.
        let _ = write!(id, "{byte:02x}");
        id
    })
}
