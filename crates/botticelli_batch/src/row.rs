//! Rows of a table.

use serde_json::{Map, Value};
use std::path::Path;
use std::sync::Arc;

/// A row of a table: its columns as JSON, and its place.
#[derive(Clone, Debug)]
pub struct Row {
    number: u64,
    file: Arc<Path>,
    line: u64,
    columns: Map<String, Value>,
    source: RowSource,
}

/// The row as its file has it, so that a writer of the same format can copy it unchanged.
#[derive(Clone, Debug)]
pub(crate) enum RowSource {
    /// The writer uses the columns.
    Columns,
    /// The text of a JSON object.
    Json(Box<str>),
}

impl Row {
    pub(crate) fn new(
        number: u64,
        file: Arc<Path>,
        line: u64,
        columns: Map<String, Value>,
        source: RowSource,
    ) -> Self {
        Self { number, file, line, columns, source }
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

    /// Returns the line in the file, or the number of the row in a file without lines, counted from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Returns the columns in the order of the file. After a projection, only the projected ones.
    pub fn columns(&self) -> &Map<String, Value> {
        &self.columns
    }

    pub(crate) fn source(&self) -> &RowSource {
        &self.source
    }
}
