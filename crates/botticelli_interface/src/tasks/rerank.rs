//! Reranking.

use super::TaskDriver;
use async_trait::async_trait;
use botticelli_core::tasks::{RerankRequest, RerankResponse};
use botticelli_error::BotticelliError;

/// A driver that orders documents by their relevance to a query.
///
/// ```
/// use botticelli_core::tasks::RerankRequest;
/// use botticelli_error::BotticelliError;
/// use botticelli_interface::tasks::RerankDriver;
///
/// async fn best(driver: &dyn RerankDriver, documents: &[&str]) -> Result<Option<usize>, BotticelliError> {
///     let request = RerankRequest::new("Who painted Venus?", documents.iter().copied());
///     Ok(driver.rerank(request).await?.documents().first().map(|document| document.index()))
/// }
/// ```
#[async_trait]
pub trait RerankDriver: TaskDriver {
    /// Returns the documents in the order of their relevance, the most relevant first.
    ///
    /// ```
    /// # use botticelli_core::tasks::RerankRequest;
    /// # async fn example(driver: &dyn botticelli_interface::tasks::RerankDriver) -> botticelli_error::ModelsResult<()> {
    /// let request = RerankRequest::new("Who painted Venus?", ["A cookbook", "A life of Botticelli"]);
    /// for document in driver.rerank(request).await?.documents() {
    ///     println!("document {}: {}", document.index(), document.score());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// An invalid request, or any problem that makes the response incomplete.
    async fn rerank(&self, request: RerankRequest) -> Result<RerankResponse, BotticelliError>;
}
