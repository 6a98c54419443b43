//! The driver trait.

use async_trait::async_trait;
use botticelli_core::{
    CostEstimate, GenerateRequest, GenerateResponse, GenerationConfig, ModelInfo, PricedRoute, StreamChunk,
};
use botticelli_error::BotticelliError;
use futures::stream::BoxStream;
use std::fmt::Debug;

/// A streamed response.
///
/// The stream has any number of chunks, then exactly one [final](StreamChunk::is_final) chunk or exactly one error, and then
/// ends. Dropping the stream closes the connection and leaves no task behind.
pub type ChunkStream = BoxStream<'static, Result<StreamChunk, BotticelliError>>;

/// A client of a provider's chat API, or a wrapper around another driver.
///
/// The module `conformance` (feature of the same name) checks a driver against the requirements of this trait.
///
/// A wrapper must forward every method, including those with a default. A wrapper without `model_info` would hide the catalog of
/// the inner driver. The lint in this example prevents that.
///
/// ```
/// use async_trait::async_trait;
/// use botticelli_core::{CostEstimate, GenerateRequest, GenerateResponse, GenerationConfig, ModelInfo, PricedRoute};
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
///
///     async fn cheaper_routes(&self, request: &GenerateRequest, limit: u64) -> Result<Vec<PricedRoute>, BotticelliError> {
///         self.inner.cheaper_routes(request, limit).await
///     }
///
///     fn generation_defaults(&self) -> GenerationConfig {
///         self.inner.generation_defaults()
///     }
///
///     fn canonical_request(&self, request: &GenerateRequest) -> Result<Option<Vec<u8>>, BotticelliError> {
///         self.inner.canonical_request(request)
///     }
///
///     fn reports_sends(&self) -> bool {
///         self.inner.reports_sends()
///     }
/// }
/// ```
#[async_trait]
pub trait BotticelliDriver: Debug + Send + Sync {
    /// Sends a request and returns the whole response.
    ///
    /// # Errors
    ///
    /// Any problem that makes the response incomplete. [`BotticelliError::category`] returns its meaning.
    async fn generate(&self, request: GenerateRequest) -> Result<GenerateResponse, BotticelliError>;

    /// Sends a request and returns the response as a stream of chunks.
    ///
    /// # Errors
    ///
    /// Problems before the first chunk. A later problem is the last item of the stream, and has the
    /// [partial response](BotticelliError::partial).
    async fn generate_stream(&self, request: GenerateRequest) -> Result<ChunkStream, BotticelliError>;

    /// Returns the provider's name, as in configuration files.
    fn provider_name(&self) -> &'static str;

    /// Returns the model for requests without a model.
    fn model_name(&self) -> &str;

    /// Returns the entry of `model` in the provider's catalog; `None` if the provider has no catalog or no such entry.
    ///
    /// # Errors
    ///
    /// An invalid model name, or a failed request for the catalog.
    async fn model_info(&self, model: &str) -> Result<Option<ModelInfo>, BotticelliError> {
        let _ = model;
        Ok(None)
    }

    /// Returns an upper bound of the cost of `request`, without sending it. The default is an unknown cost.
    ///
    /// # Errors
    ///
    /// A failed request for the catalog.
    async fn estimate(&self, request: &GenerateRequest) -> Result<CostEstimate, BotticelliError> {
        let _ = request;
        Ok(CostEstimate::unknown())
    }

    /// Returns routes on which `request` costs at most `limit` nano-dollars, the best first: other providers of the same model, then
    /// other models. The default is an empty list.
    ///
    /// # Errors
    ///
    /// A failed request for the catalog.
    async fn cheaper_routes(
        &self,
        request: &GenerateRequest,
        limit: u64,
    ) -> Result<Vec<PricedRoute>, BotticelliError> {
        let _ = (request, limit);
        Ok(Vec::new())
    }

    /// Returns the generation parameters for requests that do not set them. They are a part of the identity of a
    /// batch run. The default has no parameter.
    fn generation_defaults(&self) -> GenerationConfig {
        GenerationConfig::default()
    }

    /// Returns `request` as it is sent, with the address of the server and the route, but without the token. Two requests with
    /// the same bytes get the same kind of response, so caches and recordings use the bytes as a key.
    ///
    /// The default is `None`: the request itself and the model name are the key.
    ///
    /// # Errors
    ///
    /// An invalid request.
    fn canonical_request(&self, request: &GenerateRequest) -> Result<Option<Vec<u8>>, BotticelliError> {
        let _ = request;
        Ok(None)
    }

    /// Returns whether the driver sets the [`SentFlag`](botticelli_core::SentFlag) of a request before it sends anything, and
    /// makes one attempt at a time. A wrapper around several drivers returns `true` only if all its drivers do.
    ///
    /// The default is `false`: a call that was dropped counts as sent.
    fn reports_sends(&self) -> bool {
        false
    }
}
