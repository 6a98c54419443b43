//! Rows of a record batch.

use super::exact::ExactText;
use arrow_array::RecordBatch;
use arrow_json::WriterBuilder;
use arrow_json::writer::LineDelimited;
use arrow_schema::ArrowError;
use serde_json::{Map, Value};
use std::sync::Arc;

/// A row of a record batch, which is shared with the other rows.
#[derive(Clone, Debug)]
pub(crate) struct BatchRow {
    pub(crate) batch: Arc<RecordBatch>,
    pub(crate) index: usize,
}

impl BatchRow {
    /// Returns the row as JSON. The reader has checked that each type has a form in JSON.
    pub(crate) fn columns(&self) -> Map<String, Value> {
        let line = to_json_lines(&self.batch.slice(self.index, 1)).unwrap_or_default();
        serde_json::from_slice(&line).unwrap_or_default()
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
