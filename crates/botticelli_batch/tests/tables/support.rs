//! Files, rows and answers of the tests.

use botticelli_batch::{AnswerColumn, ColumnType, Row, Sink, Table};
use botticelli_error::{BotticelliError, BotticelliErrorKind, DataError, DataErrorKind};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A folder with files.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Returns the path of a name in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file, and returns its path.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

/// Opens a file with this content.
pub(crate) fn table(folder: &Folder, name: &str, content: impl AsRef<[u8]>) -> Table {
    Table::open(folder.write(name, content)).unwrap()
}

/// Returns the valid rows as JSON.
pub(crate) fn valid_rows(table: &Table) -> Vec<Value> {
    table.rows().unwrap().filter_map(Result::ok).map(|row| Value::Object(row.columns().clone())).collect()
}

/// Returns the data error of an error.
pub(crate) fn data_error(error: &BotticelliError) -> &DataError {
    match error.kind() {
        BotticelliErrorKind::Data(error) => error,
        other => panic!("{other:?}"),
    }
}

/// Returns the line and the reason of each invalid row.
pub(crate) fn invalid_rows(table: &Table) -> Vec<(u64, String)> {
    let errors = table.rows().unwrap().filter_map(Result::err);
    errors
        .map(|error| {
            let error = data_error(&error);
            match error.kind() {
                DataErrorKind::InvalidRow { reason } => (error.line().unwrap(), reason.clone()),
                other => panic!("{other:?}"),
            }
        })
        .collect()
}

/// Returns the message of a table that cannot be opened.
pub(crate) fn refusal(folder: &Folder, name: &str, content: impl AsRef<[u8]>) -> String {
    Table::open(folder.write(name, content)).unwrap_err().to_string()
}

/// The columns that the tests add.
pub(crate) fn answer_columns() -> Vec<AnswerColumn> {
    vec![AnswerColumn::new("label", ColumnType::Text), AnswerColumn::new("error", ColumnType::Text)]
}

#[allow(clippy::unnecessary_wraps, reason = "the type that `write_rows` takes")]
/// The answer to a row: its number, or its error.
pub(crate) fn answer(row: Result<&Row, &DataError>) -> Result<Vec<Value>, BotticelliError> {
    Ok(match row {
        Ok(row) => vec![json!(format!("row {}", row.number())), Value::Null],
        Err(_) => vec![Value::Null, json!("invalid")],
    })
}

/// Writes the table with the answers of [`answer`], and returns the text of the output.
pub(crate) fn written(table: &Table, output: &Path) -> String {
    Sink::create(output).unwrap().write_rows(table, &answer_columns(), answer).unwrap();
    std::fs::read_to_string(output).unwrap()
}
