//! The one trait.

use async_trait::async_trait;
use botticelli_core::{Estimate, GenerateRequest, GenerateResponse, ModelInfo, StreamChunk};
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
/// What a driver owes its caller is the [`conformance`](crate) list, which any driver can be held against.
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
    /// The catalogue could not be read.
    async fn model_info(&self, model: &str) -> Result<Option<ModelInfo>, BotticelliError> {
        let _ = model;
        Ok(None)
    }

    /// An upper bound of what `request` may cost, before it is sent.
    ///
    /// # Errors
    ///
    /// The catalogue could not be read.
    async fn estimate(&self, request: &GenerateRequest) -> Result<Estimate, BotticelliError> {
        let _ = request;
        Ok(Estimate::unknown())
    }
}
