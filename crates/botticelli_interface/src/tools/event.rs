//! The events of a streamed run.

use super::result::ToolResult;
use super::run::ToolRun;
use super::run_error::ToolRunError;
use botticelli_core::{StreamChunk, ToolCall};
use futures::stream::BoxStream;

/// A stream of the events of a run with tools.
///
/// The stream has any number of events, then exactly one [`Finished`](ToolEvent::Finished) or exactly one error, and then ends.
pub type ToolStream = BoxStream<'static, Result<ToolEvent, ToolRunError>>;

/// An event of a run with tools.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ToolEvent {
    /// A chunk of a response. Every response ends with a [final](StreamChunk::is_final) chunk, which contains the whole response.
    Chunk(StreamChunk),
    /// A tool call of the model. The tool has not run yet, and may not run at all.
    Called(ToolCall),
    /// The result of a call, as soon as it is known. Concurrent calls may return in any order.
    Returned(ToolResult),
    /// The finished run.
    Finished(Box<ToolRun>),
}
