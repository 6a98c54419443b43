//! Tables of JSON lines.

use super::read::{Projection, ReadError, ReadRows, io_error, unsupported};
use super::text::{Line, Lines};
use crate::row::RowSource;
use crate::{Row, json};
use botticelli_error::{DataError, DataErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(super) struct Reader {
    files: std::vec::IntoIter<PathBuf>,
    projection: Projection,
    limit: usize,
    open: Option<(Arc<Path>, Lines)>,
    number: u64,
    text: Vec<u8>,
}

/// A line that is not blank.
struct Place {
    file: Arc<Path>,
    line: u64,
    state: Line,
}

impl Reader {
    pub(super) fn new(files: Vec<PathBuf>, projection: Projection, limit: usize) -> Self {
        Self { files: files.into_iter(), projection, limit, open: None, number: 0, text: Vec::new() }
    }

    /// Reads the next line that is not blank into `text`, and returns its place.
    fn next_line(&mut self) -> Option<Result<Place, DataError>> {
        loop {
            let Some((path, lines)) = &mut self.open else {
                let path = self.files.next()?;
                match Lines::open(&path, self.limit) {
                    Ok(lines) => self.open = Some((path.into(), lines)),
                    Err(error) => return Some(Err(error)),
                }
                continue;
            };
            match lines.next(&mut self.text) {
                Ok(Line::End) => self.open = None,
                Ok(Line::Read) if self.text.trim_ascii().is_empty() => {}
                Ok(state) => return Some(Ok(Place { file: path.clone(), line: lines.number(), state })),
                Err(error) => return Some(Err(io_error(path, error))),
            }
        }
    }

    /// Parses the line in `text`.
    fn row(&self, file: &Arc<Path>, line: u64, number: u64) -> Result<Row, String> {
        let text = std::str::from_utf8(self.text.trim_ascii())
            .map_err(|error| format!("byte {} is not UTF-8", error.valid_up_to().saturating_add(1)))?;
        match &self.projection {
            Projection::All => {
                json::check(text)?;
                Ok(Row::new(number, file.clone(), line, None, RowSource::Json(text.into())))
            }
            Projection::Only(names) => {
                let columns = json::parse(text, Some(names))?;
                Ok(Row::new(number, file.clone(), line, columns, RowSource::Columns))
            }
            Projection::Selected(names) => {
                let columns = json::parse(text, Some(names))?;
                let row = Row::new(number, file.clone(), line, None, RowSource::Json(text.into()));
                Ok(row.with_selected(columns))
            }
        }
    }
}

impl ReadRows for Reader {
    fn next_row(&mut self) -> Option<Result<Row, ReadError>> {
        let Place { file, line, state } = match self.next_line()? {
            Ok(place) => place,
            Err(error) => return Some(Err(ReadError::Fatal(error.into()))),
        };
        if line == 1 && self.text.trim_ascii_start().starts_with(b"[") {
            let remedy = "Write one object per line, for example with `jq -c '.[]'`.";
            return Some(Err(ReadError::Fatal(unsupported(&file, "is a JSON array", remedy).into())));
        }
        if line == 1 && self.text.trim_ascii() == b"{" {
            let remedy = "Write one object per line, for example with `jq -c .`.";
            let error = unsupported(&file, "has objects over several lines", remedy);
            return Some(Err(ReadError::Fatal(error.into())));
        }
        let number = self.number;
        self.number = self.number.saturating_add(1);
        let row = match state {
            Line::TooLong => Err(format!("the line is longer than {} bytes", self.limit)),
            Line::Read | Line::End => self.row(&file, line, number),
        };
        Some(row.map_err(|reason| {
            let kind = DataErrorKind::InvalidRow { reason };
            let error = DataError::new("input", file.display().to_string(), kind).with_line(line);
            ReadError::Row { number, error }
        }))
    }
}
