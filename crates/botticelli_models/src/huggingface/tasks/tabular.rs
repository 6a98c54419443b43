//! Tabular classification and regression.

use super::body::Parameters;
use super::call::{Reply, TaskCall};
use super::driver::HuggingFaceTasks;
use super::task::Task;
use async_trait::async_trait;
use botticelli_core::tasks::{
    Table, TabularClassificationResponse, TabularRegressionResponse, TabularRequest, TaskMetadata,
};
use botticelli_error::BotticelliError;
use botticelli_interface::tasks::TabularDriver;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub(super) const CLASSIFICATION: Task = Task::hosted("tabular-classification");
pub(super) const REGRESSION: Task = Task::hosted("tabular-regression");

#[derive(Serialize)]
struct Data<'a> {
    data: &'a Table,
}

/// A label: a text or a number.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Label {
    Text(String),
    Other(serde_json::Value),
}

#[async_trait]
impl TabularDriver for HuggingFaceTasks {
    async fn classify_rows(
        &self,
        request: TabularRequest,
    ) -> Result<TabularClassificationResponse, BotticelliError> {
        let (labels, facts) = self.predict::<Label>(&CLASSIFICATION, &request).await?;
        let label = |label| match label {
            Label::Text(text) => text,
            Label::Other(value) => value.to_string(),
        };
        let labels = labels.into_iter().map(label).collect();
        Ok(TabularClassificationResponse::new(labels).with_metadata(facts))
    }

    async fn predict_rows(
        &self,
        request: TabularRequest,
    ) -> Result<TabularRegressionResponse, BotticelliError> {
        let (values, facts) = self.predict(&REGRESSION, &request).await?;
        Ok(TabularRegressionResponse::new(values).with_metadata(facts))
    }
}

impl HuggingFaceTasks {
    /// Returns one value for each row.
    async fn predict<T: DeserializeOwned + Send>(
        &self,
        task: &'static Task,
        request: &TabularRequest,
    ) -> Result<(Vec<T>, TaskMetadata), BotticelliError> {
        request.validate()?;
        let call = TaskCall::start(self, task, "TabularRequest", request.options()).await?;
        let inputs = Data { data: request.table() };
        let body = call.json(&Parameters::default().body(inputs), Some("parameters"))?;
        let rows = request.table().rows();
        let read = |reply: &Reply<'_>| {
            let values: Vec<T> = reply.parse()?;
            if values.len() == rows {
                return Ok(values);
            }
            Err(reply.invalid(&format!("{} values for {rows} rows", values.len())))
        };
        let (values, facts) = call.post(&call.hosted_url()?, &body, read).await?;
        Ok((values, call.with_usage(facts, None, None)))
    }
}
