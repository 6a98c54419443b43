//! Tables in Parquet files.

use super::read::{Projection, ReadError, ReadRows, damaged, io_error, unsupported};
use crate::Row;
use crate::arrow::{BatchRow, JsonBatch, to_json_lines};
use crate::row::RowSource;
use arrow_schema::{ArrowError, Schema, SchemaRef};
use botticelli_error::DataError;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Size of a batch in memory, if all rows of the file have the same size.
const BATCH_BYTES: u64 = 4 << 20;
/// Largest number of rows of a batch.
const BATCH_ROWS: u64 = 8_192;

pub(super) struct Reader {
    files: std::vec::IntoIter<PathBuf>,
    projection: Projection,
    open: Option<OpenFile>,
    number: u64,
    /// Number of batches so far.
    batches: u64,
}

struct OpenFile {
    path: Arc<Path>,
    batches: ParquetRecordBatchReader,
    batch: Option<Batch>,
    line: u64,
}

/// A batch, of which the first rows were read.
enum Batch {
    Whole {
        batch: Arc<JsonBatch>,
        next: usize,
    },
    /// The projected columns as lines of JSON, and the place of the next line.
    Lines {
        lines: Vec<u8>,
        next: usize,
    },
}

impl Reader {
    pub(super) fn new(files: Vec<PathBuf>, projection: Projection) -> Self {
        Self { files: files.into_iter(), projection, open: None, number: 0, batches: 0 }
    }

    fn read(&mut self) -> Result<Option<Row>, DataError> {
        loop {
            let Some(open) = &mut self.open else {
                let Some(path) = self.files.next() else { return Ok(None) };
                self.open = Some(OpenFile::open(&path, &self.projection)?);
                continue;
            };
            if let Some(row) = open.next_in_batch(self.number)? {
                self.number = self.number.saturating_add(1);
                return Ok(Some(row));
            }
            match open.batches.next() {
                None => self.open = None,
                Some(Err(error)) => return Err(damaged(&open.path, error.to_string())),
                Some(Ok(batch)) => {
                    let number = self.batches;
                    self.batches = self.batches.saturating_add(1);
                    open.batch = Some(match self.projection {
                        Projection::All => {
                            let batch = JsonBatch::new(batch, number)
                                .map_err(|error| without_json(&open.path, &error))?;
                            Batch::Whole { batch: Arc::new(batch), next: 0 }
                        }
                        Projection::Selected(ref names) => {
                            let batch =
                                JsonBatch::new(batch, number).and_then(|batch| batch.with_selected(names));
                            let batch = batch.map_err(|error| without_json(&open.path, &error))?;
                            Batch::Whole { batch: Arc::new(batch), next: 0 }
                        }
                        Projection::Only(_) => {
                            let lines =
                                to_json_lines(&batch).map_err(|error| without_json(&open.path, &error))?;
                            Batch::Lines { lines, next: 0 }
                        }
                    });
                }
            }
        }
    }
}

impl ReadRows for Reader {
    fn next_row(&mut self) -> Option<Result<Row, ReadError>> {
        self.read().map_err(|error| ReadError::Fatal(error.into())).transpose()
    }
}

impl OpenFile {
    fn open(path: &Path, projection: &Projection) -> Result<Self, DataError> {
        let builder = builder(path)?;
        let groups = builder.metadata().row_groups();
        let (mut rows, mut bytes) = (0_u64, 0_u64);
        for group in groups {
            rows = rows.saturating_add(u64::try_from(group.num_rows()).unwrap_or(0));
            bytes = bytes.saturating_add(u64::try_from(group.total_byte_size()).unwrap_or(0));
        }
        let row_bytes = bytes.checked_div(rows).unwrap_or(0).max(1);
        let batch_rows = (BATCH_BYTES / row_bytes).clamp(1, BATCH_ROWS);
        let mask = match projection {
            Projection::All | Projection::Selected(_) => ProjectionMask::all(),
            Projection::Only(names) => {
                let fields = builder.schema().fields().iter().enumerate();
                let wanted = fields.filter(|(_, field)| names.contains(field.name()));
                let positions: Vec<_> = wanted.map(|(position, _)| position).collect();
                ProjectionMask::roots(builder.parquet_schema(), positions)
            }
        };
        let batches = builder
            .with_projection(mask)
            .with_batch_size(usize::try_from(batch_rows).unwrap_or(1))
            .build()
            .map_err(|error| failed(path, error))?;
        Ok(Self { path: path.into(), batches, batch: None, line: 0 })
    }

    fn next_in_batch(&mut self, number: u64) -> Result<Option<Row>, DataError> {
        let row = match &mut self.batch {
            Some(Batch::Whole { batch, next }) if *next < batch.batch().num_rows() => {
                let source = RowSource::Arrow(BatchRow { batch: batch.clone(), index: *next });
                *next = next.saturating_add(1);
                (None, source)
            }
            Some(Batch::Lines { lines, next }) if *next < lines.len() => {
                let rest = lines.get(*next..).unwrap_or_default();
                let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                let line = rest.get(..length).unwrap_or_default();
                *next = next.saturating_add(length).saturating_add(1);
                let columns = serde_json::from_slice(line)
                    .map_err(|error| damaged(&self.path, format!("a row is not JSON: {error}")))?;
                (Some(columns), RowSource::Columns)
            }
            _ => return Ok(None),
        };
        self.line = self.line.saturating_add(1);
        let (columns, source) = row;
        let selected = match &source {
            RowSource::Arrow(row) => row.selected(),
            _ => None,
        };
        let row = Row::new(number, self.path.clone(), self.line, columns, source);
        Ok(Some(match selected {
            Some(selected) => row.with_selected(selected),
            None => row,
        }))
    }
}

/// Returns the columns of the files, which must be the same. A column may be null if it may be null in one of them.
pub(super) fn schema(files: &[PathBuf]) -> Result<SchemaRef, DataError> {
    let mut first: Option<SchemaRef> = None;
    for path in files {
        let own = builder(path)?.schema().clone();
        let Some(schema) = first.take() else {
            for (position, field) in own.fields().iter().enumerate() {
                if own.fields().iter().take(position).any(|other| other.name() == field.name()) {
                    let reason = format!("has two columns `{}`", field.name());
                    return Err(unsupported(path, reason, "Rename one of them."));
                }
            }
            first = Some(own);
            continue;
        };
        first = Some(merged(&schema, &own).ok_or_else(|| {
            let remedy = "Read files with the same columns in the same order.";
            unsupported(path, "has other columns or types than the first file", remedy)
        })?);
    }
    Ok(first.unwrap_or_else(|| Arc::new(Schema::empty())))
}

fn merged(first: &Schema, other: &Schema) -> Option<SchemaRef> {
    if first.fields().len() != other.fields().len() {
        return None;
    }
    let pairs = first.fields().iter().zip(other.fields());
    let fields = pairs.map(|(first, other)| {
        let is_same = first.name() == other.name() && first.data_type() == other.data_type();
        let is_nullable = first.is_nullable() || other.is_nullable();
        is_same.then(|| first.as_ref().clone().with_nullable(is_nullable))
    });
    let fields = fields.collect::<Option<Vec<_>>>()?;
    Some(Arc::new(Schema::new_with_metadata(fields, first.metadata().clone())))
}

/// Returns the number of rows of the files.
pub(super) fn row_count(files: &[PathBuf]) -> Result<u64, DataError> {
    let mut count = 0_u64;
    for path in files {
        let rows = builder(path)?.metadata().file_metadata().num_rows();
        count = count.saturating_add(u64::try_from(rows).unwrap_or(0));
    }
    Ok(count)
}

fn without_json(path: &Path, error: &ArrowError) -> DataError {
    let reason = format!("has a column without a form in JSON ({error})");
    unsupported(path, reason, "Convert the column to text, or leave it out.")
}

fn builder(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>, DataError> {
    let file = File::open(path).map_err(|error| io_error(path, error))?;
    ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| failed(path, error))
}

fn failed(path: &Path, error: ParquetError) -> DataError {
    match error {
        ParquetError::External(source) => match source.downcast::<std::io::Error>() {
            Ok(error) => io_error(path, *error),
            Err(source) => damaged(path, source.to_string()),
        },
        ParquetError::NYI(reason) => {
            let remedy = "Write the file with the compression snappy or zstd.";
            unsupported(
                path,
                format!("uses a part of Parquet that this build cannot read ({reason})"),
                remedy,
            )
        }
        error => {
            let message = error.to_string();
            if message.to_lowercase().contains("feature") {
                let remedy = "Write the file with the compression snappy or zstd.";
                return unsupported(
                    path,
                    format!("has a compression that this build cannot read ({message})"),
                    remedy,
                );
            }
            damaged(path, message)
        }
    }
}
