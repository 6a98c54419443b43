//! The one trait.

use async_trait::async_trait;
use botticelli_core::{CostEstimate, GenerateRequest, GenerateResponse, ModelInfo, StreamChunk};
use botticelli_error::BotticelliError;
use futures::stream::BoxStream;
use std::fmt::Debug;

/// An answer, piece by piece: any number of pieces, then exactly one [final](StreamChunk::is_final) piece or exactly
/// one error, then nothing.
///
/// Dropping it closes the connection; no task survives it.
pub type ChunkStream = BoxStream<'static, Result<StreamChunk, BotticelliError>>;

/// Whoever answers a request: a provider, or a wrapper around one.
///
/// What a driver owes its caller is a list that any driver can be held against: the module `conformance`, behind the
/// feature of that name.
///
/// A wrapper forwards every method, those with a default too: whoever forgets `model_info` hides what the driver inside
/// knows. The lint below says so.
///
/// ```
/// use async_trait::async_trait;
/// use botticelli_core::{CostEstimate, GenerateRequest, GenerateResponse, ModelInfo};
/// use botticelli_error::BotticelliError;
/// use botticelli_interface::{BotticelliDriver, ChunkStream};
/// use std::sync::atomic::{AtomicUsize, Ordering};
///
/// #[derive(Debug)]
/// struct CountedDriver<D> {
///     inner: D,
///     calls: AtomicUsize,
/// }
///
/// #[deny(clippy::missing_trait_methods)]
/// #[async_trait]
/// impl<D: BotticelliDriver> BotticelliDriver for CountedDriver<D> {
///     async fn generate(&self, request: GenerateRequest) -> Result<GenerateResponse, BotticelliError> {
///         self.calls.fetch_add(1, Ordering::Relaxed);
///         self.inner.generate(request).await
///     }
///
///     async fn generate_stream(&self, request: GenerateRequest) -> Result<ChunkStream, BotticelliError> {
///         self.calls.fetch_add(1, Ordering::Relaxed);
///         self.inner.generate_stream(request).await
///     }
///
///     fn provider_name(&self) -> &'static str {
///         self.inner.provider_name()
///     }
///
///     fn model_name(&self) -> &str {
///         self.inner.model_name()
///     }
///
///     async fn model_info(&self, model: &str) -> Result<Option<ModelInfo>, BotticelliError> {
///         self.inner.model_info(model).await
///     }
///
///     async fn estimate(&self, request: &GenerateRequest) -> Result<CostEstimate, BotticelliError> {
///         self.inner.estimate(request).await
///     }
/// }
/// ```
#[async_trait]
pub trait BotticelliDriver: Debug + Send + Sync {
    /// Answers a request.
    ///
    /// # Errors
    ///
    /// Whatever kept the answer from being whole: no failure passes for an answer. See
    /// [`BotticelliError::category`].
    async fn generate(&self, request: GenerateRequest) -> Result<GenerateResponse, BotticelliError>;

    /// Answers a request piece by piece, as the pieces arrive.
    ///
    /// # Errors
    ///
    /// What can be known before the first piece is the error of this call; what happens later is the last item of
    /// the stream, and carries [what had arrived](BotticelliError::partial).
    async fn generate_stream(&self, request: GenerateRequest) -> Result<ChunkStream, BotticelliError>;

    /// The provider's name, as in configuration files.
    fn provider_name(&self) -> &'static str;

    /// The model that is asked where a request names none.
    fn model_name(&self) -> &str;

    /// What the provider's catalogue says of `model`; `None` where it has no catalogue, or no such entry.
    ///
    /// # Errors
    ///
    /// A name that cannot be a model's, or a catalogue that could not be read.
    async fn model_info(&self, model: &str) -> Result<Option<ModelInfo>, BotticelliError> {
        let _ = model;
        Ok(None)
    }

    /// An upper bound of what `request` may cost, before it is sent; unknown unless a driver or a wrapper says so.
    ///
    /// # Errors
    ///
    /// The catalogue could not be read.
    async fn estimate(&self, request: &GenerateRequest) -> Result<CostEstimate, BotticelliError> {
        let _ = request;
        Ok(CostEstimate::unknown())
    }
}
