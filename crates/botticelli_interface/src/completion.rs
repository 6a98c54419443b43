//! Text completion.

use crate::ChunkStream;
use async_trait::async_trait;
use botticelli_core::{CompletionRequest, CostEstimate, GenerateResponse};
use botticelli_error::BotticelliError;
use std::fmt::Debug;

/// A driver that completes text, the API of base models, which do not chat.
///
/// Completion is a separate trait, because not every [driver](crate::BotticelliDriver) and not every server supports it. The
/// response has the same type as a chat response: text, finish reason, usage and cost.
///
/// ```
/// use botticelli_error::BotticelliError;
/// use botticelli_interface::CompletionDriver;
///
/// async fn tale(driver: &dyn CompletionDriver) -> Result<String, BotticelliError> {
///     let response = driver.complete("Once upon a time".into()).await?;
///     Ok(format!("Once upon a time{}", response.text()))
/// }
/// ```
#[async_trait]
pub trait CompletionDriver: Debug + Send + Sync {
    /// Completes a text. The response contains only the new text, without the prompt.
    ///
    /// # Errors
    ///
    /// Any problem that makes the response incomplete. [`BotticelliError::category`] returns its meaning.
    async fn complete(&self, request: CompletionRequest) -> Result<GenerateResponse, BotticelliError>;

    /// Completes a text as a stream of chunks.
    ///
    /// # Errors
    ///
    /// Problems before the first chunk. A later problem is the last item of the stream, and has the
    /// [partial response](BotticelliError::partial).
    async fn complete_stream(&self, request: CompletionRequest) -> Result<ChunkStream, BotticelliError>;

    /// Returns an upper bound of the cost of `request`, without sending it. The default is an unknown cost.
    ///
    /// # Errors
    ///
    /// A failed request for the catalog.
    async fn estimate_completion(
        &self,
        request: &CompletionRequest,
    ) -> Result<CostEstimate, BotticelliError> {
        let _ = request;
        Ok(CostEstimate::unknown())
    }

    /// Returns `request` as it is sent, as [`canonical_request`](crate::BotticelliDriver::canonical_request) does. The default is
    /// `None`.
    ///
    /// # Errors
    ///
    /// An invalid request.
    fn canonical_completion(&self, request: &CompletionRequest) -> Result<Option<Vec<u8>>, BotticelliError> {
        let _ = request;
        Ok(None)
    }

    /// Returns whether the driver sets the [`SentFlag`](botticelli_core::SentFlag) of a text completion before it sends anything,
    /// and makes one attempt at a time. A wrapper around several drivers returns `true` only if all its drivers do.
    ///
    /// The default is `false`: a call that was dropped counts as sent.
    fn reports_completion_sends(&self) -> bool {
        false
    }
}
