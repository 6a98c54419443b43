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
    /// ```
    /// # use botticelli_core::tasks::QuestionAnsweringRequest;
    /// # async fn example(driver: &dyn botticelli_interface::tasks::QuestionAnsweringDriver) -> botticelli_error::ModelsResult<()> {
    /// let request = QuestionAnsweringRequest::new("Who painted it?", "It was painted by Botticelli.");
    /// if let Some(best) = driver.answer(request).await?.best() {
    ///     println!("{}", best.text());
    /// }
    /// # Ok(())
    /// # }
    /// ```
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
    /// ```
    /// # use botticelli_core::tasks::{Table, TableQuestionRequest};
    /// # async fn example(driver: &dyn botticelli_interface::tasks::QuestionAnsweringDriver) -> botticelli_error::ModelsResult<()> {
    /// let table = Table::new().with_column("Painting", ["Primavera"]).with_column("Year", ["1480"]);
    /// let request = TableQuestionRequest::new("When was Primavera painted?", table);
    /// for answer in driver.answer_from_table(request).await?.answers() {
    ///     println!("{}", answer.text());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// An invalid request, or any problem that makes the response incomplete.
    async fn answer_from_table(
        &self,
        request: TableQuestionRequest,
    ) -> Result<TableQuestionResponse, BotticelliError>;
}
