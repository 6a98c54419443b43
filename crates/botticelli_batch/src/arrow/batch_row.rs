//! Rows of a record batch.

use super::exact::ExactText;
use arrow_array::RecordBatch;
use arrow_json::WriterBuilder;
use arrow_json::writer::LineDelimited;
use arrow_schema::ArrowError;
use serde_json::{Map, Value};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// A record batch, and its rows as JSON if a row was read.
#[derive(Debug)]
pub(crate) struct JsonBatch {
    batch: RecordBatch,
    lines: OnceLock<Lines>,
    /// The columns that requests need.
    selected: Option<Lines>,
    /// Memory of a row: its share of the batch.
    row_bytes: usize,
    /// Number of the batch in the table. Two passes over a table have the same batches.
    number: u64,
}

/// Lines of JSON, and the place of each.
#[derive(Debug, Default)]
struct Lines {
    text: Vec<u8>,
    ranges: Vec<Range<usize>>,
}

impl JsonBatch {
    /// Returns the batch with this number.
    ///
    /// # Errors
    ///
    /// A type has no form in JSON.
    pub(crate) fn new(batch: RecordBatch, number: u64) -> Result<Self, ArrowError> {
        // The types decide, so one row is enough for all.
        to_json_lines(&batch.slice(0, batch.num_rows().min(1)))?;
        // An output of another format needs the batch as JSON, which is about twice as large.
        let row_bytes = batch.get_array_memory_size().saturating_mul(3) / batch.num_rows().max(1);
        Ok(Self { batch, lines: OnceLock::new(), selected: None, row_bytes, number })
    }

    /// Reads these columns of all rows as the [selected](BatchRow::selected) ones.
    ///
    /// # Errors
    ///
    /// A type has no form in JSON.
    pub(crate) fn with_selected(mut self, names: &[String]) -> Result<Self, ArrowError> {
        let schema = self.batch.schema();
        let fields = schema.fields().iter().enumerate();
        let positions: Vec<_> =
            fields.filter(|(_, field)| names.contains(field.name())).map(|(position, _)| position).collect();
        let lines = Lines::of(to_json_lines(&self.batch.project(&positions)?)?);
        self.row_bytes = self.row_bytes.saturating_add(lines.text.len() / self.batch.num_rows().max(1));
        self.selected = Some(lines);
        Ok(self)
    }

    pub(crate) fn batch(&self) -> &RecordBatch {
        &self.batch
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Returns the line of a row. All rows are converted at once, because the start of a conversion takes longer than a row.
    fn line(&self, index: usize) -> &[u8] {
        self.lines.get_or_init(|| Lines::of(to_json_lines(&self.batch).unwrap_or_default())).get(index)
    }
}

impl Lines {
    fn of(text: Vec<u8>) -> Self {
        let mut ranges = Vec::new();
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', &text) {
            ranges.push(start..end);
            start = end.saturating_add(1);
        }
        Self { text, ranges }
    }

    fn get(&self, index: usize) -> &[u8] {
        self.ranges.get(index).and_then(|range| self.text.get(range.clone())).unwrap_or_default()
    }
}

/// A row of a record batch, which is shared with the other rows.
#[derive(Clone, Debug)]
pub(crate) struct BatchRow {
    pub(crate) batch: Arc<JsonBatch>,
    pub(crate) index: usize,
}

impl BatchRow {
    /// Returns the row as JSON.
    pub(crate) fn columns(&self) -> Map<String, Value> {
        serde_json::from_slice(self.batch.line(self.index)).unwrap_or_default()
    }

    /// Returns the columns that requests need as JSON, if the batch has them.
    pub(crate) fn selected(&self) -> Option<Map<String, Value>> {
        let lines = self.batch.selected.as_ref()?;
        serde_json::from_slice(lines.get(self.index)).ok()
    }

    /// Returns the memory of the row in bytes: its share of the batch.
    pub(crate) fn size(&self) -> usize {
        self.batch.row_bytes
    }
}

/// Returns one JSON object per row. A null is written, so that each row has each column.
pub(crate) fn to_json_lines(batch: &RecordBatch) -> Result<Vec<u8>, ArrowError> {
    let mut lines = Vec::new();
    let mut writer = WriterBuilder::new()
        .with_explicit_nulls(true)
        .with_encoder_factory(Arc::new(ExactText))
        .build::<_, LineDelimited>(&mut lines);
    writer.write(batch)?;
    writer.finish()?;
    drop(writer);
    Ok(lines)
}
