//! Rows of a table.

use crate::json;
use serde_json::{Map, Value};
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// A row of a table: its columns as JSON, and its place.
#[derive(Clone, Debug)]
pub struct Row {
    number: u64,
    file: Arc<Path>,
    line: u64,
    columns: OnceLock<Map<String, Value>>,
    /// The columns that a request needs, if they were read alone.
    selected: Option<Map<String, Value>>,
    source: RowSource,
}

/// The row as its file has it, so that a writer of the same format can copy it unchanged.
#[derive(Clone, Debug)]
pub(crate) enum RowSource {
    /// The writer uses the columns.
    Columns,
    /// The text of a JSON object, which was checked.
    Json(Box<str>),
    /// The fields of a CSV record, as many as the header has.
    #[cfg(feature = "csv")]
    Csv(crate::csv_record::CsvRecord),
    /// A row of a record batch.
    #[cfg(feature = "parquet")]
    Arrow(crate::arrow::BatchRow),
}

impl RowSource {
    fn columns(&self) -> Map<String, Value> {
        match self {
            Self::Columns => Map::new(),
            // The text was checked, so parsing it cannot fail.
            Self::Json(text) => json::parse(text, None).unwrap_or_default(),
            #[cfg(feature = "csv")]
            Self::Csv(record) => record.columns(),
            #[cfg(feature = "parquet")]
            Self::Arrow(row) => row.columns(),
        }
    }
}

impl Row {
    /// Returns a row. Without `columns`, they are read from `source` when they are used.
    pub(crate) fn new(
        number: u64,
        file: Arc<Path>,
        line: u64,
        columns: impl Into<Option<Map<String, Value>>>,
        source: RowSource,
    ) -> Self {
        let columns = columns.into().map_or_else(OnceLock::new, OnceLock::from);
        Self { number, file, line, columns, selected: None, source }
    }

    /// Returns the row with the columns that a request needs, which are read already.
    pub(crate) fn with_selected(mut self, columns: Map<String, Value>) -> Self {
        self.selected = Some(columns);
        self
    }

    /// Returns the columns that a request needs, or all columns.
    pub(crate) fn selected(&self) -> &Map<String, Value> {
        self.selected.as_ref().unwrap_or_else(|| self.columns())
    }

    /// Removes the columns that were read. They can be read again from the row as its file has it.
    pub(crate) fn forget_columns(&mut self) {
        self.selected = None;
        if !matches!(self.source, RowSource::Columns) {
            self.columns = OnceLock::new();
        }
    }

    /// Returns the size of the row as its file has it, in bytes.
    pub(crate) fn size(&self) -> usize {
        match &self.source {
            // A projected row is not kept.
            RowSource::Columns => 0,
            RowSource::Json(text) => text.len(),
            #[cfg(feature = "csv")]
            RowSource::Csv(record) => record.text().len(),
            #[cfg(feature = "parquet")]
            RowSource::Arrow(row) => row.size(),
        }
    }

    /// Returns the number of the row in the table, counted from 0 over all files.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Returns the file of the row.
    pub fn file(&self) -> &Path {
        &self.file
    }

    pub(crate) fn shared_file(&self) -> Arc<Path> {
        self.file.clone()
    }

    /// Returns the line in the file, or the number of the row in a Parquet file, counted from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Returns the columns in the order of the file. After a projection, only the projected ones.
    ///
    /// JSON has fewer types than some formats: the values of a CSV file are text, bytes are text in base64, times are text in
    /// ISO 8601. An integer of more than 64 bits is text, so that it keeps its digits.
    pub fn columns(&self) -> &Map<String, Value> {
        self.columns.get_or_init(|| self.source.columns())
    }

    pub(crate) fn source(&self) -> &RowSource {
        &self.source
    }
}
