//! Answers of the first rows, before a run.

use crate::run::{PlannedRows, QueuedRow, answer, blocking, check_columns};
use crate::{Batch, Row, Sink, Table};
use botticelli_core::Cost;
use botticelli_error::BotticelliError;
use futures::{StreamExt, stream};
use serde_json::{Map, Value};

/// Maximum number of calls in flight for a sample.
const CALLS: usize = 4;

/// A row with its answer, which is written nowhere.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SampleRow {
    /// The row. `None` if it cannot be read.
    pub row: Option<Row>,
    /// The prompt, as the user message has it. `None` if the row does not fit the template.
    pub prompt: Option<String>,
    /// The columns of the answer.
    pub answer: Map<String, Value>,
    /// Cost of the answer.
    pub cost: Cost,
    /// Reason of a failure.
    pub error: Option<String>,
}

impl Batch {
    /// Answers the first rows, and writes nothing. A later run asks these rows again.
    ///
    /// # Errors
    ///
    /// The same as for [`run`](Self::run). Failures of single rows are in the result.
    pub async fn sample(&self, table: &Table, rows: usize) -> Result<Vec<SampleRow>, BotticelliError> {
        let plan = self.plan(table.clone(), Sink::nowhere())?;
        let shared = plan.clone();
        let planned = blocking(move || {
            check_columns(&shared)?;
            let mut source = PlannedRows::whole(shared)?;
            let mut planned = Vec::new();
            while planned.len() < rows {
                let Some(row) = source.next().transpose()? else { break };
                planned.push(row);
            }
            Ok(planned)
        })
        .await?;
        let names: Vec<_> = plan.output.columns().into_iter().map(|column| column.name).collect();
        let samples = planned.into_iter().map(|planned| {
            let (plan, names, driver) = (plan.clone(), names.clone(), self.driver.clone());
            async move {
                let (prompt, record) = match planned.rendered {
                    Err(failure) => (None, Err(failure.reason)),
                    Ok(prepared) => {
                        let prompt = prepared.content.prompt.as_deref().map(str::to_owned);
                        let row = QueuedRow::new(prepared);
                        let answered = answer(&driver, &plan, &row).await;
                        (prompt, answered.map(|answer| answer.record).map_err(|error| error.to_string()))
                    }
                };
                let (values, cost, error) = match record {
                    Ok(record) => {
                        let error = record.error.as_ref().map(|error| error.message.clone());
                        let cost = record.cost.unwrap_or_default();
                        (plan.output.values(*record), cost, error)
                    }
                    Err(reason) => (plan.output.failed(&reason), Cost::unknown(), Some(reason)),
                };
                let answer = names.into_iter().zip(values).collect();
                SampleRow { row: planned.row, prompt, answer, cost, error }
            }
        });
        Ok(stream::iter(samples).buffered(CALLS).collect().await)
    }
}
