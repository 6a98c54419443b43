//! The kind of an answer.

#[cfg(feature = "schema")]
use crate::AnswerColumn;
use botticelli_core::{CostEstimate, GenerateRequest};
use botticelli_error::BotticelliError;
use botticelli_interface::BotticelliDriver;
#[cfg(feature = "schema")]
use botticelli_interface::TypedSchema;
#[cfg(feature = "schema")]
use std::sync::Arc;

/// The kind of an answer.
#[derive(Clone, Debug)]
pub(crate) enum OutputKind {
    /// A text, in a column of this name.
    Text(String),
    /// A response in the format of OpenAI's batch files.
    OpenAi,
    /// A value that matches a schema, in these columns.
    #[cfg(feature = "schema")]
    Typed(Arc<TypedSchema>, Vec<AnswerColumn>),
}

impl OutputKind {
    /// Returns the identity of the kind. It does not contain the name of the column, because the answers are the same.
    pub(crate) fn identity(&self) -> String {
        match self {
            Self::Text(_) => "text".to_owned(),
            Self::OpenAi => "openai".to_owned(),
            #[cfg(feature = "schema")]
            Self::Typed(schema, _) => format!("schema {}", schema.schema()),
        }
    }

    /// Returns an upper bound of the cost of a row's call, without its repairs.
    pub(crate) async fn estimate(
        &self,
        driver: &dyn BotticelliDriver,
        request: &GenerateRequest,
    ) -> Result<CostEstimate, BotticelliError> {
        match self {
            Self::Text(_) | Self::OpenAi => driver.estimate(request).await,
            #[cfg(feature = "schema")]
            Self::Typed(schema, _) => schema.estimate(driver, request).await,
        }
    }
}
