//! Question answering.

use super::TaskDriver;
use async_trait::async_trait;
use botticelli_core::tasks::{
    QuestionAnsweringRequest, QuestionAnsweringResponse, TableQuestionRequest, TableQuestionResponse,
};
use botticelli_error::BotticelliError;

/// A driver that finds the answers to questions in a text or a table.
///
/// ```
/// use botticelli_core::tasks::QuestionAnsweringRequest;
/// use botticelli_error::BotticelliError;
/// use botticelli_interface::tasks::QuestionAnsweringDriver;
///
/// async fn capital(driver: &dyn QuestionAnsweringDriver) -> Result<Option<String>, BotticelliError> {
///     let request = QuestionAnsweringRequest::new("What is the capital?", "The capital of France is Paris.");
///     Ok(driver.answer(request).await?.best().map(|answer| answer.text().to_owned()))
/// }
/// ```
#[async_trait]
pub trait QuestionAnsweringDriver: TaskDriver {
    /// Returns the parts of a text that answer a question.
    ///
    /// # Errors
    ///
    /// An invalid request, or any problem that makes the response incomplete.
    async fn answer(
        &self,
        request: QuestionAnsweringRequest,
    ) -> Result<QuestionAnsweringResponse, BotticelliError>;

    /// Returns the cells of a table that answer a question.
    ///
    /// # Errors
    ///
    /// An invalid request, or any problem that makes the response incomplete.
    async fn answer_from_table(
        &self,
        request: TableQuestionRequest,
    ) -> Result<TableQuestionResponse, BotticelliError>;
}
