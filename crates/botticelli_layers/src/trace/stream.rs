//! Streams that are recorded.

use super::recording::Recording;
use botticelli_core::StreamChunk;
use botticelli_error::BotticelliError;
use botticelli_interface::ChunkStream;
use futures::{Stream, StreamExt};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Returns the stream, which is polled in the span of its call.
pub(super) fn recorded(chunks: ChunkStream, recording: Recording) -> ChunkStream {
    TracedStream { chunks, recording }.boxed()
}

struct TracedStream {
    chunks: ChunkStream,
    recording: Recording,
}

impl Stream for TracedStream {
    type Item = Result<StreamChunk, BotticelliError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { chunks, recording } = self.get_mut();
        let item = ready!(recording.span().in_scope(|| chunks.poll_next_unpin(cx)));
        match &item {
            Some(Ok(chunk)) => {
                recording.chunk();
                if let Some(response) = chunk.response() {
                    recording.complete(response);
                }
            }
            Some(Err(error)) => recording.fail(error),
            None => {}
        }
        Poll::Ready(item)
    }
}
