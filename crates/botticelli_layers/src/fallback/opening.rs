//! The beginning of a stream: until its first content, another route can answer.

use super::attempts::Label;
use super::cool_downs::RouteKey;
use super::plan::Plan;
use botticelli_core::StreamChunk;
use botticelli_error::{BotticelliError, InterruptedError};
use botticelli_interface::ChunkStream;
use futures::{StreamExt, stream};
use std::time::Duration;

/// Waits for the first content of a stream, and returns it with the rest. Chunks without content before it are dropped.
pub(super) async fn opened(
    mut chunks: ChunkStream,
    name: &str,
) -> Result<(StreamChunk, ChunkStream), BotticelliError> {
    loop {
        match chunks.next().await {
            Some(Ok(chunk)) if chunk.is_final() || chunk.delta().size() > 0 => return Ok((chunk, chunks)),
            // A role, or an empty text.
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(error),
            None => return Err(InterruptedError::new(name).into()),
        }
    }
}

/// Returns the stream, whose final chunk lists the routes that failed. An error in the middle begins a cool-down. `within`
/// is the time that the request sets.
pub(super) fn continued<D: Send + Sync + 'static>(
    first: StreamChunk,
    rest: ChunkStream,
    plan: &Plan<D>,
    key: RouteKey,
    label: Option<Label>,
    within: Option<Duration>,
) -> ChunkStream {
    let plan = plan.clone();
    let mut label = label;
    let chunks = stream::iter([Ok(first)]).chain(rest).map(move |item| match item {
        Ok(chunk) if chunk.is_final() => match (label.take(), chunk.response()) {
            (Some(label), Some(response)) => Ok(StreamChunk::last(label.put_on(response.clone()))),
            _ => Ok(chunk),
        },
        Err(error) => {
            plan.cool(key.clone(), &error, None, within);
            Err(error)
        }
        chunk => chunk,
    });
    chunks.boxed()
}
