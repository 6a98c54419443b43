//! Classification of texts and of their tokens.

use super::TaskDriver;
use async_trait::async_trait;
use botticelli_core::tasks::{
    ClassificationRequest, ClassificationResponse, TokenClassificationRequest, TokenClassificationResponse,
    ZeroShotRequest,
};
use botticelli_error::BotticelliError;

/// A driver that assigns labels to texts and to their tokens.
///
/// ```
/// use botticelli_core::tasks::ZeroShotRequest;
/// use botticelli_error::BotticelliError;
/// use botticelli_interface::tasks::ClassificationDriver;
///
/// async fn route(driver: &dyn ClassificationDriver, mail: &str) -> Result<Option<String>, BotticelliError> {
///     let request = ZeroShotRequest::new([mail], ["refund", "legal", "faq"]);
///     let response = driver.classify_zero_shot(request).await?;
///     Ok(response.best().map(|best| best.label().to_owned()))
/// }
/// ```
#[async_trait]
pub trait ClassificationDriver: TaskDriver {
    /// Returns the labels of each text, with the labels of the model.
    ///
    /// ```
    /// # async fn example(driver: &dyn botticelli_interface::tasks::ClassificationDriver) -> botticelli_error::ModelsResult<()> {
    /// let response = driver.classify("A wonderful museum.".into()).await?;
    /// if let Some(best) = response.best() {
    ///     println!("{} ({:.2})", best.label(), best.score());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// An invalid request, or any problem that makes the response incomplete.
    async fn classify(
        &self,
        request: ClassificationRequest,
    ) -> Result<ClassificationResponse, BotticelliError>;

    /// Returns the scores of the caller's labels for each text.
    ///
    /// ```
    /// # use botticelli_core::tasks::ZeroShotRequest;
    /// # async fn example(driver: &dyn botticelli_interface::tasks::ClassificationDriver) -> botticelli_error::ModelsResult<()> {
    /// let request = ZeroShotRequest::new(["My parcel never arrived."], ["refund", "praise"]);
    /// for label in driver.classify_zero_shot(request).await?.labels() {
    ///     println!("{} ({:.2})", label.label(), label.score());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// An invalid request, or any problem that makes the response incomplete.
    async fn classify_zero_shot(
        &self,
        request: ZeroShotRequest,
    ) -> Result<ClassificationResponse, BotticelliError>;

    /// Returns the entities in each text.
    ///
    /// ```
    /// # async fn example(driver: &dyn botticelli_interface::tasks::ClassificationDriver) -> botticelli_error::ModelsResult<()> {
    /// let response = driver.classify_tokens("Botticelli lived in Florence.".into()).await?;
    /// for entity in response.entities() {
    ///     println!("{} is a {}", entity.word(), entity.label());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// An invalid request, or any problem that makes the response incomplete.
    async fn classify_tokens(
        &self,
        request: TokenClassificationRequest,
    ) -> Result<TokenClassificationResponse, BotticelliError>;
}
