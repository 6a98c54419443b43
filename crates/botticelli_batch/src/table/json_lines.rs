//! Tables of JSON lines.

use super::{Projection, ReadError, ReadRows};
use crate::Row;
use crate::row::RowSource;
use botticelli_error::{DataError, DataErrorKind};
use serde_json::{Map, Value};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(super) struct Reader {
    files: std::vec::IntoIter<PathBuf>,
    projection: Projection,
    open: Option<OpenFile>,
    number: u64,
    text: Vec<u8>,
}

struct OpenFile {
    path: Arc<Path>,
    lines: BufReader<File>,
    line: u64,
}

impl Reader {
    pub(super) fn new(files: Vec<PathBuf>, projection: Projection) -> Self {
        Self { files: files.into_iter(), projection, open: None, number: 0, text: Vec::new() }
    }

    /// Reads the next line that is not blank into `text`, and returns its file and number.
    fn next_line(&mut self) -> Option<Result<(Arc<Path>, u64), DataError>> {
        loop {
            if self.open.is_none() {
                let path = self.files.next()?;
                match File::open(&path) {
                    Ok(file) => {
                        let lines = BufReader::with_capacity(64 << 10, file);
                        self.open = Some(OpenFile { path: path.into(), lines, line: 0 });
                    }
                    Err(error) => {
                        return Some(Err(DataError::io("input", path.display().to_string(), error)));
                    }
                }
            }
            let open = self.open.as_mut()?;
            self.text.clear();
            match open.lines.read_until(b'\n', &mut self.text) {
                Ok(0) => self.open = None,
                Ok(_) => {
                    open.line += 1;
                    if open.line == 1 && self.text.starts_with(b"\xef\xbb\xbf") {
                        self.text.drain(..3);
                    }
                    if !self.text.trim_ascii().is_empty() {
                        return Some(Ok((open.path.clone(), open.line)));
                    }
                }
                Err(error) => {
                    return Some(Err(DataError::io("input", open.path.display().to_string(), error)));
                }
            }
        }
    }
}

impl ReadRows for Reader {
    fn next_row(&mut self) -> Option<Result<Row, ReadError>> {
        let (file, line) = match self.next_line()? {
            Ok(place) => place,
            Err(error) => return Some(Err(ReadError::Fatal(error.into()))),
        };
        let number = self.number;
        self.number += 1;
        let invalid = |reason: String| {
            let kind = DataErrorKind::InvalidRow { reason };
            let error = DataError::new("input", file.display().to_string(), kind).with_line(line);
            Some(Err(ReadError::Row { number, error }))
        };
        let text = match std::str::from_utf8(self.text.trim_ascii()) {
            Ok(text) => text,
            Err(error) => return invalid(error.to_string()),
        };
        let mut columns = match serde_json::from_str::<Map<String, Value>>(text) {
            Ok(columns) => columns,
            Err(error) => return invalid(error.to_string()),
        };
        let source = match &self.projection {
            Projection::All => RowSource::Json(text.into()),
            Projection::Only(names) => {
                columns.retain(|name, _| names.contains(name));
                RowSource::Columns
            }
        };
        Some(Ok(Row::new(number, file, line, columns, source)))
    }
}
