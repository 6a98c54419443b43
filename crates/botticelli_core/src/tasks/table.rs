//! Tables as input: columns of cells.

use botticelli_error::{BotticelliError, BuilderError};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

/// A table: named columns of text cells, in their order.
///
/// ```
/// use botticelli_core::tasks::Table;
///
/// let table = Table::new().with_column("Repository", ["Transformers", "Datasets"]).with_column("Stars", ["36542", "4512"]);
/// assert_eq!(table.rows(), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "serde_json::Map<String, serde_json::Value>")]
pub struct Table {
    columns: Vec<(String, Vec<String>)>,
}

impl Table {
    /// Returns a table without columns.
    pub const fn new() -> Self {
        Self { columns: Vec::new() }
    }

    /// Adds a column.
    pub fn with_column<T: Into<String>>(
        mut self,
        name: impl Into<String>,
        cells: impl IntoIterator<Item = T>,
    ) -> Self {
        self.columns.push((name.into(), cells.into_iter().map(Into::into).collect()));
        self
    }

    /// Returns the columns with their cells.
    pub fn columns(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.columns.iter().map(|(name, cells)| (name.as_str(), cells.as_slice()))
    }

    /// Returns the number of rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, cells)| cells.len())
    }

    /// Rejects a table without rows, with columns of different lengths, or with two columns of one name.
    #[track_caller]
    pub(super) fn validate(&self, owner: &'static str) -> Result<(), BotticelliError> {
        if self.rows() == 0 {
            let remedy = "give at least one column with at least one cell";
            return Err(BuilderError::missing(owner, "table", remedy).into());
        }
        for (at, (name, cells)) in self.columns.iter().enumerate() {
            if cells.len() != self.rows() {
                let (field, value) = (format!("table.{name}"), format!("{} cells long", cells.len()));
                let reason = format!("the first column has {}", self.rows());
                return Err(BuilderError::refused(
                    owner,
                    field,
                    value,
                    reason,
                    "give every column as many cells",
                )
                .into());
            }
            if self.columns.iter().take(at).any(|(other, _)| other == name) {
                let reason = "another column has this name";
                return Err(BuilderError::refused(
                    owner,
                    "table",
                    name.clone(),
                    reason,
                    "rename one of them",
                )
                .into());
            }
        }
        Ok(())
    }
}

/// An object with a list of cells for each column.
impl Serialize for Table {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.columns.len()))?;
        for (name, cells) in &self.columns {
            map.serialize_entry(name, cells)?;
        }
        map.end()
    }
}

impl From<serde_json::Map<String, serde_json::Value>> for Table {
    /// Reads an object. Cells that are not text become their JSON.
    fn from(object: serde_json::Map<String, serde_json::Value>) -> Self {
        let cell = |value: &serde_json::Value| match value {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let cells = |value: serde_json::Value| match value {
            serde_json::Value::Array(list) => list.iter().map(cell).collect(),
            other => vec![cell(&other)],
        };
        Self { columns: object.into_iter().map(|(name, value)| (name, cells(value))).collect() }
    }
}
