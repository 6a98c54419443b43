//! The values of an answer's columns.

use super::{Extra, OutputKind};
use crate::answer::AnswerValues;
use crate::journal::Record;
use crate::{AnswerColumn, ColumnType, openai};
use botticelli_core::FinishReason;
use botticelli_error::{BotticelliError, BuilderError};
use serde_json::{Value, json};

/// The columns that a run adds, and the way to their values.
#[derive(Clone, Debug)]
pub(crate) struct OutputPlan {
    pub(crate) kind: OutputKind,
    pub(crate) extras: Vec<Extra>,
    pub(crate) prefix: String,
}

impl Default for OutputPlan {
    fn default() -> Self {
        Self {
            kind: OutputKind::Text("answer".to_owned()),
            extras: vec![Extra::Error],
            prefix: String::new(),
        }
    }
}

impl OutputPlan {
    /// Returns the columns, in order.
    pub(crate) fn columns(&self) -> Vec<AnswerColumn> {
        let mut columns: Vec<_> = match &self.kind {
            OutputKind::OpenAi => return openai::answer_columns(),
            OutputKind::Text(name) => vec![AnswerColumn::new(name.clone(), ColumnType::Text)],
            #[cfg(feature = "schema")]
            OutputKind::Typed(_, columns) => columns.clone(),
        };
        for column in &mut columns {
            column.name.insert_str(0, &self.prefix);
        }
        columns.extend(self.extras.iter().map(|extra| extra.column(&self.prefix)));
        columns
    }

    /// Rejects two columns with one name.
    pub(crate) fn validate(&self) -> Result<(), BotticelliError> {
        let columns = self.columns();
        let names: Vec<_> = columns.iter().map(|column| column.name.as_str()).collect();
        let double =
            names.iter().enumerate().find(|(at, name)| names.iter().take(*at).any(|other| other == *name));
        if let Some((_, name)) = double {
            let remedy = "rename the field of the schema, or remove the column";
            let reason = "two columns of the answer have this name";
            return Err(BuilderError::refused("Batch", "columns", format!("`{name}`"), reason, remedy).into());
        }
        Ok(())
    }

    /// Returns the values of a row with this record.
    pub(crate) fn values(&self, record: Record) -> AnswerValues {
        if let OutputKind::OpenAi = self.kind {
            let error = record.error.map(|error| json!({"code": error.category, "message": error.message}));
            return match error {
                Some(error) => vec![Value::Null, error],
                None => vec![record.answer.unwrap_or_default(), Value::Null],
            };
        }
        let Record {
            answer,
            reasoning,
            finish_reason,
            model,
            provider,
            prompt_tokens,
            completion_tokens,
            cost,
            error,
            ..
        } = record;
        let answer = if error.is_some() { None } else { answer };
        let mut values = self.answer_values(answer);
        values.extend(self.extras.iter().map(|extra| match extra {
            Extra::Reasoning if reasoning.is_empty() => Value::Null,
            Extra::Reasoning => reasoning.as_str().into(),
            Extra::FinishReason => finish_reason.as_ref().map(FinishReason::as_str).into(),
            Extra::Model => model.as_deref().into(),
            Extra::Provider => provider.as_deref().into(),
            Extra::PromptTokens => prompt_tokens.into(),
            Extra::CompletionTokens => completion_tokens.into(),
            Extra::Cost => cost.and_then(|cost| cost.nano_dollars()).into(),
            Extra::Error => error.as_ref().map(|error| error.message.as_str()).into(),
        }));
        values
    }

    /// Returns the values of a row that was not sent.
    pub(crate) fn failed(&self, message: &str) -> AnswerValues {
        if let OutputKind::OpenAi = self.kind {
            return vec![Value::Null, json!({"code": "invalid_request", "message": message})];
        }
        let mut values = self.answer_values(None);
        values.extend(self.extras.iter().map(|extra| match extra {
            Extra::Error => Value::from(message),
            _ => Value::Null,
        }));
        values
    }

    fn answer_values(&self, answer: Option<Value>) -> AnswerValues {
        match &self.kind {
            OutputKind::Text(_) | OutputKind::OpenAi => vec![answer.unwrap_or_default()],
            #[cfg(feature = "schema")]
            OutputKind::Typed(schema, columns) => super::schema_columns::values(schema, columns, answer),
        }
    }
}
