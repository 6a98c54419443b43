//! Streams that keep their permit until they end.

use super::permit::Permit;
use botticelli_core::StreamChunk;
use botticelli_error::BotticelliError;
use botticelli_interface::ChunkStream;
use futures::{Stream, StreamExt};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Returns the stream, which ends its call with its last item, or when it is dropped.
pub(super) fn permitted(chunks: ChunkStream, permit: Permit) -> ChunkStream {
    PermittedStream { chunks, permit: Some(permit) }.boxed()
}

struct PermittedStream {
    chunks: ChunkStream,
    permit: Option<Permit>,
}

impl Stream for PermittedStream {
    type Item = Result<StreamChunk, BotticelliError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let item = ready!(self.chunks.poll_next_unpin(cx));
        match &item {
            Some(Ok(chunk)) => {
                if let Some(response) = chunk.response()
                    && let Some(permit) = self.permit.take()
                {
                    permit.settle(response);
                }
            }
            Some(Err(error)) => {
                if let Some(permit) = self.permit.take() {
                    permit.fail(error);
                }
            }
            None => drop(self.permit.take()),
        }
        Poll::Ready(item)
    }
}
