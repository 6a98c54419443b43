//! Embeddings.

use super::TaskDriver;
use async_trait::async_trait;
use botticelli_core::tasks::{EmbeddingRequest, EmbeddingResponse};
use botticelli_error::BotticelliError;

/// A driver that converts texts to vectors, for search, clustering and comparison.
///
/// ```
/// use botticelli_error::BotticelliError;
/// use botticelli_interface::tasks::EmbeddingDriver;
///
/// async fn similarity(driver: &dyn EmbeddingDriver) -> Result<Option<f64>, BotticelliError> {
///     let response = driver.embed(["A painter in Florence", "An artist in Italy"].into()).await?;
///     match response.embeddings() {
///         [first, second] => Ok(first.cosine_similarity(second)),
///         _ => Ok(None),
///     }
/// }
/// ```
#[async_trait]
pub trait EmbeddingDriver: TaskDriver {
    /// Returns one embedding for each text, in their order. A long list is split into requests that the server accepts.
    ///
    /// ```
    /// # async fn example(driver: &dyn botticelli_interface::tasks::EmbeddingDriver) -> botticelli_error::ModelsResult<()> {
    /// let response = driver.embed(["A painter in Florence", "A recipe for bread"].into()).await?;
    /// for embedding in response.embeddings() {
    ///     println!("{} dimensions", embedding.dimensions());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Any problem that makes the response incomplete. If one of several requests fails, the note of the error has its texts.
    async fn embed(&self, request: EmbeddingRequest) -> Result<EmbeddingResponse, BotticelliError>;
}
