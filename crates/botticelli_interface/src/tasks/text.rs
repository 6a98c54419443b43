//! Tasks that write text: fill mask, summarization, translation.

use super::TaskDriver;
use async_trait::async_trait;
use botticelli_core::tasks::{
    FillMaskRequest, FillMaskResponse, SummarizationRequest, SummarizationResponse, TranslationRequest,
    TranslationResponse,
};
use botticelli_error::BotticelliError;

/// A driver with models that fill masks, summarize or translate.
///
/// ```
/// use botticelli_error::BotticelliError;
/// use botticelli_interface::tasks::TextTaskDriver;
///
/// async fn german(driver: &dyn TextTaskDriver) -> Result<String, BotticelliError> {
///     Ok(driver.translate("My name is Wolfgang".into()).await?.text().to_owned())
/// }
/// ```
#[async_trait]
pub trait TextTaskDriver: TaskDriver {
    /// Returns the words at the masks of a text.
    ///
    /// ```
    /// # async fn example(driver: &dyn botticelli_interface::tasks::TextTaskDriver) -> botticelli_error::ModelsResult<()> {
    /// let response = driver.fill_mask("Paris is the <mask> of France.".into()).await?;
    /// for fill in response.fills() {
    ///     println!("{} ({:.2})", fill.token(), fill.score());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// An invalid request, or any problem that makes the response incomplete.
    async fn fill_mask(&self, request: FillMaskRequest) -> Result<FillMaskResponse, BotticelliError>;

    /// Returns one summary for each text.
    ///
    /// ```
    /// # async fn example(driver: &dyn botticelli_interface::tasks::TextTaskDriver) -> botticelli_error::ModelsResult<()> {
    /// let response = driver.summarize("Botticelli was a painter of the Early Renaissance.".into()).await?;
    /// println!("{}", response.text());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// An invalid request, or any problem that makes the response incomplete.
    async fn summarize(
        &self,
        request: SummarizationRequest,
    ) -> Result<SummarizationResponse, BotticelliError>;

    /// Returns one translation for each text.
    ///
    /// ```
    /// # use botticelli_core::tasks::TranslationRequest;
    /// # async fn example(driver: &dyn botticelli_interface::tasks::TextTaskDriver) -> botticelli_error::ModelsResult<()> {
    /// let request = TranslationRequest::from("My name is Sandro").with_languages("en_XX", "it_IT");
    /// println!("{}", driver.translate(request).await?.text());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// An invalid request, or any problem that makes the response incomplete.
    async fn translate(&self, request: TranslationRequest) -> Result<TranslationResponse, BotticelliError>;
}
