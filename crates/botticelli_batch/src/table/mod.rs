//! Tables as input.

mod columns;
#[cfg(feature = "csv")]
mod csv;
mod files;
mod json_lines;
#[cfg(feature = "parquet")]
mod parquet;
mod read;
mod rows;
mod text;

pub(crate) use read::{Projection, ReadError, ReadRows};
pub use rows::Rows;

use crate::format::{check_delimiter, delimiter_of};
use crate::{Format, openai};
use botticelli_error::{BotticelliError, DataError, DataErrorKind};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// A table to read: one file, or several files of one format.
///
/// Rows are read while they are used. Memory holds a row, or a batch of about 4 MiB of a Parquet file, however long the table is.
///
/// ```no_run
/// use botticelli_batch::Table;
///
/// # fn main() -> Result<(), botticelli_error::BotticelliError> {
/// let table = Table::open("reviews/*.jsonl")?;
/// for row in table.rows()? {
///     println!("{:?}", row?.columns().get("text"));
/// }
/// # Ok(())
/// # }
/// ```
///
/// A file of JSON lines may have blank lines and a byte order mark. A row is invalid if it is not a JSON object, has a key twice or
/// is too long; the other rows are read. Numbers in the prompt look as in JSON. See [`Row::columns`](crate::Row::columns).
///
/// A CSV file has a header. Quotes follow RFC 4180: a field in quotes may have delimiters, line ends and doubled quotes. A row
/// with more or fewer fields than the header is invalid. Values are text.
#[derive(Clone, Debug)]
pub struct Table {
    files: Vec<PathBuf>,
    format: Format,
    delimiter: Option<u8>,
    max_row_bytes: usize,
}

/// Rows that are read to find the columns of JSON lines.
const SAMPLE: usize = 1_000;
/// Rows in which a file of requests for OpenAI's batch endpoint is recognized. The first ones may be damaged.
const FIRST_ROWS: usize = 10;

impl Table {
    /// Opens the files that a path or a pattern names, such as `data/*.jsonl`. The extension selects the format.
    ///
    /// The files of a pattern are read in the order of their names. Folders that match the pattern are skipped.
    ///
    /// # Errors
    ///
    /// A [`DataError`]:
    ///
    /// - A file does not exist, is a folder, is empty, is not what its extension says, or is an incomplete Parquet file.
    /// - The pattern matches no file.
    /// - The files have different formats or columns.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, BotticelliError> {
        Self::open_all([path])
    }

    /// Opens several files, in this order. Each may be a pattern.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_all(paths: impl IntoIterator<Item: AsRef<Path>>) -> Result<Self, BotticelliError> {
        let files = matching(paths)?;
        let mut format = None;
        for file in &files {
            files::check(file)?;
            let own = Format::of_path("input", file)?;
            if *format.get_or_insert(own) != own {
                let remedy = "Read the files of one format at a time.";
                return Err(read::unsupported(file, "has another format than the first file", remedy).into());
            }
        }
        let mut table = Self::new(files, format.unwrap_or(Format::JsonLines))?;
        let rows = table.rows()?;
        if table.format == Format::JsonLines
            && rows.take(FIRST_ROWS).flatten().any(|row| openai::is_request(row.columns()))
        {
            table.format = Format::OpenAiBatch;
        }
        Ok(table)
    }

    /// Opens the files that a path or a pattern names, whatever their extension and content.
    ///
    /// [`Format::JsonLines`] reads OpenAI's batch files as any other rows.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_as(path: impl AsRef<Path>, format: Format) -> Result<Self, BotticelliError> {
        let files = matching([path])?;
        for file in &files {
            files::check(file)?;
            format.check_feature("input", file)?;
        }
        Self::new(files, format)
    }

    fn new(files: Vec<PathBuf>, format: Format) -> Result<Self, BotticelliError> {
        let delimiter = files.first().map(|file| delimiter_of(file)).filter(|delimiter| *delimiter != b',');
        let table = Self { files, format, delimiter, max_row_bytes: 64 << 20 };
        table.inspect()?;
        let first = table.read(&Projection::All)?.next_row();
        match first {
            None => Err(DataError::new("input", table.place(), DataErrorKind::Empty).into()),
            Some(Err(ReadError::Fatal(error))) => Err(error),
            Some(_) => Ok(table),
        }
    }

    /// Checks what can be checked without reading rows.
    fn inspect(&self) -> Result<(), BotticelliError> {
        match self.format {
            Format::JsonLines | Format::OpenAiBatch => {
                for file in &self.files {
                    text::open_text(file)?;
                }
            }
            #[cfg(feature = "csv")]
            Format::Csv => {
                let options = self.csv_options();
                let mut first = None;
                for file in &self.files {
                    let header = csv::header(file, options)?;
                    if *first.get_or_insert_with(|| header.clone()) != header {
                        let remedy = "Read files with the same columns in the same order.";
                        let reason = "has another header than the first file";
                        return Err(read::unsupported(file, reason, remedy).into());
                    }
                }
            }
            #[cfg(feature = "parquet")]
            Format::Parquet => {
                parquet::schema(&self.files)?;
            }
            #[cfg(not(all(feature = "csv", feature = "parquet")))]
            other => self.files.iter().try_for_each(|file| other.check_feature("input", file))?,
        }
        Ok(())
    }

    /// Sets the delimiter of CSV files. Default: a tab for `.tsv`, otherwise the first of `,`, `;`, tab and `|` in the header.
    ///
    /// # Errors
    ///
    /// A [`DataError`] if the character is a quote, a letter, a digit or a line end, or if the files differ in their columns.
    pub fn with_delimiter(mut self, delimiter: u8) -> Result<Self, BotticelliError> {
        for file in &self.files {
            check_delimiter("input", file, delimiter)?;
        }
        self.delimiter = Some(delimiter);
        self.inspect()?;
        Ok(self)
    }

    /// Sets the size of the largest row of a text file, in bytes. Default: 64 MiB. A longer row of JSON lines is invalid.
    pub fn with_max_row_bytes(mut self, max_row_bytes: usize) -> Self {
        self.max_row_bytes = max_row_bytes;
        self
    }

    /// Returns the size of the largest row of a text file, in bytes.
    pub fn max_row_bytes(&self) -> usize {
        self.max_row_bytes
    }

    /// Returns the format.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Returns the files in the order in which they are read.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Returns the names of the columns. For JSON lines, these are the columns of the first 1,000 rows.
    ///
    /// # Errors
    ///
    /// A [`DataError`] if a file cannot be read.
    pub fn columns(&self) -> Result<Vec<String>, BotticelliError> {
        match self.format {
            #[cfg(feature = "csv")]
            Format::Csv => self.csv_header().map(|header| header.names),
            #[cfg(feature = "parquet")]
            Format::Parquet => {
                Ok(self.arrow_schema()?.fields().iter().map(|field| field.name().clone()).collect())
            }
            _ => columns::in_rows(&mut *self.read(&Projection::All)?, SAMPLE),
        }
    }

    /// Returns the names of the columns of all rows.
    #[cfg(feature = "csv")]
    pub(crate) fn all_columns(&self) -> Result<Vec<String>, BotticelliError> {
        match self.format {
            Format::JsonLines | Format::OpenAiBatch => {
                columns::in_rows(&mut *self.read(&Projection::All)?, usize::MAX)
            }
            _ => self.columns(),
        }
    }

    /// Returns the number of rows if the files state it, as Parquet does.
    ///
    /// # Errors
    ///
    /// A [`DataError`] if a file cannot be read.
    pub fn row_count(&self) -> Result<Option<u64>, BotticelliError> {
        match self.format {
            #[cfg(feature = "parquet")]
            Format::Parquet => parquet::row_count(&self.files).map(Some).map_err(Into::into),
            _ => Ok(None),
        }
    }

    /// Returns a text that changes with the input: a hash of the names of the files without folders, their sizes, and the first and
    /// last 64 KiB of each. It is the same on every machine.
    ///
    /// # Errors
    ///
    /// A [`DataError`] if a file cannot be read.
    pub fn identity(&self) -> Result<String, BotticelliError> {
        let mut hash = Sha256::new();
        hash.update(format!("{:?} {:?} ", self.format, self.delimiter));
        for file in &self.files {
            files::add_identity(file, &mut hash)?;
        }
        Ok(hash.finalize().iter().take(16).fold(String::new(), |mut text, byte| {
            // Writing to a text does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        }))
    }

    /// Returns the rows.
    ///
    /// # Errors
    ///
    /// A [`DataError`] if the first file cannot be read.
    pub fn rows(&self) -> Result<Rows, BotticelliError> {
        self.read(&Projection::All).map(Rows::new)
    }

    /// Returns the rows with these columns only, which takes less time and memory than all columns.
    ///
    /// A column that a row does not have is left out. Rows are as valid as in [`rows`](Self::rows).
    ///
    /// # Errors
    ///
    /// A [`DataError`] if the first file cannot be read.
    pub fn rows_of(&self, columns: impl IntoIterator<Item: Into<String>>) -> Result<Rows, BotticelliError> {
        let names = columns.into_iter().map(Into::into).collect();
        self.read(&Projection::Only(names)).map(Rows::new)
    }

    /// Returns a reader from the first row.
    #[allow(clippy::unnecessary_wraps, reason = "it fails without the feature of a format")]
    pub(crate) fn read(&self, projection: &Projection) -> Result<Box<dyn ReadRows>, BotticelliError> {
        let (files, projection) = (self.files.clone(), projection.clone());
        match self.format {
            Format::JsonLines | Format::OpenAiBatch => {
                Ok(Box::new(json_lines::Reader::new(files, projection, self.max_row_bytes)))
            }
            #[cfg(feature = "csv")]
            Format::Csv => Ok(Box::new(csv::Reader::new(files, projection, self.csv_options()))),
            #[cfg(feature = "parquet")]
            Format::Parquet => Ok(Box::new(parquet::Reader::new(files, projection))),
            #[cfg(not(all(feature = "csv", feature = "parquet")))]
            other => {
                files.iter().try_for_each(|file| other.check_feature("input", file))?;
                Err(DataError::new("input", self.place(), DataErrorKind::Empty).into())
            }
        }
    }

    /// Returns whether each row is a request, so that a run needs no template.
    pub(crate) fn has_requests(&self) -> bool {
        self.format == Format::OpenAiBatch
    }

    #[cfg(feature = "csv")]
    fn csv_options(&self) -> csv::Options {
        csv::Options { delimiter: self.delimiter, limit: self.max_row_bytes }
    }

    #[cfg(feature = "csv")]
    pub(crate) fn csv_header(&self) -> Result<crate::csv_record::CsvHeader, BotticelliError> {
        match self.files.first() {
            Some(file) => Ok(csv::header(file, self.csv_options())?),
            None => Err(DataError::new("input", self.place(), DataErrorKind::Empty).into()),
        }
    }

    #[cfg(feature = "parquet")]
    pub(crate) fn arrow_schema(&self) -> Result<arrow_schema::SchemaRef, BotticelliError> {
        Ok(parquet::schema(&self.files)?)
    }

    /// Returns the first file, and the number of the others.
    fn place(&self) -> String {
        let first = self.files.first().map(|file| file.display().to_string()).unwrap_or_default();
        match self.files.len() {
            0 | 1 => first,
            count => format!("{first} and {} more", count.saturating_sub(1)),
        }
    }
}

fn matching(paths: impl IntoIterator<Item: AsRef<Path>>) -> Result<Vec<PathBuf>, BotticelliError> {
    let mut files = Vec::new();
    for path in paths {
        files.extend(files::matching(path.as_ref())?);
    }
    if files.is_empty() {
        let kind =
            DataErrorKind::Unsupported { reason: "has no file".to_owned(), remedy: "Give at least one." };
        return Err(DataError::new("input", "", kind).into());
    }
    Ok(files)
}
