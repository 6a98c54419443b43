//! Questions about a table.

use super::accessors::{settings, task_request, task_response};
use super::{Table, TaskMetadata, TaskOptions, check};
use botticelli_error::BotticelliError;
use derive_builder::Builder;
use serde::{Deserialize, Serialize};

/// A request for the cells of a table that answer a question.
///
/// ```
/// use botticelli_core::tasks::{Table, TableQuestionRequest};
///
/// let table = Table::new().with_column("Repository", ["Transformers"]).with_column("Stars", ["36542"]);
/// let request = TableQuestionRequest::new("How many stars does Transformers have?", table);
/// assert_eq!(request.table().rows(), 1);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Builder, Serialize, Deserialize)]
#[builder(pattern = "owned", build_fn(private, name = "build_unchecked", error = "BotticelliError"))]
#[builder(default, setter(strip_option))]
#[serde(default)]
pub struct TableQuestionRequest {
    /// The question.
    #[builder(setter(into, strip_option = false))]
    question: String,
    /// The table.
    #[builder(setter(strip_option = false))]
    table: Table,
    #[builder(setter(custom), field(ty = "TaskOptions", build = "self.options"))]
    #[serde(flatten)]
    options: TaskOptions,
    /// Padding of the tokens: `do_not_pad`, `longest` or `max_length`. Default: the server's.
    #[builder(setter(into))]
    #[serde(skip_serializing_if = "Option::is_none")]
    padding: Option<String>,
    /// Use of earlier answers, for models with conversations about a table.
    #[serde(skip_serializing_if = "Option::is_none")]
    sequential: Option<bool>,
    /// Truncation of a large table.
    #[serde(skip_serializing_if = "Option::is_none")]
    truncation: Option<bool>,
}

const OWNER: &str = "TableQuestionRequest";

task_request!(TableQuestionRequest, TableQuestionRequestBuilder);
settings!(TableQuestionRequest {
    text "padding of the tokens: `do_not_pad`, `longest` or `max_length`." padding, with_padding: String;
    copy "use of earlier answers." sequential, with_sequential: bool;
    copy "truncation of a large table." truncation, with_truncation: bool;
});

impl TableQuestionRequest {
    /// Returns a request for the answer to `question` in `table`.
    pub fn new(question: impl Into<String>, table: Table) -> Self {
        Self { question: question.into(), table, ..Self::default() }
    }

    /// Returns the question.
    pub fn question(&self) -> &str {
        &self.question
    }

    /// Returns the table.
    pub const fn table(&self) -> &Table {
        &self.table
    }

    /// Checks the rules that the types do not enforce. The driver calls this before it sends anything.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`](botticelli_error::BuilderError) that names the field, its value and the remedy: no question, a table without
    /// rows, columns of different lengths.
    #[track_caller]
    pub fn validate(&self) -> Result<(), BotticelliError> {
        check::text(OWNER, "question", &self.question)?;
        self.table.validate(OWNER)
    }
}

/// An answer from a table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TableAnswer {
    text: String,
    coordinates: Vec<(usize, usize)>,
    cells: Vec<String>,
    aggregator: Option<String>,
}

impl TableAnswer {
    /// Returns an answer that consists of these cells.
    pub fn new(text: impl Into<String>, coordinates: Vec<(usize, usize)>, cells: Vec<String>) -> Self {
        Self { text: text.into(), coordinates, cells, aggregator: None }
    }

    /// Sets the function that joins the cells.
    pub fn with_aggregator(mut self, aggregator: Option<String>) -> Self {
        self.aggregator = aggregator;
        self
    }

    /// Returns the answer in words. It can contain the aggregator: `AVERAGE > 36542`.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the row and the column of each cell, counted from 0. The names of the columns are not a row.
    pub fn coordinates(&self) -> &[(usize, usize)] {
        &self.coordinates
    }

    /// Returns the text of each cell.
    pub fn cells(&self) -> &[String] {
        &self.cells
    }

    /// Returns the function that joins the cells, such as `SUM`, `COUNT`, `AVERAGE` or `NONE`. The model does not compute it.
    pub fn aggregator(&self) -> Option<&str> {
        self.aggregator.as_deref()
    }
}

/// The answers from a table. Most models give one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TableQuestionResponse {
    answers: Vec<TableAnswer>,
    metadata: TaskMetadata,
}

task_response!(TableQuestionResponse);

impl TableQuestionResponse {
    /// Returns a response with these answers.
    pub fn new(answers: Vec<TableAnswer>) -> Self {
        Self { answers, metadata: TaskMetadata::default() }
    }

    /// Returns the answers.
    pub fn answers(&self) -> &[TableAnswer] {
        &self.answers
    }

    /// Returns the first answer.
    pub fn best(&self) -> Option<&TableAnswer> {
        self.answers.first()
    }
}
