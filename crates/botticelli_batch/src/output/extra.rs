//! Columns about an answer.

use crate::{AnswerColumn, ColumnType};

/// A column about an answer, in addition to the answer itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Extra {
    /// `reasoning`: the reasoning, if the service sent it.
    Reasoning,
    /// `finish_reason`: the reason for the end of the answer.
    FinishReason,
    /// `model`: the model that the service named.
    Model,
    /// `provider`: the provider that served the answer.
    Provider,
    /// `prompt_tokens`: the number of prompt tokens, of all calls for the row.
    PromptTokens,
    /// `completion_tokens`: the number of completion tokens, of all calls for the row.
    CompletionTokens,
    /// `cost_nano_dollars`: the cost in nano-dollars (10⁻⁹ USD), null if it is unknown.
    Cost,
    /// `error`: the reason of a failure, null for an answer.
    Error,
}

impl Extra {
    /// All columns, in their usual order.
    pub const ALL: [Self; 8] = [
        Self::Reasoning,
        Self::FinishReason,
        Self::Model,
        Self::Provider,
        Self::PromptTokens,
        Self::CompletionTokens,
        Self::Cost,
        Self::Error,
    ];

    /// Returns the name of the column, without a prefix.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reasoning => "reasoning",
            Self::FinishReason => "finish_reason",
            Self::Model => "model",
            Self::Provider => "provider",
            Self::PromptTokens => "prompt_tokens",
            Self::CompletionTokens => "completion_tokens",
            Self::Cost => "cost_nano_dollars",
            Self::Error => "error",
        }
    }

    pub(super) fn column(self, prefix: &str) -> AnswerColumn {
        let kind = match self {
            Self::PromptTokens | Self::CompletionTokens | Self::Cost => ColumnType::Integer,
            Self::Reasoning | Self::FinishReason | Self::Model | Self::Provider | Self::Error => {
                ColumnType::Text
            }
        };
        AnswerColumn::new(format!("{prefix}{}", self.as_str()), kind)
    }
}
