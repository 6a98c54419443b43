//! Streams that keep their permit until they end.

use super::permit::Permit;
use crate::total_limit::Deadline;
use botticelli_core::StreamChunk;
use botticelli_error::BotticelliError;
use botticelli_interface::ChunkStream;
use futures::future::BoxFuture;
use futures::{FutureExt, Stream, StreamExt};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

type Item = Result<StreamChunk, BotticelliError>;

/// Returns the stream, which ends its call with its last item, or when it is dropped.
pub(super) fn permitted(chunks: ChunkStream, permit: Permit, deadline: Deadline) -> ChunkStream {
    PermittedStream { chunks, permit: Some(permit), deadline, last: None }.boxed()
}

struct PermittedStream {
    chunks: ChunkStream,
    permit: Option<Permit>,
    /// The time of the call.
    deadline: Deadline,
    /// The last item, while its end is written for all machines.
    last: Option<BoxFuture<'static, Item>>,
}

impl Stream for PermittedStream {
    type Item = Item;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(last) = &mut self.last {
            let last = ready!(last.poll_unpin(cx));
            self.last = None;
            return Poll::Ready(Some(last));
        }
        let item = ready!(self.chunks.poll_next_unpin(cx));
        let shared = match &item {
            Some(Ok(chunk)) if !chunk.is_final() => None,
            Some(Ok(chunk)) => chunk
                .response()
                .and_then(|response| self.permit.take().and_then(|permit| permit.settle(response))),
            Some(Err(error)) => self.permit.take().and_then(|permit| permit.fail(error)),
            None => {
                drop(self.permit.take());
                None
            }
        };
        let (shared, item) = match (shared, item) {
            (Some(shared), Some(item)) => (shared, item),
            (_, item) => return Poll::Ready(item),
        };
        let deadline = self.deadline;
        let mut last = async move {
            shared.write(deadline).await;
            item
        }
        .boxed();
        match last.poll_unpin(cx) {
            Poll::Ready(item) => Poll::Ready(Some(item)),
            Poll::Pending => {
                self.last = Some(last);
                Poll::Pending
            }
        }
    }
}
