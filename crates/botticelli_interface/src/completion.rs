//! Going on with a text.

use crate::ChunkStream;
use async_trait::async_trait;
use botticelli_core::{CompletionRequest, GenerateResponse};
use botticelli_error::BotticelliError;
use std::fmt::Debug;

/// Whoever goes on with a text: the verb of base models, which know no conversation.
///
/// It is a trait of its own, because not every [driver](crate::BotticelliDriver) has it, and not every server of one that
/// does. The answer is read as that of a chat: it is text, with its finish reason, usage and cost.
///
/// ```
/// use botticelli_error::BotticelliError;
/// use botticelli_interface::CompletionDriver;
///
/// async fn tale(driver: &dyn CompletionDriver) -> Result<String, BotticelliError> {
///     let answer = driver.complete("Once upon a time".into()).await?;
///     Ok(format!("Once upon a time{}", answer.text()))
/// }
/// ```
#[async_trait]
pub trait CompletionDriver: Debug + Send + Sync {
    /// Goes on with a text. The answer is what is new: the prompt is not repeated.
    ///
    /// # Errors
    ///
    /// Whatever kept the answer from being whole: no failure passes for an answer. See
    /// [`BotticelliError::category`].
    async fn complete(&self, request: CompletionRequest) -> Result<GenerateResponse, BotticelliError>;

    /// Goes on with a text piece by piece, as the pieces arrive.
    ///
    /// # Errors
    ///
    /// What can be known before the first piece is the error of this call; what happens later is the last item of
    /// the stream, and carries [what had arrived](BotticelliError::partial).
    async fn complete_stream(&self, request: CompletionRequest) -> Result<ChunkStream, BotticelliError>;
}
