//! Tabular data: a label or a number for each row of a table.

use super::accessors::{task_request, task_response};
use super::{Table, TaskMetadata, TaskOptions};
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use serde::{Deserialize, Serialize};

/// A request for a label or a number for each row of a table.
///
/// ```
/// use botticelli_core::tasks::{Table, TabularRequest};
///
/// let table = Table::new().with_column("alcohol", ["9.4", "9.8"]).with_column("sulphates", ["0.56", "0.68"]);
/// assert_eq!(TabularRequest::new(table).table().rows(), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Builder, Serialize, Deserialize)]
#[builder(pattern = "owned", build_fn(private, name = "build_unchecked", error = "BotticelliError"))]
#[builder(default)]
#[serde(default)]
pub struct TabularRequest {
    /// The table, with one column for each feature.
    table: Table,
    #[builder(setter(custom), field(ty = "TaskOptions", build = "self.options"))]
    #[serde(flatten)]
    options: TaskOptions,
}

task_request!(TabularRequest, TabularRequestBuilder);

impl TabularRequest {
    /// Returns a request for the rows of `table`.
    pub fn new(table: Table) -> Self {
        Self { table, ..Self::default() }
    }

    /// Returns the table.
    pub const fn table(&self) -> &Table {
        &self.table
    }

    /// Checks the rules that the types do not enforce. The driver calls this before it sends anything.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`](botticelli_error::BuilderError) that names the field, its value and the remedy: a table without rows, columns
    /// of different lengths.
    #[track_caller]
    pub fn validate(&self) -> Result<(), BotticelliError> {
        self.table.validate("TabularRequest")
    }
}

/// The label of each row.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TabularClassificationResponse {
    labels: Vec<String>,
    metadata: TaskMetadata,
}

task_response!(TabularClassificationResponse);

impl TabularClassificationResponse {
    /// Returns a response with these labels.
    pub fn new(labels: Vec<String>) -> Self {
        Self { labels, metadata: TaskMetadata::default() }
    }

    /// Returns the label of each row. A number is its decimal text.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }
}

/// The number of each row.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TabularRegressionResponse {
    values: Vec<f64>,
    metadata: TaskMetadata,
}

task_response!(TabularRegressionResponse);

impl TabularRegressionResponse {
    /// Returns a response with these numbers.
    pub fn new(values: Vec<f64>) -> Self {
        Self { values, metadata: TaskMetadata::default() }
    }

    /// Returns the number of each row.
    pub fn values(&self) -> &[f64] {
        &self.values
    }
}
