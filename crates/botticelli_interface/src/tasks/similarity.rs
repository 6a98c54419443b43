//! Sentence similarity.

use super::TaskDriver;
use async_trait::async_trait;
use botticelli_core::tasks::{SimilarityRequest, SimilarityResponse};
use botticelli_error::BotticelliError;

/// A driver that compares a text with others.
///
/// ```
/// use botticelli_core::tasks::SimilarityRequest;
/// use botticelli_error::BotticelliError;
/// use botticelli_interface::tasks::SimilarityDriver;
///
/// async fn compare(driver: &dyn SimilarityDriver) -> Result<(), BotticelliError> {
///     let request = SimilarityRequest::new("A painter in Florence", ["An artist in Italy", "A recipe"]);
///     println!("{:?}", driver.similarity(request).await?.scores());
///     Ok(())
/// }
/// ```
#[async_trait]
pub trait SimilarityDriver: TaskDriver {
    /// Returns one score for each sentence, in their order.
    ///
    /// ```
    /// # use botticelli_core::tasks::SimilarityRequest;
    /// # async fn example(driver: &dyn botticelli_interface::tasks::SimilarityDriver) -> botticelli_error::ModelsResult<()> {
    /// let request = SimilarityRequest::new("A painter", ["An artist", "A baker"]);
    /// println!("{:?}", driver.similarity(request).await?.scores());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// An invalid request, or any problem that makes the response incomplete.
    async fn similarity(&self, request: SimilarityRequest) -> Result<SimilarityResponse, BotticelliError>;
}
