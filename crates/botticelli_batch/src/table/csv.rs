//! Tables in CSV files.

use super::read::{Projection, ReadError, ReadRows, damaged, io_error, unsupported};
use super::text::{Line, Lines};
use crate::Row;
use crate::csv_record::{CsvHeader, CsvRecord, Split, split};
use crate::row::RowSource;
use botticelli_error::{DataError, DataErrorKind};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Settings of a reader.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options {
    /// `None`: the first of `,`, `;`, tab and `|` that the header has.
    pub(super) delimiter: Option<u8>,
    /// Size of the largest record in bytes.
    pub(super) limit: usize,
}

pub(super) struct Reader {
    files: std::vec::IntoIter<PathBuf>,
    projection: Projection,
    options: Options,
    header: Option<Arc<CsvHeader>>,
    open: Option<OpenFile>,
    number: u64,
}

struct OpenFile {
    path: Arc<Path>,
    lines: Lines,
    limit: usize,
    /// The record that was read last, without its line end.
    record: Vec<u8>,
    line: Vec<u8>,
}

/// A record that is not blank, and its first line.
enum Record {
    Read(u64),
    TooLong(u64),
    End,
}

impl Reader {
    pub(super) fn new(files: Vec<PathBuf>, projection: Projection, options: Options) -> Self {
        Self { files: files.into_iter(), projection, options, header: None, open: None, number: 0 }
    }

    /// Opens the next file, whose header must equal that of the first file.
    fn open_next(&mut self) -> Option<Result<OpenFile, DataError>> {
        let path = self.files.next()?;
        let header =
            self.header.get_or_insert_with(|| Arc::new(CsvHeader { names: Vec::new(), delimiter: 0 }));
        Some(OpenFile::open(&path, self.options).and_then(|(file, found)| {
            if header.names.is_empty() {
                *header = Arc::new(found);
            } else if **header != found {
                let remedy = "Read files with the same columns in the same order.";
                return Err(unsupported(&path, "has another header than the first file", remedy));
            }
            Ok(file)
        }))
    }

    fn row(&self, file: &OpenFile, header: &Arc<CsvHeader>, line: u64, number: u64) -> Result<Row, String> {
        let text = std::str::from_utf8(&file.record)
            .map_err(|error| format!("byte {} is not UTF-8", error.valid_up_to().saturating_add(1)))?;
        let fields = match split(text, header.delimiter) {
            Split::Fields(fields) => fields,
            Split::TextAfterQuote(position) => {
                return Err(format!(
                    "field {position} has text after its closing quote; write a quote inside as two"
                ));
            }
            Split::Open => return Err("a quote is not closed".to_owned()),
        };
        if fields.len() != header.names.len() {
            let (found, expected) = (fields.len(), header.names.len());
            return Err(format!("the number of fields is {found}, that of columns is {expected}"));
        }
        let path = file.path.clone();
        match &self.projection {
            Projection::All => {
                let source = RowSource::Csv(CsvRecord::new(header.clone(), text));
                Ok(Row::new(number, path, line, None, source))
            }
            Projection::Only(names) => {
                let columns = selected(header, fields, names);
                Ok(Row::new(number, path, line, columns, RowSource::Columns))
            }
            Projection::Selected(names) => {
                let source = RowSource::Csv(CsvRecord::new(header.clone(), text));
                Ok(Row::new(number, path, line, None, source).with_selected(selected(header, fields, names)))
            }
        }
    }
}

impl ReadRows for Reader {
    fn next_row(&mut self) -> Option<Result<Row, ReadError>> {
        loop {
            let mut file = match self.open.take() {
                Some(file) => file,
                None => match self.open_next()? {
                    Ok(file) => file,
                    Err(error) => return Some(Err(ReadError::Fatal(error.into()))),
                },
            };
            let header = self.header.clone()?;
            let (line, row) = match file.next_record(header.delimiter) {
                Ok(Record::End) => continue,
                Ok(Record::Read(line)) => (line, self.row(&file, &header, line, self.number)),
                Ok(Record::TooLong(line)) => {
                    (line, Err(format!("the line is longer than {} bytes", file.limit)))
                }
                Err(error) => return Some(Err(ReadError::Fatal(error.into()))),
            };
            let number = self.number;
            self.number = self.number.saturating_add(1);
            let path = file.path.clone();
            self.open = Some(file);
            return Some(row.map_err(|reason| {
                let kind = DataErrorKind::InvalidRow { reason };
                let error = DataError::new("input", path.display().to_string(), kind).with_line(line);
                ReadError::Row { number, error }
            }));
        }
    }
}

/// Returns the header of a file.
pub(super) fn header(path: &Path, options: Options) -> Result<CsvHeader, DataError> {
    OpenFile::open(path, options).map(|(_, header)| header)
}

impl OpenFile {
    /// Opens a file and reads its header.
    fn open(path: &Path, options: Options) -> Result<(Self, CsvHeader), DataError> {
        let lines = Lines::open(path, options.limit)?;
        let limit = options.limit;
        let mut file = Self { path: path.into(), lines, limit, record: Vec::new(), line: Vec::new() };
        // Until the delimiter is known, the end of the header follows from its quotes.
        let is_read = matches!(file.next_record(options.delimiter.unwrap_or(b','))?, Record::Read(_));
        if !is_read {
            return Err(DataError::new("input", path.display().to_string(), DataErrorKind::Empty));
        }
        let text = std::str::from_utf8(&file.record)
            .map_err(|_| unsupported(path, "has a header that is not UTF-8", "Convert the file to UTF-8."))?;
        let delimiter = options.delimiter.unwrap_or_else(|| delimiter_in(text));
        let Split::Fields(names) = split(text, delimiter) else {
            return Err(damaged(path, "the quotes of the header do not match").with_line(1));
        };
        let mut header = CsvHeader { names: Vec::with_capacity(names.len()), delimiter };
        for name in names {
            if name.contains('\r') {
                let remedy = "Convert the line ends, for example with `tr '\\r' '\\n'`.";
                return Err(unsupported(path, "has lines that end with CR alone", remedy));
            }
            if header.names.iter().any(|known| *known == name) {
                return Err(unsupported(path, format!("has two columns `{name}`"), "Rename one of them."));
            }
            header.names.push(name.into_owned());
        }
        Ok((file, header))
    }

    /// Reads the next record that is not blank into `record`.
    fn next_record(&mut self, delimiter: u8) -> Result<Record, DataError> {
        self.record.clear();
        let (mut first_line, mut is_open) = (0, false);
        loop {
            let state = self.lines.next(&mut self.line).map_err(|error| io_error(&self.path, error))?;
            let is_first = self.record.is_empty();
            let open_quote = |line: u64| {
                damaged(&self.path, "a quote that opens in this line is not closed").with_line(line)
            };
            match state {
                Line::End if is_first => return Ok(Record::End),
                Line::TooLong if is_first => return Ok(Record::TooLong(self.lines.number())),
                Line::End | Line::TooLong => return Err(open_quote(first_line)),
                Line::Read => {}
            }
            if is_first {
                first_line = self.lines.number();
                if without_end(&self.line).is_empty() {
                    continue;
                }
            }
            self.record.extend_from_slice(&self.line);
            if self.record.len() > self.limit {
                return Err(open_quote(first_line));
            }
            is_open = is_open_after(without_end(&self.line), is_open, delimiter);
            if !is_open {
                let length = without_end(&self.record).len();
                self.record.truncate(length);
                return Ok(Record::Read(first_line));
            }
        }
    }
}

fn selected(header: &CsvHeader, fields: Vec<Cow<'_, str>>, names: &[String]) -> Map<String, Value> {
    let columns = header.names.iter().zip(fields).filter(|(name, _)| names.contains(name));
    columns.map(|(name, field)| (name.clone(), Value::String(field.into_owned()))).collect()
}

/// Returns the first usual delimiter that the header has outside of quotes.
fn delimiter_in(header: &str) -> u8 {
    let mut in_quotes = false;
    let plain: String = header
        .chars()
        .filter(|c| {
            in_quotes ^= *c == '"';
            !in_quotes
        })
        .collect();
    [b',', b';', b'\t', b'|'].into_iter().find(|byte| plain.contains(char::from(*byte))).unwrap_or(b',')
}

/// Returns whether a quote is open at the end of a line, like [`split`] for the record so far. `is_open` is the state at its beginning.
///
/// Each line is looked at once, so that a long record takes no longer than short ones.
fn is_open_after(line: &[u8], mut is_open: bool, delimiter: u8) -> bool {
    let mut rest = line;
    loop {
        if !is_open {
            match rest.strip_prefix(b"\"") {
                Some(quoted) => rest = quoted,
                None => match memchr::memchr(delimiter, rest) {
                    Some(at) => {
                        rest = rest.get(at + 1..).unwrap_or_default();
                        continue;
                    }
                    None => return false,
                },
            }
        }
        let Some(at) = memchr::memchr(b'"', rest) else { return true };
        rest = rest.get(at + 1..).unwrap_or_default();
        match rest.split_first() {
            Some((b'"', after)) => (rest, is_open) = (after, true),
            Some((byte, after)) if *byte == delimiter => (rest, is_open) = (after, false),
            // The record ends, perhaps with text after a closing quote.
            _ => return false,
        }
    }
}

fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}
