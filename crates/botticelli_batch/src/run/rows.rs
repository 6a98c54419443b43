//! The rows of the table with their requests.

use super::plan::SharedPlan;
use crate::prompt::{Rendered, Repeats, RowFailure, RowKey, file_name};
use crate::table::{Projection, ReadError, ReadRows};
use crate::{Row, openai};
use botticelli_error::{BotticelliError, DataError, DataErrorKind};
use serde_json::Value;
use std::collections::HashSet;
use std::path::Path;

/// The rows of a run, in order. Both passes use it, so that they agree on the rows of a shard and on their keys.
pub(crate) struct PlannedRows {
    plan: SharedPlan,
    reader: Box<dyn ReadRows>,
    repeats: Repeats,
    /// Names of the answer's columns.
    names: Vec<String>,
    /// Number of rows of the table so far.
    read: u64,
    /// The ids of OpenAI's batch files so far. Answers are found by them.
    ids: HashSet<RowKey>,
}

/// A row with its request, or with the reason why it has none.
#[derive(Debug)]
pub(crate) struct PlannedRow {
    /// `None` if the row cannot be read.
    pub(crate) row: Option<Row>,
    pub(crate) rendered: Rendered,
}

impl PlannedRows {
    /// Returns the rows with the columns that requests need.
    pub(crate) fn projected(plan: SharedPlan) -> Result<Self, BotticelliError> {
        let names: Vec<_> = plan.output.columns().into_iter().map(|column| column.name).collect();
        let projection = plan.prompt.projection(names.clone());
        Self::open(plan, &projection, names)
    }

    /// Returns the rows with all columns, for the output.
    pub(crate) fn whole(plan: SharedPlan) -> Result<Self, BotticelliError> {
        let names: Vec<_> = plan.output.columns().into_iter().map(|column| column.name).collect();
        let projection = match plan.prompt.projection(names.clone()) {
            Projection::Only(needed) => Projection::Selected(needed),
            projection => projection,
        };
        Self::open(plan, &projection, names)
    }

    fn open(plan: SharedPlan, projection: &Projection, names: Vec<String>) -> Result<Self, BotticelliError> {
        let reader = plan.table.read(projection)?;
        let repeats = plan.prompt.repeats();
        Ok(Self { plan, reader, repeats, names, read: 0, ids: HashSet::new() })
    }

    /// Returns the next row of the run, or `None` at the end. Blocks on files.
    pub(crate) fn next(&mut self) -> Option<Result<PlannedRow, BotticelliError>> {
        loop {
            if self.plan.limit.is_some_and(|limit| self.read >= limit) {
                return None;
            }
            let planned = match self.reader.next_row()? {
                Ok(row) => {
                    if let Some(name) = self.names.iter().find(|name| row.selected().contains_key(*name)) {
                        return Some(Err(clash(&row, name)));
                    }
                    let rendered = self
                        .check_id(&row)
                        .and_then(|()| self.plan.prompt.render(&row, &self.plan.run_key, &mut self.repeats));
                    let rendered = rendered.map_err(|failure| self.located(&row, failure));
                    PlannedRow { row: Some(row), rendered }
                }
                Err(ReadError::Row { error, .. }) => {
                    let reason = without_folder(&error).to_string();
                    let failure = RowFailure::new(reason, false);
                    PlannedRow { row: None, rendered: Err(failure) }
                }
                Err(ReadError::Fatal(error)) => return Some(Err(error)),
            };
            let number = self.read;
            self.read += 1;
            let hash = planned.rendered.as_ref().map_or(number, |prepared| prepared.key.number());
            if self.plan.shard.is_none_or(|shard| shard.has(hash)) {
                return Some(Ok(planned));
            }
        }
    }

    /// Fails if a request of OpenAI's batch files has no id, or that of an earlier one.
    fn check_id(&mut self, row: &Row) -> Result<(), RowFailure> {
        if !self.plan.prompt.has_requests {
            return Ok(());
        }
        let Some(id) = row.selected().get(openai::ID).and_then(Value::as_str) else {
            return Err(RowFailure::new("`custom_id` is missing or not a text", false));
        };
        if self.ids.insert(RowKey::of_parts([id.as_bytes()])) {
            return Ok(());
        }
        let id: String = id.chars().take(80).collect();
        Err(RowFailure::new(format!("`custom_id` {id:?} occurs twice"), false))
    }

    /// Returns the failure with the file and the line of the row.
    fn located(&self, row: &Row, failure: RowFailure) -> RowFailure {
        let kind = if self.plan.prompt.has_requests {
            DataErrorKind::InvalidRow { reason: failure.cause.clone() }
        } else {
            DataErrorKind::Template { reason: failure.cause.clone() }
        };
        let error = DataError::new("input", file_name(row.file()), kind).with_line(row.line());
        RowFailure { reason: error.to_string(), ..failure }
    }
}

/// Returns the error with the name of the file alone, so that an output is the same in every folder.
fn without_folder(error: &DataError) -> DataError {
    let named = DataError::new("input", file_name(Path::new(error.place())), error.kind().clone());
    match error.line() {
        Some(line) => named.with_line(line),
        None => named,
    }
}

fn clash(row: &Row, name: &str) -> BotticelliError {
    let kind = DataErrorKind::ColumnExists { column: name.to_owned() };
    DataError::new("input", row.file().display().to_string(), kind).with_line(row.line()).into()
}
