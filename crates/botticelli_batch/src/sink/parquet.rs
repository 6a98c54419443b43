//! Tables in Parquet files.

use super::temporary::TemporaryFile;
use super::write::{WriteRows, column_exists, io_error, unsupported};
use crate::answer::AnswerValues;
use crate::arrow::{BatchRow, Inference, JsonBatch, array, field};
use crate::row::RowSource;
use crate::table::{Projection, ReadError};
use crate::{AnswerColumn, ColumnType, Format, Row, Table};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType, FieldRef, Metadata, Schema, SchemaRef};
use arrow_select::concat::concat_batches;
use botticelli_error::{BotticelliError, DataError, DataErrorKind};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows that are converted at once.
const CHUNK_ROWS: usize = 4_096;
/// Size of the JSON texts that are converted at once.
const CHUNK_BYTES: usize = 4 << 20;
/// Number of rows that are written as a batch instead of being copied to the next batch.
const WORTH_A_WRITE: usize = 512;
/// Size of a row group, which is in memory until it is written.
const GROUP_BYTES: usize = 16 << 20;

pub(super) struct Writer {
    path: PathBuf,
    /// `None` once the file is finished.
    out: Option<ArrowWriter<TemporaryFile>>,
    schema: SchemaRef,
    input: Input,
    columns: Vec<AnswerColumn>,
    answers: Vec<AnswerValues>,
    /// Size of the rows that are not converted yet.
    bytes: usize,
}

/// The rows that are not written yet.
enum Input {
    /// Rows of record batches: the batch, the first row and the number of rows.
    Batches(Vec<(Arc<JsonBatch>, usize, usize)>),
    /// Rows as JSON, and their columns. An invalid row is empty.
    Values { columns: Arc<[AnswerColumn]>, rows: Vec<Map<String, Value>> },
}

impl Writer {
    pub(super) fn create(
        path: &Path,
        table: &Table,
        columns: &[AnswerColumn],
    ) -> Result<Self, BotticelliError> {
        let (input, mut fields, metadata) = if table.format() == Format::Parquet {
            let schema = table.arrow_schema()?;
            let mut metadata = schema.metadata().clone();
            // The features of Hugging Face's `datasets` list the columns. With more columns, the file would not load.
            metadata.remove("huggingface");
            let fields: Vec<_> = schema.fields().iter().map(|field| output_field(field, table)).collect();
            (Input::Batches(Vec::new()), fields, metadata)
        } else {
            let columns: Arc<[AnswerColumn]> = inferred(table)?.into();
            let fields = columns.iter().map(|column| Arc::new(field(column))).collect();
            (Input::Values { columns, rows: Vec::new() }, fields, Metadata::default())
        };
        for column in columns {
            if fields.iter().any(|field| *field.name() == column.name) {
                return Err(column_exists(path, &column.name).into());
            }
            fields.push(Arc::new(field(column)));
        }
        let schema: SchemaRef = Arc::new(Schema::new_with_metadata(fields, metadata));
        // Nothing in the file depends on time or machine, so that equal rows give equal bytes.
        let properties = WriterProperties::builder()
            .set_created_by(format!("botticelli version {}", env!("CARGO_PKG_VERSION")))
            .set_compression(Compression::SNAPPY)
            .set_max_row_group_bytes(Some(GROUP_BYTES))
            .build();
        let file = TemporaryFile::create(path)?;
        let out = ArrowWriter::try_new(file, schema.clone(), Some(properties))
            .map_err(|error| failed(path, error))?;
        let (path, columns) = (path.to_owned(), columns.to_vec());
        Ok(Self { path, out: Some(out), schema, input, columns, answers: Vec::new(), bytes: 0 })
    }

    fn push(&mut self, row: Option<&Row>) -> Result<(), DataError> {
        match &mut self.input {
            Input::Batches(slices) => {
                let Some(RowSource::Arrow(BatchRow { batch, index })) = row.map(Row::source) else {
                    let reason = "has rows of another format";
                    return Err(unsupported(&self.path, reason, "Do not change the input during a run."));
                };
                let is_other_batch = slices.last().is_some_and(|(last, ..)| last.number() != batch.number());
                if is_other_batch && self.answers.len() >= WORTH_A_WRITE {
                    self.flush()?;
                    return self.push(row);
                }
                match slices.last_mut() {
                    Some((last, start, count))
                        if last.number() == batch.number() && start.saturating_add(*count) == *index =>
                    {
                        *count = count.saturating_add(1);
                    }
                    _ => {
                        // A batch is in memory as a whole, even for one row, but once for rows that follow each other.
                        let is_new =
                            !slices.iter().rev().take(16).any(|(other, ..)| other.number() == batch.number());
                        let size = if is_new { batch.batch().get_array_memory_size() / 4 } else { 0 };
                        self.bytes = self.bytes.saturating_add(size);
                        slices.push((batch.clone(), *index, 1));
                    }
                }
            }
            Input::Values { rows, .. } => {
                let columns = row.map(|row| row.columns().clone()).unwrap_or_default();
                self.bytes = self.bytes.saturating_add(columns.values().map(size).sum());
                rows.push(columns);
            }
        }
        Ok(())
    }

    /// Converts and writes the rows so far.
    fn flush(&mut self) -> Result<(), DataError> {
        let answers = std::mem::take(&mut self.answers);
        self.bytes = 0;
        let mut answer_arrays = Vec::with_capacity(self.columns.len());
        for (position, column) in self.columns.iter().enumerate() {
            let values: Vec<_> = answers.iter().map(|answer| answer.get(position)).collect();
            answer_arrays.push(self.column(column, &values)?);
        }
        let mut start = 0_usize;
        for mut arrays in self.take_input()? {
            let rows = arrays.first().map_or(answers.len(), |array| array.len());
            arrays.extend(answer_arrays.iter().map(|array| array.slice(start, rows)));
            start = start.saturating_add(rows);
            let batch = RecordBatch::try_new(self.schema.clone(), arrays).map_err(|error| {
                unsupported(&self.path, format!("cannot have the rows ({error})"), "Write JSON lines.")
            })?;
            if let Some(out) = &mut self.out {
                out.write(&batch).map_err(|error| failed(&self.path, error))?;
            }
        }
        Ok(())
    }

    /// Takes the columns of the rows so far, in one part or several.
    fn take_input(&mut self) -> Result<Vec<Vec<ArrayRef>>, DataError> {
        match &mut self.input {
            Input::Batches(slices) => {
                let mut parts = Vec::with_capacity(slices.len());
                for (batch, start, count) in slices.drain(..) {
                    let part = with_types_of(&batch.batch().slice(start, count), &self.schema);
                    parts.push(
                        part.map_err(|error| {
                            unsupported(&self.path, error.to_string(), "Write JSON lines.")
                        })?,
                    );
                }
                let one = match parts.as_slice() {
                    [first, _, ..] => concat_batches(&first.schema(), &parts).ok(),
                    _ => None,
                };
                // Several dictionaries may be too large for one. Then each part is written on its own.
                let parts = one.map_or(parts, |batch| vec![batch]);
                Ok(parts.iter().map(|batch| batch.columns().to_vec()).collect())
            }
            Input::Values { columns, rows } => {
                let (columns, rows) = (columns.clone(), std::mem::take(rows));
                if rows.is_empty() {
                    return Ok(Vec::new());
                }
                let arrays = columns.iter().map(|column| {
                    let values: Vec<_> = rows.iter().map(|row| row.get(&column.name)).collect();
                    self.column(column, &values)
                });
                Ok(vec![arrays.collect::<Result<_, _>>()?])
            }
        }
    }

    fn column(&self, column: &AnswerColumn, values: &[Option<&Value>]) -> Result<ArrayRef, DataError> {
        array(&column.kind, values).map_err(|reason| {
            let reason = format!("has a value of another type in column `{}` ({reason})", column.name);
            unsupported(&self.path, reason, "Write JSON lines.")
        })
    }
}

impl WriteRows for Writer {
    fn write(&mut self, row: Option<&Row>, answer: &AnswerValues) -> Result<(), BotticelliError> {
        self.push(row)?;
        self.bytes = self.bytes.saturating_add(answer.iter().map(size).sum());
        self.answers.push(answer.clone());
        if self.answers.len() >= CHUNK_ROWS || self.bytes >= CHUNK_BYTES {
            self.flush()?;
        }
        Ok(())
    }

    fn publish(&mut self) -> Result<(), BotticelliError> {
        // The index of the file is at its end.
        Ok(())
    }

    fn finish(&mut self) -> Result<(), BotticelliError> {
        self.flush()?;
        let Some(mut out) = self.out.take() else { return Ok(()) };
        out.finish().map_err(|error| failed(&self.path, error))?;
        out.sync().map_err(|error| io_error(&self.path, error))?;
        out.inner_mut().finish()?;
        Ok(())
    }
}

/// Returns the field of an input column. The dictionaries of several files together may need longer keys than each of them.
fn output_field(field: &FieldRef, table: &Table) -> FieldRef {
    match field.data_type() {
        DataType::Dictionary(key, value)
            if table.files().len() > 1 && !matches!(**key, DataType::Int64 | DataType::UInt64) =>
        {
            let longer = DataType::Dictionary(Box::new(DataType::Int32), value.clone());
            Arc::new(field.as_ref().clone().with_data_type(longer))
        }
        _ => field.clone(),
    }
}

/// Converts the columns to the types of the first fields of the schema.
fn with_types_of(batch: &RecordBatch, schema: &Schema) -> Result<RecordBatch, ArrowError> {
    let fields: Vec<_> = schema.fields().iter().take(batch.num_columns()).cloned().collect();
    let arrays = batch.columns().iter().zip(&fields).map(|(array, field)| {
        if array.data_type() == field.data_type() {
            Ok(array.clone())
        } else {
            cast(array, field.data_type())
        }
    });
    RecordBatch::try_new(Arc::new(Schema::new(fields.clone())), arrays.collect::<Result<_, _>>()?)
}

/// Returns the columns of the input with types that fit all rows.
fn inferred(table: &Table) -> Result<Vec<AnswerColumn>, BotticelliError> {
    if table.format() == Format::Csv {
        let names = table.columns()?;
        return Ok(names.into_iter().map(|name| AnswerColumn::new(name, ColumnType::Text)).collect());
    }
    let mut inference = Inference::default();
    let mut rows = table.read(&Projection::All)?;
    while let Some(row) = rows.next_row() {
        match row {
            Ok(row) => inference.add(row.columns()),
            Err(ReadError::Row { .. }) => {}
            Err(ReadError::Fatal(error)) => return Err(error),
        }
    }
    let path = table.files().first().map_or(Path::new(""), PathBuf::as_path);
    Ok(inference.columns(path)?)
}

/// Returns the approximate size of a value in memory.
fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len().saturating_add(32),
        Value::Array(items) => items.iter().map(size).fold(32, usize::saturating_add),
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| key.len().saturating_add(size(value)))
            .fold(64, usize::saturating_add),
        _ => 32,
    }
}

fn failed(path: &Path, error: ParquetError) -> DataError {
    match error {
        ParquetError::External(source) => match source.downcast::<std::io::Error>() {
            Ok(error) => io_error(path, *error),
            Err(source) => other(path, source.to_string()),
        },
        error => other(path, error.to_string()),
    }
}

fn other(path: &Path, reason: String) -> DataError {
    DataError::new("output", path.display().to_string(), DataErrorKind::Failed { reason })
}
