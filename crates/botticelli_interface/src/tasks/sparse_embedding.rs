//! Sparse embeddings.

use super::TaskDriver;
use async_trait::async_trait;
use botticelli_core::tasks::{SparseEmbeddingRequest, SparseEmbeddingResponse};
use botticelli_error::BotticelliError;

/// A driver that converts texts to weights of a few words, for search with an inverted index.
///
/// ```
/// use botticelli_error::BotticelliError;
/// use botticelli_interface::tasks::SparseEmbeddingDriver;
///
/// async fn relevance(driver: &dyn SparseEmbeddingDriver) -> Result<Option<f64>, BotticelliError> {
///     let response = driver.embed_sparse(["Who painted Venus?", "Botticelli painted Venus."].into()).await?;
///     match response.embeddings() {
///         [query, document] => Ok(Some(query.dot(document))),
///         _ => Ok(None),
///     }
/// }
/// ```
#[async_trait]
pub trait SparseEmbeddingDriver: TaskDriver {
    /// Returns one sparse embedding for each text, in their order. A long list is split into requests that the server accepts.
    ///
    /// ```
    /// # async fn example(driver: &dyn botticelli_interface::tasks::SparseEmbeddingDriver) -> botticelli_error::ModelsResult<()> {
    /// for embedding in driver.embed_sparse("A painter in Florence".into()).await?.embeddings() {
    ///     for (index, value) in embedding.entries() {
    ///         println!("{index}: {value}");
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Any problem that makes the response incomplete. If one of several requests fails, the note of the error has its texts.
    async fn embed_sparse(
        &self,
        request: SparseEmbeddingRequest,
    ) -> Result<SparseEmbeddingResponse, BotticelliError>;
}
