//! Drivers of all tasks.

use super::{
    AudioTaskDriver, ClassificationDriver, EmbeddingDriver, ImageTaskDriver, MediaGenerationDriver,
    QuestionAnsweringDriver, RerankDriver, SimilarityDriver, SparseEmbeddingDriver, TabularDriver,
    TextTaskDriver,
};

/// A driver with the traits of all tasks, so that one `Arc<dyn EveryTaskDriver>` serves them all.
///
/// Every driver with all these traits has this one. The pointer converts to one of a single trait, such as `Arc<dyn EmbeddingDriver>`.
///
/// ```
/// use botticelli_error::BotticelliError;
/// use botticelli_interface::tasks::EveryTaskDriver;
/// use std::sync::Arc;
///
/// async fn subtitles(driver: Arc<dyn EveryTaskDriver>, text: &str) -> Result<String, BotticelliError> {
///     let summary = driver.summarize(text.into()).await?;
///     Ok(driver.translate(summary.text().into()).await?.text().to_owned())
/// }
/// ```
pub trait EveryTaskDriver:
    EmbeddingDriver
    + SparseEmbeddingDriver
    + SimilarityDriver
    + RerankDriver
    + ClassificationDriver
    + QuestionAnsweringDriver
    + TextTaskDriver
    + TabularDriver
    + ImageTaskDriver
    + AudioTaskDriver
    + MediaGenerationDriver
{
}

impl<D> EveryTaskDriver for D where
    D: EmbeddingDriver
        + SparseEmbeddingDriver
        + SimilarityDriver
        + RerankDriver
        + ClassificationDriver
        + QuestionAnsweringDriver
        + TextTaskDriver
        + TabularDriver
        + ImageTaskDriver
        + AudioTaskDriver
        + MediaGenerationDriver
        + ?Sized
{
}
