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
    /// # Errors
    ///
    /// An invalid request, or any problem that makes the response incomplete.
    async fn classify(
        &self,
        request: ClassificationRequest,
    ) -> Result<ClassificationResponse, BotticelliError>;

    /// Returns the scores of the caller's labels for each text.
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
    /// # Errors
    ///
    /// An invalid request, or any problem that makes the response incomplete.
    async fn classify_tokens(
        &self,
        request: TokenClassificationRequest,
    ) -> Result<TokenClassificationResponse, BotticelliError>;
}
